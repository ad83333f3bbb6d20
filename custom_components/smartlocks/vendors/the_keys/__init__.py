"""The Keys: smart locks behind a gateway in the local network."""

from ..base import Cloud, Vendor
from .api import CLOUD_URL
from .config_flow import TheKeysFlow
from .const import CLOUD_VARIABLE, KEY
from .coordinator import TheKeysCoordinator
from .gateways import async_forget

VENDOR = Vendor(
    key=KEY,
    flow=TheKeysFlow,
    coordinator=TheKeysCoordinator,
    has_locks=True,
    cloud=Cloud(url=CLOUD_URL, variable=CLOUD_VARIABLE),
    forget=async_forget,
)
