"""Trackers that are broken on purpose: a model that lets them pass proves nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Any, Final, override

from custom_components.smartlocks.models import Action, LockState
from custom_components.smartlocks.state_tracker import Source, StateTracker, Timing, Verdict

from .acts import flood_day, search
from .timings import Row
from .world import POSITIONS, Answers, BrokenLawError, Carriage, Fate, Make, World

_TOO_RARE: Final = 2.2


class PushesInAnyOrder(StateTracker):
    """Take a push whatever its stamp and its age."""

    @override
    def _proves_nothing(self, *args: Any) -> bool:
        return super()._proves_nothing(args[0], self._newest_stamp + 1, inf, args[3])


class ByArriving(StateTracker):
    """Order evidence by when it came."""

    @override
    def evidence(
        self, state: LockState, *, source: Source, asked_at: float, now: float, **more: Any
    ) -> Verdict:
        return super().evidence(state, source=source, asked_at=now, now=now, **more)


class EvidenceFromBeforeTheCommand(StateTracker):
    """Take what was asked for before a command as if it had been asked for after it."""

    @override
    def evidence(
        self, state: LockState, *, source: Source, asked_at: float, now: float, **more: Any
    ) -> Verdict:
        asked_at = max(asked_at, self._last_command)
        return super().evidence(state, source=source, asked_at=asked_at, now=now, **more)


class UnconfirmedKeepsTheState(StateTracker):
    """Show what was shown before when a command is given up."""

    @override
    def _end_unconfirmed(self, command: Any, now: float) -> None:
        super()._end_unconfirmed(command, now)
        if command.before in POSITIONS:
            self.state, self._believed_until = command.before, command.before_until


class UnlockContradicted(StateTracker):
    """Take a lagging report of locked right after an unlock that was not confirmed."""

    @override
    def _is_too_early(self, told: Any) -> bool:
        return False


class HintsWithoutBucket(StateTracker):
    """Read for every hint."""

    @override
    def take_due(self, now: float) -> bool:
        for bucket in self._buckets.values():
            bucket.tokens = float(self.timing.hint_burst)
        return super().take_due(now)


class MovementEndedByStaleReport(StateTracker):
    """Let any report end a movement."""

    @override
    def _says_nothing(self, state: LockState) -> bool:
        return False


class ForgetsWhatWasSaid(StateTracker):
    """Drop what came while a command was under way that was never sent."""

    @override
    def command_withdrawn(self, now: float) -> None:
        if self._command is not None:
            self._command.ignored.clear()
            self._command.is_overtaken = False
        super().command_withdrawn(now)


class ReportsOverruleDirectEvidence(StateTracker):
    """Believe a report whatever the device has said itself."""

    @override
    def _is_contradicted(self, state: LockState, asked_at: float) -> bool:
        return False


class LockConfirmedByMovingReport(StateTracker):
    """Believe a report of locked against the device because the report before said otherwise."""

    @override
    def _is_believable(self, command: Any, state: LockState, asked_at: float) -> bool:
        if not self._is_contradicted(state, asked_at):
            return True
        return bool(command.otherwise > max(command.started, self._spoken_against_at(state)))


class LooksEndedByOlderReads(StateTracker):
    """Drop the looks that were planned after a read was asked for."""

    @override
    def _accept_direct(self, state: LockState, asked_at: float) -> None:
        super()._accept_direct(state, asked_at)
        if self._command is None:
            self._looks.clear()


class StateBelievedForEver(StateTracker):
    """Never end the belief in a position."""

    @override
    def advance(self, now: float) -> None:
        if self.state in POSITIONS:
            self._believed_until = inf
        super().advance(now)


class NotReadWhenBeliefEnds(StateTracker):
    """Show unknown when the belief in a position ends, and wait for the routine read."""

    @override
    def advance(self, now: float) -> None:
        was_position = self.state in POSITIONS
        super().advance(now)
        if was_position and self.state is LockState.UNKNOWN and self._command is None:
            self._looks = [look for look in self._looks if look.planned_at < now]


def _too_rare(timing: Timing, now: float) -> StateTracker:
    locked = timing.poll_locked
    return StateTracker(
        replace(
            timing,
            poll=float(round(timing.poll * _TOO_RARE)),
            poll_locked=None if locked is None else float(round(locked * _TOO_RARE)),
        ),
        now,
    )


def _not_again(timing: Timing, now: float) -> StateTracker:
    return StateTracker(replace(timing, is_paid=True), now)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A broken tracker, and where it can be told from a good one."""

    make: Make
    is_slow_list: bool = False
    is_flooded: bool = False

    @property
    def sign_factor(self) -> float:
        """How many times too rarely the change sign is read."""
        return _TOO_RARE if self.is_slow_list else 1.0

    def caught_at_once(self, row: Row) -> str | None:
        """Return the law by which a flood of hints or a known history catches it."""
        try:
            if self.is_flooded:
                flood_day(row, self.make, 7.0)
            if row.answer is Source.REPORT and len(row.timing.command_looks) > 1:
                a_history_told_late(World(row, self.make, bolt=LockState.UNLOCKED))
            if row.answer is Source.REPORT:
                a_read_during_a_command_never_sent(World(row, self.make))
        except BrokenLawError as err:
            return err.law
        return None

    def caught_by(self, row: Row, *, seeds: range, steps: int) -> str | None:
        """Return the law by which it is caught; None if it is not."""
        if law := self.caught_at_once(row):
            return law
        found = search(row, self.make, seeds=seeds, steps=steps, sign_factor=self.sign_factor)
        return None if found is None else found[0].law


def a_history_told_late(world: World) -> None:
    """Lock, unlock and fail to lock, while the bridge tells it one by one, late."""
    lag = world.timing.lag
    world.wait(2 * lag + 60)
    world.hear(1.0)
    world.weather.is_held_back = True
    world.weather.carriage = Carriage.DROPPED
    world.turn(LockState.LOCKED)
    locked_at = world.now
    world.wait(4)
    world.weather.carriage = Carriage.DELIVERED
    if world.row.task:
        # A lagging report of the position before would confirm it, too.
        world.weather.answers = Answers.FAILS
        world.command(Action.UNLOCK, Fate.DONE, 0.5)
        world.wait(10)
        world.weather.answers = Answers.GOOD
    else:
        world.turn(LockState.UNLOCKED)
        world.wait(2)
    world.command(Action.LOCK, Fate.LOST, 0.5)
    first, second = world.timing.command_looks[:2]
    world.wait(first + 1)
    world.hear_until(locked_at + 1)
    world.wait(second - first + 10)
    world.wait(world.timing.give_up)


def a_read_during_a_command_never_sent(world: World) -> None:
    """Let a read say "unlocked" while a command is tried that cannot be sent."""
    world.weather.is_held_back = True
    world.weather.carriage = Carriage.DROPPED
    world.wait(2 * world.timing.poll)
    reads = world.happened["reads"]
    while world.happened["reads"] == reads:
        world.wait(1)
    world.hear(1.0)
    world.turn(LockState.UNKNOWN)
    world.wait(world.timing.lag + 0.5)
    world.reload()
    world.command(Action.LOCK, Fate.NOT_SENT, 4.0)
    world.wait(world.timing.poll)


MUTANTS: Final[Mapping[str, Mutant]] = {
    "pushes in any order": Mutant(PushesInAnyOrder),
    "by arriving": Mutant(ByArriving),
    "evidence from before the command": Mutant(EvidenceFromBeforeTheCommand),
    "an unconfirmed command that keeps the state": Mutant(UnconfirmedKeepsTheState),
    "an unlock contradicted by a lagging report": Mutant(UnlockContradicted),
    "a first report never read again": Mutant(_not_again),
    "a poll 2.2 times too rare": Mutant(_too_rare),
    "a list 2.2 times too rare": Mutant(StateTracker, is_slow_list=True),
    "hints without a bucket": Mutant(HintsWithoutBucket, is_flooded=True),
    "a movement ended by a stale report": Mutant(MovementEndedByStaleReport),
    "what was said during a command never sent is forgotten": Mutant(ForgetsWhatWasSaid),
    "a report overrules direct evidence": Mutant(ReportsOverruleDirectEvidence),
    "a lock confirmed by a report that moves on": Mutant(LockConfirmedByMovingReport),
    "looks ended by an older read": Mutant(LooksEndedByOlderReads),
    "no read when the belief in a state ends": Mutant(NotReadWhenBeliefEnds),
    "a state believed for ever": Mutant(StateBelievedForEver),
}


def applies(name: str, row: Row) -> bool:
    """Tell whether a fault can show in a row."""
    timing, is_report = row.timing, row.answer is Source.REPORT
    conditions = {
        "pushes in any order": row.signed,
        # Where the routine read comes as soon as the lag is over, it serves.
        "a first report never read again": not timing.is_paid
        and timing.interval(LockState.LOCKED) > timing.lag > 0,
        "a poll 2.2 times too rare": timing.sign is None,
        "a list 2.2 times too rare": timing.sign is not None,
        "a movement ended by a stale report": row.signed,
        "a report overrules direct evidence": is_report and (row.signed or row.task),
        "a lock confirmed by a report that moves on": is_report and (row.signed or row.task),
        "looks ended by an older read": timing.sign is not None,
        # Elsewhere the routine read is due before.
        "no read when the belief in a state ends": timing.sign is not None
        and timing.poll_unknown is None,
    }
    return conditions.get(name, True)
