"""The Keys' values and errors in terms of ours, and how often a lock is read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry

from ...exceptions import Failure, Remedy
from ...models import (
    Action,
    Activity,
    Feature,
    HubFeature,
    HubSnapshot,
    HubStatus,
    LockSnapshot,
    LockState,
)
from ...state_tracker import Timing
from . import api
from .const import (
    CONF_IDENTIFIER,
    CONF_MODEL,
    CONF_UNLOCK_ONLY,
    KEY,
    MANUFACTURER,
    PORTAL_URL,
)

# A lock whose changes move `last_log`, which the gateway lists.
TIMING: Final = Timing(
    lag=0,
    hold=300,
    poll=1800,
    poll_unknown=60,
    looks=(1, 8),
    settle=6,
    command_looks=(5, 8, 12, 18),
    give_up=24,
    hint_burst=10,
    hint_refill=90,
    sign=15,
)
# A lock without `last_log`, or whose `last_log` does not move.
TIMING_WITHOUT_SIGN: Final = Timing(
    lag=0,
    hold=300,
    poll=240,
    poll_unknown=60,
    looks=(1, 8),
    settle=6,
    command_looks=(5, 8, 12, 18),
    give_up=24,
    hint_burst=4,
    hint_refill=900,
)

# From this firmware on, whatever happens to a lock moves its `last_log`.
_COUNTING_FIRMWARE: Final = 57
# The list misses a lock now and then, and so does the radio: so often in a row, and it is away.
_AWAY_AFTER: Final = 3
# So many lists may fail in a row before a state that they renew is no longer believed.
_LISTS_OF_HOLD: Final = 2.5

# A busy gateway has answered, and is asked again after this: no sooner than the next look
# at a command, for a lock that moves is busy, too.
_PAUSE: Final = 6.0
# After so many such answers in a row the pause begins to double, up to this.
_PAUSES_UNTIL_LONGER: Final = 3
_LONGEST_PAUSE: Final = 60.0

ERRORS: Final[Mapping[type[Exception], Failure]] = {
    api.TheKeysMovingError: Failure(key="the_keys_moving", is_pause=True, retry_after=_PAUSE),
    api.TheKeysBusyError: Failure(key="the_keys_busy", is_pause=True, retry_after=_PAUSE),
    api.TheKeysTransientError: Failure(key="the_keys_transient"),
    # A code is that of one lock: the coordinator asks for another, and the rest goes on.
    api.TheKeysNotSharedError: Failure(key="the_keys_not_shared"),
    api.TheKeysRefusedError: Failure(key="the_keys_refused"),
    api.TheKeysNotDetectedError: Failure(key="the_keys_not_detected"),
    api.TheKeysNotCompatibleError: Failure(key="the_keys_not_compatible", remedy=Remedy.GIVE_UP),
    api.TheKeysKeyUnknownError: Failure(key="the_keys_key_unknown"),
    api.TheKeysClockError: Failure(key="the_keys_clock"),
    api.TheKeysFailedError: Failure(key="the_keys_failed"),
    api.TheKeysConnectionError: Failure(key="the_keys_unreachable"),
    api.TheKeysError: Failure(key="the_keys_not_understood"),
}

STATES: Final[Mapping[api.LockerState, LockState]] = {
    api.LockerState.CLOSED: LockState.LOCKED,
    api.LockerState.OPEN: LockState.UNLOCKED,
    api.LockerState.UNKNOWN: LockState.UNKNOWN,
}

_PHASES: Final[Mapping[api.Phase, HubStatus]] = {
    api.Phase.SCANNING: HubStatus.READY,
    api.Phase.SYNCHRONIZING: HubStatus.SYNCHRONIZING,
    api.Phase.OTHER: HubStatus.OTHER,
}

_FEATURES: Final = (
    Feature.BOLT
    | Feature.BATTERY
    | Feature.VOLTAGE
    | Feature.SIGNAL
    | Feature.POSITION
    | Feature.CONNECTIVITY
    | Feature.LAST_CHANGE
)
_ACTIONS: Final = frozenset(
    {Action.LOCK, Action.UNLOCK, Action.REFRESH, Action.SYNCHRONIZE, Action.CALIBRATE}
)


@dataclass(kw_only=True, slots=True)
class Listing:
    """What the gateway's lists say of one lock.

    `last_log` is the one listed last, `read_log` the one listed before the last successful
    read. `missed` counts the lists in a row without the lock, `hidden` the reads in a row
    that did not reach it. `version` is the lock's firmware. `our_log` is the `last_log` listed
    last while its change may have come from a command of ours. `uncounted_at` is when the lock
    was last found elsewhere than shown, without a change of `last_log` before or since.
    `is_command_waiting` is whether a command was refused and is about to be sent again.
    """

    last_log: int | None = None
    read_log: int | None = None
    missed: int = 0
    hidden: int = 0
    version: int | None = None
    our_log: int | None = None
    uncounted_at: float | None = None
    is_calibrating: bool = False
    is_command_waiting: bool = False

    @property
    def is_missing(self) -> bool:
        """Whether the gateway's lists have been without the lock for too long."""
        return self.missed >= _AWAY_AFTER

    @property
    def is_hidden(self) -> bool:
        """Whether too many reads did not reach the lock."""
        return self.hidden >= _AWAY_AFTER

    def has_news(self, last_log: int | None) -> bool:
        """Return whether something has been counted since the last successful read."""
        return None not in (last_log, self.read_log) and last_log != self.read_log


def timing(listing: Listing, seconds: float) -> Timing:
    """Return the numbers of a lock; the gateway's list is asked for every so many `seconds`."""
    version = listing.version
    if listing.last_log is None or version is None or version < _COUNTING_FIRMWARE:
        return TIMING_WITHOUT_SIGN
    return replace(TIMING, sign=seconds, hold=max(TIMING.hold, _LISTS_OF_HOLD * seconds))


def pause_after(pauses: int) -> float:
    """Return when a gateway is asked again that has been busy so often in a row, in seconds."""
    doublings = max(pauses - _PAUSES_UNTIL_LONGER, 0)
    return min(_PAUSE * (1 << min(doublings, 10)), _LONGEST_PAUSE)


def lock_snapshots(entry: ConfigEntry) -> Iterable[LockSnapshot]:
    """Return an entry's locks, of which nothing is known yet."""
    return [_lock_snapshot(lock) for lock in entry.subentries.values()]


def gateway_snapshot(entry: ConfigEntry) -> HubSnapshot:
    """Return the gateway, of which nothing is known yet."""
    return HubSnapshot(
        id=(entry.unique_id or entry.entry_id).removeprefix(f"{KEY}_"),
        name=entry.title,
        manufacturer=MANUFACTURER,
        model="Gateway",
        url=PORTAL_URL,
        features=HubFeature.CONNECTIVITY | HubFeature.FIRMWARE | HubFeature.STATUS,
        actions=frozenset({Action.REFRESH, Action.SYNCHRONIZE}),
    )


def gateway_changes(status: api.GatewayStatus | None) -> Mapping[str, Any]:
    """Return what its status changes of a gateway; None where it did not tell."""
    if status is None:
        return {"status": None}
    return {"status": _PHASES[status.phase]} | _told(firmware=status.version)


def locker_changes(locker: api.Locker) -> Mapping[str, Any]:
    """Return what the gateway's list changes of a lock, besides its state."""
    return _told(
        battery=api.percentage(locker.battery),
        voltage=api.volts(locker.battery),
        signal=locker.rssi,
    )


def status_changes(status: api.LockerStatus) -> Mapping[str, Any]:
    """Return what a lock's own reply changes of it, besides its state."""
    return {"online": True} | _told(
        battery=api.percentage(status.battery),
        voltage=api.volts(status.battery),
        signal=status.rssi,
        position=status.position,
        firmware=None if status.version is None else str(status.version),
    )


def _lock_snapshot(lock: ConfigSubentry) -> LockSnapshot:
    identifier = str(lock.data[CONF_IDENTIFIER])
    is_unlock_only = lock.data.get(CONF_UNLOCK_ONLY, False)
    return LockSnapshot(
        id=identifier,
        name=lock.title,
        manufacturer=MANUFACTURER,
        model=lock.data.get(CONF_MODEL) or "Smart lock",
        serial=identifier,
        url=PORTAL_URL,
        subentry_id=lock.subentry_id,
        features=_FEATURES,
        actions=_ACTIONS - ({Action.LOCK} if is_unlock_only else set()),
        activities=frozenset({Activity.LOCKED, Activity.UNLOCKED, Activity.CHANGED}),
    )


def _told(**changes: Any) -> dict[str, Any]:
    """Return the changes without those that were not told: what was told before stands."""
    return {name: value for name, value in changes.items() if value is not None}
