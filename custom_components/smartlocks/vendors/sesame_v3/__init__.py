"""The first generation of Sesame: the cloud behind SESAME and SESAME mini."""

from ..base import Cloud, Vendor
from .api import CLOUD_URL
from .config_flow import SesameV3Flow
from .const import CLOUD_VARIABLE, KEY
from .coordinator import SesameV3Coordinator

VENDOR = Vendor(
    key=KEY,
    flow=SesameV3Flow,
    coordinator=SesameV3Coordinator,
    can_push=True,
    cloud=Cloud(url=CLOUD_URL, variable=CLOUD_VARIABLE),
)
