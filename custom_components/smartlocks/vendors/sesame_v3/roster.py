"""Which locks the account has."""

from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry

from ...models import Action, Activity, Feature, HubFeature, HubSnapshot, LockSnapshot
from .api import Lock
from .const import KEY, MANUFACTURER

EVERY: Final = timedelta(minutes=10)


class Roster:
    """The account's locks, as its lists have told.

    A lock goes when two lists in a row were without it: devices are not thrown away
    over one odd answer.
    """

    def __init__(self) -> None:
        """Know of none yet."""
        self._locks: dict[str, Lock] = {}
        self._missing: frozenset[str] = frozenset()
        self._next: datetime | None = None

    @property
    def locks(self) -> tuple[Lock, ...]:
        """The locks, in the order of the list."""
        return tuple(self._locks.values())

    def is_due(self, now: datetime) -> bool:
        """Whether it is time for another list."""
        return self._next is None or now >= self._next

    def doubt(self) -> None:
        """Take that something about a lock is odd: look soon."""
        self._next = None

    def take(self, locks: tuple[Lock, ...], now: datetime) -> None:
        """Take a list."""
        listed = {lock.device_id: lock for lock in locks}
        missing = self._locks.keys() - listed.keys() - self._missing
        self._locks = listed | {lock_id: self._locks[lock_id] for lock_id in missing}
        self._missing = frozenset(missing)
        self._next = None if missing else now + EVERY

    def find(self, device_id: str) -> str | None:
        """Return the id of a lock as its list has it; calls may write it in another case."""
        wanted = device_id.casefold()
        return next((one for one in self._locks if one.casefold() == wanted), None)


def lock_snapshot(lock: Lock) -> LockSnapshot:
    """Return a lock of which nothing is known yet."""
    return LockSnapshot(
        id=lock.device_id,
        name=lock_name(lock),
        manufacturer=MANUFACTURER,
        model="SESAME (first generation)",
        serial=lock.serial,
        features=Feature.BOLT | Feature.BATTERY | Feature.CONNECTIVITY,
        actions=frozenset({Action.LOCK, Action.UNLOCK, Action.REFRESH, Action.SYNCHRONIZE}),
        activities=frozenset({Activity.LOCKED, Activity.UNLOCKED}),
    )


def lock_name(lock: Lock) -> str:
    """Return what to call a lock."""
    return lock.nickname or f"Sesame {lock.serial or lock.device_id[:8]}"


def account_snapshot(entry: ConfigEntry) -> HubSnapshot:
    """Return the account."""
    return HubSnapshot(
        id=(entry.unique_id or entry.entry_id).removeprefix(f"{KEY}_"),
        name=entry.title,
        manufacturer=MANUFACTURER,
        model="Cloud, version 3",
        is_service=True,
        features=HubFeature.CONNECTIVITY | HubFeature.LAST_PUSH,
        actions=frozenset({Action.REFRESH}),
    )
