"""Names that more than one file uses."""

from enum import StrEnum
import logging
from typing import Final

from homeassistant.const import Platform

DOMAIN: Final = "smartlocks"
LOGGER = logging.getLogger(__package__)

PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.LOCK,
    Platform.SENSOR,
    Platform.SWITCH,
)

# Of a config entry's data.
CONF_VENDOR: Final = "vendor"
CONF_IDS: Final = "ids"
CONF_WEBHOOK_URL: Final = "webhook_url"
CONF_CLOUDHOOK: Final = "cloudhook"
# The webhook for calls that nothing proves, where a person has asked for one.
CONF_HINT_WEBHOOK_ID: Final = "hint_webhook_id"
CONF_HINT_CLOUDHOOK: Final = "hint_cloudhook"

# Of its options: the codes that unlocking asks for, hashed, by lock id.
CONF_CODES: Final = "codes"

# Where the vendor can push.
CONF_PUSH_ROUTE: Final = "push_route"
CONF_PUSH_BASE: Final = "push_base"

SUBENTRY_LOCK: Final = "lock"

# On Home Assistant's event bus.
EVENT_ACTIVITY: Final = f"{DOMAIN}_activity"
EVENT_COMMAND_FAILED: Final = f"{DOMAIN}_command_failed"


class PushRoute(StrEnum):
    """How a vendor's calls reach us."""

    DIRECT = "direct"
    """At Home Assistant's own address: internal or external, as the vendor needs."""
    CLOUD = "cloud"
    """Through Home Assistant Cloud."""
    CUSTOM = "custom"
    """At an address a person has given."""
