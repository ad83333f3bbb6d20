"""Addresses, times and limits of The Keys' gateway and cloud."""

import os

from aiohttp import ClientTimeout
from yarl import URL

CLOUD_TIMEOUT = ClientTimeout(total=30, connect=10)

# A signed request makes the gateway talk to the lock by radio; the others do not.
SIGNED_TIMEOUT = ClientTimeout(total=20, connect=5)
UNSIGNED_TIMEOUT = ClientTimeout(total=10, connect=5)
# Seconds the gateway is left alone after its reply: without them it refuses connections.
SIGNED_REST = 1.0
UNSIGNED_REST = 0.5

# Replies are a few hundred bytes, an account a few thousand: whatever is longer is neither.
MAX_BODY = 256 * 1024


def cloud_url() -> URL:
    """Return the cloud's address; the environment may name another, to play it."""
    return URL(os.environ.get("SMARTLOCKS_THE_KEYS_CLOUD_URL", "https://api.the-keys.fr"))
