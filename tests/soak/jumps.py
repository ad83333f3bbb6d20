"""Time that stands still while anything is done, and then jumps to what is next."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from math import ceil, inf
import time
from typing import Any, Final

from homeassistant.helpers import event as ha_event
from homeassistant.util import dt as dt_util
import pytest

from custom_components.smartlocks import helpers

# Every month begins here, so that it is the same each time, and is one of the calendar.
START: Final = datetime(2026, 4, 1, 12, tzinfo=UTC)

# What is sent within a machine has arrived at once. Should it not have, the first jumps are
# too short to miss much.
_FIRST_JUMP: Final = 0.05
_LONGER: Final = 4.0
_ROUND: Final = 1e6
# Beyond what a float this large can tell apart.
_MORE: Final = 1e-6


class Jumps:
    """All clocks of a test, moved on whenever the event loop waits for nothing but time.

    `passing` is called with the seconds of each jump, before the clocks move. `step` is by
    how many seconds the host's time of day is wrong.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take the place of all clocks."""
        self.ahead = 0.0
        self.step = 0.0
        self.passing: Callable[[float], None] = lambda _: None
        self._is_on = True
        self._next_jump = _FIRST_JUMP
        self._jobs = 0
        loop: Any = asyncio.get_running_loop()
        self._true_time: Callable[[], float] = loop.time
        # A round number, the same each time: sums of times are rounded alike then.
        self._began: float = ceil(loop.time() / _ROUND) * _ROUND
        self._select: Callable[[float | None], list[Any]] = loop._selector.select
        self._run_in_executor: Callable[..., asyncio.Future[Any]] = loop.run_in_executor
        monkeypatch.setattr(loop, "time", self.monotonic)
        # A debugged loop keeps a traceback of each timer.
        loop.set_debug(False)
        monkeypatch.setattr(loop, "slow_callback_duration", inf)
        monkeypatch.setattr(loop, "run_in_executor", self._run_job)
        monkeypatch.setattr(loop._selector, "select", self._wait)
        monkeypatch.setattr(helpers, "monotonic", self.monotonic)
        monkeypatch.setattr(time, "time", self.shown)
        monkeypatch.setattr(ha_event, "time_tracker_timestamp", self.shown)
        monkeypatch.setattr(dt_util, "utcnow", self._utcnow)
        monkeypatch.setattr(dt_util, "now", self._now)

    def monotonic(self) -> float:
        """Return the seconds of a clock that only ever moves on."""
        return self._began + self.ahead

    def right(self) -> float:
        """Return the right unix time."""
        return START.timestamp() + self.ahead

    def shown(self) -> float:
        """Return the unix time that the host's clock shows."""
        return self.right() + self.step

    def _utcnow(self) -> datetime:
        return datetime.fromtimestamp(self.shown(), UTC)

    def _now(self, time_zone: tzinfo | None = None) -> datetime:
        return self._utcnow().astimezone(time_zone or dt_util.get_default_time_zone())

    def stop(self) -> None:
        """Let time pass by itself again."""
        self._is_on = False

    def _run_job(self, executor: Any, job: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        self._jobs += 1
        future = self._run_in_executor(executor, job, *args)
        future.add_done_callback(self._job_done)
        return future

    def _job_done(self, _: asyncio.Future[Any]) -> None:
        self._jobs -= 1

    def _wait(self, timeout: float | None) -> list[Any]:
        """Wait for a socket, or move on to the next timer."""
        if not self._is_on:
            began = self._true_time()
            found = self._select(timeout)
            self.ahead += self._true_time() - began
            return found
        if timeout is None or timeout <= 0:
            found = self._select(timeout)
        elif self._jobs:
            # A thread works, which takes its true time.
            return self._select(0.05)
        else:
            found = self._select(0)
        if found:
            self._next_jump = _FIRST_JUMP
        elif timeout:
            seconds = min(timeout, self._next_jump) + _MORE
            self._next_jump *= _LONGER
            self.passing(seconds)
            self.ahead += seconds
        return found
