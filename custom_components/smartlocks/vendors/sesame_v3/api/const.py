"""Where the cloud is and how gently it is to be treated."""

from os import environ
from typing import Final

from yarl import URL

CLOUD_URL: Final = "https://api.candyhouse.co/public"
CLOUD_URL_VARIABLE: Final = "SMARTLOCKS_SESAME_V3_URL"

# The vendor never restricts one request a second; well above that it blocks the address.
REQUEST_SPACING: Final = 1.0
TIMEOUT: Final = 15.0
CONNECT_TIMEOUT: Final = 10.0

# How long the vendor asks a blocked address to stay away, in seconds.
BLOCKED_FOR: Final = 30 * 60.0

MAX_HOOK_LENGTH: Final = 256


def cloud_url() -> URL:
    """Return the cloud's base address: the vendor's, or the one the environment names."""
    return URL(environ.get(CLOUD_URL_VARIABLE) or CLOUD_URL)
