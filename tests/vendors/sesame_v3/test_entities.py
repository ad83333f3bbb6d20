"""The entities and devices of an account, and its diagnostics."""

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import snapshot_platform
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from syrupy.assertion import SnapshotAssertion
from yarl import URL

from custom_components.smartlocks.const import PLATFORMS
from tests.simulators.sesame_v3 import API_KEY, BACK_DOOR, FRONT_DOOR, SesameV3Simulator
from tests.vendors.home import settle
from tests.vendors.sesame_v3.helpers import pass_time, set_up


@pytest.mark.parametrize("platform", [one for one in PLATFORMS if one is not Platform.SWITCH])
async def test_entities_of_a_platform(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameV3Simulator,
    monkeypatch: pytest.MonkeyPatch,
    entity_registry: er.EntityRegistry,
    snapshot: SnapshotAssertion,
    platform: Platform,
) -> None:
    monkeypatch.setattr("custom_components.smartlocks.PLATFORMS", (platform,))
    entry = await set_up(hass)
    await snapshot_platform(hass, entity_registry, snapshot, entry.entry_id)


async def test_devices_then_locks_are_reached_through_the_account(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    (account,) = (device for device in devices if device.entry_type is not None)
    assert account.entry_type is dr.DeviceEntryType.SERVICE
    locks = [device for device in devices if device is not account]
    assert {device.serial_number for device in locks} == {"SIM0000001", "SIM0000002"}
    assert {device.manufacturer for device in devices} == {"CANDY HOUSE"}
    assert {device.via_device_id for device in locks} == {account.id}


async def test_diagnostics_then_they_help_and_tell_no_secret(
    hass: HomeAssistant,
    outside: URL,
    cloud: SesameV3Simulator,
    hass_client: ClientSessionGenerator,
) -> None:
    entry = await set_up(hass)
    cloud.set_webhook(entry.runtime_data.hook, "POST")
    await cloud.turn_by_hand("unlocked")
    await cloud.fire_webhook("5e5a00ff-7d1c-4b7e-9c52-0d6f6c2a1bff", locked=True)
    await pass_time(hass, 3)
    await settle(hass)
    told = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert told["vendor"] == {
        "calls": {"get": 0, "post": 2, "unknown": 1, "unclear": 0, "stateless": 0},
        "push": {"proven": True, "missed": 0, "has_address": True},
        "is_blocked": False,
        "is_throttled": False,
        "switched_off": 0,
    }
    hidden = (API_KEY, entry.data["webhook_id"], FRONT_DOOR, BACK_DOOR, "SIM0000001", "Front door")
    for secret in hidden:
        assert secret not in str(told)
