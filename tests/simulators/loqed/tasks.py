"""Whatever still moves or is being delivered."""

import asyncio
from collections.abc import Coroutine


class Tasks:
    """Background work that can be waited for, and ended."""

    def __init__(self) -> None:
        """Begin with nothing to do."""
        self._running: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Do something in the background."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def settle(self) -> None:
        """Wait for all of it, and for what it started meanwhile."""
        while self._running:
            await asyncio.gather(*self._running)
            # Tasks that are done leave the set only when the loop turns.
            await asyncio.sleep(0)

    async def cancel(self) -> None:
        """End all of it."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
