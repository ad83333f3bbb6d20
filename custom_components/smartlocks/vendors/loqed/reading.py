"""What `/status` and pushes say of the lock, as changes of its snapshot; pure."""

from datetime import datetime
from typing import Any

from ...models import BatteryType, LockSnapshot, LockState
from . import api
from .words import GOING_TO, REACHED


def status_state(status: api.BridgeStatus) -> LockState:
    """Return where the lock is: unknown while its bridge cannot reach it."""
    return REACHED[status.position] if status.lock_online else LockState.UNKNOWN


def status_changes(
    status: api.BridgeStatus, lock: LockSnapshot, *, now: datetime
) -> dict[str, Any]:
    """Return what a status changes of a lock."""
    state = status_state(status)
    if lock.state is LockState.JAMMED and state is LockState.UNKNOWN and status.lock_online:
        # After a stall the bridge no longer knows the position; we know why.
        state = LockState.JAMMED
    return {
        "state": state,
        "online": status.lock_online,
        "battery": status.battery,
        "battery_type": _battery_type(status.battery_type),
        "voltage": status.voltage,
        "wifi_strength": status.wifi_strength,
        "bluetooth_strength": status.bluetooth_strength if status.lock_online else None,
        "last_contact": now if status.lock_online else lock.last_contact,
    }


def push_changes(push: api.Push, *, now: datetime) -> dict[str, Any]:
    """Return what a verified call changes: only what it speaks of."""
    told: dict[str, Any] = {
        "state": _push_state(push),
        "online": push.lock_online,
        "battery": push.battery,
        "battery_type": _battery_type(push.battery_type),
        "wifi_strength": push.wifi_strength,
        "bluetooth_strength": push.bluetooth_strength,
    }
    changes = {name: value for name, value in told.items() if value is not None}
    if push.lock_online is False:
        changes |= {"state": LockState.UNKNOWN, "battery": None, "bluetooth_strength": None}
    else:
        changes["last_contact"] = now
    return changes


def _push_state(push: api.Push) -> LockState | None:
    if push.stalled:
        return LockState.JAMMED
    if push.reached is not None:
        return REACHED[push.reached]
    # On its way to nobody knows where, it is no longer where it was: a read will tell.
    return None if push.going_to is None else GOING_TO.get(push.going_to, LockState.UNKNOWN)


def _battery_type(kind: api.BatteryType | None) -> BatteryType | None:
    return None if kind is None else BatteryType(kind.value)
