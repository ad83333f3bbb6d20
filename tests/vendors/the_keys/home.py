"""A gateway in a Home Assistant, as a person would set it up."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from tests.simulators.the_keys import BACK_ID, FRONT_ID, PASSWORD, PHONE, TheKeysSimulator
from tests.vendors.home import Page, answer, begin, settle

LOCK = "lock.front_door"
BACK = "lock.back_door"
GATEWAY = "TK Gateway"


def host(gateway: TheKeysSimulator) -> str:
    """Where the gateway is, as a person would write it."""
    return f"{gateway.url.host}:{gateway.url.port}"


async def log_in(hass: HomeAssistant, **answers: str) -> Page:
    """Fill in phone and password."""
    page = await begin(hass, "the_keys", "the_keys_account")
    return await answer(hass, page, **{"phone": PHONE, "password": PASSWORD, **answers})


async def pick(hass: HomeAssistant, page: Page, gateway: TheKeysSimulator, *locks: str) -> Page:
    """Choose locks (all when none is named), and say where the gateway is."""
    return await answer(hass, page, locks=list(locks or (FRONT_ID, BACK_ID)), host=host(gateway))


async def set_up(
    hass: HomeAssistant, gateway: TheKeysSimulator, *locks: str, **options: Any
) -> ConfigEntry:
    """Set the gateway up with the account; `options` are the entry's."""
    page = await pick(hass, await log_in(hass), gateway, *locks)
    assert page["type"] is FlowResultType.CREATE_ENTRY, page
    entry: ConfigEntry = page["result"]
    if options:
        hass.config_entries.async_update_entry(entry, options=options)
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
    return entry


def asked(gateway: TheKeysSimulator, path: str) -> int:
    """Return how often a path was asked for."""
    return len(gateway.server.sent(path))
