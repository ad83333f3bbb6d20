"""Names of what entries and their locks store, and defaults."""

from typing import Final

KEY: Final = "the_keys"
MANUFACTURER: Final = "The Keys"
PORTAL_URL: Final = "https://api.the-keys.fr"

# For development and demos: where the cloud is.
CLOUD_VARIABLE: Final = "SMARTLOCKS_THE_KEYS_CLOUD_URL"

# The name by which the vendor's own programs look for a gateway.
USUAL_ADDRESS: Final = "thekeys.local"
# The name of our shares: those of others are neither used nor changed.
SHARE_NAME: Final = "Home Assistant"

# Of an entry: the id printed on the gateway's notice, where the account told it.
CONF_ACCESSORY: Final = "accessory_id"

# Of a lock.
CONF_IDENTIFIER: Final = "identifier"
CONF_MODEL: Final = "model"
CONF_UNLOCK_ONLY: Final = "unlock_only"

# Options.
CONF_POLL_SECONDS: Final = "poll_seconds"
DEFAULT_POLL_SECONDS: Final = 15

# Repair issues.
ISSUE_CLOCK: Final = "the_keys_clock"
ISSUE_FROZEN: Final = "the_keys_frozen"
ISSUE_REFUSED: Final = "the_keys_code_refused"
ISSUE_SHARE_GONE: Final = "the_keys_share_gone"
