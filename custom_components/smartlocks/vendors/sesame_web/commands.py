"""Sending commands, and seeing that a Bot has pressed: the cloud says yes to everything."""

from collections.abc import Awaitable, Callable
from itertools import takewhile
from typing import Final

from ...exceptions import CommandError, NotConfirmedError, Remedy
from ...models import Action
from . import api
from .api import HistoryEntry, HistoryKind
from .history import HistoryPage
from .mapping import COMMANDS, Device

# What is written into the device's history.
TAG: Final = "Home Assistant"

# A Bot's history is read so many seconds after the command, and again after so many more.
PRESS_LOOKS: Final = (3.0, 7.0)

# What shows that a Bot has pressed: that its arm has moved, or in the end that it took the
# command and has written down no failure.
_PROOFS: Final = (
    frozenset({HistoryKind.DRIVE_CLICK}),
    frozenset({HistoryKind.DRIVE_CLICK, HistoryKind.WEB_CLICK}),
)

# Presses that no command of the cloud has caused.
_OF_OTHERS: Final = frozenset({HistoryKind.BLE_CLICK, HistoryKind.MANUAL_CLICK})
# Presses that a motor will end.
_BEGINNINGS: Final = frozenset(
    {HistoryKind.BLE_CLICK, HistoryKind.WM2_CLICK, HistoryKind.WEB_CLICK}
)
_ENDS: Final = frozenset({HistoryKind.DRIVE_CLICK, HistoryKind.DRIVE_FAILED})

type OnSend = Callable[[], None]


async def send(cloud: api.WebApi, device: Device, action: Action, on_send: OnSend) -> None:
    """Send a command, once; whatever becomes of it, it is never sent again."""
    await cloud.command(device.uuid, device.secret or "", COMMANDS[action], TAG, on_send=on_send)


async def press(
    cloud: api.WebApi,
    device: Device,
    on_send: OnSend,
    *,
    pause: Callable[[float], Awaitable[None]],
    read_history: Callable[[], Awaitable[HistoryPage]],
) -> None:
    """Have a Bot press, and see it in its history: its status shows nothing of it.

    SesameWebError when nothing was sent, CommandError when it was not seen to press.
    """
    before = await read_history()
    known = {entry.key for entry in before}
    # A press that has begun and is not done yet: how it ends is told next.
    is_begun = bool(before) and before[0].kind in _BEGINNINGS
    doubt: api.SesameWebError | None = None
    try:
        await send(cloud, device, Action.PRESS, on_send)
    except api.SesameWebError as err:
        if not err.may_have_arrived:
            raise
        doubt = err
    found = "sesame_web_not_confirmed"
    for wait, proof in zip(PRESS_LOOKS, _PROOFS, strict=True):
        await pause(wait)
        try:
            page = await read_history()
        except api.SesameWebError as err:
            # The next look may be luckier; the last one decides.
            found, doubt = "sesame_web_unread", doubt or err
            continue
        found = "sesame_web_not_confirmed"
        found_now = [*takewhile(lambda one: one.key not in known, page)]
        new = _kinds_of_ours(found_now, is_others=is_begun)
        if HistoryKind.DRIVE_FAILED in new:
            raise CommandError("sesame_web_press_failed")
        if not proof.isdisjoint(new):
            return
    raise NotConfirmedError(found, Remedy.RETRY) from doubt


def _kinds_of_ours(new: list[HistoryEntry], *, is_others: bool) -> set[HistoryKind | None]:
    """Return the kinds of new entries, the newest first, without how others' presses ended.

    `is_others` is whether another's had begun before them. A failure after a press through
    the cloud may be that one's, whoever has pressed since.
    """
    kinds: set[HistoryKind | None] = set()
    for entry in reversed(new):
        if entry.kind not in _ENDS:
            is_others = entry.kind in _OF_OTHERS
        elif is_others:
            is_others = False
            if entry.kind is not HistoryKind.DRIVE_FAILED or HistoryKind.WEB_CLICK not in kinds:
                continue
        kinds.add(entry.kind)
    return kinds
