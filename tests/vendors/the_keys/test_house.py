"""What a person finds around the locks: entities, devices, diagnostics, repairs, and leaving."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from custom_components.smartlocks.const import DOMAIN
from custom_components.smartlocks.vendors.the_keys.stations import async_station
from tests.simulators.the_keys import BACK_ID, FRONT_ID, GATEWAY_ACCESSORY, TheKeysSimulator
from tests.vendors.home import Clock, call, issues, refresh, run_ahead, settle, state
from tests.vendors.the_keys.home import BACK, LOCK, host, set_up

STORE = "smartlocks.the_keys"
ENTITIES = {
    "binary_sensor.front_door_connectivity": "on",
    "binary_sensor.tk_gateway_connectivity": "on",
    "button.front_door_refresh": "unknown",
    "button.front_door_synchronize_costs_battery": "unknown",
    "button.tk_gateway_refresh": "unknown",
    "button.tk_gateway_synchronize": "unknown",
    "event.front_door_activity": "unknown",
    "lock.back_door": "unlocked",
    "lock.front_door": "locked",
    "sensor.back_door_battery": "70",
    "sensor.front_door_battery": "77",
    "sensor.front_door_last_change": "unknown",
    "sensor.tk_gateway_status": "ready",
}


async def test_every_entity(hass: HomeAssistant, address: URL, gateway: TheKeysSimulator) -> None:
    entry = await set_up(hass, gateway)
    assert {name: state(hass, name) for name in ENTITIES} == ENTITIES
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    off = {one.entity_id.partition(".front_door_")[2] for one in entities if one.disabled_by}
    assert off == {"", "calibrate", "battery_voltage", "signal_strength", "position"}
    belonging = {one.config_subentry_id for one in entities if "gateway" not in one.entity_id}
    assert belonging == set(entry.subentries)


async def test_what_is_off_by_default_works(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    registry = er.async_get(hass)
    for one in er.async_entries_for_config_entry(registry, entry.entry_id):
        registry.async_update_entity(one.entity_id, disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    measured = {
        name: state(hass, f"sensor.front_door_{name}")
        for name in ("battery_voltage", "signal_strength", "position")
    }
    assert measured == {"battery_voltage": "7.783", "signal_strength": "-70", "position": "4"}
    await run_ahead(hass, call(hass, "press", "button.front_door_calibrate"))
    assert gateway.acted == [(FRONT_ID, "calibrate")]
    assert state(hass, LOCK) == "locked"


async def test_locks_hang_on_the_gateway(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
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


async def test_a_lock_that_only_unlocks_is_no_lock_entity(
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
    address: URL,
    gateway: TheKeysSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    entry = await set_up(hass, gateway)
    told = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    vendor: Any = told["vendor"]
    # A hundred times as fast as in life, timestamps run ahead of the clock.
    assert vendor.pop("seconds_ahead") < 10
    assert vendor == {"signed_reads": 2, "refused": 0}
    codes = [lock.data["code"] for lock in entry.subentries.values()]
    names = ("Front door", "Back door", FRONT_ID, BACK_ID, GATEWAY_ACCESSORY, host(gateway))
    for secret in (*codes, *names):
        assert secret not in str(told)


async def test_nothing_secret_is_logged(
    hass: HomeAssistant,
    address: URL,
    gateway: TheKeysSimulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    entry = await set_up(hass, gateway)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    gateway.refuse_credentials()
    await gateway.turn_by_hand("locked")
    await run_ahead(hass, refresh(hass, entry))
    hashes = [
        value.decode()
        for request in gateway.requests
        for part in request.body.split(b"&")
        if (value := part.partition(b"hash=")[2])
    ]
    assert hashes
    ours = "\n".join(
        record.getMessage() for record in caplog.records if "smartlocks" in record.name
    )
    for secret in (*(lock.data["code"] for lock in entry.subentries.values()), *hashes):
        assert secret not in ours


async def test_timestamps_outlive_a_restart(
    hass: HomeAssistant,
    address: URL,
    gateway: TheKeysSimulator,
    hass_storage: dict[str, Any],
) -> None:
    entry = await set_up(hass, gateway)
    station = await async_station(hass, gateway.url)
    stored = hass_storage[STORE]["data"]
    assert list(stored) == [host(gateway)]
    assert stored[host(gateway)] >= station.timestamps.last
    assert entry.entry_id not in str(hass_storage[STORE])


async def test_an_entry_that_is_removed_leaves_nothing_behind(
    hass: HomeAssistant,
    address: URL,
    gateway: TheKeysSimulator,
    hass_storage: dict[str, Any],
) -> None:
    entry = await set_up(hass, gateway)
    await flush_everything(hass)
    await gateway.switch_off()
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    await flush_everything(hass)
    assert hass_storage[STORE]["data"] == {}
    assert hass.states.get(LOCK) is None
    assert dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id) == []
    assert issues(hass) == set()


async def flush_everything(hass: HomeAssistant) -> None:
    """Let what is to be written be written, as when Home Assistant stops."""
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await settle(hass)


async def test_a_gateway_that_is_gone_for_minutes_is_told_and_forgotten(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, clock: Clock
) -> None:
    entry = await set_up(hass, gateway)
    await gateway.switch_off()
    await refresh(hass, entry)
    clock.tick(minutes=4)
    await refresh(hass, entry)
    assert issues(hass) == set()
    clock.tick(seconds=70)
    await refresh(hass, entry)
    assert issues(hass) == {"the_keys_frozen"}
    await gateway.switch_on()
    await refresh(hass, entry)
    assert issues(hass) == set()
    assert state(hass, LOCK) == "locked"


async def test_a_clock_that_is_right_again_clears_its_issue(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, clock: Clock
) -> None:
    entry = await set_up(hass, gateway)
    gateway.lose_clock(for_good=True)
    await gateway.turn_by_hand("unlocked")
    await run_ahead(hass, refresh(hass, entry))
    assert issues(hass) == {"the_keys_clock"}
    assert state(hass, LOCK) == "unknown"
    gateway.lose_clock()
    clock.tick(seconds=70)
    for _ in range(10):
        clock.tick(seconds=70)
        await run_ahead(hass, refresh(hass, entry))
    assert issues(hass) == set()
    assert state(hass, LOCK) == "unlocked"


async def test_a_gateway_that_is_gone_at_the_start_is_tried_again(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    await hass.config_entries.async_unload(entry.entry_id)
    await gateway.switch_off()
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    await gateway.switch_on()
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")
