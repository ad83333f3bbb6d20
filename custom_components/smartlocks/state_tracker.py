"""Decide what a lock shows: evidence goes in, a state and the time of the next read come out.

One tracker per lock, the same for every vendor. It is pure: it knows nothing of Home
Assistant, of vendors, or of the wall clock. Every moment is a number of monotonic seconds
that it is given. The rule above all others: in doubt, never locked.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from math import inf
from typing import Final

from .models import MOVEMENT, Action, LockState


class Source(Enum):
    """Where evidence comes from."""

    PUSH = auto()
    """The device said so itself, signed and in time."""
    READ = auto()
    """The device was asked, and answered."""
    REPORT = auto()
    """What a bridge or a cloud last heard of the device: up to `lag` seconds behind."""


class Verdict(Enum):
    """What became of evidence."""

    ACCEPTED = auto()
    """It is what is shown now."""
    DOUBTED = auto()
    """A report against younger direct evidence: it is looked at again."""
    HINT = auto()
    """A push that proves nothing: a reason to read."""
    IGNORED = auto()
    """Overtaken, or too early to count."""


class Outcome(Enum):
    """How a command ended."""

    CONFIRMED = auto()
    NOT_CONFIRMED = auto()
    JAMMED = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """A vendor's numbers, in seconds.

    `lag`: how far a report may be behind. `hold`: how long a state is believed. `poll`:
    the routine read (`poll_locked` while locked, where that differs, since only a false
    "locked" hurts; `poll_unknown` while a position is not known). `looks`: reads after a
    doubt or a hint. `settle`: how soon after a command evidence may speak about it.
    `command_looks`: reads while a command is unconfirmed. `give_up`: when it is given up.
    `hint_burst` and `hint_refill`: so many reads for hints at once, and one more every so
    many seconds. `sign`: how often a change sign is read that can be relied on, where there
    is one. `movement`: how long a movement may last. `push_quiet`: for so long after a start
    a push is a hint. `is_paid`: reads are paid for, so that
    only the routine, hints and commands cause them.
    """

    lag: float
    hold: float
    poll: float
    poll_locked: float | None = None
    poll_unknown: float | None = None
    looks: tuple[float, ...]
    settle: float
    command_looks: tuple[float, ...]
    give_up: float
    hint_burst: int
    hint_refill: float
    sign: float | None = None
    movement: float = 30.0
    push_quiet: float = 0.0
    is_paid: bool = False

    @property
    def bound(self) -> float:
        """How long "locked" may be shown of an open lock while reads are answered.

        The time that a read takes, and the wait for its turn, come on top.
        """
        if self.sign is not None:
            return self.sign + min(self.looks, default=0.0) + self.lag
        return self.interval(LockState.LOCKED) + self.lag

    @property
    def outage_bound(self) -> float:
        """How long "locked" may be shown of an open lock while nothing can be read."""
        return self.hold

    def interval(self, state: LockState) -> float:
        """Return the time from evidence to the next routine read."""
        if state is LockState.LOCKED and self.poll_locked is not None:
            return self.poll_locked
        if state is LockState.UNKNOWN and self.poll_unknown is not None:
            return min(self.poll, self.poll_unknown)
        return self.poll


class _Reason(Enum):
    """Why a read is planned."""

    DOUBT = auto()
    COMMAND = auto()
    HINT = auto()
    LATE_PUSH = auto()


@dataclass(frozen=True, slots=True)
class _Look:
    """A planned read, and what was known to be in question when."""

    at: float
    reason: _Reason
    planned_at: float


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What was said of the lock, when it was asked for, and of when it speaks."""

    state: LockState
    source: Source
    asked_at: float
    spoken_at: float


@dataclass(frozen=True, slots=True)
class _Direct:
    """Direct evidence: what the device itself said, and when."""

    state: LockState
    at: float


@dataclass(kw_only=True, slots=True)
class _Command:
    """A command from the moment it is sent until it is confirmed or given up.

    `before` is what was shown, `sent` when the request had ended. `otherwise` is when the
    last report against it was asked for, `later` the last position that was told after it
    had time to act, and until when it may be believed. `ignored` is evidence that counts
    if the command turns out never to have been sent; `is_overtaken` is whether direct
    evidence is shown since it was started.
    """

    action: Action
    started: float
    before: LockState
    before_until: float
    before_movement_until: float
    before_command: float
    sent: float | None = None
    was_opening: bool = False
    otherwise: float = -inf
    later: LockState | None = None
    later_until: float = inf
    ignored: list[_Evidence] = field(default_factory=list)
    is_overtaken: bool = False


@dataclass(slots=True)
class _Bucket:
    """Tokens for reads: a burst, and one more every so many seconds."""

    tokens: float
    filled_at: float
    slowness: float

    def take(self, now: float, timing: Timing) -> bool:
        """Take a token if there is one."""
        more = (now - self.filled_at) / (self.slowness * timing.hint_refill)
        self.tokens = min(float(timing.hint_burst), self.tokens + more)
        self.filled_at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


# The positions that show that an action was carried out, whatever was before.
_TARGETS: Final[Mapping[Action, frozenset[LockState]]] = {
    Action.LOCK: frozenset({LockState.LOCKED}),
    Action.UNLOCK: frozenset({LockState.UNLOCKED, LockState.OPEN}),
    Action.OPEN: frozenset({LockState.OPEN}),
}

# Where a movement leads.
_LEADS_TO: Final[Mapping[LockState, frozenset[LockState]]] = {
    LockState.LOCKING: frozenset({LockState.LOCKED}),
    LockState.UNLOCKING: frozenset({LockState.UNLOCKED, LockState.OPEN}),
    LockState.OPENING: frozenset({LockState.OPEN, LockState.UNLOCKED}),
}

_POSITIONS: Final = frozenset({LockState.LOCKED, LockState.UNLOCKED, LockState.OPEN})
_NOT_LOCKED: Final = frozenset({LockState.UNLOCKED, LockState.OPEN})


class StateTracker:
    """What one lock shows, and when it is read next.

    `state` is what to show since the last call. `outcome` is how the last command ended
    (None while it has not), `confirmed_by` the source that confirmed it.
    """

    def __init__(self, timing: Timing, now: float) -> None:
        """Know nothing; the time is the start of Home Assistant or of the lock's life in it."""
        self.timing = timing
        self.state = LockState.UNKNOWN
        self.outcome: Outcome | None = None
        self.confirmed_by: Source | None = None
        self._quiet_until = now + timing.push_quiet
        self._is_first = True
        self._newest = -inf
        self._newest_stamp = -1
        self._direct: _Direct | None = None
        self._is_agreed = False
        self._doubted: float | None = None
        self._not_locked_at = -inf
        self._believed_until = inf
        self._movement_until = inf
        self._routine_from = now - timing.interval(LockState.UNKNOWN)
        self._command: _Command | None = None
        self._last_command = -inf
        self._unlock_ended = -inf
        self._looks: list[_Look] = []
        # Verified pushes are few; what can be recorded and sent again earns half as much.
        self._buckets = {
            _Reason.HINT: _Bucket(timing.hint_burst, now, 1.0),
            _Reason.LATE_PUSH: _Bucket(timing.hint_burst, now, 2.0),
        }

    # Time.

    @property
    def is_commanded(self) -> bool:
        """Whether a command is under way."""
        return self._command is not None

    @property
    def command(self) -> object:
        """The command under way, to be told from a later one; None without one."""
        return self._command

    @property
    def heard_at(self) -> float:
        """When the newest evidence was asked for, whatever became of it."""
        return self._routine_from

    @property
    def next_change(self) -> float:
        """When `advance` will change something by itself; infinity if never."""
        believed_until = self._believed_until if self.state in _POSITIONS else inf
        if self._command is not None:
            return min(self._gives_up_at(self._command), believed_until)
        return self._movement_until if self.state.is_moving else believed_until

    @property
    def next_read(self) -> float:
        """When to read next; ask `take_due` then."""
        looks = min((look.at for look in self._looks), default=inf)
        return looks if self._command is not None else min(looks, self._routine_at)

    @property
    def _routine_at(self) -> float:
        return self._routine_from + self.timing.interval(self.state)

    def take_due(self, now: float) -> bool:
        """Return whether to read now, and drop the planned reads that this one serves."""
        self.advance(now)
        due = [look for look in self._looks if look.at <= now]
        self._looks = [look for look in self._looks if look.at > now]
        is_due = self._is_due(due, now)
        if is_due:
            self._look_again(due, now)
        return is_due

    def _is_due(self, due: Collection[_Look], now: float) -> bool:
        if self._command is None and now >= self._routine_at:
            return True
        if any(look.reason not in self._buckets for look in due):
            return True
        reasons = dict.fromkeys(look.reason for look in due)
        return any(self._buckets[reason].take(now, self.timing) for reason in reasons)

    def _look_again(self, due: Iterable[_Look], now: float) -> None:
        """Read once more where a hint came so shortly before that a report may be too old."""
        if not self.timing.looks or self.timing.lag <= 0:
            return
        wait = self.timing.looks[0]
        hinted_at = {look.reason: look.planned_at for look in due if look.reason in self._buckets}
        for reason, planned_at in hinted_at.items():
            if now < planned_at + wait:
                # Of the time of the hint: this one is followed by no other.
                self._looks.append(_Look(now + wait, reason, planned_at))

    def advance(self, now: float) -> None:
        """Let time pass: commands are given up, movements end, belief ends."""
        if self._command is not None:
            if now >= self._gives_up_at(self._command):
                self._end_unconfirmed(self._command, now)
        elif self.state.is_moving and now >= self._movement_until:
            self._show_unknown()
            self._plan_doubt(now)
        if self.state in _POSITIONS and now >= self._believed_until:
            self._show_unknown()
            if now < self._routine_at and not self.timing.is_paid:
                # Whatever renewed it has stopped doing so; the routine read may be far.
                self._plan(now, 0.0, _Reason.DOUBT)

    # Evidence.

    def evidence(
        self,
        state: LockState,
        *,
        source: Source,
        asked_at: float,
        now: float,
        stamp: int = 0,
        age: float = 0.0,
    ) -> Verdict:
        """Record what was said of the lock.

        `asked_at` is when it was asked for; a push: when it came. Of a push, `stamp` is
        the sender's clock in whole seconds and `age` how old it was when it came.
        """
        self.advance(now)
        if source is Source.PUSH:
            if self._proves_nothing(state, stamp, now - max(age, 0.0), now):
                self.hint(now, is_verified=True)
                return Verdict.HINT
            self._newest_stamp = stamp
        told = _Evidence(state, source, asked_at, asked_at - max(age, 0.0))
        verdict = self._take(told, now)
        if verdict is Verdict.IGNORED and self._command is not None:
            self._command.ignored.append(told)
        return verdict

    def renew(self, asked_at: float, now: float) -> None:
        """Record that a change sign that can be relied on is still the one of the state shown.

        `asked_at` is when the sign was asked for. The sign to compare it with is the one
        known when the evidence was asked for that is shown: where that was not accepted,
        its sign counts for nothing, and a sign that differs is a hint each time it is read.
        """
        self.advance(now)
        if self._command is None and self.state in _POSITIONS and asked_at >= self._newest:
            self._believed_until = max(self._believed_until, asked_at + self.timing.hold)

    def hint(self, now: float, *, is_verified: bool = False) -> None:
        """Plan reads for a reason to look that proves nothing.

        It changes no state. Each read it leads to costs a token; those of late but
        verified pushes come from a bucket of their own.
        """
        self.advance(now)
        reason = _Reason.LATE_PUSH if is_verified else _Reason.HINT
        looks = self.timing.looks or (0.0,)
        if any(look.reason is reason and look.at <= now + looks[-1] for look in self._looks):
            # A series is running already, and serves this too; one read is added where its
            # next is far.
            self._looks = [
                replace(look, planned_at=now) if look.reason is reason else look
                for look in self._looks
            ]
            if all(look.at > now + looks[0] for look in self._looks):
                self._plan(now, looks[0], reason)
            return
        for wait in looks:
            self._plan(now, wait, reason)
        if self.timing.looks and self.timing.lag > 0:
            self._plan(now, self.timing.lag, reason)

    def _proves_nothing(self, state: LockState, stamp: int, spoken_at: float, now: float) -> bool:
        if now < self._quiet_until or stamp < self._newest_stamp:
            return True
        if state is not LockState.LOCKED:
            return False
        return stamp == self._newest_stamp or spoken_at < self._last_command

    def _take(self, told: _Evidence, now: float) -> Verdict:
        if told.asked_at < max(self._newest, self._last_command):
            return Verdict.IGNORED
        self._routine_from = max(self._routine_from, told.asked_at)
        if told.source is Source.REPORT:
            return self._take_report(told, now)
        if told.state.is_moving:
            return self._take_movement(told.state, told.asked_at)
        return self._take_direct(told, now)

    def _take_movement(self, state: LockState, asked_at: float) -> Verdict:
        """The old state is left, wherever this leads."""
        command, before = self._command, self.state
        if command is not None:
            command.was_opening |= state is LockState.OPENING
            if before is MOVEMENT[command.action]:
                before = command.before
            if state is not MOVEMENT[command.action]:
                command.later = None
        not_locked_at = self._not_locked_at
        self._remember(state, asked_at)
        if state is LockState.LOCKING and before in _NOT_LOCKED:
            # Known to be open before, a lock that locks leaves no older "locked" to report.
            self._not_locked_at = not_locked_at
        self._accept_direct(state, asked_at)
        self._movement_until = asked_at + self.timing.movement
        return Verdict.ACCEPTED

    def _take_direct(self, told: _Evidence, now: float) -> Verdict:
        state, otherwise = told.state, -inf
        if self._command is not None:
            otherwise = self._command.otherwise
            if not self._take_direct_of_command(self._command, told):
                # It is not shown, but it was said: reports are weighed against it.
                self._remember(state, told.asked_at)
                return Verdict.IGNORED
        elif state is LockState.UNKNOWN and self.state is LockState.JAMMED:
            # A jam is shown until a position is known.
            return Verdict.IGNORED
        elif told.source is Source.READ and self._is_too_early(told):
            return Verdict.IGNORED
        was_unknown = self.state is LockState.UNKNOWN and not self._is_first
        if state is LockState.LOCKED:
            self._not_locked_at = -inf
        self._remember(state, told.asked_at)
        self._accept_direct(state, told.asked_at)
        self._unlock_ended = -inf
        self._believed_until = told.spoken_at + self.timing.hold
        if state is LockState.UNKNOWN and not was_unknown:
            self._plan_doubt(now)
        self.advance(now)
        if state is LockState.LOCKED and told.asked_at < otherwise:
            # It was there, and a report that was asked for later has said otherwise since.
            self._doubt(told.asked_at, now)
        return Verdict.ACCEPTED

    def _take_direct_of_command(self, command: _Command, told: _Evidence) -> bool:
        """Return whether direct evidence of a position is shown while a command is under way."""
        state = told.state
        command.was_opening |= state is LockState.OPEN
        if self._carries_out(command, state):
            self._end(Outcome.CONFIRMED, told)
            return True
        if state is LockState.JAMMED:
            self._end(Outcome.JAMMED, told)
            return True
        if told.asked_at < self._settled_at(command) or state is LockState.UNKNOWN:
            return False
        command.later, command.later_until = state, told.spoken_at + self.timing.hold
        # The motor may be slow: a lock that is being opened is not locked for being read so.
        return state is not LockState.LOCKED or told.source is Source.PUSH

    def _is_too_early(self, told: _Evidence) -> bool:
        """Return whether "locked" may be older than an unlock that was not confirmed."""
        lag = self.timing.lag if told.source is Source.REPORT else 0.0
        return told.state is LockState.LOCKED and told.asked_at < self._unlock_ended + lag

    def _remember(self, state: LockState, asked_at: float) -> None:
        """Remember direct evidence, for what reports are weighed against."""
        self._direct = _Direct(state, asked_at)
        self._is_agreed = False
        if state is not LockState.LOCKED:
            self._not_locked_at = asked_at

    def _accept_direct(self, state: LockState, asked_at: float) -> None:
        self._is_first = False
        self._newest = asked_at
        self._doubted = None
        if self._command is not None:
            self._command.is_overtaken = True
            self._command.ignored.clear()
        self.state = state
        self._drop_looks(asked_at)

    def _take_report(self, told: _Evidence, now: float) -> Verdict:
        state, asked_at = told.state, told.asked_at
        if self._command is not None:
            return self._take_report_of_command(self._command, told, now)
        if self._is_too_early(told) or self._says_nothing(state):
            return Verdict.IGNORED
        has_left = self._is_agreed and state in _NOT_LOCKED
        if not has_left and self._is_contradicted(state, asked_at):
            if self.state.is_moving:
                return Verdict.IGNORED
            return self._doubt(self._spoken_against_at(state), now)
        self._accept_report(state, asked_at, now)
        return Verdict.ACCEPTED

    def _says_nothing(self, state: LockState) -> bool:
        """Return whether a report has nothing to say of a movement or a jam."""
        if self.state.is_moving:
            return state not in _LEADS_TO[self.state]
        return self.state is LockState.JAMMED and state is LockState.UNKNOWN

    def _is_contradicted(self, state: LockState, asked_at: float) -> bool:
        """Return whether direct evidence younger than the lag speaks against a report."""
        return asked_at - self._spoken_against_at(state) < self.timing.lag

    def _spoken_against_at(self, state: LockState) -> float:
        """Return when direct evidence last spoke against a position; minus infinity if never."""
        if state is LockState.LOCKED:
            return self._not_locked_at
        direct = self._direct
        if direct is None or direct.state is state:
            return -inf
        return direct.at if direct.state in _POSITIONS | {LockState.JAMMED} else -inf

    def _doubt(self, against: float, now: float) -> Verdict:
        """Look again, once for each evidence that a report speaks against."""
        if self.state is LockState.LOCKED:
            self._show_unknown()
        if self._doubted != against:
            self._plan_doubt(now, against)
            self._doubted = against
        return Verdict.DOUBTED

    def _accept_report(self, state: LockState, asked_at: float, now: float) -> None:
        until = asked_at - self.timing.lag + self.timing.hold
        if self._direct is not None and state is self._direct.state:
            self._is_agreed = True
        else:
            self._direct = None
        if self._is_first and not self.timing.is_paid and self.timing.lag > 0:
            self._plan(asked_at, self.timing.lag, _Reason.DOUBT)
        is_new_unknown = state is LockState.UNKNOWN and (
            self._is_first or self.state is not LockState.UNKNOWN
        )
        self._believed_until = max(self._believed_until, until) if state is self.state else until
        self._is_first = False
        self._newest = asked_at
        self.state = state
        if is_new_unknown:
            self._plan_doubt(now)
        self.advance(now)

    # Commands.

    def command_started(self, action: Action, now: float) -> None:
        """Record that a command is signed and sent from now on."""
        self.advance(now)
        if self._command is not None:
            self._end_unconfirmed(self._command, now)
        self._command = _Command(
            action=action,
            started=now,
            before=self.state,
            before_until=self._believed_until,
            before_movement_until=self._movement_until,
            before_command=self._last_command,
        )
        self._last_command = now
        self.outcome = None
        self.confirmed_by = None
        self.state = MOVEMENT[action]

    def command_sent(self, now: float) -> None:
        """Record that the command has been received, or may have been."""
        if self._command is None:
            return
        self._command.sent = now
        for wait in self.timing.command_looks:
            self._plan(now, wait, _Reason.COMMAND)
        self.advance(now)

    def command_withdrawn(self, now: float) -> None:
        """Record that the command was provably never received: all is as it was."""
        command, self._command = self._command, None
        if command is None:
            return
        self._last_command = command.before_command
        if not command.is_overtaken:
            self.state = command.before
            self._believed_until = command.before_until
            self._movement_until = command.before_movement_until
        self._drop_command_looks()
        self.advance(now)
        for told in command.ignored:
            self._take(told, now)

    def command_failed(self, now: float) -> None:
        """Record that the command has ended without success, as the device says."""
        if self._command is not None:
            self._end_unconfirmed(self._command, now)

    def _take_report_of_command(self, command: _Command, told: _Evidence, now: float) -> Verdict:
        state, asked_at = told.state, told.asked_at
        if not self._carries_out(command, state):
            command.otherwise = asked_at
            if asked_at >= self._settled_at(command):
                command.later = state
                command.later_until = asked_at - self.timing.lag + self.timing.hold
            return Verdict.IGNORED
        if self._is_too_early(told) or not self._is_believable(command, state, asked_at):
            return Verdict.IGNORED
        sent = command.started if command.sent is None else command.sent
        was_there = state is command.before and command.before_until > now
        self._end(Outcome.CONFIRMED, told)
        if was_there:
            # That nothing had to be done is no new evidence of it.
            self.state = state
            self._believed_until = command.before_until
            self._newest = asked_at
        else:
            self._direct = None
            self._accept_report(state, asked_at, now)
        self._plan(sent, self.timing.settle + self.timing.lag, _Reason.DOUBT)
        return Verdict.ACCEPTED

    def _is_believable(self, command: _Command, state: LockState, asked_at: float) -> bool:
        if not self._is_contradicted(state, asked_at):
            return True
        if state is LockState.LOCKED:
            # A report that moves on may still be of an earlier "locked".
            return False
        return command.otherwise > max(command.started, self._spoken_against_at(state))

    def _carries_out(self, command: _Command, state: LockState) -> bool:
        if state in _TARGETS[command.action]:
            return True
        # It stays open for seconds only: a locked door that is now unlocked was opened.
        return (
            command.action is Action.OPEN
            and state is LockState.UNLOCKED
            and (command.was_opening or command.before is LockState.LOCKED)
        )

    def _end(self, outcome: Outcome, told: _Evidence | None = None) -> None:
        self._command = None
        self.outcome = outcome
        self.confirmed_by = None if told is None else told.source
        self._doubted = None
        self._drop_command_looks()
        self._drop_looks(inf if told is None else told.asked_at)

    def _end_unconfirmed(self, command: _Command, now: float) -> None:
        shown = self.state
        self._end(Outcome.NOT_CONFIRMED)
        if command.later in _NOT_LOCKED:
            self.state = command.later
            self._believed_until = command.later_until
        elif shown is not LockState.LOCKED:
            self._show_unknown()
        if command.action is not Action.LOCK:
            self._unlock_ended = now
        self._plan_doubt(now, now)

    def _gives_up_at(self, command: _Command) -> float:
        # Whoever sends tells how that ended; a send that never ends is given up, too.
        return inf if command.sent is None else command.sent + self.timing.give_up

    def _settled_at(self, command: _Command) -> float:
        return inf if command.sent is None else command.sent + self.timing.settle

    # Planning.

    def _plan_doubt(self, now: float, doubted_at: float | None = None) -> None:
        """Plan one series of looks, and one when the lag is over."""
        for wait in self.timing.looks:
            self._plan(now, wait, _Reason.DOUBT)
        if doubted_at is not None and self.timing.lag > 0:
            self._plan(now, max(doubted_at + self.timing.lag - now, 0.0), _Reason.DOUBT)

    def _plan(self, now: float, wait: float, reason: _Reason) -> None:
        self._looks.append(_Look(now + wait, reason, now))

    def _drop_looks(self, asked_at: float) -> None:
        """Drop what an answer serves: all that was in question when it was asked for."""
        self._looks = [
            look
            for look in self._looks
            if look.reason is _Reason.COMMAND or look.planned_at > asked_at
        ]

    def _drop_command_looks(self) -> None:
        self._looks = [look for look in self._looks if look.reason is not _Reason.COMMAND]

    def _show_unknown(self) -> None:
        self.state = LockState.UNKNOWN
        self._believed_until = inf
