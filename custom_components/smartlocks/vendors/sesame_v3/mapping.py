"""The vendor's values in ours: timing, locks, states, commands and errors."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry

from ...exceptions import Failure, Remedy
from ...models import (
    Action,
    Activity,
    Feature,
    HubFeature,
    HubSnapshot,
    LockSnapshot,
    LockState,
)
from ...state_tracker import Timing
from . import api
from .const import CONF_LOCKS, DASHBOARD_URL, KEY, MANUFACTURER

TIMING: Final = Timing(
    lag=60,
    hold=240,
    poll=60,
    looks=(2, 5, 12, 30),
    settle=8,
    command_looks=(20, 40),
    give_up=60,
    hint_burst=16,
    hint_refill=30,
)

# Batteries whose percentage has risen by so much are others.
_NEW_BATTERIES: Final = 30

# One request a second serves all locks: with many, each is read more rarely.
_SECONDS_PER_LOCK: Final = 1.5


def timing(locks: int, slowest: float = 0.0) -> Timing:
    """Return the numbers for so many locks; a person may make the routine read rarer."""
    poll = max(TIMING.poll, _SECONDS_PER_LOCK * locks, slowest)
    return replace(TIMING, poll=poll, hold=3 * poll + TIMING.lag)


COMMANDS: Final[Mapping[Action, api.Command]] = {
    Action.LOCK: api.Command.LOCK,
    Action.UNLOCK: api.Command.UNLOCK,
}

ERRORS: Final[Mapping[type[Exception], Failure]] = {
    # Every read would be refused until a person has given another key.
    api.UnauthorizedError: Failure(
        key="sesame_v3_key_refused", remedy=Remedy.REAUTH, retry_after=300.0
    ),
    api.BlockedError: Failure(key="sesame_v3_blocked", is_pause=True),
    api.ThrottledError: Failure(key="sesame_v3_throttled", is_pause=True),
    api.BusyError: Failure(key="sesame_v3_busy"),
    api.LowBatteryError: Failure(key="sesame_v3_low_battery", remedy=Remedy.GIVE_UP),
    api.IntegrationOffError: Failure(key="sesame_v3_integration_off", remedy=Remedy.GIVE_UP),
    api.BadParamsError: Failure(key="sesame_v3_bad_params", remedy=Remedy.GIVE_UP),
    api.TaskFailedError: Failure(key="sesame_v3_task_failed", remedy=Remedy.GIVE_UP),
    api.ServerError: Failure(key="sesame_v3_server"),
    api.CloudConnectionError: Failure(key="sesame_v3_no_answer"),
    api.SesameV3Error: Failure(key="sesame_v3_not_understood"),
}


def lock_state(status: api.Status) -> LockState:
    """Return the state that a status reports of a lock that is within reach.

    The cloud always says whether it is: where it does not, "locked" is not to be relied on.
    """
    if status.locked is None or (status.locked and not status.responsive):
        return LockState.UNKNOWN
    return LockState.LOCKED if status.locked else LockState.UNLOCKED


def lock_name(lock: api.Lock) -> str:
    """Return what to call a lock."""
    return lock.nickname or f"Sesame {lock.serial or lock.device_id[:8]}"


def lock_snapshot(lock: api.Lock) -> LockSnapshot:
    """Return a lock of which no more is known than the list says."""
    return LockSnapshot(
        id=lock.device_id,
        name=lock_name(lock),
        manufacturer=MANUFACTURER,
        model="SESAME (first generation)",
        serial=lock.serial,
        url=DASHBOARD_URL,
        features=Feature.BOLT | Feature.BATTERY | Feature.BATTERY_LOW | Feature.CONNECTIVITY,
        actions=frozenset({Action.LOCK, Action.UNLOCK, Action.REFRESH, Action.SYNCHRONIZE}),
        activities=frozenset({Activity.LOCKED, Activity.UNLOCKED}),
    )


def account_snapshot(entry: ConfigEntry) -> HubSnapshot:
    """Return the account."""
    return HubSnapshot(
        id=(entry.unique_id or entry.entry_id).removeprefix(f"{KEY}_"),
        name=entry.title,
        manufacturer=MANUFACTURER,
        model="Cloud, version 3",
        url=DASHBOARD_URL,
        is_service=True,
        features=HubFeature.CONNECTIVITY | HubFeature.LAST_PUSH,
        actions=frozenset({Action.REFRESH}),
    )


def battery_changes(status: api.Status, lock: LockSnapshot | None) -> dict[str, Any]:
    """Return what a status changes of the batteries; new ones are not known to be low."""
    known, now = None if lock is None else lock.battery, status.battery
    is_new = known is not None and now is not None and now - known >= _NEW_BATTERIES
    return {"battery": now} | ({"battery_low": None} if is_new else {})


def locks_to_store(locks: Iterable[api.Lock]) -> dict[str, Any]:
    """Return locks as an entry's data keeps them."""
    return {lock.device_id: {"serial": lock.serial, "nickname": lock.nickname} for lock in locks}


def stored_locks(entry: ConfigEntry) -> tuple[api.Lock, ...]:
    """Return the locks that an entry's data keeps."""
    return tuple(
        api.Lock(device_id=lock_id, serial=fields["serial"], nickname=fields["nickname"])
        for lock_id, fields in entry.data[CONF_LOCKS].items()
    )
