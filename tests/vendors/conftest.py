"""A Home Assistant that can be called."""

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from tests.vendors.home import Clock


@pytest.fixture
async def address(hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator) -> URL:
    """Let Home Assistant listen, and know its own address."""
    for component in ("webhook", "diagnostics", "repairs", "websocket_api"):
        assert await async_setup_component(hass, component, {})
    client = await hass_client_no_auth()
    url: URL = client.make_url("/")
    hass.config.internal_url = str(url.origin())
    return url.origin()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let the test move Home Assistant's clock; the network keeps the true time."""
    clock = Clock()
    monkeypatch.setattr(dt_util, "utcnow", clock.utcnow)
    monkeypatch.setattr(dt_util, "now", clock.now)
    return clock
