"""A LOQED lock in a Home Assistant, as a person would have set it up."""

import json
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from tests.simulators.loqed import LoqedSimulator
from tests.vendors.home import Page, answer, begin, settle

LOCK = "lock.front_door"


async def paste(hass: HomeAssistant, bridge: LoqedSimulator, **answers: Any) -> Page:
    """Paste the integration information of the simulator's lock."""
    page = await begin(hass, "loqed", "loqed_paste")
    information = json.dumps(bridge.integration_information())
    filled = {"integration_information": information, "name": "Front door", "can_open": True}
    return await answer(hass, page, **(filled | answers))


async def set_up(hass: HomeAssistant, bridge: LoqedSimulator, **options: Any) -> ConfigEntry:
    """Set the lock up by pasting; `options` are the entry's."""
    page = await paste(hass, bridge)
    assert page["type"] is FlowResultType.CREATE_ENTRY, page
    entry: ConfigEntry = page["result"]
    if options:
        hass.config_entries.async_update_entry(entry, options=options)
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
    return entry
