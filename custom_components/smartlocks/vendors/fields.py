"""Fields that several vendors' pages ask for."""

from typing import Final

from homeassistant.const import CONF_API_KEY
from homeassistant.helpers.selector import TextSelector, TextSelectorConfig, TextSelectorType
import voluptuous as vol

# A code, a key, a link: shown on demand only, and not for the browser to keep.
HIDDEN: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))

API_KEY: Final = vol.Schema({vol.Required(CONF_API_KEY): HIDDEN})
