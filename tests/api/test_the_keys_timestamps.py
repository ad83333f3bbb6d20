"""The counter of The Keys' timestamps: strictly rising, whatever the clock does and who crashes."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
import time

import pytest

from custom_components.smartlocks.vendors.the_keys.api import TimestampCounter
from custom_components.smartlocks.vendors.the_keys.api.timestamps import RESERVED_SECONDS


class Clock:
    """A clock that stands, unless it is told to follow the real one."""

    def __init__(self, now: float, *, runs: bool = False) -> None:
        self.at = now
        self.started = time.monotonic() if runs else None

    def __call__(self) -> float:
        """Return unix seconds."""
        return self.at + (0 if self.started is None else time.monotonic() - self.started)


class CrashError(Exception):
    """The host lost its power."""


class Storage:
    """What survives a crash: the number stored last; it can crash before or after storing."""

    def __init__(self) -> None:
        self.stored = 0
        self.writes = 0
        self.crash: str | None = None

    async def reserve(self, until: int) -> None:
        """Store, as the integration does."""
        if self.crash == "before storing":
            raise CrashError
        await asyncio.sleep(0)
        self.stored = until
        self.writes += 1
        if self.crash == "after storing":
            raise CrashError

    def counter(self, now: Callable[[], float]) -> TimestampCounter:
        """Return the counter of a fresh start."""
        return TimestampCounter(self.stored, now=now, reserve=self.reserve)


async def test_next_later_second_follows_the_clock() -> None:
    clock = Clock(1000.9)
    counter = TimestampCounter(now=clock)
    assert counter.last == 0
    assert await counter.next() == 1000
    clock.at = 1060.2
    assert await counter.next() == 1060
    assert counter.last == 1060


async def test_next_same_second_rises_by_one() -> None:
    counter = TimestampCounter(now=Clock(1000.0))
    assert [await counter.next() for _ in range(3)] == [1000, 1001, 1002]


async def test_next_too_far_ahead_waits_for_the_clock() -> None:
    clock = Clock(1000.7, runs=True)
    counter = TimestampCounter(now=clock)
    used = [await counter.next() for _ in range(4)]
    assert used == [1000, 1001, 1002, 1003]
    assert clock() == pytest.approx(1001, abs=0.2)
    assert counter.ahead <= 2


async def test_next_many_at_once_never_repeats() -> None:
    storage = Storage()
    counter = storage.counter(Clock(1000.9, runs=True))
    used = await asyncio.gather(*(counter.next() for _ in range(6)))
    assert sorted(used) == list(range(1000, 1006))
    assert storage.writes == 1


async def test_next_cancelled_while_waiting_uses_no_number() -> None:
    counter = TimestampCounter(1002, now=Clock(1000.0))
    waiting = asyncio.create_task(counter.next())
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert counter.last == 1002


async def test_next_after_start_goes_on_after_what_was_stored() -> None:
    assert await TimestampCounter(1001, now=Clock(1000.0)).next() == 1002
    assert await TimestampCounter(900, now=Clock(1000.0)).next() == 1000


async def test_next_clock_stepped_back_is_not_waited_for() -> None:
    counter = TimestampCounter(1_700_000_000, now=Clock(1_600_000_000.0))
    async with asyncio.timeout(1):
        assert [await counter.next() for _ in range(3)] == [
            1_700_000_001,
            1_700_000_002,
            1_700_000_003,
        ]
    assert counter.ahead == 100_000_003


async def test_next_by_default_is_the_time_of_this_host() -> None:
    assert await TimestampCounter().next() == pytest.approx(time.time(), abs=2)


async def test_reserve_is_stored_before_use_and_covers_a_block() -> None:
    storage, clock = Storage(), Clock(1000.0)
    counter = storage.counter(clock)
    for second in range(RESERVED_SECONDS + 1):
        clock.at = 1000.0 + second
        used = await counter.next()
        assert used <= storage.stored == 1000 + RESERVED_SECONDS
    assert storage.writes == 1
    clock.at += 1
    assert await counter.next() <= storage.stored
    assert storage.writes == 2


async def test_reserve_that_fails_gives_no_timestamp() -> None:
    storage = Storage()
    counter = storage.counter(Clock(1000.0))
    storage.crash = "before storing"
    with pytest.raises(CrashError):
        await counter.next()
    assert counter.last == 0
    storage.crash = None
    assert await counter.next() == 1000


@pytest.mark.parametrize("crash", [None, "before storing", "after storing"])
@pytest.mark.parametrize("step_back", [0.0, 60.0, 1_000_000.0])
@pytest.mark.parametrize("before", range(RESERVED_SECONDS + 3))
async def test_next_after_a_crash_at_any_step_is_above_all_used(
    before: int, step_back: float, crash: str | None
) -> None:
    storage, clock = Storage(), Clock(1_700_000_000.0)
    counter = storage.counter(clock)
    used = [0]
    for _ in range(before):
        clock.at += 1
        used.append(await counter.next())
    clock.at += 100
    storage.crash = crash
    with suppress(CrashError):
        used.append(await counter.next())
    storage.crash = None
    clock.at -= step_back + 20
    assert await storage.counter(clock).next() > max(used)


async def test_next_after_a_crash_waits_for_the_reserved_block() -> None:
    storage = Storage()
    clock = Clock(1000.0, runs=True)
    last = await storage.counter(clock).next()
    counter = storage.counter(clock)
    # So little is reserved that the wait is short enough for somebody at the door.
    assert counter.ahead <= RESERVED_SECONDS
    used = await counter.next()
    assert last < used <= clock() + 2.1


async def test_next_clock_forward_and_back_keeps_rising() -> None:
    storage, clock = Storage(), Clock(1_700_000_000.0)
    counter = storage.counter(clock)
    used = [await counter.next()]
    for at in (1_700_003_600.0, 1_700_000_010.0, 1_700_000_020.0):
        clock.at = at
        used.append(await counter.next())
    used.append(await storage.counter(clock).next())
    assert used == sorted(set(used))
    assert used[1] == 1_700_003_600


async def test_restart_follows_the_clock_and_replaces_what_is_stored() -> None:
    storage, clock = Storage(), Clock(1_900_000_000.0)
    await storage.counter(clock).next()
    clock.at = 1_700_000_000.0
    counter = storage.counter(clock)
    counter.restart()
    assert await counter.next() == 1_700_000_000
    assert storage.stored == 1_700_000_000 + RESERVED_SECONDS
    clock.at += 20
    assert await storage.counter(clock).next() == 1_700_000_020


async def test_follow_goes_on_after_the_other_counter() -> None:
    storage = Storage()
    counter = storage.counter(Clock(1000.0))
    counter.follow(TimestampCounter(1_900_000_000))
    assert counter.last == 1_900_000_000
    counter.follow(TimestampCounter(7))
    assert await counter.next() == 1_900_000_001
    assert storage.stored > 1_900_000_000
