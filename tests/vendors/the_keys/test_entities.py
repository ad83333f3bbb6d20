"""The entities and devices of a gateway, and its diagnostics."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity import Entity
import pytest
from pytest_homeassistant_custom_component.common import snapshot_platform
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from syrupy.assertion import SnapshotAssertion
from yarl import URL

from custom_components.smartlocks.const import DOMAIN, PLATFORMS
from tests.simulators.the_keys import BACK_ID, FRONT_ID, GATEWAY_ACCESSORY, TheKeysSimulator
from tests.vendors.home import call, let_pass, run_ahead, settle, state
from tests.vendors.the_keys.helpers import LOCK, host, poll, set_up


@pytest.mark.parametrize("platform", [one for one in PLATFORMS if one is not Platform.SWITCH])
async def test_entities_of_a_platform(
    hass: HomeAssistant,
    address: URL,
    gateway: TheKeysSimulator,
    monkeypatch: pytest.MonkeyPatch,
    entity_registry: er.EntityRegistry,
    snapshot: SnapshotAssertion,
    platform: Platform,
) -> None:
    monkeypatch.setattr("custom_components.smartlocks.PLATFORMS", (platform,))
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", property(lambda _: True))
    entry = await set_up(hass, gateway)
    await snapshot_platform(hass, entity_registry, snapshot, entry.entry_id)


async def test_entities_that_are_disabled_by_default_show_what_is_measured(
    hass: HomeAssistant, entry: ConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    for one in er.async_entries_for_config_entry(entity_registry, entry.entry_id):
        entity_registry.async_update_entity(one.entity_id, disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    measured = {
        name: state(hass, f"sensor.front_door_{name}")
        for name in ("battery_voltage", "signal_strength", "position")
    }
    assert measured == {"battery_voltage": "7.783", "signal_strength": "-70", "position": "4"}
    assert state(hass, "sensor.tk_gateway_firmware") == "65"


async def test_entities_of_a_lock_belong_to_its_subentry(
    hass: HomeAssistant, entry: ConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    entities = er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    belonging = {one.config_subentry_id for one in entities if "gateway" not in one.entity_id}
    assert belonging == set(entry.subentries)


async def test_devices_have_firmware_and_are_reached_through_the_gateway(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    registry = dr.async_get(hass)
    identifier = (DOMAIN, f"the_keys_{GATEWAY_ACCESSORY}")
    hub = registry.async_get_device_by_identifier(identifier, entry.entry_id)
    assert hub is not None
    assert (hub.manufacturer, hub.model, hub.sw_version) == ("The Keys", "Gateway", "65")
    devices = dr.async_entries_for_config_entry(registry, entry.entry_id)
    locks = [device for device in devices if device is not hub]
    assert {device.serial_number for device in locks} == {FRONT_ID, BACK_ID}
    assert {device.via_device_id for device in locks} == {hub.id}
    assert {device.sw_version for device in locks} == {"81", "66"}
    gateway.configure(version=66)
    gateway.set_lock_firmware(82)
    gateway.lock().last_log += 1
    await poll(hass, 5)
    hub = registry.async_get_device_by_identifier(identifier, entry.entry_id)
    assert hub is not None
    assert hub.sw_version == "66"
    devices = dr.async_entries_for_config_entry(registry, entry.entry_id)
    assert {device.sw_version for device in devices if device.id != hub.id} == {"82", "66"}


async def test_lock_that_only_unlocks_is_no_lock_entity(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    (lock,) = entry.subentries.values()
    hass.config_entries.async_update_subentry(entry, lock, data={**lock.data, "unlock_only": True})
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert hass.states.get(LOCK) is None
    assert state(hass, "binary_sensor.front_door_lock") == "off"
    await run_ahead(hass, call(hass, "press", "button.front_door_unlock"))
    assert state(hass, "binary_sensor.front_door_lock") == "on"
    assert gateway.acted == [(FRONT_ID, "open")]


async def test_diagnostics_help_and_tell_no_secret(
    hass: HomeAssistant,
    entry: ConfigEntry,
    gateway: TheKeysSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    told = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    vendor: Any = told["vendor"]
    # A hundred times as fast as in life, timestamps run ahead of the clock.
    assert vendor.pop("seconds_ahead") < 10
    assert vendor == {"signed_reads": 2, "refused": 0}
    codes = [lock.data["code"] for lock in entry.subentries.values()]
    names = ("Front door", "Back door", FRONT_ID, BACK_ID, GATEWAY_ACCESSORY, host(gateway))
    for secret in (*codes, *names):
        assert secret not in str(told)


async def test_refused_codes_are_counted_in_diagnostics(
    hass: HomeAssistant,
    entry: ConfigEntry,
    gateway: TheKeysSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    gateway.fail_lock(FRONT_ID, 32)
    gateway.lock().last_log += 1
    await poll(hass)
    await let_pass(hass, seconds=3)
    told = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    vendor: Any = told["vendor"]
    assert vendor["refused"] == 1
