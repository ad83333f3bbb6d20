"""The edges of the rules for commands, movements and reports: the exact moment, and who wins."""

from dataclasses import replace
from math import inf

import pytest

from custom_components.smartlocks.models import Action, LockState
from custom_components.smartlocks.state_tracker import Outcome, Source, Verdict

from .test_rules import (
    JAMMED,
    LOCKED,
    LOCKING,
    OPEN,
    OPENING,
    UNKNOWN,
    UNLOCKED,
    UNLOCKING,
    Told,
)
from .timings import LOQED, THE_KEYS


@pytest.fixture
def locked() -> Told:
    """Return a LOQED lock that was pushed as locked at 100."""
    told = Told()
    told.push(LOCKED, 100)
    return told


# Movements and commands.


def test_movement_when_it_is_the_commands_then_what_was_before_it_counts() -> None:
    told = Told()
    told.push(UNLOCKED, 50)
    told.command(Action.LOCK, 100)
    told.push(LOCKING, 103)
    # Known to be open before: no older "locked" is reported by a lock that locks.
    assert told.report(LOCKED, 171) is Verdict.ACCEPTED
    assert told.state is LOCKED


def test_movement_when_it_is_another_than_the_commands_then_reports_of_locked_wait() -> None:
    told = Told()
    told.push(UNLOCKED, 50)
    told.command(Action.LOCK, 100)
    told.push(UNLOCKING, 103)
    assert told.report(LOCKED, 125) is Verdict.IGNORED
    assert told.tracker.outcome is None


def test_locking_when_it_was_unknown_before_then_reports_of_locked_wait() -> None:
    told = Told()
    told.push(LOCKING, 100)
    assert told.report(LOCKED, 125) is Verdict.IGNORED
    told = Told()
    told.push(UNLOCKED, 50)
    told.push(LOCKING, 100)
    assert told.report(LOCKED, 129) is Verdict.IGNORED
    told = Told(replace(LOQED, movement=200))
    told.push(UNLOCKED, 50)
    told.push(LOCKING, 100)
    assert told.report(LOCKED, 170) is Verdict.ACCEPTED


def test_unlocking_when_it_was_locked_then_reports_of_locked_wait_from_there() -> None:
    told = Told(replace(LOQED, movement=10))
    told.push(LOCKED, 50)
    told.push(UNLOCKING, 100)
    told.tracker.advance(110)
    assert told.report(LOCKED, 219) is Verdict.DOUBTED
    assert told.report(LOCKED, 220) is Verdict.ACCEPTED


@pytest.mark.parametrize(("stamp", "verdict"), [(199, Verdict.HINT), (200, Verdict.ACCEPTED)])
def test_push_of_locked_when_as_old_as_the_last_command_then_it_counts(
    stamp: int, verdict: Verdict
) -> None:
    told = Told()
    told.push(UNLOCKED, 50)
    told.command(Action.UNLOCK, 200)
    told.tracker.command_failed(204)
    assert told.push(LOCKED, 210, stamp=stamp) is verdict


def test_push_of_locked_when_said_with_the_last_command_then_it_counts() -> None:
    told = Told()
    told.push(UNLOCKED, 50)
    told.command(Action.UNLOCK, 200)
    told.tracker.command_failed(200.25)
    assert told.push(LOCKED, 200.5, stamp=200) is Verdict.ACCEPTED


def test_read_when_asked_for_with_the_command_then_it_counts() -> None:
    told = Told(THE_KEYS)
    told.read(LOCKED, 0)
    told.command(Action.UNLOCK, 10)
    assert told.read(UNLOCKED, 10, came=12) is Verdict.ACCEPTED


def test_command_when_under_way_then_it_can_be_told_from_the_next(locked: Told) -> None:
    locked.command(Action.UNLOCK, 200)
    first = locked.tracker.command
    assert locked.tracker.is_commanded
    assert first is not None
    locked.command(Action.LOCK, 210)
    assert locked.tracker.command not in (None, first)


def test_command_when_confirmed_then_how_is_told_until_the_next(locked: Told) -> None:
    locked.command(Action.UNLOCK, 200)
    locked.push(UNLOCKED, 203)
    tracker = locked.tracker
    assert (tracker.outcome, tracker.confirmed_by) == (Outcome.CONFIRMED, Source.PUSH)
    assert not tracker.is_commanded
    locked.command(Action.LOCK, 300)
    assert (tracker.outcome, tracker.confirmed_by) == (None, None)


def test_command_when_nothing_answers_then_it_is_given_up_at_its_moment(locked: Told) -> None:
    locked.command(Action.UNLOCK, 200)
    assert locked.tracker.next_change == 230
    locked.tracker.advance(229.9)
    assert locked.tracker.outcome is None
    locked.tracker.advance(230)
    assert (locked.tracker.outcome, locked.state) == (Outcome.NOT_CONFIRMED, UNKNOWN)
    assert locked.tracker.confirmed_by is None


def test_command_when_never_sent_then_all_is_as_it_was(locked: Told) -> None:
    locked.tracker.command_started(Action.UNLOCK, 200)
    assert (locked.state, locked.tracker.next_change) == (UNLOCKING, inf)
    locked.tracker.command_withdrawn(205)
    assert (locked.state, locked.tracker.next_change) == (LOCKED, 3100)
    assert not locked.tracker.is_commanded
    # Also what was asked for before it counts again.
    assert locked.push(UNLOCKED, 206, stamp=150) is Verdict.ACCEPTED


def test_movement_when_a_command_was_never_sent_then_it_goes_on_and_ends(locked: Told) -> None:
    locked.push(UNLOCKING, 200)
    locked.tracker.command_started(Action.LOCK, 205)
    locked.tracker.command_withdrawn(210)
    assert (locked.state, locked.tracker.next_change) == (UNLOCKING, 230)


def test_command_when_the_device_says_it_failed_then_it_has_ended(locked: Told) -> None:
    locked.command(Action.UNLOCK, 200)
    locked.tracker.command_failed(204)
    assert (locked.tracker.outcome, locked.state) == (Outcome.NOT_CONFIRMED, UNKNOWN)
    locked.tracker.command_failed(205)
    locked.tracker.command_sent(206)
    locked.tracker.command_withdrawn(207)
    assert (locked.tracker.outcome, locked.state) == (Outcome.NOT_CONFIRMED, UNKNOWN)


@pytest.mark.parametrize(("at", "is_shown"), [(207.9, False), (208, True)])
def test_direct_evidence_when_a_command_has_settled_then_it_counts(
    locked: Told, at: float, is_shown: bool
) -> None:
    locked.command(Action.UNLOCK, 200)
    locked.push(LOCKED, at, stamp=201)
    assert (locked.state is LOCKED) is is_shown


def test_lock_when_read_as_unlocked_after_settling_then_unlocked_is_left() -> None:
    told = Told(THE_KEYS)
    told.read(UNLOCKED, 0)
    told.command(Action.LOCK, 10)
    told.read(UNLOCKED, 17)
    told.tracker.advance(34)
    assert (told.tracker.outcome, told.state) == (Outcome.NOT_CONFIRMED, UNLOCKED)
    assert told.tracker.next_change == 317


def test_lock_when_a_movement_came_after_then_the_read_before_it_does_not_count() -> None:
    told = Told()
    told.push(UNLOCKED, 50)
    told.command(Action.LOCK, 100)
    told.push(UNLOCKED, 110)
    told.push(UNLOCKING, 115)
    told.tracker.advance(130)
    assert (told.tracker.outcome, told.state) == (Outcome.NOT_CONFIRMED, UNKNOWN)


def test_open_when_seen_opening_then_unlocked_confirms_it() -> None:
    told = Told()
    told.push(UNLOCKED, 50)
    told.command(Action.OPEN, 100)
    assert told.push(UNLOCKED, 101) is Verdict.IGNORED
    told.push(OPENING, 102)
    told.push(UNLOCKED, 106)
    assert told.tracker.outcome is Outcome.CONFIRMED


def test_open_when_seen_open_then_it_is_confirmed() -> None:
    told = Told()
    told.push(UNLOCKED, 50)
    told.command(Action.OPEN, 100)
    told.push(OPEN, 104)
    assert (told.tracker.outcome, told.state) == (Outcome.CONFIRMED, OPEN)


def test_open_when_it_was_locked_then_unlocked_confirms_it(locked: Told) -> None:
    locked.command(Action.OPEN, 200)
    locked.push(UNLOCKED, 205)
    assert locked.tracker.outcome is Outcome.CONFIRMED


def test_unlock_when_it_was_unlocked_then_a_report_does_not_renew_its_age() -> None:
    told = Told()
    told.push(UNLOCKED, 50)
    told.command(Action.UNLOCK, 200)
    assert told.report(UNLOCKED, 210) is Verdict.ACCEPTED
    assert (told.tracker.outcome, told.state) == (Outcome.CONFIRMED, UNLOCKED)
    assert told.tracker.next_change == 3050
    assert told.tracker.next_read == 200 + 8 + 120


def test_unlock_when_it_jams_then_that_is_shown_until_a_position_is_known(locked: Told) -> None:
    locked.command(Action.UNLOCK, 200)
    locked.push(JAMMED, 204)
    assert (locked.tracker.outcome, locked.state) == (Outcome.JAMMED, JAMMED)
    assert locked.push(UNKNOWN, 210) is Verdict.IGNORED
    assert locked.report(UNKNOWN, 400) is Verdict.IGNORED
    assert locked.state is JAMMED
    locked.push(UNLOCKED, 500)
    assert locked.state is UNLOCKED


@pytest.mark.parametrize(("at", "state"), [(349.9, UNKNOWN), (350, LOCKED)])
def test_report_of_locked_after_a_lost_unlock_then_it_counts_when_the_lag_is_over(
    locked: Told, at: float, state: LockState
) -> None:
    locked.command(Action.UNLOCK, 200)
    locked.tracker.advance(230)
    locked.report(LOCKED, at)
    assert locked.state is state


@pytest.mark.parametrize(("at", "state"), [(33.9, UNKNOWN), (34, LOCKED)])
def test_read_of_locked_after_a_lost_unlock_then_it_counts_when_that_has_ended(
    at: float, state: LockState
) -> None:
    told = Told(THE_KEYS)
    told.read(LOCKED, 0)
    told.command(Action.UNLOCK, 10)
    told.tracker.advance(34)
    told.read(LOCKED, at, came=40)
    assert told.state is state


# Reports.


@pytest.mark.parametrize(("at", "verdict"), [(219.9, Verdict.DOUBTED), (220, Verdict.ACCEPTED)])
def test_report_when_the_lag_is_over_then_it_counts(
    locked: Told, at: float, verdict: Verdict
) -> None:
    assert locked.report(UNLOCKED, at) is verdict


def test_report_when_asked_for_with_the_newest_evidence_then_it_counts(locked: Told) -> None:
    assert locked.report(LOCKED, 100, came=105) is Verdict.ACCEPTED
    assert locked.report(LOCKED, 99.9, came=106) is Verdict.IGNORED


def test_doubt_when_contradicted_again_then_no_second_series(locked: Told) -> None:
    locked.report(UNLOCKED, 150)
    assert locked.reads_until(181) == [152, 160, 180]
    locked.report(UNLOCKED, 182)
    assert locked.tracker.next_read == 220
    # New evidence, and a new doubt.
    locked.push(LOCKED, 200)
    locked.report(UNLOCKED, 210)
    assert locked.tracker.next_read == 212


def test_report_when_one_has_agreed_then_unlocked_counts_at_once(locked: Told) -> None:
    locked.report(LOCKED, 150)
    assert locked.report(UNLOCKED, 160) is Verdict.ACCEPTED
    assert locked.state is UNLOCKED


def test_report_of_unknown_when_it_was_known_then_it_is_read_again(locked: Told) -> None:
    locked.report(UNKNOWN, 300)
    assert locked.state is UNKNOWN
    assert locked.reads_until(340) == [302, 310, 330]
    locked.report(UNKNOWN, 345)
    assert locked.tracker.next_read == 645


def test_read_of_unknown_when_it_was_known_then_it_is_read_again(locked: Told) -> None:
    locked.read(UNKNOWN, 300)
    assert locked.reads_until(340) == [302, 310, 330]
    locked.read(UNKNOWN, 345)
    assert locked.tracker.next_read == 645


# What becomes of evidence.


def test_movement_then_it_is_accepted(locked: Told) -> None:
    assert locked.push(UNLOCKING, 200) is Verdict.ACCEPTED
    assert locked.tracker.next_change == 230


def test_read_of_locked_when_too_early_after_a_lost_unlock_then_ignored() -> None:
    told = Told(THE_KEYS)
    told.command(Action.UNLOCK, 10)
    told.tracker.advance(34)
    assert told.read(LOCKED, 33, came=40) is Verdict.IGNORED
    assert told.read(UNLOCKED, 33, came=41) is Verdict.ACCEPTED


def test_read_when_it_was_long_on_its_way_then_it_is_believed_no_more() -> None:
    told = Told(THE_KEYS)
    told.read(LOCKED, 0, came=301)
    assert told.state is UNKNOWN
    told = Told()
    told.report(LOCKED, 0, came=4000)
    assert told.state is UNKNOWN


def test_report_when_it_agrees_with_a_push_that_overruled_another_then_it_counts() -> None:
    told = Told()
    told.push(UNLOCKED, 50)
    told.push(LOCKED, 100)
    assert told.report(LOCKED, 110) is Verdict.ACCEPTED
    assert told.state is LOCKED


def test_push_of_locked_after_a_lost_unlock_then_reports_count_again(locked: Told) -> None:
    locked.command(Action.UNLOCK, 200)
    locked.tracker.advance(230)
    locked.push(LOCKED, 240)
    assert locked.report(LOCKED, 250) is Verdict.ACCEPTED


def test_direct_unknown_when_a_command_is_under_way_then_it_is_weighed_and_not_shown() -> None:
    told = Told()
    told.push(LOCKED, 50)
    told.command(Action.LOCK, 100)
    assert told.push(UNKNOWN, 120) is Verdict.IGNORED
    assert told.state is LOCKING
    # It speaks against an older "locked".
    assert told.report(LOCKED, 129) is Verdict.IGNORED
    assert told.tracker.outcome is None


def test_read_of_locked_while_it_is_unlocked_slowly_then_not_shown_and_pushed_it_is() -> None:
    for source, shown in ((Source.READ, UNLOCKING), (Source.PUSH, LOCKED)):
        told = Told()
        told.push(LOCKED, 50)
        told.command(Action.UNLOCK, 100)
        told.tracker.evidence(LOCKED, source=source, asked_at=110, now=110, stamp=110)
        assert told.state is shown


def test_locked_when_a_later_report_said_otherwise_then_it_ends_a_command_in_doubt() -> None:
    for source in (Source.READ, Source.PUSH):
        told = Told()
        told.push(UNLOCKED, 50)
        told.command(Action.LOCK, 100)
        assert told.report(UNLOCKED, 120) is Verdict.IGNORED
        told.tracker.evidence(LOCKED, source=source, asked_at=119, now=125, stamp=119, age=6)
        assert told.tracker.outcome is Outcome.CONFIRMED
        assert told.state is UNKNOWN
        assert told.tracker.next_read == 127
        assert told.report(UNLOCKED, 127) is Verdict.DOUBTED
        assert told.report(LOCKED, 130) is Verdict.ACCEPTED
        assert told.state is LOCKED


def test_report_when_it_is_otherwise_first_then_a_command_is_confirmed_against_a_push() -> None:
    told = Told()
    told.push(LOCKED, 90)
    told.command(Action.UNLOCK, 100)
    assert told.report(UNLOCKED, 110) is Verdict.IGNORED
    assert told.report(LOCKED, 112) is Verdict.IGNORED
    assert told.report(UNLOCKED, 115) is Verdict.ACCEPTED
    assert (told.tracker.outcome, told.tracker.confirmed_by) == (
        Outcome.CONFIRMED,
        Source.REPORT,
    )


def test_lock_when_reports_move_on_against_a_push_then_it_is_not_confirmed() -> None:
    told = Told()
    told.push(UNLOCKED, 90)
    told.command(Action.LOCK, 100)
    told.report(UNLOCKED, 112)
    assert told.report(LOCKED, 115) is Verdict.IGNORED
    assert told.tracker.outcome is None


@pytest.mark.parametrize(("at", "shown"), [(107.9, UNKNOWN), (108, UNLOCKED)])
def test_lock_when_reported_as_unlocked_after_settling_then_unlocked_is_left(
    at: float, shown: LockState
) -> None:
    told = Told()
    told.report(UNLOCKED, 0)
    told.command(Action.LOCK, 100)
    told.report(UNLOCKED, at)
    told.tracker.advance(130)
    assert told.state is shown
    if shown is UNLOCKED:
        assert told.tracker.next_change == at - 120 + 3000


def test_command_when_confirmed_by_a_report_then_read_again_when_it_cannot_lag() -> None:
    told = Told(replace(LOQED, looks=()))
    told.report(LOCKED, 0)
    told.command(Action.UNLOCK, 200)
    assert told.report(UNLOCKED, 212) is Verdict.ACCEPTED
    assert told.reads_until(330) == [328]
    assert told.tracker.next_change == 212 - 120 + 3000


def test_unlock_when_given_up_then_a_series_and_a_read_when_the_lag_is_over(locked: Told) -> None:
    locked.command(Action.UNLOCK, 200)
    assert locked.reads_until(229) == [209, 216, 225]
    locked.tracker.advance(230)
    assert locked.reads_until(352) == [232, 240, 260, 350]


def test_lock_when_given_up_while_locked_is_pushed_then_it_stays() -> None:
    told = Told()
    told.push(LOCKED, 50)
    told.command(Action.UNLOCK, 100)
    told.push(LOCKED, 110)
    told.tracker.advance(130)
    assert (told.tracker.outcome, told.state) == (Outcome.NOT_CONFIRMED, LOCKED)


def test_report_of_unknown_when_one_has_agreed_then_it_is_doubted(locked: Told) -> None:
    locked.report(LOCKED, 150)
    assert locked.report(UNKNOWN, 160) is Verdict.DOUBTED


def test_report_of_unknown_when_a_report_has_moved_on_then_it_counts(locked: Told) -> None:
    locked.report(LOCKED, 110)
    locked.report(UNLOCKED, 120)
    assert locked.report(UNKNOWN, 130) is Verdict.ACCEPTED
    assert locked.state is UNKNOWN


def test_report_when_asked_for_before_another_then_dropped() -> None:
    told = Told()
    told.report(LOCKED, 300)
    assert told.report(UNLOCKED, 290, came=310) is Verdict.IGNORED


def test_first_report_when_there_is_no_lag_then_it_is_not_read_again() -> None:
    told = Told(THE_KEYS)
    told.report(LOCKED, 10)
    assert told.tracker.next_read == 1810


def test_open_when_belief_in_locked_had_ended_then_unlocked_does_not_confirm_it(
    locked: Told,
) -> None:
    locked.command(Action.OPEN, 3200)
    assert locked.push(UNLOCKED, 3205) is Verdict.IGNORED
    assert locked.tracker.outcome is None


def test_unlock_when_the_other_report_is_not_younger_than_all_then_not_confirmed() -> None:
    told = Told()
    told.push(LOCKED, 90)
    told.command(Action.UNLOCK, 100)
    told.report(LOCKED, 100, came=101)
    assert told.report(UNLOCKED, 115) is Verdict.IGNORED
    told = Told()
    told.push(LOCKED, 90)
    told.command(Action.UNLOCK, 100)
    told.report(LOCKED, 105)
    told.push(LOCKED, 107)
    assert told.report(UNLOCKED, 115) is Verdict.IGNORED


def test_doubt_when_a_command_has_ended_since_then_another_series(locked: Told) -> None:
    locked.report(UNLOCKED, 110)
    locked.command(Action.UNLOCK, 120)
    locked.tracker.command_failed(124)
    assert locked.report(UNLOCKED, 130) is Verdict.DOUBTED
    assert locked.reads_until(133) == [126, 132]


def test_command_when_withdrawn_after_all_then_its_looks_are_gone(locked: Told) -> None:
    locked.command(Action.UNLOCK, 200)
    locked.tracker.command_withdrawn(205)
    assert locked.tracker.next_read == 700


@pytest.mark.parametrize("sent", [None, 205])
def test_command_when_a_report_confirms_it_then_read_again_counted_from_its_sending(
    sent: float | None,
) -> None:
    told = Told(replace(LOQED, looks=()))
    told.report(LOCKED, 0)
    told.tracker.command_started(Action.UNLOCK, 200)
    if sent is not None:
        told.tracker.command_sent(sent)
    assert told.report(UNLOCKED, 212) is Verdict.ACCEPTED
    assert told.tracker.next_read == (sent or 200) + 128


def test_unlock_when_it_was_unlocked_then_an_older_report_is_dropped() -> None:
    told = Told()
    told.push(UNLOCKED, 50)
    told.command(Action.UNLOCK, 200)
    told.report(UNLOCKED, 210)
    assert told.report(LOCKED, 205, came=215) is Verdict.IGNORED


def test_unlock_when_given_up_and_nothing_lags_then_the_first_look_comes_first() -> None:
    told = Told(THE_KEYS)
    told.read(LOCKED, 0)
    told.command(Action.UNLOCK, 10)
    told.tracker.advance(34)
    assert told.tracker.next_read == 35
