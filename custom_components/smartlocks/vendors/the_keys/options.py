"""The options of a gateway."""

from typing import Any

from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)
import voluptuous as vol

from ..base import Answers
from .const import CONF_POLL_SECONDS, DEFAULT_POLL_SECONDS

_SECONDS = NumberSelector(
    NumberSelectorConfig(
        min=5, max=600, step=1, mode=NumberSelectorMode.BOX, unit_of_measurement="s"
    )
)

OPTIONS = vol.Schema(
    {vol.Required(CONF_POLL_SECONDS, default=DEFAULT_POLL_SECONDS): _SECONDS},
)


def read_options(answers: Answers) -> dict[str, Any]:
    """Return the options as they are kept."""
    return {CONF_POLL_SECONDS: int(answers[CONF_POLL_SECONDS])}
