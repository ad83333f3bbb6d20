"""The bridge: what it is, what it believes of its lock, and its status."""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .clock import Clock
from .dialect import Dialect
from .lock import Report
from .made_up import BRIDGE_KEY, BRIDGE_MAC_BLE, BRIDGE_MAC_WIFI, MDNS_MAC_2S
from .webhooks import Webhooks
from .words import NUMERIC, Generation

WEBHOOK_WINDOW = 60.0
_UP_FOR = 86_400

# The newer bridge's type is only known to be another one than the older's.
_CONTENT_TYPES: dict[Generation, str] = {"1": "text/html", "2s": "text/plain"}


@dataclass(kw_only=True)
class Bridge:
    """A bridge of either generation. `known` lags behind the lock, as the status does."""

    clock: Clock
    known: Report
    key: bytes = field(default_factory=lambda: b64decode(BRIDGE_KEY))
    generation: Generation = "1"
    signs_undated: bool = True
    sends_date: bool = False
    fails_deletes: bool = False
    window: float | None = WEBHOOK_WINDOW
    wifi: int = 77
    webhooks: Webhooks = field(default_factory=Webhooks)
    dialect: Dialect = field(default_factory=Dialect)
    status_fields: dict[str, Any] = field(default_factory=dict)
    status_without: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Note when it was plugged in."""
        self._up_since = self.clock.now() - _UP_FOR

    @property
    def key_base64(self) -> str:
        """The bridge key as an account shows it."""
        return b64encode(self.key).decode()

    @property
    def content_type(self) -> str:
        """What the bridge calls everything it answers."""
        return _CONTENT_TYPES[self.generation]

    @property
    def mdns_mac(self) -> str:
        """The address in its multicast DNS name, not always the one of its status."""
        return MDNS_MAC_2S if self.generation == "2s" else BRIDGE_MAC_WIFI

    def override_status(self, fields: dict[str, Any], without: Iterable[str]) -> None:
        """Answer these status fields as given, and leave those out."""
        self.status_fields = dict(fields)
        self.status_without = set(without)

    def status(self) -> dict[str, Any]:
        """The status, with every field of a real one."""
        known = self.known
        status = {
            "battery_percentage": known.battery,
            "battery_type": self.dialect.battery_type(known.battery_type),
            "battery_type_numeric": known.battery_type,
            "battery_voltage": known.voltage,
            "bolt_state": known.state,
            "bolt_state_numeric": NUMERIC[known.state],
            "bridge_mac_wifi": BRIDGE_MAC_WIFI,
            "bridge_mac_ble": BRIDGE_MAC_BLE,
            "lock_online": int(known.is_online),
            "webhooks_number": len(self.webhooks),
            "ip_address": "127.0.0.1",
            "up_timestamp": self._up_since,
            "wifi_strength": self.wifi,
            "ble_strength": known.ble,
        }
        spelt = {**self.dialect.spell(status), **self.status_fields}
        return {name: value for name, value in spelt.items() if name not in self.status_without}
