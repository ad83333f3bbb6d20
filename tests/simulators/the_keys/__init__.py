"""The Keys: a gateway with its locks, and the vendor's cloud.

Written from what is known of the gateway's pages and of the account's server; the
`Settings` are where gateways differ or where nobody knows.
"""

from .lock import Lock
from .settings import (
    BACK_CODE,
    BACK_ID,
    BACK_PORTAL_ID,
    FRONT_CODE,
    FRONT_ID,
    FRONT_PORTAL_ID,
    GATEWAY_ACCESSORY,
    GATEWAY_ID,
    KEYPAD_ID,
    OTHER_SHARE,
    OWN_SHARE,
    PASSWORD,
    PHONE,
    Settings,
)
from .simulator import TheKeysSimulator

__all__ = [
    "BACK_CODE",
    "BACK_ID",
    "BACK_PORTAL_ID",
    "FRONT_CODE",
    "FRONT_ID",
    "FRONT_PORTAL_ID",
    "GATEWAY_ACCESSORY",
    "GATEWAY_ID",
    "KEYPAD_ID",
    "OTHER_SHARE",
    "OWN_SHARE",
    "PASSWORD",
    "PHONE",
    "Lock",
    "Settings",
    "TheKeysSimulator",
]
