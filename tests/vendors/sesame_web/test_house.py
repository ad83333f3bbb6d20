"""What a person finds around the devices: entities, diagnostics, actions, and leaving again."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from custom_components.smartlocks.const import DOMAIN
from tests.simulators.sesame_web import (
    API_KEY,
    BIKE,
    BOT,
    SECRETS,
    SESAME_4,
    SESAME_5,
    SesameWebSimulator,
)
from tests.vendors.home import call, run_ahead, settle, state
from tests.vendors.sesame_web.home import BACK, LOCK, asked, set_up

ENTITIES = {
    "binary_sensor.bicycle_lock": "off",
    "binary_sensor.front_door_connectivity": "on",
    "binary_sensor.sesame_web_api_connectivity": "on",
    "button.bicycle_refresh": "unknown",
    "button.bicycle_unlock": "unknown",
    "button.front_door_refresh": "unknown",
    "button.gate_press": "unknown",
    "button.sesame_web_api_refresh": "unknown",
    "lock.back_door": "locked",
    "lock.front_door": "locked",
    "sensor.front_door_battery": "94",
    "sensor.gate_battery": "94",
}
OFF = {"sensor.front_door_battery_voltage", "sensor.front_door_position"}


async def refresh_action(hass: HomeAssistant, **target: Any) -> None:
    await hass.services.async_call(DOMAIN, "refresh", target=target, blocking=True)
    await settle(hass)


async def test_every_entity(hass: HomeAssistant, address: URL, cloud: SesameWebSimulator) -> None:
    entry = await set_up(hass, SESAME_4, BOT, BIKE)
    assert {name: state(hass, name) for name in ENTITIES} == ENTITIES
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    off = {one.entity_id for one in entities if one.disabled_by and "front_door" in one.entity_id}
    assert off == OFF
    assert not [one for one in entities if one.domain == "event"]


async def test_devices_hang_on_the_account(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, SESAME_4, BOT, BIKE)
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    (account,) = (device for device in devices if device.entry_type is not None)
    others = [device for device in devices if device is not account]
    assert {device.via_device_id for device in others} == {account.id}
    assert {device.model for device in others} == {
        "Sesame 5",
        "Sesame 4",
        "Bot 2",
        "Bike 2",
    }


async def test_diagnostics_help_and_tell_no_secret(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameWebSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    entry = await set_up(hass, BOT)
    told = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    vendor: Any = told["vendor"]
    assert (vendor["budget"], vendor["calls"]) == (1000, cloud.calls)
    assert vendor["devices"] == ["bot_2", "sesame_5"]
    assert vendor["seconds_between_rounds"] > 3600
    for secret in (API_KEY, *SECRETS.values(), SESAME_5, BOT, "Front door"):
        assert secret not in str(told)


async def test_nothing_secret_is_logged(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameWebSimulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    await set_up(hass, history=True)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    cloud.jam()
    with pytest.raises(HomeAssistantError):
        await run_ahead(hass, call(hass, "lock", LOCK))
    ours = "\n".join(
        record.getMessage() for record in caplog.records if "smartlocks" in record.name
    )
    for secret in (API_KEY, SECRETS[SESAME_5], SESAME_5):
        assert secret not in ours


async def test_the_action_reads_what_it_is_given(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, SESAME_4)
    await cloud.turn_by_hand("unlocked")
    await cloud.turn_by_hand("unlocked", SESAME_4)
    await refresh_action(hass, entity_id=LOCK)
    assert (state(hass, LOCK), state(hass, BACK)) == ("unlocked", "locked")
    before = cloud.calls
    # Three entities of one device are one device.
    several = [BACK, "sensor.back_door_battery", "button.back_door_refresh"]
    await refresh_action(hass, entity_id=several)
    assert state(hass, BACK) == "unlocked"
    assert cloud.calls - before == 1


async def test_the_action_reads_an_account_once(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, SESAME_4)
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    before = cloud.calls
    await refresh_action(hass, device_id=[device.id for device in devices])
    assert cloud.calls - before == 2


async def test_the_action_goes_on_after_a_failure(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, SESAME_4)
    cloud.never_online(SESAME_5)
    await cloud.turn_by_hand("unlocked", SESAME_4)
    with pytest.raises(HomeAssistantError) as caught:
        await refresh_action(hass, entity_id=[LOCK, BACK])
    assert caught.value.translation_key == "sesame_web_never_online"
    assert (state(hass, LOCK), state(hass, BACK)) == ("unavailable", "unlocked")


async def test_the_action_says_what_it_cannot_do(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    with pytest.raises(ServiceValidationError) as caught:
        await refresh_action(hass, entity_id="light.nobody")
    assert caught.value.translation_key == "nothing_to_refresh"
    await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(ServiceValidationError) as caught:
        await refresh_action(hass, entity_id=LOCK)
    assert caught.value.translation_key == "entry_not_loaded"


async def test_an_entry_that_is_removed_leaves_nothing_behind(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, SESAME_4)
    before = asked(cloud, SESAME_5)
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert hass.states.get(LOCK) is None
    assert dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id) == []
    assert asked(cloud, SESAME_5) == before
