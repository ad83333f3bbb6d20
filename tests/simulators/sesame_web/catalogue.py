"""The made-up devices every story begins with."""

from .device import Device
from .log import Cause
from .models import MODELS

SESAME_5 = "5E5A0005-0B1E-4C57-8D3A-9F62E1A7C505"
SESAME_4 = "5E5A0004-0B1E-4C57-8D3A-9F62E1A7C404"
BOT = "5E5A0011-0B1E-4C57-8D3A-9F62E1A7C011"
BIKE = "5E5A0006-0B1E-4C57-8D3A-9F62E1A7C606"

# What a device is told its commands by: 16 bytes as hex, as the developer page shows them.
SECRETS = {
    SESAME_5: "fbe05e5a3e0f9d2c4b6a87f1fb3ed205",
    SESAME_4: "fbe04e4a2d7c8b1f5a3970e6fb3ed204",
    BOT: "fbe0b07a1c6e7d3b9f2851d4fb3ed211",
    BIKE: "fbe0b1c45f4d6e2a8c1740b3fb3ed206",
}

# How the vendor's own business page signs a history entry: a kind, then a user's id.
_PERSON_TAG = bytes.fromhex("000c5e5abbbb0b1e4c578d3a9f62e1a7cbbb")


def default_devices(now: float) -> list[Device]:
    """A Sesame 5 with a past, a Sesame 4, a Bot and a Bike, all reported ten minutes ago."""
    devices = [
        _device(SESAME_5, "Front door", "sesame_5"),
        _device(SESAME_4, "Back door", "sesame_4"),
        _device(BOT, "Garage button", "bot_2"),
        _device(BIKE, "Bicycle", "bike_2"),
    ]
    _remember(devices[0], now - 600)
    for device in devices:
        device.report(now - 600)
    return devices


def _device(uuid: str, name: str, model: str) -> Device:
    return Device(uuid=uuid, name=name, model=MODELS[model], secret=bytes.fromhex(SECRETS[uuid]))


def _remember(device: Device, at: float) -> None:
    device.log.add(Cause.BLE_UNLOCK, at - 300, b"Robin")
    device.log.add(Cause.DRIVE_UNLOCKED, at - 298)
    device.log.add(Cause.WEB_LOCK, at - 2, _PERSON_TAG)
    device.log.add(Cause.DRIVE_LOCKED, at)
