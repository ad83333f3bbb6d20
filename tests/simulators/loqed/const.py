"""Made-up ids and keys, and the words of the wire: states, triggers, events, battery types."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
import json
import time
from typing import Literal

from tests.simulators.base import Bolt

LOCK_ID = "20417"
LOCK_NAME = "Front door"
LOCAL_ID = 5
BRIDGE_MAC_WIFI = "02c0ffee0a01"
BRIDGE_MAC_BLE = "02c0ffee0a03"

# The newer, Shelly based bridge announces itself under another address than its status tells.
MDNS_MAC_2S = "02c0ffee0a7c"

# Base64 as LOQED gives it. With "+", "/" and "=", so that careless encoding is noticed.
KEY_SECRET = "k/cPhCU9hRVka5H8D3vkfnOdMvrDWBW0j+UPdh6lB1w="
BACKEND_KEY = "elycdQ6Kdeu6ND4poEy6+gAnvZhk3p0Dzxs/D1N1i54="
BRIDGE_KEY = "DM6hlpxCS9S+Vw6/n1JVZfZ1pbTIBwPZZdg6fPXEEv8="
CHANGED_BRIDGE_KEY = "HN4U6DvQ0Ujs/p8rVkqJTUO4y+YSY+PE6QUk3yUQ5iQ="

# The account's number in its tokens, the token's life, and the number that a lock has in the
# calls of the cloud; the list has another.
ACCOUNT = "7301"
TOKEN_DAYS = 182
INTERNAL_LOCK_ID = 88214
LOCK_CODE = "lq5Nc2xVtR"


def make_token(expires: float, *, number: int = 1, account: str = ACCOUNT) -> str:
    """A personal access token that ends at a moment (unix seconds), with a made-up signature."""
    claims = {"aud": "3", "jti": f"made-up-{number}", "sub": account, "exp": expires, "scopes": []}
    parts = [{"typ": "JWT", "alg": "RS256"}, claims]
    told = [urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*told, f"made-up-signature-{number}"])


API_TOKEN = make_token(int(time.time()) + TOKEN_DAYS * 86_400)

# Who has which key; only the cloud knows.
PEOPLE: Mapping[int, str] = {LOCAL_ID: "Home Assistant", 12: "Anna", 13: "Bob"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Which lock and bridge it is."""

    lock_id: str
    name: str
    mac_wifi: str
    mac_ble: str
    mdns_mac_2s: str
    key_secret: str
    backend_key: str
    bridge_key: str

    @property
    def macs(self) -> dict[str, str]:
        """The addresses of the bridge, as every push names them."""
        return {"mac_wifi": self.mac_wifi, "mac_ble": self.mac_ble}


FRONT_DOOR = Identity(
    lock_id=LOCK_ID,
    name=LOCK_NAME,
    mac_wifi=BRIDGE_MAC_WIFI,
    mac_ble=BRIDGE_MAC_BLE,
    mdns_mac_2s=MDNS_MAC_2S,
    key_secret=KEY_SECRET,
    backend_key=BACKEND_KEY,
    bridge_key=BRIDGE_KEY,
)
# A lock with a bridge of its own, which is added later.
SPARE = Identity(
    lock_id="20418",
    name="Shed",
    mac_wifi="02c0ffee0c01",
    mac_ble="02c0ffee0c03",
    mdns_mac_2s="02c0ffee0c7c",
    key_secret="tLB/J9QnF2l97h8sGSYosQQsMYXk7KJVfPueYf8MWw8=",
    backend_key="KVnXE7s4OGdXR8/nlOnvAwvgwGaUyqCUmi+ak5pegHg=",
    bridge_key="MqRwS0JRfmtFUeAH+hF0pAPhoOAnIkCEMjK071GGzIs=",
)

# Port 9 (discard) of this machine: nobody listens there.
NOBODY = "127.0.0.1:9"

type State = Literal["open", "day_lock", "night_lock", "unknown"]
type Generation = Literal["1", "2s"]

# The newer generation's bridge comes with the lock of this name.
MODELS: Mapping[Generation, str] = {"1": "LOQED Touch", "2s": "LOQED Touch 2S"}

NUMERIC: Mapping[State, int] = {"unknown": 0, "open": 1, "day_lock": 2, "night_lock": 3}
ACTIONS: Mapping[int, State] = {1: "open", 2: "day_lock", 3: "night_lock"}

BOLT: Mapping[State, Bolt] = {
    "open": "open",
    "day_lock": "unlocked",
    "night_lock": "locked",
    "unknown": "unknown",
}
STATE: Mapping[str, State] = {bolt: state for state, bolt in BOLT.items()}

# In the order of the bits of a webhook's flags, the lowest first.
TRIGGERS = (
    "trigger_state_changed_open",
    "trigger_state_changed_latch",
    "trigger_state_changed_night_lock",
    "trigger_state_changed_unknown",
    "trigger_state_goto_open",
    "trigger_state_goto_latch",
    "trigger_state_goto_night_lock",
    "trigger_battery",
    "trigger_online_status",
)
ALL_FLAGS = (1 << len(TRIGGERS)) - 1

# Triggers and events say "latch" where the state is called day lock.
_SUFFIXES: Mapping[str, str] = {
    "open": "open",
    "day_lock": "latch",
    "night_lock": "night_lock",
    "unknown": "unknown",
}

REACHED: Mapping[State, str] = {
    state: f"STATE_CHANGED_{_SUFFIXES[state].upper()}" for state in NUMERIC
}
GOING_BLE: Mapping[State, str] = {
    "open": "GO_TO_STATE_MANUAL_UNLOCK_BLE_OPEN",
    "day_lock": "GO_TO_STATE_MANUAL_LOCK_BLE_LATCH",
    "night_lock": "GO_TO_STATE_MANUAL_LOCK_BLE_NIGHT_LOCK",
}
# In none of the vendor's lists, but what a signed command gives in the field.
GOING_REMOTE: Mapping[State, str] = {
    "open": "GO_TO_STATE_MANUAL_UNLOCK_REMOTE_OPEN",
    "day_lock": "GO_TO_STATE_MANUAL_LOCK_REMOTE_LATCH",
    "night_lock": "GO_TO_STATE_MANUAL_LOCK_REMOTE_NIGHT_LOCK",
}
GOING_TWIST_ASSIST: Mapping[State, str] = {
    "open": "GO_TO_STATE_TWIST_ASSIST_OPEN",
    "day_lock": "GO_TO_STATE_TWIST_ASSIST_LATCH",
    "night_lock": "GO_TO_STATE_TWIST_ASSIST_LOCK",
}
TOUCH_TO_LOCK = "GO_TO_STATE_TOUCH_TO_LOCK"
TOUCH_TO_OPEN = "GO_TO_STATE_INSTANTOPEN_OPEN"
AUTO_UNLOCK = "GO_TO_STATE_INSTANTOPEN_LATCH"
PIN = "GO_TO_STATE_MANUAL_UNLOCK_VIA_OUTSIDE_MODULE_PIN"
BUTTON = "GO_TO_STATE_MANUAL_UNLOCK_VIA_OUTSIDE_MODULE_BUTTON"
MOTOR_STALL = "MOTOR_STALL"

# The second and the last were seen in the field; the vendor documents the numbers only.
BATTERY_TYPES = ("ALKALINE", "NICKEL_METAL_HYDRIDE", "LITHIUM", "UNKNOWN")
UNKNOWN_BATTERY = BATTERY_TYPES.index("UNKNOWN")


def trigger_of(payload: Mapping[str, object]) -> str | None:
    """The trigger a push belongs to, by its fields; None when no trigger names it."""
    if "battery_percentage" in payload:
        return "trigger_battery"
    if "wifi_strength" in payload or "ble_strength" in payload:
        return "trigger_online_status"
    for field, prefix in (("go_to_state", "goto"), ("requested_state", "changed")):
        if field in payload:
            suffix = _SUFFIXES.get(str(payload[field]).lower())
            name = f"trigger_state_{prefix}_{suffix}"
            return name if name in TRIGGERS else None
    return None
