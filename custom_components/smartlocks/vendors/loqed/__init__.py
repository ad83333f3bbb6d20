"""LOQED: a lock behind a local bridge, with signed push; or by the web API alone."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant

from ...coordinator import SmartLocksCoordinator
from ..base import Cloud, Vendor, vendor_entries
from .account import async_forget_accounts
from .api import CLOUD_URL
from .config_flow import LoqedFlow
from .const import CLOUD_VARIABLE, KEY
from .coordinator import LoqedCoordinator
from .discovery import async_forget_announcements
from .takeover import async_replace
from .web_coordinator import LoqedWebCoordinator


def _coordinator(hass: HomeAssistant, entry: ConfigEntry[Any]) -> SmartLocksCoordinator:
    has_bridge = CONF_HOST in entry.data
    return LoqedCoordinator(hass, entry) if has_bridge else LoqedWebCoordinator(hass, entry)


async def _async_forget(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    async_forget_announcements(hass, entry)
    others = [other for other in vendor_entries(hass, KEY) if other is not entry]
    await async_forget_accounts(hass, entry, others)


VENDOR = Vendor(
    key=KEY,
    flow=LoqedFlow,
    coordinator=_coordinator,
    can_push=True,
    cloud=Cloud(url=CLOUD_URL, variable=CLOUD_VARIABLE),
    prepare=async_replace,
    forget=_async_forget,
)
