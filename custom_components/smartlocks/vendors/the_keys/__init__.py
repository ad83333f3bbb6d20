"""The Keys: smart locks behind a gateway in the local network."""

from ..base import Vendor
from .config_flow import TheKeysFlow
from .const import KEY
from .coordinator import TheKeysCoordinator
from .gateways import async_forget

VENDOR = Vendor(
    key=KEY,
    flow=TheKeysFlow,
    coordinator=TheKeysCoordinator,
    has_locks=True,
    forget=async_forget,
)
