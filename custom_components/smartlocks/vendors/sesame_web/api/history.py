"""The history of a device."""

from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, Final, Self
from unicodedata import category

from .exceptions import NotAsDocumentedError
from .models import integer, moment

# Controls, and the ends of lines and paragraphs.
_BREAKS: Final = ("Cc", "Zl", "Zp")
# What a message to a person would make a link or a picture of.
_LINKS: Final = ("<", "[", "://", "www.")


class HistoryKind(IntEnum):
    """The types of entry that the vendor's own clients know; others occur."""

    NONE = 0
    BLE_LOCK = 1
    BLE_UNLOCK = 2
    TIME_CHANGED = 3
    AUTO_LOCK_UPDATED = 4
    MECH_SETTING_UPDATED = 5
    AUTO_LOCK = 6
    MANUAL_LOCKED = 7
    MANUAL_UNLOCKED = 8
    MANUAL_ELSE = 9
    DRIVE_LOCKED = 10
    DRIVE_UNLOCKED = 11
    DRIVE_FAILED = 12
    BLE_ADV_PARAMETER_UPDATED = 13
    WM2_LOCK = 14
    WM2_UNLOCK = 15
    WEB_LOCK = 16
    WEB_UNLOCK = 17
    BLE_CLICK = 18
    WM2_CLICK = 19
    WEB_CLICK = 20
    DRIVE_CLICK = 21
    MANUAL_CLICK = 22
    DOOR_OPEN = 90
    DOOR_CLOSED = 91


_KINDS: Final[dict[int, HistoryKind]] = {kind.value: kind for kind in HistoryKind}


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryEntry:
    """One entry: `{"type": int, "timeStamp": number, "historyTag": base64, "recordID": int}`.

    `kind` is None for an unknown `type` (kept in `raw_type`), `tag` None where there is no
    readable text. `record_id` is unique only until the device restarts, and not
    continuous.
    """

    record_id: int | None
    kind: HistoryKind | None
    raw_type: int
    at: datetime | None
    tag: str | None

    @property
    def key(self) -> tuple[int | None, datetime | None]:
        """Return what tells this entry from the device's others, on whatever page it comes."""
        return (self.record_id, self.at)

    @classmethod
    def parse(cls, data: Any) -> Self | None:
        """Read one entry of the vendor's; None if its type cannot be read."""
        raw_type = integer(data.get("type")) if isinstance(data, dict) else None
        if raw_type is None:
            return None
        return cls(
            record_id=integer(data.get("recordID")),
            kind=_KINDS.get(raw_type),
            raw_type=raw_type,
            at=moment(data.get("timeStamp")),
            tag=_decode_tag(data.get("historyTag")),
        )


def parse_history(data: Any) -> tuple[HistoryEntry, ...]:
    """Read a page, newest first as it came; an entry that cannot be read is left out.

    NotAsDocumentedError for anything but a list, or if no entry of it can be read.
    """
    if not isinstance(data, list):
        raise NotAsDocumentedError
    entries = tuple(entry for item in data if (entry := HistoryEntry.parse(item)) is not None)
    if data and not entries:
        raise NotAsDocumentedError
    return entries


def _decode_tag(value: Any) -> str | None:
    """Return a tag's text; None for none, and for the binary ones of apps and readers.

    Guests choose their names: what cannot be seen, or turns the text around, is left out,
    and a link is no name.
    """
    if not isinstance(value, str):
        return None
    try:
        text = b64decode(value, validate=True).decode().rstrip("\0")
    except ValueError:
        return None
    is_text = not any(category(character) in _BREAKS for character in text)
    text = "".join(character for character in text if category(character) != "Cf").strip()
    is_link = any(mark in text.casefold() for mark in _LINKS)
    return text if text and is_text and not is_link else None
