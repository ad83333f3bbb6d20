"""LOQED: a lock behind a local bridge, with signed push."""

from ..base import Cloud, Vendor
from .api import CLOUD_URL
from .config_flow import LoqedFlow
from .const import CLOUD_VARIABLE, KEY
from .coordinator import LoqedCoordinator
from .discovery import async_forget
from .takeover import async_replace

VENDOR = Vendor(
    key=KEY,
    flow=LoqedFlow,
    coordinator=LoqedCoordinator,
    can_push=True,
    cloud=Cloud(url=CLOUD_URL, variable=CLOUD_VARIABLE),
    prepare=async_replace,
    forget=async_forget,
)
