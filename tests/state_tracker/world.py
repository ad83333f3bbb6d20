"""A lock with a true bolt, a network that means ill, and a coordinator between them.

All of it moves by a virtual clock. The laws of the design are checked before and after
everything that happens; `BrokenLawError` names the law.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from heapq import heappop, heappush
from itertools import count
from math import floor, inf
from typing import Final

from custom_components.smartlocks.models import MOVEMENT, REACHED, Action, LockState
from custom_components.smartlocks.state_tracker import (
    Outcome,
    Source,
    StateTracker,
    Timing,
    Verdict,
)

from .timings import WINDOW, Row

type Make = Callable[[Timing, float], StateTracker]

POSITIONS: Final = frozenset({LockState.LOCKED, LockState.UNLOCKED, LockState.OPEN})
_TARGETS: Final = {
    Action.LOCK: {LockState.LOCKED},
    Action.UNLOCK: {LockState.UNLOCKED, LockState.OPEN},
    Action.OPEN: {LockState.OPEN, LockState.UNLOCKED},
}
_LEFT: Final = frozenset(
    {LockState.UNLOCKED, LockState.OPEN, LockState.UNLOCKING, LockState.OPENING, LockState.JAMMED}
)
_RETRIES: Final = (2.0, 5.0, 15.0, 30.0, 60.0)
_PAID_RETRY: Final = 900.0
_LIST_SECONDS: Final = 1.0
_TASK_INTERVAL: Final = 2.0
_EPOCH: Final = 1_700_000_000
_SHIFT: Final = float(2**20)

# The worst that a device's clock does here; a push so stamped is in time this much later.
WORST_CLOCK: Final = 90.0
_MISJUDGED: Final = WINDOW + WORST_CLOCK

_LEADS_TO: Final = {
    LockState.LOCKING: {LockState.LOCKED},
    LockState.UNLOCKING: {LockState.UNLOCKED, LockState.OPEN},
    LockState.OPENING: {LockState.UNLOCKED, LockState.OPEN},
}


class BrokenLawError(AssertionError):
    """A law of the design does not hold; `law` is its name."""

    def __init__(self, law: str, text: str) -> None:
        super().__init__(f"{law}: {text}")
        self.law = law


class Fate(Enum):
    """What becomes of a command."""

    DONE = auto()
    ANSWER_LOST = auto()
    LOST = auto()
    JAMS = auto()
    REFUSED = auto()
    NOT_SENT = auto()


_ARRIVES: Final = frozenset({Fate.DONE, Fate.ANSWER_LOST, Fate.JAMS})


class Answers(Enum):
    """How a read goes."""

    GOOD = auto()
    FAILS = auto()
    HANGS = auto()


class Carriage(Enum):
    """What becomes of a push."""

    DELIVERED = auto()
    DROPPED = auto()
    HELD = auto()


@dataclass(frozen=True, slots=True)
class Push:
    """A call as it was signed."""

    serial: int
    state: LockState
    stamp: int
    spoken: float
    is_clock_right: bool


@dataclass(slots=True)
class Sent:
    """A command as the coordinator made it."""

    action: Action
    started: float
    last_before: float
    sent: float | None = None
    moved: float | None = None
    carried_out: float | None = None


@dataclass(slots=True)
class Weather:
    """How the network and the lock behave from now on."""

    answers: Answers = Answers.GOOD
    answer_takes: float = 0.5
    is_spoken_early: bool = True
    list_answers: bool = True
    is_held_back: bool = False
    behind: float = 0.0
    carriage: Carriage = Carriage.DELIVERED
    push_takes: float = 0.5
    motor_waits: float = 1.0
    motor_takes: float = 4.0


@dataclass(slots=True)
class Known:
    """What this tracker has been told, to judge what it shows."""

    since: float
    until: dict[LockState, float] = field(default_factory=dict)
    locked_asked: float = -inf
    last_command: float = -inf
    restored_at: float = -inf
    moved: float = -inf
    left_spoken: float = -inf
    locked_pushed: float = -inf
    unlocked_at: float = -inf
    disproved_at: float = -inf
    task_behind: float = 0.0
    is_misjudged: bool = False
    pushes: int = 0
    stimuli: int = 1
    reads: int = 0
    failures: int = 0


class World:
    """One lock, its network, its coordinator and its tracker."""

    tracker: StateTracker
    sent: Sent | None
    _twin: StateTracker
    _know: Known
    _memory: set[tuple[int, LockState]]
    _newest_stamp: int
    _generation: int
    _sign_seen: int | None
    _sign_of_state: int | None
    _sign_asked: int | None
    _sending: Sent | None
    _asked_at: float | None
    _attempted: float
    _retry_at: float
    _tries: int

    def __init__(
        self,
        row: Row,
        make: Make = StateTracker,
        *,
        bolt: LockState = LockState.LOCKED,
        is_checked: bool = True,
        sign_factor: float = 1.0,
    ) -> None:
        self.row, self.timing, self.make = row, row.timing, make
        self.is_checked = is_checked
        self.sign_factor = sign_factor
        self.now = 0.0
        self.weather = Weather()
        self.happened: Counter[str] = Counter()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._serial = count()
        self._times, self._states = [-inf], [bolt]
        self._heard = 0.0
        self._sign = 0
        self._motor = 0
        self.clock_offset = 0.0
        self._clock_wrong_until = -inf
        self.tape: list[Push] = []
        self.held: list[Push] = []
        self.trouble = -inf
        self.list_trouble = -inf
        self.dry = -inf
        self.restart()
        if self.timing.sign is not None:
            self._after(0.25, self._list)

    # The bolt.

    @property
    def bolt(self) -> LockState:
        """Where the bolt is; unknown is between two positions."""
        return self._states[-1]

    @property
    def not_locked_since(self) -> float:
        """When the bolt left "locked"; infinity while it is locked."""
        since = inf
        for at, state in zip(reversed(self._times), reversed(self._states), strict=True):
            if state is LockState.LOCKED:
                return since
            since = at
        return since

    @property
    def changed_at(self) -> float:
        """When the bolt moved last."""
        return self._times[-1]

    def bolt_at(self, at: float) -> LockState:
        """Return where the bolt was."""
        return self._states[bisect_right(self._times, at) - 1]

    def was(self, states: set[LockState], since: float) -> bool:
        """Tell whether the bolt was in one of these states at a moment from then to now."""
        first = max(bisect_left(self._times, since) - 1, 0)
        return any(state in states for state in self._states[first:])

    def _put(self, state: LockState) -> None:
        if state is self.bolt:
            return
        self._sign += 1
        self._times.append(self.now)
        self._states.append(state)
        if len(self._times) > 400:
            del self._times[1:200], self._states[1:200]

    def turn(self, state: LockState) -> None:
        """Turn the bolt by hand; that takes a moment."""
        self.wait(0.25)
        self._motor += 1
        if state is not self.bolt:
            self._put(state)
            self._tell(state)
        self._know.stimuli += 1

    def remote(self, action: Action, fate: Fate) -> None:
        """Let somebody else send a command."""
        if fate in _ARRIVES and action in self.row.actions:
            other = Sent(action, self.now, -inf)
            self._after(self.weather.motor_waits, lambda: self._run_motor(action, fate, other))
            self._know.stimuli += 1

    def _run_motor(self, action: Action, fate: Fate, command: Sent) -> None:
        self._motor += 1
        mine = self._motor
        self._tell(MOVEMENT[action])
        if self.bolt in _TARGETS[action] and (
            action is not Action.OPEN or self.bolt is LockState.OPEN
        ):
            command.carried_out = self.now
            return
        if self.bolt is LockState.LOCKED:
            self._know.stimuli += 1
        self._put(LockState.UNKNOWN)
        if self.sent is command and action is not Action.LOCK:
            command.moved = self.now
        takes = self.weather.motor_takes

        def ends() -> None:
            if self._motor != mine:
                return
            if fate is Fate.JAMS:
                self._put(LockState.JAMMED)
                self._tell(LockState.JAMMED)
                return
            command.carried_out = self.now
            self._put(REACHED[action])
            self._tell(REACHED[action])
            if action is Action.OPEN:
                self._after(4.0, lambda: self._close_latch(mine))

        self._after(takes, ends)

    def _close_latch(self, mine: int) -> None:
        if self._motor == mine:
            self._put(LockState.UNLOCKED)
            self._tell(LockState.UNLOCKED)

    # Pushes.

    def step_clock(self, offset: float) -> None:
        """Set the device's clock wrong by so much."""
        if offset != self.clock_offset:
            self._clock_wrong_until = inf
            if offset == 0:
                self._clock_wrong_until = self.now + _MISJUDGED
        self.clock_offset = offset

    @property
    def is_clock_right(self) -> bool:
        """Whether the device's clock is right, and what it stamped while wrong has passed."""
        return self.now > self._clock_wrong_until

    def _tell(self, state: LockState) -> None:
        if not (self.row.signed or self.row.told):
            return
        stamp = _EPOCH + floor(self.now + self.clock_offset)
        push = Push(next(self._serial), state, stamp, self.now, self.is_clock_right)
        self.tape = [*self.tape[-19:], push]
        if self.weather.carriage is Carriage.DELIVERED:
            self._after(self.weather.push_takes, lambda: self.arrive(push))
        elif self.weather.carriage is Carriage.HELD:
            self.held.append(push)

    def arrive(self, push: Push) -> None:
        """Receive a push, for the first time or again."""
        if not self.row.signed:
            self.hint()
            return
        age = _EPOCH + self.now - push.stamp
        if abs(age) > WINDOW:
            self.hint(is_verified=True)
        elif (push.stamp, push.state) in self._memory:
            self.hint()
        else:
            self._memory.add((push.stamp, push.state))
            self._take_push(push, age)

    def _take_push(self, push: Push, age: float) -> None:
        know = self._know
        is_newest = push.stamp > self._newest_stamp
        if self.now >= know.since + self.timing.push_quiet:
            know.pushes += 1
            if is_newest and push.state in _LEFT and push.is_clock_right:
                know.left_spoken = max(know.left_spoken, push.spoken)
            self._newest_stamp = max(self._newest_stamp, push.stamp)
        if not push.is_clock_right:
            know.is_misjudged = True
        if push.state.is_moving:
            know.moved = self.now
        if push.state is LockState.LOCKED and not self._is_from_before(push):
            know.locked_pushed = self.now
            know.unlocked_at = -inf
        know.stimuli += 1
        self._feed(push.state, Source.PUSH, self.now, push.stamp, age)

    def _is_from_before(self, push: Push) -> bool:
        """Tell whether a push can be seen to be older than the last command."""
        return push.is_clock_right and push.spoken < self._know.last_command

    def hint(self, *, is_verified: bool = False) -> None:
        """Give the tracker a reason to look that proves nothing."""
        self._both(lambda tracker, shift: tracker.hint(self.now + shift, is_verified=is_verified))

    def release(self, index: int) -> None:
        """Let a push through that was held back."""
        if self.held:
            self.arrive(self.held.pop(index % len(self.held)))

    def replay(self, index: int) -> None:
        """Send a recorded push again."""
        if self.tape:
            self.arrive(self.tape[index % len(self.tape)])

    # The coordinator: reads.

    def hear(self, fraction: float) -> None:
        """Let the bridge hear more of what has happened."""
        self._heard = self._hearing(self.now)
        self._heard += (self.now - self._heard) * fraction

    def hear_until(self, at: float) -> None:
        """Let the bridge hear what has happened until then."""
        self._heard = max(self._hearing(self.now), at)

    def _hearing(self, at: float) -> float:
        behind = self.timing.lag if self.weather.is_held_back else self.weather.behind
        return max(self._heard, at - min(behind, self.timing.lag))

    def _read(self) -> None:
        weather, generation = self.weather, self._generation
        is_good = weather.answers is Answers.GOOD
        asked_at, self._asked_at = self.now, self.now
        self._attempted = self.now
        self._sign_asked = self._sign_seen
        self._know.reads += 1
        self.happened["reads"] += 1
        early = self._look() if weather.is_spoken_early else None
        if is_good:
            takes = min(weather.answer_takes, self.row.read_seconds)
        else:
            takes = 1.0 if weather.answers is Answers.FAILS else 10.0

        def ends() -> None:
            if generation != self._generation:
                return
            self._asked_at = None
            if is_good:
                self._answered(asked_at, self._look() if early is None else early)
            else:
                self._failed()

        self._after(takes, ends)

    def _look(self) -> LockState:
        """Return what the device or its bridge would say at this moment."""
        if self.row.answer is Source.READ:
            return self.bolt
        self._heard = self._hearing(self.now)
        state = self.bolt_at(self._heard)
        return LockState.UNKNOWN if state is LockState.JAMMED else state

    def _answered(self, asked_at: float, state: LockState) -> None:
        self._tries = 0
        self._retry_at = inf
        sign = self._sign_asked
        if self._feed(state, self.row.answer, asked_at) is Verdict.ACCEPTED:
            self._sign_of_state = sign
        behind = 0.0 if self.row.answer is Source.READ else self.timing.lag
        if asked_at > self.not_locked_since + behind:
            self._know.disproved_at = asked_at

    def _failed(self) -> None:
        self.trouble = self.now
        self._know.failures += 1
        wait = _PAID_RETRY if self.row.paid else _RETRIES[min(self._tries, len(_RETRIES) - 1)]
        self._retry_at = self.now + wait
        self._tries += 1

    def _list(self) -> None:
        assert self.timing.sign is not None
        asked_at, sign, generation = self.now, self._sign, self._generation
        self._after(self.timing.sign * self.sign_factor, self._list)
        if not self.weather.list_answers or self.weather.answers is not Answers.GOOD:
            self.list_trouble = self.now
            return

        def ends() -> None:
            if generation != self._generation:
                return
            self._sign_seen = sign
            if sign == self._sign_of_state:
                self._renew(asked_at)
            else:
                self._know.stimuli += 1
                self.hint()

        self._after(0.5, ends)

    def _renew(self, asked_at: float) -> None:
        if self.shown in POSITIONS:
            until = self._know.until
            until[self.shown] = max(until.get(self.shown, -inf), asked_at + self.timing.hold)
        self._both(lambda tracker, shift: tracker.renew(asked_at + shift, self.now + shift))

    # The coordinator: commands.

    def command(self, action: Action, fate: Fate, takes: float) -> None:
        """Send a command; one at a time."""
        self.wait(0.25)
        if self._sending is not None or action not in self.row.actions:
            return
        if self.sent is not None:
            self._keep_unlock(self.sent)
        command = Sent(action, self.now, self._know.last_command)
        self._sending = self.sent = command
        self._know.last_command = self.now
        self._know.stimuli += 2
        generation = self._generation
        self._both(lambda tracker, shift: tracker.command_started(action, self.now + shift))
        if fate in _ARRIVES:
            self._after(
                takes / 2 + self.weather.motor_waits,
                lambda: self._run_motor(action, fate, command),
            )

        def ends() -> None:
            if generation == self._generation:
                self._sending = None
                self._request_ended(command, fate)

        self._after(takes, ends)

    def _request_ended(self, command: Sent, fate: Fate) -> None:
        if fate is Fate.NOT_SENT:
            self._know.last_command = command.last_before
            self._know.restored_at = self.now
            self.sent = None
            self._both(lambda tracker, shift: tracker.command_withdrawn(self.now + shift))
        elif fate is Fate.REFUSED:
            self._both(lambda tracker, shift: tracker.command_failed(self.now + shift))
        else:
            command.sent = self.now
            self._both(lambda tracker, shift: tracker.command_sent(self.now + shift))
            if self.row.task and fate in {Fate.DONE, Fate.JAMS}:
                self._after(_TASK_INTERVAL, lambda: self._ask_task(command, self._generation))

    def _ask_task(self, command: Sent, generation: int) -> None:
        """Ask how a command ended, until it is known or given up."""
        if generation != self._generation or self.sent is not command:
            return
        if command.carried_out is not None:
            behind = self.now - command.carried_out
            self._know.task_behind = max(self._know.task_behind, behind)
            self._feed(REACHED[command.action], Source.READ, self.now)
        elif self.bolt is LockState.JAMMED:
            self._both(lambda tracker, shift: tracker.command_failed(self.now + shift))
        else:
            self._after(_TASK_INTERVAL, lambda: self._ask_task(command, generation))

    # The coordinator: its life.

    def restart(self) -> None:
        """Start Home Assistant: a new tracker that knows nothing."""
        self.tracker = self.make(self.timing, self.now)
        self._twin = self.make(self.timing, self.now + _SHIFT)
        self._know = Known(self.now)
        self._memory = set()
        self._newest_stamp = -1
        self._sign_seen = None
        self._sign_of_state = None
        self._sign_asked = None
        self._generation = next(self._serial)
        self.sent = None
        self._begin()
        generation = self._generation
        wait = self.timing.lag + 2 * self.row.read_seconds + 3
        self._after(wait, lambda: self._check_start(generation))

    def reload(self) -> None:
        """Load the entry again: requests are dropped, the tracker stays."""
        self._generation = next(self._serial)
        if self._sending is not None:
            self._sending.sent = self.now
            self._both(lambda tracker, shift: tracker.command_sent(self.now + shift))
        self._begin()
        self._retry_at = self.trouble = self.now
        self._know.stimuli += 1

    def _begin(self) -> None:
        self._asked_at = None
        self._attempted = -inf
        self._retry_at = inf
        self._tries = 0
        self._sending = None

    # Time.

    @property
    def shown(self) -> LockState:
        """What the tracker shows."""
        return self.tracker.state

    def _after(self, wait: float, then: Callable[[], None]) -> None:
        heappush(self._events, (self.now + wait, next(self._serial), then))

    def _next_read(self) -> float:
        if self._asked_at is not None:
            return inf
        planned = self.tracker.next_read
        if self._retry_at < inf and planned <= self._attempted:
            # It is overdue already: the retry serves it.
            return self._retry_at
        return min(planned, self._retry_at)

    def _next(self) -> float:
        due = min(self.tracker.next_change, self._next_read())
        return max(self.now, min(due, self._events[0][0] if self._events else inf))

    def wait(self, seconds: float) -> None:
        """Let time pass, and everything happen that is due."""
        end = self.now + seconds
        idle = 0
        while (at := self._next()) <= end:
            idle = idle + 1 if at == self.now else 0
            if idle > 100:
                raise BrokenLawError(
                    "progress", "the tracker keeps asking for what it does not take"
                )
            self._pass(at)
            self._step()
            self.check()
        self._pass(end)

    def _pass(self, at: float) -> None:
        self.watch(at - self.now)
        self.now = at
        self.check()

    def watch(self, seconds: float) -> None:
        """Take that time has passed in which nothing has happened."""

    def _step(self) -> None:
        if self._events and self._events[0][0] <= self.now:
            heappop(self._events)[2]()
        elif self.tracker.next_change <= self.now:
            self._both(lambda tracker, shift: tracker.advance(self.now + shift))
        else:
            is_retry = self._retry_at <= self.now
            wants = [self.tracker.take_due(self.now), self._twin.take_due(self.now + _SHIFT)]
            self._compare()
            if wants[0] is not wants[1]:
                raise BrokenLawError("clock", "the time of day decided over a read")
            if wants[0] or is_retry:
                self._read()
            else:
                self.dry = self.now

    def calm(self) -> None:
        """Let the network be good until the truth must be shown, and look."""
        self.weather.answers, self.weather.list_answers = Answers.GOOD, True
        self.weather.carriage, self.weather.push_takes = Carriage.DELIVERED, 0.5
        self.wait(60 + self.timing.give_up + self.timing.movement)
        retry = _PAID_RETRY if self.row.paid else _RETRIES[-1]
        timing = self.timing
        poll = timing.poll if timing.sign is None else timing.sign + timing.hint_refill
        self.wait(poll + timing.lag + retry + self.row.read_seconds)
        if timing.hold < poll and self.shown is LockState.UNKNOWN:
            self._wait_for_read(poll)
        if self.is_checked:
            self._check_truth("truth")

    def _wait_for_read(self, longest: float) -> None:
        """Wait until the next read is answered: between two of them nothing is known."""
        reads, until = self.happened["reads"], self.now + longest
        while self.happened["reads"] == reads and self.now < until:
            self.wait(60)
        self.wait(self.row.read_seconds)

    # Laws.

    def _both(self, call: Callable[[StateTracker, float], object]) -> None:
        call(self.tracker, 0.0)
        call(self._twin, _SHIFT)
        self._compare()
        self._check_ended()

    def _compare(self) -> None:
        one, two = self.tracker, self._twin
        if (one.state, one.outcome, one.next_read, one.next_change) != (
            two.state,
            two.outcome,
            two.next_read - _SHIFT,
            two.next_change - _SHIFT,
        ):
            raise BrokenLawError("clock", "another time of day made another history")

    def _feed(
        self,
        state: LockState,
        source: Source,
        asked_at: float,
        stamp: int = 0,
        age: float = 0.0,
    ) -> Verdict:
        know = self._know
        spoken = asked_at - max(age, 0.0) - (self.timing.lag if source is Source.REPORT else 0.0)
        know.until[state] = max(know.until.get(state, -inf), spoken + self.timing.hold)
        if state is LockState.LOCKED:
            know.locked_asked = max(know.locked_asked, asked_at)
        verdicts: list[Verdict] = []
        before = self.shown
        is_held = self.sent is None and self.now < self.tracker.next_change
        self._both(
            lambda tracker, shift: verdicts.append(
                tracker.evidence(
                    state,
                    source=source,
                    asked_at=asked_at + shift,
                    now=self.now + shift,
                    stamp=0 if source is not Source.PUSH else stamp + int(shift),
                    age=age,
                )
            )
        )
        if is_held and before.is_moving and source is Source.REPORT and self.is_checked:
            self._check_moves_on(before)
        return verdicts[0]

    def _check_moves_on(self, before: LockState) -> None:
        if self.shown is not before and self.shown not in _LEADS_TO[before]:
            raise BrokenLawError(
                "movement ended", "a report of something else has ended a movement"
            )

    def _check_ended(self) -> None:
        command, tracker = self.sent, self.tracker
        if command is None or tracker.outcome is None:
            return
        self.sent = None
        self.happened[tracker.outcome.name] += 1
        if tracker.confirmed_by is not Source.REPORT:
            self._keep_unlock(command)
        was_done = command.carried_out is not None
        if tracker.outcome is Outcome.CONFIRMED:
            self._check_confirmed(command)
        elif tracker.outcome is Outcome.NOT_CONFIRMED and was_done:
            self.happened["wrongly unconfirmed"] += 1
        if was_done:
            self.happened["worked"] += 1
        if self.is_checked and tracker.outcome is Outcome.NOT_CONFIRMED:
            asked = self._know.locked_asked
            if self.shown is LockState.LOCKED and asked < command.started:
                raise BrokenLawError(
                    "unconfirmed", "an unconfirmed command left a state from before it"
                )

    def _keep_unlock(self, command: Sent) -> None:
        """Remember that a command has unlocked the lock while it was waited for."""
        know = self._know
        if command.moved is not None and know.locked_pushed < command.started:
            know.unlocked_at = command.moved

    def _check_confirmed(self, command: Sent) -> None:
        since = command.started
        if not self.was(_TARGETS[command.action], since):
            self.happened["wrongly done"] += 1
        source = self.tracker.confirmed_by
        if source is Source.REPORT:
            since -= self.timing.lag
        elif source is Source.PUSH:
            since -= WINDOW if self.is_clock_right else _MISJUDGED
        if self.is_checked and not self.was(_TARGETS[command.action], since):
            raise BrokenLawError("confirmed", f"{command.action} was never carried out")

    def _check_start(self, generation: int) -> None:
        know = self._know
        if generation != self._generation or self.timing.is_paid:
            return
        if max(self.trouble, self.changed_at, know.last_command) >= know.since or know.pushes:
            return
        if self.is_checked:
            self._check_truth("start")

    def _check_truth(self, law: str) -> None:
        true = {self.bolt}
        if self.bolt not in POSITIONS:
            true = {LockState.JAMMED, LockState.UNKNOWN}
        if self.shown not in true:
            raise BrokenLawError(law, f"{self.shown} is shown of a bolt that is {self.bolt}")

    def check(self) -> None:
        """Check what must hold at every moment."""
        if not self.is_checked:
            return
        shown = self.shown
        if shown.is_moving:
            self._check_movement()
        elif shown in POSITIONS and self._know.until.get(shown, -inf) < self.now:
            raise BrokenLawError("evidence", f"{shown} is shown without evidence, or for too long")
        self._check_reads()
        if shown is LockState.LOCKED:
            self._check_order()
            if self.bolt is not LockState.LOCKED:
                self._check_false_locked()

    def _check_movement(self) -> None:
        command = self.sent
        if command is not None:
            if command.sent is None or self.now <= command.sent + self.timing.give_up:
                return
        elif self.now <= self._know.moved + self.timing.movement:
            return
        raise BrokenLawError("movement", "a movement does not end")

    def _check_order(self) -> None:
        if self._know.locked_asked < self._know.last_command:
            raise BrokenLawError(
                "order", "locked is shown on evidence from before the last command"
            )

    def _check_false_locked(self) -> None:
        since = self.not_locked_since
        slack = self._know.task_behind
        if self._know.is_misjudged:
            slack = _MISJUDGED
        if self.now > since + self.timing.hold + slack:
            raise BrokenLawError("outage bound", f"false locked for {self.now - since} s")
        if self.now > self._deadline(since):
            raise BrokenLawError("bound", f"false locked for {self.now - since} s")
        self._check_contradiction(since)

    def _deadline(self, since: float) -> float:
        """Return when the answers that were given must have ended a false "locked"."""
        timing = self.timing
        retry = _PAID_RETRY if self.row.paid else _RETRIES[-1]
        after_trouble = self.trouble + retry
        if timing.sign is None:
            first = since + timing.lag + timing.interval(LockState.LOCKED)
        else:
            first = max(since, self.list_trouble) + timing.sign + _LIST_SECONDS + timing.looks[0]
            if self.dry >= since:
                first += timing.hint_refill + timing.sign
        return max(first, after_trouble, self._know.restored_at) + self.row.read_seconds

    def _check_contradiction(self, since: float) -> None:
        if self._know.disproved_at > since and not self._know.is_misjudged:
            raise BrokenLawError("answer", "locked is shown after an answer that said otherwise")
        if self._know.left_spoken >= since:
            raise BrokenLawError(
                "contradiction", "locked is shown against what the device said since"
            )
        if self._know.unlocked_at >= since:
            raise BrokenLawError("unlock", "locked is shown though a command has unlocked it since")

    def _check_reads(self) -> None:
        know, timing = self._know, self.timing
        lived = self.now - know.since
        poll = min(timing.interval(state) for state in LockState)
        allowed = lived / poll + 2 * (timing.hint_burst + lived / timing.hint_refill) + 2
        series = len(timing.looks) + 2 + len(timing.command_looks)
        if know.reads > allowed + series * know.stimuli + know.failures:
            raise BrokenLawError("reads", f"{know.reads} reads in {lived} s")
