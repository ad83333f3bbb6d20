"""What a person finds around the locks: entities, devices, diagnostics, and leaving again."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from tests.simulators.sesame_v3 import API_KEY, BACK_DOOR, FRONT_DOOR, SesameV3Simulator
from tests.vendors.home import settle, state
from tests.vendors.sesame_v3.home import set_up

ENTITIES = {
    "binary_sensor.front_door_connectivity": "on",
    "binary_sensor.sesame_front_door_back_door_connectivity": "on",
    "button.front_door_refresh": "unknown",
    "button.front_door_synchronize_costs_battery": "unknown",
    "button.sesame_front_door_back_door_refresh": "unknown",
    "event.front_door_activity": "unknown",
    "lock.back_door": "unlocked",
    "lock.front_door": "locked",
    "sensor.back_door_battery": "64",
    "sensor.front_door_battery": "100",
    "sensor.sesame_front_door_back_door_last_webhook_call": "unknown",
}


async def test_every_entity(hass: HomeAssistant, address: URL, cloud: SesameV3Simulator) -> None:
    entry = await set_up(hass)
    assert {name: state(hass, name) for name in ENTITIES} == ENTITIES
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    assert len(entities) == 2 * 6 + 3


async def test_locks_hang_on_the_account(
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


async def test_diagnostics_help_and_tell_no_secret(
    hass: HomeAssistant,
    outside: URL,
    cloud: SesameV3Simulator,
    hass_client: ClientSessionGenerator,
) -> None:
    entry = await set_up(hass)
    cloud.set_webhook(entry.runtime_data.hook, "POST")
    await cloud.turn_by_hand("unlocked")
    await cloud.fire_webhook("5e5a00ff-7d1c-4b7e-9c52-0d6f6c2a1bff", locked=True)
    await settle(hass)
    told = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert told["vendor"] == {
        "calls": {"get": 0, "post": 2, "unknown": 1, "unclear": 0, "stateless": 0},
        "push": {"proven": True, "has_address": True},
        "is_blocked": False,
        "is_throttled": False,
        "switched_off": 0,
    }
    hidden = (API_KEY, entry.data["webhook_id"], FRONT_DOOR, BACK_DOOR, "SIM0000001", "Front door")
    for secret in hidden:
        assert secret not in str(told)


async def test_nothing_is_lost_over_a_reload(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    hook = entry.runtime_data.hook
    await cloud.turn_by_hand("unlocked")
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert entry.runtime_data.hook == hook
    assert state(hass, "lock.front_door") == "unlocked"
    # What changed meanwhile has no known moment.
    assert state(hass, "event.front_door_activity") == "unknown"
