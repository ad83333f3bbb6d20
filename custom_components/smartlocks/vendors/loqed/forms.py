"""What LOQED's pages ask for."""

from homeassistant.const import CONF_API_TOKEN, CONF_HOST
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .const import CONF_CAN_OPEN, CONF_NAME

CONF_INFORMATION = "integration_information"
CONF_LOCK = "lock"

_SECRET = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
TOKEN_URL = "https://integrations.loqed.com/personal-access-tokens"  # noqa: S105 - an address
INFORMATION_URL = "https://app.loqed.com/API-Config"

TOKEN = vol.Schema({vol.Required(CONF_API_TOKEN): _SECRET, vol.Optional(CONF_HOST): str})
PASTE = vol.Schema(
    {
        vol.Required(CONF_INFORMATION): _SECRET,
        vol.Optional(CONF_NAME): str,
        vol.Optional(CONF_HOST): str,
        vol.Required(CONF_CAN_OPEN, default=False): BooleanSelector(),
    }
)
ADDRESS = vol.Schema({vol.Required(CONF_HOST): str})
