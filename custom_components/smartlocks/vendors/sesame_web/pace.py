"""How often to read, so that the month's calls last the month."""

from datetime import timedelta
from typing import Final

from homeassistant.util import dt as dt_util

from .api import next_month, polling_interval, polling_share
from .ledger import Ledger

# A state is believed for so many rounds; then nobody knows any more.
_ROUNDS_BELIEVED: Final = 2

# Where a month has no room for a single round, nothing paces what a person has asked for.
_BELIEVED_WITHOUT_PACE: Final = 3600.0

# After the month's first moment: clocks differ.
_LATE: Final = timedelta(minutes=1)


class Pace:
    """Three quarters of a budget, spread over the month; the rest is for commands."""

    def __init__(self, ledger: Ledger, *, budget: int, devices: int) -> None:
        """Take the month's budget, and how many calls a round of reading takes."""
        self._ledger = ledger
        self._devices = devices
        self.budget = budget

    @property
    def calls_left(self) -> int:
        """How many calls of the budget are left."""
        return max(self.budget - self._ledger.calls, 0)

    @property
    def interval(self) -> timedelta | None:
        """The time until the next round; None when there is none until the next month."""
        seconds = polling_interval(
            budget=self.budget,
            devices=self._devices,
            used=self._ledger.calls,
            now=dt_util.now(),
        )
        return None if seconds is None else timedelta(seconds=seconds)

    @property
    def until_next_month(self) -> timedelta:
        """The time until calls are counted anew."""
        now = dt_util.now()
        return next_month(now) - now + _LATE

    @property
    def is_out(self) -> bool:
        """Whether there is no round for longer than there should be, the month's rest included."""
        return self.interval is None and self.until_next_month > timedelta(
            seconds=self.believed_for
        )

    @property
    def believed_for(self) -> float:
        """For how many seconds what was read is taken for true."""
        start = dt_util.start_of_local_day(dt_util.now().replace(day=1))
        even = polling_interval(budget=self.budget, devices=self._devices, used=0, now=start)
        if even is None:
            return _BELIEVED_WITHOUT_PACE
        interval = self.interval
        slowest = even if interval is None else max(even, interval.total_seconds())
        return slowest * _ROUNDS_BELIEVED

    def has_room(self, calls: int = 1) -> bool:
        """Tell whether so many calls can be made without taking from the commands."""
        return self._ledger.calls + calls <= polling_share(self.budget)
