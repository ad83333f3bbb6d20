"""The base entities, and the devices and entities of an entry as its locks come and go."""

from abc import abstractmethod
import asyncio
from collections.abc import Callable, Container, Iterable
from itertools import batched
from typing import Any, Final, override

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.device_registry import (
    CONNECTION_NETWORK_MAC,
    DeviceEntryType,
    DeviceInfo,
    format_mac,
)
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import (
    AddConfigEntryEntitiesCallback,
    async_get_current_platform,
)
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import CONF_VENDOR, DOMAIN
from .coordinator import SmartLocksConfigEntry, SmartLocksCoordinator
from .listeners import Interest
from .models import Action, HubSnapshot, LockSnapshot

# The key of lock entities, at the end of their unique ids.
LOCK_KEY: Final = "lock"

# How many locks get their entities in one turn of the event loop.
_ADDED_AT_ONCE: Final = 3

type LockEntities = Callable[[LockSnapshot], Iterable[Entity]]
type HubEntities = Callable[[HubSnapshot], Iterable[Entity]]

_OFFERED = Interest(fields=frozenset({"features", "actions", "activities", "subentry_id"}))
_DESCRIBED = Interest(fields=frozenset({"name", "model", "firmware"}))

# A dictionary's type in one release of Home Assistant, a dataclass in the next.
_DEVICE_INFO: Callable[..., DeviceInfo] = DeviceInfo


def device_identifier(entry: SmartLocksConfigEntry, device_id: str) -> str:
    """Return a device's id, unique over all vendors."""
    return f"{entry.data[CONF_VENDOR]}_{device_id}"


def lock_id_of(unique_id: str, entry: SmartLocksConfigEntry) -> str:
    """Return the id of the lock whose lock entity is registered as this."""
    return unique_id.removeprefix(device_identifier(entry, "")).removesuffix(f"_{LOCK_KEY}")


class SmartLocksEntity[S: LockSnapshot | HubSnapshot](CoordinatorEntity[SmartLocksCoordinator]):
    """An entity of one device; unavailable while the device cannot be reached or is gone."""

    _attr_has_entity_name = True

    def __init__(
        self, coordinator: SmartLocksCoordinator, device: S, description: EntityDescription
    ) -> None:
        self.entity_description = description
        interest = Interest(device_id=device.id, fields=self._shows)
        super().__init__(coordinator, context=interest)
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
        return self._find() is not None and self._is_reachable

    @override
    async def async_update(self) -> None:
        """Read this device, not all of them, when `homeassistant.update_entity` names it."""
        if not self.enabled or Action.REFRESH not in self.snapshot.actions:
            return
        await self.coordinator.async_refresh_device(self._device_id)

    @property
    @abstractmethod
    def _shows(self) -> frozenset[str]:
        """The fields of the device that the state and its attributes are made of.

        When another one changes nothing is written.
        """

    @property
    @abstractmethod
    def _is_reachable(self) -> bool:
        """Whether the device is not known to be out of reach."""

    @abstractmethod
    def _find(self) -> S | None:
        """Return the device as it is now; None when it is gone."""

    @abstractmethod
    def _describe(self, identifier: str, device: S) -> dict[str, Any]:
        """Describe the device for the registry: completely, whichever entity comes first."""


class LockDeviceEntity(SmartLocksEntity[LockSnapshot]):
    """An entity of one lock."""

    @property
    @override
    def _is_reachable(self) -> bool:
        return self.coordinator.is_answering(self._device_id)

    @property
    @override
    def snapshot(self) -> LockSnapshot:
        # As in the base, at half the cost: it is asked for ten times whenever a lock moves.
        self._last = self.coordinator.data.locks.get(self._device_id, self._last)
        return self._last

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
            "configuration_url": device.url,
            **({} if hub is None else {"via_device_id": hub}),
        }


class LockActivityEntity(LockDeviceEntity):
    """An entity that shows what was done at a lock, with the context of whoever did it."""

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        # Also a new one: Home Assistant keeps that of the last call for some seconds.
        self.async_set_context(self.coordinator.context_of(self._device_id) or Context())
        super()._handle_coordinator_update()


class HubDeviceEntity(SmartLocksEntity[HubSnapshot]):
    """An entity of the gateway, or the account, the locks belong to."""

    @property
    @override
    def _is_reachable(self) -> bool:
        return self.coordinator.is_account_answering

    @override
    def _find(self) -> HubSnapshot | None:
        return self.coordinator.data.hub

    @override
    def _describe(self, identifier: str, device: HubSnapshot) -> dict[str, Any]:
        return _hub_description(identifier, device)


def _hub_description(identifier: str, hub: HubSnapshot) -> dict[str, Any]:
    return {
        "identifiers": {(DOMAIN, identifier)},
        "connections": {(CONNECTION_NETWORK_MAC, format_mac(mac)) for mac in hub.macs},
        "name": hub.name,
        "manufacturer": hub.manufacturer,
        "model": hub.model,
        "sw_version": hub.firmware,
        "configuration_url": hub.url,
        "entry_type": DeviceEntryType.SERVICE if hub.is_service else None,
    }


# Entities that come and go with the locks.


async def async_follow_devices(
    entry: SmartLocksConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    *,
    lock_entities: LockEntities | None = None,
    hub_entities: HubEntities | None = None,
) -> None:
    """Add the entities of every lock, now and whenever there is a new one.

    Those that an option or a credential has taken away are removed.
    """
    coordinator = entry.runtime_data
    platform = async_get_current_platform()
    known: dict[str, object] = {}

    @callback
    def new_locks() -> list[LockSnapshot]:
        locks = coordinator.data.locks
        offered = {lock_id: _what_is_offered(lock) for lock_id, lock in locks.items()}
        new = [lock for lock_id, lock in locks.items() if known.get(lock_id) != offered[lock_id]]
        known.clear()
        known.update(offered)
        return new

    @callback
    def add(locks: Iterable[LockSnapshot], there: Container[str | None] = ()) -> None:
        if lock_entities is None:
            return
        for lock in locks:
            offered = list(lock_entities(lock))
            _remove_others(entry, platform.domain, lock.id, offered)
            async_add_entities(
                [entity for entity in offered if entity.unique_id not in there],
                config_subentry_id=lock.subentry_id,
            )

    @callback
    def add_new() -> None:
        if new := new_locks():
            add(new, {entity.unique_id for entity in platform.entities.values()})

    # Whatever else Home Assistant does has its turn: with many locks this takes a while.
    await asyncio.sleep(0)
    if hub_entities is not None and coordinator.data.hub is not None:
        async_add_entities(hub_entities(coordinator.data.hub))
    for group in batched(new_locks(), _ADDED_AT_ONCE, strict=False):
        add(group)
        await asyncio.sleep(0)
    add_new()
    entry.async_on_unload(coordinator.async_add_listener(add_new, _OFFERED))


def _what_is_offered(lock: LockSnapshot) -> object:
    """Return what decides which entities a lock has."""
    return (lock.features, lock.actions, lock.activities, lock.subentry_id)


def _remove_others(
    entry: SmartLocksConfigEntry, domain: str, lock_id: str, offered: Iterable[Entity]
) -> None:
    """Remove what the registry remembers of a lock on a platform and is not offered."""
    hass = entry.runtime_data.hass
    identifier = (DOMAIN, device_identifier(entry, lock_id))
    device = dr.async_get(hass).async_get_device_by_identifier(identifier, entry.entry_id)
    if device is None:
        return
    registry, unique_ids = er.async_get(hass), {entity.unique_id for entity in offered}
    for known in er.async_entries_for_device(registry, device.id, include_disabled_entities=True):
        is_ours = known.config_entry_id == entry.entry_id and known.domain == domain
        if is_ours and known.unique_id not in unique_ids:
            registry.async_remove(known.entity_id)


# Devices of an entry.


@callback
def async_register_hub(hass: HomeAssistant, entry: SmartLocksConfigEntry) -> None:
    """Register the hub, if there is one, so that its locks can name it."""
    coordinator = entry.runtime_data
    if (hub := coordinator.data.hub) is None:
        return
    fields = _hub_description(device_identifier(entry, hub.id), hub)
    device = dr.async_get(hass).async_get_or_create(config_entry_id=entry.entry_id, **fields)
    coordinator.hub_device_id = device.id


@callback
def async_keep_devices(hass: HomeAssistant, entry: SmartLocksConfigEntry) -> None:
    """Keep names and firmware of devices up to date, and remove those of locks that are gone."""
    registry = dr.async_get(hass)
    coordinator = entry.runtime_data
    seen: object = None

    @callback
    def keep() -> None:
        nonlocal seen
        locks, hub = coordinator.data.locks, coordinator.data.hub
        now = {lock.id: (lock.name, lock.firmware, lock.model) for lock in locks.values()}
        if hub is not None:
            now[hub.id] = (hub.name, hub.firmware, hub.model)
        if now == seen:
            return
        seen = now
        for device in dr.async_entries_for_config_entry(registry, entry.entry_id):
            target = target_of(entry, device)
            if target is None:
                registry.async_remove_device(device.id)
            elif (known := coordinator.data.device(target)) is not None:
                registry.async_update_device(
                    device.id, name=known.name, sw_version=known.firmware, model=known.model
                )

    keep()
    entry.async_on_unload(coordinator.async_add_listener(keep, _DESCRIBED))


def target_of(entry: SmartLocksConfigEntry, device: dr.DeviceEntry) -> str | None:
    """Return the id of the lock or the hub that a device stands for; None when it is gone."""
    data = entry.runtime_data.data
    present = [*data.locks, *([data.hub.id] if data.hub else [])]
    for target in present:
        if (DOMAIN, device_identifier(entry, target)) in device.identifiers:
            return target
    return None


@callback
def async_follow_entry(hass: HomeAssistant, entry: SmartLocksConfigEntry) -> None:
    """Tell the coordinator when a person has added, changed or removed a lock of the entry."""

    @callback
    def changed(change: ConfigEntryChange, which: ConfigEntry) -> None:
        if which is entry and change is ConfigEntryChange.UPDATED:
            entry.runtime_data.async_entry_changed()

    entry.async_on_unload(async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, changed))
    # One may have been added or removed while the entry was set up.
    entry.runtime_data.async_entry_changed()
