"""A queue in front of one small device: one call at a time, a rest between, urgent calls first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from heapq import heappop, heappush
from itertools import count


class RequestQueue:
    """Let callers through one at a time.

    Urgent callers (a person waits) pass those who only poll; among equals it is first
    come, first served. After each turn the device rests as long as that turn asked for.
    """

    def __init__(self) -> None:
        self._queue: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._busy = False
        self._opening: asyncio.TimerHandle | None = None
        self._rested_at = 0.0

    @asynccontextmanager
    async def turn(self, *, urgent: bool = False, rest: float = 0.0) -> AsyncIterator[None]:
        """Wait for the turn and hold it; `rest` is in seconds, counted from its end."""
        await self._enter(urgent=urgent)
        try:
            yield
        finally:
            self._rested_at = asyncio.get_running_loop().time() + rest
            self._leave()

    async def _enter(self, *, urgent: bool) -> None:
        loop = asyncio.get_running_loop()
        gate = loop.create_future()
        heappush(self._queue, (not urgent, next(self._numbers), gate))
        self._let_in()
        try:
            await gate
        except asyncio.CancelledError:
            if gate.done() and not gate.cancelled():
                self._leave()
            elif self._opening is not None and all(waiting.done() for *_, waiting in self._queue):
                # Nobody is left to let in.
                self._opening.cancel()
                self._open()
            raise

    def _leave(self) -> None:
        self._busy = False
        self._let_in()

    def _let_in(self) -> None:
        """Open the gate for the next caller, once the device has rested."""
        while self._queue and self._queue[0][2].done():
            # Who has given up is not waited for.
            heappop(self._queue)
        if self._busy or not self._queue:
            return
        self._busy = True
        loop = asyncio.get_running_loop()
        self._opening = loop.call_at(max(self._rested_at, loop.time()), self._open)

    def _open(self) -> None:
        self._opening = None
        # Chosen only now: whoever is urgent and came during the rest goes first.
        while self._queue:
            gate = heappop(self._queue)[2]
            if not gate.done():
                gate.set_result(None)
                return
        self._busy = False
