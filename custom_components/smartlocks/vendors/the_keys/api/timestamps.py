"""The times that signed requests to one gateway carry."""

import asyncio
from collections.abc import Callable
import time

_MAX_AHEAD = 2.0
MAX_WAIT = 10.0


class TimestampCounter:
    """Unix seconds that rise with every request; one counter for all locks of a gateway.

    The gateway takes no timestamp that is not above the one before (vendor's gateway
    page), also not after a restart or when this host's clock steps back: whoever owns
    the counter keeps `last`, which `on_change` reports before the request is sent.
    """

    def __init__(
        self,
        last: int = 0,
        *,
        now: Callable[[], float] = time.time,
        on_change: Callable[[int], None] | None = None,
    ) -> None:
        """Go on after `last`, the last timestamp ever sent to this gateway (0: none)."""
        self._last = last
        self._now = now
        self._on_change = on_change

    @property
    def last(self) -> int:
        """The last timestamp given out, in unix seconds; 0 before the first."""
        return self._last

    @property
    def ahead(self) -> float:
        """Seconds the last timestamp lies ahead of this host's clock; negative if behind."""
        return self._last - self._now()

    async def next(self) -> int:
        """Return the next timestamp: now, or the second after the last.

        Many requests within one second would run ahead of the clock, which the gateway
        may refuse: beyond two seconds it is waited for. Not so where the clock lies far
        behind: then it stepped back, or is not set yet, and waiting would never end.
        """
        excess = self._upcoming() - self._now() - _MAX_AHEAD
        if 0 < excess <= MAX_WAIT:
            await asyncio.sleep(excess)
        self._set(self._upcoming())
        return self._last

    def follow(self, other: TimestampCounter) -> None:
        """Go on after another counter, too: for a gateway that has moved to another address."""
        self._set(max(self._last, other.last))

    def restart(self) -> None:
        """Follow the clock again, whatever was sent.

        For a gateway that refuses timestamps because they lie far `ahead`: the clock
        was wrong once, and is right now.
        """
        self._set(0)

    def _upcoming(self) -> int:
        return max(int(self._now()), self._last + 1)

    def _set(self, last: int) -> None:
        self._last = last
        if self._on_change is not None:
            self._on_change(last)
