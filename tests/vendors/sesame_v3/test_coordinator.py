"""Reading: when, how gently, what becomes of failures, and locks that come and go."""

import asyncio
from collections import Counter
from itertools import pairwise
import time
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryDisabler, ConfigEntryState
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.json import json_bytes
import pytest
from yarl import URL

from custom_components.smartlocks.const import EVENT_ACTIVITY
from custom_components.smartlocks.vendors.sesame_v3 import rate_limit
from custom_components.smartlocks.vendors.sesame_v3.mapping import timing
from tests.clock import MONOTONIC
from tests.simulators.sesame_v3 import (
    API_KEY,
    BACK_DOOR,
    FRONT_DOOR,
    OTHER_API_KEY,
    SesameV3Simulator,
)
from tests.vendors.home import begin, call, issues, reauth_flows, record, settle, state
from tests.vendors.sesame_v3.helpers import (
    BACK,
    CLOUD_ONLINE,
    LOCK,
    REFRESH,
    REFRESH_ALL,
    asked,
    command,
    during,
    give_key,
    pass_time,
    posts,
    reads,
    refused,
    restart,
    set_up,
)

EVENT = "event.front_door_activity"
BACK_BATTERY = "sensor.back_door_battery"


def devices(hass: HomeAssistant, entry_id: str) -> set[str | None]:
    """Return the names of an entry's devices."""
    found = dr.async_entries_for_config_entry(dr.async_get(hass), entry_id)
    return {device.name for device in found}


# Polling.


@pytest.mark.parametrize(
    ("locks", "slowest", "poll", "hold"),
    [(1, 0, 60, 240), (40, 60, 60, 240), (100, 0, 150, 510), (1, 600, 600, 1860)],
)
def test_timing_follows_number_of_locks_and_option(
    locks: int, slowest: float, poll: float, hold: float
) -> None:
    found = timing(locks, slowest)
    assert (found.poll, found.hold, found.lag) == (poll, hold, 60)
    assert found.bound == poll + 60
    assert found.outage_bound == hold


async def test_poll_reads_each_lock_every_minute_and_the_list_every_ten(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    # A first report is read again when it cannot be behind any more.
    await pass_time(hass, 61)
    lists, before = asked(cloud, "/sesames"), reads(cloud, BACK_DOOR)
    await cloud.turn_by_hand("unlocked")
    cloud.set_battery(55)
    await pass_time(hass, 62)
    assert state(hass, LOCK) == "unlocked"
    assert state(hass, "sensor.front_door_battery") == "55"
    assert reads(cloud, BACK_DOOR) == before + 1
    event = hass.states.get("event.front_door_activity")
    assert event is not None
    assert event.attributes["event_type"] == "unlocked"
    assert "user" not in event.attributes
    assert asked(cloud, "/sesames") == lists
    await pass_time(hass, 540, step=20)
    assert asked(cloud, "/sesames") == lists + 1


async def test_poll_when_option_slows_it_then_only_the_poll_is_slower(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass, poll_seconds=300)
    await pass_time(hass, 70, step=10)
    before = reads(cloud, FRONT_DOOR)
    await pass_time(hass, 210, step=10)
    assert reads(cloud, FRONT_DOOR) == before
    await pass_time(hass, 100, step=10)
    assert reads(cloud, FRONT_DOOR) == before + 1


async def test_poll_when_option_is_below_the_limit_then_it_is_a_minute(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass, poll_seconds=30)
    assert entry.runtime_data._timing.poll == 60


async def test_poll_when_locks_are_added_then_it_is_slower(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    cloud.add_locks(98)
    await command(hass, "press", REFRESH_ALL)
    assert entry.runtime_data._timing == timing(100)
    assert state(hass, "lock.room_98") == "locked"


async def test_refresh_when_pressed_then_that_lock_or_all_are_read(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    await cloud.turn_by_hand("unlocked")
    before = reads(cloud, BACK_DOOR)
    await command(hass, "press", REFRESH)
    assert state(hass, LOCK) == "unlocked"
    assert reads(cloud, BACK_DOOR) == before
    await cloud.turn_by_hand("locked", BACK_DOOR)
    await command(hass, "press", REFRESH_ALL)
    assert state(hass, BACK) == "locked"


async def test_many_locks_when_set_up_then_the_first_five_are_waited_for(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameV3Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rate_limit, "SPACING", 1.0)
    cloud.add_locks(18)
    page = await during(give_key(hass))
    # The form's list and first status, the entry's list and five, and not all twenty yet.
    ready = [request for request in cloud.requests if request.path.startswith("/sesame/")]
    assert {request.path for request in ready[:6]} >= {f"/sesame/{FRONT_DOOR}"}
    assert page["result"].state is ConfigEntryState.LOADED
    for _ in range(25):
        MONOTONIC.advance(1.0)
        await asyncio.sleep(0.01)
    await settle(hass)
    assert state(hass, "lock.room_18") == "locked"
    # Each lock once, the first once more for the form.
    assert asked(cloud, "/sesame/") == 21


async def test_many_locks_when_set_up_then_few_entities_are_added_at_once(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    cloud.add_locks(28)
    turns, added = 0, Counter[int]()

    @callback
    def count(event: Event[EventStateChangedData]) -> None:
        if event.data["entity_id"].startswith("event."):
            added[turns] += 1

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    hass.bus.async_listen(EVENT_STATE_CHANGED, count)
    turning = asyncio.ensure_future(take_turns())
    entry = await set_up(hass)
    assert added.total() == 30
    assert max(added.values()) <= 5
    turning.cancel()
    assert len(devices(hass, entry.entry_id)) == 31


async def test_burst_of_commands_when_a_hundred_locks_are_read_then_people_go_first(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameV3Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rate_limit, "SPACING", 1.0)
    rooms = cloud.add_locks(98)
    entry = await _set_up_at_once(hass)
    begun = len(cloud.requests)
    names = [f"lock.room_{number}" for number in range(1, 11)]
    await during(_all(*(call(hass, "unlock", name) for name in names)))
    since = [(one.method, one.path) for one in cloud.requests[begun:]]
    sent = [place for place, (method, _) in enumerate(since) if method == "POST"]
    assert len(sent) == len(names)
    # Ninety locks wait to be read; hardly one of them gets in between.
    others = {f"/sesame/{room}" for room in rooms[10:]}
    assert sum(path in others for _, path in since[: sent[-1]]) < 10
    assert all(cloud.lock(room).commands == ["unlock"] for room in rooms[:10])
    assert {state(hass, name) for name in names} == {"unlocked"}
    await hass.config_entries.async_unload(entry.entry_id)
    await pass_time(hass, 2)


async def test_requests_when_real_time_passes_then_they_are_a_second_apart(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameV3Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rate_limit, "SPACING", 0.2)
    cloud.limit_rate(gap=0.2)
    cloud.cloud.access.tolerance = 0.0
    entry = await set_up(hass)
    await settle(hass)
    # The form's list and status; the entry's list and both statuses.
    assert asked(cloud) == 5
    assert cloud.too_fast == 0
    assert entry.state is ConfigEntryState.LOADED
    assert min(later.at - one.at for one, later in pairwise(cloud.requests)) >= 0.2


async def _set_up_at_once(hass: HomeAssistant) -> ConfigEntry:
    """Set the account up without waiting for what is read in the background."""
    page = await begin(hass, "sesame_v3")
    filled = {"api_key": API_KEY}
    done: Any = await during(hass.config_entries.flow.async_configure(page["flow_id"], filled))
    entry: ConfigEntry = done["result"]
    return entry


async def _all(*jobs: object) -> None:
    await asyncio.gather(*jobs)  # type: ignore[call-overload]


# What a status says.


@pytest.mark.parametrize(
    ("kind", "shown", "battery"),
    [
        ("nulls", "unknown", "unknown"),
        ("odd_battery", "locked", "unknown"),
        ("locked_only", "unknown", "50"),
        ("unlocked_only", "unlocked", "50"),
    ],
)
async def test_status_when_a_field_is_odd_then_never_locked_in_doubt(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameV3Simulator,
    kind: str,
    shown: str,
    battery: str,
) -> None:
    await set_up(hass)
    cloud.malform("status", kind)
    await command(hass, "press", REFRESH)
    assert state(hass, LOCK) == shown
    assert state(hass, "sensor.front_door_battery") == battery


async def test_status_when_lock_is_out_of_reach_then_unavailable_and_no_event(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    await cloud.take_offline()
    await pass_time(hass, 61)
    assert state(hass, LOCK) == "unavailable"
    assert state(hass, "binary_sensor.front_door_connectivity") == "off"
    assert state(hass, BACK) == "unlocked"
    cloud.lock().locked = False
    await cloud.bring_online()
    await pass_time(hass, 61)
    assert state(hass, LOCK) == "unlocked"
    assert state(hass, "event.front_door_activity") == "unknown"


async def test_lock_when_cloud_integration_is_off_then_issue_until_it_is_on(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.enable_integration(enabled=False)
    await command(hass, "press", REFRESH)
    assert (state(hass, LOCK), state(hass, BACK)) == ("unavailable", "unlocked")
    assert issues(hass) == {"sesame_v3_integration_off"}
    cloud.enable_integration()
    cloud.lock().locked = False
    await cloud.turn_by_hand("unlocked")
    await pass_time(hass, 61)
    assert state(hass, LOCK) == "unlocked"
    assert issues(hass) == set()


# Failed reads.


async def test_poll_when_it_fails_once_then_commands_go_on(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.answer_error("INTERNAL_ERROR", endpoint="status")
    await pass_time(hass, 70)
    assert state(hass, LOCK) == "locked"
    await command(hass, "unlock")
    assert cloud.lock().commands == ["unlock"]
    assert state(hass, LOCK) == "unlocked"


@pytest.mark.parametrize("kind", ["missing_fields", "wrong_fields", "html"])
async def test_poll_when_status_is_unreadable_then_unavailable_after_two_minutes(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, kind: str
) -> None:
    await set_up(hass)
    await pass_time(hass, 30)
    cloud.malform("status", kind)
    await pass_time(hass, 140)
    assert state(hass, LOCK) == "locked"
    await pass_time(hass, 60)
    assert state(hass, LOCK) == "unavailable"
    assert state(hass, CLOUD_ONLINE) == "off"


async def test_lock_when_it_is_lost_during_a_command_that_succeeds_then_it_is_back(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.answer_error("INTERNAL_ERROR", endpoint="status")
    before = reads(cloud, FRONT_DOOR)
    while reads(cloud, FRONT_DOOR) == before:
        await pass_time(hass, 1)
    await pass_time(hass, 117)
    seen = record(hass, LOCK)
    await command(hass, "unlock")
    assert "unavailable" in seen
    # The lock has answered: that nothing else can be read of it tells less.
    assert state(hass, LOCK) == "unlocked"
    await pass_time(hass, 100)
    assert state(hass, LOCK) == "unlocked"


async def test_poll_when_cloud_is_back_after_an_outage_then_truth_within_seconds(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    await pass_time(hass, 50)
    cloud.answer_error("INTERNAL_ERROR")
    await cloud.turn_by_hand("unlocked")
    await pass_time(hass, 20)
    cloud.answer_error(None)
    await pass_time(hass, 16)
    assert state(hass, LOCK) == "unlocked"


async def test_outage_when_it_lasts_then_locked_ends_within_the_bound(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.answer_error("THROTTLED")
    await pass_time(hass, 235, step=5)
    # Throttled reads say nothing of the lock: it stays available for commands.
    assert state(hass, LOCK) == "unknown"


async def test_refresh_when_it_succeeds_after_an_outage_then_lock_is_back(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.answer_error("INTERNAL_ERROR")
    await pass_time(hass, 200, step=5)
    assert (state(hass, LOCK), state(hass, BACK)) == ("unavailable", "unavailable")
    cloud.fail_lock(BACK_DOOR)
    cloud.answer_error(None)
    await command(hass, "press", REFRESH)
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unavailable")
    cloud.fail_lock(BACK_DOOR, None)
    await command(hass, "press", REFRESH_ALL)
    assert state(hass, BACK) == "unlocked"


@pytest.mark.parametrize("fault", ["INTERNAL_ERROR", "drop", "html"])
async def test_one_lock_when_it_fails_then_the_others_go_on(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, fault: str
) -> None:
    rooms = cloud.add_locks(18)
    entry = await set_up(hass)
    cloud.fail_lock(FRONT_DOOR, fault)
    await cloud.turn_by_hand("unlocked", rooms[17])
    await pass_time(hass, 200, step=5)
    assert state(hass, LOCK) == "unavailable"
    assert state(hass, "lock.room_18") == "unlocked"
    assert state(hass, CLOUD_ONLINE.replace("back_door", "back_door_room_1")) == "on"
    await command(hass, "unlock", "lock.room_1")
    assert cloud.lock(rooms[0]).commands == ["unlock"]
    # Neither does it keep the entry from loading.
    await restart(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert state(hass, BACK) == "unlocked"


async def test_turn_during_an_outage_when_read_then_state_and_event_are_told_in_order_as_one(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.fail_lock()
    await pass_time(hass, 200, step=5)
    assert state(hass, LOCK) == state(hass, EVENT) == "unavailable"
    await cloud.turn_by_hand("unlocked")
    cloud.fail_lock(fault=None)
    told: list[tuple[str, str]] = []

    @callback
    def note(event: Event[Any]) -> None:
        if (who := event.data["entity_id"]) in {LOCK, EVENT}:
            told.append((f"{who} {event.event_type}", event.context.id))

    for kind in (EVENT_STATE_CHANGED, EVENT_ACTIVITY):
        hass.bus.async_listen(kind, note)
    await pass_time(hass, 100)
    assert state(hass, LOCK) == "unlocked"
    (announced, first), (lock, second), (event, third) = told
    assert announced == f"{LOCK} {EVENT_ACTIVITY}"
    assert (lock, event) == (f"{LOCK} {EVENT_STATE_CHANGED}", f"{EVENT} {EVENT_STATE_CHANGED}")
    assert first == second == third


async def test_list_when_it_fails_then_locks_go_on(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    cloud.answer_error("INTERNAL_ERROR", endpoint="list")
    await pass_time(hass, 900, step=10)
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")
    await cloud.turn_by_hand("unlocked")
    # The message tells of the list; the locks were read.
    assert await refused(hass, "press", REFRESH_ALL) == "sesame_v3_server"
    assert state(hass, LOCK) == "unlocked"
    await restart(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    await pass_time(hass, 2)
    assert (state(hass, LOCK), state(hass, BACK)) == ("unlocked", "unlocked")


async def test_key_when_refused_by_a_poll_then_reauthentication_and_few_requests(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.refuse_credentials()
    before = asked(cloud)
    await pass_time(hass, 600, step=10)
    assert len(reauth_flows(hass)) == 1
    assert asked(cloud) - before <= 6


# Reloads and restarts.


async def test_reload_when_cloud_hangs_then_it_takes_no_time(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    cloud.answer_after(3600)
    for _ in range(70):
        MONOTONIC.advance(1.0)
        await asyncio.sleep(0.005)
    begun, really = MONOTONIC(), time.monotonic()
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert MONOTONIC() - begun < 3
    assert time.monotonic() - really < 3
    assert entry.state is ConfigEntryState.LOADED
    assert state(hass, "sensor.front_door_battery") == "100"
    await hass.config_entries.async_unload(entry.entry_id)
    await pass_time(hass, 4000, step=1000)


async def test_reload_when_a_lock_changed_then_it_is_read_at_once(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    hook = entry.runtime_data.hook
    await cloud.turn_by_hand("unlocked")
    await hass.config_entries.async_reload(entry.entry_id)
    await pass_time(hass, 1)
    assert entry.runtime_data.hook == hook
    assert state(hass, LOCK) == "unlocked"
    event = hass.states.get("event.front_door_activity")
    assert event is not None
    assert event.attributes["event_type"] == "unlocked"


async def test_reload_when_entry_was_disabled_for_long_then_locked_is_not_shown(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    await hass.config_entries.async_unload(entry.entry_id)
    await pass_time(hass, 3600, step=600)
    cloud.answer_error("INTERNAL_ERROR")
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert state(hass, LOCK) == "unknown"


async def test_restart_when_cloud_is_down_then_set_up_is_tried_again(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    cloud.drop_connections()
    before = asked(cloud)
    await restart(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    # The list and one lock; and none in the background.
    assert asked(cloud) == before + 2
    cloud.drop_connections(drop=False)
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert state(hass, LOCK) == "locked"


# Locks that come and go.


async def test_new_lock_when_listed_then_it_is_added_and_read(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    new = cloud.add_lock("Cellar", locked=False)
    cloud.rename_lock("Main door")
    await command(hass, "press", REFRESH_ALL)
    assert state(hass, "lock.cellar") == "unlocked"
    assert new in entry.data["ids"]
    assert devices(hass, entry.entry_id) >= {"Cellar", "Main door", "Back door"}


async def test_lock_when_its_name_ends_in_half_an_emoji_then_it_can_be_stored_and_sent(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    cloud.rename_lock("Front door \ud83d")
    entry = await set_up(hass)
    assert json_bytes(dict(entry.data))
    shown = hass.states.get("lock.front_door")
    assert shown is not None
    assert json_bytes(shown.as_dict())
    assert shown.name == "Front door ?"


async def test_lock_when_three_lists_are_without_it_over_an_hour_then_it_is_removed(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    cloud.remove_lock(BACK_DOOR)
    lists = asked(cloud, "/sesames")
    await pass_time(hass, 61)
    # It is called invalid: the list is asked at once, and not each time.
    assert asked(cloud, "/sesames") == lists + 1
    assert state(hass, BACK) == "unavailable"
    await pass_time(hass, 4100, step=30)
    assert lists + 6 <= asked(cloud, "/sesames") <= lists + 8
    assert state(hass, BACK) == "unavailable"
    await pass_time(hass, 760, step=30)
    assert hass.states.get(BACK) is None
    assert entry.data["ids"] == [FRONT_DOOR]
    assert "Back door" not in devices(hass, entry.entry_id)
    assert state(hass, LOCK) == "locked"


async def test_lock_when_removed_and_listed_again_then_its_entities_are_told_as_before(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.hide_lock(BACK_DOOR)
    await pass_time(hass, 5000, step=50)
    assert hass.states.get(BACK) is None
    cloud.hide_lock(BACK_DOOR, hidden=False)
    await command(hass, "press", REFRESH_ALL)
    assert state(hass, BACK) == cloud.bolt(BACK_DOOR) == "unlocked"
    await cloud.turn_by_hand("locked", BACK_DOOR)
    await pass_time(hass, 130)
    assert state(hass, BACK) == "locked"
    cloud.fail_lock(BACK_DOOR)
    await pass_time(hass, 400, step=5)
    assert {state(hass, name) for name in (BACK, BACK_BATTERY)} == {"unavailable"}
    cloud.fail_lock(BACK_DOOR, None)
    await pass_time(hass, 130)
    assert state(hass, BACK) == "locked"
    assert state(hass, BACK_BATTERY) != "unavailable"


async def test_lock_when_it_goes_to_another_account_then_it_is_there_once_its_own_is_without_it(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    first = await set_up(hass)
    cloud.lock(cloud.add_lock("Shed")).is_of_other_account = True
    page = await give_key(hass, OTHER_API_KEY)
    second: ConfigEntry = page["result"]
    cloud.lock(BACK_DOOR).is_of_other_account = True
    await pass_time(hass, 1300, step=30)
    assert (first.data["ids"], state(hass, BACK)) == ([FRONT_DOOR, BACK_DOOR], "unavailable")
    assert BACK_DOOR not in second.data["ids"]
    await pass_time(hass, 5000, step=30)
    assert (first.data["ids"], state(hass, BACK)) == ([FRONT_DOOR], "unlocked")
    assert BACK_DOOR in second.data["ids"]
    await command(hass, "lock", BACK)
    assert cloud.bolt(BACK_DOOR) == state(hass, BACK) == "locked"


async def test_lock_when_another_account_took_it_then_it_is_not_taken_back_by_enabling_its_own(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    first = await set_up(hass)
    cloud.lock(cloud.add_lock("Shed")).is_of_other_account = True
    page = await give_key(hass, OTHER_API_KEY)
    second: ConfigEntry = page["result"]
    await hass.config_entries.async_set_disabled_by(first.entry_id, ConfigEntryDisabler.USER)
    cloud.lock(BACK_DOOR).is_of_other_account = True
    await pass_time(hass, 700, step=30)
    assert BACK_DOOR in second.data["ids"]
    await hass.config_entries.async_set_disabled_by(first.entry_id, None)
    await settle(hass)
    assert (first.data["ids"], list(first.data["locks"])) == ([FRONT_DOOR], [FRONT_DOOR])
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")
    assert "Back door" not in devices(hass, first.entry_id)
    read = reads(cloud, BACK_DOOR)
    await pass_time(hass, 600, step=10)
    assert reads(cloud, BACK_DOOR) - read <= 11
    await command(hass, "lock", BACK)
    assert cloud.bolt(BACK_DOOR) == state(hass, BACK) == "locked"


@pytest.mark.parametrize("between", [1, 600, 5000])
async def test_all_locks_when_two_lists_are_empty_then_they_stay(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, between: float
) -> None:
    entry = await set_up(hass)
    cloud.empty_list(2)
    await command(hass, "press", REFRESH_ALL)
    before = asked(cloud, "/sesames")
    await pass_time(hass, between, step=min(between, 50))
    if asked(cloud, "/sesames") == before:
        await command(hass, "press", REFRESH_ALL)
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")
    await pass_time(hass, 5000, step=50)
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")
    assert len(devices(hass, entry.entry_id)) == 3


async def test_all_locks_when_the_list_is_empty_at_a_restart_then_they_stay(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    cloud.empty_list(2)
    await restart(hass, entry)
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")
    assert len(devices(hass, entry.entry_id)) == 3
    assert entry.data["ids"] == [FRONT_DOOR, BACK_DOOR]


async def test_lock_when_left_out_of_the_list_by_mistake_then_it_goes_on(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.hide_lock()
    await pass_time(hass, 1300, step=50)
    assert state(hass, LOCK) == "locked"
    await command(hass, "unlock")
    assert cloud.bolt() == "unlocked"


# Locks out of reach are synchronized, once.


async def test_lock_out_of_reach_when_seen_before_then_it_is_synchronized_once(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    await cloud.take_offline()
    await pass_time(hass, 200, step=5)
    assert cloud.lock().syncs == 1
    await hass.config_entries.async_reload(entry.entry_id)
    await pass_time(hass, 4000, step=50)
    assert cloud.lock().syncs == 1


async def test_lock_out_of_reach_when_restarted_then_no_second_synchronization(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    await cloud.take_offline()
    await pass_time(hass, 61)
    assert cloud.lock().syncs == 1
    await restart(hass, entry)
    await pass_time(hass, 7400, step=50)
    assert cloud.lock().syncs == 1


@pytest.mark.parametrize(("pause", "syncs"), [(300, 1), (3700, 2)])
async def test_lock_that_comes_and_goes_then_it_is_synchronized_once_an_hour(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, pause: float, syncs: int
) -> None:
    await set_up(hass)
    for _ in range(2):
        await cloud.take_offline()
        await pass_time(hass, 61)
        await cloud.bring_online()
        await pass_time(hass, pause, step=50)
        assert state(hass, LOCK) == "locked"
    assert posts(cloud) == syncs


async def test_synchronization_when_refused_then_nothing_else_happens(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    await cloud.take_offline()
    cloud.answer_error("DEVICE_IS_BUSY", endpoint="command")
    await pass_time(hass, 61)
    assert (state(hass, LOCK), state(hass, BACK)) == ("unavailable", "unlocked")
