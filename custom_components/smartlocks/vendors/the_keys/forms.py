"""What The Keys' pages ask for."""

from collections.abc import Mapping

from homeassistant.const import CONF_CODE, CONF_HOST, CONF_NAME, CONF_PASSWORD
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

from ..schemas import HIDDEN

CONF_GATEWAY = "gateway"
CONF_LOCK = "lock"
CONF_LOCKS = "locks"
CONF_PHONE = "phone"

_PHONE = TextSelector(TextSelectorConfig(type=TextSelectorType.TEL, autocomplete="tel"))
_PASSWORD = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
)

ADDRESS = vol.Schema({vol.Required(CONF_HOST): str})
CREDENTIALS = vol.Schema({vol.Required(CONF_PHONE): _PHONE, vol.Required(CONF_PASSWORD): _PASSWORD})
NAME_AND_CODE = vol.Schema({vol.Required(CONF_NAME): str, vol.Required(CONF_CODE): HIDDEN})


def choice_of_gateway(names: Mapping[str, str]) -> vol.Schema:
    """Ask for one of several gateways: value -> label."""
    return vol.Schema({vol.Required(CONF_GATEWAY): _select(names)})


def choice_of_lock(names: Mapping[str, str]) -> vol.Schema:
    """Ask for one of the account's locks."""
    return vol.Schema({vol.Required(CONF_LOCK): _select(names)})


def choice_of_locks(names: Mapping[str, str]) -> vol.Schema:
    """Ask for some of the account's locks, and where their gateway is."""
    locks = vol.Required(CONF_LOCKS, default=list(names))
    return vol.Schema({locks: _select(names, multiple=True), vol.Required(CONF_HOST): str})


def lock_and_code(names: Mapping[str, str], *, is_named: bool = True) -> vol.Schema:
    """Ask for a lock and its code, and for what to call it."""
    name = {vol.Optional(CONF_NAME): str} if is_named else {}
    return vol.Schema(
        {vol.Required(CONF_LOCK): _select(names), vol.Required(CONF_CODE): HIDDEN, **name}
    )


def _select(names: Mapping[str, str], *, multiple: bool = False) -> SelectSelector:
    options = [SelectOptionDict(value=value, label=label) for value, label in names.items()]
    mode = SelectSelectorMode.LIST
    return SelectSelector(SelectSelectorConfig(options=options, multiple=multiple, mode=mode))
