"""The account book: every call of the month, in a file that outlives restarts."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ...const import DOMAIN
from .api import Usage
from .const import CONF_CALLS, KEY

_VERSION: Final = 1
_SAVE_DELAY: Final = 10.0


class Ledger:
    """Counts the calls of one account, by the calendar's months, whoever makes them."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Open the book of an account; it is read when it is first wanted."""
        self._entry = entry
        self._store: Store[dict[str, Any]] = Store(
            hass, _VERSION, f"{DOMAIN}.{KEY}.{entry.entry_id}"
        )
        self._usage: Usage | None = None
        self._listeners: set[Callable[[], None]] = set()

    async def async_load(self) -> None:
        """Read what was written; a new account begins with what setting it up has cost."""
        if self._usage is not None:
            return
        kept = await self._store.async_load()
        now = dt_util.now()
        if kept is None:
            usage = Usage(month=Usage.empty(now).month, calls=self._entry.data.get(CONF_CALLS, 0))
        else:
            usage = Usage(month=kept["month"], calls=kept["calls"])
        # Whoever counted while the file was read counts, too.
        self._usage = self._usage or usage

    @property
    def calls(self) -> int:
        """How many calls were made this month."""
        return 0 if self._usage is None else self._usage.at(dt_util.now()).calls

    @callback
    def count(self) -> None:
        """Count a call that is about to be made."""
        self._put(self._now.counted(dt_util.now()))

    @callback
    def uncount(self) -> None:
        """Take a call back that has not left the house."""
        usage = self._now
        self._put(Usage(month=usage.month, calls=max(usage.calls - 1, 0)))

    @callback
    def async_listen(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Be told of every call; returns the undo."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    async def async_remove(self) -> None:
        """Remove the file."""
        await self._store.async_remove()

    @property
    def _now(self) -> Usage:
        now = dt_util.now()
        return Usage.empty(now) if self._usage is None else self._usage.at(now)

    def _put(self, usage: Usage) -> None:
        self._usage = usage
        self._store.async_delay_save(self._kept, _SAVE_DELAY)
        for listener in tuple(self._listeners):
            listener()

    def _kept(self) -> dict[str, Any]:
        usage = self._now
        return {"month": usage.month, "calls": usage.calls}


_LEDGERS: HassKey[dict[str, Ledger]] = HassKey(f"{DOMAIN}_{KEY}_ledgers")


async def async_ledger(hass: HomeAssistant, entry: ConfigEntry) -> Ledger:
    """Return the account's one book, read: its forms and its coordinator write in the same."""
    ledgers = hass.data.setdefault(_LEDGERS, {})
    ledger = ledgers.setdefault(entry.entry_id, Ledger(hass, entry))
    await ledger.async_load()
    return ledger


async def async_forget(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Throw the book of an entry away that was deleted."""
    ledger = hass.data.setdefault(_LEDGERS, {}).pop(entry.entry_id, None) or Ledger(hass, entry)
    await ledger.async_remove()
