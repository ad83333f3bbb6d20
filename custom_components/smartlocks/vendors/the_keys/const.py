"""Names for what entries and their locks keep, and defaults."""

from typing import Final

KEY: Final = "the_keys"
MANUFACTURER: Final = "The Keys"

# Development and demos put the cloud elsewhere with it.
CLOUD_VARIABLE: Final = "SMARTLOCKS_THE_KEYS_CLOUD_URL"

# The name by which the vendor's own programs look for a gateway.
USUAL_ADDRESS: Final = "thekeys.local"
# Ours among the shares of a lock: nobody else's is used or changed.
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
