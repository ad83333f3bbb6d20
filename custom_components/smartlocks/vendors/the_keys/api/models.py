"""What the gateway tells about itself and about its locks."""

from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """What the gateway is doing: it reaches its locks well only while it scans."""

    SCANNING = "scanning"
    SYNCHRONIZING = "synchronizing"
    OTHER = "other"


class LockerState(StrEnum):
    """Where the bolt is: closed is locked, open unlocked, unknown follows a lock's restart."""

    UNKNOWN = "unknown"
    CLOSED = "closed"
    OPEN = "open"


@dataclass(frozen=True, kw_only=True, slots=True)
class Locker:
    """A lock in the gateway's list, which costs its battery nothing.

    `identifier` is the lock's number in the local network (the portal's "ID serrure"),
    `rssi` its signal at the gateway in dBm, `battery` in millivolts. `last_log` counts
    what happened to the lock and only ever needs comparing for being another; old
    firmware has none.
    """

    identifier: int
    rssi: int | None = None
    battery: int | None = None
    last_log: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LockerStatus:
    """A lock's own answer, for which the gateway woke it by radio.

    `position` is that of the bolt in a unit the vendor does not tell, `rssi` in dBm,
    `battery` in millivolts, `version` the lock's firmware.
    """

    state: LockerState
    position: int | None = None
    rssi: int | None = None
    battery: int | None = None
    version: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewayStatus:
    """The gateway's firmware and what it is doing, in its own words and in ours."""

    version: str | None
    current_status: str
    phase: Phase
