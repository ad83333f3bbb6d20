"""Diagnostics: everything that helps to find a fault, and no secret."""

from dataclasses import asdict
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry

from .const import CONF_VENDOR
from .coordinator import PushCoordinator, SmartLocksConfigEntry
from .entity import target_of
from .repairs import async_raised_issues

# They name a lock, a person, or a device that somebody could look for.
_PRIVATE: Final = frozenset({"id", "name", "serial", "macs", "subentry_id", "changed_by"})


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant,
    entry: SmartLocksConfigEntry,
) -> dict[str, Any]:
    """Return the state of an entry, loaded or not."""
    told = _entry(hass, entry)
    if entry.state is ConfigEntryState.LOADED:
        data = entry.runtime_data.data
        told |= {
            "hub": None if data.hub is None else _device(asdict(data.hub)),
            "locks": [_device(asdict(lock)) for lock in data.locks.values()],
            **_coordinator(entry),
        }
    return told


async def async_get_device_diagnostics(
    hass: HomeAssistant,
    entry: SmartLocksConfigEntry,
    device: DeviceEntry,
) -> dict[str, Any]:
    """Return the state of one lock, gateway or account, and of its entry."""
    told = _entry(hass, entry) | {
        "registered": {
            "model": device.model,
            "firmware": device.sw_version,
            "disabled": device.disabled_by is not None,
            "has_hub": device.via_device_id is not None,
        }
    }
    if entry.state is ConfigEntryState.LOADED:
        target = target_of(entry, device)
        found = None if target is None else entry.runtime_data.data.device(target)
        # None: the account no longer has it.
        told |= {"device": None if found is None else _device(asdict(found)), **_coordinator(entry)}
    return told


def _entry(hass: HomeAssistant, entry: SmartLocksConfigEntry) -> dict[str, Any]:
    """Describe the entry: of its data, which holds keys and addresses, only the names."""
    return {
        "entry": {
            "vendor": entry.data.get(CONF_VENDOR),
            "version": f"{entry.version}.{entry.minor_version}",
            "state": entry.state.value,
            # The key of a text, not the text: that may name a lock.
            "reason": entry.error_reason_translation_key,
            "disabled": entry.disabled_by is not None,
            "data": sorted(entry.data),
            "options": sorted(entry.options),
            "locks": len(entry.subentries),
            "issues": sorted(async_raised_issues(hass, entry)),
        }
    }


def _coordinator(entry: SmartLocksConfigEntry) -> dict[str, Any]:
    coordinator = entry.runtime_data
    error = coordinator.last_exception
    return {
        "update": {
            "succeeded": coordinator.last_update_success,
            "error": None if error is None else type(error).__name__,
            "push": isinstance(coordinator, PushCoordinator),
        },
        "vendor": coordinator.diagnostics(),
    }


def _device(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: "**REDACTED**" if name in _PRIVATE and value else _plain(value)
        for name, value in fields.items()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    return str(value) if value is not None and not isinstance(value, int | float) else value
