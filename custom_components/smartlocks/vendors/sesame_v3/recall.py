"""Calling a lock back that the access point no longer reaches."""

from datetime import UTC, datetime

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ...const import DOMAIN, LOGGER
from . import api
from .outages import async_outages


class Recall:
    """Has the cloud ask for a lock, once an outage: each time costs the lock's battery."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, cloud: api.Cloud) -> None:
        """Take the way to the locks."""
        self._hass = hass
        self._entry = entry
        self._cloud = cloud
        self._outages = async_outages(hass)

    @callback
    def async_reach(self, lock_id: str, *, is_there: bool | None) -> None:
        """Take whether a lock is within reach, as far as the cloud says."""
        if is_there:
            self._outages.ends(lock_id)
        elif is_there is False and self._outages.begins(lock_id, datetime.now(UTC)):
            self._entry.async_create_background_task(
                self._hass, self._async_call(lock_id), f"{DOMAIN} recall"
            )

    async def _async_call(self, lock_id: str) -> None:
        """Call, and leave it to the next poll to see whether it helped."""
        try:
            await self._cloud.command(lock_id, api.Command.SYNC, urgent=False)
        except api.SesameV3Error as err:
            LOGGER.debug("%s: a lock was not called back: %s", self._entry.title, err)
