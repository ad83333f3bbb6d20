"""A LOQED lock with its bridge, and the LOQED cloud that lists it."""

from .account import MOST_READS, WINDOW
from .const import (
    API_TOKEN,
    BACKEND_KEY,
    BRIDGE_KEY,
    BRIDGE_MAC_BLE,
    BRIDGE_MAC_WIFI,
    CHANGED_BRIDGE_KEY,
    KEY_SECRET,
    LOCAL_ID,
    LOCK_ID,
    LOCK_NAME,
    MDNS_MAC_2S,
    NOBODY,
    PEOPLE,
    make_token,
)
from .forgery import FORGERIES, UNVERIFIABLE, WELL_SIGNED
from .push import STATUS_LAG, Delivery, Push
from .simulator import LoqedSimulator
from .web import LoqedWebSimulator

__all__ = [
    "API_TOKEN",
    "BACKEND_KEY",
    "BRIDGE_KEY",
    "BRIDGE_MAC_BLE",
    "BRIDGE_MAC_WIFI",
    "CHANGED_BRIDGE_KEY",
    "FORGERIES",
    "KEY_SECRET",
    "LOCAL_ID",
    "LOCK_ID",
    "LOCK_NAME",
    "MDNS_MAC_2S",
    "MOST_READS",
    "NOBODY",
    "PEOPLE",
    "STATUS_LAG",
    "UNVERIFIABLE",
    "WELL_SIGNED",
    "WINDOW",
    "Delivery",
    "LoqedSimulator",
    "LoqedWebSimulator",
    "Push",
    "make_token",
]
