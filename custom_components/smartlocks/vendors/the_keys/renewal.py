"""New codes for the locks of an entry, and whether they are right."""

from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_CODE, CONF_HOST
from homeassistant.core import HomeAssistant

from ...const import CONF_IDS
from ..base import Account, Answers, Form, LockAccount, Menu, Outcome, Page
from .checks import async_check_code, async_see_gateway, check_seen
from .cloud import CloudAccount
from .const import CONF_ACCESSORY, CONF_IDENTIFIER, KEY
from .forms import CONF_LOCK, CREDENTIALS, lock_and_code
from .subentry import changed_account


class Renewal:
    """The pages that ask for new codes: all of them with the account, or one by hand."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Take the entry whose codes are refused."""
        self._hass = hass
        self._entry = entry

    def page(self) -> Page:
        """Return the first page."""
        names = {lock.subentry_id: lock.title for lock in self._entry.subentries.values()}
        by_code = Form(
            step_id=f"{KEY}_reauth_code",
            schema=lock_and_code(names, is_named=False),
            submit=self._by_code,
        )
        account = Form(
            step_id=f"{KEY}_reauth_account", schema=CREDENTIALS, submit=self._with_credentials
        )
        return Menu(step_id=f"{KEY}_reauth", pages=(account, by_code))

    async def _by_code(self, answers: Answers) -> Outcome:
        lock = self._entry.subentries[answers[CONF_LOCK]]
        changed = changed_account(lock, code=answers[CONF_CODE].strip(), name=lock.title)
        await async_check_lock(self._hass, self._entry, lock, changed)
        self._keep(lock, changed)
        return renewed_entry(self._entry, {})

    async def _with_credentials(self, answers: Answers) -> Outcome:
        account = await CloudAccount.async_log_in(self._hass, answers)
        gateway = account.gateway_of(self._entry)
        paired = account.locks_of(gateway)
        ours = {lock.data[CONF_IDENTIFIER]: lock for lock in self._entry.subentries.values()}
        seen = await async_see_gateway(self._hass, self._entry.data[CONF_HOST])
        known = [paired[identifier] for identifier in ours if identifier in paired]
        for renewed in await account.async_share(gateway, seen, known):
            self._keep(ours[renewed.data[CONF_IDENTIFIER]], renewed)
        accessory = gateway.accessory_id
        return renewed_entry(self._entry, {CONF_ACCESSORY: accessory}, accessory)

    def _keep(self, lock: ConfigSubentry, changed: LockAccount) -> None:
        self._hass.config_entries.async_update_subentry(self._entry, lock, data=changed.data)


async def async_check_lock(
    hass: HomeAssistant, entry: ConfigEntry[Any], lock: ConfigSubentry, changed: LockAccount
) -> None:
    """See that a lock answers to its new code; FlowError otherwise."""
    seen = await async_see_gateway(hass, entry.data[CONF_HOST])
    identifier = lock.data[CONF_IDENTIFIER]
    check_seen(seen, identifier, changed.title)
    await async_check_code(hass, seen, identifier, changed.data[CONF_CODE], changed.title)


def renewed_entry(entry: ConfigEntry[Any], data: dict[str, Any], *ids: str) -> Account:
    """Return an entry with some of its data, and one more name perhaps."""
    return Account(
        vendor=KEY,
        unique_id=entry.unique_id or "",
        title=entry.title,
        ids=frozenset(entry.data[CONF_IDS]).union(ids),
        data=data,
    )
