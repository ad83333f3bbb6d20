"""What the gateway and the locks say becomes states: every form of it, and nothing invented."""

from typing import Any, Literal

from homeassistant.core import HomeAssistant
import pytest
from yarl import URL

from tests.simulators.the_keys import BACK_ID, FRONT_ID, TheKeysSimulator
from tests.vendors.home import Clock, call, record, refresh, run_ahead, state
from tests.vendors.the_keys.home import BACK, LOCK, asked, set_up

STATUS = "sensor.tk_gateway_status"


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ('{"status": "Door closed", "code": 49}', "locked"),
        ('{"status": "Door open", "code": 50}', "unlocked"),
        ('{"status": "Unknown", "code": 48}', "unknown"),
        ('{"status": "ok", "code": "49"}', "locked"),
        ('{"status": "Door closed", "code": "0x31"}', "locked"),
        ('{"status": "50"}', "unlocked"),
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
async def test_every_form_of_a_state(
    hass: HomeAssistant,
    address: URL,
    gateway: TheKeysSimulator,
    body: str,
    shown: str,
) -> None:
    """Something has happened at the lock, and this is what it says when it is asked."""
    # The back door was unlocked, the front door locked: what is shown is not what was.
    identifier, lock = (BACK_ID, BACK) if shown == "locked" else (FRONT_ID, LOCK)
    entry = await set_up(hass, gateway, identifier)
    assert state(hass, lock) not in {shown, "unknown"}
    gateway.lock(identifier).last_log += 1
    gateway.force_reply("/locker_status", body, times=5)
    await refresh(hass, entry)
    assert state(hass, lock) == shown, body


@pytest.mark.parametrize("is_text", [False, True])
@pytest.mark.parametrize("style", ["seen", "page"])
@pytest.mark.parametrize("content_type", ["application/json", "text/html"])
async def test_every_way_to_write_numbers(
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


async def test_a_quiet_lock_is_not_asked(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    before = dict(gateway.signed_reads)
    for _ in range(5):
        await refresh(hass, entry)
    assert gateway.signed_reads == before


async def test_what_a_hand_did_is_seen_with_the_next_poll(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    before = gateway.signed_reads
    await gateway.turn_by_hand("unlocked")
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unlocked"
    assert gateway.signed_reads == {**before, FRONT_ID: before[FRONT_ID] + 1}
    told = hass.states.get("event.front_door_activity")
    assert told is not None
    assert told.attributes["event_type"] == "unlocked"
    locked = hass.states.get(LOCK)
    assert locked is not None
    assert locked.attributes.get("changed_by") is None


async def test_two_changes_between_two_polls_are_told(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    await gateway.turn_by_hand("unlocked")
    await gateway.turn_by_hand("locked")
    await refresh(hass, entry)
    assert state(hass, LOCK) == "locked"
    told = hass.states.get("event.front_door_activity")
    assert told is not None
    assert told.attributes["event_type"] == "changed"


async def test_a_change_nobody_counts_is_seen_within_half_an_hour(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, clock: Clock
) -> None:
    entry = await set_up(hass, gateway)
    gateway.configure(counts_hand=False)
    await gateway.turn_by_hand("unlocked")
    clock.tick(minutes=29)
    await refresh(hass, entry)
    assert state(hass, LOCK) == "locked"
    clock.tick(seconds=70)
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unlocked"


async def test_a_counter_that_starts_over(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    await gateway.turn_by_hand("unlocked")
    gateway.reset_counter()
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unlocked"


async def test_old_firmware_is_asked_now_and_then(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, clock: Clock
) -> None:
    gateway.old_firmware()
    entry = await set_up(hass, gateway)
    assert (state(hass, LOCK), state(hass, STATUS)) == ("locked", "unknown")
    await gateway.turn_by_hand("unlocked")
    clock.tick(minutes=4)
    await refresh(hass, entry)
    assert state(hass, LOCK) == "locked"
    clock.tick(seconds=70)
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unlocked"


async def test_a_lock_that_starts_does_not_know_where_it_is(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    gateway.boot_lock()
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unknown"
    await run_ahead(hass, call(hass, "lock", LOCK))
    assert state(hass, LOCK) == "locked"


async def test_a_lock_that_is_missed_is_away_after_the_third_time(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    await gateway.take_offline()
    for _ in range(2):
        await refresh(hass, entry)
        assert state(hass, LOCK) == "locked"
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unavailable"
    assert state(hass, BACK) == "unlocked"
    assert state(hass, "binary_sensor.front_door_connectivity") == "off"
    # Nobody knows when it was turned: it is read, and nothing is told.
    await gateway.turn_by_hand("unlocked")
    happened = record(hass, "event.front_door_activity")
    await gateway.bring_online()
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unlocked"
    assert [one for one in happened if one not in {"unknown", "unavailable"}] == []


async def test_a_lock_that_is_listed_and_does_not_answer(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, clock: Clock
) -> None:
    entry = await set_up(hass, gateway)
    gateway.configure(lists_offline=True)
    await gateway.take_offline()
    clock.tick(minutes=31)
    for _ in range(3):
        await refresh(hass, entry)
        clock.tick(seconds=61)
    assert state(hass, LOCK) == "unavailable"
    await gateway.bring_online()
    await refresh(hass, entry)
    assert state(hass, LOCK) == "locked"


async def test_news_of_a_lock_that_cannot_be_asked_make_it_unknown(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    await gateway.turn_by_hand("unlocked")
    gateway.answer_code(37, times=1, endpoint="/locker_status")
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unknown"


async def test_nothing_is_signed_while_the_gateway_synchronizes(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, clock: Clock
) -> None:
    entry = await set_up(hass, gateway)
    assert state(hass, STATUS) == "ready"
    gateway.start_synchronising(seconds=None)
    await gateway.turn_by_hand("unlocked")
    before = asked(gateway, "/locker_status")
    for _ in range(3):
        clock.tick(seconds=61)
        await refresh(hass, entry)
    assert asked(gateway, "/locker_status") == before
    assert state(hass, STATUS) == "synchronizing"
    # It has moved, and where it is nobody can ask.
    assert state(hass, LOCK) == "unknown"
    gateway.stop_synchronising()
    await refresh(hass, entry)
    assert (state(hass, STATUS), state(hass, LOCK)) == ("ready", "unlocked")


async def test_another_status_is_another_status(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, clock: Clock
) -> None:
    entry = await set_up(hass, gateway)
    reply = '{"version": 66, "current_status": "Dancing"}'
    gateway.force_reply("/status", reply)
    clock.tick(seconds=61)
    await refresh(hass, entry)
    assert state(hass, STATUS) == "other"


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"status": "ok"}', '{"devices": 7}'])
async def test_a_list_nobody_understands_is_no_list(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, body: str
) -> None:
    entry = await set_up(hass, gateway)
    gateway.force_reply("/lockers", body)
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unavailable"
    await refresh(hass, entry)
    assert state(hass, LOCK) == "locked"


async def test_a_busy_gateway_keeps_us_waiting_for_a_while(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    busy = '{"status": "500", "message": "busy"}'
    gateway.force_reply("/lockers", busy, times=5)
    for _ in range(3):
        await refresh(hass, entry)
        assert state(hass, LOCK) == "locked"
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unavailable"


async def test_a_gateway_that_is_gone_and_back(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    await gateway.switch_off()
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unavailable"
    assert state(hass, "binary_sensor.tk_gateway_connectivity") == "off"
    await gateway.turn_by_hand("unlocked")
    await gateway.switch_on()
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unlocked"
    assert state(hass, "binary_sensor.tk_gateway_connectivity") == "on"


@pytest.mark.parametrize(
    ("millivolts", "percent"), [(7235, "46"), (8300, "100"), (6000, "0"), (3730, "70"), (0, None)]
)
async def test_both_families_of_batteries(
    hass: HomeAssistant,
    address: URL,
    gateway: TheKeysSimulator,
    millivolts: int,
    percent: str | None,
) -> None:
    gateway.set_battery(millivolts)
    await set_up(hass, gateway)
    assert state(hass, "sensor.front_door_battery") == (percent or "unknown")


async def test_the_gateway_is_asked_one_thing_at_a_time(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    tasks: list[Any] = [
        hass.async_create_task(refresh(hass, entry)),
        hass.async_create_task(call(hass, "press", "button.front_door_refresh")),
        hass.async_create_task(call(hass, "press", "button.back_door_refresh")),
    ]
    for task in tasks:
        await task
    assert gateway.overlaps == 0
    assert all(
        request.headers.get("Connection", "").lower() == "close" for request in gateway.requests
    )
