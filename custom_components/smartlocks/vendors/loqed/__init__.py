"""LOQED: a lock behind a local bridge, with signed push."""

from ..base import Vendor
from .config_flow import LoqedFlow
from .const import KEY
from .coordinator import LoqedCoordinator
from .discovery import async_forget

VENDOR = Vendor(
    key=KEY, flow=LoqedFlow, coordinator=LoqedCoordinator, can_push=True, forget=async_forget
)
