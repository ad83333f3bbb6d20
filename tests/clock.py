"""The clock that states, timers and limits are measured by, moved on by the tests."""

import time


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
