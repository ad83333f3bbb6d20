"""Waiting by Home Assistant's clock."""

from datetime import datetime

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_call_later


async def async_pause(hass: HomeAssistant, seconds: float) -> None:
    """Wait for so many seconds; given up when the caller is."""
    over = hass.loop.create_future()

    @callback
    def ring(_: datetime) -> None:
        if not over.done():
            over.set_result(None)

    cancel = async_call_later(hass, seconds, ring)
    try:
        await over
    finally:
        cancel()
