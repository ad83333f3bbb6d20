"""The way to the cloud, the same for forms and for entries."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ...helpers import cloud_address
from .api import CLOUD_URL, REQUEST_SPACING, Cloud
from .gate import async_gate

SPACING = REQUEST_SPACING


def connect(hass: HomeAssistant, api_key: str) -> Cloud:
    """Return the account of a key; nothing is asked yet."""
    return Cloud(
        async_get_clientsession(hass),
        cloud_address("SMARTLOCKS_SESAME_V3_URL", CLOUD_URL),
        api_key,
        queue=async_gate(hass),
        spacing=SPACING,
    )
