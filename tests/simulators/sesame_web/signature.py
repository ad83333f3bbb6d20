"""How a command is signed, and whether it was."""

import hmac

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

WINDOW = 256


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
