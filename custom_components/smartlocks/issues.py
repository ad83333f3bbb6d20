"""The repair issues of one config entry: raised, cleared, and gone with it."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.issue_registry import (
    IssueSeverity,
    async_create_issue,
    async_delete_issue,
)

from .const import DOMAIN


class Issues:
    """What a person must look after; `key` names title and text in the translations."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._raised: set[str] = set()
        entry.async_on_unload(self._async_clear_all)

    @callback
    def async_raise(
        self, key: str, *, is_fixable: bool = False, is_error: bool = False, **placeholders: str
    ) -> None:
        """Raise an issue, or bring its text up to date.

        A fixable one offers "try again" once the person has seen to it.
        """
        self._raised.add(key)
        async_create_issue(
            self._hass,
            DOMAIN,
            self._issue_id(key),
            is_fixable=is_fixable,
            severity=IssueSeverity.ERROR if is_error else IssueSeverity.WARNING,
            translation_key=key,
            translation_placeholders={"name": self._entry.title, **placeholders},
            data={"entry_id": self._entry.entry_id},
        )

    @callback
    def async_clear(self, *keys: str) -> None:
        """Take issues back; those not raised are none."""
        for key in self._raised.intersection(keys):
            async_delete_issue(self._hass, DOMAIN, self._issue_id(key))
        self._raised.difference_update(keys)

    @callback
    def _async_clear_all(self) -> None:
        self.async_clear(*self._raised)

    def _issue_id(self, key: str) -> str:
        return f"{key}_{self._entry.entry_id}"
