"""Time that passes as fast as everything that waits for it can be done."""

import asyncio
from collections.abc import Awaitable, Callable
from math import inf
from typing import Any, Final, cast

from homeassistant.util.async_ import get_scheduled_timer_handles

from tests.clock import MONOTONIC

# So many turns of the event loop without anything to do: nothing is on its way any more.
_QUIET: Final = 4


class PassingTime:
    """Moves all clocks from one timer to the next, once everything else is done.

    `look` is called whenever something may have changed.
    """

    def __init__(self, look: Callable[[], None]) -> None:
        """Take the running event loop, and notice what it has done in threads."""
        self._loop = cast("Any", asyncio.get_running_loop())
        self._look = look
        self._in_threads = set[asyncio.Future[Any]]()
        self._run_in_executor = self._loop.run_in_executor
        self._loop.run_in_executor = self._run_in_thread

    def _run_in_thread(self, *job: Any) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = self._run_in_executor(*job)
        self._in_threads.add(future)
        future.add_done_callback(self._in_threads.discard)
        return future

    async def quiet(self) -> None:
        """Let everything happen that needs no time."""
        quiet = 0
        while quiet < _QUIET:
            await asyncio.sleep(0)
            quiet = 0 if self._loop._ready or self._in_threads else quiet + 1
        self._look()

    async def wait(self, seconds: float) -> None:
        """Let time pass."""
        end = MONOTONIC() + seconds
        while (left := end - MONOTONIC()) > 0:
            await self._step(left)
        await self.quiet()

    async def during[T](self, job: Awaitable[T], *, limit: float = 900.0) -> T:
        """Let time pass until something is done."""
        task, end = asyncio.ensure_future(job), MONOTONIC() + limit
        await self.quiet()
        while not task.done():
            if MONOTONIC() > end:
                task.cancel()
                raise TimeoutError("still waiting")
            await self._step(inf)
        await self.quiet()
        return await task

    async def _step(self, most: float) -> None:
        """Move on to the next timer, and let happen what it begins."""
        now = self._loop.time()
        timers = (
            handle.when()
            for handle in get_scheduled_timer_handles(self._loop)
            if not handle.cancelled()
        )
        MONOTONIC.advance(max(min(min(timers, default=now + 1.0) - now, most), 0.0) + 0.0005)
        await self.quiet()
