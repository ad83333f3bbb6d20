"""How a client treats the gateway: one request at a time, and a pause after each."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from .flights import Flights
from .settings import Settings

SIGNED = frozenset({"/open", "/close", "/locker_status", "/calibrate"})

OVERLAP = web.RequestKey("overlap", bool)
HURRIED = web.RequestKey("hurried", bool)


class Traffic:
    """Counts what a client should not do.

    `overlaps`: requests that came while another had no answer yet and its connection was
    open; whoever gave up waiting has closed it, and may ask again. `hurried`: requests
    that came sooner after an answer than the gateway likes. `gaps`: the seconds between
    each answer and the next request, as measured, and so at the simulator's pace.
    """

    def __init__(self, settings: Settings, pace: float) -> None:
        self.settings = settings
        self.pace = pace
        self.flights = Flights()
        self.overlaps = 0
        self.hurried = 0
        self.gaps: list[float] = []
        self._answered: tuple[float, float] | None = None

    @web.middleware
    async def middleware(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Watch a request from its arrival to its answer."""
        if request.path.startswith("/_simulator"):
            return await handler(request)
        request[OVERLAP] = self.flights.is_awaited
        request[HURRIED] = not request[OVERLAP] and self._is_hurried()
        self.overlaps += request[OVERLAP]
        self.hurried += request[HURRIED]
        with self.flights.watch(request):
            try:
                return await handler(request)
            finally:
                self._answered = (_now(), self._pause_after(request.path))

    def _is_hurried(self) -> bool:
        if self._answered is None:
            return False
        at, pause = self._answered
        gap = _now() - at
        self.gaps.append(gap)
        # A timer may ring a little early.
        return gap < pause * 0.98

    def _pause_after(self, path: str) -> float:
        settings = self.settings
        gap = settings.gap_signed if path in SIGNED else settings.gap_unsigned
        return gap * self.pace


def _now() -> float:
    return asyncio.get_running_loop().time()
