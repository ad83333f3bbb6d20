"""The fields of The Keys' forms."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.const import CONF_CODE, CONF_HOST, CONF_NAME, CONF_PASSWORD
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from ..base import Answers
from ..schemas import HIDDEN
from .const import CONF_POLL_SECONDS, DEFAULT_POLL_SECONDS

CONF_GATEWAY: Final = "gateway"
CONF_LOCK: Final = "lock"
CONF_LOCKS: Final = "locks"
CONF_PHONE: Final = "phone"

_PHONE: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.TEL, autocomplete="tel"))
_PASSWORD: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
)
_SECONDS: Final = NumberSelector(
    NumberSelectorConfig(
        min=5, max=600, step=1, mode=NumberSelectorMode.BOX, unit_of_measurement="s"
    )
)

ADDRESS: Final = vol.Schema({vol.Required(CONF_HOST): str})
CREDENTIALS: Final = vol.Schema(
    {vol.Required(CONF_PHONE): _PHONE, vol.Required(CONF_PASSWORD): _PASSWORD}
)
NAME_AND_CODE: Final = vol.Schema({vol.Required(CONF_NAME): str, vol.Optional(CONF_CODE): HIDDEN})
OPTIONS: Final = vol.Schema(
    {vol.Required(CONF_POLL_SECONDS, default=DEFAULT_POLL_SECONDS): _SECONDS}
)


def choice_of_gateway(names: Mapping[str, str]) -> vol.Schema:
    """Return a field for one of several gateways; `names` maps values to labels."""
    return vol.Schema({vol.Required(CONF_GATEWAY): _select(names)})


def choice_of_lock(names: Mapping[str, str]) -> vol.Schema:
    """Return a field for one of the account's locks."""
    return vol.Schema({vol.Required(CONF_LOCK): _select(names)})


def choice_of_locks(names: Mapping[str, str]) -> vol.Schema:
    """Return fields for some of the account's locks, and the address of their gateway."""
    locks = vol.Required(CONF_LOCKS, default=list(names))
    return vol.Schema({locks: _select(names, multiple=True), vol.Required(CONF_HOST): str})


def lock_and_code(names: Mapping[str, str], *, is_named: bool = True) -> vol.Schema:
    """Return fields for a lock and its code, and for its name where it has none yet."""
    name = {vol.Optional(CONF_NAME): str} if is_named else {}
    return vol.Schema(
        {vol.Required(CONF_LOCK): _select(names), vol.Required(CONF_CODE): HIDDEN, **name}
    )


def read_options(answers: Answers) -> dict[str, Any]:
    """Return the options as they are stored."""
    return {CONF_POLL_SECONDS: int(answers[CONF_POLL_SECONDS])}


def _select(names: Mapping[str, str], *, multiple: bool = False) -> SelectSelector:
    options = [SelectOptionDict(value=value, label=label) for value, label in names.items()]
    mode = SelectSelectorMode.LIST
    return SelectSelector(SelectSelectorConfig(options=options, multiple=multiple, mode=mode))
