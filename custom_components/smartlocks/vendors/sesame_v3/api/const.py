"""The cloud's address and the limits that its vendor gives."""

from typing import Final

CLOUD_URL: Final = "https://api.candyhouse.co/public"

# The vendor never restricts one request a second; well above that it blocks the address.
REQUEST_SPACING: Final = 1.0

# In seconds. Reads are given up sooner, since a command may be waiting behind them.
CONNECT_TIMEOUT: Final = 10.0
READ_TIMEOUT: Final = 10.0
COMMAND_TIMEOUT: Final = 15.0

# How long the vendor asks a blocked address to send nothing, in seconds.
BLOCKED_FOR: Final = 30 * 60.0

MAX_WEBHOOK_URL: Final = 256  # characters
MAX_WEBHOOK_BODY: Final = 4096  # bytes
MAX_ID: Final = 64  # characters; a device id is a UUID of 36
