"""Keeping our webhook on the bridge, and telling a person when that cannot be done."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ...const import CONF_WEBHOOK_URL, LOGGER
from ...first_edition import Issues
from . import api
from .hooks import BridgeHooks, HookState


class Registration:
    """Our address at the bridge; `url` is None while we do not want to be called."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, hooks: BridgeHooks, issues: Issues
    ) -> None:
        """Take what to keep, and where to tell of trouble."""
        self._hass = hass
        self._entry = entry
        self._hooks = hooks
        self._issues = issues
        self._url: str | None = None

    async def subscribe(self, url: str) -> None:
        """See to it that the bridge calls this address; trouble is told, not raised."""
        self._url = url
        try:
            await self._hooks.ensure(url)
        except api.LoqedBridgeFullError:
            self._issues.async_raise("bridge_full", is_fixable=True)
        except api.LoqedAuthError as err:
            self._refused(err)
        except api.LoqedError as err:
            LOGGER.debug("%s: webhook not registered: %s", self._entry.title, err)
        else:
            self._registered(url)

    async def unsubscribe(self) -> None:
        """Take our address from the bridge, where it can be reached."""
        self._url = None
        try:
            await self._hooks.remove()
        except api.LoqedError as err:
            LOGGER.debug("%s: webhook not removed: %s", self._entry.title, err)

    @callback
    def look_after(self, count: int | None) -> None:
        """Take how many webhooks the bridge has, and put ours back if it is gone."""
        self._hooks.noticed(count)
        if self._url is not None and self._hooks.state is HookState.UNKNOWN:
            self._entry.async_create_background_task(
                self._hass, self.subscribe(self._url), "bridge webhook"
            )

    def _registered(self, url: str) -> None:
        self._issues.async_clear("bridge_full")
        if self._entry.data.get(CONF_WEBHOOK_URL) != url:
            data = {**self._entry.data, CONF_WEBHOOK_URL: url}
            self._hass.config_entries.async_update_entry(self._entry, data=data)

    def _refused(self, err: api.LoqedAuthError) -> None:
        offset = err.clock_offset
        if offset is not None and abs(offset) > api.COMMAND_LIFE:
            raise_clock_differs(self._issues, offset)
        else:
            self._entry.async_start_reauth(self._hass)


def raise_clock_differs(issues: Issues, offset: float) -> None:
    """Tell that the clocks differ, by so many seconds (Home Assistant minus bridge)."""
    issues.async_raise("clock_differs", seconds=f"{offset:+.0f}")
