"""The timestamps that signed requests to one gateway carry."""

import asyncio
from collections.abc import Awaitable, Callable
import time
from typing import Final

_MAX_AHEAD: Final = 2.0
# So far ahead a reservation reaches; what a crash leaves unused of it is waited for.
RESERVED_SECONDS: Final = 5
MAX_WAIT = 10.0


class TimestampCounter:
    """Unix seconds that rise with every request; one counter for all locks of a gateway.

    The gateway takes no timestamp that is not above the one before (vendor's gateway
    page), also not after a restart or when this host's clock steps back. So a
    timestamp is used only after `reserve` has stored a number not below it, and the next
    counter goes on after the number stored last, crash or not.
    """

    def __init__(
        self,
        reserved_until: int = 0,
        *,
        now: Callable[[], float] = time.time,
        reserve: Callable[[int], Awaitable[None]] | None = None,
    ) -> None:
        """Go on after the number that was stored last (0: none).

        `reserve` stores the number it is given, also when it is lower than the one before
        (after `restart`). If it raises, no timestamp is given out. Without it, nothing is
        stored.
        """
        self._last = reserved_until
        self._reserved_until = reserved_until
        self._now = now
        self._reserve = reserve
        self._lock = asyncio.Lock()

    @property
    def last(self) -> int:
        """The last timestamp that may have been used, in unix seconds; 0 for none."""
        return self._last

    @property
    def ahead(self) -> float:
        """Seconds the last timestamp lies ahead of this host's clock; negative if behind."""
        return self._last - self._now()

    async def next(self) -> int:
        """Return the next timestamp: now, or the second after the last.

        Many requests within one second would run ahead of the clock, which the gateway
        may refuse: beyond two seconds the clock is waited for. Not so where it lies far
        behind: then it stepped back, or is not set yet, and waiting would never end.
        """
        async with self._lock:
            excess = self._upcoming() - self._now() - _MAX_AHEAD
            if 0 < excess <= MAX_WAIT:
                await asyncio.sleep(excess)
            timestamp = self._upcoming()
            if self._reserve is not None and timestamp > self._reserved_until:
                reserved_until = timestamp + RESERVED_SECONDS
                await self._reserve(reserved_until)
                self._reserved_until = reserved_until
            self._last = timestamp
            return timestamp

    def follow(self, other: TimestampCounter) -> None:
        """Go on after another counter, too: for a gateway that has moved to another address."""
        self._last = max(self._last, other.last)

    def restart(self) -> None:
        """Follow the clock again, whatever was used.

        For a gateway that refuses timestamps because they lie far `ahead`: the clock
        was wrong once, and is right now. The next timestamp replaces what is stored.
        """
        self._last = self._reserved_until = 0

    def _upcoming(self) -> int:
        return max(int(self._now()), self._last + 1)
