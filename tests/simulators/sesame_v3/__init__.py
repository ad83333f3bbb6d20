"""The cloud of the first SESAME and SESAME mini, with the locks behind it."""

from .access import API_KEY, OTHER_API_KEY
from .lock import BACK_DOOR, FRONT_DOOR, SimulatedLock
from .simulator import SesameV3Simulator
from .webhook import Delivery

__all__ = [
    "API_KEY",
    "BACK_DOOR",
    "FRONT_DOOR",
    "OTHER_API_KEY",
    "Delivery",
    "SesameV3Simulator",
    "SimulatedLock",
]
