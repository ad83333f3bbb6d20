"""What a lock's keys are asked for."""

from dataclasses import dataclass
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST

from ...const import CONF_IDS
from . import api


@dataclass(frozen=True, kw_only=True, slots=True)
class Purpose:
    """What keys are asked for: a new lock, one on a found bridge, or a lock that is set up.

    `host` is where the bridge was found or is known to be, `ids` whose keys they must be.
    """

    host: str | None = None
    ids: frozenset[str] = frozenset()
    entry: ConfigEntry[Any] | None = None

    def fits(self, lock: api.LockInformation) -> bool:
        """Whether this can be the lock: none of the names is known for every bridge."""
        return not self.ids or not self.ids.isdisjoint(lock.ids)


def renewal_of(entry: ConfigEntry[Any]) -> Purpose:
    """Return the purpose of renewing what an entry holds."""
    return Purpose(host=entry.data[CONF_HOST], ids=frozenset(entry.data[CONF_IDS]), entry=entry)
