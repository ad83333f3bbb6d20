"""Seeing that a command happened: the bridge says yes to everything."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import Enum, auto
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ...exceptions import CommandError
from ...models import Action, LockState
from .api import LoqedError

# When a command is still unconfirmed, in seconds after it was sent, the state is read.
# A lock takes 4 to 16 seconds. Where pushes come they are quicker than any read.
READS_WITH_PUSH: Final = (10.0, 20.0, 30.0)
READS_WITHOUT_PUSH: Final = (2.0, 4.0, 7.0, 11.0, 16.0, 22.0, 30.0)

# The bridge brings `/status` up to date only after it has delivered its calls.
STATUS_DELAY: Final = 2.0

type Look = Callable[[frozenset[LockState]], Awaitable[bool]]


class _Sign(Enum):
    LOOK_SOON = auto()
    READ = auto()
    LAST_READ = auto()


class Confirmation:
    """What a command waits for: a push, or a read, that shows its outcome."""

    def __init__(self, action: Action, *, before: LockState) -> None:
        """Take the command, and the state the lock was in when it was sent."""
        self._wanted = _wanted(action, before)
        self._there_already = before in self._wanted
        self._signs: asyncio.Queue[_Sign | LockState] = asyncio.Queue()

    def going(self) -> None:
        """Take that the lock sets out: where it is already, it reports nothing more."""
        if self._there_already:
            self.hint()

    def hint(self) -> None:
        """Take that something seems to happen: worth a look, no proof of anything."""
        self._signs.put_nowait(_Sign.LOOK_SOON)

    def reached(self, state: LockState) -> None:
        """Take where the lock says it is."""
        self._signs.put_nowait(state)

    async def wait(self, hass: HomeAssistant, look: Look, *, reads: tuple[float, ...]) -> bool:
        """Wait for the outcome, and return whether it was pushed rather than read.

        `look` reads the state and tells whether it is one of those given.
        CommandError when the lock jams or never confirms.
        """
        looking = False
        with self._timers(hass, reads) as read_after:
            while True:
                match await self._signs.get():
                    case LockState.JAMMED:
                        raise CommandError("lock_jammed")
                    case LockState() as state if state in self._wanted:
                        return True
                    case _Sign.LOOK_SOON if not looking:
                        looking = True
                        read_after(STATUS_DELAY)
                    case (_Sign.READ | _Sign.LAST_READ) as sign:
                        looking = False
                        if await self._shows(look):
                            return False
                        if sign is _Sign.LAST_READ:
                            raise CommandError("not_confirmed")

    async def _shows(self, look: Look) -> bool:
        try:
            return await look(self._wanted)
        except LoqedError:
            # The next read may be luckier; the last one decides.
            return False

    @contextmanager
    def _timers(
        self, hass: HomeAssistant, reads: tuple[float, ...]
    ) -> Iterator[Callable[[float], None]]:
        timers: list[CALLBACK_TYPE] = []

        def read_after(delay: float, sign: _Sign = _Sign.READ) -> None:
            @callback
            def fire(_: datetime) -> None:
                self._signs.put_nowait(sign)

            timers.append(async_call_later(hass, delay, fire))

        for delay in reads[:-1]:
            read_after(delay)
        read_after(reads[-1], _Sign.LAST_READ)
        try:
            yield read_after
        finally:
            for cancel in timers:
                cancel()


def _wanted(action: Action, before: LockState) -> frozenset[LockState]:
    match action:
        case Action.LOCK:
            return frozenset({LockState.LOCKED})
        case Action.UNLOCK:
            return frozenset({LockState.UNLOCKED})
        case _ if before is LockState.LOCKED:
            # It stays open for three seconds only; a locked door that is now unlocked was
            # opened in between.
            return frozenset({LockState.OPEN, LockState.UNLOCKED})
        case _:
            return frozenset({LockState.OPEN})
