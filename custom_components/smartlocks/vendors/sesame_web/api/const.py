"""The cloud's address, its time limits, and the sizes it accepts."""

from typing import Final

# The base address, with its path: "sesame2" is right for every model.
CLOUD_URL: Final = "https://app.candyhouse.co/api/sesame2"

# In seconds: for a whole request, and for making the connection.
TIMEOUT: Final = 15.0
CONNECT_TIMEOUT: Final = 10.0

MAX_HISTORY_ENTRIES: Final = 50
MAX_TAG_BYTES: Final = 21
