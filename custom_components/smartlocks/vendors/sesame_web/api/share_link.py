"""Share links of the app: `ssm://UI?t=sk&sk=<key>&l=<level>&n=<name>`."""

from base64 import b64decode
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final
from urllib.parse import unquote, unquote_plus, urlsplit
from uuid import UUID

from .exceptions import (
    DamagedLinkError,
    EncryptedLinkError,
    FriendLinkError,
    GuestKeyError,
    NotAShareLinkError,
)
from .models import PRODUCTS, Product

_SECRET: Final = slice(1, 17)
_FIRST_OS3_TYPE: Final = 5
_OS2_LENGTH: Final = 99
_OS3_LENGTH: Final = 39


class Level(IntEnum):
    """Whom the link is for; whether a manager's secret can sign is not agreed upon."""

    OWNER = 0
    MANAGER = 1
    GUEST = 2


_LEVELS: Final[dict[str, Level]] = {str(level.value): level for level in Level}


@dataclass(frozen=True, kw_only=True, slots=True)
class ShareKey:
    """What a plain share link holds.

    `uuid` is in upper case, `secret` 32 lower-case hexadecimal digits (neither is shown by
    `repr`). `product` is None for a `product_type` that is newer than our table.
    """

    uuid: str = field(repr=False)
    secret: str = field(repr=False)
    product_type: int
    product: Product | None
    name: str | None = field(repr=False)
    level: Level


def parse_share(link: str) -> ShareKey:
    """Read a share link; raises the ShareLinkError that says what is wrong with it."""
    fields = _fields(link)
    if fields.get("t") == "friend":
        raise FriendLinkError
    level = _LEVELS.get(fields.get("l", ""))
    if level is Level.GUEST:
        raise GuestKeyError
    key = _key(fields.get("sk", ""))
    if level is None:
        raise DamagedLinkError
    return ShareKey(
        uuid=str(UUID(bytes=key[-16:])).upper(),
        secret=key[_SECRET].hex(),
        product_type=key[0],
        product=PRODUCTS.get(key[0]),
        name=unquote_plus(fields.get("n", "")).strip() or None,
        level=level,
    )


def _fields(link: str) -> dict[str, str]:
    """Return the query, still quoted: a `+` means one thing in a key, another in a name."""
    try:
        parts = urlsplit(link.strip())
    except ValueError as err:
        raise NotAShareLinkError from err
    if parts.scheme != "ssm" or parts.netloc.lower() != "ui":
        raise NotAShareLinkError
    pairs = (pair.partition("=") for pair in parts.query.split("&"))
    return {name: value for name, _, value in pairs}


def _key(text: str) -> bytes:
    """Return the key: type, secret, public key, index, UUID; the type tells its length."""
    # A parser on the link's way here may have taken the "+" of base64 for a space.
    text = unquote(text).replace(" ", "+").rstrip("=")
    try:
        key = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError as err:
        raise DamagedLinkError from err
    if len(key) < _OS3_LENGTH:
        raise DamagedLinkError
    if len(key) != (_OS2_LENGTH if key[0] < _FIRST_OS3_TYPE else _OS3_LENGTH):
        raise EncryptedLinkError
    return key
