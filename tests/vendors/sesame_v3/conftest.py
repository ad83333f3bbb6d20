"""A simulated cloud, and a clock that tests move on for everything that waits."""

import asyncio
from collections.abc import AsyncIterator

from homeassistant.core import HomeAssistant
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.sesame_v3 import rate_limit
from tests.clock import MONOTONIC
from tests.simulators.sesame_v3 import SesameV3Simulator

PACE = 0.01


@pytest.fixture(autouse=True)
async def _movable_loop(_movable_clock: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let timers, requests and the cloud follow the clock that tests move on."""
    monkeypatch.setattr(asyncio.get_running_loop(), "time", MONOTONIC)


@pytest.fixture
async def cloud(
    socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[SesameV3Simulator]:
    """Simulate the cloud with its two locks; the second between requests is shortened."""
    simulator = SesameV3Simulator(pace=PACE)
    await simulator.start()
    monkeypatch.setenv("SMARTLOCKS_SESAME_V3_URL", str(simulator.url))
    monkeypatch.setattr(rate_limit, "SPACING", 0.001)
    yield simulator
    await simulator.stop()


@pytest.fixture
def outside(hass: HomeAssistant, address: URL) -> URL:
    """Let the internet reach Home Assistant."""
    hass.config.external_url = str(address)
    return address
