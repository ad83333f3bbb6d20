"""From an id to a device: what every entity of a lock, or of a hub, has in common."""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any, override

from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import (
    CONNECTION_NETWORK_MAC,
    DeviceEntryType,
    DeviceInfo,
    format_mac,
)
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import (
    AddConfigEntryEntitiesCallback,
    async_get_current_platform,
)
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import CONF_VENDOR, DOMAIN
from .coordinator import SmartLocksConfigEntry, SmartLocksCoordinator
from .models import HubSnapshot, LockSnapshot

type LockEntities = Callable[[LockSnapshot], Iterable[Entity]]
type HubEntities = Callable[[HubSnapshot], Iterable[Entity]]

# A dictionary's type in one release of Home Assistant, a dataclass in the next.
_DEVICE_INFO: Callable[..., DeviceInfo] = DeviceInfo


def device_identifier(entry: SmartLocksConfigEntry, device_id: str) -> str:
    """Return a device's id, unique over all vendors."""
    return f"{entry.data[CONF_VENDOR]}_{device_id}"


class SmartLocksEntity[S: LockSnapshot | HubSnapshot](CoordinatorEntity[SmartLocksCoordinator]):
    """An entity of one device. Away when the device is no longer part of the account."""

    _attr_has_entity_name = True

    def __init__(
        self, coordinator: SmartLocksCoordinator, device: S, description: EntityDescription
    ) -> None:
        super().__init__(coordinator)
        self.entity_description = description
        self._device_id = device.id
        self._last = device
        identifier = device_identifier(coordinator.config_entry, device.id)
        self._attr_unique_id = f"{identifier}_{description.key}"
        self._attr_device_info = _DEVICE_INFO(**self._describe(identifier, device))

    @property
    def snapshot(self) -> S:
        """The device as it is now; as it was last, when it is gone."""
        if (current := self._find()) is not None:
            self._last = current
        return self._last

    @property
    @override
    def available(self) -> bool:
        return super().available and self._find() is not None

    @abstractmethod
    def _find(self) -> S | None:
        """Look the device up."""

    @abstractmethod
    def _describe(self, identifier: str, device: S) -> dict[str, Any]:
        """Describe the device for the registry: completely, whichever entity comes first."""


class LockDeviceEntity(SmartLocksEntity[LockSnapshot]):
    """An entity of one lock."""

    @override
    def _find(self) -> LockSnapshot | None:
        return self.coordinator.data.locks.get(self._device_id)

    @override
    def _describe(self, identifier: str, device: LockSnapshot) -> dict[str, Any]:
        hub = self.coordinator.hub_device_id
        return {
            "identifiers": {(DOMAIN, identifier)},
            "connections": {(CONNECTION_NETWORK_MAC, format_mac(mac)) for mac in device.macs},
            "name": device.name,
            "manufacturer": device.manufacturer,
            "model": device.model,
            "serial_number": device.serial,
            "sw_version": device.firmware,
            **({} if hub is None else {"via_device_id": hub}),
        }


class HubDeviceEntity(SmartLocksEntity[HubSnapshot]):
    """An entity of the gateway, or the account, the locks hang on."""

    @override
    def _find(self) -> HubSnapshot | None:
        return self.coordinator.data.hub

    @override
    def _describe(self, identifier: str, device: HubSnapshot) -> dict[str, Any]:
        return hub_device_fields(identifier, device)


def hub_device_fields(identifier: str, hub: HubSnapshot) -> dict[str, Any]:
    """Describe a gateway or an account for the device registry."""
    return {
        "identifiers": {(DOMAIN, identifier)},
        "name": hub.name,
        "manufacturer": hub.manufacturer,
        "model": hub.model,
        "sw_version": hub.firmware,
        "entry_type": DeviceEntryType.SERVICE if hub.is_service else None,
    }


def async_follow_devices(
    entry: SmartLocksConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    *,
    lock_entities: LockEntities | None = None,
    hub_entities: HubEntities | None = None,
) -> None:
    """Add the entities of every lock, now and whenever the account gets a new one.

    Those it had before an option or a credential changed, and has no more, are removed.
    """
    coordinator = entry.runtime_data
    platform = async_get_current_platform()
    known: set[str] = set()

    @callback
    def add_new() -> None:
        locks = coordinator.data.locks
        new = [locks[lock_id] for lock_id in locks if lock_id not in known]
        known.intersection_update(locks)
        known.update(lock.id for lock in new)
        if lock_entities is None:
            return
        for subentry_id, group in groupby(
            sorted(new, key=_subentry), key=lambda lock: lock.subentry_id
        ):
            locks_there = list(group)
            entities = [entity for lock in locks_there for entity in lock_entities(lock)]
            for lock in locks_there:
                _drop_others(entry, platform.domain, lock, entities)
            async_add_entities(entities, config_subentry_id=subentry_id)

    if hub_entities is not None and coordinator.data.hub is not None:
        async_add_entities(hub_entities(coordinator.data.hub))
    add_new()
    entry.async_on_unload(coordinator.async_add_listener(add_new))


def _drop_others(
    entry: SmartLocksConfigEntry, domain: str, lock: LockSnapshot, entities: Iterable[Entity]
) -> None:
    """Remove what the registry remembers of a lock on a platform, and is no longer offered."""
    registry = er.async_get(entry.runtime_data.hass)
    offered = {entity.unique_id for entity in entities}
    prefix = f"{device_identifier(entry, lock.id)}_"
    for known in er.async_entries_for_config_entry(registry, entry.entry_id):
        is_ours = known.domain == domain and known.unique_id.startswith(prefix)
        if is_ours and known.unique_id not in offered:
            registry.async_remove(known.entity_id)


def _subentry(lock: LockSnapshot) -> str:
    return lock.subentry_id or ""
