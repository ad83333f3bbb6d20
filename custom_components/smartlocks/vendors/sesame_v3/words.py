"""The vendor's words, in ours."""

from collections.abc import Mapping
from typing import Any, Final

from ...models import Action, LockState
from .api import Command, Status

COMMANDS: Mapping[Action, Command] = {
    Action.LOCK: Command.LOCK,
    Action.UNLOCK: Command.UNLOCK,
}

_STATES: Mapping[bool | None, LockState] = {
    True: LockState.LOCKED,
    False: LockState.UNLOCKED,
    None: LockState.UNKNOWN,
}

# Of a lock the cloud will not speak of.
SILENT: Final[Mapping[str, Any]] = {"state": LockState.UNKNOWN, "online": False}


def status_changes(status: Status) -> Mapping[str, Any]:
    """Return what a status changes of a lock.

    Out of reach, the cloud repeats what it heard last: of the bolt that is no news.
    """
    away = status.responsive is False
    return {
        "state": LockState.UNKNOWN if away else _STATES[status.locked],
        "online": status.responsive,
        "battery": status.battery,
    }
