"""What is kept of a lock, and which locks are set up already."""

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_CODE
from homeassistant.core import HomeAssistant, callback

from ..base import LockAccount, vendor_entries
from .api import CloudLock
from .const import CONF_IDENTIFIER, CONF_MODEL, CONF_UNLOCK_ONLY, KEY


def lock_account(lock: CloudLock, code: str) -> LockAccount:
    """Return the subentry of a lock the account knows."""
    return LockAccount(
        unique_id=str(lock.identifier),
        title=lock.name,
        data={
            CONF_IDENTIFIER: lock.identifier,
            CONF_CODE: code,
            CONF_MODEL: lock.model,
            CONF_UNLOCK_ONLY: lock.unlock_only,
        },
    )


def bare_account(identifier: int, code: str, name: str | None) -> LockAccount:
    """Return the subentry of a lock of which a person has told all there is."""
    return LockAccount(
        unique_id=str(identifier),
        title=(name or "").strip() or default_name(identifier),
        data={CONF_IDENTIFIER: identifier, CONF_CODE: code},
    )


def changed_account(lock: ConfigSubentry, *, code: str, name: str) -> LockAccount:
    """Return a lock's subentry with another code or name."""
    return LockAccount(
        unique_id=lock.unique_id or "",
        title=name.strip() or lock.title,
        data={**lock.data, CONF_CODE: code},
    )


def default_name(identifier: int) -> str:
    """Return what to call a lock nobody has named."""
    return f"The Keys {identifier}"


@callback
def taken_locks(hass: HomeAssistant) -> set[int]:
    """Return the identifiers of all locks that are set up."""
    return {
        lock.data[CONF_IDENTIFIER]
        for entry in vendor_entries(hass, KEY)
        for lock in entry.subentries.values()
    }
