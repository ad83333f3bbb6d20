"""The locks of an entry, as they were set up."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_CODE

from ...models import Action, Activity, Feature, HubFeature, HubSnapshot, LockSnapshot
from .const import CONF_IDENTIFIER, CONF_MODEL, CONF_UNLOCK_ONLY, KEY, MANUFACTURER

_FEATURES = (
    Feature.BOLT
    | Feature.BATTERY
    | Feature.VOLTAGE
    | Feature.SIGNAL
    | Feature.POSITION
    | Feature.CONNECTIVITY
    | Feature.LAST_CHANGE
)
_ACTIONS = frozenset(
    {Action.LOCK, Action.UNLOCK, Action.REFRESH, Action.SYNCHRONIZE, Action.CALIBRATE}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """A lock and the code that opens it; `id` is its identifier as text."""

    id: str
    identifier: int
    name: str
    code: str = field(repr=False)


def doors_of(entry: ConfigEntry) -> Mapping[str, Door]:
    """Return an entry's locks by id."""
    doors = (_door(lock) for lock in entry.subentries.values())
    return {door.id: door for door in doors}


def lock_snapshots(entry: ConfigEntry) -> Mapping[str, LockSnapshot]:
    """Return an entry's locks, of which nothing is known yet."""
    locks = (_snapshot(lock) for lock in entry.subentries.values())
    return {lock.id: lock for lock in locks}


def gateway_snapshot(entry: ConfigEntry) -> HubSnapshot:
    """Return the gateway, of which nothing is known yet."""
    return HubSnapshot(
        id=(entry.unique_id or entry.entry_id).removeprefix(f"{KEY}_"),
        name=entry.title,
        manufacturer=MANUFACTURER,
        model="Gateway",
        features=HubFeature.CONNECTIVITY | HubFeature.FIRMWARE | HubFeature.STATUS,
        actions=frozenset({Action.REFRESH, Action.SYNCHRONIZE}),
    )


def _door(lock: ConfigSubentry) -> Door:
    identifier = lock.data[CONF_IDENTIFIER]
    return Door(
        id=str(identifier), identifier=identifier, name=lock.title, code=lock.data[CONF_CODE]
    )


def _snapshot(lock: ConfigSubentry) -> LockSnapshot:
    identifier = str(lock.data[CONF_IDENTIFIER])
    is_unlock_only = lock.data.get(CONF_UNLOCK_ONLY, False)
    return LockSnapshot(
        id=identifier,
        name=lock.title,
        manufacturer=MANUFACTURER,
        model=lock.data.get(CONF_MODEL) or "Smart lock",
        serial=identifier,
        subentry_id=lock.subentry_id,
        features=_FEATURES,
        actions=_ACTIONS - ({Action.LOCK} if is_unlock_only else set()),
        activities=frozenset({Activity.LOCKED, Activity.UNLOCKED, Activity.CHANGED}),
    )
