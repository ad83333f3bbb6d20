"""LOQED's options."""

from typing import Any

from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    ObjectSelector,
    ObjectSelectorConfig,
)
import voluptuous as vol

from ..base import Answers, FlowError
from ..schemas import push_fields, read_push_fields
from .const import (
    CONF_CAN_OPEN,
    CONF_KEY_NAME,
    CONF_KEY_NAMES,
    CONF_KEY_NUMBER,
    CONF_POLL_MINUTES,
    CONF_WINDOW,
    DEFAULT_POLL_MINUTES,
    DEFAULT_WINDOW,
)


def _whole(low: int, high: int, unit: str) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(
            min=low, max=high, step=1, mode=NumberSelectorMode.BOX, unit_of_measurement=unit
        )
    )


_KEY_NAMES = ObjectSelector(
    ObjectSelectorConfig(
        multiple=True,
        translation_key=CONF_KEY_NAMES,
        label_field=CONF_KEY_NAME,
        description_field=CONF_KEY_NUMBER,
        fields={
            CONF_KEY_NUMBER: {
                "required": True,
                "selector": {"number": {"min": 0, "max": 250, "mode": "box"}},
            },
            CONF_KEY_NAME: {"required": True, "selector": {"text": {}}},
        },
    )
)

OPTIONS = vol.Schema(
    {
        vol.Optional(CONF_KEY_NAMES, default=list): _KEY_NAMES,
        vol.Required(CONF_CAN_OPEN): BooleanSelector(),
        vol.Required(CONF_POLL_MINUTES, default=DEFAULT_POLL_MINUTES): _whole(5, 1440, "min"),
        vol.Required(CONF_WINDOW, default=DEFAULT_WINDOW): _whole(5, 300, "s"),
        **push_fields(),
    }
)


def read_options(answers: Answers) -> dict[str, Any]:
    """Return the options as they are kept; FlowError when they cannot be."""
    rows = answers.get(CONF_KEY_NAMES, [])
    numbers = [int(row[CONF_KEY_NUMBER]) for row in rows]
    if len(set(numbers)) != len(numbers):
        raise FlowError("key_named_twice", field=CONF_KEY_NAMES)
    return {
        **answers,
        **read_push_fields(answers),
        CONF_KEY_NAMES: [
            {CONF_KEY_NUMBER: number, CONF_KEY_NAME: row[CONF_KEY_NAME].strip()}
            for number, row in zip(numbers, rows, strict=True)
        ],
        CONF_POLL_MINUTES: int(answers[CONF_POLL_MINUTES]),
        CONF_WINDOW: int(answers[CONF_WINDOW]),
    }
