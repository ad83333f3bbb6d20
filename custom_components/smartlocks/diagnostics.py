"""Diagnostics: everything that helps to find a fault, and no secret."""

from dataclasses import asdict
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from .const import CONF_VENDOR
from .coordinator import PushCoordinator, SmartLocksConfigEntry

# They name a lock, a person, or a device that somebody could look for.
_PRIVATE: Final = frozenset({"id", "name", "serial", "macs", "subentry_id", "changed_by"})


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant,
    entry: SmartLocksConfigEntry,
) -> dict[str, Any]:
    """Return the state of an entry.

    Each field is chosen. Of the entry's data, which holds keys and addresses, only the
    names are given.
    """
    told: dict[str, Any] = {
        "entry": {
            "vendor": entry.data.get(CONF_VENDOR),
            "version": f"{entry.version}.{entry.minor_version}",
            "state": entry.state.value,
            "data": sorted(entry.data),
            "options": sorted(entry.options),
            "locks": len(entry.subentries),
        }
    }
    if entry.state is ConfigEntryState.LOADED:
        told |= _loaded(entry)
    return told


def _loaded(entry: SmartLocksConfigEntry) -> dict[str, Any]:
    coordinator = entry.runtime_data
    data = coordinator.data
    error = coordinator.last_exception
    return {
        "hub": None if data.hub is None else _device(asdict(data.hub)),
        "locks": [_device(asdict(lock)) for lock in data.locks.values()],
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
    return str(value) if value is not None and not isinstance(value, int | float) else value
