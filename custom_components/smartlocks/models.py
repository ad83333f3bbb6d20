"""Locks, hubs and events, the same for all vendors; standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import Flag, StrEnum, auto
from operator import attrgetter
from typing import Any, Final, Self


class LockState(StrEnum):
    """What the lock is or does. Unknown is a state: it is never shown as another."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"
    OPEN = "open"
    LOCKING = "locking"
    UNLOCKING = "unlocking"
    OPENING = "opening"
    JAMMED = "jammed"
    UNKNOWN = "unknown"

    @property
    def is_moving(self) -> bool:
        """Whether this is on the way to another state, and must end."""
        return self in (LockState.LOCKING, LockState.UNLOCKING, LockState.OPENING)


class Action(StrEnum):
    """What a device can be told to do."""

    LOCK = "lock"
    UNLOCK = "unlock"
    OPEN = "open"
    PRESS = "press"
    REFRESH = "refresh"
    SYNCHRONIZE = "synchronize"
    CALIBRATE = "calibrate"
    READ_CLOUD = "read_cloud"


# What the lock shows while an action runs; the others move nothing.
MOVEMENT: Mapping[Action, LockState] = {
    Action.LOCK: LockState.LOCKING,
    Action.UNLOCK: LockState.UNLOCKING,
    Action.OPEN: LockState.OPENING,
}

# Where the bolt is when a movement has come to its end.
REACHED: Mapping[Action, LockState] = {
    Action.LOCK: LockState.LOCKED,
    Action.UNLOCK: LockState.UNLOCKED,
    Action.OPEN: LockState.OPEN,
}


class Feature(Flag):
    """What a lock can tell. Which entities exist follows from these alone.

    `WHO` is who used it, by name or by the number of a key.
    """

    NONE = 0
    BOLT = auto()
    BATTERY = auto()
    BATTERY_TYPE = auto()
    VOLTAGE = auto()
    CONNECTIVITY = auto()
    WIFI_STRENGTH = auto()
    BLUETOOTH_STRENGTH = auto()
    SIGNAL = auto()
    POSITION = auto()
    LAST_CONTACT = auto()
    LAST_CHANGE = auto()
    PUSH_HEALTH = auto()
    BATTERY_LOW = auto()
    WHO = auto()
    OPEN_HOUSE = auto()
    TWIST_ASSIST = auto()
    TOUCH_TO_CONNECT = auto()
    GUEST_ACCESS = auto()
    DIRECTION = auto()
    MORTISE_LOCK = auto()
    READS_LEFT = auto()
    ACCESS_EXPIRY = auto()


class HubFeature(Flag):
    """What a gateway or an account can tell."""

    NONE = 0
    CONNECTIVITY = auto()
    FIRMWARE = auto()
    STATUS = auto()
    CALLS = auto()
    LAST_PUSH = auto()


class Activity(StrEnum):
    """What has happened at a lock."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"
    OPENED = "opened"
    JAMMED = "jammed"
    PRESSED = "pressed"
    DOOR_OPENED = "door_opened"
    DOOR_CLOSED = "door_closed"
    CHANGED = "changed"


# What has happened when a lock has come to a state.
ACTIVITIES: Mapping[LockState, Activity] = {
    LockState.LOCKED: Activity.LOCKED,
    LockState.UNLOCKED: Activity.UNLOCKED,
    LockState.OPEN: Activity.OPENED,
    LockState.JAMMED: Activity.JAMMED,
}


class Method(StrEnum):
    """How it happened."""

    APP = "app"
    AUTOMATIC = "automatic"
    BUTTON = "button"
    MANUAL = "manual"
    PIN = "pin"
    REMOTE = "remote"
    TOUCH = "touch"
    TWIST_ASSIST = "twist_assist"


class BatteryType(StrEnum):
    """The kinds of battery a lock can tell it has."""

    ALKALINE = "alkaline"
    NICKEL_METAL_HYDRIDE = "nickel_metal_hydride"
    LITHIUM = "lithium"


class Setting(StrEnum):
    """What a person can turn on and off in a lock."""

    OPEN_HOUSE = "open_house"
    TWIST_ASSIST = "twist_assist"
    TOUCH_TO_CONNECT = "touch_to_connect"
    GUEST_ACCESS = "guest_access"


class TurnDirection(StrEnum):
    """Which way a lock turns to lock."""

    CLOCKWISE = "clockwise"
    COUNTER_CLOCKWISE = "counter_clockwise"


class MortiseLock(StrEnum):
    """The kinds of mortise lock that a lock can be set to."""

    NO_HANDLE = "no_handle"
    HANDLE = "handle"
    LIFT_90 = "lift_90"
    LIFT = "lift"
    LIFT_360 = "lift_360"


class HubStatus(StrEnum):
    """What a gateway is busy with."""

    READY = "ready"
    SYNCHRONIZING = "synchronizing"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class LockSnapshot:
    """One lock at one moment; changed only by `replace`.

    None is "not known". Percentages are 0-100, `voltage` is in volts, `signal` in dBm,
    times are aware. `url` is the vendor's page about it. `online` is whether the lock is
    within its bridge's reach. `activities` are the things it reports when they happen.
    `assumed_settings` are those that were changed and not read since. `reads_left` are the
    reads that a vendor's limit leaves a person now, `access_expires` is when the
    credentials end.
    `subentry_id` is the config subentry the lock was added by, if it was.
    """

    id: str
    name: str
    manufacturer: str
    model: str | None = None
    serial: str | None = None
    firmware: str | None = None
    url: str | None = None
    macs: frozenset[str] = frozenset()
    subentry_id: str | None = None
    features: Feature
    actions: frozenset[Action]
    activities: frozenset[Activity] = frozenset()
    state: LockState = LockState.UNKNOWN
    online: bool | None = None
    changed_by: str | None = None
    battery: int | None = None
    battery_low: bool | None = None
    battery_type: BatteryType | None = None
    voltage: float | None = None
    wifi_strength: int | None = None
    bluetooth_strength: int | None = None
    signal: int | None = None
    position: int | None = None
    last_contact: datetime | None = None
    last_change: datetime | None = None
    push_healthy: bool | None = None
    settings: Mapping[Setting, bool] = field(default_factory=dict)
    assumed_settings: frozenset[Setting] = frozenset()
    direction: TurnDirection | None = None
    mortise_lock: MortiseLock | None = None
    reads_left: int | None = None
    access_expires: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HubSnapshot:
    """A gateway, or the account of a cloud, at one moment.

    `url` is the vendor's page about it. `calls` and `calls_left` count a month's
    requests, `last_push` is when the vendor last called us.
    """

    id: str
    name: str
    manufacturer: str
    model: str | None = None
    url: str | None = None
    macs: frozenset[str] = frozenset()
    is_service: bool = False
    features: HubFeature
    actions: frozenset[Action] = frozenset()
    online: bool | None = None
    firmware: str | None = None
    status: HubStatus | None = None
    calls: int | None = None
    calls_left: int | None = None
    last_push: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """Everything a config entry knows: its locks by id, and its hub where it has one."""

    locks: Mapping[str, LockSnapshot]
    hub: HubSnapshot | None = None

    def device(self, target: str) -> LockSnapshot | HubSnapshot | None:
        """Return the lock, or the hub, of this id."""
        if self.hub is not None and self.hub.id == target:
            return self.hub
        return self.locks.get(target)

    def changes(self, before: Self) -> dict[str, frozenset[str]]:
        """Return the fields that are not as they were, by the ids of their devices.

        Of a device that is new or gone: all of them.
        """
        devices = {*self.locks, *before.locks, *(hub.id for hub in (self.hub, before.hub) if hub)}
        changes = {one: _differences(self.device(one), before.device(one)) for one in devices}
        return {device: names for device, names in changes.items() if names}

    def with_lock(self, lock_id: str, **changes: Any) -> Self:
        """Return this with the named fields of one lock changed."""
        # As `replace` would, in less time.
        known = dict(zip(_LOCK_FIELDS, _lock_values(self.locks[lock_id]), strict=True))
        changed = LockSnapshot(**(known | changes))
        return type(self)(locks={**self.locks, lock_id: changed}, hub=self.hub)

    def with_hub(self, **changes: Any) -> Self:
        """Return this with the named fields of the hub changed."""
        return self if self.hub is None else replace(self, hub=replace(self.hub, **changes))


_LOCK_FIELDS: Final = tuple(field.name for field in fields(LockSnapshot))
_lock_values: Final = attrgetter(*_LOCK_FIELDS)


def _differences(now: object, before: object) -> frozenset[str]:
    if now is before or now == before:
        return frozenset()
    names = frozenset(field.name for field in fields(now or before))  # type: ignore[arg-type]
    if now is None or before is None:
        return names
    return frozenset(name for name in names if getattr(now, name) != getattr(before, name))


OURSELVES = "Home Assistant"


class Via(StrEnum):
    """The way that a command of ours took, where it was not the usual one."""

    CLOUD = "cloud"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """How something happened and by whom, as far as it is known.

    `who` is a name that a person recognises, `key` the vendor's number of the key used.
    What is not `is_verified` was told by a call that anybody could have made.
    """

    method: Method | None = None
    who: str | None = None
    key: int | None = None
    is_verified: bool = True

    @property
    def is_others(self) -> bool:
        """Whether this cannot be a command of ours."""
        if self.who is not None or self.key is not None:
            return self.who != OURSELVES
        return self.method not in (None, Method.REMOTE)


@dataclass(frozen=True, kw_only=True, slots=True)
class LockEvent:
    """One thing that happened at a lock.

    `who` is a name that a person recognises, `key` the vendor's number of the key used.
    `at` is when, where the vendor told of it later than it happened. `is_verified` is
    that of its cause. `via` is the way a command of ours took, if it was not the usual.
    """

    lock_id: str
    activity: Activity
    method: Method | None = None
    who: str | None = None
    key: int | None = None
    at: datetime | None = None
    is_verified: bool = True
    via: Via | None = None

    @property
    def is_somebodys(self) -> bool:
        """Whether this is an act, by whomever, and no end of another one by itself."""
        return self.activity in (Activity.LOCKED, Activity.UNLOCKED, Activity.OPENED)

    @property
    def is_unexplained(self) -> bool:
        """Whether nothing is told of who did it, or how."""
        return self.method is None and self.who is None and self.key is None


class FailureReason(StrEnum):
    """How a command has failed."""

    NOT_CONFIRMED = "not_confirmed"
    JAMMED = "jammed"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class CommandFailure:
    """A command that did not do what it should, and the lock it was for."""

    lock_id: str
    action: Action
    reason: FailureReason


def event_of_change(
    lock_id: str,
    before: LockState | None,
    state: LockState,
    cause: Cause | None,
    *,
    has_news: bool = False,
) -> LockEvent | None:
    """Return what happened when a lock is found in a state; None when that is nothing.

    `before` is the position it was known to be in, if any. A latch that falls back by
    itself after opening is part of the opening. `has_news` says that something was
    counted at the lock although it is where it was.
    """
    activity = ACTIVITIES.get(state)
    is_same = before is state
    is_part = cause is None and falls_back(before, state)
    if activity is None or is_part or (is_same and not has_news and cause is None):
        return None
    if before is None and cause is None:
        return None
    told = cause or Cause()
    return LockEvent(
        lock_id=lock_id,
        activity=Activity.CHANGED if is_same and cause is None else activity,
        method=told.method,
        who=told.who,
        key=told.key,
        is_verified=told.is_verified,
    )


def falls_back(before: LockState | None, now: LockState | None) -> bool:
    """Return whether the latch has fallen back after opening, which it does by itself."""
    return before is LockState.OPEN and now is LockState.UNLOCKED


def has_moved(before: LockState | None, now: LockState | None) -> bool:
    """Return whether a lock is not known to have stayed where it was; falling back is no move."""
    return now not in (None, before) and not falls_back(before, now)


@dataclass(frozen=True, kw_only=True, slots=True)
class PushCall:
    """One call to our webhook, its bytes as they came.

    `headers` and `query` map a lower-case name to every value it came with;
    `received_at` is in unix seconds, `peer` the IP address it came from.
    """

    method: str
    headers: Mapping[str, tuple[str, ...]] = field(repr=False)
    query: Mapping[str, tuple[str, ...]] = field(repr=False)
    body: bytes = field(repr=False)
    received_at: float
    peer: str | None = field(default=None, repr=False)
