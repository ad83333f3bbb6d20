"""One lock: its bolt, motor, battery and change counter."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.simulators.base import Bolt

from .settings import StateForm

STATES: Mapping[Bolt, tuple[int, str, int]] = {
    "unknown": (0x30, "Unknown", 0),
    "locked": (0x31, "Door closed", 4),
    "unlocked": (0x32, "Door open", 20),
}
"""Of each bolt: the code, the text and the motor position of /locker_status."""

COUNTING_FIRMWARE = 57
"""The first firmware of a lock whose changes move `last_log`."""


@dataclass(kw_only=True, slots=True)
class Lock:
    """A lock: `identifier` is its id on the network, `portal_id` the one of the account.

    `battery` is in millivolts: about 4000 or about 8000, by model; `rssi` in dBm.
    `travel` is how long its bolt takes, where that differs from the others'. Jammed: the
    motor runs and nothing moves; refusing: not even the motor runs. `accepted` holds the
    (share id, code) pairs the lock itself has been told of.
    """

    identifier: str
    portal_id: int
    name: str
    bolt: Bolt = "locked"
    battery: int = 7783
    rssi: int = -70
    version: int = 81
    last_log: int = 100
    travel: float | None = None
    is_online: bool = True
    is_moving: bool = False
    is_jammed: bool = False
    is_refusing: bool = False
    accepted: set[tuple[int, str]] = field(default_factory=set)

    def turn(self, bolt: Bolt, *, counted: bool = True) -> None:
        """Put the bolt somewhere; the change counter moves when the bolt did."""
        if bolt not in STATES:
            raise ValueError(f"this lock cannot be {bolt}")
        if bolt != self.bolt and counted and self.version >= COUNTING_FIRMWARE:
            self.last_log += 1
        self.bolt = bolt

    def device(self, *, with_counter: bool) -> dict[str, int]:
        """Return the lock's row in /lockers."""
        row = {"identifier": int(self.identifier), "rssi": self.rssi, "battery": self.battery}
        return row | ({"last_log": self.last_log} if with_counter else {})

    def state(self, form: StateForm = "number") -> dict[str, int | str]:
        """Return the body of /locker_status."""
        code, text, position = STATES[self.bolt]
        said: dict[StateForm, dict[str, int | str]] = {
            "number": {"status": text, "code": code},
            "hexadecimal": {"status": text, "code": f"{code:#04x}"},
            "status": {"status": code},
            "status_text": {"status": str(code)},
        }
        return said[form] | {
            "id": int(self.identifier),
            "version": self.version,
            "position": position,
            "rssi": self.rssi,
            "battery": self.battery,
        }


def find(locks: Iterable[Lock], identifier: str | None) -> Lock:
    """Return the lock of an identifier, the first for None; ValueError when there is none."""
    for lock in locks:
        if identifier in {None, lock.identifier}:
            return lock
    raise ValueError(f"no lock {identifier}")
