"""Reading a call of LOQED's cloud: unsigned, so never more than a hint and a name.

Two shapes are known, the vendor's page's and the one that others have seen. Of both only
the fields below are read: not the lock's number, which is another one than elsewhere, and
never an e-mail address.
"""

from dataclasses import dataclass
import hashlib
from typing import Any, Final, Self

from ....http import parse_json
from .exceptions import LoqedPushError
from .models import read_integer, read_text

_HIGHEST_KEY: Final = 254
_LONGEST_NAME: Final = 64
_LONGEST_EVENT: Final = 80
# An e-mail address, and what a message to a person would make a link or a picture of.
_NO_NAME: Final = ("@", "<", "[", "://", "www.")


@dataclass(frozen=True, kw_only=True, slots=True)
class CloudCall:
    """One call. `digest` tells a repeated one; `is_arrival` says that the bolt has moved.

    `key_name` is what the key is called in the app, None where it is none, or could be an
    e-mail address or a link.
    """

    digest: bytes
    event_type: str | None
    is_arrival: bool
    is_about_state: bool
    key_id: int | None
    key_name: str | None

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read a call; LoqedPushError when it is none."""
        try:
            fields: Any = parse_json(body)
        except ValueError as err:
            raise LoqedPushError("not understood") from err
        if not isinstance(fields, dict):
            raise LoqedPushError("not an object")
        event_type = read_text(fields, "event_type") or None
        is_arrival = read_text(fields, "requested_state") is not None
        says_more = read_text(fields, "go_to_state") is not None or "online" in fields
        names = (_name(fields, name) for name in ("key_name_user", "key_name_admin"))
        return cls(
            digest=hashlib.sha256(body).digest(),
            event_type=event_type[:_LONGEST_EVENT] if event_type else None,
            is_arrival=is_arrival,
            is_about_state=is_arrival or says_more,
            key_id=read_integer(fields, "key_local_id", most=_HIGHEST_KEY),
            key_name=next((name for name in names if name), None),
        )


def _name(fields: dict[str, Any], field: str) -> str | None:
    name = " ".join((read_text(fields, field) or "").split())
    is_usable = 0 < len(name) <= _LONGEST_NAME and name.isprintable()
    folded = name.casefold()
    return name if is_usable and not any(mark in folded for mark in _NO_NAME) else None
