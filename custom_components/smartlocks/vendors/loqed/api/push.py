"""Verifying and reading a bridge's webhook call; pure, with the time injected."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import hmac
import re
from typing import Self

from .errors import (
    LoqedPushContentError,
    LoqedPushForgedError,
    LoqedPushLateError,
    LoqedPushRepeatError,
    LoqedPushUnsignedError,
)
from .fields import Fields, integer, parse_object, percent, text
from .models import BatteryType, Position, normal_mac
from .signature import push_hash

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_NO_KEY = 255
_OFFLINE = -1
_REMEMBERED = 256

_REACHED: Mapping[str, Position] = {
    "STATE_CHANGED_OPEN": Position.OPEN,
    "STATE_CHANGED_LATCH": Position.DAY_LOCK,
    "STATE_CHANGED_NIGHT_LOCK": Position.NIGHT_LOCK,
    "STATE_CHANGED_UNKNOWN": Position.UNKNOWN,
}
_STALL = "MOTOR_STALL"


@dataclass(frozen=True, kw_only=True, slots=True)
class Push:
    """One verified call. Whatever the call does not speak of is None.

    `timestamp` is the bridge's clock in unix seconds; percentages are 0-100;
    `key_id` is the slot of the key used (0-250); `macs` are the bridge's addresses.
    """

    timestamp: int
    event_type: str | None
    going_to: Position | None
    reached: Position | None
    stalled: bool
    key_id: int | None
    battery: int | None
    battery_type: BatteryType | None
    wifi_strength: int | None
    bluetooth_strength: int | None
    lock_online: bool | None
    macs: frozenset[str]

    @classmethod
    def parse(cls, fields: Fields, *, timestamp: int) -> Self:
        """Read a verified payload; ValueError when a field has a wrong type."""
        event_type = text(fields, "event_type")
        going_to, requested = text(fields, "go_to_state"), text(fields, "requested_state")
        return cls(
            timestamp=timestamp,
            event_type=event_type,
            going_to=None if going_to is None else Position.parse(going_to),
            reached=_reached(event_type, requested) if going_to is None else None,
            stalled=event_type == _STALL,
            key_id=_key(fields),
            battery=percent(fields, "battery_percentage"),
            battery_type=BatteryType.parse(fields),
            wifi_strength=percent(fields, "wifi_strength"),
            bluetooth_strength=percent(fields, "ble_strength"),
            lock_online=_online(fields, speaks=bool(going_to or requested)),
            macs=frozenset(
                mac for name in ("mac_wifi", "mac_ble") if (mac := normal_mac(text(fields, name)))
            ),
        )


def _reached(event_type: str | None, requested: str | None) -> Position | None:
    # The event is the more exact of the two where they disagree.
    known = _REACHED.get((event_type or "").removesuffix("_REMOTE"))
    if known is not None:
        return known
    return None if requested is None else Position.parse(requested)


def _key(fields: Fields) -> int | None:
    key = integer(fields, "key_local_id")
    return key if key is not None and 0 <= key < _NO_KEY else None


def _online(fields: Fields, *, speaks: bool) -> bool | None:
    """Tell whether the lock is there: it said something itself, or the bridge says so."""
    for name in ("ble_strength", "battery_percentage"):
        value = integer(fields, name)
        if value is not None:
            return value != _OFFLINE
    return True if speaks else None


class PushVerifier:
    """Decides whether a call comes from our bridge, now, and for the first time."""

    def __init__(self, key: bytes, *, window: float) -> None:
        """Take the decoded bridge key, and how far the clocks may differ, in seconds."""
        self._key = key
        self._window = window
        self._taken: OrderedDict[str, None] = OrderedDict()

    def verify(
        self, body: bytes, *, timestamps: Sequence[str], hashes: Sequence[str], now: float
    ) -> Push:
        """Return what the call says; one of the LoqedPushError's otherwise.

        `timestamps` and `hashes` are all the headers TIMESTAMP and HASH it came with.
        Nothing of the body is looked at before its signature, its time and its novelty
        are established.
        """
        if not timestamps:
            raise LoqedPushUnsignedError("no time stamp")
        timestamp = int(_single(timestamps, _TIMESTAMP))
        digest = _single(hashes, _HASH)
        expected = push_hash(body, timestamp=timestamp, key=self._key)
        if not hmac.compare_digest(expected, digest):
            raise LoqedPushForgedError("wrong signature")
        if digest in self._taken:
            raise LoqedPushRepeatError("taken before")
        if abs(now - timestamp) > self._window:
            raise LoqedPushLateError(now - timestamp)
        self._remember(digest)
        try:
            return Push.parse(parse_object(body), timestamp=timestamp)
        except (ValueError, RecursionError) as err:
            raise LoqedPushContentError("not understood") from err

    def _remember(self, digest: str) -> None:
        self._taken[digest] = None
        while len(self._taken) > _REMEMBERED:
            self._taken.popitem(last=False)


def _single(values: Sequence[str], form: re.Pattern[str]) -> str:
    """Return the one value of a header, of the one form our bridge gives it."""
    if len(values) != 1 or form.fullmatch(values[0]) is None:
        raise LoqedPushForgedError("header missing, repeated or malformed")
    return values[0]
