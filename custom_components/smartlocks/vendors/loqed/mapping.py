"""LOQED's values into ours: its positions, events, errors and numbers."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_API_TOKEN, CONF_HOST

from ...exceptions import Failure, Remedy
from ...models import (
    ACTIVITIES,
    OURSELVES,
    REACHED,
    Action,
    BatteryType,
    Cause,
    Feature,
    HubFeature,
    HubSnapshot,
    LockEvent,
    LockSnapshot,
    LockState,
    Method,
    MortiseLock,
    Setting,
    TurnDirection,
    falls_back,
)
from ...state_tracker import Timing
from . import api
from .account import KEPT_FOR_COMMANDS, MOST_FOR_HINTS, MOST_READS, WINDOW, KeptLock
from .const import (
    APP_URL,
    CONF_CAN_OPEN,
    CONF_KEY_NAME,
    CONF_KEY_NAMES,
    CONF_KEY_NUMBER,
    CONF_LEARNT_NAMES,
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

# By the web API alone: few reads a day, and a state is not believed until the next one. What
# is left of the reads after commands and hints is for the routine.
TIMING_WEB: Final = Timing(
    lag=120.0,
    hold=7200.0,
    poll=WINDOW / (MOST_READS - KEPT_FOR_COMMANDS - MOST_FOR_HINTS),
    looks=(),
    settle=8.0,
    command_looks=(12.0,),
    give_up=30.0,
    hint_burst=MOST_FOR_HINTS,
    hint_refill=WINDOW / MOST_FOR_HINTS,
    is_paid=True,
)

# Reads and commands are never refused for their key: that shows where webhooks are registered.
ERRORS: Final[Mapping[type[Exception], Failure]] = {
    api.LoqedTokenError: Failure(key="loqed_token_refused", remedy=Remedy.REAUTH),
    api.LoqedBlockedError: Failure(key="loqed_busy"),
    api.LoqedKeyDeletedError: Failure(key="loqed_key_deleted", remedy=Remedy.GIVE_UP),
    api.LoqedUnsupportedError: Failure(key="loqed_unsupported", remedy=Remedy.GIVE_UP),
    api.LoqedNotListedError: Failure(key="loqed_not_listed"),
    api.LoqedCloudConnectionError: Failure(key="loqed_cloud_unreachable"),
    api.LoqedCloudResponseError: Failure(key="loqed_cloud_not_understood"),
    api.LoqedConnectionError: Failure(key="loqed_bridge_unreachable"),
    api.LoqedOtherBridgeError: Failure(key="loqed_other_bridge"),
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

WEB_SETTINGS: Final[Mapping[Setting, api.WebSetting]] = {
    Setting.OPEN_HOUSE: api.WebSetting.OPEN_HOUSE,
    Setting.TWIST_ASSIST: api.WebSetting.TWIST_ASSIST,
    Setting.TOUCH_TO_CONNECT: api.WebSetting.TOUCH_TO_CONNECT,
    Setting.GUEST_ACCESS: api.WebSetting.GUEST_ACCESS,
}
_SETTING_FEATURES: Final[Mapping[Setting, Feature]] = {
    Setting.OPEN_HOUSE: Feature.OPEN_HOUSE,
    Setting.TWIST_ASSIST: Feature.TWIST_ASSIST,
    Setting.TOUCH_TO_CONNECT: Feature.TOUCH_TO_CONNECT,
    Setting.GUEST_ACCESS: Feature.GUEST_ACCESS,
}
_DIRECTIONS: Final[Mapping[api.LockDirection, TurnDirection]] = {
    api.LockDirection.CLOCKWISE: TurnDirection.CLOCKWISE,
    api.LockDirection.COUNTER_CLOCKWISE: TurnDirection.COUNTER_CLOCKWISE,
}
_MORTISE_LOCKS: Final[Mapping[api.MortiseLock, MortiseLock]] = {
    api.MortiseLock.NO_HANDLE: MortiseLock.NO_HANDLE,
    api.MortiseLock.HANDLE: MortiseLock.HANDLE,
    api.MortiseLock.LIFT_90: MortiseLock.LIFT_90,
    api.MortiseLock.LIFT: MortiseLock.LIFT,
    api.MortiseLock.LIFT_360: MortiseLock.LIFT_360,
}
# What exists only where the list has it.
WEB_FEATURES: Final = (
    Feature.OPEN_HOUSE
    | Feature.TWIST_ASSIST
    | Feature.TOUCH_TO_CONNECT
    | Feature.GUEST_ACCESS
    | Feature.DIRECTION
    | Feature.MORTISE_LOCK
)
_FEATURES_WITHOUT_BRIDGE: Final = (
    Feature.BOLT | Feature.BATTERY | Feature.BATTERY_TYPE | Feature.CONNECTIVITY
)

# The sensor of the last contact is not written more often than this.
_CONTACT_STEP: Final = timedelta(minutes=15)


def lock_snapshot(entry: ConfigEntry[Any]) -> LockSnapshot:
    """Return the lock of an entry, before anything was read of it."""
    can_open = entry.options.get(CONF_CAN_OPEN, entry.data.get(CONF_CAN_OPEN))
    actions = {Action.LOCK, Action.UNLOCK, Action.REFRESH}
    has_bridge = CONF_HOST in entry.data
    if can_open:
        actions.add(Action.OPEN)
    if has_bridge and CONF_API_TOKEN in entry.data:
        # Without a bridge, that is what a refresh does.
        actions.add(Action.READ_CLOUD)
    return LockSnapshot(
        id=_bridge_id(entry),
        name=entry.title,
        manufacturer=MANUFACTURER,
        # The cloud says "LOQED Touch"; pages show maker and model side by side.
        model=(entry.data.get(CONF_MODEL) or DEFAULT_MODEL).removeprefix(f"{MANUFACTURER} "),
        serial=entry.data[CONF_LOCK_ID],
        url=APP_URL,
        features=_FEATURES if has_bridge else _FEATURES_WITHOUT_BRIDGE,
        actions=frozenset(actions),
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


def learnt_names(entry: ConfigEntry[Any]) -> dict[int, str]:
    """Return the names of keys that were learnt, by their numbers."""
    return {int(key): name for key, name in entry.data.get(CONF_LEARNT_NAMES, {}).items()}


def web_changes(kept: KeptLock | None) -> tuple[Feature, dict[str, Any]]:
    """Return what exists of a lock because the list has it, and what the list said of it."""
    if kept is None:
        return Feature.NONE, {}
    features = Feature.NONE
    settings: dict[Setting, bool] = {}
    for setting, word in WEB_SETTINGS.items():
        if word in kept.settings:
            features |= _SETTING_FEATURES[setting]
            settings[setting] = kept.settings[word]
    if kept.direction is not None:
        features |= Feature.DIRECTION
    if kept.mortise_lock is not None:
        features |= Feature.MORTISE_LOCK
    return features, {
        "settings": settings,
        "assumed_settings": frozenset(
            setting for setting, word in WEB_SETTINGS.items() if word in kept.assumed
        ),
        "direction": None if kept.direction is None else _DIRECTIONS[kept.direction],
        "mortise_lock": None if kept.mortise_lock is None else _MORTISE_LOCKS[kept.mortise_lock],
    }


def list_changes(lock: api.CloudLock) -> dict[str, Any]:
    """Return what a list changes of a lock without a bridge, besides its state."""
    return {
        "battery": lock.battery if lock.online else None,
        "battery_type": _battery_type(lock.battery_type),
    }


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
        if falls_back(before, push_state(push)):
            # Three seconds after opening.
            return None
        method = Method.MANUAL
    who = None if key is None else names.get(key)
    return Cause(method=method, who=who, key=key, is_verified=is_verified)


def is_end_of(action: Action, event: LockEvent, *, web_key: int | None) -> bool:
    """Return whether an event is what a command of ours through the cloud did.

    Nobody else's is. The cloud acts with the token's key, `web_key` where that is known.
    """
    if event.method is not Method.REMOTE or event.activity is not ACTIVITIES[REACHED[action]]:
        return False
    is_its_key = event.key is None or web_key in (None, event.key)
    return event.who == OURSELVES or (event.who is None and is_its_key)


def _method(push: api.Push) -> Method | None:
    name = push.event_type or ""
    return next((method for part, method in _METHODS.items() if part in name), None)


def _contact(lock: LockSnapshot, now: datetime) -> dict[str, Any]:
    known = lock.last_contact
    is_due = known is None or not timedelta() <= now - known < _CONTACT_STEP
    return {"last_contact": now} if is_due else {}


def _battery_type(kind: api.BatteryType | None) -> BatteryType | None:
    return None if kind is None else BatteryType(kind.value)
