"""The edges of the rules: the exact moment, the exact count, and what is asked of a tracker."""

from dataclasses import replace
from math import inf

import pytest

from custom_components.smartlocks.models import Action, LockState
from custom_components.smartlocks.state_tracker import Outcome, Source, StateTracker, Verdict

from .test_rules import (
    LOCKED,
    LOCKING,
    OPEN,
    OPENING,
    UNKNOWN,
    UNLOCKED,
    UNLOCKING,
    Told,
)
from .timings import LOQED, THE_KEYS, THE_KEYS_NO_SIGN

SIGNED = replace(THE_KEYS, lag=7.0, looks=(3.0, 2.0, 8.0))


@pytest.fixture
def locked() -> Told:
    """Return a LOQED lock that was pushed as locked at 100."""
    told = Told()
    told.push(LOCKED, 100)
    return told


# What is known at first.


def test_tracker_when_new_then_nothing_is_known_or_under_way() -> None:
    tracker = StateTracker(LOQED, 50)
    assert (tracker.state, tracker.outcome, tracker.confirmed_by) == (UNKNOWN, None, None)
    assert (tracker.is_commanded, tracker.command, tracker.next_change) == (False, None, inf)
    assert tracker.next_read == 50
    assert tracker.heard_at == 50 - 300


def test_first_report_when_a_push_came_before_then_it_is_not_read_again() -> None:
    told = Told(replace(LOQED, looks=()))
    told.push(LOCKED, 100)
    told.report(LOCKED, 230)
    assert told.tracker.next_read == 830


def test_heard_at_then_the_newest_evidence_whatever_became_of_it(locked: Told) -> None:
    assert locked.tracker.heard_at == 100
    locked.report(UNLOCKED, 150)
    assert locked.tracker.heard_at == 150
    locked.report(UNLOCKED, 140, came=160)
    assert locked.tracker.heard_at == 150


def test_push_when_its_stamp_is_the_first_that_there_is_then_it_counts() -> None:
    told = Told()
    assert told.push(LOCKED, 100, stamp=0) is Verdict.ACCEPTED


@pytest.mark.parametrize(("at", "verdict"), [(29.9, Verdict.HINT), (30, Verdict.ACCEPTED)])
def test_push_when_the_first_window_ends_then_it_counts(at: float, verdict: Verdict) -> None:
    assert Told().push(UNLOCKED, at) is verdict


# Numbers.


def test_bound_with_a_sign_then_sign_first_look_and_lag() -> None:
    assert SIGNED.bound == 15 + 2 + 7
    assert replace(SIGNED, looks=()).bound == 15 + 7


def test_interval_then_the_shorter_where_nothing_is_known() -> None:
    assert THE_KEYS.interval(UNKNOWN) == 60
    assert replace(THE_KEYS, poll=30).interval(UNKNOWN) == 30
    assert THE_KEYS.interval(LOCKED) == THE_KEYS.interval(UNLOCKED) == 1800
    assert LOQED.interval(LOCKED) == 600
    assert LOQED.interval(OPEN) == 1800


def test_push_when_the_vendor_has_no_window_then_it_counts_at_once() -> None:
    assert Told(THE_KEYS).push(UNLOCKED, 0) is Verdict.ACCEPTED


# Tokens.


def _hinted(told: Told, at: float, *, is_verified: bool = False) -> list[float]:
    told.tracker.hint(at, is_verified=is_verified)
    return told.reads_until(at + 130)


def test_hints_when_the_burst_is_used_up_then_no_read(locked: Told) -> None:
    assert _hinted(locked, 110) == [112, 120, 140, 230]
    assert _hinted(locked, 300) == [302, 310, 330, 420]
    assert _hinted(locked, 500) == []


@pytest.mark.parametrize(("is_verified", "refill"), [(False, 3600), (True, 7200)])
@pytest.mark.parametrize("early", [0.1, -0.1])
def test_hints_when_a_token_is_earned_then_one_read(
    locked: Told, is_verified: bool, refill: float, early: float
) -> None:
    for at in (110, 300):
        assert len(_hinted(locked, at, is_verified=is_verified)) == 4
    # Counted from the first read.
    earned = 112 + refill - early
    locked.push(LOCKED, earned - 10)
    locked.tracker.hint(earned - 2, is_verified=is_verified)
    assert len(locked.reads_until(earned + 1)) == (early < 0)


def test_hints_when_no_token_is_ever_earned_then_exactly_the_burst() -> None:
    told = Told(replace(LOQED, hint_refill=inf))
    told.push(LOCKED, 100)
    assert [len(_hinted(told, at)) for at in (110, 300, 500)] == [4, 4, 0]


def test_hint_when_its_series_ends_with_the_last_look_then_it_still_runs(locked: Told) -> None:
    locked.tracker.hint(110)
    assert locked.reads_until(199) == [112, 120, 140]
    locked.tracker.hint(200)
    assert locked.reads_until(330) == [202, 230]


def test_tokens_when_long_unused_then_no_more_than_the_burst(locked: Told) -> None:
    _hinted(locked, 110)
    late = 110 + 1000 * 3600
    locked.push(LOCKED, late)
    reads = [len(_hinted(locked, late + 10 + 150 * number)) for number in range(3)]
    assert reads == [4, 4, 0]


def test_hint_and_late_push_then_tokens_of_their_own(locked: Told) -> None:
    for at in (110, 300):
        _hinted(locked, at)
    locked.push(LOCKED, 450)
    assert len(_hinted(locked, 460, is_verified=True)) == 4


def test_hint_when_a_series_runs_then_one_read_is_added_where_the_next_is_far(
    locked: Told,
) -> None:
    locked.tracker.hint(110)
    assert locked.reads_until(121) == [112, 120]
    locked.tracker.hint(121)
    # What was asked for before the second does not answer it.
    locked.read(LOCKED, 118, came=122)
    assert locked.reads_until(240) == [123, 140, 230]


def test_hint_when_its_series_is_over_then_another_begins(locked: Told) -> None:
    locked.tracker.hint(110)
    assert locked.reads_until(149) == [112, 120, 140]
    locked.tracker.hint(150)
    assert locked.reads_until(269) == [152, 160, 180, 230]


def test_hint_when_another_series_runs_then_its_own_begins(locked: Told) -> None:
    locked.tracker.hint(110)
    locked.tracker.hint(111, is_verified=True)
    assert locked.reads_until(121) == [112, 113, 120, 121]


@pytest.mark.parametrize(
    ("wait", "expected"),
    [
        # A report so soon after the hint may not know of it yet.
        (0.1, [120, 122, 140, 230]),
        (1.9, [120, 122, 140, 230]),
        (2, [120, 140, 230]),
        (2.1, [119.9, 120, 140, 230]),
    ],
)
def test_hint_when_the_next_read_is_near_then_one_more_follows_where_that_is_too_soon(
    locked: Told, wait: float, expected: list[float]
) -> None:
    locked.tracker.hint(110)
    assert locked.reads_until(113) == [112]
    locked.tracker.hint(120 - wait)
    assert locked.reads_until(240) == pytest.approx(expected)


def test_hint_when_the_device_answers_itself_then_no_read_is_too_soon() -> None:
    told = Told(replace(THE_KEYS, looks=(2.0, 10.0)))
    told.push(LOCKED, 100)
    told.tracker.hint(110)
    assert told.reads_until(113) == [112]
    told.tracker.hint(119)
    assert told.reads_until(130) == [120]


def test_late_push_when_a_read_is_too_soon_after_it_then_one_more_follows(
    locked: Told,
) -> None:
    locked.tracker.hint(110, is_verified=True)
    assert locked.reads_until(139) == [112, 120]
    locked.tracker.hint(139.5, is_verified=True)
    assert locked.reads_until(150) == [140, 142]


def test_read_when_either_kind_of_hint_has_a_token_then_it_is_made(locked: Told) -> None:
    for at in (110, 300):
        _hinted(locked, at)
    locked.push(LOCKED, 450)
    locked.tracker.hint(500)
    locked.tracker.hint(500, is_verified=True)
    assert locked.reads_until(503) == [502]


def test_push_when_late_then_read_by_tokens_of_its_own(locked: Told) -> None:
    for at in (110, 300):
        _hinted(locked, at)
    locked.push(LOCKED, 450)
    assert locked.push(UNLOCKED, 460, stamp=440) is Verdict.HINT
    assert locked.reads_until(500) == [462, 470, 490]


def test_hint_when_the_next_read_of_its_series_is_near_then_none_is_added(locked: Told) -> None:
    locked.tracker.hint(110)
    locked.tracker.hint(110)
    assert locked.reads_until(240) == [112, 120, 140, 230]


def test_read_when_it_answers_then_the_looks_of_before_are_served_and_later_ones_stay(
    locked: Told,
) -> None:
    locked.tracker.hint(110)
    locked.push(LOCKED, 111)
    assert locked.tracker.next_read == 711
    locked.tracker.hint(120)
    locked.push(LOCKED, 125)
    locked.tracker.hint(130)
    assert locked.tracker.next_read == 132


# Time.


def test_read_when_belief_has_ended_then_unknown_is_shown() -> None:
    told = Told(THE_KEYS_NO_SIGN)
    told.read(LOCKED, 0)
    assert told.tracker.take_due(300)
    assert told.state is UNKNOWN


@pytest.mark.parametrize(("at", "state"), [(3099.9, LOCKED), (3100, UNKNOWN)])
def test_belief_then_it_ends_at_its_moment(locked: Told, at: float, state: LockState) -> None:
    assert locked.tracker.next_change == 3100
    locked.tracker.advance(at)
    assert locked.state is state


def test_belief_when_a_push_was_late_then_it_counts_from_when_it_was_said() -> None:
    told = Told()
    told.push(LOCKED, 110, stamp=100)
    assert told.tracker.next_change == 3100


def test_push_when_its_clock_is_ahead_then_belief_counts_from_when_it_came() -> None:
    told = Told()
    told.push(LOCKED, 100, stamp=120)
    assert told.tracker.next_change == 3100


@pytest.mark.parametrize(("at", "state"), [(229.9, UNLOCKING), (230, UNKNOWN)])
def test_movement_then_it_ends_at_its_moment(locked: Told, at: float, state: LockState) -> None:
    locked.push(UNLOCKING, 200)
    locked.tracker.advance(at)
    assert locked.state is state


@pytest.mark.parametrize(
    ("movement", "from_state", "report", "shown"),
    [
        (LOCKING, UNLOCKED, LOCKED, LOCKED),
        (LOCKING, UNLOCKED, UNLOCKED, LOCKING),
        (UNLOCKING, LOCKED, UNLOCKED, UNLOCKED),
        (UNLOCKING, LOCKED, OPEN, OPEN),
        (OPENING, LOCKED, UNLOCKED, UNLOCKED),
        (OPENING, LOCKED, OPEN, OPEN),
        (OPENING, UNLOCKED, LOCKED, OPENING),
    ],
)
def test_movement_when_a_report_has_its_target_then_it_ends(
    movement: LockState, from_state: LockState, report: LockState, shown: LockState
) -> None:
    told = Told()
    told.push(from_state, 50)
    told.push(movement, 200)
    told.report(report, 220)
    assert told.state is shown


def test_push_when_told_without_stamp_and_age_then_it_is_the_first_and_young() -> None:
    told = Told()
    told.tracker.evidence(LOCKED, source=Source.PUSH, asked_at=100, now=100)
    assert told.tracker.next_change == 3100
    assert told.push(UNLOCKED, 101, stamp=0) is Verdict.ACCEPTED


def test_belief_when_it_ends_then_read_at_once_but_where_reads_are_paid_for() -> None:
    for is_paid, at in ((False, 420), (True, 900)):
        told = Told(
            replace(LOQED, poll=900, poll_locked=900, poll_unknown=None, hold=420, is_paid=is_paid)
        )
        told.read(LOCKED, 0)
        told.tracker.advance(420)
        assert told.state is UNKNOWN
        assert told.tracker.next_read == at


@pytest.mark.parametrize("source", [Source.PUSH, Source.READ, Source.REPORT])
def test_evidence_when_a_command_is_overdue_then_that_has_ended_before(source: Source) -> None:
    told = Told()
    told.push(UNLOCKED, 50)
    told.command(Action.LOCK, 100)
    told.tracker.evidence(LOCKED, source=source, asked_at=300, now=300, stamp=300)
    assert told.tracker.outcome is Outcome.NOT_CONFIRMED
    assert told.state is LOCKED


def test_hint_when_belief_has_ended_then_unknown_is_shown(locked: Told) -> None:
    locked.tracker.hint(3100)
    assert locked.state is UNKNOWN


# Renewing.


def test_sign_when_belief_has_ended_then_it_renews_nothing() -> None:
    told = Told(THE_KEYS)
    told.read(LOCKED, 0)
    told.tracker.renew(310, 310)
    assert told.state is UNKNOWN


@pytest.mark.parametrize(("asked_at", "until"), [(9, 310), (10, 310), (50, 350)])
def test_sign_when_unchanged_then_belief_is_renewed_from_when_it_was_asked_for(
    asked_at: float, until: float
) -> None:
    told = Told(THE_KEYS)
    told.read(LOCKED, 10)
    told.tracker.renew(asked_at, 60)
    assert told.tracker.next_change == until


def test_sign_when_a_command_is_under_way_then_it_renews_nothing() -> None:
    told = Told(THE_KEYS)
    told.read(LOCKED, 10)
    told.command(Action.UNLOCK, 20)
    told.tracker.renew(200, 200)
    told.tracker.command_withdrawn(201)
    told.tracker.advance(310)
    assert told.state is UNKNOWN
