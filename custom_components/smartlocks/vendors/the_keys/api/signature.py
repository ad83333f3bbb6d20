"""The proof that a request to the gateway comes from somebody who holds the share code."""

from base64 import b64encode
from hashlib import sha256
import hmac


def sign(code: str, timestamp: int) -> str:
    """Return the `hash` of a request: HMAC-SHA256 in padded standard base64, 44 characters.

    The key is the share code as text (it is no base64), the message the decimal unix
    seconds; vendor's gateway page. The lock's identifier is no part of it.
    """
    digest = hmac.digest(code.encode(), str(timestamp).encode(), sha256)
    return b64encode(digest).decode()
