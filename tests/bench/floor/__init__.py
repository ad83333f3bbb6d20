"""The floor: an entry with as many devices and entities as ours, and as little else as can be.

It is copied to `custom_components/bench_floor` of the Home Assistant that is measured.
"""

from collections.abc import Mapping
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator


async def async_setup_entry(hass: HomeAssistant, entry: ConfigEntry[Any]) -> bool:
    """Read the bridge once, and add the entities."""
    session, url = async_get_clientsession(hass), f"http://{entry.data['host']}/status"

    async def read() -> Mapping[str, Any]:
        async with session.get(url) as response:
            status: Mapping[str, Any] = await response.json(content_type=None)
            return status

    coordinator: DataUpdateCoordinator[Mapping[str, Any]] = DataUpdateCoordinator(
        hass,
        logging.getLogger(__name__),
        config_entry=entry,
        name=entry.title,
        update_method=read,
    )
    await coordinator.async_config_entry_first_refresh()
    entry.runtime_data = coordinator
    await hass.config_entries.async_forward_entry_setups(entry, [Platform.SENSOR])
    return True


async def async_unload_entry(hass: HomeAssistant, entry: ConfigEntry[Any]) -> bool:
    """Unload the entities."""
    return await hass.config_entries.async_unload_platforms(entry, [Platform.SENSOR])
