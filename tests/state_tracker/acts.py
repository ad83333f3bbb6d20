"""What can happen to a world, as a table to draw from."""

from collections.abc import Callable
from random import Random
from typing import Final

from custom_components.smartlocks.models import LockState
from custom_components.smartlocks.state_tracker import Timing

from .timings import Row
from .world import WORST_CLOCK, Answers, BrokenLawError, Carriage, Fate, Make, World

ENDS: Final = (
    LockState.LOCKED,
    LockState.UNLOCKED,
    LockState.OPEN,
    LockState.UNKNOWN,
)
OFFSETS: Final = (0.0, 20.0, -20.0, WORST_CLOCK, -WORST_CLOCK)
FRACTIONS: Final = (0.25, 0.5, 0.75, 1.0)
ANSWER_SECONDS: Final = (0.0, 0.5, 3.0, 10.0, 30.0)
PUSH_SECONDS: Final = (0.0, 0.5, 5.0, 20.0, 28.0)
REQUEST_SECONDS: Final = (0.0, 0.5, 4.0, 10.0)
MOTOR_WAITS: Final = (0.0, 1.0, 6.0, 20.0)
MOTOR_TAKES: Final = (2.0, 4.0, 16.0)
DAY: Final = 86_400.0


def waits(timing: Timing) -> tuple[float, ...]:
    """Return times to let pass that mean something to a row."""
    own = {timing.lag / 2, timing.lag, timing.poll / 2, timing.hold - 1, timing.hold + 1}
    if timing.poll_locked is not None:
        own |= {timing.poll_locked / 2, timing.poll_locked}
    return tuple(sorted({0.25, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0} | (own - {0.0})))


def flood(world: World, calls: int, gap: float, *, is_verified: bool) -> None:
    """Let a stranger call, again and again."""
    for _ in range(calls):
        world.hint(is_verified=is_verified)
        world.wait(gap)


def flood_day(row: Row, make: Make, gap: float) -> int:
    """Return the reads of a quiet lock on a day of hints that prove nothing."""
    world = World(row, make, is_checked=False)
    world.wait(600)
    before = world.happened["reads"]
    for _ in range(int(DAY / gap)):
        world.hint()
        if row.signed:
            world.hint(is_verified=True)
        world.wait(gap)
    reads = world.happened["reads"] - before
    if reads > reads_a_day(row):
        raise BrokenLawError("reads", f"{reads} reads on a day of hints, for {reads_a_day(row)}")
    return reads


def reads_a_day(row: Row) -> int:
    """Return how many reads a flood of hints may lead to at most."""
    if row.reads_a_day is not None:
        return row.reads_a_day
    timing = row.timing
    return int(DAY / timing.poll + timing.hint_burst + DAY / timing.hint_refill) + 1


class Fuzz:
    """Draw what happens next from a seed: the search that is quick."""

    def __init__(self, row: Row, make: Make, seed: int, *, sign_factor: float = 1.0) -> None:
        self.random = Random(seed)  # noqa: S311
        bolt = self.random.choice((LockState.LOCKED, LockState.UNLOCKED))
        self.world = World(row, make, bolt=bolt, sign_factor=sign_factor)
        self.waits = waits(row.timing)
        self.table = self._table(row)

    def step(self) -> None:
        """Do one thing."""
        self.random.choice(self.table)()

    def _table(self, row: Row) -> list[Callable[[], None]]:
        table = [self._wait] * 8 + [self._turn] * 3 + [self._command] * 3
        table += [self._answers, self._speed, self._bridge, self._hear, self._motor]
        table += [self._restart, self._calm, self._remote]
        if row.signed or row.told:
            table += [self._carriage] * 2 + [self._release, self._replay, self._clock, self._flood]
        if row.paid:
            table.append(self._flood)
        return table

    def _wait(self) -> None:
        self.world.wait(self.random.choice(self.waits))

    def _turn(self) -> None:
        self.world.turn(self.random.choice(ENDS))

    def _command(self) -> None:
        choice = self.random.choice
        self.world.command(
            choice(self.world.row.actions), choice(tuple(Fate)), choice(REQUEST_SECONDS)
        )

    def _remote(self) -> None:
        choice = self.random.choice
        self.world.remote(choice(self.world.row.actions), choice(tuple(Fate)))

    def _answers(self) -> None:
        weather = self.world.weather
        weather.answers = self.random.choice((Answers.GOOD, *Answers))
        weather.list_answers = self.random.random() < 0.7

    def _speed(self) -> None:
        self.world.weather.answer_takes = self.random.choice(ANSWER_SECONDS)
        self.world.weather.is_spoken_early = self.random.random() < 0.7

    def _bridge(self) -> None:
        self.world.hear(0.0)
        self.world.weather.is_held_back = self.random.random() < 0.7

    def _hear(self) -> None:
        self.world.hear(self.random.choice(FRACTIONS))

    def _motor(self) -> None:
        self.world.weather.motor_waits = self.random.choice(MOTOR_WAITS)
        self.world.weather.motor_takes = self.random.choice(MOTOR_TAKES)

    def _restart(self) -> None:
        if self.random.random() < 0.5:
            self.world.restart()
        else:
            self.world.reload()

    def _calm(self) -> None:
        if self.random.random() < 0.3:
            self.world.calm()

    def _carriage(self) -> None:
        self.world.weather.carriage = self.random.choice(tuple(Carriage))
        self.world.weather.push_takes = self.random.choice(PUSH_SECONDS)

    def _release(self) -> None:
        self.world.release(self.random.randrange(4))

    def _replay(self) -> None:
        self.world.replay(self.random.randrange(20))

    def _clock(self) -> None:
        self.world.step_clock(self.random.choice(OFFSETS))

    def _flood(self) -> None:
        if self.random.random() < 0.2:
            flood(self.world, 60, 2.0, is_verified=self.random.random() < 0.5)


def search(
    row: Row, make: Make, *, seeds: range, steps: int, sign_factor: float = 1.0
) -> tuple[BrokenLawError, int, int] | None:
    """Return the first broken law, with the seed and the step; None if there is none."""
    for seed in seeds:
        fuzz = Fuzz(row, make, seed, sign_factor=sign_factor)
        for step in range(steps):
            try:
                fuzz.step()
            except BrokenLawError as err:
                return err, seed, step
    return None
