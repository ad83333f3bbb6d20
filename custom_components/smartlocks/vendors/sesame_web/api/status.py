"""How a device is, as the cloud last heard."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from .errors import NotAsDocumentedError
from .numbers import integer, moment, real

FULL: Final = 100  # per cent
FIELDS: Final = {
    "CHSesame2Status",
    "batteryPercentage",
    "batteryVoltage",
    "position",
    "timestamp",
    "wm2State",
}


class Bolt(StrEnum):
    """Where the bolt is; `MOVED` is in neither range: not locked, and not unlocked either."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"
    MOVED = "moved"


BOLT: Final[dict[str, Bolt]] = {bolt.value: bolt for bolt in Bolt}


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """What the cloud answers to GET /{uuid}; what is missing or not understood is None.

    `battery` is the server's percentage (never computed from `voltage`, in volts).
    `position` counts 1024 a turn. `online` is the hub's word (`wm2State`, undocumented and
    not always there): False means that the rest is only what was last known. `changed_at`
    is when the device last told something, so an old one alone does not mean offline.
    """

    state: Bolt | None
    battery: int | None
    voltage: float | None
    position: int | None
    online: bool | None
    changed_at: datetime | None

    @classmethod
    def parse(cls, data: Any) -> Self:
        """Read the vendor's object; raises `NotAsDocumentedError` if it has no known field."""
        if not isinstance(data, dict) or not data.keys() & FIELDS:
            raise NotAsDocumentedError
        word, online = data.get("CHSesame2Status"), data.get("wm2State")
        return cls(
            state=BOLT.get(word) if isinstance(word, str) else None,
            battery=_percentage(data.get("batteryPercentage")),
            voltage=real(data.get("batteryVoltage")),
            position=integer(data.get("position")),
            online=online if isinstance(online, bool) else None,
            changed_at=moment(data.get("timestamp")),
        )


def _percentage(value: Any) -> int | None:
    number = real(value)
    return round(number) if number is not None and 0 <= number <= FULL else None
