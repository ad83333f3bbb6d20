"""The bridge: what it is, what it knows of its lock, how it spells its JSON."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
import json
from typing import Any, Literal

from .const import (
    BATTERY_TYPES,
    FRONT_DOOR,
    NUMERIC,
    Generation,
    Identity,
    State,
)
from .webhook import Webhooks

WEBHOOK_WINDOW = 60.0
_UP_FOR = 86_400

# The newer bridge's type is only known to be another one than the older's.
_CONTENT_TYPES: dict[Generation, str] = {"1": "text/html", "2s": "text/plain"}

type NoKey = Literal["documented", "null", "255", "empty", "absent"]

_NO_KEY: Mapping[NoKey, int | str | None] = {"null": None, "255": 255, "empty": ""}


@dataclass(kw_only=True, slots=True)
class Clock:
    """A device's clock: unix seconds, `skew` seconds ahead of the truth."""

    source: Callable[[], float]
    skew: float = 0.0

    def now(self) -> int:
        """The time that the device assumes, in whole seconds."""
        return int(self.source() + self.skew)


@dataclass(frozen=True, kw_only=True, slots=True)
class LockReport:
    """What a bridge knows of its lock: percent, volt, and -1 for what it cannot know."""

    state: State
    is_online: bool
    battery: int
    battery_type: int
    voltage: float
    ble: int


@dataclass(kw_only=True)
class Spelling:
    """The spellings seen in the field, and the ones in use now."""

    numbers_as_text: bool = False
    battery_type_as_number: bool = False
    no_key: NoKey = "documented"
    extra: dict[str, Any] = field(default_factory=dict)

    def encode(self, payload: Mapping[str, Any]) -> bytes:
        """A push on the wire: compact JSON."""
        return compact(self.spell({**payload, **self.extra}))

    def spell(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The payload with its numbers as numbers, or as text."""
        if not self.numbers_as_text:
            return dict(payload)
        return {name: _as_text(value) for name, value in payload.items()}

    def battery_type(self, number: int) -> int | str:
        """The battery type as text or, as on the vendor's page, as a number."""
        return number if self.battery_type_as_number else BATTERY_TYPES[number]

    def key(self, key_id: int | None, *, documented: int | None) -> dict[str, int | str | None]:
        """The field with the key; `documented` is the documented spelling of no key."""
        if key_id is not None:
            return {"key_local_id": key_id}
        if self.no_key == "absent":
            return {}
        return {"key_local_id": _NO_KEY.get(self.no_key, documented)}


def compact(payload: object) -> bytes:
    """JSON without white space, as the bridge writes it."""
    return json.dumps(payload, separators=(",", ":")).encode()


def _as_text(value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


@dataclass(kw_only=True)
class Bridge:
    """A bridge of either generation. `known` lags behind the lock, as the status does."""

    clock: Clock
    known: LockReport
    identity: Identity = FRONT_DOOR
    key: bytes = b""
    generation: Generation = "1"
    signs_undated: bool = True
    sends_date: bool = False
    fails_deletes: bool = False
    is_up: bool = True
    window: float | None = WEBHOOK_WINDOW
    wifi: int = 77
    webhooks: Webhooks = field(default_factory=Webhooks)
    spelling: Spelling = field(default_factory=Spelling)
    status_fields: dict[str, Any] = field(default_factory=dict)
    status_without: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Take the key of its identity, and set the time of its start to yesterday."""
        self.key = self.key or b64decode(self.identity.bridge_key)
        self._up_since = self.clock.now() - _UP_FOR

    @property
    def key_base64(self) -> str:
        """The bridge key as an account shows it."""
        return b64encode(self.key).decode()

    @property
    def content_type(self) -> str:
        """The content type of all its responses."""
        return _CONTENT_TYPES[self.generation]

    @property
    def mdns_mac(self) -> str:
        """The address in its multicast DNS name, not always the one of its status."""
        known = self.identity
        return known.mdns_mac_2s if self.generation == "2s" else known.mac_wifi

    def start_again(self) -> None:
        """Be up since now."""
        self._up_since = self.clock.now()
        self.is_up = True

    def override_status(self, fields: dict[str, Any], without: Iterable[str]) -> None:
        """Send these status fields as given, and leave those out."""
        self.status_fields = dict(fields)
        self.status_without = set(without)

    def status(self) -> dict[str, Any]:
        """The status, with every field of a real one."""
        known = self.known
        status = {
            "battery_percentage": known.battery,
            "battery_type": self.spelling.battery_type(known.battery_type),
            "battery_type_numeric": known.battery_type,
            "battery_voltage": known.voltage,
            "bolt_state": known.state,
            "bolt_state_numeric": NUMERIC[known.state],
            "bridge_mac_wifi": self.identity.mac_wifi,
            "bridge_mac_ble": self.identity.mac_ble,
            "lock_online": int(known.is_online),
            "webhooks_number": len(self.webhooks),
            "ip_address": "127.0.0.1",
            "up_timestamp": self._up_since,
            "wifi_strength": self.wifi,
            "ble_strength": known.ble,
        }
        spelt = {**self.spelling.spell(status), **self.status_fields}
        return {name: value for name, value in spelt.items() if name not in self.status_without}
