"""What the cloud returns: locks, their status, and tasks."""

from dataclasses import dataclass
from enum import StrEnum
import re
from typing import Any, Final, Self

from .const import MAX_ID
from .exceptions import (
    SesameV3Error,
    TaskFailedError,
    UnexpectedResponseError,
    named_error,
)

_FULL: Final = 100  # per cent
# The vendor's ids are UUIDs. What is not even like one could not be asked for by its URL.
_ID: Final = re.compile(rf"[0-9A-Za-z_-]{{1,{MAX_ID}}}")
_STATUS_FIELDS: Final = ("locked", "battery", "responsive")


class Command(StrEnum):
    """What a lock can be told; `SYNC` makes the cloud ask the lock, which costs its battery."""

    LOCK = "lock"
    UNLOCK = "unlock"
    SYNC = "sync"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """A lock of the account: `{"device_id": UUID, "serial": str, "nickname": str}`."""

    device_id: str
    serial: str | None
    nickname: str | None

    @classmethod
    def parse(cls, data: Any) -> Self | None:
        """Read one item of the account's list; None when it does not say which lock it is."""
        device_id = _text(data.get("device_id")) if isinstance(data, dict) else None
        if device_id is None or not _ID.fullmatch(device_id):
            return None
        return cls(
            device_id=device_id,
            serial=_text(data.get("serial")),
            nickname=_text(data.get("nickname")),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """What the cloud last heard of a lock: `{"locked": bool, "battery": int, "responsive": bool}`.

    `battery` is in per cent. `responsive` is False while the access point or the lock is
    out of reach; the other two are then what was last known. What is missing or cannot be
    read is None.
    """

    locked: bool | None
    battery: int | None
    responsive: bool | None

    @classmethod
    def parse(cls, data: Any) -> Self:
        """Read a status, each field for itself; UnexpectedResponseError if there is none in it."""
        if not isinstance(data, dict):
            raise UnexpectedResponseError
        status = cls(
            locked=_flag(data.get("locked")),
            battery=_percentage(data.get("battery")),
            responsive=_flag(data.get("responsive")),
        )
        # null is how the cloud would say that it does not know.
        if not any(
            name in data and (data[name] is None or getattr(status, name) is not None)
            for name in _STATUS_FIELDS
        ):
            raise UnexpectedResponseError
        return status


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """What became of a command.

    `{"status": "processing"}` or `{"status": "terminated", "successful": bool, "error"?: str}`.
    `successful` is None while `processing`. `error` says why the task failed: a documented
    error, else `TaskFailedError`; None unless it failed.
    """

    processing: bool
    successful: bool | None
    error: SesameV3Error | None

    @classmethod
    def parse(cls, data: Any) -> Self:
        """Read a task's result; UnexpectedResponseError unless it is clear what it says."""
        match data:
            case {"status": "processing"}:
                return cls(processing=True, successful=None, error=None)
            case {"status": "terminated", "successful": True} if not data.get("error"):
                return cls(processing=False, successful=True, error=None)
            case {"status": "terminated", "successful": False}:
                error = named_error(data.get("error")) or TaskFailedError()
                return cls(processing=False, successful=False, error=error)
        raise UnexpectedResponseError


def parse_locks(data: Any) -> tuple[Lock, ...]:
    """Read the account's list, without the items that cannot be read.

    UnexpectedResponseError if it is no list (an object has been seen in the field), or if
    none of its items can be read.
    """
    if not isinstance(data, list):
        raise UnexpectedResponseError
    locks = tuple(lock for item in data if (lock := Lock.parse(item)) is not None)
    if data and not locks:
        raise UnexpectedResponseError
    return locks


def parse_task_id(data: Any) -> str:
    """Read the response to a command, `{"task_id": str}`; else UnexpectedResponseError."""
    task_id = _text(data.get("task_id")) if isinstance(data, dict) else None
    if task_id is None:
        raise UnexpectedResponseError
    return task_id


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    # A name that was cut can end in half of a surrogate pair, which nothing can store or send.
    return value.encode(errors="replace").decode().strip() or None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _percentage(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return round(value) if 0 <= value <= _FULL else None
