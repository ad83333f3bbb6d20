"""Send commands, wait for busy locks, follow tasks, and synchronize locks out of reach."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import Final

from homeassistant.core import HomeAssistant

from ... import helpers
from ...const import LOGGER
from ...exceptions import NotConfirmedError, Remedy
from . import api
from .rate_limit import RateLimit

# How long a busy lock is left alone when the cloud names no time, in seconds.
BUSY_PAUSE: Final = 5.0
_CHECK_EVERY: Final = 1.0

# A lock takes 5 to 15 seconds: its task is asked for after 3, then every 2.
FIRST_PAUSE: Final = 3.0
PAUSE: Final = 2.0

# Synchronizing costs the lock's battery: one that comes and goes is not asked each time.
SYNC_PAUSE: Final = 3600.0


async def async_send(
    hass: HomeAssistant,
    cloud: api.Cloud,
    lock_id: str,
    command: api.Command,
    *,
    patience: float,
    on_send: Callable[[], None],
    check: Callable[[], None],
) -> str:
    """Send a command and return its task; a lock that is busy is asked again.

    That is done for `patience` seconds at most. `check` raises when the command is not
    wanted any more.
    """
    until = helpers.monotonic() + patience
    while True:
        try:
            return await cloud.command(lock_id, command, on_send=on_send)
        except api.BusyError as err:
            wait = BUSY_PAUSE if err.seconds is None else max(float(err.seconds), 1.0)
            if err.may_have_arrived or helpers.monotonic() + wait > until:
                raise
        again_at = helpers.monotonic() + wait
        while (left := again_at - helpers.monotonic()) > 0:
            await helpers.async_pause(hass, min(left, _CHECK_EVERY))
            check()


async def async_follow(
    hass: HomeAssistant, cloud: api.Cloud, limit: RateLimit, task_id: str, *, seconds: float = inf
) -> tuple[float, float]:
    """Wait until a task has ended well; returns between which moments, in monotonic seconds.

    The first is when it was last known not to have ended, the second when it was asked for.
    Raises the error that it ended with, or NotConfirmedError after so many seconds.
    """
    running_at = helpers.monotonic()
    wait, until = FIRST_PAUSE, running_at + seconds
    while helpers.monotonic() < until:
        await helpers.async_pause(hass, wait)
        wait, asked_at = PAUSE, helpers.monotonic()
        try:
            task = await cloud.task(task_id)
        except api.UnauthorizedError, api.BlockedError:
            raise
        except api.ThrottledError:
            wait = 2 * PAUSE
        except api.SesameV3Error as err:
            # A new task is not found for a while; the rest may be better next time.
            LOGGER.debug("A task could not be read: %s", err)
        else:
            if task.error is not None:
                limit.async_note(task.error)
                raise task.error
            if not task.processing:
                return running_at, asked_at
            running_at = asked_at
    raise NotConfirmedError("not_confirmed", Remedy.RETRY)


@dataclass(kw_only=True, slots=True)
class Reach:
    """Which locks are within reach, and when each was last synchronized because it was not.

    It outlives a reload. After a restart it knows of no lock within reach, so that an
    outage that began before is not answered by a second synchronization.
    """

    within: set[str] = field(default_factory=set)
    synchronized: dict[str, float] = field(default_factory=dict)

    def lost(self, lock_id: str, now: float) -> bool:
        """Record that a lock is out of reach; returns whether to synchronize it."""
        if lock_id not in self.within:
            return False
        self.within.discard(lock_id)
        if now - self.synchronized.get(lock_id, -inf) < SYNC_PAUSE:
            return False
        self.synchronized[lock_id] = now
        return True
