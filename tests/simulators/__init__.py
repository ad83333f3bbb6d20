"""Simulators of every vendor's devices and clouds."""

from .base import Simulator
from .loqed import LoqedSimulator
from .sesame_v3 import SesameV3Simulator
from .sesame_web import SesameWebSimulator
from .the_keys import TheKeysSimulator

SIMULATORS: dict[str, type[Simulator]] = {
    simulator.key: simulator
    for simulator in (LoqedSimulator, TheKeysSimulator, SesameV3Simulator, SesameWebSimulator)
}
