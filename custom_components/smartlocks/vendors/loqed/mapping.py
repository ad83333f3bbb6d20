"""LOQED's values into ours: its positions, events, errors and numbers."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry

from ...exceptions import Failure
from ...models import (
    ACTIVITIES,
    Action,
    BatteryType,
    Cause,
    Feature,
    HubFeature,
    HubSnapshot,
    LockSnapshot,
    LockState,
    Method,
)
from ...state_tracker import Timing
from . import api
from .const import (
    APP_URL,
    CONF_CAN_OPEN,
    CONF_KEY_NAME,
    CONF_KEY_NAMES,
    CONF_KEY_NUMBER,
    CONF_LOCK_ID,
    CONF_MODEL,
    DEFAULT_MODEL,
    KEY,
    MANUFACTURER,
)

# While signed pushes come: the reads are for what they miss.
TIMING: Final = Timing(
    lag=120.0,
    hold=3000.0,
    poll=1800.0,
    poll_locked=600.0,
    poll_unknown=300.0,
    looks=(2.0, 10.0, 30.0),
    settle=8.0,
    command_looks=(9.0, 16.0, 25.0),
    give_up=30.0,
    hint_burst=8,
    hint_refill=3600.0,
)
# While they do not come, or come unsigned: the state is what is read.
TIMING_DEGRADED: Final = Timing(
    lag=120.0,
    hold=420.0,
    poll=60.0,
    looks=(2.5, 5.0, 12.0, 40.0),
    settle=8.0,
    command_looks=(6.0, 12.0, 20.0, 28.0),
    give_up=30.0,
    hint_burst=16,
    hint_refill=45.0,
)

# Reads and commands are never refused for their key: that shows where webhooks are registered.
ERRORS: Final[Mapping[type[Exception], Failure]] = {
    api.LoqedConnectionError: Failure(key="loqed_bridge_unreachable"),
    api.LoqedError: Failure(key="loqed_bridge_not_understood"),
}

COMMANDS: Final[Mapping[Action, api.Command]] = {
    Action.LOCK: api.Command.LOCK,
    Action.UNLOCK: api.Command.UNLOCK,
    Action.OPEN: api.Command.OPEN,
}

POSITIONS: Final[Mapping[api.Position, LockState]] = {
    api.Position.NIGHT_LOCK: LockState.LOCKED,
    api.Position.DAY_LOCK: LockState.UNLOCKED,
    api.Position.OPEN: LockState.OPEN,
    api.Position.UNKNOWN: LockState.UNKNOWN,
}

_GOING_TO: Final[Mapping[api.Position, LockState]] = {
    api.Position.NIGHT_LOCK: LockState.LOCKING,
    api.Position.DAY_LOCK: LockState.UNLOCKING,
    api.Position.OPEN: LockState.OPENING,
}

# What the name of an event tells of how it came about; the first part found counts.
_METHODS: Final[Mapping[str, Method]] = {
    "TOUCH_TO_LOCK": Method.TOUCH,
    "TWIST_ASSIST": Method.TWIST_ASSIST,
    "MODULE_PIN": Method.PIN,
    "MODULE_BUTTON": Method.BUTTON,
    "INSTANTOPEN_OPEN": Method.TOUCH,
    "INSTANTOPEN_LATCH": Method.AUTOMATIC,
    "REMOTE": Method.REMOTE,
    "BLE": Method.APP,
}

_FEATURES: Final = (
    Feature.BOLT
    | Feature.BATTERY
    | Feature.BATTERY_TYPE
    | Feature.VOLTAGE
    | Feature.CONNECTIVITY
    | Feature.WIFI_STRENGTH
    | Feature.BLUETOOTH_STRENGTH
    | Feature.LAST_CONTACT
    | Feature.PUSH_HEALTH
    | Feature.WHO
)

# The sensor of the last contact is not written more often than this.
_CONTACT_STEP: Final = timedelta(minutes=15)


def lock_snapshot(entry: ConfigEntry[Any]) -> LockSnapshot:
    """Return the lock of an entry, before anything was read of it."""
    can_open = entry.options.get(CONF_CAN_OPEN, entry.data.get(CONF_CAN_OPEN))
    actions = {Action.LOCK, Action.UNLOCK, Action.REFRESH}
    return LockSnapshot(
        id=_bridge_id(entry),
        name=entry.title,
        manufacturer=MANUFACTURER,
        # The cloud says "LOQED Touch"; pages show maker and model side by side.
        model=(entry.data.get(CONF_MODEL) or DEFAULT_MODEL).removeprefix(f"{MANUFACTURER} "),
        serial=entry.data[CONF_LOCK_ID],
        url=APP_URL,
        features=_FEATURES,
        actions=frozenset(actions | {Action.OPEN}) if can_open else frozenset(actions),
        activities=frozenset(ACTIVITIES.values()),
    )


def hub_snapshot(entry: ConfigEntry[Any]) -> HubSnapshot:
    """Return the bridge of an entry."""
    mac = _bridge_id(entry)
    return HubSnapshot(
        # The ids of its entities must not begin with those of the lock.
        id=f"bridge_{mac}",
        name=f"{entry.title} bridge",
        manufacturer=MANUFACTURER,
        model="Bridge",
        url=APP_URL,
        macs=frozenset({mac}) if len(mac) == len("0123456789ab") else frozenset(),
        features=HubFeature.CONNECTIVITY,
    )


def _bridge_id(entry: ConfigEntry[Any]) -> str:
    return (entry.unique_id or entry.entry_id).removeprefix(f"{KEY}_")


def key_names(entry: ConfigEntry[Any]) -> dict[int, str]:
    """Return the names a person has given to keys, by their numbers."""
    rows = entry.options.get(CONF_KEY_NAMES, ())
    return {int(row[CONF_KEY_NUMBER]): row[CONF_KEY_NAME] for row in rows}


def status_changes(
    status: api.BridgeStatus, lock: LockSnapshot, *, is_online: bool, now: datetime
) -> dict[str, Any]:
    """Return what a status changes of a lock, besides its state."""
    return {
        "battery": status.battery if is_online else None,
        "battery_type": _battery_type(status.battery_type),
        "voltage": status.voltage,
        "wifi_strength": status.wifi_strength,
        "bluetooth_strength": status.bluetooth_strength if is_online else None,
        **(_contact(lock, now) if is_online else {}),
    }


def push_changes(push: api.Push, lock: LockSnapshot, *, now: datetime) -> dict[str, Any]:
    """Return what a verified push changes of a lock, besides its state: what it speaks of."""
    told: dict[str, Any] = {
        "battery": push.battery,
        "battery_type": _battery_type(push.battery_type),
        "wifi_strength": push.wifi_strength,
        "bluetooth_strength": push.bluetooth_strength,
    }
    changes = {name: value for name, value in told.items() if value is not None}
    if push.lock_online is False:
        return {**changes, "battery": None, "bluetooth_strength": None}
    if push.lock_online:
        changes["online"] = True
    return {**changes, **_contact(lock, now)}


def push_state(push: api.Push) -> LockState | None:
    """Return the state that a push tells; None when it tells none."""
    if push.stalled:
        return LockState.JAMMED
    if push.reached is not None:
        return POSITIONS[push.reached]
    # On its way to nobody knows where, it is no longer where it was: a read will tell.
    return None if push.going_to is None else _GOING_TO.get(push.going_to, LockState.UNKNOWN)


def cause_of(
    push: api.Push,
    going: api.Push | None,
    names: Mapping[int, str],
    *,
    before: LockState | None,
    is_verified: bool = True,
) -> Cause | None:
    """Return how a lock came to where a push says it is; None if it did so by itself.

    The bridge names the cause when the lock sets out (`going`) and the key at either
    end. `before` is the position that was known.
    """
    method = (_method(going) if going is not None else None) or _method(push)
    key = push.key_id if push.key_id is not None or going is None else going.key_id
    if method is None and key is None and not push.stalled:
        if before is LockState.OPEN and push_state(push) is LockState.UNLOCKED:
            # Three seconds after opening the latch falls back.
            return None
        method = Method.MANUAL
    who = None if key is None else names.get(key)
    return Cause(method=method, who=who, key=key, is_verified=is_verified)


def _method(push: api.Push) -> Method | None:
    name = push.event_type or ""
    return next((method for part, method in _METHODS.items() if part in name), None)


def _contact(lock: LockSnapshot, now: datetime) -> dict[str, Any]:
    known = lock.last_contact
    is_due = known is None or not timedelta() <= now - known < _CONTACT_STEP
    return {"last_contact": now} if is_due else {}


def _battery_type(kind: api.BatteryType | None) -> BatteryType | None:
    return None if kind is None else BatteryType(kind.value)
