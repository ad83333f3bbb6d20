"""The signature of a command."""

from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.cmac import CMAC


def signature(secret: bytes, timestamp: int) -> str:
    """Return the signature of a command: 32 lower-case hexadecimal digits.

    AES-CMAC under the 16-byte secret of three bytes: the Unix time in seconds as a 32-bit
    little-endian number without its first, least significant byte (the vendor's words
    drop the other end, its samples this one). It so holds for 256 seconds at most.
    """
    mac = CMAC(AES128(secret))
    mac.update((timestamp & 0xFFFF_FFFF).to_bytes(4, "little")[1:])
    return mac.finalize().hex()
