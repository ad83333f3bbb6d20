"""The options of an account."""

from typing import Any, Final

from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)
import voluptuous as vol

from ..base import Answers
from .const import CONF_BUDGET, CONF_HISTORY
from .quota import FREE_BUDGET

_CALLS: Final = NumberSelector(
    NumberSelectorConfig(min=0, max=1_000_000, step=1, mode=NumberSelectorMode.BOX)
)

OPTIONS: Final = vol.Schema(
    {
        vol.Required(CONF_BUDGET, default=FREE_BUDGET): _CALLS,
        vol.Required(CONF_HISTORY, default=False): BooleanSelector(),
    }
)


def read_options(answers: Answers) -> dict[str, Any]:
    """Return the options as they are kept."""
    return {CONF_BUDGET: int(answers[CONF_BUDGET]), CONF_HISTORY: answers[CONF_HISTORY]}
