"""The Web API of Sesame 3 and later, with the devices behind their hub."""

from .cloud import API_KEY
from .device import BIKE, BOT, SECRETS, SESAME_4, SESAME_5, Device
from .hub import Command
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
