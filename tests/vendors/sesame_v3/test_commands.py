"""What becomes of a command: confirmed, refused, failed, or not known; never sent twice."""

import asyncio

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.sesame_v3 import rate_limit
from tests.clock import MONOTONIC
from tests.simulators.sesame_v3 import BACK_DOOR, FRONT_DOOR, SesameV3Simulator
from tests.vendors.home import call, issues, reauth_flows, record, settle, state, take_turns
from tests.vendors.sesame_v3.helpers import (
    BACK,
    LOCK,
    REFRESH,
    SYNC,
    asked,
    command,
    during,
    pass_time,
    posts,
    reads,
    refused,
    restart,
    set_up,
    until,
)


async def test_command_when_task_succeeds_then_state_and_event_are_ours(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    seen = record(hass, LOCK)
    await command(hass, "unlock")
    assert seen[:2] == ["unlocking", "unlocked"]
    assert cloud.bolt() == "unlocked"
    assert cloud.lock().commands == ["unlock"]
    found = hass.states.get(LOCK)
    assert found is not None
    assert found.attributes["changed_by"] == "Home Assistant"
    event = hass.states.get("event.front_door_activity")
    assert event is not None
    assert event.attributes["event_type"] == "unlocked"
    assert event.attributes["method"] == "remote"
    assert event.attributes["user"] == "Home Assistant"


async def test_command_when_something_is_read_while_it_waits_is_not_done_like_the_one_before(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_up(hass)
    await command(hass, "unlock")
    await pass_time(hass, 20)
    monkeypatch.setattr(rate_limit, "SPACING", 2.0)
    cloud.jam()
    # What is read is shown while the command waits for its turn.
    read = asyncio.ensure_future(call(hass, "press", REFRESH))
    assert await refused(hass, "lock") is not None
    await read
    assert cloud.bolt() == "unlocked"
    assert state(hass, LOCK) != "locked"


async def test_command_when_task_is_slow_and_found_late_then_it_is_followed(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.take_time(1500)
    cloud.show_tasks_late(500)
    cloud.lag_status(None)
    await command(hass, "unlock")
    assert state(hass, LOCK) == "unlocked"
    assert cloud.lock().commands == ["unlock"]
    # After 3 seconds, and then every 2.
    assert 5 <= asked(cloud, "/action-result") <= 9


async def test_command_when_task_says_locked_but_bolt_did_not_move_then_next_read_tells(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.ignore_commands(lock_id=BACK_DOOR)
    await command(hass, "lock", BACK)
    await pass_time(hass, 65)
    assert state(hass, BACK) == "unlocked"


async def test_lock_when_a_read_repeats_what_was_known_before_then_its_task_decides(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.lag_status(None)
    await cloud.turn_by_hand("unlocked")
    cloud.take_time(1000)
    cloud.fail_tasks("LOW_BATTERY")
    job = asyncio.ensure_future(call(hass, "lock", LOCK))
    await during(_until_sent(cloud))
    await call(hass, "press", REFRESH)
    assert state(hass, LOCK) == "locking"
    with pytest.raises(HomeAssistantError) as caught:
        await during(_end_of(job))
    assert caught.value.translation_key == "sesame_v3_low_battery"
    assert state(hass, LOCK) == "unknown"
    assert state(hass, "binary_sensor.front_door_low_battery") == "on"


async def test_lock_when_unlocked_before_its_task_could_be_read_then_it_is_not_shown_as_locked(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    seen = record(hass, BACK)
    cloud.answer_error("INTERNAL_ERROR", endpoint="result")
    job = asyncio.ensure_future(call(hass, "lock", BACK))
    await during(_until_locked(cloud))
    await cloud.turn_by_hand("unlocked", BACK_DOOR)
    await during(_until_read(cloud, reads(cloud, BACK_DOOR) + 2))
    cloud.answer_error(None)
    await during(_end_of(job))
    # The task has ended well, but what was read since says otherwise.
    assert state(hass, BACK) == "unknown"
    await pass_time(hass, 61)
    assert state(hass, BACK) == "unlocked"
    assert "locked" not in seen


async def _until_locked(cloud: SesameV3Simulator) -> None:
    await until(lambda: cloud.bolt(BACK_DOOR) == "locked")


async def _until_read(cloud: SesameV3Simulator, count: int) -> None:
    await until(lambda: reads(cloud, BACK_DOOR) == count)


async def _until_sent(cloud: SesameV3Simulator) -> None:
    await until(lambda: posts(cloud) == 1)


async def _end_of(job: asyncio.Future[None]) -> None:
    await job


# Refusals, and failures of tasks.


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("BAD_PARAMS", "sesame_v3_bad_params"),
        ("CLOUD_INTEGRATION_NOT_ENABLED", "sesame_v3_integration_off"),
        ("LOW_BATTERY", "sesame_v3_low_battery"),
        ("DEVICE_IS_BUSY 90", "sesame_v3_busy_for"),
        ("UNAUTHORIZED", "sesame_v3_key_refused"),
        ("THROTTLED", "sesame_v3_throttled"),
    ],
)
async def test_command_when_refused_then_message_and_state_as_before(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, error: str, message: str
) -> None:
    await set_up(hass)
    cloud.answer_error(error, endpoint="command")
    assert await refused(hass, "unlock") == message
    assert asked(cloud, "/action-result") == 0
    assert posts(cloud) == 1
    assert state(hass, LOCK) == "locked"
    assert bool(reauth_flows(hass)) is (error == "UNAUTHORIZED")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("BAD_PARAMS", "sesame_v3_bad_params"),
        ("CLOUD_INTEGRATION_NOT_ENABLED", "sesame_v3_integration_off"),
        ("LOW_BATTERY", "sesame_v3_low_battery"),
        ("DEVICE_IS_BUSY", "sesame_v3_busy"),
        ("DEVICE_IS_BUSY 35", "sesame_v3_busy_for"),
        ("INTERNAL_ERROR", "sesame_v3_server"),
        ("UNAUTHORIZED", "sesame_v3_key_refused"),
        ("NEVER_SEEN", "sesame_v3_task_failed"),
    ],
)
async def test_command_when_task_fails_then_message_and_unknown_until_read(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, error: str, message: str
) -> None:
    await set_up(hass)
    cloud.fail_tasks(error)
    assert await refused(hass, "unlock") == message
    assert cloud.lock().commands == ["unlock"]
    assert state(hass, LOCK) == "unknown"
    await pass_time(hass, 65)
    assert state(hass, LOCK) == "locked"
    assert bool(reauth_flows(hass)) is (error == "UNAUTHORIZED")


@pytest.mark.parametrize("is_refused_at_once", [True, False])
async def test_low_battery_when_command_fails_for_it_is_on_until_one_succeeds(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, is_refused_at_once: bool
) -> None:
    low = "binary_sensor.front_door_low_battery"
    entry = await set_up(hass)
    assert state(hass, low) == "unknown"
    if is_refused_at_once:
        cloud.set_battery(38, low=True)
    else:
        cloud.fail_tasks("LOW_BATTERY")
    assert await refused(hass, "unlock") == "sesame_v3_low_battery"
    assert state(hass, low) == "on"
    assert state(hass, "binary_sensor.back_door_low_battery") == "unknown"
    await pass_time(hass, 65)
    await hass.config_entries.async_reload(entry.entry_id)
    await pass_time(hass, 2)
    assert state(hass, low) == "on"
    cloud.set_battery(100, low=False)
    cloud.fail_tasks(None)
    await command(hass, "unlock")
    assert state(hass, low) == "off"


async def test_changed_by_when_lock_was_turned_while_not_loaded_names_nobody(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    await command(hass, "unlock")
    shown = hass.states.get(LOCK)
    assert shown is not None
    assert shown.attributes["changed_by"] == "Home Assistant"
    await hass.config_entries.async_unload(entry.entry_id)
    await cloud.turn_by_hand("locked")
    await pass_time(hass, 3600)
    await hass.config_entries.async_setup(entry.entry_id)
    await pass_time(hass, 65)
    shown = hass.states.get(LOCK)
    assert shown is not None
    assert shown.state == "locked"
    assert "changed_by" not in shown.attributes


async def test_low_battery_when_batteries_are_new_is_unknown(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    low = "binary_sensor.front_door_low_battery"
    await set_up(hass)
    cloud.set_battery(38, low=True)
    await pass_time(hass, 65)
    assert await refused(hass, "unlock") == "sesame_v3_low_battery"
    cloud.set_battery(45, low=True)
    await pass_time(hass, 65)
    assert state(hass, low) == "on"
    cloud.set_battery(100, low=False)
    await pass_time(hass, 65)
    assert state(hass, low) == "unknown"


async def test_low_battery_when_another_error_is_told_stays_unknown(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.fail_tasks("NEVER_SEEN")
    assert await refused(hass, "unlock") == "sesame_v3_task_failed"
    assert state(hass, "binary_sensor.front_door_low_battery") == "unknown"


async def test_command_when_task_fails_although_bolt_moved_then_truth_is_shown(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.fail_tasks(moves=True)
    assert await refused(hass, "unlock") == "sesame_v3_busy"
    await pass_time(hass, 3)
    assert state(hass, LOCK) == "unlocked"


@pytest.mark.parametrize(
    ("error", "message", "setting"),
    [
        ("Forbidden", "sesame_v3_blocked", "blocked_for"),
        ("THROTTLED", "sesame_v3_throttled", "throttled_for"),
    ],
)
async def test_task_when_its_error_is_a_limit_then_requests_pause(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameV3Simulator,
    error: str,
    message: str,
    setting: str,
) -> None:
    entry = await set_up(hass)
    cloud.fail_tasks(error)
    assert await refused(hass, "unlock") == message
    assert getattr(entry.runtime_data._limit, setting) > 0
    before = reads(cloud, FRONT_DOOR)
    await pass_time(hass, 40, step=5)
    assert reads(cloud, FRONT_DOOR) == before


async def test_task_when_it_never_ends_then_message_and_unknown(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.hang_tasks()
    assert await refused(hass, "unlock") == "not_confirmed"
    assert 25 <= asked(cloud, "/action-result") <= 30
    assert cloud.lock().commands == ["unlock"]
    assert state(hass, LOCK) == "unknown"


async def test_task_when_it_never_ends_but_bolt_moved_then_a_read_confirms(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.hang_tasks(moves=True)
    await command(hass, "unlock")
    assert state(hass, LOCK) == "unlocked"
    assert asked(cloud, "/action-result") <= 10


@pytest.mark.parametrize("kind", ["missing_fields", "wrong_fields", "odd_status", "html"])
async def test_task_when_result_is_unreadable_then_it_is_no_success(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, kind: str
) -> None:
    await set_up(hass)
    cloud.jam()
    cloud.malform("result", kind)
    assert await refused(hass, "unlock") == "not_confirmed"
    assert state(hass, LOCK) == "unknown"


async def test_task_when_throttled_then_it_is_asked_half_as_often(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.jam()
    cloud.answer_error("THROTTLED", endpoint="result")
    assert await refused(hass, "unlock") == "not_confirmed"
    assert 13 <= asked(cloud, "/action-result") <= 16


async def test_task_when_address_is_blocked_meanwhile_then_message_and_no_request(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.answer_error("ACCESS_DENY", endpoint="result")
    before = asked(cloud)
    assert await refused(hass, "unlock") == "sesame_v3_blocked"
    assert asked(cloud) == before + 2
    assert state(hass, LOCK) == "unknown"
    assert issues(hass) == {"sesame_v3_blocked"}
    assert await refused(hass, "lock") == "sesame_v3_blocked"
    assert asked(cloud) == before + 2


# Commands whose arrival is not known.


@pytest.mark.parametrize("moves", [True, False])
@pytest.mark.parametrize("fault", ["lost", "html", "missing_fields"])
async def test_command_when_answer_is_lost_or_unreadable_then_reads_decide(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, fault: str, *, moves: bool
) -> None:
    await set_up(hass)
    cloud.jam(jammed=not moves)
    if fault == "lost":
        cloud.lose_responses()
    else:
        cloud.malform("command", fault)
    if moves:
        await command(hass, "unlock")
        assert state(hass, LOCK) == "unlocked"
    else:
        assert await refused(hass, "unlock") == "sesame_v3_unanswered"
        assert state(hass, LOCK) == "unknown"
    assert cloud.lock().commands == ["unlock"]


@pytest.mark.parametrize("error", ["INTERNAL_ERROR", "NEVER_SEEN"])
async def test_command_when_error_does_not_say_whether_it_arrived_then_look_at_the_door(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, error: str
) -> None:
    await set_up(hass)
    cloud.answer_error(error, endpoint="command")
    assert await refused(hass, "lock", BACK) == "sesame_v3_unanswered"
    assert posts(cloud) == 1
    # Reads after it had time to act have said so.
    assert state(hass, BACK) == "unlocked"


async def test_lock_when_it_never_arrived_and_a_read_repeats_the_old_state_then_it_is_not_done(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    seen = record(hass, LOCK)
    cloud.lag_status(None)
    await cloud.turn_by_hand("unlocked")
    cloud.answer_error("INTERNAL_ERROR", endpoint="command")
    assert await refused(hass, "lock") == "sesame_v3_unanswered"
    assert posts(cloud) == 1
    assert seen[:2] == ["locking", "unknown"]


async def test_command_when_all_answers_are_lost_then_unknown_and_not_sent_again(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.drop_connections(after=True)
    assert await refused(hass, "unlock") == "sesame_v3_unanswered"
    assert cloud.lock().commands == ["unlock"]
    assert state(hass, LOCK) == "unknown"
    cloud.drop_connections(drop=False)
    await pass_time(hass, 61)
    assert state(hass, LOCK) == "unlocked"


async def test_command_when_no_connection_is_made_then_state_as_before(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    await cloud.stop()
    assert await refused(hass, "unlock") == "sesame_v3_no_answer"
    assert state(hass, LOCK) == "locked"


# Waiting for the turn.


async def test_unlock_when_its_turn_comes_too_late_then_it_is_not_sent(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    cloud.add_locks(2)
    await set_up(hass)
    cloud.hang_tasks()
    others = [asyncio.ensure_future(call(hass, "lock", f"lock.room_{n}")) for n in (1, 2)]
    await until(lambda: posts(cloud) == 2)
    await asyncio.sleep(0.05)
    # Two tasks are asked for, and each question takes nine seconds.
    cloud.answer_after(9)
    MONOTONIC.advance(3)
    await until(lambda: asked(cloud, "/action-result"))
    with pytest.raises(HomeAssistantError) as caught:
        await during(call(hass, "unlock", LOCK))
    assert caught.value.translation_key == "command_expired"
    assert cloud.lock().commands == []
    assert state(hass, LOCK) == "locked"
    cloud.answer_after(0)
    await during(_all(*others))
    assert posts(cloud) == 2


async def _all(*tasks: asyncio.Future[None]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)


# Busy locks.


@pytest.mark.parametrize(("style", "seconds"), [("space", 35), ("colon", 35), ("plain", None)])
async def test_lock_command_when_busy_then_it_is_sent_afterwards(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameV3Simulator,
    style: str,
    seconds: int | None,
) -> None:
    await set_up(hass)
    await cloud.turn_by_hand("unlocked")
    cloud.keep_busy(seconds, style=style, lasts=12)  # type: ignore[arg-type]
    await command(hass, "lock")
    assert state(hass, LOCK) == "locked"
    assert cloud.lock().commands == ["lock"]


async def test_unlock_when_busy_for_long_then_it_is_not_sent_when_nobody_waits(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.keep_busy(35, lasts=30)
    begun = MONOTONIC()
    assert await refused(hass, "unlock") == "sesame_v3_busy_for"
    assert MONOTONIC() - begun < 5
    await pass_time(hass, 60, step=5)
    assert cloud.lock().commands == []
    assert state(hass, LOCK) == "locked"


async def test_unlock_when_busy_without_a_time_then_it_is_tried_for_15_seconds(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.keep_busy(None)
    seen, begun = record(hass, LOCK), MONOTONIC()
    assert await refused(hass, "unlock") == "sesame_v3_busy"
    assert 9 <= MONOTONIC() - begun < 20
    assert 3 <= posts(cloud) <= 4
    # Nothing was done, so it is where it was.
    assert seen == ["unlocking", "locked"]


async def test_command_when_another_comes_while_lock_is_busy_then_it_is_replaced(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.keep_busy(35)
    first = asyncio.ensure_future(call(hass, "lock", LOCK))
    await until(lambda: posts(cloud))
    cloud.end_busy()
    await command(hass, "unlock")
    with pytest.raises(HomeAssistantError) as caught:
        await first
    assert caught.value.translation_key == "command_replaced"
    assert cloud.lock().commands == ["unlock"]


async def test_command_when_the_one_after_it_is_called_off_while_lock_is_busy_then_it_is_sent(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    await cloud.turn_by_hand("unlocked")
    cloud.keep_busy(35)
    first = hass.async_create_task(call(hass, "lock", LOCK))
    await until(lambda: posts(cloud))
    second = hass.async_create_task(call(hass, "unlock", LOCK))
    await take_turns()
    second.cancel()
    await asyncio.wait([second])
    cloud.end_busy()
    await during(_result(first))
    assert cloud.lock().commands == ["lock"]
    assert state(hass, LOCK) == "locked"


async def test_command_when_caller_gives_up_while_lock_is_busy_then_it_is_not_sent(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.keep_busy(35)
    task = asyncio.ensure_future(call(hass, "lock", LOCK))
    await until(lambda: posts(cloud))
    task.cancel()
    await asyncio.wait([task])
    cloud.end_busy()
    await pass_time(hass, 130, step=5)
    assert cloud.lock().commands == []
    assert state(hass, LOCK) == "locked"


# Unloading.


async def test_command_when_entry_is_removed_while_lock_is_busy_then_it_is_not_sent(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    cloud.keep_busy(35)
    task = asyncio.ensure_future(call(hass, "lock", LOCK))
    await until(lambda: posts(cloud))
    await hass.config_entries.async_remove(entry.entry_id)
    cloud.end_busy()
    begun = MONOTONIC()
    with pytest.raises(HomeAssistantError) as caught:
        await during(_result(task))
    assert MONOTONIC() - begun < 5
    assert caught.value.translation_key == "command_removed"
    await pass_time(hass, 60, step=5)
    assert cloud.lock().commands == []


@pytest.mark.parametrize("what", [("unlock", LOCK), ("press", SYNC)])
async def test_command_when_entry_is_removed_while_it_waits_for_a_read_then_it_is_not_sent(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, what: tuple[str, str]
) -> None:
    entry = await set_up(hass)
    before = asked(cloud)
    cloud.answer_after(8)
    reading = asyncio.ensure_future(call(hass, "press", "button.back_door_refresh"))
    await until(lambda: asked(cloud) > before)
    task = asyncio.ensure_future(call(hass, *what))
    await asyncio.sleep(0.05)
    await hass.config_entries.async_remove(entry.entry_id)
    cloud.answer_after(0)
    with pytest.raises(HomeAssistantError) as caught:
        await during(_result(task))
    assert caught.value.translation_key == "command_removed"
    await asyncio.wait([reading])
    await pass_time(hass, 60, step=5)
    assert posts(cloud) == 0


async def test_command_when_entry_is_unloaded_while_task_runs_then_it_ends_at_once(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    cloud.hang_tasks()
    task = asyncio.ensure_future(call(hass, "unlock", LOCK))
    await until(lambda: posts(cloud))
    await asyncio.sleep(0.05)
    await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(HomeAssistantError) as caught:
        await asyncio.wait_for(task, 1)
    assert caught.value.translation_key == "not_confirmed"
    before = asked(cloud)
    await pass_time(hass, 30, step=5)
    assert asked(cloud) == before


async def _result(task: asyncio.Future[None]) -> None:
    await task


# Synchronizing.


async def test_synchronize_when_lock_is_back_then_it_is_read(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    await cloud.take_offline()
    await restart(hass, entry)
    assert state(hass, LOCK) == "unavailable"
    cloud.lock().locked = False
    await cloud.bring_online(needs_sync=True)
    await command(hass, "press", SYNC)
    assert cloud.lock().commands == ["sync"]
    assert state(hass, LOCK) == "unlocked"


async def test_synchronize_when_reloaded_meanwhile_then_what_is_read_is_shown(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    synchronizing = asyncio.ensure_future(call(hass, "press", SYNC))
    await until(lambda: posts(cloud) == 1)
    before = reads(cloud, BACK_DOOR)
    await hass.config_entries.async_reload(entry.entry_id)
    await until(lambda: reads(cloud, BACK_DOOR) > before)
    await cloud.turn_by_hand("unlocked")
    await during(_result(synchronizing))
    assert state(hass, LOCK) == "unlocked"


async def test_synchronize_when_it_fails_then_message_and_one_read(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    before = reads(cloud, FRONT_DOOR)
    cloud.fail_tasks("LOW_BATTERY")
    assert await refused(hass, "press", SYNC) == "sesame_v3_low_battery"
    assert state(hass, "binary_sensor.front_door_low_battery") == "on"
    assert reads(cloud, FRONT_DOOR) == before + 1
    await settle(hass)


async def test_synchronize_when_task_never_ends_then_message_after_a_minute(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.hang_tasks()
    begun = MONOTONIC()
    assert await refused(hass, "press", SYNC) == "not_confirmed"
    assert 55 < MONOTONIC() - begun < 70


async def test_lock_when_refused_after_an_unlock_nobody_waits_for_then_it_is_not_shown_as_locked(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.lag_status(None)
    cloud.hang_tasks(moves=True)
    unlocking = asyncio.ensure_future(call(hass, "unlock", LOCK))
    await until(lambda: cloud.bolt() == "unlocked")
    # An automation that starts anew gives up the call, not the command.
    unlocking.cancel()
    await settle(hass)
    seen = record(hass, LOCK)
    cloud.fail_lock(FRONT_DOOR, "LOW_BATTERY")
    with pytest.raises(HomeAssistantError):
        await command(hass, "lock")
    await pass_time(hass, 30)
    assert cloud.bolt() == "unlocked"
    assert "locked" not in [*seen, state(hass, LOCK)]


async def test_command_when_an_earlier_one_ends_after_a_reload_then_both_end(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    entry = await set_up(hass)
    cloud.keep_busy(5, lasts=1000)
    first = asyncio.ensure_future(call(hass, "unlock", LOCK))
    await until(lambda: posts(cloud) == 1)
    await hass.config_entries.async_reload(entry.entry_id)
    cloud.end_busy()
    second = asyncio.ensure_future(call(hass, "unlock", LOCK))
    await until(lambda: posts(cloud) == 2)
    await pass_time(hass, 90)
    assert first.done()
    assert second.done()
    assert isinstance(first.exception(), HomeAssistantError)
    assert second.exception() is None
    assert state(hass, LOCK) == "unlocked" == cloud.bolt()
