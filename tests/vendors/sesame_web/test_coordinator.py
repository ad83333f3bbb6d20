"""Reading: what the cloud says becomes states, failures are tried again, and few calls are made."""

import asyncio
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from yarl import URL

from tests.simulators.sesame_web import BOT, SESAME_4, SESAME_5, SesameWebSimulator
from tests.vendors.home import (
    Clock,
    call,
    issues,
    let_pass,
    reauth_flows,
    refresh,
    refused,
    run_ahead,
    settle,
    state,
)
from tests.vendors.sesame_web.helpers import (
    BACK,
    CALLS,
    LOCK,
    REFRESH,
    add,
    add_rooms,
    asked,
    edit,
    fill,
    filled,
    gone,
    live,
    local,
    open_edit,
    reload,
    set_up,
)

CONNECTIVITY = "binary_sensor.front_door_connectivity"
ACCOUNT = "binary_sensor.sesame_web_api_connectivity"
DOOR = "binary_sensor.hall_door"
MINUTE, HOUR = 60, 3_600


# What a status becomes.


async def test_bolt_when_between_its_ends_is_unknown(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    await cloud.turn_by_hand("unknown")
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unknown"


@pytest.mark.parametrize("word", ["absent", "empty", "null", "odd"])
async def test_status_word_when_odd_is_unknown_and_the_rest_is_read(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, word: Any
) -> None:
    entry = await set_up(hass)
    cloud.set_status_word(word)
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unknown"
    assert state(hass, "sensor.front_door_battery") == "94"


async def test_side_fields_when_odd_do_not_discard_the_state(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    cloud.malform("status", "odd_side_fields")
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unlocked"
    assert state(hass, "sensor.front_door_battery") == "unknown"


@pytest.mark.parametrize("is_number", [False, True])
async def test_hub_when_offline_makes_its_lock_unavailable_until_it_is_back(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, *, is_number: bool
) -> None:
    cloud.choose_fields(hub_state_as_number=is_number)
    entry = await set_up(hass)
    await cloud.take_offline()
    await refresh(hass, entry)
    assert (state(hass, LOCK), state(hass, CONNECTIVITY)) == ("unavailable", "off")
    assert state(hass, "sensor.front_door_battery") == "94"
    await cloud.turn_by_hand("unlocked")
    await cloud.bring_online()
    await refresh(hass, entry)
    assert (state(hass, LOCK), state(hass, CONNECTIVITY)) == ("unlocked", "on")


async def test_device_when_removed_while_its_account_is_set_up_is_not_loaded(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, SESAME_4, history=True)
    await hass.config_entries.async_unload(entry.entry_id)
    setting_up = asyncio.ensure_future(hass.config_entries.async_setup(entry.entry_id))
    await asyncio.sleep(0)
    hass.config_entries.async_remove_subentry(entry, next(iter(entry.subentries)))
    assert await setting_up
    await settle(hass)
    assert hass.states.async_entity_ids("lock") == [BACK]
    assert state(hass, BACK) == "locked"


async def test_fields_when_not_sent_are_unknown(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    cloud.choose_fields(hub_state=False, rechargeable=False)
    await set_up(hass)
    assert (state(hass, LOCK), state(hass, CONNECTIVITY)) == ("locked", "unknown")


async def test_times_in_seconds_and_milliseconds_are_the_same(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    before = state(hass, "sensor.front_door_last_change")
    cloud.choose_fields(milliseconds=True)
    await refresh(hass, entry)
    assert state(hass, "sensor.front_door_last_change") == before
    assert before.startswith("20")


# Failures.


@pytest.mark.parametrize("fault", ["error", "garbled"])
async def test_read_when_one_device_fails_is_tried_again_soon_and_disturbs_no_other(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, clock: Clock, fault: Any
) -> None:
    clock.set(local(2027, 1, 10))
    await set_up(hass, SESAME_4)
    cloud.fail_lock(SESAME_5, fault, endpoint="status", times=1)
    reads, others = asked(cloud, SESAME_5), asked(cloud, SESAME_4)
    while asked(cloud, SESAME_5) == reads:
        await live(hass, clock, until=clock.now() + timedelta(minutes=10), step=10 * MINUTE)
    assert asked(cloud, SESAME_4) == others + 1
    await cloud.turn_by_hand("unlocked")
    # One failed read tells little: what was read before is still shown, and can be commanded.
    await live(hass, clock, until=clock.now() + timedelta(minutes=4), step=MINUTE)
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "locked")
    assert state(hass, ACCOUNT) == "on"
    await live(hass, clock, until=clock.now() + timedelta(minutes=2), step=MINUTE)
    assert state(hass, LOCK) == "unlocked"
    assert (asked(cloud, SESAME_5), asked(cloud, SESAME_4)) == (reads + 2, others + 1)


async def test_read_when_a_device_fails_on_is_tried_more_and_more_seldom(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, clock: Clock
) -> None:
    clock.set(local(2027, 1, 10))
    await set_up(hass, SESAME_4)
    cloud.fail_lock(SESAME_5, "error")
    before = asked(cloud, SESAME_5)
    await live(hass, clock, until=local(2027, 1, 11), step=5 * MINUTE)
    # After 5, 10, 20, 40 and 80 minutes, and then as often as it is read otherwise.
    assert 10 <= asked(cloud, SESAME_5) - before <= 16
    assert (state(hass, LOCK), state(hass, BACK)) == ("unavailable", "locked")
    cloud.fail_lock(SESAME_5, None)
    await live(hass, clock, until=local(2027, 1, 11, 3), step=5 * MINUTE)
    assert state(hass, LOCK) == "locked"


async def test_read_when_the_cloud_fails_asks_for_one_device_only(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, clock: Clock
) -> None:
    clock.set(local(2027, 1, 10))
    entry = await set_up(hass, SESAME_4, BOT)
    cloud.server.faults.status = 503
    before = len(cloud.requests)
    await refresh(hass, entry)
    assert len(cloud.requests) - before == 1
    assert await refused(hass, "press", "button.sesame_web_api_refresh") == "sesame_web_server"
    assert len(cloud.requests) - before == 1
    await live(hass, clock, until=local(2027, 1, 10, 0, 20), step=MINUTE)
    assert len(cloud.requests) - before == 3
    assert (state(hass, LOCK), state(hass, ACCOUNT)) == ("unavailable", "off")
    assert state(hass, CALLS) == str(len(cloud.requests))
    cloud.server.faults.status = None
    await live(hass, clock, until=local(2027, 1, 10, 1), step=MINUTE)
    assert (state(hass, LOCK), state(hass, BACK), state(hass, ACCOUNT)) == (
        "locked",
        "locked",
        "on",
    )


async def test_read_when_it_was_never_sent_is_tried_again_each_minute(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    port = cloud.server.port
    await gone(cloud)
    await refresh(hass, entry)
    assert state(hass, LOCK) == "locked"
    await let_pass(hass, seconds=61)
    await let_pass(hass, seconds=61)
    assert state(hass, LOCK) == "unavailable"
    again = SesameWebSimulator(pace=0.01)
    await again.start(port)
    await let_pass(hass, seconds=61)
    assert (state(hass, LOCK), again.calls) == ("locked", 1)
    await again.stop()


async def test_outage_when_longer_than_a_state_is_held_ends_as_unknown_and_revives_nothing(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, clock: Clock
) -> None:
    clock.set(local(2027, 1, 10))
    entry = await set_up(hass)
    cloud.server.faults.status = 503
    await live(hass, clock, until=local(2027, 1, 10, 4), step=5 * MINUTE)
    cloud.server.faults.status = None
    # The cloud answers again, and says nothing of the bolt.
    cloud.set_status_word("null")
    await cloud.turn_by_hand("unlocked")
    await live(hass, clock, until=local(2027, 1, 10, 6), step=5 * MINUTE)
    assert state(hass, LOCK) == "unknown"
    cloud.malform("status", "html")
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unknown"
    cloud.malform("status", None)
    cloud.set_status_word(None)
    await live(hass, clock, until=local(2027, 1, 10, 8), step=5 * MINUTE)
    assert state(hass, LOCK) == "unlocked"


@pytest.mark.parametrize("is_used_up", [True, False])
async def test_reading_when_forbidden_asks_for_a_key_and_goes_on_by_itself(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameWebSimulator,
    clock: Clock,
    *,
    is_used_up: bool,
) -> None:
    clock.set(local(2027, 1, 10))
    await set_up(hass, SESAME_4)
    if is_used_up:
        cloud.use_up_quota(status=403)
    else:
        cloud.exceed_plan()
    await live(hass, clock, until=local(2027, 1, 10, 3), step=5 * MINUTE)
    assert len(reauth_flows(hass)) == 1
    before = len(cloud.requests)
    await live(hass, clock, until=local(2027, 1, 10, 7), step=5 * MINUTE)
    assert 3 <= len(cloud.requests) - before <= 4
    cloud.begin_month()
    cloud.exceed_plan(exceeded=False)
    await live(hass, clock, until=local(2027, 1, 10, 9), step=5 * MINUTE)
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "locked")
    # The key was right all the time.
    assert reauth_flows(hass) == []


# Set-up.


async def test_set_up_when_the_first_read_fails_costs_one_call_and_loads(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    cloud.server.faults.status = 503
    hass.data["smartlocks_memories"].clear()
    before = asked(cloud, SESAME_5)
    await reload(hass, entry)
    # Home Assistant would try a hundred times a day, and each call is paid for.
    assert entry.state is ConfigEntryState.LOADED
    assert (state(hass, LOCK), state(hass, ACCOUNT)) == ("unknown", "off")
    await let_pass(hass, minutes=4)
    assert asked(cloud, SESAME_5) - before == 1
    cloud.server.faults.status = None
    await let_pass(hass, minutes=6)
    assert (state(hass, LOCK), state(hass, ACCOUNT)) == ("locked", "on")


async def test_set_up_when_forbidden_loads_and_asks_again_each_hour(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, clock: Clock
) -> None:
    clock.set(local(2027, 1, 10))
    entry = await set_up(hass)
    hass.data["smartlocks_memories"].clear()
    cloud.use_up_quota(status=403)
    before = len(cloud.requests)
    await reload(hass, entry)
    assert (entry.state, state(hass, LOCK)) == (ConfigEntryState.LOADED, "unknown")
    assert len(reauth_flows(hass)) == 1
    assert len(cloud.requests) - before == 1
    cloud.begin_month()
    await live(hass, clock, until=local(2027, 1, 10, 1, 10), step=5 * MINUTE)
    assert (state(hass, LOCK), reauth_flows(hass)) == ("locked", [])


async def test_set_up_when_the_cloud_cannot_be_reached_is_tried_again(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    await gone(cloud)
    await reload(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY


async def test_set_up_of_several_devices_reads_each_once(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, SESAME_4, BOT)
    cloud.answer_after(0.05)
    hass.data["smartlocks_memories"].clear()
    before = len(cloud.requests)
    await reload(hass, entry)
    # Nor again when the cloud can no longer be behind: each read is paid for.
    await let_pass(hass, seconds=60)
    assert len(cloud.requests) - before == 3


# One device of many.


async def test_device_when_added_to_ten_costs_one_call(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    await add_rooms(hass, cloud, entry, 9)
    await let_pass(hass, seconds=10)
    assert len(entry.subentries) == 10
    # The first is read by the form and at set-up, each of the others by its form.
    assert cloud.calls == 2 + 9
    assert state(hass, "lock.room_9") == "locked"
    before = cloud.calls
    await fill(hass, await add(hass, entry, "sesame_web_add_uuid"), **filled(SESAME_4))
    await let_pass(hass, seconds=10)
    assert (cloud.calls - before, asked(cloud, SESAME_4)) == (1, 1)
    assert state(hass, BACK) == "locked"


async def test_device_when_changed_or_removed_costs_no_call(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, SESAME_4)
    before = cloud.calls
    await edit(hass, entry, name="Main door", product="sesame_5", secret="ab" * 16)
    hass.config_entries.async_remove_subentry(entry, list(entry.subentries)[1])
    await settle(hass)
    await let_pass(hass, seconds=10)
    assert hass.states.get(BACK) is None
    assert (cloud.calls, state(hass, LOCK)) == (before, "locked")


async def test_account_without_devices_asks_nothing(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    (device,) = entry.subentries
    before = cloud.calls
    hass.config_entries.async_remove_subentry(entry, device)
    await settle(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert hass.states.get(LOCK) is None
    assert (cloud.calls, issues(hass)) == (before, set())


async def test_refresh_of_one_device_reads_one(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, SESAME_4)
    await cloud.turn_by_hand("unlocked")
    before = cloud.calls
    await call(hass, "press", REFRESH)
    assert state(hass, LOCK) == "unlocked"
    assert cloud.calls - before == 1
    await call(hass, "press", "button.sesame_web_api_refresh")
    assert cloud.calls - before == 3


async def test_update_entity_of_all_entities_of_a_lock_costs_one_call(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    assert await async_setup_component(hass, "homeassistant", {})
    entry = await set_up(hass)
    registry = er.async_get(hass)
    entities = er.async_entries_for_device(registry, registry.entities[LOCK].device_id or "")
    update = {"entity_id": [entity.entity_id for entity in entities]}
    assert len(entities) > 3
    before = cloud.calls
    # What fails is told to nobody, and asked for again the next time.
    cloud.fail_lock(SESAME_5, "error")
    await hass.services.async_call("homeassistant", "update_entity", update, blocking=True)
    assert cloud.calls - before == 1
    cloud.fail_lock(SESAME_5, None)
    await cloud.turn_by_hand("unlocked")
    await hass.services.async_call("homeassistant", "update_entity", update, blocking=True)
    assert state(hass, LOCK) == "unlocked"
    assert cloud.calls - before == 2
    assert entry.runtime_data._refreshes == {}


async def test_update_entity_of_one_lock_of_ten_costs_one_call(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    assert await async_setup_component(hass, "homeassistant", {})
    entry = await set_up(hass)
    await add_rooms(hass, cloud, entry, 9)
    await cloud.turn_by_hand("unlocked")
    before = cloud.calls
    update = {"entity_id": LOCK}
    await hass.services.async_call("homeassistant", "update_entity", update, blocking=True)
    assert state(hass, LOCK) == "unlocked"
    assert cloud.calls - before == 1
    cloud.fail_lock(SESAME_5, "error")
    await hass.services.async_call("homeassistant", "update_entity", update, blocking=True)
    assert cloud.calls - before == 2


# Read when something else changes.


async def watch(hass: HomeAssistant, *others: str) -> ConfigEntry:
    """Set up the front door, which is read when the hall's door changes."""
    hass.states.async_set(DOOR, "off")
    entry = await set_up(hass, *others)
    page = await edit(hass, entry, name="Front door", product="sesame_5", triggers=[DOOR])
    assert page["reason"] == "reconfigure_successful"
    return entry


async def change(hass: HomeAssistant, entity_id: str, *states: str) -> None:
    for one in states:
        hass.states.async_set(entity_id, one)
        await settle(hass)
        await let_pass(hass, seconds=1)


async def test_trigger_when_it_changes_reads_its_device_only(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await watch(hass, SESAME_4)
    await cloud.turn_by_hand("unlocked")
    before = cloud.calls
    await change(hass, DOOR, "on")
    assert state(hass, LOCK) == "unlocked"
    assert (cloud.calls - before, asked(cloud, SESAME_4)) == (1, 1)


async def test_trigger_when_nothing_is_known_of_it_reads_nothing(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await watch(hass)
    before = cloud.calls
    await change(hass, DOOR, "unavailable", "off", "unknown", "on")
    hass.states.async_set(DOOR, "on", {"battery": 7})
    hass.states.async_remove(DOOR)
    await change(hass, DOOR, "off")
    assert cloud.calls == before


async def test_trigger_when_it_changes_all_day_costs_four_calls_and_one_in_two_hours(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, clock: Clock
) -> None:
    clock.set(local(2027, 1, 10))
    await watch(hass)
    before = cloud.calls
    for number in range(12):
        await change(hass, DOOR, "on" if number % 2 == 0 else "off")
    assert cloud.calls - before == 4
    number = 0

    async def turn() -> None:
        nonlocal number
        number += 1
        hass.states.async_set(DOOR, "on" if number % 2 else "off")

    await live(hass, clock, until=local(2027, 1, 11), step=5 * MINUTE, meanwhile=turn)
    # As many as without: each read puts the next routine read off.
    assert cloud.calls - before <= 4 + 36


async def test_trigger_when_the_calls_for_reading_are_used_up_reads_nothing(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await watch(hass)
    hass.config_entries.async_update_entry(entry, options={"budget": 4})
    await reload(hass, entry)
    before = cloud.calls
    await change(hass, DOOR, "on")
    assert cloud.calls == before


async def test_trigger_when_it_is_our_own_entity_reads_nothing(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await watch(hass)
    own = "sensor.sesame_web_api_calls_this_month"
    await edit(hass, entry, name="Front door", product="sesame_5", triggers=[own])
    before = cloud.calls
    await call(hass, "press", REFRESH)
    await let_pass(hass, seconds=1)
    assert cloud.calls - before == 1


async def test_trigger_when_renamed_is_followed_and_when_removed_forgotten(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    registry = er.async_get(hass)
    registry.async_get_or_create("binary_sensor", "test", "1", suggested_object_id="hall_door")
    entry = await watch(hass)
    before = cloud.calls
    registry.async_update_entity(DOOR, name="Hall")
    registry.async_update_entity(DOOR, new_entity_id="binary_sensor.front_hall")
    await settle(hass)
    page = await open_edit(hass, entry)
    assert page["data_schema"] is not None
    (device,) = entry.subentries.values()
    assert device.data["triggers"] == ["binary_sensor.front_hall"]
    hass.states.async_set("binary_sensor.front_hall", "off")
    await change(hass, "binary_sensor.front_hall", "on")
    assert cloud.calls - before == 1
    registry.async_remove("binary_sensor.front_hall")
    await settle(hass)
    (device,) = entry.subentries.values()
    assert device.data["triggers"] == []
    await change(hass, DOOR, "on", "off")
    assert cloud.calls - before == 1


async def test_trigger_when_taken_away_reads_nothing(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await watch(hass)
    await edit(hass, entry, name="Front door", product="sesame_5", triggers=[])
    before = cloud.calls
    await change(hass, DOOR, "on")
    assert cloud.calls == before
    await hass.config_entries.async_unload(entry.entry_id)
    await change(hass, DOOR, "off")
    assert cloud.calls == before


async def test_movement_when_the_command_ends_is_over(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    task = hass.async_create_task(call(hass, "unlock", LOCK))
    while not cloud.received:
        await cloud.rest(1)
    await entry.runtime_data.async_refresh()
    await run_ahead(hass, task)
    assert state(hass, LOCK) == "unlocked"
