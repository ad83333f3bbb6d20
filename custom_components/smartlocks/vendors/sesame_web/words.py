"""The vendor's words, in ours."""

from collections.abc import Mapping
from typing import Any, Final

from ...models import Action, Activity, LockState, Method
from .api import Bolt, Command, HistoryKind, Status

COMMANDS: Final[Mapping[Action, Command]] = {
    Action.LOCK: Command.LOCK,
    Action.UNLOCK: Command.UNLOCK,
    Action.PRESS: Command.CLICK,
}

WANTED: Final[Mapping[Action, Bolt]] = {
    Action.LOCK: Bolt.LOCKED,
    Action.UNLOCK: Bolt.UNLOCKED,
}

_STATES: Final[Mapping[Bolt | None, LockState]] = {
    Bolt.LOCKED: LockState.LOCKED,
    Bolt.UNLOCKED: LockState.UNLOCKED,
}

# Of a device the cloud knows nothing of: what was known of its bolt is worth nothing now.
SILENT: Final[Mapping[str, Any]] = {"state": LockState.UNKNOWN, "online": False}

# Something was done, and who did it stands there.
CAUSES: Final[Mapping[HistoryKind | None, tuple[Activity, Method]]] = {
    HistoryKind.BLE_LOCK: (Activity.LOCKED, Method.APP),
    HistoryKind.BLE_UNLOCK: (Activity.UNLOCKED, Method.APP),
    HistoryKind.AUTO_LOCK: (Activity.LOCKED, Method.AUTOMATIC),
    HistoryKind.MANUAL_LOCKED: (Activity.LOCKED, Method.MANUAL),
    HistoryKind.MANUAL_UNLOCKED: (Activity.UNLOCKED, Method.MANUAL),
    HistoryKind.MANUAL_ELSE: (Activity.CHANGED, Method.MANUAL),
    HistoryKind.WM2_LOCK: (Activity.LOCKED, Method.REMOTE),
    HistoryKind.WM2_UNLOCK: (Activity.UNLOCKED, Method.REMOTE),
    HistoryKind.WEB_LOCK: (Activity.LOCKED, Method.REMOTE),
    HistoryKind.WEB_UNLOCK: (Activity.UNLOCKED, Method.REMOTE),
    HistoryKind.BLE_CLICK: (Activity.PRESSED, Method.APP),
    HistoryKind.WM2_CLICK: (Activity.PRESSED, Method.REMOTE),
    HistoryKind.WEB_CLICK: (Activity.PRESSED, Method.REMOTE),
    HistoryKind.MANUAL_CLICK: (Activity.PRESSED, Method.MANUAL),
}

# The door's own sensor, which has nothing to do with the bolt.
DOORS: Final[Mapping[HistoryKind | None, Activity]] = {
    HistoryKind.DOOR_OPEN: Activity.DOOR_OPENED,
    HistoryKind.DOOR_CLOSED: Activity.DOOR_CLOSED,
}

# How the motor ended what was begun.
ENDINGS: Final[Mapping[HistoryKind | None, Activity]] = {
    HistoryKind.DRIVE_LOCKED: Activity.LOCKED,
    HistoryKind.DRIVE_UNLOCKED: Activity.UNLOCKED,
    HistoryKind.DRIVE_CLICK: Activity.PRESSED,
    HistoryKind.DRIVE_FAILED: Activity.JAMMED,
}

# Where an activity leaves the bolt.
LEFT: Final[Mapping[Activity, LockState]] = {
    Activity.LOCKED: LockState.LOCKED,
    Activity.UNLOCKED: LockState.UNLOCKED,
}


def bolt_state(status: Status) -> LockState:
    """Return where the bolt is; offline, the cloud repeats what it heard last: no news."""
    return (
        LockState.UNKNOWN
        if status.online is False
        else _STATES.get(status.state, LockState.UNKNOWN)
    )


def status_changes(status: Status) -> dict[str, Any]:
    """Return what a status changes of a device."""
    return {
        "state": bolt_state(status),
        "online": status.online,
        "battery": status.battery,
        "voltage": status.voltage,
        "position": status.position,
        "last_change": status.changed_at,
    }
