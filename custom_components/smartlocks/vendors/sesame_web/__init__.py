"""Sesame 3 and later, Bots and Bikes: the maker's Web API, which is paid for by the call."""

from ..base import Vendor
from .const import KEY
from .coordinator import SesameWebCoordinator
from .flow import SesameWebFlow
from .quota import async_forget

VENDOR = Vendor(
    key=KEY,
    flow=SesameWebFlow,
    coordinator=SesameWebCoordinator,  # type: ignore[arg-type]
    has_locks=True,
    forget=async_forget,
)
