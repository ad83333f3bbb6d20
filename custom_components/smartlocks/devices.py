"""The devices of an entry: the hub before its locks, none left behind, all after a change."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from .const import DOMAIN
from .coordinator import SmartLocksConfigEntry
from .entity import device_identifier, hub_device_fields


@callback
def async_register_hub(hass: HomeAssistant, entry: SmartLocksConfigEntry) -> None:
    """Register the hub, if there is one, so that its locks can hang on it."""
    coordinator = entry.runtime_data
    if (hub := coordinator.data.hub) is None:
        return
    fields = hub_device_fields(device_identifier(entry, hub.id), hub)
    device = dr.async_get(hass).async_get_or_create(config_entry_id=entry.entry_id, **fields)
    coordinator.hub_device_id = device.id


@callback
def async_drop_stale_devices(hass: HomeAssistant, entry: SmartLocksConfigEntry) -> None:
    """Remove the devices of locks the account no longer has, now and whenever one goes."""
    registry = dr.async_get(hass)
    coordinator = entry.runtime_data

    @callback
    def drop() -> None:
        if not coordinator.last_update_success:
            return
        for device in dr.async_entries_for_config_entry(registry, entry.entry_id):
            if not is_current(entry, device):
                registry.async_remove_device(device.id)

    drop()
    entry.async_on_unload(coordinator.async_add_listener(drop))


def is_current(entry: SmartLocksConfigEntry, device: dr.DeviceEntry) -> bool:
    """Whether the account still has this device."""
    return target_of(entry, device) is not None


def target_of(entry: SmartLocksConfigEntry, device: dr.DeviceEntry) -> str | None:
    """Return the id of the lock or the hub that a device stands for; None when it is gone."""
    data = entry.runtime_data.data
    present = [*data.locks, *([data.hub.id] if data.hub else [])]
    for target in present:
        if (DOMAIN, device_identifier(entry, target)) in device.identifiers:
            return target
    return None


@callback
def async_reload_when_locks_change(hass: HomeAssistant, entry: SmartLocksConfigEntry) -> None:
    """Start anew when a person has added, changed or removed a lock of the entry."""
    before = _locks(entry)

    @callback
    def changed(change: ConfigEntryChange, which: ConfigEntry) -> None:
        nonlocal before
        if which is entry and change is ConfigEntryChange.UPDATED and before != _locks(entry):
            before = _locks(entry)
            hass.config_entries.async_schedule_reload(entry.entry_id)

    entry.async_on_unload(async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, changed))


def _locks(entry: ConfigEntry) -> Mapping[str, tuple[str, Mapping[str, Any]]]:
    """Return what an entry's locks are now; Home Assistant changes them in place."""
    return {key: (lock.title, lock.data) for key, lock in entry.subentries.items()}
