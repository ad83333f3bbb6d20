"""An account of the first generation in a Home Assistant, as a person would set it up."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.smartlocks.const import DOMAIN
from tests.simulators.sesame_v3 import API_KEY, SesameV3Simulator
from tests.vendors.home import Page, answer, begin, call, run_ahead, settle

LOCK = "lock.front_door"
BACK = "lock.back_door"
SYNC = "button.front_door_synchronize_costs_battery"


async def give_key(hass: HomeAssistant, key: str = API_KEY) -> Page:
    """Fill in the first page."""
    return await answer(hass, await begin(hass, "sesame_v3"), api_key=key)


async def set_up(hass: HomeAssistant, **options: Any) -> ConfigEntry:
    """Set the account up; `options` are the entry's."""
    page = await give_key(hass)
    assert page["type"] is FlowResultType.CREATE_ENTRY, page
    entry: ConfigEntry = page["result"]
    if options:
        hass.config_entries.async_update_entry(entry, options=options)
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
    return entry


async def refused(hass: HomeAssistant, service: str, entity_id: str) -> str | None:
    """Call a service that must fail; returns the key of the sentence."""
    with pytest.raises(HomeAssistantError) as caught:
        await run_ahead(hass, call(hass, service, entity_id), seconds=200)
    return caught.value.translation_key


def issues(hass: HomeAssistant) -> set[str | None]:
    """Return the kinds of repair issue that stand."""
    registry = ir.async_get(hass)
    return {issue.translation_key for issue in registry.issues.values() if issue.domain == DOMAIN}


def asked(cloud: SesameV3Simulator, path: str = "") -> int:
    """Return how often a path (by its beginning) was asked for."""
    return sum(request.path.startswith(path) for request in cloud.requests)


def reads(cloud: SesameV3Simulator, lock_id: str) -> int:
    """Return how often a lock was read."""
    return sum(
        (request.method, request.path) == ("GET", f"/sesame/{lock_id}")
        for request in cloud.requests
    )
