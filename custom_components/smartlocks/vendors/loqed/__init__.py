"""LOQED: a lock behind a local bridge, with signed push."""

from ..base import Vendor
from .const import KEY
from .coordinator import LoqedCoordinator
from .flow import LoqedFlow

VENDOR = Vendor(
    key=KEY,
    flow=LoqedFlow,
    coordinator=LoqedCoordinator,  # type: ignore[arg-type]
    can_push=True,
)
