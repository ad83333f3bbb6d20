"""A clock that can be wrong."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(kw_only=True, slots=True)
class Clock:
    """A device's clock: unix seconds, `skew` seconds ahead of the truth."""

    source: Callable[[], float]
    skew: float = 0.0

    def now(self) -> int:
        """The time the device believes it is, in whole seconds."""
        return int(self.source() + self.skew)
