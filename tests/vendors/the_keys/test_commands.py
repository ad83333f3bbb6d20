"""Commands: sent once, waited for, cured, confirmed by a read, and never believed without one."""

import asyncio
import time
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events
from yarl import URL

from custom_components.smartlocks.const import EVENT_ACTIVITY
from custom_components.smartlocks.vendors.the_keys.api import client
from tests.clock import MONOTONIC
from tests.simulators.the_keys import BACK_ID, FRONT_ID, TheKeysSimulator
from tests.vendors.home import (
    Clock,
    call,
    issues,
    let_pass,
    live_through,
    reauth_flows,
    record,
    refused,
    run_ahead,
    settle,
    state,
)
from tests.vendors.the_keys.helpers import (
    BACK,
    EVENT,
    LOCK,
    asked,
    drive,
    host,
    poll,
    set_up,
    tick,
    until_asked,
)

STORE = "smartlocks.the_keys"
MOVING = "action already started"
SYNCHRONIZE_LOCK = "button.front_door_synchronize_lock"


async def test_command_is_confirmed_by_a_read_and_changes_the_state_twice(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    seen = record(hass, LOCK)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    await run_ahead(hass, call(hass, "lock", LOCK))
    assert seen == ["unlocking", "unlocked", "locking", "locked"]
    assert gateway.acted == [(FRONT_ID, "open"), (FRONT_ID, "close")]
    locked = hass.states.get(LOCK)
    assert locked is not None
    assert locked.attributes["changed_by"] == "Home Assistant"


async def test_command_of_ours_is_one_event(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    happened = record(hass, EVENT)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    # The gateway may hear of it later than we do.
    gateway.lock().last_log += 1
    await poll(hass, 4)
    assert len(happened) == 1
    told = hass.states.get(EVENT)
    assert told is not None
    assert told.attributes["event_type"] == "unlocked"
    assert (told.attributes["method"], told.attributes["user"]) == ("remote", "Home Assistant")


async def test_command_when_the_gateway_synchronizes_long_after_it_then_it_is_one_event(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    happened = record(hass, EVENT)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    gateway.lock().last_log += 1
    gateway.start_synchronising(seconds=None)
    await live_through(hass, step=5, minutes=2)
    gateway.stop_synchronising()
    await live_through(hass, step=2, seconds=20)
    assert state(hass, LOCK) == "unlocked"
    assert len(happened) == 1


async def test_command_when_its_entry_is_reloaded_after_it_then_it_is_one_event(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    fired = async_capture_events(hass, EVENT_ACTIVITY)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    # The gateway may hear of it later than we do.
    gateway.lock().last_log += 1
    await poll(hass, 2)
    told = hass.states.get(EVENT)
    assert told is not None
    assert told.attributes["event_type"] == "unlocked"
    # Of what others do.
    assert fired == []


async def test_turn_by_hand_long_after_a_command_is_an_event(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await run_ahead(hass, call(hass, "unlock", LOCK))
    await live_through(hass, step=15, minutes=2)
    await gateway.turn_by_hand("locked")
    await gateway.turn_by_hand("unlocked")
    await poll(hass)
    told = hass.states.get(EVENT)
    assert told is not None
    assert told.attributes["event_type"] == "changed"


# Looks.


async def settle_motor(gateway: TheKeysSimulator) -> None:
    """Wait until the motor stands still and the command is answered."""
    await gateway.settle()
    await asyncio.sleep(0.05)


async def test_lock_is_read_as_early_as_it_can_have_arrived_and_then_no_more(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    before = asked(gateway, "/locker_status")
    task = hass.async_create_task(call(hass, "unlock", LOCK))
    await until_asked(gateway, "/open")
    await settle_motor(gateway)
    await tick(4)
    assert asked(gateway, "/locker_status") == before
    assert state(hass, LOCK) == "unlocking"
    await tick(1.5)
    await task
    assert state(hass, LOCK) == "unlocked"
    await poll(hass, 3)
    assert asked(gateway, "/locker_status") == before + 1


async def test_looks_go_on_at_their_times_while_the_lock_still_moves(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.answer_code(400, times=3, message=MOVING, endpoint="/locker_status")
    before = asked(gateway, "/locker_status")
    task = hass.async_create_task(call(hass, "unlock", LOCK))
    await until_asked(gateway, "/open")
    await settle_motor(gateway)
    looks = []
    for second in range(1, 20):
        count = asked(gateway, "/locker_status")
        await tick()
        if asked(gateway, "/locker_status") > count:
            looks.append(second)
    await task
    assert asked(gateway, "/locker_status") - before == len(looks) == 4
    assert all(abs(look - due) <= 1 for look, due in zip(looks, (5, 8, 12), strict=False))
    assert state(hass, LOCK) == "unlocked"


async def test_looks_are_not_put_off_by_reads_that_failed_before(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.fail_lock(FRONT_ID, 37)
    gateway.lock().last_log += 1
    await live_through(hass, step=5, seconds=100)
    gateway.fail_lock(FRONT_ID, None)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"


async def test_refused_command_that_looks_accepted_is_an_error(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.refuse_commands()
    assert await refused(hass, "unlock", LOCK) == "the_keys_not_confirmed"
    await let_pass(hass, seconds=2)
    assert state(hass, LOCK) == "locked"


async def test_jammed_lock_is_an_error_and_shows_where_it_is(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.jam()
    assert await refused(hass, "unlock", LOCK) == "the_keys_not_confirmed"
    assert state(hass, LOCK) == "unknown"
    await let_pass(hass, seconds=2)
    assert state(hass, LOCK) == "locked"


async def test_lock_that_cannot_be_read_after_a_command_is_unknown(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.fail_endpoint("/locker_status", 37)
    assert await refused(hass, "unlock", LOCK) == "the_keys_not_confirmed"
    await let_pass(hass, seconds=10)
    assert state(hass, LOCK) == "unknown"


# A busy gateway.


@pytest.mark.parametrize("style", ["seen", "page"])
@pytest.mark.parametrize("is_text", [False, True])
async def test_busy_gateway_is_waited_for(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator, style: str, is_text: bool
) -> None:
    gateway.numbers_as_text(on=is_text)
    gateway.set_busy(2, style=style)  # type: ignore[arg-type]
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"
    assert gateway.acted == [(FRONT_ID, "open")]
    assert asked(gateway, "/open") == 3


@pytest.mark.parametrize(("service", "limit"), [("unlock", 15), ("lock", 60)])
async def test_busy_gateway_is_waited_for_within_the_commands_time(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator, service: str, limit: int
) -> None:
    await gateway.turn_by_hand("locked" if service == "unlock" else "unlocked")
    await poll(hass)
    shown = state(hass, LOCK)
    gateway.fail_endpoint("/open", 500)
    gateway.fail_endpoint("/close", 500)
    began = MONOTONIC()
    assert await refused(hass, service, LOCK) == "the_keys_busy"
    assert limit - 11 < MONOTONIC() - began < limit + 5
    assert gateway.acted == []
    assert state(hass, LOCK) == shown


async def test_lock_that_moves_is_waited_for(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.answer_code(400, times=2, message=MOVING, endpoint="/open")
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"
    assert asked(gateway, "/open") == 3


async def test_gateway_that_synchronizes_is_waited_for(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.start_synchronising(seconds=None)
    task = hass.async_create_task(call(hass, "unlock", LOCK))
    await until_asked(gateway, "/open")
    await tick(6)
    gateway.stop_synchronising()
    await run_ahead(hass, task)
    assert state(hass, LOCK) == "unlocked"


async def test_command_that_waits_for_a_read_is_not_done_by_the_end_of_the_one_before(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await run_ahead(hass, call(hass, "unlock", LOCK))
    await poll(hass, 4)
    gateway.configure(light=40.0)
    gateway.set_travel(1000.0)
    MONOTONIC.advance(15)
    await until_asked(gateway, "/lockers", asked(gateway, "/lockers") + 1)
    task = hass.async_create_task(call(hass, "lock", LOCK))
    await until_asked(gateway, "/close")
    await tick(0)
    assert not task.done()
    await run_ahead(hass, task)
    assert gateway.bolt() == state(hass, LOCK) == "locked"


@pytest.mark.parametrize("is_removed", [True, False])
async def test_command_that_waits_is_not_sent_when_its_entry_is_gone(
    hass: HomeAssistant,
    entry: ConfigEntry,
    gateway: TheKeysSimulator,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_removed: bool,
) -> None:
    monkeypatch.setattr(client, "UNSIGNED_TIMEOUT", 100.0)
    gateway.freeze()
    MONOTONIC.advance(15)
    await until_asked(gateway, "/lockers", asked(gateway, "/lockers") + 1)
    task = hass.async_create_task(call(hass, "unlock", LOCK))
    await asyncio.sleep(0.05)
    if is_removed:
        await hass.config_entries.async_remove(entry.entry_id)
    else:
        await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(HomeAssistantError) as caught:
        await task
    assert caught.value.translation_key == "command_removed"
    gateway.unfreeze()
    await let_pass(hass, seconds=30)
    assert asked(gateway, "/open") == 0


async def test_command_that_a_busy_gateway_refused_is_not_sent_after_unloading(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.fail_endpoint("/open", 500)
    task = hass.async_create_task(call(hass, "unlock", LOCK))
    await until_asked(gateway, "/open")
    await asyncio.sleep(0.05)
    await hass.config_entries.async_unload(entry.entry_id)
    gateway.fail_endpoint("/open", None)
    with pytest.raises(HomeAssistantError):
        await drive(task)
    assert asked(gateway, "/open") == 1
    assert gateway.acted == []


async def test_read_that_waits_is_not_sent_when_its_entry_is_unloaded(
    hass: HomeAssistant,
    entry: ConfigEntry,
    gateway: TheKeysSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "UNSIGNED_TIMEOUT", 100.0)
    before = asked(gateway, "/locker_status")
    gateway.freeze()
    MONOTONIC.advance(15)
    await until_asked(gateway, "/lockers", asked(gateway, "/lockers") + 1)
    task = hass.async_create_task(call(hass, "press", "button.front_door_refresh"))
    await asyncio.sleep(0.05)
    await hass.config_entries.async_unload(entry.entry_id)
    gateway.unfreeze()
    with pytest.raises(HomeAssistantError) as caught:
        await drive(task)
    assert caught.value.translation_key == "the_keys_unreachable"
    assert asked(gateway, "/locker_status") == before


async def test_two_locks_take_turns(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    tasks = [
        hass.async_create_task(call(hass, "unlock", LOCK)),
        hass.async_create_task(call(hass, "lock", BACK)),
    ]
    for task in tasks:
        await run_ahead(hass, task)
    assert (state(hass, LOCK), state(hass, BACK)) == ("unlocked", "locked")
    assert sorted(gateway.acted) == sorted([(FRONT_ID, "open"), (BACK_ID, "close")])
    assert gateway.overlaps == 0


# Cures.


async def test_lost_clock_is_synchronized_once(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    before = asked(gateway, "/synchronize")
    gateway.lose_clock()
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"
    assert asked(gateway, "/synchronize") - before == 1
    assert asked(gateway, "/open") == 2


async def test_lost_clock_is_synchronized_when_the_gateway_is_free(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.lose_clock()
    gateway.fail_endpoint("/synchronize", 500, times=1)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"
    assert asked(gateway, "/open") == 2


async def test_clock_that_stays_wrong_is_an_error_and_an_issue(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.lose_clock(for_good=True)
    assert await refused(hass, "unlock", LOCK) == "the_keys_clock"
    assert asked(gateway, "/open") == 2
    assert "the_keys_clock" in issues(hass)
    assert gateway.acted == []
    gateway.radio.signatures.has_time = True
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert "the_keys_clock" not in issues(hass)


async def test_refused_timestamp_is_replaced_once(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.answer_code(33, message="timestamp too old", endpoint="/open")
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"
    assert gateway.acted == [(FRONT_ID, "open")]


async def test_refused_code_asks_for_another(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.answer_code(33, times=2, endpoint="/open")
    assert await refused(hass, "unlock", LOCK) == "the_keys_refused"
    assert len(reauth_flows(hass)) == 1
    assert issues(hass) == {"the_keys_code_refused"}
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert reauth_flows(hass) == []


async def test_timestamps_of_a_clock_that_was_wrong_are_left_behind(
    hass: HomeAssistant,
    address: URL,
    gateway: TheKeysSimulator,
    hass_storage: dict[str, Any],
) -> None:
    tomorrow = int(time.time()) + 86_400
    hass_storage[STORE] = {"version": 1, "data": {host(gateway): tomorrow}}
    gateway.configure(ahead=60.0)
    await set_up(hass, gateway)
    assert state(hass, LOCK) == "locked"
    assert hass_storage[STORE]["data"][host(gateway)] < tomorrow


async def test_timestamps_are_stored_before_they_are_used(
    hass: HomeAssistant,
    entry: ConfigEntry,
    gateway: TheKeysSimulator,
    hass_storage: dict[str, Any],
) -> None:
    for service in ("unlock", "lock"):
        await run_ahead(hass, call(hass, service, LOCK))
        assert list(hass_storage[STORE]["data"]) == [host(gateway)]
        assert hass_storage[STORE]["data"][host(gateway)] >= gateway.radio.signatures.last
    assert entry.entry_id not in str(hass_storage[STORE])


async def test_crash_and_a_clock_that_is_behind_cost_no_code(
    hass: HomeAssistant,
    clock: Clock,
    entry: ConfigEntry,
    gateway: TheKeysSimulator,
    hass_storage: dict[str, Any],
) -> None:
    gateway.configure(behind=None)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    await hass.config_entries.async_unload(entry.entry_id)
    # Nothing is left of what was only in memory.
    hass.data.pop("smartlocks_the_keys_gateways")
    clock.tick(hours=-1)
    before = asked(gateway, "/locker_status")
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert state(hass, LOCK) == "unlocked"
    assert asked(gateway, "/locker_status") - before == 2
    assert reauth_flows(hass) == []


async def test_key_that_the_lock_does_not_know_is_brought_there_once(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    before = asked(gateway, "/locker/synchronize")
    gateway.answer_code(36, endpoint="/open")
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"
    assert asked(gateway, "/locker/synchronize") - before == 1
    gateway.answer_code(36, times=2, endpoint="/close")
    assert await refused(hass, "lock", LOCK) == "the_keys_key_unknown"
    assert asked(gateway, "/locker/synchronize") - before == 2


async def test_key_that_the_lock_does_not_know_is_brought_there_when_the_gateway_is_free(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    before = asked(gateway, "/locker/synchronize")
    gateway.answer_code(36, times=2, endpoint="/open")
    gateway.fail_endpoint("/locker/synchronize", 500, times=1)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"
    assert gateway.acted == [(FRONT_ID, "open")]
    assert asked(gateway, "/locker/synchronize") - before == 2


async def test_cure_that_fails_leaves_the_first_error(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.answer_code(36, endpoint="/open")
    gateway.fail_endpoint("/locker/synchronize", 1)
    assert await refused(hass, "unlock", LOCK) == "the_keys_key_unknown"
    assert asked(gateway, "/open") == 1
    assert state(hass, LOCK) == "locked"


# Errors.


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (1, "the_keys_transient"),
        (2, "the_keys_not_compatible"),
        (3, "the_keys_transient"),
        (4, "the_keys_transient"),
        (5, "the_keys_transient"),
        (32, "the_keys_not_shared"),
        (34, "the_keys_not_detected"),
        (35, "the_keys_not_compatible"),
        (37, "the_keys_failed"),
        (77, "the_keys_failed"),
    ],
)
async def test_refusal_has_its_message_and_moves_nothing(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator, code: int, key: str
) -> None:
    gateway.answer_code(code, endpoint="/open")
    assert await refused(hass, "unlock", LOCK) == key
    assert asked(gateway, "/open") == 1
    assert gateway.acted == []
    await let_pass(hass, seconds=2)
    assert state(hass, LOCK) == "locked"


@pytest.mark.parametrize(
    "body", ["", "{}", "<html>", '{"status": "perhaps"}', '{"status": "ok", "code": 99}']
)
async def test_reply_that_is_not_understood_is_no_success(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator, body: str
) -> None:
    gateway.force_reply("/open", body)
    assert (await refused(hass, "unlock", LOCK) or "").startswith("the_keys_")
    assert asked(gateway, "/open") == 1
    await let_pass(hass, seconds=2)
    assert state(hass, LOCK) == "locked"


async def test_lost_reply_is_no_reason_to_send_again(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.lose_replies(endpoint="/open")
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"
    assert gateway.acted == [(FRONT_ID, "open")]


async def test_lost_reply_to_a_command_that_did_nothing_is_an_error(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.fail_endpoint("/open", "reset", times=1)
    assert await refused(hass, "unlock", LOCK) == "the_keys_unanswered"
    assert asked(gateway, "/open") == 1


async def test_gateway_that_is_off_gets_no_command(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await gateway.switch_off()
    began = MONOTONIC()
    assert await refused(hass, "unlock", LOCK) == "the_keys_unreachable"
    assert MONOTONIC() - began < 10
    assert state(hass, LOCK) == "locked"


# Buttons.


async def test_buttons_ask_the_gateway(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    before = asked(gateway, "/locker_status")
    await run_ahead(hass, call(hass, "press", "button.front_door_refresh"))
    assert asked(gateway, "/locker_status") - before == 1
    for button, path in (
        ("button.tk_gateway_synchronize", "/synchronize"),
        (SYNCHRONIZE_LOCK, "/locker/synchronize"),
    ):
        before = asked(gateway, path)
        await run_ahead(hass, call(hass, "press", button))
        assert asked(gateway, path) - before == 1
    before = asked(gateway, "/lockers")
    await run_ahead(hass, call(hass, "press", "button.tk_gateway_refresh"))
    assert asked(gateway, "/lockers") > before
    assert gateway.updates == []


async def test_synchronizing_a_lock_without_a_reply_is_a_success(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.configure(empty_synchronise=True)
    await run_ahead(hass, call(hass, "press", SYNCHRONIZE_LOCK))
    gateway.force_reply("/locker/synchronize", "<html>")
    assert await refused(hass, "press", SYNCHRONIZE_LOCK) == "the_keys_not_understood"


async def test_synchronizing_a_lock_may_take_as_long_as_the_radio_does(
    hass: HomeAssistant,
    entry: ConfigEntry,
    gateway: TheKeysSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for limit in ("UNSIGNED_TIMEOUT", "SIGNED_READ_TIMEOUT", "ACTION_TIMEOUT"):
        monkeypatch.setattr(client, limit, getattr(client, limit) * 0.02)
    gateway.configure(synchronise_lock=28)
    await call(hass, "press", SYNCHRONIZE_LOCK)


async def test_gateway_that_wants_to_rest_is_given_time(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await asyncio.sleep(0.02)
    gateway.require_rest(0.8)
    gateway.configure(gap_unsigned=0.4)
    gateway.spacing.settings.gap_signed = 0.8
    hurried = gateway.hurried
    gateway.lose_clock()
    await call(hass, "press", "button.tk_gateway_synchronize")
    await call(hass, "press", SYNCHRONIZE_LOCK)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert gateway.hurried == hurried


async def test_gateway_that_is_too_busy_to_synchronize_says_so(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.start_synchronising(seconds=None)
    assert await refused(hass, "press", "button.tk_gateway_synchronize") == "the_keys_busy"


async def test_refused_code_is_tried_again_when_the_gateway_was_synchronized(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.fail_lock(FRONT_ID, 32)
    gateway.lock().last_log += 1
    await live_through(hass, step=5, minutes=3)
    assert state(hass, LOCK) == "unavailable"
    gateway.fail_lock(FRONT_ID, None)
    await call(hass, "press", "button.tk_gateway_synchronize")
    await let_pass(hass, seconds=2)
    assert state(hass, LOCK) == "locked"


# Calibration turns the bolt.


CALIBRATE = "button.front_door_calibrate"


@pytest.fixture
async def with_calibration(hass: HomeAssistant, entry: ConfigEntry) -> ConfigEntry:
    """Enable the button, which is disabled by default."""
    er.async_get(hass).async_update_entity(CALIBRATE, disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    return entry


async def test_calibrated_lock_is_unknown_until_it_is_read(
    hass: HomeAssistant, with_calibration: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    seen = record(hass, LOCK)
    task = hass.async_create_task(call(hass, "press", CALIBRATE))
    await until_asked(gateway, "/calibrate")
    await asyncio.sleep(0.2)
    # What it says in between is where the bolt is for a moment.
    for _ in range(12):
        await tick()
        assert state(hass, LOCK) == "unknown"
    await run_ahead(hass, task)
    await let_pass(hass, seconds=2)
    assert gateway.acted == [(FRONT_ID, "calibrate")]
    assert seen == ["unknown", "locked"]


@pytest.mark.parametrize("ends", ["locked", "unlocked"])
async def test_calibrated_lock_shows_where_it_ended(
    hass: HomeAssistant, with_calibration: ConfigEntry, gateway: TheKeysSimulator, ends: Any
) -> None:
    gateway.configure(calibration_ends=ends)
    await run_ahead(hass, call(hass, "press", CALIBRATE))
    await let_pass(hass, seconds=2)
    assert state(hass, LOCK) == ends


async def test_calibrated_lock_stays_unknown_when_it_cannot_be_read(
    hass: HomeAssistant, with_calibration: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.fail_endpoint("/locker_status", 37)
    await run_ahead(hass, call(hass, "press", CALIBRATE))
    await let_pass(hass, seconds=60)
    assert state(hass, LOCK) == "unknown"


async def test_calibration_whose_reply_is_lost_leaves_the_state_unknown(
    hass: HomeAssistant, with_calibration: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.fail_endpoint("/locker_status", 37)
    gateway.lose_replies(endpoint="/calibrate")
    assert await refused(hass, "press", CALIBRATE) == "the_keys_unreachable"
    await let_pass(hass, seconds=10)
    assert state(hass, LOCK) == "unknown"


async def test_calibration_that_was_never_sent_changes_nothing(
    hass: HomeAssistant, with_calibration: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await gateway.switch_off()
    assert await refused(hass, "press", CALIBRATE) == "the_keys_unreachable"
    await gateway.switch_on()
    await live_through(hass, step=2, seconds=10)
    assert state(hass, LOCK) == "locked"
