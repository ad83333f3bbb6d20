"""Connections: requests without an answer yet, requests at once, and rests between them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from aiohttp import web

from .replies import SIGNED
from .settings import Settings

OVERLAP = web.RequestKey("overlap", bool)
HURRIED = web.RequestKey("hurried", bool)


class OpenRequests:
    """Knows which requests have no answer yet, and can give them up.

    A server that stops forgets those whose client has gone away, but they still run.
    """

    def __init__(self) -> None:
        self._open: list[tuple[web.Request, asyncio.Task[object] | None]] = []

    @property
    def is_awaited(self) -> bool:
        """Whether a client waits for an answer: the connection of a request is open."""
        return any(
            request.transport is not None and not request.transport.is_closing()
            for request, _ in self._open
        )

    @web.middleware
    async def middleware(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Track every request of a server."""
        with self.track(request):
            return await handler(request)

    @contextmanager
    def track(self, request: web.Request) -> Iterator[None]:
        """Track a request until it has its answer."""
        entry = (request, asyncio.current_task())
        self._open.append(entry)
        try:
            yield
        finally:
            self._open.remove(entry)

    async def stop(self) -> None:
        """Give up every request, even those nobody waits for."""
        tasks = [task for _, task in self._open if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Spacing:
    """Counts what a client should not do.

    `overlaps`: requests that came while another had no answer yet and its connection was
    open; a client that gave up waiting has closed it, and may ask again. `hurried`:
    requests that came sooner after an answer than the gateway likes. `gaps`: the seconds
    between each answer and the next request, as measured, and so at the simulator's pace.
    """

    def __init__(self, settings: Settings, pace: float) -> None:
        self.settings = settings
        self.pace = pace
        self.requests = OpenRequests()
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
        request[OVERLAP] = self.requests.is_awaited
        request[HURRIED] = not request[OVERLAP] and self._is_hurried()
        self.overlaps += request[OVERLAP]
        self.hurried += request[HURRIED]
        with self.requests.track(request):
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
        # A timer may fire a little early.
        return gap < pause * 0.98

    def _pause_after(self, path: str) -> float:
        settings = self.settings
        gap = settings.gap_signed if path in SIGNED else settings.gap_unsigned
        return gap * self.pace


def _now() -> float:
    return asyncio.get_running_loop().time()
