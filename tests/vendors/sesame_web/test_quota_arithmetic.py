"""The arithmetic of the quota: whole months of polling, and what they cost."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.util import dt as dt_util
import pytest

from custom_components.smartlocks.vendors.sesame_web.quota import (
    FREE_BUDGET,
    Quota,
    Usage,
    month_of,
    next_month,
    polling_interval,
    polling_share,
)

PARIS = ZoneInfo("Europe/Paris")
MONTH = 31 * 86_400
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def _rounds(
    start: datetime, budget: int, devices: int, *, command_every: int = 0
) -> Iterator[tuple[datetime, Usage]]:
    """Poll whenever it is due; yield each round until the month ends."""
    now, end, usage = start, next_month(start).timestamp(), Usage.empty(start)
    for number in count():
        interval = polling_interval(budget=budget, devices=devices, used=usage.calls, now=now)
        if interval is None:
            return
        for _ in range(devices):
            usage = usage.counted(now)
        yield now, usage
        if command_every and number % command_every == 0:
            for _ in range(3):  # a command and its two confirmations
                usage = usage.counted(now)
        interval = polling_interval(budget=budget, devices=devices, used=usage.calls, now=now)
        if interval is None:
            return
        now = datetime.fromtimestamp(now.timestamp() + interval, now.tzinfo)
        if now.timestamp() >= end:
            return


@pytest.mark.parametrize("devices", [1, 3, 10])
@pytest.mark.parametrize("budget", [1, 20, 500, FREE_BUDGET, 30_000])
@pytest.mark.parametrize(
    "start",
    [
        NEW_YEAR,
        datetime(2026, 2, 1, tzinfo=PARIS),
        datetime(2026, 3, 1, tzinfo=PARIS),  # 31 days less an hour
        datetime(2026, 10, 1, tzinfo=PARIS),  # 31 days and an hour
        datetime(2026, 12, 17, 13, 37, 42, tzinfo=PARIS),
        datetime(2026, 4, 30, 23, 59, 59, tzinfo=PARIS),
    ],
    ids=str,
)
def test_polling_of_a_month_stays_within_its_share(
    start: datetime, budget: int, devices: int
) -> None:
    rounds = list(_rounds(start, budget, devices))
    assert len(rounds) * devices <= budget * 0.75
    times = [at.timestamp() for at, _ in rounds]
    assert all(later - earlier >= 60 for earlier, later in pairwise(times))


@pytest.mark.parametrize("devices", [1, 3, 10])
def test_polling_of_a_month_lasts_the_month(devices: int) -> None:
    rounds = list(_rounds(NEW_YEAR, FREE_BUDGET, devices))
    # The last one is due as the next month begins; never more often than each hour.
    assert len(rounds) == (744 if devices == 1 else 750 // devices - 1)
    pace = MONTH * devices / 744
    assert next_month(NEW_YEAR) - rounds[-1][0] <= timedelta(seconds=2 * pace)


@pytest.mark.parametrize("command_every", [1, 2, 10])
@pytest.mark.parametrize("devices", [1, 3, 10])
def test_polling_when_commands_are_sent_leaves_them_their_quarter(
    devices: int, command_every: int
) -> None:
    rounds = list(_rounds(NEW_YEAR, FREE_BUDGET, devices, command_every=command_every))
    assert rounds[-1][1].calls <= 750
    assert rounds[-1][0] > NEW_YEAR + timedelta(days=20)


@pytest.mark.parametrize(
    ("budget", "devices", "seconds"),
    [
        (1_000, 1, 3_600),
        (1_000, 3, MONTH / 250),
        (1_000, 10, MONTH / 75),
        (30_000, 1, MONTH / 22_500),
        (100_000, 1, 60),
        (500_000, 3, 60),
        (1_000, 0, 3_600),
        (1_001, 1, MONTH / 750),
        (2, 1, MONTH),
    ],
)
def test_interval_in_a_fresh_month(budget: int, devices: int, seconds: float) -> None:
    interval = polling_interval(budget=budget, devices=devices, used=0, now=NEW_YEAR)
    assert interval == pytest.approx(seconds)


def test_interval_depends_on_the_calls_used() -> None:
    def interval(used: int, now: datetime) -> float | None:
        return polling_interval(budget=1_000, devices=1, used=used, now=now)

    half = NEW_YEAR + timedelta(seconds=MONTH / 2)
    assert interval(375, half) == pytest.approx(3_600)
    assert interval(0, half) == pytest.approx(3_600)
    assert interval(-5, half) == pytest.approx(3_600)
    assert interval(600, half) == pytest.approx(MONTH / 2 / 150)
    assert interval(749, half) == pytest.approx(MONTH / 2)
    assert interval(750, half) is None
    assert interval(2_000, half) is None


@pytest.mark.parametrize("budget", [-1, 0, 1])
def test_interval_without_a_budget_is_none(budget: int) -> None:
    assert polling_interval(budget=budget, devices=1, used=0, now=NEW_YEAR) is None


def test_interval_when_a_round_cannot_be_finished_is_none() -> None:
    assert polling_interval(budget=1_000, devices=10, used=740, now=NEW_YEAR) is not None
    assert polling_interval(budget=1_000, devices=10, used=741, now=NEW_YEAR) is None


def test_interval_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        polling_interval(budget=1_000, devices=1, used=0, now=NEW_YEAR.replace(tzinfo=None))


def test_polling_share_is_three_quarters() -> None:
    assert [polling_share(budget) for budget in (-4, 0, 1, 4, 1_000)] == [0, 0, 0, 3, 750]


def test_usage_is_counted_by_the_local_calendar_month() -> None:
    before = datetime(2026, 10, 31, 22, 59, tzinfo=UTC)
    after = before + timedelta(minutes=1)
    assert (month_of(before), month_of(after)) == ("2026-10", "2026-10")
    assert month_of(before.astimezone(PARIS)) == "2026-10"
    assert month_of(after.astimezone(PARIS)) == "2026-11"
    usage = Usage.empty(before.astimezone(PARIS)).counted(before.astimezone(PARIS))
    assert usage == Usage(month="2026-10", calls=1)
    assert usage.at(after.astimezone(PARIS)) == Usage(month="2026-11", calls=0)
    assert usage.counted(after.astimezone(PARIS)) == Usage(month="2026-11", calls=1)
    assert usage.at(after) == usage


def test_usage_in_a_later_year_starts_at_zero() -> None:
    assert Usage(month="2026-12", calls=9).at(datetime(2027, 1, 1, tzinfo=UTC)).calls == 0


@pytest.mark.parametrize("year", [1970, 2026])
def test_usage_when_the_clock_is_behind_stays_in_the_highest_month(year: int) -> None:
    now = datetime(year, 10, 31, 23, 59, tzinfo=UTC)
    usage = Usage(month="2026-11", calls=9)
    assert usage.at(now) == usage
    assert usage.counted(now) == Usage(month="2026-11", calls=10)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 12, 31, 23, 59, 59, 999, tzinfo=PARIS), datetime(2027, 1, 1, tzinfo=PARIS)),
        (datetime(2024, 2, 29, 12, tzinfo=PARIS), datetime(2024, 3, 1, tzinfo=PARIS)),
        (datetime(2026, 1, 1, tzinfo=PARIS), datetime(2026, 2, 1, tzinfo=PARIS)),
        (datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=PARIS), datetime(2026, 11, 1, tzinfo=PARIS)),
    ],
)
def test_next_month_begins_on_its_first_day(now: datetime, expected: datetime) -> None:
    assert next_month(now) == expected


@pytest.mark.parametrize(("month", "day"), [(3, 28), (10, 24)])
def test_time_until_next_month_when_the_clocks_change_meanwhile_is_the_true_one(
    monkeypatch: pytest.MonkeyPatch, month: int, day: int
) -> None:
    now = datetime(2026, month, day, 12, tzinfo=PARIS)
    monkeypatch.setattr(dt_util, "now", lambda: now)
    counter: Any = None
    ends = now.astimezone(UTC) + timedelta(seconds=Quota(counter, budget=1).until_next_month)
    assert ends.astimezone(PARIS) == datetime(2026, month + 1, 1, 0, 1, tzinfo=PARIS)
