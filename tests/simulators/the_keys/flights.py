"""Requests that are being answered."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from aiohttp import web


class Flights:
    """Knows which requests have no answer yet, and can give them up.

    A server that stops forgets those whose client has gone away, but they still run.
    """

    def __init__(self) -> None:
        self._flying: list[tuple[web.Request, asyncio.Task[object] | None]] = []

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for an answer: the connection of a request is open."""
        return any(
            request.transport is not None and not request.transport.is_closing()
            for request, _ in self._flying
        )

    @web.middleware
    async def middleware(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Watch every request of a server."""
        with self.watch(request):
            return await handler(request)

    @contextmanager
    def watch(self, request: web.Request) -> Iterator[None]:
        """Watch a request until it has its answer."""
        flight = (request, asyncio.current_task())
        self._flying.append(flight)
        try:
            yield
        finally:
            self._flying.remove(flight)

    async def stop(self) -> None:
        """Give up every request, even those nobody waits for."""
        tasks = [task for _, task in self._flying if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
