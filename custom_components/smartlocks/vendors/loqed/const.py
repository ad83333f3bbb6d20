"""LOQED's names for what an entry keeps, and its defaults."""

from typing import Final

KEY: Final = "loqed"
MANUFACTURER: Final = "LOQED"
# For development and demos: where the cloud is.
CLOUD_VARIABLE: Final = "SMARTLOCKS_LOQED_CLOUD_URL"
# What a lock is called whose keys were pasted: only the cloud tells its model.
DEFAULT_MODEL: Final = "Touch"
APP_URL: Final = "https://app.loqed.com"

# Entry data, besides CONF_HOST.
CONF_HOST_IS_TYPED: Final = "host_is_typed"
CONF_LOCK_ID: Final = "lock_id"
CONF_KEY_ID: Final = "key_id"
CONF_KEY_SECRET: Final = "key_secret"  # noqa: S105 - a name
CONF_BRIDGE_KEY: Final = "bridge_key"
CONF_NAME: Final = "name"
CONF_MODEL: Final = "model"
# Only until the entry has been read for the first time.
CONF_REPLACES: Final = "replaces"

# Entry data where the web API is used, besides CONF_API_TOKEN: the id of the lock there, and
# the number of the key that it acts with.
CONF_WEB_LOCK_ID: Final = "web_lock_id"
CONF_WEB_KEY_ID: Final = "web_key_id"
# Entry data: names by key number, from calls of the cloud that signed ones have confirmed.
CONF_LEARNT_NAMES: Final = "learnt_names"

# Entry data, and an option that outweighs it.
CONF_CAN_OPEN: Final = "can_open"

# Options.
CONF_WINDOW: Final = "window"
CONF_UNSIGNED_DETAILS: Final = "unsigned_details"
CONF_CLOUD_COMMANDS: Final = "cloud_commands"
CONF_KEY_NAMES: Final = "key_names"
CONF_KEY_NUMBER: Final = "number"
CONF_KEY_NAME: Final = "name"
CONF_LAST_KEY_NAME: Final = "last_key_name"

DEFAULT_WINDOW: Final = 30

TOKEN_URL: Final = "https://integrations.loqed.com/personal-access-tokens"  # noqa: S105 - an address

ISSUE_BLOCKED: Final = "loqed_blocked"
ISSUE_BRIDGE_FULL: Final = "loqed_bridge_full"
ISSUE_CLOCK: Final = "loqed_clock_differs"
ISSUE_MOVED: Final = "loqed_moved"
ISSUE_PUSH_MISSING: Final = "loqed_push_missing"
ISSUE_PUSH_UNSIGNED: Final = "loqed_push_unsigned"
ISSUE_TOKEN_EXPIRES: Final = "loqed_token_expires"  # noqa: S105 - a name
