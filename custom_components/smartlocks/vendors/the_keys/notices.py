"""What a person must see to, told as repair issues for as long as it is so."""

from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ...first_edition import Issues
from . import api
from .setting import Door

# A gateway that starts again is back within seconds, one that updates within minutes.
FROZEN_AFTER: Final = timedelta(minutes=5)


class Notices:
    """A gateway that no longer answers, a clock that stays wrong, codes that are refused."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, issues: Issues) -> None:
        """Begin with all well."""
        self._hass = hass
        self._entry = entry
        self._issues = issues
        self._silent_since: datetime | None = None
        self._refused: dict[str, tuple[str, str]] = {}

    @property
    def refused(self) -> int:
        """How many locks refuse our code."""
        return len(self._refused)

    @callback
    def async_silent(self, now: datetime) -> None:
        """Take that the gateway did not answer."""
        self._silent_since = self._silent_since or now
        if now - self._silent_since >= FROZEN_AFTER:
            self._issues.async_raise("the_keys_frozen", is_error=True, is_fixable=True)

    @callback
    def async_answered(self) -> None:
        """Take that it answered."""
        self._silent_since = None
        self._issues.async_clear("the_keys_frozen")

    @callback
    def async_read(self, door: Door) -> None:
        """Take that a lock was read: clock and code are right."""
        self._issues.async_clear("the_keys_clock")
        if self._refused.pop(door.id, None) is not None:
            self._async_tell()

    @callback
    def async_failed(self, door: Door, err: api.TheKeysError) -> None:
        """Take that a lock could not be read, although what helps was tried."""
        match err:
            case api.TheKeysClockError():
                self._issues.async_raise("the_keys_clock", is_fixable=True)
            case api.TheKeysNotSharedError():
                self._async_refuse(door, "the_keys_share_gone")
            case api.TheKeysRefusedError():
                self._async_refuse(door, "the_keys_code_refused")

    @callback
    def _async_refuse(self, door: Door, key: str) -> None:
        if door.id not in self._refused:
            self._entry.async_start_reauth(self._hass)
        self._refused[door.id] = (key, door.name)
        self._async_tell()

    @callback
    def _async_tell(self) -> None:
        for key in ("the_keys_share_gone", "the_keys_code_refused"):
            names = [name for kind, name in self._refused.values() if kind == key]
            if names:
                self._issues.async_raise(key, is_error=True, locks=", ".join(names))
            else:
                self._issues.async_clear(key)
