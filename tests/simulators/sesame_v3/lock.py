"""A first-generation lock behind its Wi-Fi access point, and what the cloud believes of it."""

from dataclasses import dataclass, field
import math
from typing import Literal

FRONT_DOOR = "5e5a0001-7d1c-4b7e-9c52-0d6f6c2a1b01"
BACK_DOOR = "5e5a0002-7d1c-4b7e-9c52-0d6f6c2a1b02"

type BusyStyle = Literal["plain", "space", "colon"]

# The vendor's page prints the seconds in two ways, and the word without any.
BUSY: dict[BusyStyle, str] = {
    "plain": "DEVICE_IS_BUSY",
    "space": "DEVICE_IS_BUSY {}",
    "colon": "DEVICE_IS_BUSY :{}",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Occupied:
    """Something holds the lock's only connection until `until` (loop time, seconds).

    `announced` is the number the cloud names; None lets it name the time that is left.
    """

    until: float
    announced: int | None = None
    style: BusyStyle = "space"

    def error(self, now: float) -> str | None:
        """The cloud's word for it, or None when it is over."""
        if now >= self.until:
            return None
        seconds = self.until - now if self.announced is None else self.announced
        if math.isinf(seconds):
            return BUSY["plain"]
        return BUSY[self.style].format(math.ceil(seconds))


@dataclass(kw_only=True)
class V3Lock:
    """One lock. `known_*` is what the cloud was told last; the rest is the truth."""

    device_id: str
    serial: str
    nickname: str
    locked: bool = True
    battery: int = 100
    is_low: bool = False
    is_integrated: bool = True
    is_jammed: bool = False
    is_reachable: bool = True
    is_responsive: bool = True
    occupied: Occupied | None = None
    commands: list[str] = field(default_factory=list)
    known_locked: bool = field(init=False)
    known_battery: int = field(init=False)

    def __post_init__(self) -> None:
        self.known_locked = self.locked
        self.known_battery = self.battery

    @property
    def syncs(self) -> int:
        """How often the cloud was made to ask the lock: each time costs battery."""
        return self.commands.count("sync")

    def report(self, *, anew: bool = False) -> bool:
        """Tell the cloud the truth, and whether its idea of the bolt changed by it.

        A cloud that lost touch hears nothing until contact is made `anew`.
        """
        if not self.is_reachable or not (self.is_responsive or anew):
            return False
        changed = self.known_locked != self.locked
        self.is_responsive = True
        self.known_locked, self.known_battery = self.locked, self.battery
        return changed

    def entry(self) -> dict[str, str]:
        """The lock in the account's list."""
        return {"device_id": self.device_id, "serial": self.serial, "nickname": self.nickname}

    def status(self) -> dict[str, bool | int]:
        """The lock as the cloud believes it to be."""
        return {
            "locked": self.known_locked,
            "battery": self.known_battery,
            "responsive": self.is_responsive,
        }

    def refusal(self, command: str, now: float) -> str | None:
        """Why the cloud will not pass a command on, or None."""
        if not self.is_integrated:
            return "CLOUD_INTEGRATION_NOT_ENABLED"
        if self.is_low and command != "sync":
            return "LOW_BATTERY"
        return None if self.occupied is None else self.occupied.error(now)


def default_locks() -> list[V3Lock]:
    """The two locks of the made-up account."""
    return [
        V3Lock(device_id=FRONT_DOOR, serial="SIM0000001", nickname="Front door"),
        V3Lock(
            device_id=BACK_DOOR,
            serial="SIM0000002",
            nickname="Back door",
            locked=False,
            battery=64,
        ),
    ]
