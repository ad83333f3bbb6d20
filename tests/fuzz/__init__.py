"""Bytes from outside that nobody sane would send: forged calls, odd replies, pasted rubbish."""

from collections.abc import Callable
import os

# How many forged calls; `scripts/fuzz` tries many more than the tests do by themselves.
COUNT = int(os.environ.get("SMARTLOCKS_FUZZ", "40000"))


def share(part: int, *, least: int = 1) -> int:
    """Return one of `part` parts of the count."""
    return max(COUNT // part, least)


type Tell = Callable[[str, object], None]
