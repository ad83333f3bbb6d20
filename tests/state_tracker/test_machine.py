"""Hypothesis looks for a history in which a law of the design does not hold, row by row.

The laws are in `world.py`, where each has its name. The long run is `scripts/prove-tracker`.
"""

from typing import ClassVar

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
import pytest

from custom_components.smartlocks.models import LockState
from custom_components.smartlocks.state_tracker import StateTracker

from . import acts
from .timings import ROWS, Row
from .world import Answers, Carriage, Fate, Make, World

SHORT = settings(
    max_examples=12,
    stateful_step_count=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class LockMachine(RuleBasedStateMachine):
    """One lock and whatever may happen to it."""

    row: ClassVar[Row]
    make: ClassVar[Make] = StateTracker
    steps: ClassVar[int] = 0

    @initialize(bolt=st.sampled_from((LockState.LOCKED, LockState.UNLOCKED)))
    def begin(self, bolt: LockState) -> None:
        """Start with a bolt that nobody knows of."""
        self.world = World(self.row, type(self).make, bolt=bolt)

    def _count(self) -> None:
        type(self).steps += 1

    @rule(data=st.data())
    def time_passes(self, data: st.DataObject) -> None:
        """Let time pass."""
        self._count()
        self.world.wait(data.draw(st.sampled_from(acts.waits(self.row.timing))))

    @rule(state=st.sampled_from(acts.ENDS))
    def a_hand_turns(self, state: LockState) -> None:
        """Turn the bolt by hand."""
        self._count()
        self.world.turn(state)

    @rule(
        data=st.data(),
        fate=st.sampled_from(tuple(Fate)),
        takes=st.sampled_from(acts.REQUEST_SECONDS),
    )
    def a_command(self, data: st.DataObject, fate: Fate, takes: float) -> None:
        """Send a command."""
        self._count()
        self.world.command(data.draw(st.sampled_from(self.row.actions)), fate, takes)

    @rule(data=st.data(), fate=st.sampled_from((Fate.DONE, Fate.JAMS)))
    def somebody_elses_command(self, data: st.DataObject, fate: Fate) -> None:
        """Let the motor run for somebody else."""
        self._count()
        self.world.remote(data.draw(st.sampled_from(self.row.actions)), fate)

    @rule(answers=st.sampled_from(tuple(Answers)), list_answers=st.booleans())
    def reads(self, answers: Answers, *, list_answers: bool) -> None:
        """Let reads be answered or not."""
        self._count()
        self.world.weather.answers = answers
        self.world.weather.list_answers = list_answers

    @rule(takes=st.sampled_from(acts.ANSWER_SECONDS), is_early=st.booleans())
    def speed(self, takes: float, *, is_early: bool) -> None:
        """Let answers take their time."""
        self._count()
        self.world.weather.answer_takes = takes
        self.world.weather.is_spoken_early = is_early

    @rule(is_held_back=st.booleans(), fraction=st.sampled_from((0.0, *acts.FRACTIONS)))
    def the_bridge(self, fraction: float, *, is_held_back: bool) -> None:
        """Let the bridge hear more, and lag or not."""
        self._count()
        self.world.hear(fraction)
        self.world.weather.is_held_back = is_held_back

    @rule(waits=st.sampled_from(acts.MOTOR_WAITS), takes=st.sampled_from(acts.MOTOR_TAKES))
    def the_motor(self, waits: float, takes: float) -> None:
        """Let the motor be slow."""
        self._count()
        self.world.weather.motor_waits = waits
        self.world.weather.motor_takes = takes

    @rule()
    def home_assistant_starts(self) -> None:
        """Start Home Assistant again."""
        self._count()
        self.world.restart()

    @rule()
    def the_entry_is_reloaded(self) -> None:
        """Load the entry again."""
        self._count()
        self.world.reload()

    @rule()
    def the_network_is_good(self) -> None:
        """Let everything be well until the truth must be shown."""
        self._count()
        self.world.calm()

    @precondition(lambda self: self.row.signed or self.row.told)
    @rule(
        carriage=st.sampled_from(tuple(Carriage)),
        takes=st.sampled_from(acts.PUSH_SECONDS),
    )
    def pushes(self, carriage: Carriage, takes: float) -> None:
        """Let pushes be late, be dropped or be held back."""
        self._count()
        self.world.weather.carriage = carriage
        self.world.weather.push_takes = takes

    @precondition(lambda self: self.row.signed or self.row.told)
    @rule(index=st.integers(0, 3))
    def a_held_push_comes(self, index: int) -> None:
        """Let a push through that was held back."""
        self._count()
        self.world.release(index)

    @precondition(lambda self: self.row.signed or self.row.told)
    @rule(index=st.integers(0, 19))
    def a_recorded_push_comes(self, index: int) -> None:
        """Send a push again."""
        self._count()
        self.world.replay(index)

    @precondition(lambda self: self.row.signed)
    @rule(offset=st.sampled_from(acts.OFFSETS))
    def the_clock_steps(self, offset: float) -> None:
        """Set the device's clock."""
        self._count()
        self.world.step_clock(offset)

    @precondition(lambda self: self.row.signed or self.row.told or self.row.paid)
    @rule(is_verified=st.booleans(), gap=st.sampled_from((0.5, 2.0, 30.0)))
    def a_flood_of_hints(self, gap: float, *, is_verified: bool) -> None:
        """Let a stranger call again and again."""
        self._count()
        acts.flood(self.world, 20, gap, is_verified=is_verified)


def machine_of(row: Row, make: Make = StateTracker) -> type[LockMachine]:
    """Return the machine of a row."""
    return type(f"Machine_{row.name}", (LockMachine,), {"row": row, "make": staticmethod(make)})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_tracker_in_any_history_keeps_the_laws(row: Row) -> None:
    run_state_machine_as_test(machine_of(row), settings=SHORT)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_tracker_in_seeded_histories_keeps_the_laws(row: Row) -> None:
    broken = acts.search(row, StateTracker, seeds=range(40), steps=80)

    assert broken is None, broken


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_reads_in_a_flood_of_hints_stay_bounded(row: Row) -> None:
    for gap in (7.0, 601.0):
        acts.flood_day(row, StateTracker, gap)
