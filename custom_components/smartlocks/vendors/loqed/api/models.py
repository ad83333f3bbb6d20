"""What LOQED's bridge and cloud say, as dataclasses; and reading the fields of their JSON.

Every field is read for itself: one that cannot be read is None and spoils no other.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
import math
import re
from typing import Any, Final, Self

type Fields = Mapping[str, Any]

_KEY_SLOTS: Final = range(256)
_MOST_WEBHOOKS: Final = 10_000
_MOST_VOLTS: Final = 100
_OFFLINE: Final = -1
# Numbers come as numbers or as text.
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)
_MAC: Final = re.compile(r"[0-9a-f]{12}", re.ASCII)


def read_number(fields: Fields, name: str) -> float | None:
    """Return a field that is a finite number, also as text; None otherwise."""
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        converted = float(value)
    except OverflowError:
        return None
    return converted if math.isfinite(converted) else None


def read_integer(
    fields: Fields, name: str, *, least: int = 0, most: int = (1 << 53) - 1
) -> int | None:
    """Return a field that is a whole number in a range, also as text; None otherwise."""
    value = fields.get(name)
    if type(value) is int:
        return value if least <= value <= most else None
    number = None if value is None else read_number(fields, name)
    if number is None or not number.is_integer() or not least <= number <= most:
        return None
    return int(number)


def read_percent(fields: Fields, name: str) -> int | None:
    """Return a field that is a percentage (0-100); None otherwise."""
    return read_integer(fields, name, most=100)


def is_offline(fields: Fields, name: str) -> bool:
    """Return whether a percentage says that the lock is out of reach (-1)."""
    return read_number(fields, name) == _OFFLINE


def read_text(fields: Fields, name: str) -> str | None:
    """Return a field that is text; None otherwise."""
    value = fields.get(name)
    if not isinstance(value, str):
        return None
    # JSON can hold halves of surrogate pairs, which nothing can store or send.
    return value if value.isascii() or value == value.encode(errors="replace").decode() else None


def read_macs(fields: Fields, *names: str) -> frozenset[str]:
    """Return the MAC addresses in these fields, each as 12 lower-case hex digits."""
    return frozenset(mac for name in names if (mac := _read_mac(fields, name)))


def _read_mac(fields: Fields, *names: str) -> str | None:
    for name in names:
        digits = (read_text(fields, name) or "").replace(":", "").replace("-", "").lower()
        if _MAC.fullmatch(digits):
            return digits
    return None


class Command(IntEnum):
    """What a lock can be told to do."""

    OPEN = 1
    UNLOCK = 2
    LOCK = 3


class Position(StrEnum):
    """Where the bolt is; the words of `/status`."""

    OPEN = "open"
    DAY_LOCK = "day_lock"
    NIGHT_LOCK = "night_lock"
    UNKNOWN = "unknown"

    @classmethod
    def parse(cls, word: str) -> Self:
        """Read a position in any case; an undocumented one is unknown."""
        try:
            return cls(word.lower())
        except ValueError:
            return cls("unknown")


class BatteryType(StrEnum):
    """The batteries a lock can be told it has."""

    ALKALINE = "alkaline"
    NICKEL_METAL_HYDRIDE = "nickel_metal_hydride"
    LITHIUM = "lithium"

    @classmethod
    def parse(cls, fields: Fields) -> Self | None:
        """Read `battery_type`, a number or a word; None when the bridge does not know."""
        if fields.get("battery_type") is None:
            return None
        word = (read_text(fields, "battery_type") or "").lower()
        code = read_integer(fields, "battery_type")
        return next(
            (kind for number, kind in enumerate(cls) if number == code or word.startswith(kind)),
            None,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Keys:
    """The secrets of one lock and its bridge, decoded."""

    key_id: int
    key_secret: bytes = field(repr=False)
    bridge_key: bytes = field(repr=False)

    @classmethod
    def parse(cls, *, key_id: int, key_secret: str, bridge_key: str) -> Self:
        """Decode base64 keys; ValueError when they are none."""
        if key_id not in _KEY_SLOTS:
            raise ValueError("a key slot is a byte")
        return cls(key_id=key_id, key_secret=_decode(key_secret), bridge_key=_decode(bridge_key))


def _decode(key: str) -> bytes:
    try:
        decoded = base64.b64decode(key.strip(), validate=True)
    except binascii.Error as err:
        raise ValueError("not base64") from err
    if not decoded:
        raise ValueError("empty key")
    return decoded


@dataclass(frozen=True, kw_only=True, slots=True)
class BridgeStatus:
    """The response of `/status`: percentages 0-100, volts, None for what is not said.

    `date` is the bridge's clock when it responded (unix seconds), if it said.
    """

    position: Position
    lock_online: bool
    battery: int | None
    battery_type: BatteryType | None
    voltage: float | None
    wifi_strength: int | None
    bluetooth_strength: int | None
    webhooks_number: int | None
    started_at: datetime | None
    date: float | None
    mac_wifi: str | None
    mac_ble: str | None

    @classmethod
    def parse(cls, fields: Fields, *, date: float | None = None) -> Self:
        """Read `/status`; ValueError when it does not say where the bolt is."""
        bolt_state = read_text(fields, "bolt_state")
        if not bolt_state:
            raise ValueError("no bolt_state")
        voltage = read_number(fields, "battery_voltage")
        says_offline = fields.get("lock_online") in (0, "0")
        return cls(
            position=Position.parse(bolt_state),
            lock_online=not says_offline and not is_offline(fields, "battery_percentage"),
            battery=read_percent(fields, "battery_percentage"),
            battery_type=BatteryType.parse(fields),
            voltage=voltage if voltage is not None and 0 < voltage < _MOST_VOLTS else None,
            wifi_strength=read_percent(fields, "wifi_strength"),
            bluetooth_strength=read_percent(fields, "ble_strength"),
            webhooks_number=read_integer(fields, "webhooks_number", most=_MOST_WEBHOOKS),
            started_at=_moment(read_number(fields, "up_timestamp")),
            date=date,
            mac_wifi=_read_mac(fields, "bridge_mac_wifi", "mac_wifi"),
            mac_ble=_read_mac(fields, "bridge_mac_ble", "mac_bluetooth", "mac_ble"),
        )

    @property
    def macs(self) -> frozenset[str]:
        """The addresses of this bridge, 12 lower-case hex digits each."""
        return frozenset(mac for mac in (self.mac_wifi, self.mac_ble) if mac)

    def clock_offset(self, now: float) -> float | None:
        """Return how far a clock that shows `now` is ahead of the bridge's, in seconds.

        Few bridges tell the time. But none can have started in the future: then this is
        the least by which it is behind. None where nothing shows.
        """
        if self.date is not None:
            return now - self.date
        started = None if self.started_at is None else self.started_at.timestamp()
        return now - started if started is not None and started > now else None


def _moment(seconds: float | None) -> datetime | None:
    if seconds is None or seconds <= 0:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except OverflowError, ValueError, OSError:
        return None


class Trigger(StrEnum):
    """The webhook triggers, in the order of their bits."""

    CHANGED_OPEN = "trigger_state_changed_open"
    CHANGED_LATCH = "trigger_state_changed_latch"
    CHANGED_NIGHT_LOCK = "trigger_state_changed_night_lock"
    CHANGED_UNKNOWN = "trigger_state_changed_unknown"
    GOTO_OPEN = "trigger_state_goto_open"
    GOTO_LATCH = "trigger_state_goto_latch"
    GOTO_NIGHT_LOCK = "trigger_state_goto_night_lock"
    BATTERY = "trigger_battery"
    ONLINE_STATUS = "trigger_online_status"


ALL_TRIGGERS = frozenset(Trigger)


def trigger_flags(triggers: Iterable[Trigger]) -> int:
    """Return the triggers as the bits that are signed; all nine are 511."""
    wanted = frozenset(triggers)
    return sum(1 << bit for bit, trigger in enumerate(Trigger) if trigger in wanted)


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """One registered webhook of a bridge; `url` is empty where the bridge tells none."""

    id: int
    url: str = field(repr=False)
    triggers: frozenset[Trigger]

    @classmethod
    def parse(cls, entry: object) -> Self | None:
        """Read one entry of the list; None when it has no id."""
        if not isinstance(entry, dict) or (webhook_id := read_integer(entry, "id")) is None:
            return None
        return cls(
            id=webhook_id,
            url=read_text(entry, "url") or "",
            triggers=frozenset(trigger for trigger in Trigger if entry.get(trigger) in (1, "1")),
        )
