"""Names that an entry's data and options use, and where the vendor's pages are."""

from typing import Final

KEY: Final = "sesame_v3"
MANUFACTURER: Final = "CANDY HOUSE"

# For development and demos: where the cloud is.
CLOUD_VARIABLE: Final = "SMARTLOCKS_SESAME_V3_URL"

DASHBOARD_URL: Final = "https://my.candyhouse.co"

# Of an entry's data: the locks of the account as its list told them last.
CONF_LOCKS: Final = "locks"

# Of its options.
CONF_POLL_SECONDS: Final = "poll_seconds"
