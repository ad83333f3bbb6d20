"""Sesame 3 and later, Bots and Bikes: the maker's Web API, which is paid for by the call."""

from ..base import Cloud, Vendor
from .api import CLOUD_URL
from .config_flow import SesameWebFlow
from .const import KEY, URL_VARIABLE
from .coordinator import SesameWebCoordinator
from .quota import async_forget

VENDOR = Vendor(
    key=KEY,
    flow=SesameWebFlow,
    coordinator=SesameWebCoordinator,
    has_locks=True,
    cloud=Cloud(url=CLOUD_URL, variable=URL_VARIABLE),
    forget=async_forget,
)
