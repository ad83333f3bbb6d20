"""Locks out of reach, and that each was called back once."""

from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ...const import DOMAIN
from .const import KEY

# Calling a lock costs its battery: one that comes and goes is not called each time.
REST: Final = timedelta(hours=1)


class Outages:
    """Who is out of reach now, and when it was last called."""

    def __init__(self) -> None:
        """Begin with everybody there."""
        self._away: set[str] = set()
        self._called: dict[str, datetime] = {}

    def begins(self, lock_id: str, now: datetime) -> bool:
        """Take that a lock is out of reach; returns whether to call it: once an outage."""
        if lock_id in self._away:
            return False
        self._away.add(lock_id)
        last = self._called.get(lock_id)
        if last is not None and now - last < REST:
            return False
        self._called[lock_id] = now
        return True

    def ends(self, lock_id: str) -> None:
        """Take that a lock is within reach."""
        self._away.discard(lock_id)


_OUTAGES: HassKey[Outages] = HassKey(f"{DOMAIN}_{KEY}_outages")


@callback
def async_outages(hass: HomeAssistant) -> Outages:
    """Return what is known; it outlives a reload, which is no reason to call again."""
    return hass.data.setdefault(_OUTAGES, Outages())
