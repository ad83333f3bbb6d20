"""The counter of The Keys' timestamps: strictly rising, whatever the clock does."""

import asyncio
import time

import pytest

from custom_components.smartlocks.vendors.the_keys.api import TimestampCounter


class Clock:
    """A clock that stands, unless it is told to follow the real one."""

    def __init__(self, now: float, *, runs: bool = False) -> None:
        self.at = now
        self.started = time.monotonic() if runs else None

    def __call__(self) -> float:
        """Return unix seconds."""
        return self.at + (0 if self.started is None else time.monotonic() - self.started)


async def test_it_follows_the_clock() -> None:
    clock = Clock(1000.9)
    counter = TimestampCounter(now=clock)
    assert counter.last == 0
    assert await counter.next() == 1000
    clock.at = 1060.2
    assert await counter.next() == 1060
    assert counter.last == 1060


async def test_within_one_second_it_rises_by_one() -> None:
    counter = TimestampCounter(now=Clock(1000.0))
    assert [await counter.next() for _ in range(3)] == [1000, 1001, 1002]


async def test_it_waits_rather_than_run_ahead() -> None:
    clock = Clock(1000.7, runs=True)
    counter = TimestampCounter(now=clock)
    given = [await counter.next() for _ in range(4)]
    assert given == [1000, 1001, 1002, 1003]
    assert clock() == pytest.approx(1001, abs=0.2)
    assert counter.ahead <= 2


async def test_at_once_from_many_sides_it_never_repeats() -> None:
    counter = TimestampCounter(now=Clock(1000.9, runs=True))
    given = await asyncio.gather(*(counter.next() for _ in range(6)))
    assert sorted(given) == list(range(1000, 1006))


async def test_who_gives_up_waiting_takes_no_number() -> None:
    counter = TimestampCounter(1002, now=Clock(1000.0))
    waiting = asyncio.create_task(counter.next())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert counter.last == 1002


async def test_it_goes_on_after_what_was_kept() -> None:
    assert await TimestampCounter(1001, now=Clock(1000.0)).next() == 1002
    assert await TimestampCounter(900, now=Clock(1000.0)).next() == 1000


async def test_a_clock_that_stepped_back_is_not_waited_for() -> None:
    counter = TimestampCounter(1_700_000_000, now=Clock(1_600_000_000.0))
    async with asyncio.timeout(1):
        assert [await counter.next() for _ in range(3)] == [
            1_700_000_001,
            1_700_000_002,
            1_700_000_003,
        ]
    assert counter.ahead == 100_000_003


async def test_it_can_follow_the_clock_again() -> None:
    kept: list[int] = []
    counter = TimestampCounter(1_900_000_000, now=Clock(1_700_000_000.0), on_change=kept.append)
    counter.restart()
    assert await counter.next() == 1_700_000_000
    assert kept == [0, 1_700_000_000]


async def test_every_number_is_reported_to_be_kept() -> None:
    kept: list[int] = []
    counter = TimestampCounter(now=Clock(1000.0), on_change=kept.append)
    await counter.next()
    await counter.next()
    assert kept == [1000, 1001]


async def test_by_default_it_is_the_time_of_this_host() -> None:
    assert await TimestampCounter().next() == pytest.approx(time.time(), abs=2)


def test_a_counter_goes_on_after_another() -> None:
    kept: list[int] = []
    counter = TimestampCounter(5, on_change=kept.append)
    counter.follow(TimestampCounter(9))
    assert (counter.last, kept) == (9, [9])
    counter.follow(TimestampCounter(7))
    assert counter.last == 9
