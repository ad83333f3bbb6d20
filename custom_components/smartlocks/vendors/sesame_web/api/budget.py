"""How often a device may be read, so that a month's calls last the month.

Three quarters of the month's budget are for polling, the rest is for commands and their
confirmations. The month is the calendar's, in the time zone of the `now` that is given:
on which day the vendor starts counting anew is not known.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

SHORTEST: Final = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """The calls counted in a month (`"2026-11"`)."""

    month: str
    calls: int

    @classmethod
    def empty(cls, now: datetime) -> Self:
        """Return the usage of a month in which nothing was called yet."""
        return cls(month=month_of(now), calls=0)

    def at(self, now: datetime) -> Usage:
        """Return the usage as of `now`: none in a later month.

        A clock set back into the month before keeps the calls, as they were made.
        """
        month = month_of(now)
        return Usage(month=month, calls=0 if month > self.month else self.calls)

    def counted(self, now: datetime) -> Usage:
        """Return the usage after one more call."""
        usage = self.at(now)
        return Usage(month=usage.month, calls=usage.calls + 1)


def polling_share(budget: int) -> int:
    """Return how many of a month's calls polling may use up."""
    return max(budget, 0) * 3 // 4


def polling_interval(*, budget: int, devices: int, used: int, now: datetime) -> float | None:
    """Return the seconds between two rounds of polling; None: no round until the next month.

    `devices` is the number of calls one round takes, `used` every call of the month so far,
    also those of commands: what they take beyond the plan is taken from polling. Never
    below a minute, never faster than the even pace of a whole month, and slower when more
    was used than that pace would have. Other calls may come between, so ask again right
    before a round. Raises `ValueError` for a `now` without a time zone.
    """
    calls = max(devices, 1)
    share = polling_share(budget)
    left = share - max(used, 0)
    if left < calls:
        return None
    start, end = _month(now)
    even = (end - start) * calls / share
    stretched = (end - now.timestamp()) * calls / left
    return max(SHORTEST, even, stretched)


def month_of(now: datetime) -> str:
    """Return the month of a moment, as `"2026-11"`, in the moment's own time zone."""
    return f"{now.year:04}-{now.month:02}"


def next_month(now: datetime) -> datetime:
    """Return the moment the next month begins, in the time zone of `now`."""
    return (_first(now) + timedelta(days=32)).replace(day=1)


def _month(now: datetime) -> tuple[float, float]:
    """The month's first moment and the next one's, in Unix time: months differ by an hour."""
    if now.tzinfo is None:
        raise ValueError("a moment without a time zone is in no month")
    return _first(now).timestamp(), next_month(now).timestamp()


def _first(now: datetime) -> datetime:
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
