"""A cloud that is played, and answers as quickly as it is asked."""

from collections.abc import AsyncIterator

from homeassistant.core import HomeAssistant
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.sesame_v3 import connection
from tests.simulators.sesame_v3 import SesameV3Simulator

PACE = 0.01


@pytest.fixture
async def cloud(
    socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[SesameV3Simulator]:
    """Play the cloud with its two locks; the second between requests is shortened."""
    simulator = SesameV3Simulator(pace=PACE)
    await simulator.start()
    monkeypatch.setenv("SMARTLOCKS_SESAME_V3_URL", str(simulator.url))
    monkeypatch.setattr(connection, "SPACING", 0.001)
    yield simulator
    await simulator.stop()


@pytest.fixture
def outside(hass: HomeAssistant, address: URL) -> URL:
    """Let the internet reach Home Assistant."""
    hass.config.external_url = str(address)
    return address
