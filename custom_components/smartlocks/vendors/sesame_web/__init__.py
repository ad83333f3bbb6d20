"""Sesame 3 and later, Bots and Bikes: the maker's Web API, which is paid for by the call."""

from ..base import Vendor
from .config_flow import SesameWebFlow
from .const import KEY
from .coordinator import SesameWebCoordinator
from .quota import async_forget

VENDOR = Vendor(
    key=KEY,
    flow=SesameWebFlow,
    coordinator=SesameWebCoordinator,
    has_locks=True,
    forget=async_forget,
)
