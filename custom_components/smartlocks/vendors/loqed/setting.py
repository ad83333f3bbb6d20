"""What a config entry says about its bridge and lock, read once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST, CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ...helpers import parse_address
from ...models import ACTIVITIES, Action, Feature, LockSnapshot
from ...request_queue import RequestQueue
from .api import Bridge, Keys
from .const import (
    CONF_BRIDGE_KEY,
    CONF_CAN_OPEN,
    CONF_KEY_ID,
    CONF_KEY_NAME,
    CONF_KEY_NAMES,
    CONF_KEY_NUMBER,
    CONF_KEY_SECRET,
    CONF_MODEL,
    CONF_POLL_MINUTES,
    CONF_WINDOW,
    DEFAULT_POLL_MINUTES,
    DEFAULT_WINDOW,
    KEY,
    MANUFACTURER,
)

_FEATURES = (
    Feature.BOLT
    | Feature.BATTERY
    | Feature.BATTERY_TYPE
    | Feature.VOLTAGE
    | Feature.CONNECTIVITY
    | Feature.WIFI_STRENGTH
    | Feature.BLUETOOTH_STRENGTH
    | Feature.LAST_CONTACT
    | Feature.PUSH_HEALTH
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """An entry's data and options in types; `window` is in seconds."""

    bridge: Bridge
    lock: LockSnapshot
    bridge_key: bytes = field(repr=False)
    key_id: int
    key_names: Mapping[int, str] = field(repr=False)
    webhook_id: str = field(repr=False)
    window: float
    interval: timedelta

    @classmethod
    def of(cls, hass: HomeAssistant, entry: ConfigEntry[Any]) -> Self:
        """Read an entry."""
        data, options = entry.data, entry.options
        keys = Keys.parse(
            key_id=data[CONF_KEY_ID],
            key_secret=data[CONF_KEY_SECRET],
            bridge_key=data[CONF_BRIDGE_KEY],
        )
        return cls(
            bridge=Bridge(
                async_get_clientsession(hass),
                parse_address(data[CONF_HOST]),
                keys,
                queue=RequestQueue(),
            ),
            lock=_lock(entry),
            bridge_key=keys.bridge_key,
            key_id=keys.key_id,
            key_names={
                int(row[CONF_KEY_NUMBER]): row[CONF_KEY_NAME]
                for row in options.get(CONF_KEY_NAMES, ())
            },
            webhook_id=data[CONF_WEBHOOK_ID],
            window=options.get(CONF_WINDOW, DEFAULT_WINDOW),
            interval=timedelta(minutes=options.get(CONF_POLL_MINUTES, DEFAULT_POLL_MINUTES)),
        )


def _lock(entry: ConfigEntry[Any]) -> LockSnapshot:
    can_open = entry.options.get(CONF_CAN_OPEN, entry.data.get(CONF_CAN_OPEN))
    actions = {Action.LOCK, Action.UNLOCK, Action.REFRESH}
    bridge = (entry.unique_id or entry.entry_id).removeprefix(f"{KEY}_")
    return LockSnapshot(
        id=bridge,
        name=entry.title,
        manufacturer=MANUFACTURER,
        model=entry.data.get(CONF_MODEL),
        serial=bridge,
        features=_FEATURES,
        actions=frozenset(actions | {Action.OPEN}) if can_open else frozenset(actions),
        activities=frozenset(ACTIVITIES.values()),
    )
