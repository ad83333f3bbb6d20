"""Addresses and limits of LOQED's two interfaces."""

import os

from yarl import URL

CLOUD_URL = "https://integrations.production.loqed.com"

# The bridge is an ESP32 that delivers its webhooks one after another while it serves us.
BRIDGE_TIMEOUT = 10.0
CLOUD_TIMEOUT = 20.0
# A lock takes a command for so long, in seconds: clocks must not differ by more.
COMMAND_LIFE = 15.0

# Answers are a few hundred bytes; whatever is longer is no answer of theirs.
MAX_BODY = 256 * 1024


def cloud_url() -> URL:
    """Return where the cloud is; an environment variable moves it for demos and tests."""
    return URL(os.environ.get("SMARTLOCKS_LOQED_CLOUD_URL", CLOUD_URL))
