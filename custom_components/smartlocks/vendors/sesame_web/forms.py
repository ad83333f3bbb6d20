"""What the pages ask for."""

from typing import Final

from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from ..schemas import HIDDEN
from .const import CONF_PRODUCT, CONF_SECRET, CONF_UUID
from .device import USABLE

CONF_LINK: Final = "link"

_PRODUCTS: Final = SelectSelector(
    SelectSelectorConfig(
        options=[
            SelectOptionDict(value=model, label=product.name) for model, product in USABLE.items()
        ],
        mode=SelectSelectorMode.DROPDOWN,
    )
)

_MOST_SOLD: Final = "sesame_5"

BY_UUID: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): str,
        # Else the frontend would choose the first of the list.
        vol.Required(CONF_PRODUCT, default=_MOST_SOLD): _PRODUCTS,
        vol.Required(CONF_UUID): str,
        vol.Optional(CONF_SECRET): HIDDEN,
    }
)
BY_LINK: Final = vol.Schema({vol.Required(CONF_LINK): HIDDEN, vol.Optional(CONF_NAME): str})
EDIT: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): str,
        vol.Required(CONF_PRODUCT): _PRODUCTS,
        vol.Optional(CONF_SECRET): HIDDEN,
    }
)
