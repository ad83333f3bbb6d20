"""Triggers: somebody has used a lock, and a command has failed."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, cast, override

from homeassistant.const import (
    ATTR_DEVICE_ID,
    ATTR_ENTITY_ID,
    CONF_OPTIONS,
    CONF_TARGET,
)
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType
import voluptuous as vol

from .const import EVENT_ACTIVITY, EVENT_COMMAND_FAILED
from .events import (
    ATTR_ACTION,
    ATTR_ACTIVITY,
    ATTR_KEY,
    ATTR_METHOD,
    ATTR_REASON,
    ATTR_VERIFIED,
    ATTR_WHO,
    USES,
    activity_in_words,
    async_require_names,
    failure_in_words,
    name_of_lock,
)
from .models import Action, FailureReason, Method

CONF_UNVERIFIED = "unverified"

_ACTIONS = (Action.LOCK, Action.UNLOCK, Action.OPEN, Action.PRESS)


def _schema(options: Mapping[Any, Any]) -> vol.Schema:
    return vol.Schema(
        {
            vol.Required(CONF_TARGET): cv.TARGET_FIELDS,
            vol.Required(CONF_OPTIONS, default={}): options,
        }
    )


def _some_of(values: Any) -> Any:
    return vol.All(cv.ensure_list, [vol.In([value.value for value in values])])


class _LockTrigger(Trigger):
    """A trigger on one of our events, at the locks that are meant.

    Without an option every value of it fits.
    """

    event: ClassVar[str]
    schema: ClassVar[vol.Schema]

    @override
    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        return cast(ConfigType, cls.schema(config))

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        super().__init__(hass, config)
        self._selection = TargetSelection(config.target or {})
        self._options: dict[str, Any] = config.options or {}

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        @callback
        def happened(event: Event) -> None:
            if self._fits(event.data) and self._is_meant(event.data):
                # What has happened is shown right after this; conditions ask for that.
                self._hass.loop.call_soon(tell, event)

        @callback
        def tell(event: Event) -> None:
            name = name_of_lock(self._hass, event.data)
            message = self._in_words(event.data)
            told = {**event.data, "name": name, "message": message}
            run_action(told, f"{name} {message}", event.context)

        return self._hass.bus.async_listen(self.event, happened)

    @abstractmethod
    def _fits(self, data: Mapping[str, Any]) -> bool:
        """Return whether an event is what the options ask for."""

    @abstractmethod
    def _in_words(self, data: Mapping[str, Any]) -> str:
        """Return what has happened."""

    def _is_one_of(self, data: Mapping[str, Any], attribute: str) -> bool:
        wanted = self._options.get(attribute)
        return not wanted or data[attribute] in wanted

    def _is_meant(self, data: Mapping[str, Any]) -> bool:
        """Return whether an event is of a lock that is meant.

        By the entity that stands for it, or by any other of it that is named.
        """
        if data[ATTR_DEVICE_ID] in self._selection.device_ids:
            # Whichever of its entities are hidden.
            return True
        meant = async_extract_referenced_entity_ids(self._hass, self._selection, expand_group=False)
        if data[ATTR_ENTITY_ID] in meant.referenced | meant.indirectly_referenced:
            return True
        registry, device_id = er.async_get(self._hass), data[ATTR_DEVICE_ID]
        named = (registry.async_get(entity_id) for entity_id in meant.referenced)
        return device_id is not None and any(
            entity is not None and entity.device_id == device_id for entity in named
        )


class UsedTrigger(_LockTrigger):
    """Somebody has locked, unlocked or opened, other than by Home Assistant.

    What is not verified may have been said by anybody, and counts only where that is
    wanted.
    """

    event = EVENT_ACTIVITY
    schema = _schema(
        {
            vol.Optional(ATTR_WHO): vol.All(cv.ensure_list, [cv.string]),
            vol.Optional(ATTR_ACTIVITY): _some_of(USES),
            vol.Optional(ATTR_METHOD): _some_of(Method),
            vol.Optional(CONF_UNVERIFIED, default=False): cv.boolean,
        }
    )

    @override
    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        config = await super().async_validate_config(hass, config)
        async_require_names(hass, config[CONF_TARGET])
        return config

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        super().__init__(hass, config)
        self._names = {name.strip().casefold() for name in self._options.get(ATTR_WHO, ())}

    @override
    def _fits(self, data: Mapping[str, Any]) -> bool:
        return (
            data[ATTR_ACTIVITY] in USES
            and (data[ATTR_VERIFIED] or self._options[CONF_UNVERIFIED])
            and self._is_one_of(data, ATTR_ACTIVITY)
            and self._is_one_of(data, ATTR_METHOD)
            and (not self._names or not self._names.isdisjoint(_names_of(data)))
        )

    @override
    def _in_words(self, data: Mapping[str, Any]) -> str:
        return activity_in_words(self._hass, data)


def _names_of(data: Mapping[str, Any]) -> set[str]:
    """Return what somebody may be asked for by: a name, or the number of a key."""
    told = (data[ATTR_WHO], data[ATTR_KEY])
    return {str(one).strip().casefold() for one in told if one is not None}


class CommandFailedTrigger(_LockTrigger):
    """A command was not confirmed, the lock jammed, or it was not carried out."""

    event = EVENT_COMMAND_FAILED
    schema = _schema(
        {
            vol.Optional(ATTR_ACTION): _some_of(_ACTIONS),
            vol.Optional(ATTR_REASON): _some_of(FailureReason),
        }
    )

    @override
    def _fits(self, data: Mapping[str, Any]) -> bool:
        return self._is_one_of(data, ATTR_ACTION) and self._is_one_of(data, ATTR_REASON)

    @override
    def _in_words(self, data: Mapping[str, Any]) -> str:
        return failure_in_words(self._hass, data)


TRIGGERS: dict[str, type[Trigger]] = {
    "used": UsedTrigger,
    "command_failed": CommandFailedTrigger,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers."""
    return TRIGGERS
