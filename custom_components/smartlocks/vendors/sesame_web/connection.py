"""The client of the cloud, made the same way for forms and for entries."""

from collections.abc import Callable
from typing import Final

from homeassistant.core import HomeAssistant

from ...helpers import async_cloud_session, cloud_address
from .api import CLOUD_URL, WebApi

URL_VARIABLE: Final = "SMARTLOCKS_SESAME_WEB_URL"


def connect(
    hass: HomeAssistant,
    api_key: str,
    *,
    on_call: Callable[[], None],
    on_not_sent: Callable[[], None],
) -> WebApi:
    """Return the client of an account; nothing is sent yet."""
    return WebApi(
        async_cloud_session(hass),
        cloud_address(URL_VARIABLE, CLOUD_URL),
        api_key,
        on_call=on_call,
        on_not_sent=on_not_sent,
    )
