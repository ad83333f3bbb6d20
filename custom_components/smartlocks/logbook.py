"""Activity: who used a lock and how, and commands that failed."""

from collections.abc import Callable
from typing import Any

from homeassistant.components.logbook.const import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import Event, HomeAssistant, callback

from .const import DOMAIN, EVENT_ACTIVITY, EVENT_COMMAND_FAILED
from .events import (
    Words,
    activity_in_words,
    failure_in_words,
    name_of_cause,
    name_of_lock,
)

type Describe = Callable[[Event], dict[str, Any]]


@callback
def async_describe_events(
    hass: HomeAssistant, async_describe_event: Callable[[str, str, Describe], None]
) -> None:
    """Describe our events.

    Rows of an entity bear its name, whatever is given here. The name that is given is
    what other rows, of the state for example, are said to come from: "Via Anna".
    """

    def describe(name: Words, message: Words) -> Describe:
        return lambda event: {
            LOGBOOK_ENTRY_NAME: name(hass, event.data),
            LOGBOOK_ENTRY_MESSAGE: message(hass, event.data),
            LOGBOOK_ENTRY_ENTITY_ID: event.data.get(ATTR_ENTITY_ID),
        }

    async_describe_event(DOMAIN, EVENT_ACTIVITY, describe(name_of_cause, activity_in_words))
    async_describe_event(DOMAIN, EVENT_COMMAND_FAILED, describe(name_of_lock, failure_in_words))
