"""The gateway's side of the radio: which lock it may reach now, and what becomes of it."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from tests.simulators.base import Bolt

from .chores import Chores
from .guard import Guard
from .lock import Lock, find
from .refusal import WRONG_KEY, RefusedError, busy
from .settings import Settings

GATEWAY_PHASE = "gw"


class Radio:
    """Reaches locks and moves them.

    `phase` is what is being synchronised: "gw", the identifier of a lock, or None.
    `acted` lists the (identifier, action) pairs that made a motor run; `signed_reads`
    counts per identifier the reads that cost a lock some battery.
    """

    def __init__(
        self,
        locks: Sequence[Lock],
        guard: Guard,
        settings: Settings,
        rest: Callable[[float], Awaitable[None]],
    ) -> None:
        self.locks = locks
        self.guard = guard
        self.settings = settings
        self.rest = rest
        self.travels = Chores()
        self.chores = Chores()
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
        if (share, self.guard.known[identifier].get(share)) not in lock.accepted:
            raise RefusedError(WRONG_KEY, "invalid key")
        return lock

    async def run(self, lock: Lock, action: str, bolt: Bolt | None, seconds: float) -> None:
        """Start the motor; return at once or when it has stopped, as the settings say."""
        self.acted.append((lock.identifier, action))
        lock.is_moving = True
        travel = self.travels.start(self._travel(lock, bolt, seconds))
        if self.settings.answers == "after":
            await travel

    def check_idle(self) -> None:
        """Refuse what needs the whole gateway while something else goes on."""
        if self.phase is not None or any(lock.is_moving for lock in self.locks):
            raise busy()

    def synchronise(self, lock: Lock) -> None:
        """Tell a lock the codes it is to accept."""
        lock.accepted = set(self.guard.shares(lock).items())

    def begin(self, phase: str, seconds: float | None) -> None:
        """Enter a phase, which ends by itself after a time."""
        self.phase = phase
        if seconds is not None:
            self.chores.start(self._end_after(phase, seconds))

    def end(self) -> None:
        """Leave the phase; what was to be synchronised now is."""
        if self.phase == GATEWAY_PHASE:
            self.guard.synchronise()
        elif self.phase is not None:
            self.synchronise(find(self.locks, self.phase))
        self.phase = None

    async def stop(self) -> None:
        """Stop the motors and the clocks of phases."""
        await self.travels.stop()
        await self.chores.stop()

    async def _travel(self, lock: Lock, bolt: Bolt | None, seconds: float) -> None:
        try:
            await self.rest(seconds)
        finally:
            lock.is_moving = False
        if bolt is not None and not lock.is_jammed:
            lock.turn(bolt)

    async def _end_after(self, phase: str, seconds: float) -> None:
        await self.rest(seconds)
        if self.phase == phase:
            self.end()
