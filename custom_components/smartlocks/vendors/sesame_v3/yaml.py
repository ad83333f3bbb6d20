"""The API key in configuration.yaml, where Home Assistant's own integration reads it."""

from typing import Any, Final

from homeassistant.config import async_hass_config_yaml, config_per_platform
from homeassistant.const import CONF_API_KEY, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ...const import LOGGER

_PLATFORM: Final = "sesame"


async def async_yaml_keys(hass: HomeAssistant) -> list[str]:
    """Return the keys in configuration.yaml, each once; none when it cannot be read.

    They are handed on and shown nowhere.
    """
    try:
        config = await async_hass_config_yaml(hass)
        keys = [_key(section) for section in _sections(config)]
    except HomeAssistantError, OSError, ValueError, AttributeError, TypeError:
        # Whatever a person has written there is no reason to fail.
        LOGGER.debug("configuration.yaml cannot be read: no key is offered from it")
        return []
    return list(dict.fromkeys(key for key in keys if key is not None))


def _sections(config: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        section
        for platform, section in config_per_platform(config, Platform.LOCK)
        if platform == _PLATFORM
    ]


def _key(section: dict[str, Any]) -> str | None:
    key = section.get(CONF_API_KEY)
    return (key.strip() or None) if isinstance(key, str) else None
