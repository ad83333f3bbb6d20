"""What the cloud knows: locks, their status, and tasks."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from .errors import NotAsDocumentedError, SesameV3Error, TaskFailedError
from .reply import named

FULL: Final = 100  # per cent


class Command(StrEnum):
    """What a lock can be asked; `SYNC` (the cloud asks the lock anew) costs its battery."""

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
    def parse(cls, data: Any) -> Self:
        """Read one element of the vendor's list; raises `NotAsDocumentedError`."""
        device_id = _text(data.get("device_id")) if isinstance(data, dict) else None
        if device_id is None:
            raise NotAsDocumentedError
        return cls(
            device_id=device_id,
            serial=_text(data.get("serial")),
            nickname=_text(data.get("nickname")),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """How a lock is: `{"locked": bool, "battery": int, "responsive": bool}`.

    `battery` is a percentage. `responsive` False means that the access point or the lock
    is out of reach, and that the rest is what was last known. What is missing is None.
    """

    locked: bool | None
    battery: int | None
    responsive: bool | None

    @classmethod
    def parse(cls, data: Any) -> Self:
        """Read the vendor's status; raises `NotAsDocumentedError`."""
        if not isinstance(data, dict) or not data.keys() & {"locked", "battery", "responsive"}:
            raise NotAsDocumentedError
        return cls(
            locked=_flag(data.get("locked")),
            battery=_percentage(data.get("battery")),
            responsive=_flag(data.get("responsive")),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """What became of a command.

    `{"status": "processing"}` or `{"status": "terminated", "successful": bool, "error"?: str}`.
    `successful` is None while `processing`. `error` is why it failed, one of the kinds the
    cloud's answers know or `TaskFailedError`; None unless it failed.
    """

    processing: bool
    successful: bool | None
    error: SesameV3Error | None

    @classmethod
    def parse(cls, data: Any) -> Self:
        """Read the vendor's result; raises `NotAsDocumentedError`."""
        match data:
            case {"status": "processing"}:
                return cls(processing=True, successful=None, error=None)
            case {"status": "terminated", "successful": True}:
                return cls(processing=False, successful=True, error=None)
            case {"status": "terminated", "successful": False}:
                error = named(data.get("error"), may_have_arrived=True)
                error = error or TaskFailedError(may_have_arrived=True)
                return cls(processing=False, successful=False, error=error)
        raise NotAsDocumentedError(may_have_arrived=True)


def parse_locks(data: Any) -> tuple[Lock, ...]:
    """Read the vendor's list of locks; an object in its place has been seen in the field."""
    if not isinstance(data, list):
        raise NotAsDocumentedError
    return tuple(Lock.parse(item) for item in data)


def parse_task_id(data: Any) -> str:
    """Read the answer to a command, `{"task_id": str}`."""
    task_id = _text(data.get("task_id")) if isinstance(data, dict) else None
    if task_id is None:
        raise NotAsDocumentedError(may_have_arrived=True)
    return task_id


def _text(value: Any) -> str | None:
    return (value.strip() or None) if isinstance(value, str) else None


def _flag(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise NotAsDocumentedError


def _percentage(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return round(value) if 0 <= value <= FULL else None
