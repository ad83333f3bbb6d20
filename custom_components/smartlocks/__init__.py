"""LOQED, The Keys and Sesame locks."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.helpers.typing import ConfigType

from .const import (
    CONF_CLOUDHOOK,
    CONF_HINT_CLOUDHOOK,
    CONF_HINT_WEBHOOK_ID,
    CONF_VENDOR,
    DOMAIN,
    PLATFORMS,
)
from .coordinator import PushCoordinator, SmartLocksConfigEntry
from .entity import async_follow_entry, async_keep_devices, async_register_hub, target_of
from .events import async_announce
from .helpers import async_delete_cloudhook
from .polling import async_forget_entry
from .repairs import async_follow_entries, async_forget_issues
from .services import async_register_services
from .vendors import VENDORS
from .webhook import HintReceiver, WebhookReceiver

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Offer our actions, whether an entry is loaded or not."""
    async_register_services(hass)
    async_follow_entries(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: SmartLocksConfigEntry) -> bool:
    """Set up one vendor's account: its coordinator, its entities, its webhook."""
    vendor = VENDORS.get(entry.data[CONF_VENDOR])
    if vendor is None:
        raise ConfigEntryError(translation_domain=DOMAIN, translation_key="vendor_unknown")
    coordinator = vendor.coordinator(hass, entry)
    await coordinator.async_config_entry_first_refresh()
    entry.runtime_data = coordinator
    if vendor.prepare is not None:
        await vendor.prepare(hass, entry)
    async_register_hub(hass, entry)
    async_announce(hass, entry)
    # Before the platforms, which take no lock that was removed meanwhile.
    async_follow_entry(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    async_keep_devices(hass, entry)
    if isinstance(coordinator, PushCoordinator):
        WebhookReceiver(hass, entry, coordinator).async_start()
    if (webhook_id := entry.data.get(CONF_HINT_WEBHOOK_ID)) is not None:
        HintReceiver(hass, entry, webhook_id).async_start()
    return True


async def async_unload_entry(hass: HomeAssistant, entry: SmartLocksConfigEntry) -> bool:
    """Unload the platforms; what was registered by `async_on_unload` is undone after it."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: SmartLocksConfigEntry) -> None:
    """Forget what the vendor kept, and take back the address at Home Assistant Cloud."""
    async_forget_entry(hass, entry)
    async_forget_issues(hass, entry)
    vendor = VENDORS.get(entry.data[CONF_VENDOR])
    if vendor is not None and vendor.forget is not None:
        await vendor.forget(hass, entry)
    if entry.data.get(CONF_CLOUDHOOK):
        await async_delete_cloudhook(hass, entry.data[CONF_WEBHOOK_ID])
    if entry.data.get(CONF_HINT_CLOUDHOOK):
        await async_delete_cloudhook(hass, entry.data[CONF_HINT_WEBHOOK_ID])


async def async_remove_config_entry_device(
    hass: HomeAssistant,
    entry: SmartLocksConfigEntry,
    device: DeviceEntry,
) -> bool:
    """Let a person delete a device that the account no longer has."""
    return entry.state is not ConfigEntryState.LOADED or target_of(entry, device) is None
