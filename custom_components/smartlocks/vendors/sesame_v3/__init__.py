"""The first generation of Sesame: the cloud behind SESAME and SESAME mini."""

from ..base import Vendor
from .const import KEY
from .coordinator import SesameV3Coordinator
from .flow import SesameV3Flow

VENDOR = Vendor(
    key=KEY,
    flow=SesameV3Flow,
    coordinator=SesameV3Coordinator,  # type: ignore[arg-type]
    can_push=True,
)
