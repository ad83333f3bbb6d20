"""One vendor's devices, and clocks that jump from event to event."""

from collections.abc import AsyncIterator
import logging

from homeassistant.core import HomeAssistant
import pytest
from yarl import URL

from tests.vendors.conftest import address

from .house import House, devices_of
from .jumps import Jumps
from .rows import ROWS, installation_of

__all__ = ["address"]


@pytest.fixture
async def house(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    address: URL,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    _movable_clock: None,
) -> AsyncIterator[House]:
    """Play the devices of a row; the test names it."""
    # Nothing below a warning is looked at, and a month of it is much.
    logging.disable(logging.INFO)
    hass.config.external_url = str(address)
    jumps, row = Jumps(monkeypatch), ROWS[request.param]
    simulator = devices_of(row, jumps)
    await simulator.start()
    name = f"SMARTLOCKS_{simulator.key.upper()}"
    for variable in (f"{name}_URL", f"{name}_CLOUD_URL"):
        monkeypatch.setenv(variable, str(getattr(simulator, "cloud_url", simulator.url)))
    house = House(hass, row, installation_of(row, simulator), jumps, caplog)
    await house.set_up(address)
    yield house
    await house.remove()
    await simulator.stop()
    jumps.stop()
    logging.disable(logging.NOTSET)
