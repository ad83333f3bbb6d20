"""Names for what an entry and its devices keep, and where the vendor's pages are."""

from typing import Final

KEY: Final = "sesame_web"
MANUFACTURER: Final = "CANDY HOUSE"

DEVELOPER_URL: Final = "https://biz.candyhouse.co/biz/developer"
URL_VARIABLE: Final = "SMARTLOCKS_SESAME_WEB_URL"

# Entry data, besides the API key: the calls that setting it up has cost.
CONF_CALLS: Final = "calls"

# Of a device's subentry.
CONF_UUID: Final = "uuid"
CONF_SECRET: Final = "secret"  # noqa: S105 - a name
CONF_PRODUCT: Final = "product"
CONF_TRIGGERS: Final = "triggers"

# Options.
CONF_BUDGET: Final = "budget"
CONF_HISTORY: Final = "history"
