"""Asking a gateway for something, once, and curing what it says is in the way."""

from collections.abc import Awaitable, Callable
from typing import Final

from . import api
from .stations import Station

# A gateway is busy for some seconds, a lock moves for five; synchronising takes longer.
BUSY_PAUSE: Final = 6.0
BUSY_TIMES: Final = 3

# Seconds a timestamp may lie ahead of our clock by counting alone.
_AHEAD: Final = 10.0

type Pause = Callable[[float], Awaitable[None]]


class Commander:
    """Sends requests about locks; `pause` waits by Home Assistant's clock.

    Only what the gateway has explicitly not done is asked for again: when it is busy
    (a few times), and once after each cure. What may have arrived never is.
    """

    def __init__(self, station: Station, pause: Pause) -> None:
        """Take the gateway."""
        self._gateway = station.gateway
        self._timestamps = station.timestamps
        self._pause = pause

    async def ask[T](
        self,
        identifier: int,
        request: Callable[[], Awaitable[T]],
        *,
        patience: int = BUSY_TIMES,
        is_curable: bool = True,
    ) -> T:
        """Return what a request about a lock returns; TheKeysError when nothing helps.

        `patience` is how many times a busy gateway is waited for; `is_curable` is whether
        to do something against an error.
        """
        cured: set[type[Exception]] = set()
        while True:
            try:
                return await request()
            except api.TheKeysGatewayError as err:
                if await self._is_busy(err, patience):
                    patience -= 1
                    continue
                if not is_curable or type(err) in cured:
                    raise
                if not await self._cure(err, identifier, patience):
                    raise
                cured.add(type(err))

    async def synchronize(self, *, patience: int = BUSY_TIMES) -> None:
        """Have the gateway fetch its shares and set its clock."""
        while True:
            try:
                return await self._gateway.synchronize()
            except api.TheKeysBusyError:
                if patience <= 0:
                    raise
            patience -= 1
            await self._pause(BUSY_PAUSE)

    async def synchronize_lock(self, identifier: int) -> None:
        """Have the gateway bring its shares to a lock."""
        try:
            await self._gateway.synchronize_locker(identifier)
        except api.TheKeysResponseError as err:
            # Some firmware says nothing when it is done; the next request will tell.
            if not err.is_empty:
                raise

    async def _is_busy(self, err: api.TheKeysGatewayError, patience: int) -> bool:
        """Wait, if there is patience left and waiting helps."""
        if patience <= 0 or not isinstance(err, api.TheKeysBusyError | api.TheKeysNotDetectedError):
            return False
        if isinstance(err, api.TheKeysNotDetectedError) and not await self._is_synchronizing():
            return False
        await self._pause(BUSY_PAUSE)
        return True

    async def _is_synchronizing(self) -> bool:
        """While it synchronises, a gateway does not find its locks."""
        try:
            status = await self._gateway.status()
        except api.TheKeysError:
            return False
        return status is not None and status.phase is api.Phase.SYNCHRONIZING

    async def _cure(self, err: api.TheKeysGatewayError, identifier: int, patience: int) -> bool:
        """Do what helps against an error; returns whether anything does."""
        match err:
            case api.TheKeysClockError():
                await self.synchronize(patience=patience)
            case api.TheKeysRefusedError():
                # A new timestamp may do; more so where the old ones come from a wrong clock.
                if self._timestamps.ahead > _AHEAD:
                    self._timestamps.restart()
            case api.TheKeysKeyUnknownError():
                await self.synchronize_lock(identifier)
            case _:
                return False
        return True
