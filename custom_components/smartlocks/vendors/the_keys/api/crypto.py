"""The signature of a request to the gateway."""

from base64 import b64encode
from hashlib import sha256
import hmac


def sign(code: str, timestamp: int) -> str:
    """Return the `hash` of a request: HMAC-SHA256 in padded standard base64, 44 characters.

    The key is the share code as text (it is not base64), the message the decimal unix
    seconds; vendor's gateway page. The lock's identifier is no part of it. Any code can
    be signed with, so that the gateway refuses a mistyped one like any wrong one.
    """
    key = code.encode(errors="surrogatepass")
    return b64encode(hmac.digest(key, str(timestamp).encode(), sha256)).decode()
