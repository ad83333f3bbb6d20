"""Commands: sent once, waited for, cured, confirmed, and never believed without a look."""

import time
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.the_keys.stations import async_station
from tests.simulators.the_keys import BACK_ID, FRONT_ID, TheKeysSimulator
from tests.vendors.home import call, issues, record, refresh, refused, run_ahead, state
from tests.vendors.the_keys.home import BACK, LOCK, asked, host, set_up


async def test_a_command_is_on_its_way_and_then_confirmed(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await set_up(hass, gateway)
    seen = record(hass, LOCK)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    await run_ahead(hass, call(hass, "lock", LOCK))
    assert seen == ["unlocking", "unlocked", "locking", "locked"]
    assert gateway.acted == [(FRONT_ID, "open"), (FRONT_ID, "close")]
    locked = hass.states.get(LOCK)
    assert locked is not None
    assert locked.attributes["changed_by"] == "Home Assistant"


async def test_what_we_did_is_told_once(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    happened = record(hass, "event.front_door_activity")
    for _ in range(3):
        await refresh(hass, entry)
    assert happened == []
    told = hass.states.get("event.front_door_activity")
    assert told is not None
    assert told.attributes["event_type"] == "unlocked"
    assert (told.attributes["method"], told.attributes["user"]) == ("remote", "Home Assistant")


@pytest.mark.parametrize("style", ["seen", "page"])
@pytest.mark.parametrize("is_text", [False, True])
async def test_a_busy_gateway_is_waited_for(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, style: str, is_text: bool
) -> None:
    await set_up(hass, gateway)
    gateway.numbers_as_text(on=is_text)
    gateway.set_busy(3, style=style)  # type: ignore[arg-type]
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"
    assert gateway.acted == [(FRONT_ID, "open")]
    assert asked(gateway, "/open") == 4


async def test_a_busy_gateway_is_not_waited_for_without_end(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await set_up(hass, gateway)
    gateway.set_busy(4)
    assert await refused(hass, "unlock", LOCK) == "the_keys_busy"
    assert asked(gateway, "/open") == 4
    assert gateway.acted == []
    assert state(hass, LOCK) == "locked"


async def test_a_lock_that_moves_is_waited_for(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await set_up(hass, gateway)
    gateway.answer_code(400, times=2, message="action already started", endpoint="/open")
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"
    assert asked(gateway, "/open") == 3


async def test_a_gateway_that_synchronizes_is_waited_for(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await set_up(hass, gateway)
    gateway.start_synchronising(seconds=15)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"


async def test_a_lost_clock_is_synchronized_once(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await set_up(hass, gateway)
    before = asked(gateway, "/synchronize")
    gateway.lose_clock()
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"
    assert asked(gateway, "/synchronize") - before == 1
    assert asked(gateway, "/open") == 2


async def test_a_clock_that_stays_wrong_is_told(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    gateway.lose_clock(for_good=True)
    assert await refused(hass, "unlock", LOCK) == "the_keys_clock"
    assert asked(gateway, "/open") == 2
    assert "the_keys_clock" in issues(hass)
    assert state(hass, LOCK) == "unknown"
    gateway.radio.signatures.has_time = True
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert entry.state.name == "LOADED"
    assert "the_keys_clock" not in issues(hass)


async def test_a_refused_timestamp_is_replaced_once(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await set_up(hass, gateway)
    gateway.answer_code(33, message="timestamp too old", endpoint="/open")
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"
    assert gateway.acted == [(FRONT_ID, "open")]


async def test_timestamps_of_a_clock_that_was_wrong_are_left_behind(
    hass: HomeAssistant,
    address: URL,
    gateway: TheKeysSimulator,
    hass_storage: dict[str, Any],
) -> None:
    tomorrow = int(time.time()) + 86_400
    hass_storage["smartlocks.the_keys"] = {"version": 1, "data": {host(gateway): tomorrow}}
    gateway.configure(ahead=5.0)
    await set_up(hass, gateway)
    assert state(hass, LOCK) == "locked"
    assert (await async_station(hass, gateway.url)).timestamps.ahead < 60


async def test_a_key_the_lock_does_not_know_is_brought_there_once(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await set_up(hass, gateway)
    before = asked(gateway, "/locker/synchronize")
    gateway.answer_code(36, endpoint="/open")
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"
    assert asked(gateway, "/locker/synchronize") - before == 1
    gateway.answer_code(36, times=2, endpoint="/close")
    assert await refused(hass, "lock", LOCK) == "the_keys_key_unknown"
    assert asked(gateway, "/locker/synchronize") - before == 2


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
async def test_every_refusal_has_its_sentence_and_moves_nothing(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, code: int, key: str
) -> None:
    await set_up(hass, gateway)
    gateway.answer_code(code, endpoint="/open")
    assert await refused(hass, "unlock", LOCK) == key
    assert asked(gateway, "/open") == 1
    assert gateway.acted == []
    assert state(hass, LOCK) == "locked"


@pytest.mark.parametrize(
    "body", ["", "{}", "<html>", '{"status": "perhaps"}', '{"status": "ok", "code": 99}']
)
async def test_a_reply_nobody_understands_is_no_success_and_is_looked_into(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, body: str
) -> None:
    await set_up(hass, gateway)
    gateway.force_reply("/open", body)
    assert (await refused(hass, "unlock", LOCK) or "").startswith("the_keys_")
    assert asked(gateway, "/open") == 1
    assert state(hass, LOCK) == "locked"


async def test_an_answer_that_is_lost_is_no_reason_to_send_again(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await set_up(hass, gateway)

    gateway.drop_connections(after=True)
    task = hass.async_create_task(call(hass, "unlock", LOCK))
    while not gateway.acted:
        await gateway.rest(1)
    gateway.drop_connections(drop=False)
    await run_ahead(hass, task)
    assert state(hass, LOCK) == "unlocked"
    assert gateway.acted == [(FRONT_ID, "open")]


async def test_a_gateway_that_is_gone_gets_no_command(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await set_up(hass, gateway)
    await gateway.switch_off()
    assert await refused(hass, "unlock", LOCK) == "the_keys_unreachable"
    assert state(hass, LOCK) == "unknown"


async def test_a_jammed_lock_is_an_error_and_the_truth(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await set_up(hass, gateway)
    gateway.jam()
    assert await refused(hass, "unlock", LOCK) == "the_keys_not_confirmed"
    assert state(hass, LOCK) == "locked"


async def test_a_lock_that_cannot_be_asked_after_a_command_is_unknown(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await set_up(hass, gateway)
    gateway.answer_code(37, times=3, endpoint="/locker_status")
    assert await refused(hass, "unlock", LOCK) == "the_keys_not_confirmed"
    assert state(hass, LOCK) == "unknown"


async def test_two_doors_take_turns(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await set_up(hass, gateway)
    tasks = [
        hass.async_create_task(call(hass, "unlock", LOCK)),
        hass.async_create_task(call(hass, "lock", BACK)),
    ]
    for task in tasks:
        await run_ahead(hass, task)
    assert (state(hass, LOCK), state(hass, BACK)) == ("unlocked", "locked")
    assert sorted(gateway.acted) == sorted([(FRONT_ID, "open"), (BACK_ID, "close")])
    assert gateway.overlaps == 0


async def test_the_buttons(hass: HomeAssistant, address: URL, gateway: TheKeysSimulator) -> None:
    await set_up(hass, gateway)
    before = asked(gateway, "/locker_status")
    await run_ahead(hass, call(hass, "press", "button.front_door_refresh"))
    assert asked(gateway, "/locker_status") - before == 1
    for kind, path in (("tk_gateway", "/synchronize"), ("front_door", "/locker/synchronize")):
        before = asked(gateway, path)
        name = "synchronize_costs_battery" if kind == "front_door" else "synchronize"
        await run_ahead(hass, call(hass, "press", f"button.{kind}_{name}"))
        assert asked(gateway, path) - before == 1
    before = asked(gateway, "/lockers")
    await run_ahead(hass, call(hass, "press", "button.tk_gateway_refresh"))
    assert asked(gateway, "/lockers") > before
    assert gateway.updates == []


async def test_a_lock_that_synchronizes_without_a_word(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await set_up(hass, gateway)
    gateway.configure(empty_synchronise=True)
    button = "button.front_door_synchronize_costs_battery"
    await run_ahead(hass, call(hass, "press", button))
    gateway.force_reply("/locker/synchronize", "<html>")
    assert await refused(hass, "press", button) == "the_keys_not_understood"


async def test_a_gateway_too_busy_to_synchronize(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await set_up(hass, gateway)
    before = asked(gateway, "/synchronize")
    gateway.start_synchronising(seconds=None)
    assert await refused(hass, "press", "button.tk_gateway_synchronize") == "the_keys_busy"
    assert asked(gateway, "/synchronize") - before == 4
