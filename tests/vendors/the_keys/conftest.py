"""A simulated gateway whose locks move at once."""

from collections.abc import AsyncIterator

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.the_keys.api import client, timestamps
from tests.clock import MONOTONIC
from tests.simulators.the_keys import TheKeysSimulator
from tests.vendors.the_keys.helpers import set_up

PACE = 0.01


@pytest.fixture(autouse=True)
async def _movable_timers(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the event loop's timers go by the clock that tests move on."""
    monkeypatch.setattr(hass.loop, "time", MONOTONIC)


@pytest.fixture
async def gateway(
    socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[TheKeysSimulator]:
    """Simulate the gateway with its two locks, and the cloud; rests are shortened."""
    simulator = TheKeysSimulator(pace=PACE)
    simulator.allow_haste()
    await simulator.start()
    monkeypatch.setenv("SMARTLOCKS_THE_KEYS_CLOUD_URL", str(simulator.cloud_url))
    for rest in ("SIGNED_REST", "SYNCHRONIZE_REST", "UNSIGNED_REST"):
        monkeypatch.setattr(client, rest, getattr(client, rest) * 1.1 * PACE)
    monkeypatch.setattr(timestamps, "MAX_WAIT", 0.0)
    yield simulator
    await simulator.stop()


@pytest.fixture
async def entry(hass: HomeAssistant, address: URL, gateway: TheKeysSimulator) -> ConfigEntry:
    """Set the gateway up with the account and both locks."""
    return await set_up(hass, gateway)
