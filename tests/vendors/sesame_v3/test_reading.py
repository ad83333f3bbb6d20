"""What a poll learns, and how gently: locks that come and go, bad days, blocks."""

import asyncio
from datetime import timedelta
from itertools import pairwise

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.sesame_v3 import commander, connection, outages, roster
from tests.simulators.sesame_v3 import BACK_DOOR, SesameV3Simulator
from tests.vendors.home import (
    call,
    issues,
    let_pass,
    reauth_flows,
    refresh,
    run_ahead,
    settle,
    state,
)
from tests.vendors.sesame_v3.home import BACK, LOCK, asked, reads, set_up

ACCOUNT = "button.sesame_front_door_back_door_refresh"
ONLINE = "binary_sensor.sesame_front_door_back_door_connectivity"


async def test_a_poll_reads_every_lock_and_the_list_now_and_then(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    lists, before = asked(cloud, "/sesames"), reads(cloud, BACK_DOOR)
    await cloud.turn_by_hand("unlocked")
    cloud.set_battery(55)
    await let_pass(hass, seconds=65)
    assert state(hass, LOCK) == "unlocked"
    assert state(hass, "sensor.front_door_battery") == "55"
    assert reads(cloud, BACK_DOOR) == before + 1
    assert asked(cloud, "/sesames") == lists
    event = hass.states.get("event.front_door_activity")
    assert event is not None
    assert event.attributes["event_type"] == "unlocked"
    assert "user" not in event.attributes


async def test_new_locks_come_and_removed_ones_go(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameV3Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(roster, "EVERY", timedelta(0))
    entry = await set_up(hass)
    new = cloud.add_lock("Cellar", locked=False)
    await refresh(hass, entry)
    assert state(hass, "lock.cellar") == "unlocked"
    assert new in entry.data["ids"]
    cloud.remove_lock(new)
    await refresh(hass, entry)
    # One list without it may be a mistake of the cloud.
    assert state(hass, "lock.cellar") == "unavailable"
    await refresh(hass, entry)
    assert hass.states.get("lock.cellar") is None
    assert new not in entry.data["ids"]
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert {device.name for device in devices} == {
        "Front door",
        "Back door",
        "Sesame: Front door, Back door",
    }


async def test_a_lock_that_answers_bad_params_is_looked_for_in_the_list(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    cloud.remove_lock(BACK_DOOR)
    for _ in range(3):
        await refresh(hass, entry)
    assert hass.states.get(BACK) is None
    assert state(hass, LOCK) == "locked"


async def test_a_list_that_leaves_everything_out_once(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    kept = dict(cloud.cloud.locks)
    cloud.cloud.locks.clear()
    await call(hass, "press", ACCOUNT)
    cloud.cloud.locks.update(kept)
    await call(hass, "press", ACCOUNT)
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")


async def test_the_refresh_buttons_read_now(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    await cloud.turn_by_hand("unlocked")
    before = reads(cloud, BACK_DOOR)
    await call(hass, "press", "button.front_door_refresh")
    assert state(hass, LOCK) == "unlocked"
    assert reads(cloud, BACK_DOOR) == before
    await cloud.turn_by_hand("locked", BACK_DOOR)
    await call(hass, "press", ACCOUNT)
    assert state(hass, BACK) == "locked"


async def test_one_lock_that_is_switched_off(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    cloud.enable_integration(enabled=False)
    await refresh(hass, entry)
    assert (state(hass, LOCK), state(hass, BACK)) == ("unavailable", "unlocked")
    assert issues(hass) == {"sesame_v3_integration_off"}
    cloud.enable_integration()
    await refresh(hass, entry)
    assert state(hass, LOCK) == "locked"
    assert issues(hass) == set()


async def test_a_lock_out_of_reach_is_called_back_once(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    await cloud.take_offline()
    for _ in range(3):
        await refresh(hass, entry)
        await settle(hass)
    assert state(hass, LOCK) == "unavailable"
    assert state(hass, "binary_sensor.front_door_connectivity") == "off"
    assert state(hass, BACK) == "unlocked"
    assert cloud.lock().syncs == 1
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert cloud.lock().syncs == 1


@pytest.mark.parametrize(("rest", "syncs"), [(timedelta(hours=1), 1), (timedelta(0), 2)])
async def test_a_lock_that_comes_and_goes(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameV3Simulator,
    monkeypatch: pytest.MonkeyPatch,
    rest: timedelta,
    syncs: int,
) -> None:
    monkeypatch.setattr(outages, "REST", rest)
    entry = await set_up(hass)
    for _ in range(2):
        await cloud.take_offline()
        await refresh(hass, entry)
        await settle(hass)
        await cloud.bring_online()
        await refresh(hass, entry)
        assert state(hass, LOCK) == "locked"
    assert [one.method for one in cloud.requests].count("POST") == syncs


async def test_a_change_nobody_saw_is_no_event(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    await cloud.take_offline()
    await refresh(hass, entry)
    await cloud.turn_by_hand("unlocked")
    await cloud.bring_online()
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unlocked"
    assert state(hass, "event.front_door_activity") == "unknown"


async def test_a_call_back_that_is_refused_does_no_harm(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    await cloud.take_offline()
    cloud.answer_error("DEVICE_IS_BUSY", endpoint="command")
    await refresh(hass, entry)
    assert (state(hass, LOCK), state(hass, BACK)) == ("unavailable", "unlocked")


@pytest.mark.parametrize("kind", ["missing_fields", "wrong_fields", "html"])
async def test_a_status_nobody_understands(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, kind: str
) -> None:
    entry = await set_up(hass)
    cloud.malform("status", kind)
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unavailable"
    assert state(hass, ONLINE) == "off"


async def test_a_status_that_does_not_say(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    cloud.malform("status", "nulls")
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unknown"
    assert state(hass, "sensor.front_door_battery") == "unknown"


async def test_a_blocked_address_stops_everything_for_half_an_hour(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    cloud.block_ip()
    before = asked(cloud)
    await refresh(hass, entry)
    assert asked(cloud) == before + 1
    assert state(hass, LOCK) == "unavailable"
    assert issues(hass) == {"sesame_v3_blocked"}
    assert reauth_flows(hass) == []
    await let_pass(hass, minutes=29)
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert asked(cloud) == before + 1
    cloud.unblock_ip()
    await let_pass(hass, minutes=31)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert state(hass, LOCK) == "locked"
    assert issues(hass) == set()


async def test_a_block_that_is_over_is_noticed_by_itself(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    cloud.block_ip()
    await refresh(hass, entry)
    cloud.unblock_ip()
    await let_pass(hass, seconds=1801)
    assert issues(hass) == set()
    await let_pass(hass, seconds=1810)
    assert state(hass, LOCK) == "locked"


async def test_too_many_requests_slow_the_polls_down_and_not_the_people(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    cloud.answer_error("THROTTLED")
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unavailable"
    before = asked(cloud)
    await refresh(hass, entry)
    assert asked(cloud) == before
    cloud.answer_error(None)
    await run_ahead(hass, call(hass, "press", "button.front_door_refresh"))
    assert asked(cloud) == before + 1
    await let_pass(hass, seconds=61)
    cloud.answer_error("THROTTLED")
    await refresh(hass, entry)
    # Twice in a row: twice as long.
    await let_pass(hass, seconds=61)
    before = asked(cloud)
    await refresh(hass, entry)
    assert asked(cloud) == before
    cloud.answer_error(None)
    await let_pass(hass, seconds=121)
    await let_pass(hass, seconds=130)
    assert state(hass, LOCK) == "locked"


@pytest.mark.parametrize("error", ["INTERNAL_ERROR", "NEVER_SEEN", "LOW_BATTERY"])
async def test_other_errors_are_a_failed_update(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, error: str
) -> None:
    entry = await set_up(hass)
    cloud.answer_error(error)
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unavailable"
    cloud.answer_error(None)
    await let_pass(hass, seconds=70)
    assert state(hass, LOCK) == "locked"


async def test_a_poll_does_not_undo_a_command_that_is_under_way(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    cloud.take_time(20)
    job = hass.async_create_task(call(hass, "unlock", LOCK))
    while not cloud.lock().commands:
        await entry.runtime_data.async_refresh()
    assert state(hass, LOCK) == "unlocking"
    await run_ahead(hass, job)
    assert state(hass, LOCK) == "unlocked"


async def test_many_locks_do_not_hold_up_the_start(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameV3Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "SPACING", 0.2)
    cloud.add_locks(18)
    await set_up(hass)
    assert state(hass, LOCK) == "locked"
    assert state(hass, "lock.room_18") == "unknown"
    await let_pass(hass, seconds=3)
    assert state(hass, "lock.room_18") == "locked"


async def test_a_hundred_locks_and_a_burst_of_commands_stay_under_the_rate(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameV3Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A second is a fiftieth of one here, and no clock is run ahead of the queue's."""
    second = 0.02
    monkeypatch.setattr(connection, "SPACING", second)
    monkeypatch.setattr(commander, "FIRST_PAUSE", 3 * second)
    monkeypatch.setattr(commander, "PAUSE", 2 * second)
    access = cloud.cloud.access
    access.gap, access.tolerance, access.enforce_rate = second, 0.0, True
    rooms = cloud.add_locks(98)
    entry = await set_up(hass)
    # A poll of them all is under way when ten people press.
    poll = hass.async_create_task(entry.runtime_data.async_refresh())
    await asyncio.sleep(10 * second)
    begun = len(cloud.requests)
    names = [f"lock.room_{number}" for number in range(1, 11)]
    await asyncio.gather(*(call(hass, "unlock", name) for name in names))
    await poll
    since = [(one.method, one.path) for one in cloud.requests[begun:]]
    posts = [place for place, (method, _) in enumerate(since) if method == "POST"]
    assert len(posts) == len(names)
    # Ninety doors wait to be read; hardly one of them gets in between.
    others = {f"/sesame/{room}" for room in rooms[10:]}
    assert sum(path in others for _, path in since[: posts[-1]]) < 10
    assert all(cloud.lock(room).commands == ["unlock"] for room in rooms[:10])
    assert {state(hass, name) for name in names} == {"unlocked"}
    assert state(hass, "lock.room_98") == "locked"
    assert cloud.too_fast == 0
    assert min(later.at - one.at for one, later in pairwise(cloud.requests)) >= second * 0.9
