"""The Web API of Sesame 3 and later, with the devices behind their hub."""

from .catalogue import BIKE, BOT, SECRETS, SESAME_4, SESAME_5
from .device import Command, Device
from .gate import API_KEY
from .simulator import SesameWebSimulator

__all__ = [
    "API_KEY",
    "BIKE",
    "BOT",
    "SECRETS",
    "SESAME_4",
    "SESAME_5",
    "Command",
    "Device",
    "SesameWebSimulator",
]
