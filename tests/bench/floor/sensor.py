"""The entities of the floor: sensors that show fields of a bridge's status."""

from collections.abc import Callable, Mapping
from typing import Any, override

from homeassistant.components.sensor import SensorEntity
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity, DataUpdateCoordinator

# As many as a bridge and its lock have with us.
FIELDS = (
    ("lock", "bolt_state"),
    ("lock", "battery_percentage"),
    ("lock", "battery_voltage"),
    ("lock", "battery_type"),
    ("lock", "ble_strength"),
    ("lock", "lock_online"),
    ("lock", "up_timestamp"),
    ("lock", "wifi_strength"),
    ("lock", "webhooks_number"),
    ("lock", "bolt_state_numeric"),
    ("lock", "bridge_mac_wifi"),
    ("bridge", "bridge_mac_ble"),
)
# So many of ours are enabled by default.
ENABLED = 7
# So many has an account of ours with locks of seven entities each.
OF_ACCOUNT = 3
# A dictionary's type in one release of Home Assistant, a dataclass in the next.
_DEVICE_INFO: Callable[..., DeviceInfo] = DeviceInfo


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add them all; the last is the bridge's. An account has its locks, and three more."""
    if locks := entry.data.get("locks"):
        devices = [(f"lock{number}", ENABLED) for number in range(locks)]
        for device, count in (*devices, ("account", OF_ACCOUNT)):
            async_add_entities(
                Floor(entry, device, field, enabled=True) for _, field in FIELDS[:count]
            )
        return
    async_add_entities(
        Floor(entry, device, field, enabled=number < ENABLED - 1 or device == "bridge")
        for number, (device, field) in enumerate(FIELDS)
    )


class Floor(CoordinatorEntity[DataUpdateCoordinator[Mapping[str, Any]]], SensorEntity):
    """One field of the status."""

    _attr_has_entity_name = True

    def __init__(self, entry: ConfigEntry[Any], device: str, field: str, *, enabled: bool) -> None:
        super().__init__(entry.runtime_data)
        self._field = field
        self._attr_name = field
        self._attr_unique_id = f"{entry.unique_id}_{device}_{field}"
        self._attr_entity_registry_enabled_default = enabled
        self._attr_device_info = _DEVICE_INFO(
            identifiers={("bench_floor", f"{entry.unique_id}_{device}")},
            name=f"{entry.title} {device}",
        )

    @property
    @override
    def native_value(self) -> Any:
        return self.coordinator.data.get(self._field)
