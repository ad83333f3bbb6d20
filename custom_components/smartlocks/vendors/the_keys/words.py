"""The vendor's words, in ours."""

from collections.abc import Mapping
from typing import Any

from ...models import HubStatus, LockState
from .api import GatewayStatus, Locker, LockerState, LockerStatus, Phase, percentage, volts

STATES: Mapping[LockerState, LockState] = {
    LockerState.CLOSED: LockState.LOCKED,
    LockerState.OPEN: LockState.UNLOCKED,
    LockerState.UNKNOWN: LockState.UNKNOWN,
}

_PHASES: Mapping[Phase, HubStatus] = {
    Phase.SCANNING: HubStatus.READY,
    Phase.SYNCHRONIZING: HubStatus.SYNCHRONIZING,
    Phase.OTHER: HubStatus.OTHER,
}


def gateway_changes(status: GatewayStatus | None) -> Mapping[str, Any]:
    """Return what its status changes of a gateway; None where old firmware has none."""
    if status is None:
        return {"firmware": None, "status": None}
    return {"firmware": status.version, "status": _PHASES[status.phase]}


def locker_changes(locker: Locker) -> Mapping[str, Any]:
    """Return what the gateway's list changes of a lock."""
    return _known(
        battery=percentage(locker.battery), voltage=volts(locker.battery), signal=locker.rssi
    )


def status_changes(status: LockerStatus) -> Mapping[str, Any]:
    """Return what a lock's own answer changes of it."""
    measured = _known(
        battery=percentage(status.battery),
        voltage=volts(status.battery),
        signal=status.rssi,
        position=status.position,
        firmware=None if status.version is None else str(status.version),
    )
    return {"state": STATES[status.state], "online": True, **measured}


def absence(*, is_away: bool, has_news: bool = False) -> Mapping[str, Any]:
    """Return what it changes of a lock that it was not heard; `has_news` if it has moved since."""
    if is_away:
        return {"state": LockState.UNKNOWN, "online": False}
    return {"state": LockState.UNKNOWN} if has_news else {}


def _known(**changes: Any) -> Mapping[str, Any]:
    """Leave out what was not told: what was told before stands."""
    return {name: value for name, value in changes.items() if value is not None}
