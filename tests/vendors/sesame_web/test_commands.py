"""Commands: sent once, looked after, and done only when the device is seen to have."""

import asyncio
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events
from yarl import URL

from custom_components.smartlocks.const import EVENT_COMMAND_FAILED
from custom_components.smartlocks.vendors.sesame_web.api import client
from tests.clock import MONOTONIC
from tests.simulators.sesame_web import BIKE, BOT, SECRETS, SESAME_4, SESAME_5, SesameWebSimulator
from tests.vendors.home import (
    call,
    let_pass,
    live_through,
    reauth_flows,
    record,
    refresh,
    refused,
    run_ahead,
    settle,
    state,
)
from tests.vendors.sesame_web.helpers import (
    BACK,
    LOCK,
    PRESS,
    REFRESH,
    UNLOCK_BIKE,
    asked,
    edit,
    gone,
    set_up,
)

NEVER = 1e7


async def until_received(cloud: SesameWebSimulator) -> None:
    """Wait until the cloud has received a command."""
    while not cloud.received:
        await cloud.rest(1)


async def test_command_when_done_is_shown_moving_and_then_confirmed(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    seen = record(hass, LOCK)
    reads = asked(cloud, SESAME_5)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert asked(cloud, SESAME_5) - reads == 1
    await let_pass(hass, seconds=40)
    # The cloud may have been behind: it is read once more, and not again.
    assert asked(cloud, SESAME_5) - reads == 2
    await let_pass(hass, seconds=600)
    assert asked(cloud, SESAME_5) - reads == 2
    await run_ahead(hass, call(hass, "lock", LOCK))
    assert seen == ["unlocking", "unlocked", "locking", "locked"]
    assert [one.number for one in cloud.received] == [83, 82]
    assert {one.tag for one in cloud.received} == {b"Home Assistant"}


async def test_command_when_nothing_is_to_be_done_is_sent_nevertheless(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    await run_ahead(hass, call(hass, "lock", LOCK))
    assert [one.number for one in cloud.received] == [82]
    assert state(hass, LOCK) == "locked"


async def test_command_when_the_lock_is_slow_is_confirmed_by_the_second_look(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    cloud.delay_status(NEVER)
    await set_up(hass)
    reads = asked(cloud, SESAME_5)
    task = hass.async_create_task(run_ahead(hass, call(hass, "unlock", LOCK)))
    while asked(cloud, SESAME_5) == reads:
        await cloud.rest(1)
    cloud.delay_status(0)
    cloud.set_battery(93)
    await task
    assert asked(cloud, SESAME_5) - reads == 2
    assert state(hass, LOCK) == "unlocked"


# Not confirmed: never shown as locked until that is known.


async def unlock_in_vain(hass: HomeAssistant, cloud: SesameWebSimulator) -> list[str]:
    """Unlock; returns every state that was shown until a minute later."""
    seen = record(hass, LOCK)
    assert await refused(hass, "unlock", LOCK) == "sesame_web_not_confirmed"
    assert state(hass, LOCK) == "unknown"
    await live_through(hass, seconds=25, step=5)
    return seen


async def test_unlock_when_the_secret_is_wrong_is_not_confirmed(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    wrong = SECRETS[SESAME_4]
    await edit(hass, entry, name="Front door", product="sesame_5", secret=wrong)
    reads = asked(cloud, SESAME_5)
    assert await unlock_in_vain(hass, cloud) == ["unlocking", "unknown"]
    assert [one.outcome for one in cloud.received] == ["bad_sign"]
    assert asked(cloud, SESAME_5) - reads == 2
    # Half a minute later the cloud has heard of it, had it been done.
    await let_pass(hass, seconds=35)
    assert asked(cloud, SESAME_5) - reads == 3
    assert state(hass, LOCK) == "locked"


async def test_unlock_when_the_cloud_is_behind_is_never_shown_as_locked(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    cloud.delay_status(NEVER)
    assert await unlock_in_vain(hass, cloud) == ["unlocking", "unknown"]
    assert cloud.bolt() == "unlocked"
    # What somebody else's refresh reads meanwhile counts as little.
    await call(hass, "press", REFRESH)
    assert state(hass, LOCK) == "unknown"
    cloud.delay_status(0)
    cloud.set_battery(93)
    await let_pass(hass, seconds=35)
    assert state(hass, LOCK) == "unlocked"


async def test_unlock_when_answered_with_status_code_500_may_have_arrived(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    cloud.answer_commands(status_code=500, moved=True)
    cloud.delay_status(NEVER)
    assert await unlock_in_vain(hass, cloud) == ["unlocking", "unknown"]
    cloud.delay_status(0)
    cloud.set_battery(93)
    await let_pass(hass, seconds=35)
    assert state(hass, LOCK) == "unlocked"
    assert len(cloud.received) == 1


async def test_unlock_when_answered_with_status_code_500_and_seen_is_confirmed(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    cloud.answer_commands(status_code=500, moved=True)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"
    assert len(cloud.received) == 1


async def test_read_when_under_way_as_a_command_begins_does_not_count(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    cloud.delay_status(NEVER)
    cloud.answer_after(0.1)
    read = hass.async_create_task(call(hass, "press", REFRESH))
    await cloud.rest(3)
    cloud.answer_after(0)
    reads = asked(cloud, SESAME_5)
    seen = record(hass, LOCK)
    unlock = hass.async_create_task(refused(hass, "unlock", LOCK))
    await until_received(cloud)
    await read
    assert await unlock == "sesame_web_not_confirmed"
    assert seen == ["unlocking", "unknown"]
    # That its answer was of no use costs no call of its own.
    assert asked(cloud, SESAME_5) - reads == 2


async def test_read_when_under_way_as_a_command_begins_does_not_confirm_it(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    cloud.answer_after(0.3)
    read = hass.async_create_task(call(hass, "press", REFRESH))
    await cloud.rest(10)
    # Asked while it was locked; the door was opened since, and the motor is jammed.
    await cloud.turn_by_hand("unlocked")
    cloud.jam()
    lock = hass.async_create_task(refused(hass, "lock", LOCK))
    await until_received(cloud)
    await read
    assert await lock == "sesame_web_not_confirmed"
    assert state(hass, LOCK) == "unlocked"


async def test_command_when_the_entry_is_removed_meanwhile_fails(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    task = hass.async_create_task(call(hass, "unlock", LOCK))
    await until_received(cloud)
    await hass.config_entries.async_remove(entry.entry_id)
    with pytest.raises(HomeAssistantError):
        await run_ahead(hass, task)


async def test_command_when_reloaded_while_it_is_sent_is_looked_after(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    # What is read while it is set up again does not know of the command yet.
    cloud.delay_status(NEVER)
    cloud.answer_after(2)
    task = hass.async_create_task(call(hass, "unlock", LOCK))
    await until_received(cloud)
    cloud.answer_after(0)
    await hass.config_entries.async_reload(entry.entry_id)
    assert state(hass, LOCK) == "unlocking"
    with pytest.raises(HomeAssistantError) as caught:
        await task
    assert caught.value.translation_key == "not_confirmed"
    await settle(hass)
    assert state(hass, LOCK) == "unknown"
    cloud.delay_status(0)
    cloud.set_battery(93)
    await let_pass(hass, seconds=35)
    assert state(hass, LOCK) == "unlocked"


async def test_command_when_reloaded_and_followed_by_another_does_not_end_as_that(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await cloud.turn_by_hand("unlocked")
    entry = await set_up(hass)
    cloud.ignore_commands()
    cloud.answer_after(2)
    lock = hass.async_create_task(call(hass, "lock", LOCK))
    await until_received(cloud)
    cloud.answer_after(0)
    await hass.config_entries.async_reload(entry.entry_id)
    unlock = hass.async_create_task(call(hass, "unlock", LOCK))
    with pytest.raises(HomeAssistantError) as caught:
        await run_ahead(hass, lock)
    assert caught.value.translation_key == "not_confirmed"
    await unlock
    assert state(hass, LOCK) == "unlocked"


async def test_command_when_its_device_is_removed_meanwhile_is_not_confirmed(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    task = hass.async_create_task(call(hass, "unlock", LOCK))
    await until_received(cloud)
    hass.config_entries.async_remove_subentry(entry, next(iter(entry.subentries)))
    with pytest.raises(HomeAssistantError) as caught:
        await run_ahead(hass, task)
    assert caught.value.translation_key == "not_confirmed"


async def test_lock_when_the_cloud_still_says_locked_is_corrected_by_the_last_look(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    wrong = SECRETS[SESAME_4]
    await edit(hass, entry, name="Front door", product="sesame_5", secret=wrong)
    cloud.delay_status(NEVER)
    await cloud.turn_by_hand("unlocked")
    # Where the lock is said to be already, nothing can be seen to happen.
    await run_ahead(hass, call(hass, "lock", LOCK))
    cloud.delay_status(0)
    cloud.set_battery(93)
    await let_pass(hass, seconds=40)
    assert state(hass, LOCK) == "unlocked"


async def test_command_when_reads_failed_before_is_looked_after(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    cloud.fail_lock(SESAME_5, "error", endpoint="status")
    await refresh(hass, entry)
    cloud.fail_lock(SESAME_5, None)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"


# The hub.


@pytest.mark.parametrize(
    ("says", "error"), [(True, "sesame_web_hub_offline"), (False, "sesame_web_not_confirmed")]
)
async def test_command_when_the_hub_is_offline_is_not_confirmed(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, error: str, *, says: bool
) -> None:
    cloud.choose_fields(hub_state=says)
    await set_up(hass)
    await cloud.take_offline()
    assert await refused(hass, "unlock", LOCK) == error
    assert state(hass, LOCK) == ("unavailable" if says else "unknown")


async def test_command_when_refused_for_the_hub_reads_what_the_hub_does(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    cloud.answer_commands(offline=404)
    await set_up(hass)
    await cloud.take_offline()
    assert await refused(hass, "unlock", LOCK) == "sesame_web_not_found"
    await let_pass(hass, seconds=1)
    assert state(hass, LOCK) == "unavailable"


# Errors.


async def test_command_when_not_accepted_leaves_everything_as_it_was(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    cloud.answer_commands(status_code=400)
    assert await refused(hass, "unlock", LOCK) == "sesame_web_not_accepted"
    assert state(hass, LOCK) == "locked"


async def test_command_when_the_answer_is_empty_is_accepted(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    cloud.answer_commands(body="empty")
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"


@pytest.mark.parametrize("fault", ["lost", "garbled"])
async def test_command_when_its_answer_is_lost_is_looked_after_and_not_sent_again(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, fault: Any
) -> None:
    await set_up(hass)
    cloud.fail_lock(SESAME_5, fault, endpoint="command")
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"
    assert len(cloud.received) == 1


async def test_command_when_nothing_can_be_read_afterwards_is_unknown(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    cloud.fail_lock(SESAME_5, "dropped", endpoint="status")
    assert await refused(hass, "unlock", LOCK) == "sesame_web_unread"
    assert state(hass, LOCK) == "unknown"


async def test_command_when_the_cloud_is_gone_is_not_sent(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    await gone(cloud)
    calls = entry.runtime_data.data.hub.calls
    assert await refused(hass, "unlock", LOCK) == "sesame_web_no_answer"
    assert state(hass, LOCK) == "locked"
    assert entry.runtime_data.data.hub.calls == calls


async def test_command_when_the_key_dies_before_the_look_is_unknown(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    task = hass.async_create_task(refused(hass, "unlock", LOCK))
    await until_received(cloud)
    cloud.refuse_credentials()
    assert await task == "sesame_web_unread"
    await settle(hass)
    assert state(hass, LOCK) == "unknown"
    assert len(reauth_flows(hass)) == 1


async def test_command_when_the_key_is_refused_asks_for_another(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    cloud.refuse_credentials()
    assert await refused(hass, "unlock", LOCK) == "sesame_web_forbidden"
    assert state(hass, LOCK) == "locked"
    assert len(reauth_flows(hass)) == 1
    cloud.accept_credentials()
    await let_pass(hass, seconds=6)
    await call(hass, "press", REFRESH)
    assert reauth_flows(hass) == []


async def test_command_when_not_confirmed_names_the_secret_the_hub_and_the_clock(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    # The lock's clock, by which it checks a signature, differs by more than a signature holds.
    cloud.set_clock_offset(600)
    with pytest.raises(HomeAssistantError) as caught:
        await run_ahead(hass, call(hass, "unlock", LOCK))
    assert [one.outcome for one in cloud.received] == ["bad_sign"]
    assert all(word in str(caught.value) for word in ("secret", "hub", "clock", "256 seconds"))


# Bots and Bikes.


async def test_bot_when_pressed_is_confirmed_by_its_history(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, BOT)
    await run_ahead(hass, call(hass, "press", PRESS))
    assert cloud.device(BOT).clicks == 1
    assert [one.number for one in cloud.received] == [89]


async def test_bot_when_somebody_else_presses_it_is_not_done_for_that(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, BOT)
    cloud.ignore_commands(lock_id=BOT)
    press = hass.async_create_task(call(hass, "press", PRESS))
    await until_received(cloud)
    cloud.add_history(18, text="Anna", lock_id=BOT)
    cloud.add_history(21, lock_id=BOT)
    with pytest.raises(HomeAssistantError) as caught:
        await run_ahead(hass, press)
    assert caught.value.translation_key == "sesame_web_not_confirmed"


async def test_bot_when_pressed_twice_at_once_each_press_needs_a_proof_of_its_own(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, BOT)
    presses = [hass.async_create_task(call(hass, "press", PRESS)) for _ in range(2)]
    await until_received(cloud)
    cloud.ignore_commands(lock_id=BOT)
    done, failed = await run_ahead(hass, asyncio.gather(*presses, return_exceptions=True))
    assert cloud.device(BOT).clicks == 1
    assert done is None
    assert isinstance(failed, HomeAssistantError)
    assert failed.translation_key == "sesame_web_not_confirmed"


async def test_bot_when_a_press_before_ends_late_is_not_done_for_that(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, BOT)
    cloud.add_history(20, text="Home Assistant", lock_id=BOT)
    cloud.ignore_commands(lock_id=BOT)
    press = hass.async_create_task(call(hass, "press", PRESS))
    await until_received(cloud)
    cloud.add_history(21, lock_id=BOT)
    with pytest.raises(HomeAssistantError) as caught:
        await run_ahead(hass, press)
    assert caught.value.translation_key == "sesame_web_not_confirmed"


async def test_bot_when_removed_while_a_press_waits_its_turn_is_not_pressed(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, BOT)
    cloud.ignore_commands(lock_id=BOT)
    presses = [hass.async_create_task(call(hass, "press", PRESS)) for _ in range(2)]
    await until_received(cloud)
    bot = next(one for one in entry.subentries.values() if one.title == "Gate")
    hass.config_entries.async_remove_subentry(entry, bot.subentry_id)
    ends = await run_ahead(hass, asyncio.gather(*presses, return_exceptions=True))
    keys = [getattr(end, "translation_key", None) for end in ends]
    assert keys == ["sesame_web_not_confirmed", "command_removed"]
    assert len(cloud.received) == 1


async def test_bot_when_its_motor_fails_after_somebody_elses_press_is_not_done(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, BOT)
    cloud.ignore_commands(lock_id=BOT)
    press = hass.async_create_task(call(hass, "press", PRESS))
    await until_received(cloud)
    cloud.add_history(20, text="Home Assistant", lock_id=BOT)
    cloud.add_history(22, lock_id=BOT)
    cloud.add_history(12, lock_id=BOT)
    with pytest.raises(HomeAssistantError) as caught:
        await run_ahead(hass, press)
    assert caught.value.translation_key == "sesame_web_press_failed"


async def test_bot_when_its_motor_fails_is_an_error(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, BOT)
    cloud.jam(lock_id=BOT)
    assert await refused(hass, "press", PRESS) == "sesame_web_press_failed"
    await cloud.take_offline(BOT)
    assert await refused(hass, "press", PRESS) == "sesame_web_not_confirmed"
    assert cloud.device(BOT).clicks == 0


@pytest.mark.parametrize("fault", ["lost", "garbled"])
async def test_bot_when_the_answer_is_lost_is_looked_after_and_not_pressed_again(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, fault: Any
) -> None:
    await set_up(hass, BOT)
    cloud.fail_lock(BOT, fault, endpoint="command")
    await run_ahead(hass, call(hass, "press", PRESS))
    assert cloud.device(BOT).clicks == 1


async def test_bot_when_its_history_fails_before_is_not_pressed(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, BOT)
    cloud.malform("history", "object")
    assert await refused(hass, "press", PRESS) == "sesame_web_not_understood"
    assert cloud.received == []


async def test_bot_when_its_press_fails_that_is_told(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, BOT)
    failed = async_capture_events(hass, EVENT_COMMAND_FAILED)
    cloud.malform("history", "object")
    await refused(hass, "press", PRESS)
    assert [one.data["action"] for one in failed] == ["press"]


async def test_bot_when_its_history_is_slow_is_not_pressed_when_nobody_waits(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameWebSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "TIMEOUT", 200.0)
    await set_up(hass, BOT)
    cloud.never_answer()
    began = MONOTONIC()
    assert await refused(hass, "press", PRESS) == "command_expired"
    assert 15 <= MONOTONIC() - began < 30
    cloud.never_answer(silent=False)
    await live_through(hass, step=5, seconds=60)
    assert cloud.received == []


async def test_bot_when_its_history_comes_too_late_is_not_pressed(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, BOT)
    cloud.answer_after(0.3)
    before = asked(cloud, BOT, "history")
    task = hass.async_create_task(call(hass, "press", PRESS))
    while asked(cloud, BOT, "history") == before:
        await cloud.rest(1)
    # No timer has noticed yet that nobody waits any more.
    MONOTONIC.advance(15)
    with pytest.raises(HomeAssistantError) as caught:
        await task
    assert caught.value.translation_key == "command_expired"
    assert cloud.received == []


async def test_bot_when_its_history_fails_afterwards_says_so(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, BOT)
    task = hass.async_create_task(refused(hass, "press", PRESS))
    await until_received(cloud)
    cloud.malform("history", "object")
    assert await task == "sesame_web_unread"


async def test_bot_when_the_command_is_not_accepted_is_an_error(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, BOT)
    cloud.answer_commands(status_code=400)
    assert await refused(hass, "press", PRESS) == "sesame_web_not_accepted"


async def test_bike_when_unlocked_is_seen(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, BIKE)
    await run_ahead(hass, call(hass, "press", UNLOCK_BIKE))
    assert state(hass, "binary_sensor.bicycle_lock") == "on"
    assert [one.number for one in cloud.received] == [83]
    await cloud.turn_by_hand("locked", BIKE)
    cloud.jam(lock_id=BIKE)
    assert await refused(hass, "press", UNLOCK_BIKE) == "sesame_web_not_confirmed"
    assert state(hass, "binary_sensor.bicycle_lock") == "unknown"


async def test_bike_and_bot_when_commanded_act_in_the_name_of_their_caller(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, BIKE, BOT)
    failed = async_capture_events(hass, EVENT_COMMAND_FAILED)
    context = Context()
    await run_ahead(hass, call(hass, "press", UNLOCK_BIKE, context=context))
    for entity_id in ("binary_sensor.bicycle_lock", "event.bicycle_activity"):
        found = hass.states.get(entity_id)
        assert found is not None
        assert found.context.id == context.id
    cloud.jam(lock_id=BOT)
    with pytest.raises(HomeAssistantError):
        await run_ahead(hass, call(hass, "press", PRESS, context=context))
    await cloud.take_offline(BOT)
    with pytest.raises(HomeAssistantError):
        await run_ahead(hass, call(hass, "press", PRESS, context=context))
    assert [(one.data["action"], one.data["reason"]) for one in failed] == [
        ("press", "failed"),
        ("press", "not_confirmed"),
    ]
    assert {one.data["entity_id"] for one in failed} == {PRESS}
    assert all(one.context is context for one in failed)


async def test_two_locks_when_commanded_at_once_move_at_once(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, SESAME_4)
    tasks = [hass.async_create_task(call(hass, "unlock", name)) for name in (LOCK, BACK)]
    for task in tasks:
        await run_ahead(hass, task)
    assert (state(hass, LOCK), state(hass, BACK)) == ("unlocked", "unlocked")
