"""A request as the gateway reads it."""

from dataclasses import dataclass
from urllib.parse import unquote


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A path and the fields of its form."""

    path: str
    form: dict[str, str]


def parse_form(body: bytes) -> dict[str, str]:
    """Read a form as the gateway does: `%XX` is decoded, a `+` is a plus sign.

    Half of all hashes hold a `+`, and clients that do not escape it are understood.
    """
    text = body.decode("ascii", errors="replace")
    pairs = (part.partition("=") for part in text.split("&") if part)
    return {unquote(name): unquote(value) for name, _, value in pairs}
