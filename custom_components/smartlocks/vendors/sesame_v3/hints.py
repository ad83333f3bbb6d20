"""The cloud's calls: each a reason to read a lock, soon and not too often."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.debounce import Debouncer

from ...const import LOGGER

# In seconds: between two reads of one lock, and of all when a call does not say which.
COOLDOWN: Final = 5.0
COOLDOWN_ALL: Final = 60.0

type Look = Callable[[str | None], Coroutine[Any, Any, None]]
type Reader = Debouncer[Coroutine[Any, Any, None]]


class Hints:
    """Turns calls into reads: the first at once, those that follow closely into one more."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, look: Look) -> None:
        """Take the way to read a lock, or all locks (None)."""
        self._hass = hass
        self._entry = entry
        self._look = look
        self._readers: dict[str | None, Reader] = {}
        self._held: dict[str | None, bool] = {}

    @callback
    def async_take(self, lock_id: str | None) -> None:
        """Take a call about a lock, or about nobody knows which."""
        if lock_id in self._held:
            self._held[lock_id] = True
            return
        if lock_id not in self._readers:
            self._readers[lock_id] = self._reader(lock_id)
        self._readers[lock_id].async_schedule_call()

    @contextmanager
    def held(self, lock_id: str) -> Iterator[None]:
        """Keep calls about a lock back while a command is under way, which they may be about.

        Afterwards they lead to one read, in case somebody else has turned the lock since.
        A command that failed ends with a read anyway.
        """
        self._held[lock_id] = False
        try:
            yield
        except BaseException:
            del self._held[lock_id]
            raise
        if self._held.pop(lock_id):
            self.async_take(lock_id)

    def _reader(self, lock_id: str | None) -> Reader:
        reader = Debouncer(
            self._hass,
            LOGGER,
            cooldown=COOLDOWN_ALL if lock_id is None else COOLDOWN,
            immediate=True,
            background=True,
            function=partial(self._async_read, lock_id),
        )
        self._entry.async_on_unload(reader.async_shutdown)
        return reader

    async def _async_read(self, lock_id: str | None) -> None:
        if lock_id in self._held:
            self._held[lock_id] = True
        else:
            await self._look(lock_id)
