"""A month's calls: counting them, keeping the count, and spreading reads over the month.

Three quarters of the month's budget are for reading, the rest is for commands and for
looking after them. The month is the calendar's, in Home Assistant's time zone: on which
day the vendor starts counting anew is not known.
"""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, Self

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ... import helpers
from ...const import DOMAIN
from .api import CLOUD_URL, AccountError, WebApi
from .const import CONF_CALLS, KEY, URL_VARIABLE
from .mapping import was_never_sent

# The vendor's free plan, in calls a calendar month; it has been more, and may change.
FREE_BUDGET: Final = 1_000

# Between two reads of a device, in seconds.
_SHORTEST_INTERVAL: Final = 60.0
_SHORTEST_INTERVAL_FREE: Final = 3_600.0

# For how many intervals a state is shown; and the same in seconds, where a month's calls
# are too few for a single round.
_INTERVALS_HELD: Final = 2.5
_HELD_WITHOUT_POLLING: Final = 3_600.0

# The interval while nothing is to be read: longer than any month.
NEVER: Final = 40 * 86_400.0

# After the month's first moment: clocks differ.
_MARGIN: Final = timedelta(minutes=1)

# So many calls are saved as made before they are, so that no restart loses one of them;
# more are reserved when no more than so many are left.
_RESERVED: Final = 6
_RESERVE_AT: Final = 2

# Until a failed read is tried again, in seconds: soon where the call never left and cost
# nothing; seldom where the key is refused or the calls are used up, which a new month may
# set right; else after this, which doubles until it is the pace of reading.
_RETRY_NOT_SENT: Final = 60.0
_RETRY_REFUSED: Final = 3_600.0
_RETRY: Final = 300.0
_DOUBLINGS: Final = 10

# A clock that was ahead when the count was saved would stop the months: after so many
# seconds of running behind it, the clock is right and the count was wrong.
_TRUST_CLOCK_AFTER: Final = 86_400.0

_VERSION: Final = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """The calls counted in a month (`"2026-11"`), and how many of them were for commands."""

    month: str
    calls: int
    commands: int = 0

    @classmethod
    def empty(cls, now: datetime) -> Self:
        """Return the usage of a month in which nothing was called yet."""
        return cls(month=month_of(now), calls=0)

    def at(self, now: datetime) -> Usage:
        """Return the usage as of `now`: none in a later month.

        A clock that shows an earlier month is wrong, as on boards without a clock of their
        own until they have asked for the time: what is called meanwhile counts, too.
        """
        month = month_of(now)
        return Usage(month=month, calls=0) if month > self.month else self

    def counted(self, now: datetime, *, is_command: bool = False) -> Usage:
        """Return the usage after one more call."""
        usage = self.at(now)
        return replace(usage, calls=usage.calls + 1, commands=usage.commands + is_command)

    def uncounted(self, *, is_command: bool = False) -> Usage:
        """Return the usage without a call that was counted."""
        commands = max(self.commands - is_command, 0)
        return replace(self, calls=max(self.calls - 1, 0), commands=commands)


def polling_share(budget: int) -> int:
    """Return how many of a month's calls reading may use up."""
    return max(budget, 0) * 3 // 4


def polling_interval(*, budget: int, devices: int, used: int, now: datetime) -> float | None:
    """Return the seconds between two reads of each device; None: no read until next month.

    Each of the `devices` costs a call; `used` is what was taken from reading's share of the
    month so far. Never below a minute (of the free plan: an hour), never faster than the
    even pace of a whole month, and slower when more was used than that pace would have.
    Raises ValueError for a `now` without a time zone.
    """
    calls = max(devices, 1)
    share = polling_share(budget)
    left = share - max(used, 0)
    if left < calls:
        return None
    start, end = _month(now)
    even = (end - start) * calls / share
    stretched = (end - now.timestamp()) * calls / left
    shortest = _SHORTEST_INTERVAL_FREE if budget <= FREE_BUDGET else _SHORTEST_INTERVAL
    return max(shortest, even, stretched)


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


class Counter(Protocol):
    """Counts calls."""

    def count(self) -> None:
        """Count a call that is about to be made."""

    def uncount(self) -> None:
        """Take back a call that was not sent."""


def counted_client(hass: HomeAssistant, api_key: str, counter: Counter) -> WebApi:
    """Return the client of an account, each call of which is counted; nothing is sent yet."""
    return WebApi(
        helpers.async_cloud_session(hass),
        helpers.cloud_address(URL_VARIABLE, CLOUD_URL),
        api_key,
        on_call=counter.count,
        on_not_sent=counter.uncount,
        now=helpers.unix_time,
    )


class CommandCounter:
    """Counts the calls that commands make, in the count of all calls."""

    def __init__(self, counter: CallCounter) -> None:
        """Store what counts all calls."""
        self._counter = counter

    def count(self) -> None:
        """Count a call that is about to be made."""
        self._counter.count(is_command=True)

    def uncount(self) -> None:
        """Take back a call that was not sent."""
        self._counter.uncount(is_command=True)


class FormCounter:
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
        self._hass = hass
        self._entry = entry
        self._store: Store[dict[str, Any]] = Store(
            hass, _VERSION, f"{DOMAIN}.{KEY}.{entry.entry_id}"
        )
        self._usage: Usage | None = None
        self._reserved = Usage(month="", calls=0)
        self._behind_since: float | None = None
        self._listeners: set[Callable[[], None]] = set()
        self._telling: asyncio.Handle | None = None
        self._turn = asyncio.Lock()
        self._is_removed = False
        self._stop_listening = hass.bus.async_listen_once(
            EVENT_HOMEASSISTANT_FINAL_WRITE, self._async_final_write
        )

    async def async_load(self) -> None:
        """Read the file; a new account begins with the calls that setting it up made."""
        if self._usage is not None:
            return
        kept = await self._store.async_load()
        now = dt_util.now()
        if kept is None:
            usage = Usage(month=month_of(now), calls=self._entry.data.get(CONF_CALLS, 0))
        else:
            commands = kept.get("commands", 0)
            usage = Usage(month=kept["month"], calls=kept["calls"], commands=commands)
        if self._usage is None:
            self._usage = usage
            self._reserved = self._ahead()
            await self._async_save()

    @property
    def calls(self) -> int:
        """Return how many calls were made this month."""
        return self._now().calls

    @property
    def commands(self) -> int:
        """Return how many of the calls were made for commands."""
        return self._now().commands

    @callback
    def count(self, *, is_command: bool = False) -> None:
        """Count a call that is about to be made."""
        self._set(self._now().counted(dt_util.now(), is_command=is_command))

    @callback
    def uncount(self, *, is_command: bool = False) -> None:
        """Take back a call that was not sent."""
        self._set(self._now().uncounted(is_command=is_command))

    @callback
    def async_listen(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call a listener soon after every call; returns the undo."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    async def async_remove(self) -> None:
        """Remove the file, for good: what is still counted is not written."""
        self._is_removed = True
        self._stop_listening()
        async with self._turn:
            await self._store.async_remove()

    def _now(self) -> Usage:
        """Return the usage as of now."""
        now = dt_util.now()
        usage = Usage.empty(now) if self._usage is None else self._usage.at(now)
        if month_of(now) >= usage.month:
            self._behind_since = None
            return usage
        running = helpers.monotonic()
        self._behind_since = running if self._behind_since is None else self._behind_since
        if running - self._behind_since < _TRUST_CLOCK_AFTER:
            return usage
        return replace(usage, month=month_of(now))

    def _set(self, usage: Usage) -> None:
        self._usage = usage
        left = self._reserved.calls - usage.calls
        if usage.month != self._reserved.month or left <= _RESERVE_AT:
            self._reserve()
        if self._telling is None:
            # What is called need not wait for what follows from its being counted.
            self._telling = self._hass.loop.call_soon(self._async_tell)

    @callback
    def _async_tell(self) -> None:
        self._telling = None
        for listener in tuple(self._listeners):
            listener()

    def _reserve(self) -> None:
        """Save the next calls as made, before they are."""
        self._reserved = self._ahead()
        self._hass.async_create_task(self._async_save(), f"{DOMAIN} calls")

    def _ahead(self) -> Usage:
        usage = self._now()
        return replace(usage, calls=usage.calls + _RESERVED)

    async def _async_save(self) -> None:
        await self._async_write(self._reserved)

    async def _async_final_write(self, _: Event) -> None:
        """Save what was really called: nothing is called any more."""
        await self._async_write(self._now())

    async def _async_write(self, usage: Usage) -> None:
        async with self._turn:
            if not self._is_removed:
                await self._store.async_save(asdict(usage))


_COUNTERS: HassKey[dict[str, CallCounter]] = HassKey(f"{DOMAIN}_{KEY}_counters")


async def async_counter(hass: HomeAssistant, entry: ConfigEntry) -> CallCounter:
    """Return the account's one counter, loaded: its forms and its coordinator share it."""
    counters = hass.data.setdefault(_COUNTERS, {})
    if entry.entry_id not in counters:
        counters[entry.entry_id] = CallCounter(hass, entry)
    counter = counters[entry.entry_id]
    await counter.async_load()
    return counter


async def async_forget(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Remove the count of an entry that was deleted."""
    counters = hass.data.setdefault(_COUNTERS, {})
    counter = counters.pop(entry.entry_id, None) or CallCounter(hass, entry)
    await counter.async_remove()


class Quota:
    """Spreads three quarters of a budget over the month; the rest is for commands."""

    def __init__(self, counter: CallCounter, *, budget: int) -> None:
        """Store the month's budget; `devices` are as many as are read in a round."""
        self._counter = counter
        self.budget = budget
        self.devices = 0

    @property
    def calls(self) -> int:
        """Return how many calls were made this month."""
        return self._counter.calls

    @property
    def calls_left(self) -> int:
        """Return how many calls of the budget are left."""
        return max(self.budget - self.calls, 0)

    @property
    def interval(self) -> float | None:
        """Return the seconds between two reads of a device; None: none until next month."""
        return polling_interval(
            budget=self.budget, devices=self.devices, used=self._used, now=dt_util.now()
        )

    @property
    def _used(self) -> int:
        """What was taken from reading: by reads, and by commands beyond their own share."""
        share = self.budget - polling_share(self.budget)
        return self.calls - min(self._counter.commands, max(share, 0))

    @property
    def until_next_month(self) -> float:
        """Return the seconds until calls are counted anew."""
        now = dt_util.now()
        # In Unix time: a month may have a day of 23 or 25 hours.
        return next_month(now).timestamp() - now.timestamp() + _MARGIN.total_seconds()

    @property
    def is_out(self) -> bool:
        """Whether nothing is read for longer than a state is held."""
        return self.devices > 0 and self.interval is None and self.until_next_month > self.held_for

    @property
    def held_for(self) -> float:
        """Return for how many seconds a state that was read is shown."""
        start = _first(dt_util.now())
        even = polling_interval(budget=self.budget, devices=self.devices, used=0, now=start)
        if even is None:
            return _HELD_WITHOUT_POLLING
        return max(even, self.interval or 0.0) * _INTERVALS_HELD

    def retry_after(self, err: Exception, failures: int, *, devices: int = 1) -> float:
        """Return the seconds until a read is tried again that failed so often before.

        `devices` are as many as do the same, so that together they keep the pace.
        """
        if was_never_sent(err):
            return _RETRY_NOT_SENT
        interval = self.interval
        if isinstance(err, AccountError):
            return _RETRY_REFUSED if interval is not None else self.until_next_month
        wait = _RETRY * (1 << min(failures, _DOUBLINGS))
        if interval is None:
            return wait
        return min(wait, max(interval * devices / max(self.devices, 1), _RETRY))

    def has_room(self, calls: int = 1) -> bool:
        """Return whether so many calls can be made without taking from the commands."""
        return self._used + calls <= polling_share(self.budget)
