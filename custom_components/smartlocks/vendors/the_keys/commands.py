"""Ask a gateway about its locks: wait while it is busy, and cure what it says is wrong."""

from collections.abc import Awaitable, Callable
from math import inf
from typing import Final

from homeassistant.core import HomeAssistant

from ... import helpers
from ...helpers import async_pause
from ...http import do_nothing
from . import api

# A gateway is busy for some seconds; a lock moves for five.
BUSY_PAUSE: Final = 5.0
# A routine read tries a cure that has not helped only now and then.
_CURE_AGAIN: Final = 600.0
# Seconds a timestamp may lie ahead of our clock by counting alone.
_AHEAD: Final = 10.0
# A gateway that did not tell its status is not asked again before.
_STATUS_AGAIN: Final = 60.0


class GatewayCommands:
    """Sends requests to one gateway.

    Only what the gateway has explicitly not done is asked for again: while it is busy,
    and once after each cure. What may have arrived never is, unless it only reads.
    `status` is what the gateway said of itself last.
    """

    def __init__(self, hass: HomeAssistant, gateway: api.Gateway) -> None:
        """Take the client."""
        self.gateway = gateway
        self.status: api.GatewayStatus | None = None
        self._hass = hass
        self._status_at = -inf
        self._is_status_told = True
        self._cured_at: dict[object, float] = {}
        self._refused: set[int] = set()

    @property
    def is_synchronizing(self) -> bool:
        """Whether the gateway said last that it synchronizes, and so reaches no lock."""
        return self.status is not None and self.status.phase is api.Phase.SYNCHRONIZING

    async def async_check_status(self, max_age: float) -> None:
        """Ask what the gateway is doing, unless that is known well enough; raises nothing.

        It is a side question: that it is not answered says nothing of the locks.
        """
        if not self._is_status_told:
            max_age = _STATUS_AGAIN
        if helpers.monotonic() - self._status_at < max_age:
            return
        try:
            self.status = await self.gateway.status(urgent=True)
        except api.TheKeysError:
            self.status = None
        self._is_status_told = self.status is not None
        self._status_at = helpers.monotonic()

    async def async_list(self) -> dict[int, api.Locker]:
        """Return the locks that the gateway sees, by identifier."""
        try:
            lockers = await self.gateway.lockers()
        except api.TheKeysConnectionLostError:
            lockers = await self.gateway.lockers()
        return {locker.identifier: locker for locker in lockers}

    async def async_read(
        self,
        identifier: int,
        code: str,
        *,
        patience: float = 0.0,
        is_routine: bool = True,
        is_urgent: bool = False,
        on_send: Callable[[], None] = do_nothing,
    ) -> api.LockerStatus:
        """Ask a lock for its status; the other arguments as in `async_ask`."""

        async def read() -> api.LockerStatus:
            return await self.gateway.locker_status(
                identifier, code, urgent=is_urgent, on_send=on_send
            )

        async def read_twice() -> api.LockerStatus:
            try:
                return await read()
            except api.TheKeysConnectionLostError:
                return await read()

        return await self.async_ask(
            identifier, read_twice, patience=patience, is_routine=is_routine
        )

    async def async_ask[T](
        self,
        identifier: int,
        request: Callable[[], Awaitable[T]],
        *,
        patience: float = 0.0,
        is_routine: bool = False,
    ) -> T:
        """Return what a request about a lock returns; TheKeysError when nothing helps.

        A busy gateway is waited for, `patience` seconds in all. A routine request does
        not try again and again what has not helped.
        """
        until, cured = helpers.monotonic() + patience, set[type[Exception]]()
        while True:
            try:
                found = await request()
            except api.TheKeysGatewayError as err:
                if await self._async_wait(err, until):
                    continue
                is_known = type(err) in cured
                if isinstance(err, api.TheKeysRefusedError) and is_known:
                    self._refused.add(identifier)
                if is_known:
                    raise
                try:
                    has_helped = await self._async_cure(
                        err, identifier, until, is_routine=is_routine
                    )
                except api.TheKeysBusyError as busy:
                    # Neither request was carried out: both are tried again.
                    if await self._async_wait(busy, until):
                        continue
                    raise
                if not has_helped:
                    raise
                cured.add(type(err))
            else:
                self._refused.discard(identifier)
                # Whatever was tried has helped, and may be needed again at any time.
                self._cured_at.pop(api.TheKeysClockError, None)
                self._cured_at.pop(identifier, None)
                return found

    async def async_synchronize(
        self, *, until: float = -inf, on_send: Callable[[], None] = do_nothing
    ) -> None:
        """Have the gateway fetch its shares and set its clock; it is waited for until then."""
        while True:
            try:
                await self.gateway.synchronize(on_send=on_send)
                break
            except api.TheKeysBusyError:
                if helpers.monotonic() + BUSY_PAUSE > until:
                    raise
            await async_pause(self._hass, BUSY_PAUSE)
        self._cured_at[api.TheKeysClockError] = helpers.monotonic()
        # What it does next is not known.
        self._status_at = -inf

    async def async_synchronize_lock(
        self, identifier: int, *, on_send: Callable[[], None] = do_nothing
    ) -> None:
        """Have the gateway bring its shares to a lock."""
        try:
            await self.gateway.synchronize_locker(identifier, on_send=on_send)
        except api.TheKeysResponseError as err:
            # Some firmware says nothing when it is done; the next request will tell.
            if not err.is_empty:
                raise
        self._cured_at[identifier] = helpers.monotonic()

    async def _async_wait(self, err: api.TheKeysGatewayError, until: float) -> bool:
        """Wait if waiting may help and there is time; a synchronizing gateway is a busy one."""
        is_hidden = isinstance(err, api.TheKeysNotDetectedError)
        if is_hidden:
            await self.async_check_status(0.0)
        if not (isinstance(err, api.TheKeysBusyError) or (is_hidden and self.is_synchronizing)):
            return False
        if helpers.monotonic() + BUSY_PAUSE > until:
            if is_hidden:
                raise api.TheKeysBusyError(err.code) from err
            return False
        await async_pause(self._hass, BUSY_PAUSE)
        return True

    async def _async_cure(
        self, err: api.TheKeysGatewayError, identifier: int, until: float, *, is_routine: bool
    ) -> bool:
        """Do what helps against an error; returns whether anything was done.

        TheKeysBusyError where it cannot be done now.
        """
        match err:
            case api.TheKeysRefusedError():
                return self._renew_timestamp(identifier, is_routine=is_routine)
            case api.TheKeysClockError() if not (is_routine and self._is_cured(type(err))):
                cure = self.async_synchronize(until=until)
            case api.TheKeysKeyUnknownError() if not (is_routine and self._is_cured(identifier)):
                cure = self.async_synchronize_lock(identifier)
            case _:
                return False
        try:
            await cure
        except api.TheKeysBusyError:
            raise
        except api.TheKeysError:
            return False
        return True

    def _renew_timestamp(self, identifier: int, *, is_routine: bool) -> bool:
        """Return whether a new timestamp may help; begin anew where a clock was wrong."""
        if self.gateway.timestamps.ahead > _AHEAD:
            self.gateway.timestamps.restart()
            return True
        return not (is_routine and identifier in self._refused)

    def _is_cured(self, what: object) -> bool:
        """Return whether this was tried a short time ago, and did not help."""
        return helpers.monotonic() - self._cured_at.get(what, -inf) < _CURE_AGAIN
