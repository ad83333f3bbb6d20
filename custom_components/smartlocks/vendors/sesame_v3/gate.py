"""The gate before the cloud: what it counts, it counts for everybody behind our address."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ...const import DOMAIN
from ...request_queue import RequestQueue
from .api import BLOCKED_FOR, BlockedError, ThrottledError
from .const import KEY

# After "too many requests": for how many seconds nothing is asked that no person waits
# for. The vendor names no time; each one in a row doubles it.
THROTTLED_FOR: Final = 60.0
LONGEST_THROTTLED: Final = 30 * 60.0


class Gate:
    """Lets requests through one at a time; a queue as the api wants one.

    One for all accounts and all set-up forms: the vendor counts by internet address, too.
    While the address is blocked nobody passes (BlockedError), and after "too many
    requests" only urgent ones do (ThrottledError); neither reaches the vendor.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Stand open."""
        self._hass = hass
        self._queue = RequestQueue()
        self._blocked_until: datetime | None = None
        self._throttled_until: datetime | None = None
        self._refused_in_a_row = 0
        self._listeners: set[Callable[[], None]] = set()

    @property
    def blocked_until(self) -> datetime | None:
        """When the vendor may be asked again; None while it may."""
        return self._blocked_until

    @property
    def throttled_until(self) -> datetime | None:
        """When it may be asked again by those who only poll; None while it may."""
        return self._throttled_until

    @callback
    def async_listen(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Be told when a block begins or ends; returns the undo."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    @asynccontextmanager
    async def turn(self, *, urgent: bool = False, rest: float = 0.0) -> AsyncIterator[None]:
        """Wait for the turn and hold it; `rest` is in seconds, counted from its end."""
        self._check(urgent=urgent)
        async with self._queue.turn(urgent=urgent, rest=rest):
            self._check(urgent=urgent)
            try:
                yield
            except BlockedError:
                self._block()
                raise
            except ThrottledError:
                self._throttle()
                raise
        if not urgent:
            self._refused_in_a_row = 0

    def _check(self, *, urgent: bool) -> None:
        if self._blocked_until is not None:
            raise BlockedError(may_have_arrived=False)
        if self._throttled_until is not None and not urgent:
            raise ThrottledError(may_have_arrived=False)

    def _block(self) -> None:
        self._blocked_until = _in(BLOCKED_FOR)

        @callback
        def over(_: datetime) -> None:
            self._blocked_until = None
            self._tell()

        self._later(BLOCKED_FOR, over)
        self._tell()

    def _throttle(self) -> None:
        if self._throttled_until is not None:
            return
        seconds = min(THROTTLED_FOR * 2**self._refused_in_a_row, LONGEST_THROTTLED)
        self._refused_in_a_row += 1
        self._throttled_until = _in(seconds)

        @callback
        def over(_: datetime) -> None:
            self._throttled_until = None

        self._later(seconds, over)

    def _later(self, seconds: float, over: Callable[[datetime], None]) -> None:
        async_call_later(self._hass, seconds, HassJob(over, cancel_on_shutdown=True))

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()


_GATE: HassKey[Gate] = HassKey(f"{DOMAIN}_{KEY}_gate")


@callback
def async_gate(hass: HomeAssistant) -> Gate:
    """Return the one gate of this Home Assistant; it outlives every entry."""
    if _GATE not in hass.data:
        hass.data[_GATE] = Gate(hass)
    return hass.data[_GATE]


def _in(seconds: float) -> datetime:
    return dt_util.utcnow() + timedelta(seconds=seconds)
