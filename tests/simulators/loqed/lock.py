"""The lock itself: its bolt, its key slots, its battery, and what it refuses."""

from collections.abc import Iterator
from dataclasses import dataclass, field
import hmac

from .clock import Clock
from .signing import COMMAND, command_hmac
from .words import ACTIONS, UNKNOWN_BATTERY, State

COMMAND_WINDOW = 15.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command the lock took: where to go, and with which key."""

    target: State
    key_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a bridge knows of its lock: percent, volt, and -1 for what it cannot know."""

    state: State
    is_online: bool
    battery: int
    battery_type: int
    voltage: float
    ble: int


@dataclass(kw_only=True)
class Lock:
    """The lock. `position` is the truth, `state` is what the lock believes and tells."""

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

    def report(self) -> Report:
        """What the bridge hears of the lock, or gathers from its silence."""
        if not self.is_reachable:
            return Report(
                state="unknown",
                is_online=False,
                battery=-1,
                battery_type=UNKNOWN_BATTERY,
                voltage=self.voltage,
                ble=-1,
            )
        return Report(
            state=self.state,
            is_online=True,
            battery=self.battery,
            battery_type=self.battery_type,
            voltage=self.voltage,
            ble=self.ble,
        )

    def take(self, message: bytes) -> Command | None:
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
