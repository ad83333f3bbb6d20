"""Work in the background: motors that run, phases that end."""

import asyncio
from collections.abc import Coroutine


class Chores:
    """Tasks that are stopped together."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, chore: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Do something on the side."""
        task = asyncio.get_running_loop().create_task(chore)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def done(self) -> None:
        """Wait until everything is done."""
        await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        """Leave everything that is not done, and wait until it is left."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
