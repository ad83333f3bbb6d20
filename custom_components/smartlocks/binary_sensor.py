"""Binary sensors: connectivity, low batteries, push, and bolts that can only be watched."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import SmartLocksConfigEntry
from .entity import (
    HubDeviceEntity,
    LockActivityEntity,
    LockDeviceEntity,
    async_follow_devices,
)
from .models import Action, Feature, HubFeature, LockSnapshot, LockState

PARALLEL_UPDATES = 0

# On is unlocked. A movement is neither, nor is what is not known.
_UNLOCKED: dict[LockState, bool] = {
    LockState.LOCKED: False,
    LockState.UNLOCKED: True,
    LockState.OPEN: True,
}


@dataclass(frozen=True, kw_only=True)
class LockBinarySensorDescription(BinarySensorEntityDescription):
    """A binary sensor of a lock: the feature that calls for it, and when it is on.

    `shows` is the field of the lock that this depends on.
    """

    feature: Feature
    shows: str
    is_on_fn: Callable[[LockSnapshot], bool | None]


LOCK_BINARY_SENSORS = (
    LockBinarySensorDescription(
        key="battery_low",
        translation_key="battery_low",
        feature=Feature.BATTERY_LOW,
        shows="battery_low",
        is_on_fn=lambda lock: lock.battery_low,
        device_class=BinarySensorDeviceClass.BATTERY,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    LockBinarySensorDescription(
        key="connectivity",
        feature=Feature.CONNECTIVITY,
        shows="online",
        is_on_fn=lambda lock: lock.online,
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    LockBinarySensorDescription(
        key="push",
        translation_key="push",
        feature=Feature.PUSH_HEALTH,
        shows="push_healthy",
        is_on_fn=lambda lock: lock.push_healthy,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
)

BOLT = BinarySensorEntityDescription(key="bolt", device_class=BinarySensorDeviceClass.LOCK)

HUB_CONNECTIVITY = BinarySensorEntityDescription(
    key="connectivity",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SmartLocksConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the binary sensors each device has the feature for."""
    coordinator = entry.runtime_data
    await async_follow_devices(
        entry,
        async_add_entities,
        lock_entities=lambda lock: [
            *([LockBolt(coordinator, lock, BOLT)] if _is_only_watched(lock) else []),
            *(
                LockBinarySensor(coordinator, lock, description)
                for description in LOCK_BINARY_SENSORS
                if description.feature in lock.features
            ),
        ],
        hub_entities=lambda hub: (
            [HubConnectivity(coordinator, hub, HUB_CONNECTIVITY)]
            if HubFeature.CONNECTIVITY in hub.features
            else []
        ),
    )


def _is_only_watched(lock: LockSnapshot) -> bool:
    """Return whether there is a bolt and no lock entity, which would offer to lock it."""
    return Feature.BOLT in lock.features and Action.LOCK not in lock.actions


class LockBolt(LockActivityEntity, BinarySensorEntity):
    """The bolt of a lock that cannot be told to lock. On is unlocked."""

    _shows = frozenset({"state", "online"})

    @property
    @override
    def available(self) -> bool:
        return super().available and self.snapshot.online is not False

    @property
    @override
    def is_on(self) -> bool | None:
        return _UNLOCKED.get(self.snapshot.state)


class LockBinarySensor(LockDeviceEntity, BinarySensorEntity):
    """A binary sensor of a lock."""

    entity_description: LockBinarySensorDescription

    @property
    @override
    def _shows(self) -> frozenset[str]:
        return frozenset({self.entity_description.shows})

    @property
    @override
    def is_on(self) -> bool | None:
        return self.entity_description.is_on_fn(self.snapshot)


class HubConnectivity(HubDeviceEntity, BinarySensorEntity):
    """Whether the hub can be reached: told also, and above all, when it cannot."""

    _shows = frozenset({"online"})

    @property
    @override
    def available(self) -> bool:
        return True

    @property
    @override
    def is_on(self) -> bool:
        return self.coordinator.is_account_answering and self.snapshot.online is not False
