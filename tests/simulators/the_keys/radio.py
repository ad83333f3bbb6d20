"""The gateway's radio: which lock it reaches now, and the motors it starts."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence

from tests.simulators.base import Bolt

from .crypto import SignatureCheck
from .lock import Lock, find
from .replies import WRONG_KEY, RefusedError, busy
from .settings import Settings

GATEWAY_PHASE = "gw"


class BackgroundTasks:
    """Tasks that are stopped together: motors that run, phases that end."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, job: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Start a task."""
        task = asyncio.get_running_loop().create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def done(self) -> None:
        """Wait until all tasks are done."""
        await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        """Cancel all tasks, and wait until they have ended."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Radio:
    """Reaches locks and moves them.

    `phase` is what is being synchronised: "gw", the identifier of a lock, or None.
    `acted` lists the (identifier, action) pairs that made a motor run; `signed_reads`
    counts per identifier the reads that cost a lock some battery.
    """

    def __init__(
        self,
        locks: Sequence[Lock],
        signatures: SignatureCheck,
        settings: Settings,
        rest: Callable[[float], Awaitable[None]],
    ) -> None:
        self.locks = locks
        self.signatures = signatures
        self.settings = settings
        self.rest = rest
        self.motors = BackgroundTasks()
        self.tasks = BackgroundTasks()
        self.phase: str | None = None
        self.acted: list[tuple[str, str]] = []
        self.signed_reads: Counter[str] = Counter()

    async def reach(self, identifier: str, share: int, *, is_read: bool) -> Lock:
        """Connect to a lock with the key of a share: 34, 36, busy or already started."""
        lock = find(self.locks, identifier)
        if self.phase == GATEWAY_PHASE:
            raise RefusedError(34, "locker not detected")
        if self.phase is not None:
            raise busy()
        if lock.is_moving:
            raise RefusedError(400, "action already started")
        await self.rest(self.settings.radio)
        if not lock.is_online:
            raise RefusedError(34, "locker not detected")
        self.signed_reads[identifier] += is_read
        if (share, self.signatures.known[identifier].get(share)) not in lock.accepted:
            raise RefusedError(WRONG_KEY, "invalid key")
        return lock

    async def move(self, lock: Lock, action: str, bolt: Bolt) -> None:
        """Turn the bolt; return at once or when it has arrived, as the settings say."""
        seconds = self.settings.travel if lock.travel is None else lock.travel
        await self._run(lock, action, self._travel(lock, bolt, seconds))

    async def calibrate(self, lock: Lock) -> None:
        """Turn the bolt to its other end and back, or where the settings say."""
        await self._run(lock, "calibrate", self._calibrate(lock))

    def check_idle(self) -> None:
        """Refuse what needs the whole gateway while something else goes on."""
        if self.phase is not None or any(lock.is_moving for lock in self.locks):
            raise busy()

    def synchronise(self, lock: Lock) -> None:
        """Tell a lock the codes it is to accept."""
        lock.accepted = set(self.signatures.shares(lock).items())

    def begin(self, phase: str, seconds: float | None) -> None:
        """Enter a phase, which ends by itself after a time."""
        self.phase = phase
        if seconds is not None:
            self.tasks.start(self._end_after(phase, seconds))

    def end(self) -> None:
        """Leave the phase; what was to be synchronised now is."""
        if self.phase == GATEWAY_PHASE:
            self.signatures.synchronise()
        elif self.phase is not None:
            self.synchronise(find(self.locks, self.phase))
        self.phase = None

    async def stop(self) -> None:
        """Stop the motors and the timers of phases."""
        await self.motors.stop()
        await self.tasks.stop()

    async def _run(self, lock: Lock, action: str, job: Coroutine[None, None, None]) -> None:
        if lock.is_refusing:
            job.close()
            return
        self.acted.append((lock.identifier, action))
        lock.is_moving = True
        motor = self.motors.start(job)
        if self.settings.answers == "after":
            await motor

    async def _travel(self, lock: Lock, bolt: Bolt, seconds: float) -> None:
        try:
            await self.rest(seconds)
        finally:
            lock.is_moving = False
        if not lock.is_jammed:
            lock.turn(bolt)

    async def _calibrate(self, lock: Lock) -> None:
        start, counted = lock.bolt, self.settings.counts_calibration
        end = self.settings.calibration_ends or ("locked" if start == "unknown" else start)
        try:
            if not lock.is_jammed:
                lock.turn("locked" if start == "unlocked" else "unlocked", counted=counted)
            await self.rest(self.settings.calibration)
        finally:
            lock.is_moving = False
        if not lock.is_jammed:
            lock.turn(end, counted=counted)

    async def _end_after(self, phase: str, seconds: float) -> None:
        await self.rest(seconds)
        if self.phase == phase:
            self.end()
