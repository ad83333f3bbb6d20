"""The options of an account."""

from typing import Any

from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)
import voluptuous as vol

from ..base import Answers
from ..schemas import push_fields, read_push_fields
from .const import CONF_POLL_SECONDS, DEFAULT_POLL_SECONDS

_SECONDS = NumberSelector(
    NumberSelectorConfig(
        min=30, max=3600, step=1, mode=NumberSelectorMode.BOX, unit_of_measurement="s"
    )
)

OPTIONS = vol.Schema(
    {
        vol.Required(CONF_POLL_SECONDS, default=DEFAULT_POLL_SECONDS): _SECONDS,
        **push_fields(),
    }
)


def read_options(answers: Answers) -> dict[str, Any]:
    """Return the options as they are kept; FlowError when they cannot be."""
    return {
        **read_push_fields(answers),
        CONF_POLL_SECONDS: int(answers[CONF_POLL_SECONDS]),
    }
