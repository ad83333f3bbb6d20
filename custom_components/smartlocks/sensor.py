"""Sensors of locks, gateways and accounts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    PERCENTAGE,
    SIGNAL_STRENGTH_DECIBELS_MILLIWATT,
    EntityCategory,
    UnitOfElectricPotential,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import SmartLocksConfigEntry
from .entity import HubDeviceEntity, LockDeviceEntity, async_follow_devices
from .models import (
    BatteryType,
    Feature,
    HubFeature,
    HubSnapshot,
    HubStatus,
    LockSnapshot,
    MortiseLock,
    TurnDirection,
)

PARALLEL_UPDATES = 0

type Value = str | int | float | datetime | None


@dataclass(frozen=True, kw_only=True)
class LockSensorDescription(SensorEntityDescription):
    """A sensor of a lock: the feature that calls for it, and where its value stands.

    Its key is the name of the field that it shows. What `is_ours` we know without asking
    anybody.
    """

    feature: Feature
    value_fn: Callable[[LockSnapshot], Value]
    is_ours: bool = False


@dataclass(frozen=True, kw_only=True)
class HubSensorDescription(SensorEntityDescription):
    """As `LockSensorDescription`, of a hub."""

    feature: HubFeature
    value_fn: Callable[[HubSnapshot], Value]
    is_ours: bool = False


LOCK_SENSORS = (
    LockSensorDescription(
        key="battery",
        feature=Feature.BATTERY,
        value_fn=lambda lock: lock.battery,
        device_class=SensorDeviceClass.BATTERY,
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    LockSensorDescription(
        key="battery_type",
        translation_key="battery_type",
        feature=Feature.BATTERY_TYPE,
        value_fn=lambda lock: lock.battery_type,
        device_class=SensorDeviceClass.ENUM,
        options=[kind.value for kind in BatteryType],
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    LockSensorDescription(
        key="voltage",
        translation_key="voltage",
        feature=Feature.VOLTAGE,
        value_fn=lambda lock: lock.voltage,
        device_class=SensorDeviceClass.VOLTAGE,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        suggested_display_precision=2,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    LockSensorDescription(
        key="wifi_strength",
        translation_key="wifi_strength",
        feature=Feature.WIFI_STRENGTH,
        value_fn=lambda lock: lock.wifi_strength,
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    LockSensorDescription(
        key="bluetooth_strength",
        translation_key="bluetooth_strength",
        feature=Feature.BLUETOOTH_STRENGTH,
        value_fn=lambda lock: lock.bluetooth_strength,
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    LockSensorDescription(
        key="signal",
        feature=Feature.SIGNAL,
        value_fn=lambda lock: lock.signal,
        device_class=SensorDeviceClass.SIGNAL_STRENGTH,
        native_unit_of_measurement=SIGNAL_STRENGTH_DECIBELS_MILLIWATT,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    LockSensorDescription(
        key="position",
        translation_key="position",
        feature=Feature.POSITION,
        value_fn=lambda lock: lock.position,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    LockSensorDescription(
        key="last_contact",
        translation_key="last_contact",
        feature=Feature.LAST_CONTACT,
        value_fn=lambda lock: lock.last_contact,
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        # It changes with every contact, and would fill Activity.
        entity_registry_enabled_default=False,
    ),
    LockSensorDescription(
        key="last_change",
        translation_key="last_change",
        feature=Feature.LAST_CHANGE,
        value_fn=lambda lock: lock.last_change,
        device_class=SensorDeviceClass.TIMESTAMP,
    ),
    LockSensorDescription(
        key="direction",
        translation_key="direction",
        feature=Feature.DIRECTION,
        value_fn=lambda lock: lock.direction,
        is_ours=True,
        device_class=SensorDeviceClass.ENUM,
        options=[direction.value for direction in TurnDirection],
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    LockSensorDescription(
        key="mortise_lock",
        translation_key="mortise_lock",
        feature=Feature.MORTISE_LOCK,
        value_fn=lambda lock: lock.mortise_lock,
        is_ours=True,
        device_class=SensorDeviceClass.ENUM,
        options=[kind.value for kind in MortiseLock],
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    LockSensorDescription(
        key="reads_left",
        translation_key="reads_left",
        feature=Feature.READS_LEFT,
        value_fn=lambda lock: lock.reads_left,
        is_ours=True,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    LockSensorDescription(
        key="access_expires",
        translation_key="access_expires",
        feature=Feature.ACCESS_EXPIRY,
        value_fn=lambda lock: lock.access_expires,
        is_ours=True,
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
)

HUB_SENSORS = (
    HubSensorDescription(
        key="firmware",
        translation_key="firmware",
        feature=HubFeature.FIRMWARE,
        value_fn=lambda hub: hub.firmware,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    HubSensorDescription(
        key="status",
        translation_key="hub_status",
        feature=HubFeature.STATUS,
        value_fn=lambda hub: hub.status,
        device_class=SensorDeviceClass.ENUM,
        options=[status.value for status in HubStatus],
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    HubSensorDescription(
        key="calls",
        translation_key="calls",
        feature=HubFeature.CALLS,
        value_fn=lambda hub: hub.calls,
        is_ours=True,
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    HubSensorDescription(
        key="calls_left",
        translation_key="calls_left",
        feature=HubFeature.CALLS,
        value_fn=lambda hub: hub.calls_left,
        is_ours=True,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    HubSensorDescription(
        key="last_push",
        translation_key="last_push",
        feature=HubFeature.LAST_PUSH,
        value_fn=lambda hub: hub.last_push,
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SmartLocksConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors each device has the feature for."""
    coordinator = entry.runtime_data
    await async_follow_devices(
        entry,
        async_add_entities,
        lock_entities=lambda lock: [
            LockSensor(coordinator, lock, description)
            for description in LOCK_SENSORS
            if description.feature in lock.features
        ],
        hub_entities=lambda hub: [
            HubSensor(coordinator, hub, description)
            for description in HUB_SENSORS
            if description.feature in hub.features
        ],
    )


class LockSensor(LockDeviceEntity, SensorEntity):
    """A sensor of a lock."""

    entity_description: LockSensorDescription

    @property
    @override
    def _shows(self) -> frozenset[str]:
        return frozenset({self.entity_description.key})

    @property
    @override
    def available(self) -> bool:
        return self.entity_description.is_ours or super().available

    @property
    @override
    def native_value(self) -> Value:
        return self.entity_description.value_fn(self.snapshot)


class HubSensor(HubDeviceEntity, SensorEntity):
    """A sensor of a hub."""

    entity_description: HubSensorDescription

    @property
    @override
    def _shows(self) -> frozenset[str]:
        return frozenset({self.entity_description.key})

    @property
    @override
    def available(self) -> bool:
        return self.entity_description.is_ours or super().available

    @property
    @override
    def native_value(self) -> Value:
        return self.entity_description.value_fn(self.snapshot)
