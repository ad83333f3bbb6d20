"""Asking locks themselves, over the radio; each time costs their battery."""

from homeassistant.util import dt as dt_util

from . import api
from .commander import Commander
from .notices import Notices
from .setting import Door
from .stations import Station
from .watch import Watch

# While a lock cannot be read, what helps is tried the first time, and now and then.
_CURE_EVERY = 10


class Reader:
    """Reads locks, and keeps account of it."""

    def __init__(self, station: Station, commander: Commander, notices: Notices) -> None:
        """Take the way to the locks."""
        self._gateway = station.gateway
        self._commander = commander
        self._notices = notices
        self.reads = 0

    async def read(
        self, door: Door, watch: Watch, log: int | None, *, is_urgent: bool = False
    ) -> api.LockerStatus:
        """Ask a lock; `log` is the gateway's count of its doings, as it was before that."""
        self.reads += 1
        try:
            status = await self._commander.ask(
                door.identifier,
                lambda: self._gateway.locker_status(door.identifier, door.code, urgent=is_urgent),
                patience=0,
                is_curable=watch.failures % _CURE_EVERY == 0,
            )
        except api.TheKeysError as err:
            watch.has_failed(dt_util.utcnow())
            self._notices.async_failed(door, err)
            raise
        self._notices.async_read(door)
        watch.has_read(dt_util.utcnow(), log)
        return status

    async def read_now(self, door: Door, watch: Watch) -> api.LockerStatus:
        """Ask a lock that somebody waits for."""
        try:
            lockers = await self._gateway.lockers()
        except api.TheKeysError:
            lockers = ()
        # Counted before the lock is asked: what happens later is noticed later.
        logs = (one.last_log for one in lockers if one.identifier == door.identifier)
        return await self.read(door, watch, next(logs, None), is_urgent=True)
