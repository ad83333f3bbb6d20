"""Ordering a device to move, once, and seeing that it has: the cloud says yes to everything."""

from collections.abc import Awaitable, Callable
from itertools import takewhile
from typing import Final

from ...exceptions import CommandError, Remedy
from ...models import Action
from . import api
from .api import HistoryKind
from .device import Device
from .story import Page
from .words import COMMANDS, WANTED

# Looked at about 3 and 10 seconds after the order.
PAUSES: Final = (3.0, 7.0)

# What is written into the device's history.
TAG: Final = "Home Assistant"

# What shows that a Bot has pressed: that its arm moved, or in the end that it took the order
# and has written down no failure.
_PROOFS: Final = (
    frozenset({HistoryKind.DRIVE_CLICK}),
    frozenset({HistoryKind.DRIVE_CLICK, HistoryKind.WEB_CLICK}),
)

_NOT_CONFIRMED: Final = "sesame_web_not_confirmed"

type Pause = Callable[[float], Awaitable[None]]
type Look = Callable[[str], Awaitable[api.Status]]
type Leaf = Callable[[str], Awaitable[Page]]
# Returns None when the order is carried out, or else the sentence that says what is not.
type Check = Callable[[], Awaitable[str | None]]


class Commander:
    """Gives orders.

    `pause` waits by Home Assistant's clock, `look` reads a device's status and `leaf` its
    history. SesameWebError when an order cannot have arrived, CommandError when it is not
    seen to have been carried out; after neither it is sent again.
    """

    def __init__(self, cloud: api.WebApi, *, pause: Pause, look: Look, leaf: Leaf) -> None:
        """Take the ways to the cloud."""
        self._cloud = cloud
        self._pause = pause
        self._look = look
        self._leaf = leaf

    async def turn(self, device: Device, action: Action) -> None:
        """Have a bolt turned, and see it where it should be."""

        async def check() -> str | None:
            status = await self._look(device.uuid)
            if status.online is False:
                return "sesame_web_hub_offline"
            return None if status.state is WANTED[action] else _NOT_CONFIRMED

        await self._order(device, action, check)

    async def press(self, device: Device) -> None:
        """Have a Bot press, and see it in its history: its status shows nothing of it."""
        known = {entry.key for entry in await self._leaf(device.uuid)}
        proofs = iter(_PROOFS)

        async def check() -> str | None:
            proof = next(proofs)
            page = await self._leaf(device.uuid)
            new = {entry.kind for entry in takewhile(lambda one: one.key not in known, page)}
            if HistoryKind.DRIVE_FAILED in new:
                raise CommandError("sesame_web_press_failed")
            return _NOT_CONFIRMED if proof.isdisjoint(new) else None

        await self._order(device, Action.PRESS, check)

    async def _order(self, device: Device, action: Action, check: Check) -> None:
        """Post the order and look, until it is done or has had its time."""
        doubt = await self._post(device, action)
        found: str | None = None
        for pause in PAUSES:
            await self._pause(pause)
            try:
                found = await check()
            except api.ForbiddenError as err:
                # Not as it is: that would say that nothing was sent.
                raise CommandError("sesame_web_forbidden", Remedy.REAUTH) from err
            except api.SesameWebError as err:
                # The next look may be luckier; the last one decides.
                found, doubt = "sesame_web_unread", doubt or err
            if found is None:
                return
        raise CommandError(found or _NOT_CONFIRMED, Remedy.RETRY) from doubt

    async def _post(self, device: Device, action: Action) -> api.SesameWebError | None:
        """Send the order; returns what went wrong where it may have arrived nevertheless."""
        try:
            await self._cloud.command(device.uuid, device.secret or "", COMMANDS[action], TAG)
        except api.SesameWebError as err:
            if not err.may_have_arrived:
                raise
            return err
        return None
