"""LOQED's words, in ours."""

from collections.abc import Mapping

from ...models import Action, LockState, Method
from .api import Command, Position

COMMANDS: Mapping[Action, Command] = {
    Action.LOCK: Command.LOCK,
    Action.UNLOCK: Command.UNLOCK,
    Action.OPEN: Command.OPEN,
}

REACHED: Mapping[Position, LockState] = {
    Position.NIGHT_LOCK: LockState.LOCKED,
    Position.DAY_LOCK: LockState.UNLOCKED,
    Position.OPEN: LockState.OPEN,
    Position.UNKNOWN: LockState.UNKNOWN,
}

GOING_TO: Mapping[Position, LockState] = {
    Position.NIGHT_LOCK: LockState.LOCKING,
    Position.DAY_LOCK: LockState.UNLOCKING,
    Position.OPEN: LockState.OPENING,
}

# What the name of an event tells of how it came about; the first part found counts.
_METHODS: Mapping[str, Method] = {
    "TOUCH_TO_LOCK": Method.TOUCH,
    "TWIST_ASSIST": Method.TWIST_ASSIST,
    "MODULE_PIN": Method.PIN,
    "MODULE_BUTTON": Method.BUTTON,
    "INSTANTOPEN_OPEN": Method.TOUCH,
    "INSTANTOPEN_LATCH": Method.AUTOMATIC,
    "REMOTE": Method.REMOTE,
    "BLE": Method.APP,
}


def method_of(event_type: str | None) -> Method | None:
    """Return how an event came about, if its name tells."""
    name = event_type or ""
    return next((method for part, method in _METHODS.items() if part in name), None)
