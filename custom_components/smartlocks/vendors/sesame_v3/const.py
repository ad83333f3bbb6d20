"""Names for what an entry keeps, defaults, and where the vendor's pages are."""

from typing import Final

KEY: Final = "sesame_v3"
MANUFACTURER: Final = "CANDY HOUSE"

DASHBOARD_URL: Final = "https://my.candyhouse.co"

# Options.
CONF_POLL_SECONDS: Final = "poll_seconds"

DEFAULT_POLL_SECONDS: Final = 60
