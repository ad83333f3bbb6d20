"""What a device remembers, and how much of it has come through to the cloud."""

from base64 import b64encode
from dataclasses import dataclass, field
from enum import IntEnum

MAX_TAG = 21
PAGE = 50


class Cause(IntEnum):
    """The numbers of the history that the simulator writes itself."""

    BLE_LOCK = 1
    BLE_UNLOCK = 2
    AUTO_LOCK = 6
    MANUAL_LOCKED = 7
    MANUAL_UNLOCKED = 8
    MANUAL_ELSE = 9
    DRIVE_LOCKED = 10
    DRIVE_UNLOCKED = 11
    DRIVE_FAILED = 12
    WEB_LOCK = 16
    WEB_UNLOCK = 17
    WEB_CLICK = 20
    DRIVE_CLICK = 21


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of the history; `type` may be a number nobody has explained."""

    record_id: int
    type: int
    at: float
    tag: bytes | None

    @property
    def tag_base64(self) -> str | None:
        """The tag as the cloud sends it."""
        return None if self.tag is None else b64encode(self.tag).decode()


@dataclass(kw_only=True, slots=True)
class Log:
    """The entries, oldest first: `kept` on the device, `uploaded` in the cloud."""

    kept: list[Entry] = field(default_factory=list)
    uploaded: list[Entry] = field(default_factory=list)
    last_id: int = 0

    def add(self, kind: int, at: float, tag: bytes | None = None) -> None:
        """Write an entry; a tag is cut to 21 bytes."""
        # Ids are unique until a restart, yet not continuous.
        self.last_id += 2 if self.last_id % 5 == 4 else 1
        cut = None if tag is None else tag[:MAX_TAG]
        self.kept.append(Entry(record_id=self.last_id, type=kind, at=at, tag=cut))

    def upload(self) -> None:
        """Hand the cloud everything."""
        self.uploaded = list(self.kept)

    def restart(self) -> None:
        """Lose power: the ids begin anew, what was written stays."""
        self.last_id = 0

    def page(self, number: int, length: int) -> list[Entry]:
        """A page of the cloud's entries, newest first; pages count from 0."""
        length = min(max(length, 0), PAGE)
        return self.uploaded[::-1][number * length : (number + 1) * length]
