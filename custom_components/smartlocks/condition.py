"""Conditions: who has used a lock last."""

from collections.abc import Mapping
from typing import cast, override

from homeassistant.components.lock.const import DOMAIN as LOCK_DOMAIN
from homeassistant.const import CONF_OPTIONS, CONF_TARGET
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.condition import (
    ATTR_BEHAVIOR,
    BEHAVIOR_ANY,
    Condition,
    ConditionConfig,
    EntityConditionBase,
)
from homeassistant.helpers.typing import ConfigType
import voluptuous as vol

from .const import DOMAIN
from .events import ATTR_WHO, async_require_names
from .helpers import localize

ATTR_CHANGED_BY = "changed_by"

_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_TARGET): cv.TARGET_FIELDS,
        vol.Required(CONF_OPTIONS): {
            vol.Required(ATTR_WHO): vol.All(cv.ensure_list, vol.Length(min=1), [cv.string]),
            # Of no lock at all, "all" would be true.
            vol.Optional(ATTR_BEHAVIOR, default=BEHAVIOR_ANY): BEHAVIOR_ANY,
        },
    }
)


class LastUsedByCondition(EntityConditionBase):
    """One of the locks was locked, unlocked or opened last by somebody of these names.

    After a restart nobody is known to have used it last; what is not verified has
    another name.
    """

    _domain_specs: Mapping[str, DomainSpec] = {
        LOCK_DOMAIN: DomainSpec(value_source=ATTR_CHANGED_BY)
    }
    _schema = _SCHEMA

    @override
    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        config = cast(ConfigType, cls._schema(config))
        async_require_names(hass, config[CONF_TARGET])
        return config

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        super().__init__(hass, config)
        self._who: list[str] = (config.options or {})[ATTR_WHO]

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        registry = er.async_get(self._hass)
        return {
            entity_id
            for entity_id in super().entity_filter(entities)
            if (entity := registry.async_get(entity_id)) and entity.platform == DOMAIN
        }

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        changed_by = entity_state.attributes.get(ATTR_CHANGED_BY)
        return changed_by is not None and changed_by.strip().casefold() in self._names()

    def _names(self) -> set[str]:
        """Return the names, and what locks call keys without one."""
        numbers = [localize(self._hass, "key", number=who.strip()) for who in self._who]
        return {name.strip().casefold() for name in (*self._who, *numbers)}


CONDITIONS: dict[str, type[Condition]] = {"last_used_by": LastUsedByCondition}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions."""
    return CONDITIONS
