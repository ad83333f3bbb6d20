"""Sending a command to the lock, once, and waiting until it is seen to have happened."""

from homeassistant.core import HomeAssistant

from ...models import Action, LockState
from . import api
from .confirmation import READS_WITH_PUSH, READS_WITHOUT_PUSH, Confirmation, Look
from .words import COMMANDS


class Commander:
    """Gives commands; `waiting` is the one that waits for its outcome, if any does."""

    def __init__(self, hass: HomeAssistant, bridge: api.Bridge, look: Look) -> None:
        """Take the way to the lock, and a way to see where it is."""
        self._hass = hass
        self._bridge = bridge
        self._look = look
        self.waiting: Confirmation | None = None

    async def command(self, action: Action, *, before: LockState, pushes_come: bool) -> bool:
        """Send a command; returns whether its outcome was pushed rather than read.

        LoqedError when it cannot have arrived, CommandError when it did not happen.
        """
        self.waiting = Confirmation(action, before=before)
        try:
            await self._send(action)
            reads = READS_WITH_PUSH if pushes_come else READS_WITHOUT_PUSH
            return await self.waiting.wait(self._hass, self._look, reads=reads)
        finally:
            self.waiting = None

    async def _send(self, action: Action) -> None:
        try:
            await self._bridge.command(COMMANDS[action])
        except api.LoqedConnectionError as err:
            # It may be under way: what the lock does next decides, and nothing is sent again.
            if not err.may_have_arrived:
                raise
