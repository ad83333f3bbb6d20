"""A device of Sesame 3 or later, and its shadow in the cloud."""

from dataclasses import dataclass, field, replace
from typing import Literal

from tests.simulators.base import Bolt

from .log import Log
from .models import Model

type Outcome = Literal["obeyed", "offline", "bad_sign", "unsupported", "refused"]

STATUS: dict[Bolt, str] = {"locked": "locked", "unlocked": "unlocked", "unknown": "moved"}
# 1024 is a full turn.
POSITION: dict[Bolt, int] = {"locked": 11, "unlocked": 267, "unknown": 139}


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command as it came, and what the device made of it; `tag` is decoded."""

    at: float
    uuid: str
    number: int
    tag: bytes
    outcome: Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class Shadow:
    """What the cloud was told last; `timestamp` is when it last changed, in unix seconds."""

    status: str
    position: int
    battery: int
    voltage: float
    timestamp: float


@dataclass(kw_only=True)
class Device:
    """One device: the truth, and `shadow`, which is None if it was never online.

    `autolock` is in seconds of the real device; None is off.
    """

    uuid: str
    name: str
    model: Model
    secret: bytes
    bolt: Bolt = "locked"
    battery: int = 94
    voltage: float = 5.87
    is_rechargeable: bool = False
    is_online: bool = True
    is_jammed: bool = False
    autolock: float | None = None
    clicks: int = 0
    log: Log = field(default_factory=Log)
    shadow: Shadow | None = None

    def report(self, now: float) -> None:
        """Tell the cloud the truth, if the hub can be reached."""
        if not self.is_online:
            return
        self.log.upload()
        before = self.shadow
        news = Shadow(
            status=STATUS[self.bolt],
            position=POSITION[self.bolt],
            battery=self.battery,
            voltage=self.voltage,
            timestamp=now if before is None else before.timestamp,
        )
        self.shadow = news if news == before else replace(news, timestamp=now)
