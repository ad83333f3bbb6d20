"""An account in a Home Assistant, as a person would set it up."""

from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from tests.simulators.sesame_web import (
    API_KEY,
    BIKE,
    BOT,
    SECRETS,
    SESAME_4,
    SESAME_5,
    SesameWebSimulator,
)
from tests.vendors.home import Page, answer, begin, choose, settle

LOCK = "lock.front_door"
BACK = "lock.back_door"
PRESS = "button.gate_press"
UNLOCK_BIKE = "button.bicycle_unlock"
ACTIVITY = "event.front_door_activity"

DEVICES = {
    SESAME_5: {"name": "Front door", "product": "sesame_5"},
    SESAME_4: {"name": "Back door", "product": "sesame_4"},
    BOT: {"name": "Gate", "product": "bot_2"},
    BIKE: {"name": "Bicycle", "product": "bike_2"},
}


def filled(device: str, /, **changes: Any) -> dict[str, Any]:
    """Return the answers that describe a device."""
    secret = SECRETS.get(device, "0" * 32)
    return {"uuid": device, "secret": secret, **DEVICES.get(device, {}), **changes}


async def give_key(hass: HomeAssistant, key: str = API_KEY) -> Page:
    """Fill in the first page."""
    return await answer(hass, await begin(hass, "sesame_web"), api_key=key)


async def set_up(hass: HomeAssistant, *others: str, **options: Any) -> ConfigEntry:
    """Set an account up with the front door, and more devices; `options` are the entry's."""
    page = await choose(hass, await give_key(hass), "sesame_web_device_uuid")
    page = await answer(hass, page, **filled(SESAME_5))
    assert page["type"] is FlowResultType.CREATE_ENTRY, page
    entry: ConfigEntry = page["result"]
    for uuid in others:
        page = await fill(hass, await add(hass, entry, "sesame_web_add_uuid"), **filled(uuid))
        assert page["type"] is FlowResultType.CREATE_ENTRY, page
    if options:
        hass.config_entries.async_update_entry(entry, options=options)
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
    return entry


async def add(hass: HomeAssistant, entry: ConfigEntry, *choices: str) -> Page:
    """Press "Add lock"."""
    flows = hass.config_entries.subentries
    page: Any = await flows.async_init((entry.entry_id, "lock"), context={"source": SOURCE_USER})
    for choice in choices:
        page = await flows.async_configure(page["flow_id"], {"next_step_id": choice})
    found: Page = page
    return found


async def edit(hass: HomeAssistant, entry: ConfigEntry, **answers: Any) -> Page:
    """Change the first device."""
    source: Any = {"source": SOURCE_RECONFIGURE, "subentry_id": next(iter(entry.subentries))}
    flows = hass.config_entries.subentries
    page: Any = await flows.async_init((entry.entry_id, "lock"), context=source)
    return await fill(hass, page, **answers)


async def fill(hass: HomeAssistant, page: Page, **answers: Any) -> Page:
    """Fill in a page about a device."""
    assert page["type"] is FlowResultType.FORM, page
    result: Any = await hass.config_entries.subentries.async_configure(page["flow_id"], answers)
    await settle(hass)
    found: Page = result
    return found


def asked(cloud: SesameWebSimulator, uuid: str, what: str = "") -> int:
    """Return how often a device was asked: for its status, its "history", or to do something."""
    path = f"/api/sesame2/{uuid}" + (f"/{what}" if what else "")
    return sum(request.path == path for request in cloud.requests)


async def gone(cloud: SesameWebSimulator) -> None:
    """Take the cloud off the net, and let Home Assistant notice that the connection ended."""
    await cloud.stop()
    await cloud.rest(10)
