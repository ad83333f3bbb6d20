"""The config entry a lock becomes."""

from homeassistant.const import CONF_HOST

from ..base import Account
from . import api
from .const import (
    CONF_BRIDGE_KEY,
    CONF_CAN_OPEN,
    CONF_KEY_ID,
    CONF_KEY_SECRET,
    CONF_LOCK_ID,
    CONF_MODEL,
    KEY,
)


def account_of(
    lock: api.LockInformation,
    host: str,
    status: api.BridgeStatus,
    name: str | None,
    can_open: bool | None,  # noqa: FBT001 - from one caller
) -> Account:
    """Return the entry of a lock whose bridge was checked at this address.

    `name` and `can_open` are what the person said; LOQED's own word counts otherwise.
    """
    ids = lock.ids | status.macs
    unique_id = status.mac_wifi or next(iter(sorted(lock.ids)))
    return Account(
        vendor=KEY,
        unique_id=unique_id,
        title=(name or "").strip() or lock.name or f"LOQED {unique_id[-4:].upper()}",
        ids=ids,
        data={
            CONF_HOST: host,
            CONF_LOCK_ID: lock.lock_id,
            CONF_KEY_ID: lock.key_id,
            CONF_KEY_SECRET: lock.key_secret,
            CONF_BRIDGE_KEY: lock.bridge_key,
            CONF_CAN_OPEN: lock.can_open if can_open is None else can_open,
            CONF_MODEL: lock.model,
        },
    )
