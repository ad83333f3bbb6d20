"""Each rule of the state tracker by example. The seconds are those of LOQED or The Keys."""

from dataclasses import replace

import pytest

from custom_components.smartlocks.models import Action, LockState
from custom_components.smartlocks.state_tracker import (
    Outcome,
    Source,
    StateTracker,
    Timing,
    Verdict,
)

from .timings import LOQED, LOQED_DEGRADED, THE_KEYS, THE_KEYS_NO_SIGN, sesame_web

LOCKED, UNLOCKED, OPEN = LockState.LOCKED, LockState.UNLOCKED, LockState.OPEN
LOCKING, UNLOCKING, OPENING = LockState.LOCKING, LockState.UNLOCKING, LockState.OPENING
JAMMED, UNKNOWN = LockState.JAMMED, LockState.UNKNOWN


class Told:
    """A tracker that is told by short words; a push's stamp is its moment unless told."""

    def __init__(self, timing: Timing = LOQED, now: float = 0.0) -> None:
        self.tracker = StateTracker(timing, now)

    @property
    def state(self) -> LockState:
        """What is shown."""
        return self.tracker.state

    def push(self, state: LockState, at: float, *, stamp: int | None = None) -> Verdict:
        """Tell what the device has said itself."""
        stamp = int(at) if stamp is None else stamp
        return self.tracker.evidence(
            state, source=Source.PUSH, asked_at=at, now=at, stamp=stamp, age=at - stamp
        )

    def report(self, state: LockState, at: float, *, came: float | None = None) -> Verdict:
        """Tell what the bridge has answered."""
        came = at if came is None else came
        return self.tracker.evidence(state, source=Source.REPORT, asked_at=at, now=came)

    def read(self, state: LockState, at: float, *, came: float | None = None) -> Verdict:
        """Tell what the device has answered."""
        came = at if came is None else came
        return self.tracker.evidence(state, source=Source.READ, asked_at=at, now=came)

    def command(self, action: Action, at: float) -> None:
        """Send a command."""
        self.tracker.command_started(action, at)
        self.tracker.command_sent(at)

    def reads_until(self, end: float) -> list[float]:
        """Let time pass without an answer and return when a read was wanted."""
        wanted = []
        while self.tracker.next_read <= end:
            at = self.tracker.next_read
            if self.tracker.take_due(at):
                wanted.append(at)
            if self.tracker.next_read <= at:
                break
        self.tracker.advance(end)
        return wanted


@pytest.fixture
def locked() -> Told:
    """Return a LOQED lock that was pushed as locked at 100."""
    told = Told()
    told.push(LOCKED, 100)
    return told


@pytest.fixture
def unlocked() -> Told:
    """Return a LOQED lock that was pushed as unlocked at 100."""
    told = Told()
    told.push(UNLOCKED, 100)
    return told


# 1. By asking, not by arriving.


def test_report_asked_for_before_a_push_when_it_comes_later_is_dropped(unlocked: Told) -> None:
    assert unlocked.report(LOCKED, 99, came=300) is Verdict.IGNORED
    assert unlocked.state is UNLOCKED


def test_read_asked_for_before_a_command_when_it_comes_later_is_dropped() -> None:
    told = Told(THE_KEYS)
    told.read(LOCKED, 0)
    told.command(Action.UNLOCK, 10)

    assert told.read(LOCKED, 9, came=30) is Verdict.IGNORED
    assert told.state is UNLOCKING


def test_older_push_when_it_comes_later_is_a_hint(unlocked: Told) -> None:
    assert unlocked.push(LOCKED, 105, stamp=99) is Verdict.HINT
    assert unlocked.state is UNLOCKED


def test_push_of_locked_of_the_same_second_is_a_hint_and_of_unlocked_counts() -> None:
    told = Told()
    told.push(LOCKED, 100)
    assert told.push(UNLOCKED, 100.5, stamp=100) is Verdict.ACCEPTED
    assert told.push(LOCKED, 100.75, stamp=100) is Verdict.HINT
    assert told.state is UNLOCKED


def test_push_of_locked_older_than_the_last_command_is_a_hint() -> None:
    told = Told()
    told.push(UNLOCKED, 50)
    told.command(Action.UNLOCK, 110)

    assert told.push(LOCKED, 125, stamp=105) is Verdict.HINT
    assert told.state is UNLOCKING


# 2. In doubt, never locked.


def test_report_against_a_young_push_of_locked_shows_unknown(locked: Told) -> None:
    assert locked.report(UNLOCKED, 150) is Verdict.DOUBTED
    assert locked.state is UNKNOWN


def test_report_against_a_young_push_of_unlocked_changes_nothing(unlocked: Told) -> None:
    assert unlocked.report(LOCKED, 219) is Verdict.DOUBTED
    assert unlocked.state is UNLOCKED


def test_report_against_a_push_when_the_lag_is_over_counts(unlocked: Told) -> None:
    assert unlocked.report(LOCKED, 220) is Verdict.ACCEPTED
    assert unlocked.state is LOCKED


def test_report_of_unlocked_after_one_that_agreed_wins_at_once(locked: Told) -> None:
    locked.report(LOCKED, 110)

    assert locked.report(UNLOCKED, 115) is Verdict.ACCEPTED
    assert locked.state is UNLOCKED


def test_report_that_agreed_before_the_last_push_says_nothing_of_that(locked: Told) -> None:
    locked.report(LOCKED, 110)
    locked.push(LOCKED, 120)

    assert locked.report(UNLOCKED, 125) is Verdict.DOUBTED
    assert locked.state is UNKNOWN


def test_doubt_plans_one_series_and_one_read_when_the_lag_is_over(locked: Told) -> None:
    locked.report(UNLOCKED, 150)
    locked.report(UNLOCKED, 151)

    assert locked.reads_until(400) == [152, 160, 180, 220]


def test_hint_changes_no_state_and_plans_the_same_series(locked: Told) -> None:
    locked.tracker.hint(150)

    assert locked.state is LOCKED
    assert locked.reads_until(400) == [152, 160, 180, 270]


def test_hints_again_and_again_cost_no_more_than_the_bucket_has(locked: Told) -> None:
    reads = 0
    for second in range(200, 700):
        locked.tracker.hint(second)
        reads += len(locked.reads_until(second))
    assert reads == LOQED.hint_burst


def test_hint_never_postpones_the_routine_read(locked: Told) -> None:
    for second in range(110, 690, 10):
        locked.tracker.hint(second)
    assert 700 in locked.reads_until(700)


def test_hint_while_a_read_is_on_its_way_is_still_looked_at() -> None:
    told = Told(THE_KEYS)
    told.read(LOCKED, 0)
    told.tracker.hint(105)
    told.read(LOCKED, 100, came=105.5)

    assert told.tracker.next_read == 106


def test_hint_to_a_paid_lock_reads_at_once_as_long_as_there_are_tokens() -> None:
    told = Told(sesame_web(1))
    told.report(LOCKED, 0)
    told.tracker.hint(10)

    assert told.reads_until(100) == [10]


# 3. A command is a bracket.


@pytest.mark.parametrize(
    ("action", "state"),
    [
        (Action.LOCK, LOCKED),
        (Action.UNLOCK, UNLOCKED),
        (Action.UNLOCK, OPEN),
        (Action.OPEN, OPEN),
    ],
)
def test_push_of_where_a_command_leads_confirms_it(action: Action, state: LockState) -> None:
    told = Told()
    told.command(action, 100)
    told.push(state, 104)

    assert told.tracker.outcome is Outcome.CONFIRMED
    assert told.tracker.confirmed_by is Source.PUSH
    assert told.state is state


def test_movement_never_confirms_a_command(locked: Told) -> None:
    locked.command(Action.UNLOCK, 110)
    locked.push(UNLOCKING, 111)

    assert locked.tracker.outcome is None
    assert locked.state is UNLOCKING


def test_unlocked_after_opening_was_seen_confirms_an_open(unlocked: Told) -> None:
    unlocked.command(Action.OPEN, 110)
    unlocked.push(OPENING, 112)
    unlocked.push(UNLOCKED, 120)

    assert unlocked.tracker.outcome is Outcome.CONFIRMED


def test_old_state_told_before_a_command_had_time_changes_nothing(unlocked: Told) -> None:
    unlocked.command(Action.LOCK, 110)

    assert unlocked.push(UNLOCKED, 115) is Verdict.IGNORED
    assert unlocked.state is LOCKING


def test_old_state_told_before_a_command_had_time_still_speaks_against_a_report() -> None:
    told = Told()
    told.report(UNLOCKED, 100)
    told.command(Action.LOCK, 110)
    told.push(UNLOCKED, 115)

    assert told.report(LOCKED, 119) is Verdict.IGNORED
    assert told.tracker.outcome is None


def test_report_confirms_a_command_when_nothing_younger_speaks_against_it() -> None:
    told = Told()
    told.report(UNLOCKED, 0)
    told.command(Action.LOCK, 100)
    told.report(LOCKED, 109)

    assert told.tracker.outcome is Outcome.CONFIRMED
    assert told.tracker.next_read == 100 + LOQED.settle + LOQED.lag


def test_lagging_report_of_locked_never_overrules_what_the_device_said(unlocked: Told) -> None:
    unlocked.command(Action.LOCK, 110)
    unlocked.report(UNLOCKED, 119)
    unlocked.report(LOCKED, 126)

    assert unlocked.state is LOCKING
    unlocked.tracker.advance(140)
    assert unlocked.tracker.outcome is Outcome.NOT_CONFIRMED


def test_jam_ends_a_command_and_is_shown_until_a_position_is_known(unlocked: Told) -> None:
    unlocked.command(Action.LOCK, 110)
    unlocked.push(JAMMED, 114)
    assert unlocked.tracker.outcome is Outcome.JAMMED

    unlocked.report(UNKNOWN, 300)
    assert unlocked.state is JAMMED
    unlocked.report(UNLOCKED, 301)
    assert unlocked.state is UNLOCKED


def test_command_to_the_state_shown_succeeds_on_a_report_and_renews_nothing(locked: Told) -> None:
    locked.command(Action.LOCK, 2000)
    locked.report(LOCKED, 2009)
    assert locked.tracker.outcome is Outcome.CONFIRMED

    locked.tracker.advance(100 + LOQED.hold)
    assert locked.state is UNKNOWN


@pytest.mark.parametrize("action", [Action.LOCK, Action.UNLOCK])
def test_command_when_it_is_not_confirmed_shows_unknown(locked: Told, action: Action) -> None:
    locked.command(action, 200)
    locked.tracker.advance(230)

    assert locked.tracker.outcome is Outcome.NOT_CONFIRMED
    assert locked.state is UNKNOWN


def test_lock_that_is_told_unlocked_once_it_had_time_shows_unlocked() -> None:
    told = Told(LOQED_DEGRADED)
    told.report(UNLOCKED, 0)
    told.command(Action.LOCK, 100)
    told.report(UNLOCKED, 112)
    told.tracker.advance(130)

    assert told.tracker.outcome is Outcome.NOT_CONFIRMED
    assert told.state is UNLOCKED


def test_report_of_locked_within_the_lag_after_a_lost_unlock_does_not_count(locked: Told) -> None:
    locked.command(Action.UNLOCK, 200)
    locked.tracker.advance(230)

    assert locked.report(LOCKED, 349) is Verdict.IGNORED
    assert locked.report(LOCKED, 350) is Verdict.ACCEPTED


def test_lock_after_a_lost_unlock_is_not_confirmed_by_a_report_within_the_lag() -> None:
    told = Told(LOQED_DEGRADED)
    told.report(LOCKED, 0)
    told.command(Action.UNLOCK, 10)
    told.tracker.advance(40)
    told.command(Action.LOCK, 41)

    told.report(LOCKED, 53)
    assert told.tracker.outcome is None


def test_read_of_locked_asked_for_before_a_lost_unlock_was_given_up_does_not_count() -> None:
    told = Told(THE_KEYS)
    told.read(LOCKED, 0)
    told.command(Action.UNLOCK, 10)
    told.tracker.advance(34)

    assert told.read(LOCKED, 30, came=36) is Verdict.IGNORED
    assert told.state is UNKNOWN


def test_command_never_sent_leaves_everything_as_it_was(locked: Told) -> None:
    locked.tracker.command_started(Action.UNLOCK, 200)
    locked.tracker.command_withdrawn(210)

    assert locked.state is LOCKED
    assert locked.tracker.next_change == 100 + LOQED.hold


def test_push_during_a_command_never_sent_counts(locked: Told) -> None:
    locked.tracker.command_started(Action.LOCK, 200)
    locked.push(OPEN, 205)
    locked.tracker.command_withdrawn(210)

    assert locked.state is OPEN


def test_movement_during_a_command_never_sent_is_not_undone(locked: Told) -> None:
    locked.tracker.command_started(Action.UNLOCK, 200)
    locked.push(UNLOCKING, 205)
    locked.tracker.command_withdrawn(210)

    assert locked.state is UNLOCKING


def test_read_on_its_way_during_a_command_never_sent_counts() -> None:
    told = Told(THE_KEYS_NO_SIGN)
    told.read(LOCKED, 0)
    told.tracker.command_started(Action.UNLOCK, 101)
    told.read(UNLOCKED, 100, came=102)
    assert told.state is UNLOCKING
    told.tracker.command_withdrawn(103)

    assert told.state is UNLOCKED


# 4. Belief ends.


def test_push_is_believed_from_when_it_was_spoken() -> None:
    told = Told()
    told.push(LOCKED, 110, stamp=100)

    assert told.tracker.next_change == 100 + LOQED.hold


def test_report_is_believed_from_as_far_back_as_it_may_be() -> None:
    told = Told()
    told.report(LOCKED, 100, came=105)

    assert told.tracker.next_change == 100 - LOQED.lag + LOQED.hold
    told.tracker.advance(100 - LOQED.lag + LOQED.hold)
    assert told.state is UNKNOWN


def test_change_sign_that_has_not_changed_renews_the_state() -> None:
    told = Told(THE_KEYS)
    told.read(LOCKED, 0)
    told.tracker.renew(200, 201)

    assert told.tracker.next_change == 200 + THE_KEYS.hold


def test_belief_that_ends_before_the_routine_read_asks_for_one() -> None:
    told = Told(replace(THE_KEYS, poll_unknown=None))
    told.read(LOCKED, 0)
    told.tracker.advance(300)

    assert told.state is UNKNOWN
    assert told.tracker.next_read == 300


def test_routine_read_comes_sooner_while_locked() -> None:
    told = Told()
    told.push(LOCKED, 100)
    assert told.tracker.next_read == 700
    told.push(UNLOCKED, 200)
    assert told.tracker.next_read == 2000


# 5. A start knows nothing.


def test_start_shows_unknown_and_reads_at_once() -> None:
    told = Told(now=50)

    assert told.state is UNKNOWN
    assert told.tracker.next_read == 50


def test_push_in_the_first_signature_window_is_a_hint() -> None:
    told = Told()

    assert told.push(LOCKED, 29) is Verdict.HINT
    assert told.push(LOCKED, 31) is Verdict.ACCEPTED


def test_first_report_is_read_again_when_its_lag_is_over() -> None:
    told = Told()
    told.report(LOCKED, 1)

    assert told.tracker.next_read == 121


def test_first_report_of_a_paid_lock_is_not_read_again() -> None:
    told = Told(sesame_web(1))
    told.report(LOCKED, 1)

    assert told.tracker.next_read == 3601


# 6. Movements.


def test_movement_ends_by_time_as_unknown_and_with_a_read(locked: Told) -> None:
    locked.push(UNLOCKING, 200)
    assert locked.tracker.next_change == 230
    locked.tracker.advance(230)

    assert locked.state is UNKNOWN
    assert locked.tracker.next_read == 232


@pytest.mark.parametrize("state", [LOCKED, UNKNOWN])
def test_movement_is_not_ended_by_a_report_of_something_else(
    locked: Told, state: LockState
) -> None:
    locked.push(UNLOCKING, 200)

    assert locked.report(state, 210) is Verdict.IGNORED
    assert locked.state is UNLOCKING


def test_movement_ends_by_direct_evidence_of_something_else(locked: Told) -> None:
    locked.push(UNLOCKING, 200)
    locked.push(LOCKED, 205)

    assert locked.state is LOCKED


def test_movement_to_locked_soon_after_a_lost_unlock_is_not_ended_by_a_report(
    locked: Told,
) -> None:
    locked.command(Action.UNLOCK, 200)
    locked.tracker.advance(230)
    locked.report(UNLOCKED, 232)
    locked.push(LOCKING, 242)

    assert locked.report(LOCKED, 250) is Verdict.IGNORED
    assert locked.state is LOCKING


# 7. No wall clock.


def test_stamps_of_another_century_lead_to_the_same_state() -> None:
    told, other = Told(), Told()
    told.push(LOCKED, 100)
    other.tracker.evidence(LOCKED, source=Source.PUSH, asked_at=100, now=100, stamp=4_000_000_000)

    assert (told.state, told.tracker.next_change) == (other.state, other.tracker.next_change)


# What the README states.


def test_bounds_are_those_of_the_numbers() -> None:
    assert (LOQED.bound, LOQED.outage_bound) == (720, 3000)
    assert THE_KEYS.bound == 16
    assert THE_KEYS_NO_SIGN.bound == 240
