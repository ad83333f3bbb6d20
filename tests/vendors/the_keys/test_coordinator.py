"""Reading: what is shown, when locks are asked, and what one failure does to the others."""

from typing import Any, Literal

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.the_keys.api import client
from tests.simulators.base import Bolt
from tests.simulators.the_keys import BACK_ID, FRONT_ID, TheKeysSimulator
from tests.simulators.the_keys.settings import StateForm
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
from tests.vendors.the_keys.helpers import BACK, EVENT, LOCK, STATUS, asked, poll, set_up

ONLINE = "binary_sensor.tk_gateway_connectivity"
BUSY = '{"status": "500", "message": "busy"}'


async def reload(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Load the entry again."""
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)


def event_of(hass: HomeAssistant) -> dict[str, Any]:
    """Return what the front door's event entity tells."""
    told = hass.states.get(EVENT)
    assert told is not None
    return dict(told.attributes)


# What a lock says.


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ('{"status": "Door closed", "code": 49}', "locked"),
        ('{"status": "Door open", "code": 50}', "unlocked"),
        ('{"status": "Unknown", "code": 48}', "unknown"),
        ('{"status": "ok", "code": "49"}', "locked"),
        ('{"status": "Door closed", "code": "0x31"}', "locked"),
        ('{"status": "Door open", "code": "0x32"}', "unlocked"),
        ('{"status": "50"}', "unlocked"),
        ('{"status": 50}', "unlocked"),
        ('{"status": "Door open"}', "unknown"),
        ('{"status": "ok", "code": 51}', "unknown"),
        ('{"status": "ok", "code": 0}', "unknown"),
        ('{"status": "ok"}', "unknown"),
        ('{"status": "ko", "code": 49}', "unknown"),
        ('{"code": true}', "unknown"),
        ('{"status": null, "code": null}', "unknown"),
        ("[49]", "unknown"),
        ("49", "unknown"),
        ("{}", "unknown"),
        ("", "unknown"),
        ("<html>Door closed</html>", "unknown"),
    ],
)
async def test_state_in_every_form_is_understood_or_unknown(
    hass: HomeAssistant,
    address: URL,
    gateway: TheKeysSimulator,
    body: str,
    shown: str,
) -> None:
    # The back door was unlocked, the front door locked: what is shown is not what was.
    identifier, lock = (BACK_ID, BACK) if shown == "locked" else (FRONT_ID, LOCK)
    await set_up(hass, gateway, identifier)
    assert state(hass, lock) not in {shown, "unknown"}
    gateway.lock(identifier).last_log += 1
    gateway.force_reply("/locker_status", body, times=5)
    await poll(hass)
    assert state(hass, lock) == shown, body


@pytest.mark.parametrize("form", ["number", "hexadecimal", "status", "status_text"])
async def test_state_by_hand_is_shown_in_each_of_the_gateways_forms(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator, form: StateForm
) -> None:
    gateway.set_state_form(form)
    await gateway.turn_by_hand("unlocked")
    await poll(hass)
    assert state(hass, LOCK) == "unlocked"


@pytest.mark.parametrize("is_text", [False, True])
@pytest.mark.parametrize("style", ["seen", "page"])
@pytest.mark.parametrize("content_type", ["application/json", "text/html"])
async def test_numbers_in_every_form_are_understood(
    hass: HomeAssistant,
    address: URL,
    gateway: TheKeysSimulator,
    style: Literal["seen", "page"],
    content_type: str,
    *,
    is_text: bool,
) -> None:
    gateway.set_reply_style(style)
    gateway.numbers_as_text(on=is_text)
    gateway.configure(content_type=content_type)
    await set_up(hass, gateway)
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"
    assert state(hass, "sensor.front_door_battery") == "77"


async def test_reply_about_another_lock_is_not_believed(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await gateway.turn_by_hand("locked", BACK_ID)
    gateway.answer_for_other(FRONT_ID, BACK_ID, times=1)
    await gateway.turn_by_hand("unlocked", BACK_ID)
    gateway.lock(BACK_ID).last_log += 1
    await let_pass(hass, seconds=15)
    await let_pass(hass, seconds=1.5)
    assert state(hass, BACK) == "unknown"
    await let_pass(hass, seconds=3)
    assert state(hass, BACK) == "unlocked"


@pytest.mark.parametrize("battery", ["9" * 310, "1e400", "-1", "null", '"full"'])
async def test_battery_that_is_no_measurement_spoils_nothing_else(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator, battery: str
) -> None:
    await gateway.turn_by_hand("unlocked")
    gateway.force_reply("/locker_status", f'{{"code": 50, "battery": {battery}, "position": 20}}')
    await poll(hass)
    assert state(hass, LOCK) == "unlocked"
    assert state(hass, "sensor.front_door_battery") == "77"


@pytest.mark.parametrize(
    ("millivolts", "percent"), [(7235, "46"), (8300, "100"), (6000, "0"), (3730, "70"), (0, None)]
)
async def test_battery_of_both_kinds_is_a_percentage(
    hass: HomeAssistant,
    address: URL,
    gateway: TheKeysSimulator,
    millivolts: int,
    percent: str | None,
) -> None:
    gateway.set_battery(millivolts)
    await set_up(hass, gateway)
    assert state(hass, "sensor.front_door_battery") == (percent or "unknown")


async def test_unknown_after_a_lock_restarts_is_read_again_each_minute(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.boot_lock()
    await poll(hass)
    assert state(hass, LOCK) == "unknown"
    await let_pass(hass, seconds=9)
    # Its position comes back without a change that is counted.
    gateway.lock().turn("locked", counted=False)
    await let_pass(hass, seconds=61)
    await let_pass(hass, seconds=2)
    assert state(hass, LOCK) == "locked"


# When a lock is asked.


async def test_quiet_lock_is_not_asked(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    before = dict(gateway.signed_reads)
    await poll(hass, 8)
    assert gateway.signed_reads == before
    assert state(hass, LOCK) == "locked"


async def test_each_lock_is_asked_once_when_an_entry_is_set_up(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    before = dict(gateway.signed_reads)
    await reload(hass, entry)
    await poll(hass)
    assert gateway.signed_reads == {lock: count + 1 for lock, count in before.items()}


async def test_turn_by_hand_is_shown_after_the_next_list(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    before = gateway.signed_reads
    await gateway.turn_by_hand("unlocked")
    await poll(hass)
    assert state(hass, LOCK) == "unlocked"
    assert gateway.signed_reads == {**before, FRONT_ID: before[FRONT_ID] + 1}
    assert event_of(hass)["event_type"] == "unlocked"
    locked = hass.states.get(LOCK)
    assert locked is not None
    assert locked.attributes.get("changed_by") is None
    assert state(hass, "sensor.front_door_last_change") != "unknown"


async def test_two_turns_between_two_lists_are_an_event(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await gateway.turn_by_hand("unlocked")
    await gateway.turn_by_hand("locked")
    await poll(hass)
    assert state(hass, LOCK) == "locked"
    assert event_of(hass)["event_type"] == "changed"


async def test_event_of_a_turn_comes_after_the_state(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    seen: list[str] = []

    @callback
    def happened(_: Event[EventStateChangedData]) -> None:
        seen.append(state(hass, LOCK))

    async_track_state_change_event(hass, EVENT, happened)
    await gateway.turn_by_hand("unlocked")
    await poll(hass)
    assert seen == ["unlocked"]


async def test_counter_that_starts_over_is_a_change(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await gateway.turn_by_hand("unlocked")
    gateway.reset_counter()
    await poll(hass)
    assert state(hass, LOCK) == "unlocked"


async def test_change_that_is_not_counted_is_shown_within_half_an_hour(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.configure(counts_hand=False)
    await gateway.turn_by_hand("unlocked")
    await live_through(hass, step=15, minutes=29)
    assert state(hass, LOCK) == "locked"
    await live_through(hass, step=15, seconds=75)
    assert state(hass, LOCK) == "unlocked"


@pytest.mark.parametrize("is_reloaded", [False, True])
async def test_counter_when_it_was_seen_not_to_move_then_the_lock_is_asked_every_four_minutes(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator, *, is_reloaded: bool
) -> None:
    gateway.configure(counts_hand=False)
    await gateway.turn_by_hand("unlocked")
    await live_through(hass, step=15, minutes=33)
    assert state(hass, LOCK) == "unlocked"
    if is_reloaded:
        await reload(hass, entry)
    await gateway.turn_by_hand("locked")
    await live_through(hass, step=15, seconds=255)
    assert state(hass, LOCK) == "locked"
    await gateway.turn_by_hand("unlocked")
    await live_through(hass, step=15, seconds=255)
    assert state(hass, LOCK) == "unlocked"


async def test_counter_when_it_moves_after_the_lock_was_read_then_it_is_relied_on(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.configure(counts_hand=False)
    await gateway.turn_by_hand("unlocked")
    await call(hass, "press", "button.front_door_refresh")
    assert state(hass, LOCK) == "unlocked"
    await live_through(hass, step=15, minutes=1)
    gateway.lock().last_log += 1
    await poll(hass)
    before = asked(gateway, "/locker_status")
    await live_through(hass, step=15, minutes=10)
    assert asked(gateway, "/locker_status") == before


@pytest.mark.parametrize("has_counter", [True, False])
async def test_lock_without_a_moving_counter_is_asked_every_four_minutes(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, *, has_counter: bool
) -> None:
    if has_counter:
        # Listed, but below firmware 57 nothing moves it.
        gateway.set_lock_firmware(56)
    else:
        gateway.old_firmware()
    await set_up(hass, gateway)
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")
    await gateway.turn_by_hand("unlocked")
    await live_through(hass, step=15, seconds=255)
    assert state(hass, LOCK) == "unlocked"


async def test_counter_is_relied_on_again_when_the_lock_has_new_firmware(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    gateway.set_lock_firmware(56)
    await set_up(hass, gateway, FRONT_ID)
    gateway.set_lock_firmware(57)
    await live_through(hass, step=15, seconds=255)
    before = asked(gateway, "/locker_status")
    await live_through(hass, step=15, minutes=20)
    assert asked(gateway, "/locker_status") == before
    assert state(hass, LOCK) == "locked"


async def test_change_is_read_when_a_routine_read_before_it_failed(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.fail_lock(FRONT_ID, 37)
    await live_through(hass, step=15, minutes=31)
    await gateway.turn_by_hand("unlocked")
    await poll(hass)
    assert state(hass, LOCK) != "locked"
    gateway.fail_lock(FRONT_ID, None)
    await let_pass(hass, seconds=61)
    await let_pass(hass, seconds=2)
    assert state(hass, LOCK) == "unlocked"


@pytest.mark.parametrize("is_answered", [True, False])
async def test_change_when_reads_before_it_failed_then_locked_does_not_wait_for_the_next_try(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator, *, is_answered: bool
) -> None:
    gateway.fail_lock(FRONT_ID, 37)
    # The read of each half hour, and three more: the next try is half a minute away.
    await live_through(hass, step=5, minutes=30.5)
    assert state(hass, LOCK) == "locked"
    await gateway.turn_by_hand("unlocked")
    if is_answered:
        gateway.fail_lock(FRONT_ID, None)
    await live_through(hass, step=2, seconds=18)
    # It has moved, and where to may not be known.
    assert state(hass, LOCK) == ("unlocked" if is_answered else "unknown")


@pytest.mark.parametrize("hours", [-3, 3])
async def test_change_is_read_when_the_clock_has_stepped(
    hass: HomeAssistant, clock: Clock, entry: ConfigEntry, gateway: TheKeysSimulator, hours: int
) -> None:
    gateway.configure(behind=None)
    await poll(hass)
    clock.tick(hours=hours)
    await gateway.turn_by_hand("unlocked")
    await poll(hass, 2)
    await let_pass(hass, seconds=5)
    assert state(hass, LOCK) == "unlocked"


async def test_change_whose_read_fails_makes_the_state_unknown_until_it_is_read(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await gateway.turn_by_hand("unlocked")
    gateway.answer_code(37, times=1, endpoint="/locker_status")
    await poll(hass)
    assert state(hass, LOCK) == "unknown"
    await let_pass(hass, seconds=3)
    assert state(hass, LOCK) == "unlocked"


async def test_counters_value_that_was_not_read_renews_nothing(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.fail_lock(FRONT_ID, 37)
    await gateway.turn_by_hand("unlocked")
    await live_through(hass, step=15, minutes=6)
    assert state(hass, LOCK) in ("unknown", "unavailable")


@pytest.mark.parametrize("poll_seconds", [15, 600])
async def test_state_that_each_list_renews_stays_shown(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, poll_seconds: int
) -> None:
    await set_up(hass, gateway, FRONT_ID, poll_seconds=poll_seconds)
    seen = record(hass, LOCK)
    await live_through(hass, step=15, minutes=25)
    assert seen == []
    assert state(hass, LOCK) == "locked"


async def test_state_ends_after_five_minutes_when_nothing_can_be_read(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.fail_endpoint("/lockers", 500)
    gateway.fail_endpoint("/locker_status", 500)
    await live_through(hass, step=15, minutes=4)
    assert state(hass, LOCK) == "locked"
    await live_through(hass, step=15, minutes=2)
    assert state(hass, LOCK) == "unknown"


# One failure, and the others.


@pytest.mark.parametrize("endpoint", ["/lockers", "/locker_status"])
async def test_lost_reply_is_asked_for_again_at_once(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator, endpoint: str
) -> None:
    seen = record(hass, LOCK)
    await gateway.turn_by_hand("unlocked")
    gateway.fail_endpoint(endpoint, "reset", times=1)
    await poll(hass)
    assert seen == ["unlocked"]
    await run_ahead(hass, call(hass, "lock", LOCK))
    assert state(hass, LOCK) == "locked"


async def test_lost_reply_does_not_keep_the_entry_from_loading(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    for endpoint in ("/lockers", "/status", "/locker_status"):
        gateway.fail_endpoint(endpoint, "reset", times=1)
    await reload(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")


async def test_list_that_fails_is_tried_again_within_seconds(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await set_up(hass, gateway, poll_seconds=600)
    gateway.fail_endpoint("/lockers", "reset", times=2)
    await let_pass(hass, seconds=600)
    await gateway.turn_by_hand("unlocked")
    await let_pass(hass, seconds=2.5)
    await let_pass(hass, seconds=2)
    assert state(hass, LOCK) == "unlocked"


@pytest.mark.parametrize("fault", ["reset", 500, 77])
async def test_status_that_fails_takes_nothing_else_down(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator, fault: Any
) -> None:
    gateway.fail_endpoint("/status", fault)
    seen = record(hass, BACK)
    await gateway.turn_by_hand("unlocked")
    await poll(hass, 12)
    assert state(hass, LOCK) == "unlocked"
    assert state(hass, ONLINE) == "on"
    assert seen == []
    await run_ahead(hass, call(hass, "lock", LOCK))
    assert state(hass, LOCK) == "locked"


async def test_status_that_hangs_is_asked_once_a_minute(
    hass: HomeAssistant,
    entry: ConfigEntry,
    gateway: TheKeysSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "UNSIGNED_TIMEOUT", 0.1)
    gateway.fail_endpoint("/status", "silent")
    await gateway.turn_by_hand("unlocked")
    before = asked(gateway, "/status")
    await poll(hass, 8)
    assert state(hass, LOCK) == "unlocked"
    assert asked(gateway, "/status") - before <= 3


async def test_lock_that_never_answers_is_alone(
    hass: HomeAssistant,
    entry: ConfigEntry,
    gateway: TheKeysSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "SIGNED_READ_TIMEOUT", 0.2)
    gateway.fail_lock(BACK_ID, "silent")
    await reload(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert state(hass, LOCK) == "locked"
    await gateway.turn_by_hand("unlocked")
    await poll(hass)
    assert state(hass, LOCK) == "unlocked"
    await live_through(hass, step=15, minutes=5)
    assert state(hass, BACK) == "unavailable"
    assert (state(hass, LOCK), state(hass, ONLINE)) == ("unlocked", "on")
    gateway.fail_lock(BACK_ID, None)
    await let_pass(hass, seconds=61)
    assert state(hass, BACK) == "unlocked"


async def test_only_lock_that_never_answers_does_not_keep_the_entry_from_loading(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    gateway.fail_lock(FRONT_ID, 37)
    await reload(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert state(hass, STATUS) == "ready"
    gateway.fail_lock(FRONT_ID, None)
    await let_pass(hass, seconds=2.5)
    assert state(hass, LOCK) == "locked"


# Out of reach.


async def test_gateway_that_is_off_is_unavailable_after_two_minutes_and_comes_back(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await gateway.switch_off()
    await live_through(hass, step=15, seconds=105)
    assert state(hass, LOCK) == "locked"
    assert await refused(hass, "unlock", LOCK) == "the_keys_unreachable"
    await live_through(hass, step=15, seconds=60)
    assert state(hass, LOCK) == "unavailable"
    assert state(hass, ONLINE) == "off"
    await gateway.turn_by_hand("unlocked")
    await gateway.switch_on()
    await let_pass(hass, seconds=61)
    await let_pass(hass, seconds=2)
    assert state(hass, LOCK) == "unlocked"
    assert state(hass, ONLINE) == "on"


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"status": "ok"}', '{"devices": 7}'])
async def test_list_that_is_not_understood_changes_nothing(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator, body: str
) -> None:
    seen = record(hass, LOCK)
    gateway.force_reply("/lockers", body)
    await poll(hass)
    await let_pass(hass, seconds=3)
    assert seen == []


@pytest.mark.parametrize("locks", [(FRONT_ID,), (FRONT_ID, BACK_ID)])
async def test_empty_list_is_asked_again_before_it_is_believed(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, locks: tuple[str, ...]
) -> None:
    await set_up(hass, gateway, *locks)
    seen = record(hass, LOCK)
    before = asked(gateway, "/lockers")
    gateway.answer_empty_list()
    await poll(hass)
    assert asked(gateway, "/lockers") - before == 2
    await poll(hass, 3)
    assert seen == []


async def test_list_when_asked_again_for_a_missing_lock_in_vain_then_the_other_lock_is_shown(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    # What comes so soon after an answer is reset.
    gateway.require_rest(80)
    await gateway.take_offline(BACK_ID)
    await gateway.turn_by_hand("unlocked")
    await live_through(hass, step=1, seconds=20)
    assert (state(hass, LOCK), state(hass, BACK)) == ("unlocked", "unlocked")
    await live_through(hass, step=1, seconds=40)
    assert (state(hass, LOCK), state(hass, BACK)) == ("unlocked", "unavailable")
    assert state(hass, ONLINE) == "on"


async def test_lock_that_three_lists_miss_is_away_until_it_is_listed(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await gateway.take_offline()
    await poll(hass, 2)
    assert state(hass, LOCK) == "locked"
    await poll(hass)
    assert state(hass, LOCK) == "unavailable"
    assert state(hass, BACK) == "unlocked"
    assert state(hass, "binary_sensor.front_door_connectivity") == "off"
    before = (asked(gateway, "/locker_status"), asked(gateway, "/lockers"))
    await poll(hass, 8)
    # Nobody is asked in vain, and no list twice.
    after = (asked(gateway, "/locker_status"), asked(gateway, "/lockers"))
    assert after == (before[0], before[1] + 8)
    # When it was turned is not known: it is read, and there is no event.
    await gateway.turn_by_hand("unlocked")
    happened = record(hass, EVENT)
    await gateway.bring_online()
    await poll(hass)
    assert state(hass, LOCK) == "unlocked"
    assert [one for one in happened if one not in {"unknown", "unavailable"}] == []


async def test_lock_that_is_listed_and_not_reached_three_times_is_away(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.configure(lists_offline=True)
    await gateway.take_offline()
    await gateway.turn_by_hand("unlocked")
    await poll(hass)
    assert state(hass, LOCK) == "unknown"
    await let_pass(hass, seconds=3)
    await let_pass(hass, seconds=6)
    assert state(hass, LOCK) == "unavailable"
    assert state(hass, "binary_sensor.front_door_connectivity") == "off"
    await gateway.bring_online()
    await live_through(hass, step=15, seconds=60)
    assert state(hass, LOCK) == "unlocked"


async def test_lock_that_moves_says_so_when_it_is_read(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.lock().is_moving = True
    assert await refused(hass, "press", "button.front_door_refresh") == "the_keys_moving"
    assert state(hass, LOCK) == "locked"


# A busy gateway.


async def test_no_signed_read_goes_out_while_the_gateway_synchronizes(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    assert state(hass, STATUS) == "ready"
    # The status was asked a short time ago, and will not be asked by itself for a minute.
    gateway.start_synchronising(seconds=None)
    await gateway.turn_by_hand("unlocked")
    before = asked(gateway, "/locker_status")
    await poll(hass)
    assert state(hass, STATUS) == "synchronizing"
    # It has moved, and where to cannot be asked.
    assert state(hass, LOCK) == "unknown"
    await live_through(hass, step=5, minutes=5)
    assert asked(gateway, "/locker_status") == before
    # Commands would be dropped for a lock that is unavailable.
    assert state(hass, LOCK) == "unknown"
    gateway.stop_synchronising()
    await live_through(hass, step=2, seconds=8)
    assert (state(hass, STATUS), state(hass, LOCK)) == ("ready", "unlocked")


@pytest.mark.parametrize("is_synchronizing", [True, False])
async def test_state_when_the_gateway_hears_no_lock_for_long_then_its_list_renews_nothing(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator, *, is_synchronizing: bool
) -> None:
    if is_synchronizing:
        gateway.start_synchronising(seconds=None)
    else:
        # It says that it is busy when a lock is to be read, which is due each half hour.
        gateway.fail_endpoint("/locker_status", 500)
        await live_through(hass, step=15, minutes=30)
    # It hangs, or has no time for the radio: its list stays what it was.
    gateway.configure(counts_hand=False)
    await gateway.turn_by_hand("unlocked")
    await live_through(hass, step=5, minutes=4)
    assert state(hass, LOCK) == "locked"
    await live_through(hass, step=5, minutes=2.5)
    assert state(hass, LOCK) == "unknown"
    gateway.stop_synchronising()
    gateway.fail_endpoint("/locker_status", None)
    # One that stays busy is asked once a minute.
    await live_through(hass, step=2, seconds=20 if is_synchronizing else 66)
    assert state(hass, LOCK) == "unlocked"


async def test_lock_when_it_moves_after_a_long_synchronization_is_asked_again_soon(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.start_synchronising(seconds=None)
    await gateway.turn_by_hand("unlocked")
    await live_through(hass, step=5, minutes=5)
    gateway.fail_endpoint("/locker_status", 500, times=1)
    gateway.stop_synchronising()
    # Nothing was asked of it meanwhile: it is busy for the first time.
    await live_through(hass, step=2, seconds=18)
    assert state(hass, LOCK) == "unlocked"


async def test_entry_loads_while_the_gateway_synchronizes(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    gateway.start_synchronising(seconds=None)
    await reload(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    gateway.stop_synchronising()
    await live_through(hass, step=2, seconds=8)
    assert state(hass, LOCK) == "locked"


async def test_refresh_while_the_gateway_synchronizes_says_so(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.start_synchronising(seconds=None)
    assert await refused(hass, "press", "button.front_door_refresh") == "the_keys_busy"


async def test_status_that_is_another_is_other(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.force_reply("/status", '{"version": 66, "current_status": "Dancing"}')
    await let_pass(hass, seconds=61)
    assert state(hass, STATUS) == "other"


async def test_busy_list_is_waited_for(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    seen = record(hass, LOCK)
    gateway.force_reply("/lockers", BUSY, times=5)
    await live_through(hass, step=5, minutes=1)
    assert seen == []
    assert state(hass, ONLINE) == "on"


async def test_gateway_is_asked_one_thing_at_a_time(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    tasks: list[Any] = [
        hass.async_create_task(poll(hass)),
        hass.async_create_task(call(hass, "press", "button.front_door_refresh")),
        hass.async_create_task(call(hass, "press", "button.back_door_refresh")),
    ]
    for task in tasks:
        await task
    assert gateway.overlaps == 0
    assert all(
        request.headers.get("Connection", "").lower() == "close" for request in gateway.requests
    )


# Clocks and codes.


async def test_lost_clock_is_synchronized_although_that_is_busy_at_first(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await gateway.turn_by_hand("unlocked")
    gateway.lose_clock()
    gateway.fail_endpoint("/synchronize", 500, times=2)
    await poll(hass)
    assert issues(hass) == set()
    await live_through(hass, step=3, seconds=15)
    assert state(hass, LOCK) == "unlocked"
    assert issues(hass) == set()


async def test_clock_that_stays_wrong_is_synchronized_now_and_then_and_told(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.lose_clock(for_good=True)
    await gateway.turn_by_hand("unlocked")
    before = asked(gateway, "/synchronize")
    await poll(hass)
    assert issues(hass) == {"the_keys_clock"}
    await live_through(hass, step=15, minutes=8)
    assert asked(gateway, "/synchronize") - before == 1
    assert state(hass, LOCK) in ("unknown", "unavailable")
    gateway.lose_clock()
    await live_through(hass, step=15, minutes=4)
    assert issues(hass) == set()
    assert state(hass, LOCK) == "unlocked"


async def test_clock_when_lost_again_after_it_was_set_then_it_is_set_again_at_once(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    before = asked(gateway, "/synchronize")
    bolts: list[Bolt] = ["unlocked", "locked", "unlocked"]
    for times, bolt in enumerate(bolts, 1):
        # It was without power: twice within ten minutes, and once more.
        gateway.lose_clock()
        await gateway.turn_by_hand(bolt)
        await poll(hass)
        assert (state(hass, LOCK), issues(hass)) == (bolt, set())
        assert asked(gateway, "/synchronize") - before == times


async def test_clock_of_the_host_that_was_ahead_costs_a_minute_and_few_requests(
    hass: HomeAssistant, clock: Clock, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.configure(ahead=100.0)
    clock.tick(seconds=402)
    await gateway.turn_by_hand("unlocked")
    before = asked(gateway, "/locker_status")
    await live_through(hass, step=15, minutes=20)
    assert state(hass, LOCK) in ("unknown", "unavailable")
    # One try a minute, and the first one twice.
    assert asked(gateway, "/locker_status") - before <= 28
    clock.tick(seconds=-402)
    # Twenty minutes have passed for the gateway, too, of which the test took two seconds.
    gateway.radio.signatures.last -= 1200
    await live_through(hass, step=15, seconds=75)
    assert state(hass, LOCK) == "unlocked"
    assert issues(hass) == set()
    assert reauth_flows(hass) == []


async def test_code_that_is_refused_concerns_its_lock_alone(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.fail_lock(FRONT_ID, 32)
    await reload(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert state(hass, BACK) == "unlocked"
    assert issues(hass) == {"the_keys_share_gone"}
    assert len(reauth_flows(hass)) == 1


@pytest.mark.parametrize(
    ("how", "issue"), [("deleted", "the_keys_share_gone"), ("changed", "the_keys_code_refused")]
)
async def test_reauthentication_ends_when_the_codes_work_again(
    hass: HomeAssistant,
    entry: ConfigEntry,
    gateway: TheKeysSimulator,
    clock: Clock,
    how: Literal["deleted", "changed"],
    issue: str,
) -> None:
    # As long as the requests of set-up take where none is in a hurry.
    clock.tick(seconds=15)
    gateway.refuse_credentials(how)
    for lock in (FRONT_ID, BACK_ID):
        gateway.lock(lock).last_log += 1
    await poll(hass)
    assert issues(hass) == {issue}
    assert len(reauth_flows(hass)) == 1
    await reload(hass, entry)
    assert len(reauth_flows(hass)) == 1
    gateway.accept_credentials()
    await let_pass(hass, seconds=3)
    assert issues(hass) == set()
    assert reauth_flows(hass) == []


async def test_issue_of_a_refused_code_goes_with_its_lock(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.fail_lock(FRONT_ID, 32)
    gateway.lock().last_log += 1
    await poll(hass)
    assert issues(hass) == {"the_keys_share_gone"}
    lock = next(one for one in entry.subentries.values() if one.unique_id == FRONT_ID)
    hass.config_entries.async_remove_subentry(entry, lock.subentry_id)
    await settle(hass)
    assert issues(hass) == set()
    assert reauth_flows(hass) == []


# A gateway that is silent.


async def test_gateway_that_is_silent_for_five_minutes_is_an_issue(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await gateway.switch_off()
    await live_through(hass, step=15, seconds=285)
    assert issues(hass) == set()
    await live_through(hass, step=15, seconds=90)
    assert issues(hass) == {"the_keys_frozen"}
    await gateway.switch_on()
    await let_pass(hass, seconds=61)
    assert issues(hass) == set()


async def test_silent_gateway_is_an_issue_while_set_up_is_tried_again(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await gateway.switch_off()
    await reload(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    for _ in range(4):
        assert issues(hass) == set()
        await let_pass(hass, seconds=90)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert issues(hass) == {"the_keys_frozen"}
    await gateway.switch_on()
    await let_pass(hass, seconds=90)
    assert entry.state is ConfigEntryState.LOADED
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")
    assert issues(hass) == set()


async def test_issue_of_a_silent_gateway_goes_with_its_entry(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await gateway.switch_off()
    await reload(hass, entry)
    for _ in range(4):
        await let_pass(hass, seconds=90)
    assert issues(hass) == {"the_keys_frozen"}
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert issues(hass) == set()
