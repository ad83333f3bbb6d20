"""How a bridge spells its JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
import json
from typing import Any, Literal

from .words import BATTERY_TYPES

type NoKey = Literal["documented", "null", "255", "empty", "absent"]

_NO_KEY: Mapping[NoKey, int | str | None] = {"null": None, "255": 255, "empty": ""}


@dataclass(kw_only=True)
class Dialect:
    """The spellings seen in the field, and the ones in use now."""

    numbers_as_text: bool = False
    battery_type_as_number: bool = False
    no_key: NoKey = "documented"
    extra: dict[str, Any] = field(default_factory=dict)

    def encode(self, payload: Mapping[str, Any]) -> bytes:
        """A push on the wire: compact JSON."""
        return compact(self.spell({**payload, **self.extra}))

    def spell(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The payload with its numbers as numbers, or as text."""
        if not self.numbers_as_text:
            return dict(payload)
        return {name: _as_text(value) for name, value in payload.items()}

    def battery_type(self, number: int) -> int | str:
        """The battery type as text or, as the vendor's page has it, as a number."""
        return number if self.battery_type_as_number else BATTERY_TYPES[number]

    def key(self, key_id: int | None, *, documented: int | None) -> dict[str, int | str | None]:
        """The field with the key; `documented` is the documented spelling of no key."""
        if key_id is not None:
            return {"key_local_id": key_id}
        if self.no_key == "absent":
            return {}
        return {"key_local_id": _NO_KEY.get(self.no_key, documented)}


def compact(payload: object) -> bytes:
    """JSON without white space, as the bridge writes it."""
    return json.dumps(payload, separators=(",", ":")).encode()


def _as_text(value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value
