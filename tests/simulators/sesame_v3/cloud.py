"""The cloud behind the endpoints: it carries commands to the locks and news to the webhook."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from .doorman import Doorman, Endpoint
from .lock import BusyStyle, Occupied, V3Lock
from .task import Task, Tasks
from .webhook import Messenger


def now() -> float:
    """The time intervals are measured in: real seconds, whatever the clock is set to."""
    return asyncio.get_running_loop().time()


@dataclass(kw_only=True)
class Cloud:
    """One account, its locks, and what is under way.

    `task_seconds` is how long a lock takes for a command, in seconds of the real device;
    `task_error` is what every task ends with; `never_ends` leaves it processing.
    """

    pace: float
    messenger: Messenger
    tasks: Tasks
    doorman: Doorman = field(default_factory=Doorman)
    locks: dict[str, V3Lock] = field(default_factory=dict)
    malformed: dict[Endpoint, str] = field(default_factory=dict)
    task_seconds: float = 8.0
    task_error: str | None = None
    never_ends: bool = False
    busy_style: BusyStyle = "space"
    errands: set[asyncio.Task[None]] = field(default_factory=set)

    def lock(self, lock_id: str | None) -> V3Lock:
        """The lock of an id, or the first; KeyError for a stranger."""
        return self.locks[next(iter(self.locks), "") if lock_id is None else lock_id]

    def command(self, lock: V3Lock, command: str) -> Task:
        """Take a command; whether the bolt moves shows in the task."""
        begun, seconds = now(), self.task_seconds * self.pace
        lock.commands.append(command)
        lock.occupied = Occupied(until=begun + seconds, style=self.busy_style)
        task = self.tasks.begin(begun)
        self._start(self._carry_out(lock, command, task, seconds))
        return task

    async def _carry_out(self, lock: V3Lock, command: str, task: Task, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if self.never_ends:
            return
        moves = command != "sync"
        successful = (
            lock.is_reachable and self.task_error is None and not (moves and lock.is_jammed)
        )
        if successful and moves:
            lock.locked = command == "lock"
        changed = successful and lock.report(anew=True)
        task.successful, task.error = successful, self.task_error
        if changed:
            await self.announce(lock)

    async def announce(self, lock: V3Lock) -> None:
        """Call the webhook with what the cloud now believes of a lock."""
        await self.messenger.tell(lock.device_id, locked=lock.known_locked)

    def _start(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(errand)
        self.errands.add(task)
        task.add_done_callback(self.errands.discard)

    async def stop(self) -> None:
        """Drop what is under way and close every connection."""
        errands = list(self.errands)
        for errand in errands:
            errand.cancel()
        await asyncio.gather(*errands, return_exceptions=True)
        await self.messenger.close()


def make_cloud(pace: float, clock: Callable[[], float], locks: list[V3Lock]) -> Cloud:
    """An account with these locks, on a good day."""
    return Cloud(
        pace=pace,
        messenger=Messenger(clock=clock),
        tasks=Tasks(),
        locks={lock.device_id: lock for lock in locks},
    )
