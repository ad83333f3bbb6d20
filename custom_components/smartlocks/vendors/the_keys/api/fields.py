"""Reading the fields of JSON whose senders spell numbers as numbers or as text."""

from collections.abc import Iterable, Mapping
import json
import re
from typing import Any

type Fields = Mapping[str, Any]

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")


def parse_object(body: bytes) -> Fields:
    """Return the JSON object in `body`; ValueError when it holds anything else.

    Letters that are not UTF-8 spoil only the text they stand in: the fields that
    matter are numbers.
    """
    try:
        parsed = json.loads(body.decode("utf-8-sig", "replace"))
    except RecursionError as err:
        raise ValueError("nested too deeply") from err
    match parsed:
        case dict():
            return parsed
        case _:
            raise ValueError("not an object")


def integer(value: object) -> int | None:
    """Return a whole number, given as number or as decimal text; else None."""
    match value:
        case bool():
            return None
        case int():
            return value
        case float() if value.is_integer():
            return int(value)
        case str() if _INTEGER.fullmatch(value.strip()):
            return int(value)
        case _:
            return None


def text(value: object) -> str | None:
    """Return a text that is not blank, or a whole number as text; else None."""
    if isinstance(value, str):
        return value.strip() or None
    number = integer(value)
    return None if number is None else str(number)


def word(value: object) -> str:
    """Return a text for comparing, without regard to case; "" for anything else."""
    return value.strip().casefold() if isinstance(value, str) else ""


def flag(value: object) -> bool:
    """Return whether a yes-or-no field, spelt in whatever way, clearly says yes."""
    return value is True or integer(value) == 1 or word(value) == "true"


def part(value: object, *names: str) -> Fields:
    """Return the object found under the names, one within the other; {} if there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def parts(value: object) -> Iterable[Fields]:
    """Return the objects in a list; the cloud's language may write a list as an object."""
    if isinstance(value, Mapping):
        value = list(value.values())
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
