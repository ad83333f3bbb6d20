"""One vendor's devices at their real pace, and clocks that the tests move."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
import logging

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from yarl import URL

from tests.clock import WallClock, move_clocks_together
from tests.vendors.conftest import address

from .world import World, simulator_of

__all__ = ["address"]


@pytest.fixture
async def wall(monkeypatch: pytest.MonkeyPatch, _movable_clock: None) -> WallClock:
    """Let all clocks move together."""
    # What slows the event loop down shows nothing here that other tests do not.
    asyncio.get_running_loop().set_debug(False)
    return move_clocks_together(monkeypatch)


@pytest.fixture
async def world(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    address: URL,
    wall: WallClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[World]:
    """Play one vendor, at its real pace; the test names it."""
    caplog.set_level(logging.INFO)
    simulator = simulator_of(request.param, wall)
    await simulator.start()
    hass.config.external_url = str(address)
    name = f"SMARTLOCKS_{simulator.key.upper()}"
    for variable in (f"{name}_URL", f"{name}_CLOUD_URL"):
        monkeypatch.setenv(variable, str(getattr(simulator, "cloud_url", simulator.url)))
    world = World(
        hass=hass,
        vendor=request.param,
        simulator=simulator,
        address=address,
        wall=wall,
        caplog=caplog,
    )
    yield world
    if world.attack is not None:
        world.attack.cancel()
    if world.entry is not None and world.entry.state is not ConfigEntryState.NOT_LOADED:
        with suppress(HomeAssistantError):
            await world.during(hass.config_entries.async_unload(world.entry.entry_id))
    for one in (*world.others, simulator):
        await one.stop()
