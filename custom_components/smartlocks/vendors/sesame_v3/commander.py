"""Giving a lock a command, once, and following its task to the end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from ...exceptions import CommandError, Remedy
from . import api

# How long a busy lock is waited for, all in all, and how long when it names no time.
BUSY_PATIENCE: Final = 60.0
BUSY_PAUSE: Final = 5.0

# A lock takes 5 to 15 seconds. The task is asked for after 3, then every 2, up to 60.
FIRST_PAUSE: Final = 3.0
PAUSE: Final = 2.0
PATIENCE: Final = 60.0

type Pause = Callable[[float], Awaitable[None]]


class Commander:
    """Gives commands; `pause` waits by Home Assistant's clock."""

    def __init__(self, cloud: api.Cloud, pause: Pause) -> None:
        self._cloud = cloud
        self._pause = pause

    async def run(self, lock_id: str, command: api.Command) -> None:
        """Give a command and see its task end well.

        SesameV3Error when it was refused or has failed, CommandError when that is not
        known; after neither it is sent again.
        """
        await self._follow(await self._order(lock_id, command))

    async def _order(self, lock_id: str, command: api.Command) -> str:
        """Hand the command in and return its task; only a busy lock is asked twice."""
        patience = BUSY_PATIENCE
        while True:
            try:
                return await self._cloud.command(lock_id, command)
            except api.BusyError as err:
                wait = BUSY_PAUSE if err.seconds is None else max(float(err.seconds), 1.0)
                if err.may_have_arrived or wait > patience:
                    raise
                patience -= wait
            except api.CloudConnectionError as err:
                if err.may_have_arrived:
                    raise CommandError("sesame_v3_unanswered", Remedy.RETRY) from err
                raise
            await self._pause(wait)

    async def _follow(self, task_id: str) -> None:
        """Ask for the result until there is one."""
        wait, left = FIRST_PAUSE, PATIENCE
        doubt: api.SesameV3Error | None = None
        while left > 0:
            # Of the two clocks the slower counts: answers may take their time, too.
            begun = _now()
            await self._pause(wait)
            doubt, is_over = await self._look(task_id)
            if is_over:
                return
            left -= max(wait, _now() - begun)
            wait = PAUSE * 2 if isinstance(doubt, api.ThrottledError) else PAUSE
        raise CommandError(_unknown(doubt), Remedy.RETRY) from doubt

    async def _look(self, task_id: str) -> tuple[api.SesameV3Error | None, bool]:
        """Ask once; returns what went wrong with asking, and whether the task is done."""
        try:
            task = await self._cloud.task(task_id)
        except api.UnauthorizedError, api.BlockedError:
            raise
        except api.SesameV3Error as err:
            # Fresh tasks are not found for a while; the rest may be better next time.
            return err, False
        if task.error is not None:
            raise task.error
        return None, not task.processing


def _unknown(doubt: api.SesameV3Error | None) -> str:
    """Name the sentence for a task whose end was not seen."""
    match doubt:
        case None:
            return "sesame_v3_not_confirmed"
        case api.TaskUnknownError():
            return "sesame_v3_task_unknown"
        case _:
            return "sesame_v3_result_unread"


def _now() -> float:
    return asyncio.get_running_loop().time()
