"""For how long a state that was read is believed: nobody tells when it is so no longer."""

from collections.abc import Callable
from datetime import datetime

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later


class Belief:
    """Gives each device's state its time; `expired` is told when that is over."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, expired: Callable[[str], None]
    ) -> None:
        """Believe in nothing yet."""
        self._hass = hass
        self._expired = expired
        self._ends: dict[str, CALLBACK_TYPE] = {}
        entry.async_on_unload(self._async_drop_all)

    @callback
    def async_renew(self, uuid: str, seconds: float) -> None:
        """Believe what was read just now."""
        self.async_drop(uuid)

        @callback
        def over(_: datetime) -> None:
            self._ends.pop(uuid, None)
            self._expired(uuid)

        self._ends[uuid] = async_call_later(
            self._hass, seconds, HassJob(over, cancel_on_shutdown=True)
        )

    @callback
    def async_drop(self, uuid: str) -> None:
        """Wait no longer: there is nothing to believe in."""
        if cancel := self._ends.pop(uuid, None):
            cancel()

    @callback
    def _async_drop_all(self) -> None:
        for uuid in tuple(self._ends):
            self.async_drop(uuid)
