"""The Keys: smart locks behind a gateway in the local network."""

from ..base import Vendor
from .const import KEY
from .coordinator import TheKeysCoordinator
from .flow import TheKeysFlow
from .stations import async_forget

VENDOR = Vendor(
    key=KEY,
    flow=TheKeysFlow,
    coordinator=TheKeysCoordinator,  # type: ignore[arg-type]
    has_locks=True,
    forget=async_forget,
)
