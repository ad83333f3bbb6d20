"""The links behind the QR codes that the app shows to share a device."""

from base64 import b64encode
from hashlib import sha512
from typing import Literal
from urllib.parse import quote
from uuid import UUID

from .device import Device

type Form = Literal["quoted", "raw", "plus_to_space", "encrypted", "friend"]

FORMS = ("quoted", "raw", "plus_to_space", "encrypted", "friend")
GUEST = 2


def share_link(device: Device, level: int, form: Form) -> str:
    """A link with `level` 0 owner, 1 manager or 2 guest; ValueError for other values.

    "quoted" is as it should be, "raw" leaves the base64 unquoted, "plus_to_space" is what
    careless parsers make of that; "encrypted" is the kind that is good for ten minutes
    and holds no readable key; "friend" shares a person, not a device.
    """
    if level not in (0, 1, GUEST) or form not in FORMS:
        raise ValueError("level is 0, 1 or 2, and form one of " + ", ".join(FORMS))
    if form == "friend":
        return f"ssm://UI/?t=friend&friend={device.uuid.lower()}"
    plain = _key(device, level)
    # The real scheme is the vendor's secret; only that it is no plain key matters here.
    key = b64encode(sha512(plain).digest() if form == "encrypted" else plain).decode()
    written = {"raw": key, "plus_to_space": key.replace("+", " ")}.get(form, quote(key, safe=""))
    return f"ssm://UI?t=sk&sk={written}&l={level}&n={quote(device.name)}"


def _key(device: Device, level: int) -> bytes:
    """The shared bytes: 39 for the third generation of firmware, 99 for the second.

    The kind, 16 bytes of secret, a public key of 4 or 64 bytes, 2 bytes of key index and
    the device's id. A guest gets the id of a guest key in place of the secret.
    """
    secret = sha512(device.secret).digest()[:16] if level == GUEST else device.secret
    length = 4 if device.model.has_short_key else 64
    public = sha512(device.uuid.encode()).digest()[:length]
    index = b"\x00\x00"
    return bytes([device.model.number]) + secret + public + index + UUID(device.uuid).bytes
