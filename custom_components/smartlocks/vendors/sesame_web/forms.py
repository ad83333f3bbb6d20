"""What the pages ask for."""

from typing import Final

from homeassistant.const import CONF_API_KEY, CONF_NAME
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .const import CONF_PRODUCT, CONF_SECRET, CONF_UUID
from .device import USABLE

CONF_LINK: Final = "link"

_HIDDEN: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
)
_PRODUCTS: Final = SelectSelector(
    SelectSelectorConfig(
        options=[
            SelectOptionDict(value=model, label=product.name) for model, product in USABLE.items()
        ],
        mode=SelectSelectorMode.DROPDOWN,
    )
)

_MOST_SOLD: Final = "sesame_5"

API_KEY: Final = vol.Schema({vol.Required(CONF_API_KEY): _HIDDEN})
BY_UUID: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): str,
        # Else the frontend would choose the first of the list.
        vol.Required(CONF_PRODUCT, default=_MOST_SOLD): _PRODUCTS,
        vol.Required(CONF_UUID): str,
        vol.Optional(CONF_SECRET): _HIDDEN,
    }
)
BY_LINK: Final = vol.Schema({vol.Required(CONF_LINK): _HIDDEN, vol.Optional(CONF_NAME): str})
EDIT: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): str,
        vol.Required(CONF_PRODUCT): _PRODUCTS,
        vol.Optional(CONF_SECRET): _HIDDEN,
    }
)
