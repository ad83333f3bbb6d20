"""What the cloud says becomes states, and nothing is believed for longer than it should be."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from yarl import URL

from custom_components.smartlocks.models import LockState
from tests.simulators.sesame_web import BOT, SESAME_4, SESAME_5, SesameWebSimulator
from tests.vendors.home import call, issues, let_pass, refresh, run_ahead, settle, state
from tests.vendors.sesame_web.home import BACK, LOCK, asked, gone, set_up

CONNECTIVITY = "binary_sensor.front_door_connectivity"
ACCOUNT = "binary_sensor.sesame_web_api_connectivity"


async def test_a_bolt_between_its_ends_is_unknown(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    await cloud.turn_by_hand("unknown")
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unknown"


@pytest.mark.parametrize("wording", ["absent", "empty", "null", "odd"])
async def test_a_status_word_that_is_none(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, wording: Any
) -> None:
    entry = await set_up(hass)
    cloud.set_status_word(wording)
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unknown"
    assert state(hass, "sensor.front_door_battery") == "94"


async def test_a_hub_that_is_offline_and_back(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    await cloud.take_offline()
    await refresh(hass, entry)
    assert (state(hass, LOCK), state(hass, CONNECTIVITY)) == ("unavailable", "off")
    assert state(hass, "sensor.front_door_battery") == "94"
    await cloud.turn_by_hand("unlocked")
    await cloud.bring_online()
    await refresh(hass, entry)
    assert (state(hass, LOCK), state(hass, CONNECTIVITY)) == ("unlocked", "on")


async def test_fields_that_are_not_sent(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    cloud.choose_fields(hub_state=False, rechargeable=False)
    await set_up(hass)
    assert (state(hass, LOCK), state(hass, CONNECTIVITY)) == ("locked", "unknown")


async def test_seconds_and_milliseconds_are_the_same_moment(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    before = state(hass, "sensor.front_door_last_change")
    cloud.choose_fields(milliseconds=True)
    await refresh(hass, entry)
    assert state(hass, "sensor.front_door_last_change") == before
    assert before.startswith("20")


async def test_one_device_nobody_knows_does_not_stop_the_others(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, SESAME_4, BOT)
    cloud.never_online(SESAME_5)
    await cloud.turn_by_hand("unlocked", SESAME_4)
    await refresh(hass, entry)
    assert (state(hass, LOCK), state(hass, BACK)) == ("unavailable", "unlocked")
    assert state(hass, ACCOUNT) == "on"


async def test_a_refresh_of_one_device_reads_one(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, SESAME_4)
    await cloud.turn_by_hand("unlocked")
    before = cloud.calls
    await call(hass, "press", "button.front_door_refresh")
    assert state(hass, LOCK) == "unlocked"
    assert cloud.calls - before == 1
    await call(hass, "press", "button.sesame_web_api_refresh")
    assert cloud.calls - before == 3


async def test_a_first_read_that_fails_is_not_tried_without_end(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    cloud.server.faults.status = 503
    before = asked(cloud, SESAME_5)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    # Home Assistant would try a hundred times a day, and each call is paid for.
    assert entry.state is ConfigEntryState.LOADED
    assert (state(hass, LOCK), state(hass, ACCOUNT)) == ("unavailable", "off")
    assert asked(cloud, SESAME_5) - before == 1
    await let_pass(hass, minutes=4)
    assert asked(cloud, SESAME_5) - before == 1
    cloud.server.faults.status = None
    await let_pass(hass, minutes=6)
    assert (state(hass, LOCK), state(hass, ACCOUNT)) == ("locked", "on")


async def test_a_read_that_failed_is_tried_again_soon_and_then_seldom(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    cloud.server.faults.status = 503
    waits = []
    for _ in range(6):
        await refresh(hass, entry)
        waits.append(round(entry.runtime_data.update_interval.total_seconds() / 60))
    assert waits[:4] == [5, 10, 20, 40]
    assert waits[4] == waits[5] < 80
    cloud.server.faults.status = None
    await refresh(hass, entry)
    assert state(hass, LOCK) == "locked"
    assert entry.runtime_data.update_interval.total_seconds() > 55 * 60


async def test_a_cloud_that_cannot_be_reached_at_the_start(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    await gone(cloud)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert entry.state is ConfigEntryState.SETUP_RETRY


async def test_a_movement_is_not_ended_by_a_poll(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    task = hass.async_create_task(call(hass, "unlock", LOCK))
    while not cloud.received:
        await cloud.rest(1)
    await entry.runtime_data.async_refresh()
    assert state(hass, LOCK) == "unlocking"
    await run_ahead(hass, task)
    assert state(hass, LOCK) == "unlocked"


async def test_an_account_without_devices(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    (device,) = entry.subentries
    before = cloud.calls
    hass.config_entries.async_remove_subentry(entry, device)
    await settle(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert hass.states.get(LOCK) is None
    assert cloud.calls == before
    assert issues(hass) == set()


async def test_a_movement_nobody_ends_is_read(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    await cloud.turn_by_hand("unlocked")
    entry.runtime_data.async_update_lock(SESAME_5, state=LockState.UNLOCKING)
    await let_pass(hass, seconds=70)
    assert state(hass, LOCK) == "unlocked"
    entry.runtime_data.async_update_lock(SESAME_5, state=LockState.LOCKING)
    cloud.drop_connections()
    await let_pass(hass, seconds=70)
    assert state(hass, LOCK) != "locking"
