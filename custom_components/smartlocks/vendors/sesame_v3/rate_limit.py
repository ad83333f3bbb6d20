"""Send the cloud one request a second, and none while it wants none.

The vendor counts by internet address, so that one limit holds for all accounts and forms.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from math import inf
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.issue_registry import (
    IssueSeverity,
    async_create_issue,
    async_delete_issue,
)
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ... import helpers
from ...const import DOMAIN
from ...repairs import documentation_url
from ...request_queue import RequestQueue
from . import api
from .const import CLOUD_VARIABLE, KEY

SPACING = api.REQUEST_SPACING

# After "too many requests": for how many seconds nothing is asked that no person waits
# for. The vendor names no time; a refusal soon after the last pause doubles it.
THROTTLED_FOR: Final = 60.0
THROTTLED_AT_MOST: Final = 30 * 60.0

# Timers may be early by the clock's resolution.
_SURELY_OVER: Final = 0.1

_ISSUE: Final = f"{KEY}_blocked"
_UNTIL: Final = "blocked_until"


class RateLimit:
    """Lets requests through one at a time, people's first.

    While the internet address is blocked none is let through (BlockedError), and after
    "too many requests" only people's are (ThrottledError). A block is stored: it outlives
    a restart, and so does its repair issue.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._queue = RequestQueue()
        self._store: Store[dict[str, float]] = Store(hass, 1, f"{DOMAIN}.{KEY}_rate_limit")
        self._loading = asyncio.Lock()
        self._is_loaded = False
        self._blocked_until = -inf
        self._throttled_until = -inf
        self._throttled_seconds = 0.0
        self._cancel_timer: CALLBACK_TYPE | None = None
        self._listeners: set[CALLBACK_TYPE] = set()

    @property
    def blocked_for(self) -> float:
        """How many seconds nothing may be sent from now on; 0 if that is allowed."""
        return max(self._blocked_until - helpers.monotonic(), 0.0)

    @property
    def throttled_for(self) -> float:
        """How many seconds nothing may be sent that no person waits for; 0 if it may."""
        return max(self._throttled_until - helpers.monotonic(), 0.0)

    @property
    def blocked_until(self) -> str:
        """The time of day when a block ends, for people."""
        until = dt_util.utcnow() + timedelta(seconds=self.blocked_for)
        return dt_util.as_local(until).strftime("%H:%M")

    @callback
    def async_listen(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call a listener when a block begins or ends; returns the undo."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    @asynccontextmanager
    async def turn(self, *, urgent: bool = False, rest: float = 0.0) -> AsyncIterator[None]:
        """Wait for the turn of a request and hold it; `rest` is in seconds, after its end."""
        await self._async_load()
        self._check(urgent=urgent)
        async with self._queue.turn(urgent=urgent, rest=rest):
            self._check(urgent=urgent)
            try:
                yield
            except api.SesameV3Error as err:
                # Each endpoint has a limit of its own: that of what a person waits for, most
                # of all commands and tasks, is no reason to stop the reads that can confirm
                # a command. They find their own limit.
                if not (urgent and isinstance(err, api.ThrottledError)):
                    self.async_note(err)
                raise

    @callback
    def async_note(self, err: api.SesameV3Error) -> None:
        """Record an error of the cloud: it may ask for no, or fewer, requests."""
        match err:
            case api.BlockedError():
                self._block(api.BLOCKED_FOR)
                self._hass.async_create_task(self._store.async_save(self._data_to_store()))
            case api.ThrottledError() if not self.throttled_for:
                self._throttle()

    def _check(self, *, urgent: bool) -> None:
        if self.blocked_for:
            raise api.BlockedError(may_have_arrived=False)
        if self.throttled_for and not urgent:
            raise api.ThrottledError(may_have_arrived=False)

    def _throttle(self) -> None:
        # A success between says little: the vendor counts each endpoint for itself.
        now, last = helpers.monotonic(), self._throttled_seconds
        is_soon = now - self._throttled_until <= last
        self._throttled_seconds = min(2 * last, THROTTLED_AT_MOST) if is_soon else THROTTLED_FOR
        self._throttled_until = now + self._throttled_seconds

    def _block(self, seconds: float) -> None:
        self._blocked_until = helpers.monotonic() + seconds
        async_create_issue(
            self._hass,
            DOMAIN,
            _ISSUE,
            is_fixable=False,
            severity=IssueSeverity.ERROR,
            translation_key=_ISSUE,
            translation_placeholders={"time": self.blocked_until},
            learn_more_url=documentation_url(self._hass, KEY),
        )
        if self._cancel_timer is not None:
            self._cancel_timer()
        job = HassJob(self._async_end_block, cancel_on_shutdown=True)
        self._cancel_timer = async_call_later(self._hass, seconds + _SURELY_OVER, job)
        self._tell()

    async def _async_end_block(self, _: datetime) -> None:
        self._cancel_timer = None
        async_delete_issue(self._hass, DOMAIN, _ISSUE)
        self._tell()
        await self._store.async_remove()

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    # What is stored. The wall clock may be wrong: it never makes a block longer.

    def _data_to_store(self) -> dict[str, float]:
        return {_UNTIL: dt_util.utcnow().timestamp() + self.blocked_for}

    async def _async_load(self) -> None:
        async with self._loading:
            if self._is_loaded:
                return
            stored = await self._store.async_load()
            self._is_loaded = True
            if stored is None:
                return
            left = min(stored[_UNTIL] - dt_util.utcnow().timestamp(), api.BLOCKED_FOR)
            if left > 0:
                self._block(left)
            else:
                await self._store.async_remove()


_RATE_LIMIT: HassKey[RateLimit] = HassKey(f"{DOMAIN}_{KEY}_rate_limit")


@callback
def async_rate_limit(hass: HomeAssistant) -> RateLimit:
    """Return the one limit of this Home Assistant; it outlives every entry."""
    if _RATE_LIMIT not in hass.data:
        hass.data[_RATE_LIMIT] = RateLimit(hass)
    return hass.data[_RATE_LIMIT]


@callback
def async_cloud(hass: HomeAssistant, api_key: str) -> api.Cloud:
    """Return the client of an account, behind the one limit."""
    return api.Cloud(
        helpers.async_cloud_session(hass),
        helpers.cloud_address(CLOUD_VARIABLE, api.CLOUD_URL),
        api_key,
        queue=async_rate_limit(hass),
        spacing=SPACING,
    )
