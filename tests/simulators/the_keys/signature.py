"""What the hash of a signed request should be."""

import base64
import hashlib
import hmac


def signature(timestamp: str, code: str) -> str:
    """HMAC-SHA256 of the timestamp's digits with the share code's letters, in base64."""
    digest = hmac.new(code.encode("ascii"), timestamp.encode("ascii"), hashlib.sha256).digest()
    return base64.b64encode(digest).decode("ascii")


def is_signed(timestamp: str, code: str, given: str) -> bool:
    """Whether a hash is the one of this timestamp and code."""
    return hmac.compare_digest(signature(timestamp, code).encode(), given.encode())
