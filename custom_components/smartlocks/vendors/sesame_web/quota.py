"""A month's calls: counting them, keeping the count, and spreading reads over the month.

Three quarters of the month's budget are for polling, the rest is for commands and their
confirmations. The month is the calendar's, in Home Assistant's time zone: on which day
the vendor starts counting anew is not known.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ...const import DOMAIN
from .const import CONF_CALLS, KEY

# The vendor's free plan, in calls a calendar month; it has been more, and may change.
FREE_BUDGET: Final = 1_000

_SHORTEST_INTERVAL: Final = 60.0

# A state is shown for so many rounds of polling; then it is unknown.
_ROUNDS_HELD: Final = 2
# The same in seconds, where a month's calls are too few for a single round.
_HELD_WITHOUT_POLLING: Final = 3600.0

# After the month's first moment: clocks differ.
_MARGIN: Final = timedelta(minutes=1)

_VERSION: Final = 1
_SAVE_DELAY: Final = 10.0


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
    also those of commands: what they take beyond their share is taken from polling. Never
    below a minute, never faster than the even pace of a whole month, and slower when more
    was used than that pace would have. Other calls may come between, so ask again right
    before a round. Raises ValueError for a `now` without a time zone.
    """
    calls = max(devices, 1)
    share = polling_share(budget)
    left = share - max(used, 0)
    if left < calls:
        return None
    start, end = _month(now)
    even = (end - start) * calls / share
    stretched = (end - now.timestamp()) * calls / left
    return max(_SHORTEST_INTERVAL, even, stretched)


def month_of(now: datetime) -> str:
    """Return the month of a moment, as `"2026-11"`, in the moment's own time zone."""
    return f"{now.year:04}-{now.month:02}"


def next_month(now: datetime) -> datetime:
    """Return the moment the next month begins, in the time zone of `now`."""
    return (_first(now) + timedelta(days=32)).replace(day=1)


def _month(now: datetime) -> tuple[float, float]:
    """Return the month's first moment and the next one's, in Unix time."""
    if now.tzinfo is None:
        raise ValueError("a moment without a time zone is in no month")
    return _first(now).timestamp(), next_month(now).timestamp()


def _first(now: datetime) -> datetime:
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)


class FormCalls:
    """Counts the calls of a form whose account has no entry yet."""

    def __init__(self) -> None:
        """Start at zero calls."""
        self.calls = 0

    def count(self) -> None:
        """Count a call that is about to be made."""
        self.calls += 1

    def uncount(self) -> None:
        """Take back a call that was not sent."""
        self.calls -= 1


class CallCounter:
    """Counts the calls of one account by calendar months, in a file that outlives restarts."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Start without a count; the file is read by `async_load`."""
        self._entry = entry
        self._store: Store[dict[str, Any]] = Store(
            hass, _VERSION, f"{DOMAIN}.{KEY}.{entry.entry_id}"
        )
        self._usage: Usage | None = None
        self._listeners: set[Callable[[], None]] = set()

    async def async_load(self) -> None:
        """Read the file; a new account begins with the calls that setting it up made."""
        if self._usage is not None:
            return
        kept = await self._store.async_load()
        now = dt_util.now()
        if kept is None:
            usage = Usage(month=Usage.empty(now).month, calls=self._entry.data.get(CONF_CALLS, 0))
        else:
            usage = Usage(month=kept["month"], calls=kept["calls"])
        # Whoever counted while the file was read counts, too.
        self._usage = self._usage or usage

    @property
    def calls(self) -> int:
        """Return how many calls were made this month."""
        return 0 if self._usage is None else self._usage.at(dt_util.now()).calls

    @callback
    def count(self) -> None:
        """Count a call that is about to be made."""
        self._put(self._now.counted(dt_util.now()))

    @callback
    def uncount(self) -> None:
        """Take back a call that was not sent."""
        usage = self._now
        self._put(Usage(month=usage.month, calls=max(usage.calls - 1, 0)))

    @callback
    def async_listen(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call a listener after every call; returns the undo."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    async def async_remove(self) -> None:
        """Remove the file."""
        await self._store.async_remove()

    @property
    def _now(self) -> Usage:
        now = dt_util.now()
        return Usage.empty(now) if self._usage is None else self._usage.at(now)

    def _put(self, usage: Usage) -> None:
        self._usage = usage
        self._store.async_delay_save(self._kept, _SAVE_DELAY)
        for listener in tuple(self._listeners):
            listener()

    def _kept(self) -> dict[str, Any]:
        usage = self._now
        return {"month": usage.month, "calls": usage.calls}


_COUNTERS: HassKey[dict[str, CallCounter]] = HassKey(f"{DOMAIN}_{KEY}_counters")


async def async_counter(hass: HomeAssistant, entry: ConfigEntry) -> CallCounter:
    """Return the account's one counter, loaded: its forms and its coordinator share it."""
    counters = hass.data.setdefault(_COUNTERS, {})
    counter = counters.setdefault(entry.entry_id, CallCounter(hass, entry))
    await counter.async_load()
    return counter


async def async_forget(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Remove the count of an entry that was deleted."""
    counters = hass.data.setdefault(_COUNTERS, {})
    counter = counters.pop(entry.entry_id, None) or CallCounter(hass, entry)
    await counter.async_remove()


class Quota:
    """Spreads three quarters of a budget over the month; the rest is for commands."""

    def __init__(self, counter: CallCounter, *, budget: int, devices: int) -> None:
        """Store the month's budget, and how many calls a round of polling takes."""
        self._counter = counter
        self._devices = devices
        self.budget = budget

    @property
    def calls_left(self) -> int:
        """Return how many calls of the budget are left."""
        return max(self.budget - self._counter.calls, 0)

    @property
    def interval(self) -> timedelta | None:
        """Return the time until the next round; None if there is none until the next month."""
        seconds = polling_interval(
            budget=self.budget,
            devices=self._devices,
            used=self._counter.calls,
            now=dt_util.now(),
        )
        return None if seconds is None else timedelta(seconds=seconds)

    @property
    def until_next_month(self) -> timedelta:
        """Return the time until calls are counted anew."""
        now = dt_util.now()
        return next_month(now) - now + _MARGIN

    @property
    def is_out(self) -> bool:
        """Whether there is no round for longer than a state is held."""
        return self.interval is None and self.until_next_month > timedelta(seconds=self.held_for)

    @property
    def held_for(self) -> float:
        """Return for how many seconds a state that was read is shown."""
        start = dt_util.start_of_local_day(dt_util.now().replace(day=1))
        even = polling_interval(budget=self.budget, devices=self._devices, used=0, now=start)
        if even is None:
            return _HELD_WITHOUT_POLLING
        interval = self.interval
        slowest = even if interval is None else max(even, interval.total_seconds())
        return slowest * _ROUNDS_HELD

    def has_room(self, calls: int = 1) -> bool:
        """Return whether so many calls can be made without taking from the commands."""
        return self._counter.calls + calls <= polling_share(self.budget)
