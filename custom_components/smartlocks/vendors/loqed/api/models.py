"""What LOQED's bridge and cloud say, in types."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self

from .fields import Fields, integer, number, percent, text

_SLOTS = range(256)


class Position(StrEnum):
    """Where the bolt is; the words of `/status`."""

    OPEN = "open"
    DAY_LOCK = "day_lock"
    NIGHT_LOCK = "night_lock"
    UNKNOWN = "unknown"

    @classmethod
    def parse(cls, word: str | None) -> Position:
        """Read a position in any case; what nobody has documented is unknown."""
        try:
            return cls((word or "").lower())
        except ValueError:
            return cls.UNKNOWN


class BatteryType(StrEnum):
    """The batteries a lock can be told it has."""

    ALKALINE = "alkaline"
    NICKEL_METAL_HYDRIDE = "nickel_metal_hydride"
    LITHIUM = "lithium"

    @classmethod
    def parse(cls, fields: Fields) -> BatteryType | None:
        """Read `battery_type`, a number or a word; None when the bridge does not know."""
        raw = fields.get("battery_type")
        if isinstance(raw, str) and not raw.lstrip("-").isdigit():
            return next((kind for kind in cls if raw.lower().startswith(kind)), None)
        code = integer(fields, "battery_type")
        return None if code is None else dict(enumerate(cls)).get(code)


@dataclass(frozen=True, kw_only=True, slots=True)
class Keys:
    """The secrets of one lock and its bridge, decoded."""

    key_id: int
    key_secret: bytes = field(repr=False)
    bridge_key: bytes = field(repr=False)

    @classmethod
    def parse(cls, *, key_id: int, key_secret: str, bridge_key: str) -> Self:
        """Decode base64 keys; ValueError when they are none."""
        if key_id not in _SLOTS:
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
    """The answer of `/status`; percentages 0-100, volts, None for what is not said."""

    position: Position
    lock_online: bool
    battery: int | None
    battery_type: BatteryType | None
    voltage: float | None
    wifi_strength: int | None
    bluetooth_strength: int | None
    webhooks: int | None
    started_at: datetime | None
    mac_wifi: str | None
    mac_ble: str | None

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        """Read `/status`; ValueError when it is something else."""
        if "bolt_state" not in fields:
            raise ValueError("no bolt_state")
        online = integer(fields, "lock_online") != 0 and integer(fields, "battery_percentage") != -1
        started = number(fields, "up_timestamp")
        voltage = number(fields, "battery_voltage")
        return cls(
            position=Position.parse(text(fields, "bolt_state")),
            lock_online=online,
            battery=percent(fields, "battery_percentage"),
            battery_type=BatteryType.parse(fields),
            voltage=voltage if voltage is not None and voltage > 0 else None,
            wifi_strength=percent(fields, "wifi_strength"),
            bluetooth_strength=percent(fields, "ble_strength"),
            webhooks=integer(fields, "webhooks_number"),
            started_at=_moment(started),
            mac_wifi=normal_mac(text(fields, "bridge_mac_wifi", "mac_wifi")),
            mac_ble=normal_mac(text(fields, "bridge_mac_ble", "mac_bluetooth", "mac_ble")),
        )

    @property
    def macs(self) -> frozenset[str]:
        """The addresses this bridge goes by, 12 lower-case hex digits each."""
        return frozenset(mac for mac in (self.mac_wifi, self.mac_ble) if mac)


def _moment(seconds: float | None) -> datetime | None:
    if not seconds:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except OverflowError, ValueError, OSError:
        return None


def normal_mac(raw: str | None) -> str | None:
    """Return a MAC address in any spelling as lower-case hex digits."""
    digits = (raw or "").replace(":", "").replace("-", "").lower()
    return digits or None


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
    """One registered webhook of a bridge."""

    id: int
    url: str = field(repr=False)
    triggers: frozenset[Trigger]

    @classmethod
    def parse(cls, fields: Fields) -> Self:
        """Read one entry of the list; ValueError when it is none."""
        webhook_id, url = integer(fields, "id"), text(fields, "url")
        if webhook_id is None or url is None:
            raise ValueError("no webhook")
        return cls(
            id=webhook_id,
            url=url,
            triggers=frozenset(trigger for trigger in Trigger if integer(fields, trigger)),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class LockInformation:
    """All that is needed to drive one lock: from the cloud's list, or pasted by a person.

    Keys are base64 as LOQED prints them. `host` may be stale or absent. `ids` are all
    the names LOQED knows this lock and its bridge by.
    """

    lock_id: str
    name: str | None
    model: str | None
    host: str | None
    key_id: int
    key_secret: str = field(repr=False)
    bridge_key: str = field(repr=False)
    can_open: bool | None
    ids: frozenset[str]

    @property
    def keys(self) -> Keys:
        """The keys, decoded; they were checked when this was read."""
        return Keys.parse(
            key_id=self.key_id, key_secret=self.key_secret, bridge_key=self.bridge_key
        )
