"""The lock itself: its bolt, its keys, its battery, its motor, and what it refuses."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
import hmac

from .bridge import Clock, LockReport
from .const import ACTIONS, MOTOR_STALL, REACHED, UNKNOWN_BATTERY, State
from .crypto import COMMAND, command_hmac
from .push import NO_KEY, Reporter, Tasks

COMMAND_WINDOW = 15.0

RADIO_SECONDS = 0.6
MOTOR_SECONDS = 4.0
LATCH_BACK_SECONDS = 3.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command that the lock accepted: where to go, and with which key."""

    target: State
    key_id: int


@dataclass(kw_only=True)
class Lock:
    """The lock. `position` is the truth, `state` is what the lock believes and reports."""

    clock: Clock
    keys: dict[int, bytes]
    position: State = "night_lock"
    state: State = "night_lock"
    battery: int = 64
    battery_type: int = 1
    voltage: float = 10.814
    ble: int = 60
    is_reachable: bool = True
    has_handle: bool = False
    is_jammed: bool = False
    stalls_next: bool = False
    window: float = COMMAND_WINDOW
    refusals: list[str] = field(default_factory=list)
    _taken: dict[bytes, int] = field(default_factory=dict)

    def report(self) -> LockReport:
        """What the bridge hears of the lock, or concludes from its silence."""
        if not self.is_reachable:
            return LockReport(
                state="unknown",
                is_online=False,
                battery=-1,
                battery_type=UNKNOWN_BATTERY,
                voltage=self.voltage,
                ble=-1,
            )
        return LockReport(
            state=self.state,
            is_online=True,
            battery=self.battery,
            battery_type=self.battery_type,
            voltage=self.voltage,
            ble=self.ble,
        )

    def accept(self, message: bytes) -> Command | None:
        """The command in a message; None, and a reason in `refusals`, when it is refused."""
        refused = next((why for why, is_fine in self._checks(message) if not is_fine), None)
        if refused is not None:
            self.refusals.append(refused)
            return None
        _, _, _, timestamp, _, key_id, _, action = COMMAND.unpack(message)
        self._taken[message] = timestamp
        return Command(target=ACTIONS[action], key_id=key_id)

    def _checks(self, message: bytes) -> Iterator[tuple[str, bool]]:
        yield "length", len(message) == COMMAND.size
        _, protocol, kind, timestamp, digest, key_id, device, action = COMMAND.unpack(message)
        yield "type", (protocol, kind) == (2, 7)
        yield "key slot", key_id in self.keys
        yield "signature", hmac.compare_digest(digest, command_hmac(message, self.keys[key_id]))
        yield "timestamp", abs(self.clock.now() - timestamp) <= self.window
        yield "replay", message not in self._taken
        yield "device", device == 1
        yield "action", action in ACTIONS

    def goal(self, target: State) -> State:
        """Where a command leads: a door with a handle outside is only unlocked by OPEN."""
        return "day_lock" if self.has_handle and target == "open" else target

    def turn(self, state: State) -> None:
        """Move by hand, which always works."""
        self.position = self.state = state

    def drive(self, target: State) -> bool:
        """Move by motor; False when it stalls and the lock no longer knows where it is."""
        if self.is_jammed:
            self.state = "unknown"
            return False
        if self.stalls_next:
            self.stalls_next = False
            self.turn("unknown")
            return False
        self.turn(target)
        return True


@dataclass(frozen=True, kw_only=True, slots=True)
class Movement:
    """Where to go, and its events; with `going` None, nothing is reported before."""

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
        """Begin a movement; the event is set when the first push about it was sent."""
        reported = asyncio.Event()
        task = self._tasks.spawn(self._run(movement, reported))
        task.add_done_callback(lambda task: reported.set() if task.cancelled() else None)
        return reported

    async def _run(self, movement: Movement, reported: asyncio.Event) -> None:
        async with self._turn:
            await self._rest(RADIO_SECONDS)
            if movement.going is not None:
                going = self._reporter.going(movement.target, movement.going, movement.key)
                _set_when_done(reported, going)
            # A command to the state the lock is in already gives the first push only.
            if self._lock.state != movement.target:
                await self._rest(MOTOR_SECONDS)
                _set_when_done(reported, self._arrive(movement))
            elif movement.going is None:
                reported.set()
            if self._lock.state == "open":
                await self._latch_back()

    def _arrive(self, movement: Movement) -> asyncio.Task[None] | None:
        if self._lock.drive(movement.target):
            return self._reporter.reached(movement.target, movement.reached, movement.key)
        return self._reporter.reached("unknown", MOTOR_STALL, movement.key)

    async def _latch_back(self) -> None:
        """Let go of an opened latch after some seconds, without anybody's key."""
        await self._rest(LATCH_BACK_SECONDS)
        if self._lock.state == "open" and self._lock.drive("day_lock"):
            self._reporter.reached("day_lock", REACHED["day_lock"], NO_KEY)


def _set_when_done(reported: asyncio.Event, report: asyncio.Task[None] | None) -> None:
    if report is None:
        reported.set()
    else:
        report.add_done_callback(lambda _: reported.set())
