"""An account of the first generation in a Home Assistant, as a person would set it up."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from tests.simulators.sesame_v3 import API_KEY, SesameV3Simulator
from tests.vendors.home import Page, answer, begin, settle

LOCK = "lock.front_door"
BACK = "lock.back_door"
SYNC = "button.front_door_synchronize_costs_battery"


async def give_key(hass: HomeAssistant, key: str = API_KEY) -> Page:
    """Fill in the first page."""
    return await answer(hass, await begin(hass, "sesame_v3"), api_key=key)


async def set_up(hass: HomeAssistant, **options: Any) -> ConfigEntry:
    """Set the account up; `options` are the entry's."""
    page = await give_key(hass)
    assert page["type"] is FlowResultType.CREATE_ENTRY, page
    entry: ConfigEntry = page["result"]
    if options:
        hass.config_entries.async_update_entry(entry, options=options)
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
    return entry


def asked(cloud: SesameV3Simulator, path: str = "") -> int:
    """Return how often a path (by its beginning) was asked for."""
    return sum(request.path.startswith(path) for request in cloud.requests)


def reads(cloud: SesameV3Simulator, lock_id: str) -> int:
    """Return how often a lock was read."""
    return sum(
        (request.method, request.path) == ("GET", f"/sesame/{lock_id}")
        for request in cloud.requests
    )
