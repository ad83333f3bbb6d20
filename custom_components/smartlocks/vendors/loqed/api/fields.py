"""Reading the fields of LOQED's JSON, which spells numbers as numbers or as text."""

from collections.abc import Mapping
import json
import math
from typing import Any

type Fields = Mapping[str, Any]

_PERCENT = range(101)


class NotUnderstoodError(ValueError):
    """A field, or the whole, is not what the protocol says."""


def parse_object(raw: bytes | str) -> Fields:
    """Return the JSON object in `raw`; ValueError when it holds anything else."""
    parsed = json.loads(raw)
    if not isinstance(parsed, dict):
        raise NotUnderstoodError("not an object")
    return parsed


def number(fields: Fields, *names: str) -> float | None:
    """Return the first of the named fields that is there; ValueError if it is no number."""
    for name in names:
        value = fields.get(name)
        if value is None or value == "":
            continue
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise NotUnderstoodError(f"{name} is no number")
        return _finite(value)
    return None


def _finite(value: float | str) -> float:
    try:
        converted = float(value)
    except OverflowError as err:
        raise NotUnderstoodError("too large a number") from err
    if not math.isfinite(converted):
        raise NotUnderstoodError("no finite number")
    return converted


def integer(fields: Fields, *names: str) -> int | None:
    """As `number`, for whole numbers."""
    value = number(fields, *names)
    if value is None:
        return None
    if not value.is_integer():
        raise NotUnderstoodError(f"{names[0]} is no whole number")
    return int(value)


def percent(fields: Fields, *names: str) -> int | None:
    """As `integer`; None also for what is no percentage (-1: the lock is offline)."""
    value = integer(fields, *names)
    return value if value in _PERCENT else None


def text(fields: Fields, *names: str) -> str | None:
    """Return the first of the named fields that is there; ValueError if it is no text."""
    for name in names:
        value = fields.get(name)
        if value is None:
            continue
        if not isinstance(value, str):
            raise NotUnderstoodError(f"{name} is no text")
        return value
    return None
