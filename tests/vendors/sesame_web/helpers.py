"""An account in Home Assistant, as a person would set it up, and time that passes for it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component import common
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from tests.clock import MONOTONIC
from tests.simulators.sesame_web import (
    API_KEY,
    BIKE,
    BOT,
    SECRETS,
    SESAME_4,
    SESAME_5,
    SesameWebSimulator,
)
from tests.vendors import home
from tests.vendors.home import Clock, Page, answer, begin, choose, settle

LOCK = "lock.front_door"
BACK = "lock.back_door"
PRESS = "button.gate_press"
REFRESH = "button.front_door_refresh"
UNLOCK_BIKE = "button.bicycle_unlock"
ACTIVITY = "event.front_door_activity"
CALLS = "sensor.sesame_web_api_calls_this_month"
CALLS_LEFT = "sensor.sesame_web_api_calls_left"

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
    """Fill in the first form."""
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
        await reload(hass, entry)
    return entry


async def reload(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Reload an entry, and wait until that is done."""
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)


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
    return await fill(hass, await open_edit(hass, entry), **answers)


async def open_edit(hass: HomeAssistant, entry: ConfigEntry) -> Page:
    """Open the form that changes the first device."""
    source: Any = {"source": SOURCE_RECONFIGURE, "subentry_id": next(iter(entry.subentries))}
    flows = hass.config_entries.subentries
    page: Any = await flows.async_init((entry.entry_id, "lock"), context=source)
    found: Page = page
    return found


async def fill(hass: HomeAssistant, page: Page, **answers: Any) -> Page:
    """Fill in a form about a device."""
    assert page["type"] is FlowResultType.FORM, page
    result: Any = await hass.config_entries.subentries.async_configure(page["flow_id"], answers)
    await settle(hass)
    found: Page = result
    return found


async def add_rooms(
    hass: HomeAssistant, cloud: SesameWebSimulator, entry: ConfigEntry, rooms: int
) -> None:
    """Add so many locks, named Room 1 and so on."""
    for number in range(1, rooms + 1):
        uuid, secret = f"5E5A0005-0B1E-4C57-8D3A-{number:012X}", f"{number:032x}"
        name = f"Room {number}"
        cloud.add_device("sesame_5", name, uuid, secret)
        answers = {"name": name, "product": "sesame_5", "uuid": uuid, "secret": secret}
        await fill(hass, await add(hass, entry, "sesame_web_add_uuid"), **answers)


def asked(cloud: SesameWebSimulator, uuid: str, what: str = "") -> int:
    """Return how often a device was asked: for its status, its "history", or a "cmd"."""
    path = f"/api/sesame2/{uuid}" + (f"/{what}" if what else "")
    return sum(request.path == path for request in cloud.requests)


async def gone(cloud: SesameWebSimulator) -> None:
    """Take the cloud off the net, and let Home Assistant notice that the connection ended."""
    await cloud.stop()
    await cloud.rest(10)


def local(*numbers: int) -> datetime:
    """Return a moment of the calendar in Home Assistant's time zone."""
    year, month, day, hour, minute = (*numbers, 0, 0)[:5]
    return datetime(year, month, day, hour, minute, tzinfo=dt_util.get_default_time_zone())


async def live(
    hass: HomeAssistant,
    clock: Clock,
    *,
    until: datetime,
    step: float,
    meanwhile: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Let days pass, in steps of so many seconds, with every timer asked whether it is due."""
    while clock.now() < until:
        clock.tick(seconds=step)
        MONOTONIC.advance(step)
        if meanwhile is not None:
            await meanwhile()
        timers = home._home_assistants_timers
        with patch.object(common, "get_scheduled_timer_handles", timers):
            async_fire_time_changed(hass, datetime.now(UTC) + timedelta(days=90))
        await settle(hass)
