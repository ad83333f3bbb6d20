"""A Home Assistant that can be called."""

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL


@pytest.fixture
async def address(hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator) -> URL:
    """Let Home Assistant listen, and know its own address."""
    for component in ("webhook", "diagnostics", "repairs", "websocket_api"):
        assert await async_setup_component(hass, component, {})
    client = await hass_client_no_auth()
    url: URL = client.make_url("/")
    hass.config.internal_url = str(url.origin())
    return url.origin()
