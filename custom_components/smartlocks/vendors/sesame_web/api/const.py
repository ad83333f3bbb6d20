"""Where the cloud is and what it bears."""

from os import environ
from typing import Final

from yarl import URL

CLOUD_URL: Final = "https://app.candyhouse.co/api/sesame2"
CLOUD_URL_VARIABLE: Final = "SMARTLOCKS_SESAME_WEB_CLOUD_URL"

TIMEOUT: Final = 15.0
CONNECT_TIMEOUT: Final = 10.0

# The vendor's free plan, in calls a calendar month; it has been more, and may change.
FREE_BUDGET: Final = 1_000

MAX_HISTORY_ENTRIES: Final = 50
MAX_TAG_BYTES: Final = 21


def cloud_url() -> URL:
    """Return the cloud's base address: the vendor's, or the one the environment names."""
    return URL(environ.get(CLOUD_URL_VARIABLE) or CLOUD_URL)
