"""What a person can hand to whoever helps: everything but the secrets."""

from dataclasses import asdict
from typing import Any

from homeassistant.core import HomeAssistant

from .const import CONF_VENDOR
from .coordinator import SmartLocksConfigEntry
from .push import PushCoordinator


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant,
    entry: SmartLocksConfigEntry,
) -> dict[str, Any]:
    """Tell the state of an entry.

    What goes in is chosen field by field. Of the entry's data, which holds keys and
    addresses, it is the names alone; of ids, a number that stands for each.
    """
    coordinator = entry.runtime_data
    data = coordinator.data
    error = coordinator.last_exception
    return {
        "entry": {
            "vendor": entry.data[CONF_VENDOR],
            "version": f"{entry.version}.{entry.minor_version}",
            "data": sorted(entry.data),
            "options": sorted(entry.options),
            "locks": len(entry.subentries),
        },
        "hub": None if data.hub is None else _device(asdict(data.hub)),
        "locks": [_device(asdict(lock)) for lock in data.locks.values()],
        "update": {
            "succeeded": coordinator.last_update_success,
            "error": None if error is None else type(error).__name__,
            "interval": str(coordinator.update_interval),
            "push": isinstance(coordinator, PushCoordinator),
        },
        "vendor": coordinator.diagnostics(),
    }


# They name a door, a person, or a device that somebody could look for.
_PRIVATE = {"id", "name", "serial", "macs", "subentry_id", "changed_by"}


def _device(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: "**REDACTED**" if name in _PRIVATE and value else _plain(value)
        for name, value in fields.items()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return str(value) if value is not None and not isinstance(value, int | float) else value
