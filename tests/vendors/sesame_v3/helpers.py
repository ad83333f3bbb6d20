"""An account of the first generation in Home Assistant, and time that passes for it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.smartlocks.const import DOMAIN
from tests.clock import MONOTONIC
from tests.simulators.sesame_v3 import API_KEY, SesameV3Simulator
from tests.vendors.home import Page, answer, begin, call, settle, take_turns

LOCK = "lock.front_door"
BACK = "lock.back_door"
SYNC = "button.front_door_synchronize_lock"
REFRESH = "button.front_door_refresh"
REFRESH_ALL = "button.sesame_account_refresh"
CLOUD_ONLINE = "binary_sensor.sesame_account_connectivity"


async def give_key(hass: HomeAssistant, key: str = API_KEY) -> Page:
    """Fill in the first form."""
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


async def restart(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Unload an entry, forget what only a running Home Assistant knows, and set it up again."""
    await hass.config_entries.async_unload(entry.entry_id)
    await settle(hass)
    for key in [key for key in hass.data if str(key).startswith(DOMAIN)]:
        del hass.data[key]
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)


async def pass_time(hass: HomeAssistant, seconds: float, *, step: float = 1.0) -> None:
    """Let time pass in steps, and what is read in each come to its end."""
    while seconds > 0:
        MONOTONIC.advance(min(step, seconds))
        seconds -= step
        # Timers fire first, then what they start comes to its end.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await settle(hass)


async def during[T](job: Coroutine[Any, Any, T], *, seconds: float = 200.0) -> T:
    """Run something that waits, and let time pass meanwhile."""
    task = asyncio.ensure_future(job)
    while not task.done():
        await asyncio.wait([task], timeout=0.01)
        await take_turns()
        if not task.done():
            assert seconds > 0, "still waiting"
            MONOTONIC.advance(1.0)
            seconds -= 1.0
    return await task


async def until(is_so: Callable[[], object]) -> None:
    """Wait until something is so, without letting time pass."""
    for _ in range(500):
        if is_so():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


async def command(hass: HomeAssistant, service: str, entity_id: str = LOCK) -> None:
    """Call a service of an entity, and let time pass until it is done."""
    await during(call(hass, service, entity_id))
    await settle(hass)


async def refused(hass: HomeAssistant, service: str, entity_id: str = LOCK) -> str | None:
    """Call a service that must fail; returns the key of the message."""
    with pytest.raises(HomeAssistantError) as caught:
        await command(hass, service, entity_id)
    await settle(hass)
    return caught.value.translation_key


def asked(cloud: SesameV3Simulator, path: str = "") -> int:
    """Return how often a path (by its beginning) was asked for."""
    return sum(request.path.startswith(path) for request in cloud.requests)


def reads(cloud: SesameV3Simulator, lock_id: str) -> int:
    """Return how often a lock was read."""
    return sum(
        (request.method, request.path) == ("GET", f"/sesame/{lock_id}")
        for request in cloud.requests
    )


def posts(cloud: SesameV3Simulator) -> int:
    """Return how many commands were sent, carried out or not."""
    return [request.method for request in cloud.requests].count("POST")
