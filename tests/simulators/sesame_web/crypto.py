"""Signatures of commands, and the share links that hold a device's secret."""

from base64 import b64encode
from hashlib import sha512
import hmac
from typing import Literal
from urllib.parse import quote
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from .device import Device

type Form = Literal["quoted", "raw", "plus_to_space", "encrypted", "friend"]

WINDOW = 256
FORMS = ("quoted", "raw", "plus_to_space", "encrypted", "friend")
GUEST = 2


def signature(secret: bytes, at: float) -> bytes:
    """AES-CMAC of the time in unix seconds, its lowest byte left out, as three bytes LE.

    The secret has 16 bytes, the signature too; it is the same for 256 seconds.
    """
    cmac = CMAC(AES(secret))
    cmac.update((int(at) & 0xFFFFFFFF).to_bytes(4, "little")[1:])
    return cmac.finalize()


def is_signed(sign: str, secret: bytes, now: float, *, tolerance: int = 0) -> bool:
    """Whether a `sign` in hex is good now, or up to `tolerance` windows away.

    The vendor's own app sends the first 4 bytes only, everybody else all 16.
    """
    if len(sign) not in (8, 32):
        return False
    candidates = [
        signature(secret, now + WINDOW * away).hex()[: len(sign)]
        for away in range(-tolerance, tolerance + 1)
    ]
    return any(hmac.compare_digest(sign.encode(), good.encode()) for good in candidates)


def share_link(device: Device, level: int, form: Form) -> str:
    """Return a link for `level` 0 owner, 1 manager or 2 guest; ValueError for other values.

    "quoted" is as it should be, "raw" leaves the base64 unquoted, "plus_to_space" is what
    careless parsers make of that; "encrypted" is the kind that is good for ten minutes
    and holds no readable key; "friend" shares a person, not a device.
    """
    if level not in (0, 1, GUEST) or form not in FORMS:
        raise ValueError("level is 0, 1 or 2, and form one of " + ", ".join(FORMS))
    if form == "friend":
        return f"ssm://UI/?t=friend&friend={device.uuid.lower()}"
    plain = _key(device, level)
    # The real scheme is not published; only that it is no plain key matters here.
    key = b64encode(sha512(plain).digest() if form == "encrypted" else plain).decode()
    written = {"raw": key, "plus_to_space": key.replace("+", " ")}.get(form, quote(key, safe=""))
    return f"ssm://UI?t=sk&sk={written}&l={level}&n={quote(device.name)}"


def _key(device: Device, level: int) -> bytes:
    """Return the shared bytes: 39 for the third generation of firmware, 99 for the second.

    The product number, 16 bytes of secret, a public key of 4 or 64 bytes, 2 bytes of key
    index and the device's id. A guest gets the id of a guest key in place of the secret.
    """
    secret = sha512(device.secret).digest()[:16] if level == GUEST else device.secret
    length = 4 if device.model.has_short_key else 64
    public = sha512(device.uuid.encode()).digest()[:length]
    index = b"\x00\x00"
    return bytes([device.model.number]) + secret + public + index + UUID(device.uuid).bytes
