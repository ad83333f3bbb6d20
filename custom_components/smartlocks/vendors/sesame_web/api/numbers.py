"""Numbers of the wire, which come as integers, as floats, or not at all."""

from datetime import UTC, datetime
from math import isfinite
from typing import Any, Final

# Seconds reach this in the year 5138, milliseconds did in 1973.
FIRST_MILLISECOND: Final = 1e11


def real(value: Any) -> float | None:
    """Return a finite number; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None


def integer(value: Any) -> int | None:
    """Return a whole number, also one that came as 255.0; None for anything else."""
    number = real(value)
    return None if number is None or not number.is_integer() else int(value)


def moment(value: Any) -> datetime | None:
    """Return a Unix time as UTC; None for none or nonsense.

    The vendor documents milliseconds and sends seconds: the size tells which it is.
    """
    number = real(value)
    if number is None or number <= 0:
        return None
    try:
        return datetime.fromtimestamp(number / (1000 if number > FIRST_MILLISECOND else 1), UTC)
    except OverflowError, ValueError, OSError:
        return None
