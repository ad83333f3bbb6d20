"""LOQED's names for what an entry keeps, and its defaults."""

from typing import Final

KEY: Final = "loqed"
MANUFACTURER: Final = "LOQED"

# Entry data, besides CONF_HOST.
CONF_LOCK_ID: Final = "lock_id"
CONF_KEY_ID: Final = "key_id"
CONF_KEY_SECRET: Final = "key_secret"  # noqa: S105 - a name
CONF_BRIDGE_KEY: Final = "bridge_key"
CONF_NAME: Final = "name"
CONF_MODEL: Final = "model"

# Entry data, and an option that outweighs it.
CONF_CAN_OPEN: Final = "can_open"

# Options.
CONF_WINDOW: Final = "window"
CONF_POLL_MINUTES: Final = "poll_minutes"
CONF_KEY_NAMES: Final = "key_names"
CONF_KEY_NUMBER: Final = "number"
CONF_KEY_NAME: Final = "name"

DEFAULT_WINDOW: Final = 30
DEFAULT_POLL_MINUTES: Final = 15
