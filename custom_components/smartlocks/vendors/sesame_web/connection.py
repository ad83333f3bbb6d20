"""The way to the cloud, the same for forms and for entries."""

from collections.abc import Callable

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .api import WebApi, cloud_url


def connect(
    hass: HomeAssistant,
    api_key: str,
    *,
    count: Callable[[], None],
    uncount: Callable[[], None],
) -> WebApi:
    """Return the cloud as the account of a key sees it; nothing is asked yet."""
    return WebApi(async_get_clientsession(hass), cloud_url(), api_key, count=count, uncount=uncount)
