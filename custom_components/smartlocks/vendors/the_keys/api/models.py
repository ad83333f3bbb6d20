"""What the gateway and the cloud tell: locks, states, gateways, shares."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

# Locks exist with batteries of about 4 V and of about 8 V; the ranges do not overlap.
_BATTERY_MINIMUM: Final = 2500
_BATTERY_8V_ABOVE: Final = 5000
_EMPTY_8V, _STEP_8V = 6400, 18
_EMPTY_4V, _STEP_4V = 3100, 9


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
    what happened to the lock and only needs comparing for being different; old firmware
    of the gateway has none, and locks with firmware below 57 do not count.
    """

    identifier: int
    rssi: int | None = None
    battery: int | None = None
    last_log: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LockerStatus:
    """A lock's own reply, for which the gateway woke it by radio.

    `position` is that of the bolt in a unit the vendor does not document, `rssi` in dBm,
    `battery` in millivolts, `version` the lock's firmware.
    """

    state: LockerState
    position: int | None = None
    rssi: int | None = None
    battery: int | None = None
    version: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewayStatus:
    """The gateway's firmware, and what it is doing: its own text and its meaning."""

    version: str | None
    current_status: str
    phase: Phase


@dataclass(frozen=True, kw_only=True, slots=True)
class CloudGateway:
    """A gateway of the account.

    `id` is the portal's number, `accessory_id` the one printed on the leaflet, `ip` the
    address it last had in the local network: a hint, it may be outdated.
    """

    id: int
    accessory_id: str
    name: str
    ip: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CloudLock:
    """A lock of the account.

    `id` is the portal's number, `identifier` the one that the gateway knows it by in
    the local network ("ID serrure"): they differ. `gateway_ids` are ids of the
    account's gateways that are paired with it.
    """

    id: int
    identifier: int
    name: str
    model: str | None = None
    unlock_only: bool = False
    gateway_ids: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """All locks of an account, and all gateways that are paired with any of them."""

    locks: tuple[CloudLock, ...] = ()
    gateways: tuple[CloudGateway, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """The permission of an accessory to operate a lock; `code` signs its requests.

    `gateway_id` is the `id` of the accessory; permanent is what has no dates or hours.
    """

    name: str
    gateway_id: int
    code: str = field(repr=False)
    is_active: bool
    is_permanent: bool


def percentage(millivolts: int | None) -> int | None:
    """Return 0 to 100 from millivolts; None for none, for 0 and for what no battery has.

    The 8 V scale follows the vendor's app within one percent (7235 mV is 45 % there,
    8131 mV is 95 %), as seen in the field; the 4 V scale is the vendor's own.
    """
    if millivolts is None or millivolts <= _BATTERY_MINIMUM:
        return None
    if millivolts > _BATTERY_8V_ABOVE:
        share = (millivolts - _EMPTY_8V) / _STEP_8V
    else:
        share = (millivolts - _EMPTY_4V) / _STEP_4V
    return round(min(max(share, 0), 100))


def volts(millivolts: int | None) -> float | None:
    """Return volts from millivolts; None for none and for 0, which is no measurement."""
    return millivolts / 1000 if millivolts is not None and millivolts > 0 else None
