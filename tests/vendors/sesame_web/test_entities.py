"""Entities, devices, diagnostics and actions."""

from typing import Any
from unittest.mock import patch

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import snapshot_platform
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from syrupy.assertion import SnapshotAssertion
from yarl import URL

from custom_components.smartlocks.const import DOMAIN, PLATFORMS
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
from tests.vendors.sesame_web.helpers import BACK, LOCK, asked, set_up


async def refresh_action(hass: HomeAssistant, **target: Any) -> None:
    await hass.services.async_call(DOMAIN, "refresh", target=target, blocking=True)
    await settle(hass)


@pytest.mark.parametrize("platform", [one for one in PLATFORMS if one is not Platform.SWITCH])
@pytest.mark.usefixtures("all_enabled")
async def test_entities_of_each_platform_match_their_snapshot(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameWebSimulator,
    entity_registry: er.EntityRegistry,
    snapshot: SnapshotAssertion,
    platform: Platform,
) -> None:
    for uuid in cloud.device_ids:
        device = cloud.device(uuid)
        device.record = device.state(1_750_000_000)
    with patch("custom_components.smartlocks.PLATFORMS", (platform,)):
        entry = await set_up(hass, SESAME_4, BOT, BIKE, history=True)
        await snapshot_platform(hass, entity_registry, snapshot, entry.entry_id)


async def test_devices_when_set_up_belong_to_the_account(
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


async def test_diagnostics_when_asked_for_help_and_hold_no_secret(
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
    assert vendor["seconds_between_reads"] > 3600
    for secret in (API_KEY, *SECRETS.values(), SESAME_5, BOT, "Front door"):
        assert secret not in str(told)


async def test_log_when_at_debug_holds_no_secret(
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


async def test_refresh_action_of_some_entities_reads_each_device_once(
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


async def test_refresh_action_of_an_account_reads_it_once(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, SESAME_4)
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    before = cloud.calls
    await refresh_action(hass, device_id=[device.id for device in devices])
    assert cloud.calls - before == 2


async def test_refresh_action_when_one_device_fails_reads_the_others(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, SESAME_4)
    cloud.never_online(SESAME_5)
    await cloud.turn_by_hand("unlocked", SESAME_4)
    with pytest.raises(HomeAssistantError) as caught:
        await refresh_action(hass, entity_id=[LOCK, BACK])
    assert caught.value.translation_key == "sesame_web_never_online"
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")


async def test_refresh_action_when_there_is_nothing_to_refresh_says_so(
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


async def test_entry_when_removed_leaves_nothing_behind(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, SESAME_4)
    before = asked(cloud, SESAME_5)
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert hass.states.get(LOCK) is None
    assert dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id) == []
    assert asked(cloud, SESAME_5) == before
