"""The clock that states, timers and limits are measured by, moved on by the tests."""

import asyncio
from datetime import UTC, datetime
from math import inf
import time
from typing import Protocol

from homeassistant.util import dt as dt_util


class Patches(Protocol):
    """What replaces attributes, and takes that back: pytest's, which a bench has not got."""

    def setattr(self, target: object, name: str, value: object) -> None:
        """Replace an attribute."""


class MonotonicClock:
    """Runs with the true one, and can be moved on."""

    def __init__(self) -> None:
        """Show the true time."""
        self.ahead = 0.0

    def __call__(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic() + self.ahead

    def advance(self, seconds: float) -> None:
        """Move it on."""
        self.ahead += seconds


MONOTONIC = MonotonicClock()


class WallClock:
    """The time of day of Home Assistant's host: `step` seconds wrong."""

    def __init__(self) -> None:
        """Show the right time."""
        self.step = 0.0
        self._true = time.time

    def right(self) -> float:
        """Return the right time, which moves on as the tests want."""
        return self._true() + MONOTONIC.ahead

    def __call__(self) -> float:
        """Return what the host's clock shows."""
        return self.right() + self.step


def move_clocks_together(monkeypatch: Patches) -> WallClock:
    """Let the event loop and the time of day move with the integration's own clock."""
    wall, loop = WallClock(), asyncio.get_running_loop()
    real = loop.time
    monkeypatch.setattr(loop, "time", lambda: real() + MONOTONIC.ahead)
    monkeypatch.setattr(loop, "slow_callback_duration", inf)
    monkeypatch.setattr(time, "time", wall)
    monkeypatch.setattr(dt_util, "utcnow", lambda: datetime.fromtimestamp(wall(), UTC))
    monkeypatch.setattr(
        dt_util,
        "now",
        lambda zone=None: datetime.fromtimestamp(wall(), zone or dt_util.get_default_time_zone()),
    )
    return wall
