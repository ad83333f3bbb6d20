"""Verifying and reading a bridge's webhook call; pure, with the time as an argument."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import hmac
import re
from typing import Final, Self

from ....http import parse_json
from .crypto import push_hash
from .exceptions import (
    LoqedPushContentError,
    LoqedPushForgedError,
    LoqedPushLateError,
    LoqedPushRepeatError,
    LoqedPushUnsignedError,
)
from .models import (
    BatteryType,
    Fields,
    Position,
    is_offline,
    read_integer,
    read_macs,
    read_percent,
    read_text,
)

_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
# Our own requests to the bridge are signed as its calls are, and whoever answers for it learns
# their signatures: over nothing (the list), an id of at most 53 bits that it may choose, or our
# address. No call begins so; an id can be an object in another encoding of JSON.
_REQUESTS: Final = (b"", b"\0", b"h")
# 255 stands for no key.
_HIGHEST_KEY: Final = 254

_REACHED: Final[Mapping[str, Position]] = {
    "STATE_CHANGED_OPEN": Position.OPEN,
    "STATE_CHANGED_LATCH": Position.DAY_LOCK,
    "STATE_CHANGED_NIGHT_LOCK": Position.NIGHT_LOCK,
    "STATE_CHANGED_UNKNOWN": Position.UNKNOWN,
}
_STALL: Final = "MOTOR_STALL"


@dataclass(frozen=True, kw_only=True, slots=True)
class Push:
    """One verified call. What the call does not say, or not in a readable way, is None.

    `timestamp` is the bridge's clock in unix seconds, `age` how many seconds later by
    this host's clock the call came (negative when the bridge's clock is ahead).
    Percentages are 0-100; `key_id` is the slot of the key used (0-254); `macs` are the
    bridge's addresses.
    """

    timestamp: int
    age: float
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
    def parse(cls, fields: Fields, *, timestamp: int, age: float) -> Self:
        """Read a verified payload; ValueError when a field about the state is unreadable."""
        event_type = _read_state_word(fields, "event_type")
        going_to = _read_state_word(fields, "go_to_state")
        requested = _read_state_word(fields, "requested_state")
        return cls(
            timestamp=timestamp,
            age=age,
            event_type=event_type,
            going_to=None if going_to is None else Position.parse(going_to),
            reached=_reached(event_type, requested) if going_to is None else None,
            stalled=event_type == _STALL,
            key_id=read_integer(fields, "key_local_id", most=_HIGHEST_KEY),
            battery=read_percent(fields, "battery_percentage"),
            battery_type=BatteryType.parse(fields),
            wifi_strength=read_percent(fields, "wifi_strength"),
            bluetooth_strength=read_percent(fields, "ble_strength"),
            lock_online=_lock_online(fields, is_about_state=bool(going_to or requested)),
            macs=read_macs(fields, "mac_wifi", "mac_ble"),
        )


def _read_state_word(fields: Fields, name: str) -> str | None:
    """Return a field about the state, None if it is absent or null; ValueError otherwise."""
    if fields.get(name) is None:
        return None
    word = read_text(fields, name)
    if not word:
        raise ValueError(f"{name} is unreadable")
    return word


def _reached(event_type: str | None, requested: str | None) -> Position | None:
    told = None if requested is None else Position.parse(requested)
    known = _REACHED.get((event_type or "").removesuffix("_REMOTE"))
    if known is None:
        return told
    if known is Position.NIGHT_LOCK and told not in (None, known):
        # Which of the two is the true one is not known: in doubt, never locked.
        return Position.UNKNOWN
    # The event is the more exact of the two where they disagree.
    return known


def _lock_online(fields: Fields, *, is_about_state: bool) -> bool | None:
    """Return whether the lock is in reach: the bridge says so, or the lock spoke itself."""
    for name in ("ble_strength", "battery_percentage"):
        if name not in fields:
            continue
        if is_offline(fields, name):
            return False
        if read_percent(fields, name) is not None:
            return True
    return True if is_about_state else None


class PushMemory:
    """Remembers the calls that were taken, so that a recorded one is not taken again.

    To be kept for as long as Home Assistant runs, also over a reload. What it no longer
    remembers, because too many came since, counts as taken too.
    """

    def __init__(self, *, most: int = 512) -> None:
        """Remember up to `most` calls."""
        self._most = most
        self._taken: OrderedDict[str, int] = OrderedDict()
        self._forgotten_until = 0

    @property
    def count(self) -> int:
        """How many calls are remembered."""
        return len(self._taken)

    def has_taken(self, digest: str, timestamp: int, *, newest: float) -> bool:
        """Return whether a call was taken, or may have been.

        `newest` is the latest time stamp that can be genuine now. Where what was
        forgotten is later than that, a clock was wrong then.
        """
        if digest in self._taken:
            return True
        return timestamp <= self._forgotten_until <= newest

    def take(self, digest: str, timestamp: int) -> None:
        """Remember a call."""
        self._taken[digest] = timestamp
        while len(self._taken) > self._most:
            self._forgotten_until = self._taken.popitem(last=False)[1]


class PushVerifier:
    """Decides whether a call comes from our bridge, now, and for the first time."""

    def __init__(self, key: bytes, *, window: float, memory: PushMemory) -> None:
        """Use the decoded bridge key; the clocks may differ by `window` seconds."""
        self._key = key
        self._window = window
        self._memory = memory

    def verify(
        self, body: bytes, *, timestamps: Sequence[str], hashes: Sequence[str], received_at: float
    ) -> Push:
        """Return what the call says; raise one of the LoqedPushErrors otherwise.

        `timestamps` and `hashes` are all the headers TIMESTAMP and HASH that it came
        with, `received_at` is in unix seconds. Nothing of the body is read before its
        signature, its novelty and its time are verified.
        """
        if not timestamps:
            raise LoqedPushUnsignedError("no time stamp")
        timestamp = int(_single(timestamps, _TIMESTAMP))
        digest = _single(hashes, _HASH)
        expected = push_hash(body, timestamp=timestamp, key=self._key)
        if not hmac.compare_digest(expected, digest):
            raise LoqedPushForgedError("wrong signature")
        if body[:1] in _REQUESTS:
            raise LoqedPushForgedError("the signature of a request")
        age = received_at - timestamp
        if self._memory.has_taken(digest, timestamp, newest=received_at + self._window):
            raise LoqedPushRepeatError("received before", timestamp=timestamp, offset=age)
        if abs(age) > self._window:
            if age < 0:
                # Its time is still to come: then it must not be taken either.
                self._memory.take(digest, timestamp)
            raise LoqedPushLateError("outside of the window", timestamp=timestamp, offset=age)
        self._memory.take(digest, timestamp)
        return _parse(body, timestamp, age)


def parse_unverified(body: bytes) -> Push | None:
    """Return what a call says that nobody has signed; None when it is not understood.

    Anybody could have made it: it may explain what was read, and change nothing.
    """
    try:
        return _parse(body, 0, 0.0)
    except LoqedPushContentError:
        return None


def _parse(body: bytes, timestamp: int, age: float) -> Push:
    try:
        fields = parse_json(body)
        if isinstance(fields, dict):
            return Push.parse(fields, timestamp=timestamp, age=age)
    except ValueError as err:
        raise LoqedPushContentError("not understood", timestamp=timestamp, offset=age) from err
    raise LoqedPushContentError("not an object", timestamp=timestamp, offset=age)


def _single(values: Sequence[object], form: re.Pattern[str]) -> str:
    """Return the one value of a header, of the one form that our bridge gives it."""
    value = values[0] if len(values) == 1 else None
    if not isinstance(value, str) or form.fullmatch(value) is None:
        raise LoqedPushForgedError("header missing, repeated or malformed")
    return value
