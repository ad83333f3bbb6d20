"""One vendor's devices at their real pace, and clocks that the tests move."""

from collections.abc import AsyncIterator
from contextlib import suppress

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from yarl import URL

from tests.clock import WallClock, move_clocks_together
from tests.simulators import SIMULATORS
from tests.vendors.conftest import address
from tests.vendors.contract import Installation

from .world import World

__all__ = ["address"]


@pytest.fixture
async def wall(monkeypatch: pytest.MonkeyPatch, _movable_clock: None) -> WallClock:
    """Let all clocks move together."""
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
    simulator = SIMULATORS[request.param](pace=1.0, clock=wall.right)
    await simulator.start()
    name = f"SMARTLOCKS_{simulator.key.upper()}"
    for variable in (f"{name}_URL", f"{name}_CLOUD_URL"):
        monkeypatch.setenv(variable, str(getattr(simulator, "cloud_url", simulator.url)))
    world = World(hass=hass, installation=Installation.of(simulator), wall=wall, caplog=caplog)
    yield world
    if world.entry is not None and world.entry.state is not ConfigEntryState.NOT_LOADED:
        with suppress(HomeAssistantError):
            await world.during(hass.config_entries.async_unload(world.entry.entry_id))
    await simulator.stop()
