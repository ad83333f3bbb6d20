"""The first generation of Sesame: the cloud behind SESAME and SESAME mini."""

from ..base import Vendor
from .config_flow import SesameV3Flow
from .const import KEY
from .coordinator import SesameV3Coordinator

VENDOR = Vendor(
    key=KEY,
    flow=SesameV3Flow,
    coordinator=SesameV3Coordinator,
    can_push=True,
)
