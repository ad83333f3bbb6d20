"""The motor: it takes its time, and reports on the way."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from .lock import Lock
from .reporter import NO_KEY, Reporter
from .tasks import Tasks
from .words import MOTOR_STALL, REACHED, State

RADIO_SECONDS = 0.6
MOTOR_SECONDS = 4.0
LATCH_BACK_SECONDS = 3.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Movement:
    """Where to go, and the events it is told with; `going` None: nothing is told before."""

    target: State
    going: str | None
    reached: str
    key: int | None = None


class Motor:
    """Makes one movement after the other."""

    def __init__(
        self,
        *,
        lock: Lock,
        reporter: Reporter,
        tasks: Tasks,
        rest: Callable[[float], Awaitable[None]],
    ) -> None:
        """Drive a lock."""
        self._lock = lock
        self._reporter = reporter
        self._tasks = tasks
        self._rest = rest
        self._turn = asyncio.Lock()

    def start(self, movement: Movement) -> asyncio.Event:
        """Begin a movement; the event is set when the first push about it was delivered."""
        told = asyncio.Event()
        task = self._tasks.spawn(self._run(movement, told))
        task.add_done_callback(lambda task: told.set() if task.cancelled() else None)
        return told

    async def _run(self, movement: Movement, told: asyncio.Event) -> None:
        async with self._turn:
            await self._rest(RADIO_SECONDS)
            if movement.going is not None:
                _tell(told, self._reporter.going(movement.target, movement.going, movement.key))
            # A command to the state the lock is in already gives the first push only.
            if self._lock.state != movement.target:
                await self._rest(MOTOR_SECONDS)
                _tell(told, self._arrive(movement))
            elif movement.going is None:
                told.set()
            if self._lock.state == "open":
                await self._latch_back()

    def _arrive(self, movement: Movement) -> asyncio.Task[None] | None:
        if self._lock.drive(movement.target):
            return self._reporter.reached(movement.target, movement.reached, movement.key)
        return self._reporter.reached("unknown", MOTOR_STALL, movement.key)

    async def _latch_back(self) -> None:
        """An opened latch is held for some seconds, then let go without anybody's key."""
        await self._rest(LATCH_BACK_SECONDS)
        if self._lock.state == "open" and self._lock.drive("day_lock"):
            self._reporter.reached("day_lock", REACHED["day_lock"], NO_KEY)


def _tell(told: asyncio.Event, report: asyncio.Task[None] | None) -> None:
    if report is None:
        told.set()
    else:
        report.add_done_callback(lambda _: told.set())
