"""Faults of the simulated gateway of The Keys: of one lock, of one endpoint, of its clock."""

import asyncio
from collections.abc import AsyncIterator
import time
from typing import Any

import aiohttp
import pytest

from tests.simulators.the_keys import BACK_CODE, BACK_ID, FRONT_ID, Settings, TheKeysSimulator
from tests.simulators.the_keys_client import Client

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def simulator() -> AsyncIterator[TheKeysSimulator]:
    simulator = TheKeysSimulator(pace=0.01, settings=Settings(ahead=3600))
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
def client(simulator: TheKeysSimulator, session: aiohttp.ClientSession) -> Client:
    return Client(simulator, session)


@pytest.mark.parametrize("code", [33, 34, 36, 37, 38])
async def test_fail_lock_with_a_code_others_answer(
    client: Client, simulator: TheKeysSimulator, code: int
) -> None:
    simulator.fail_lock(FRONT_ID, code)
    for _ in range(2):
        assert (await client.signed("/locker_status"))["code"] == code
    assert (await client.json("/locker/synchronize", f"identifier={FRONT_ID}"))["code"] == code
    assert (await client.signed("/locker_status", BACK_ID, BACK_CODE))["code"] == 50
    assert len((await client.json("/lockers"))["devices"]) == 2
    simulator.fail_lock(FRONT_ID, None)
    assert (await client.signed("/locker_status"))["code"] == 49
    simulator.fail_lock(FRONT_ID, code, times=1)
    assert (await client.signed("/open"))["code"] == code
    assert (await client.signed("/open"))["code"] == 0


async def test_fail_lock_silent_never_answers_others_do(
    client: Client, simulator: TheKeysSimulator
) -> None:
    simulator.fail_lock(FRONT_ID, "silent")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.signed("/open"), 0.2)
    await asyncio.sleep(0.01)
    assert (await client.signed("/locker_status", BACK_ID, BACK_CODE))["code"] == 50
    assert (simulator.acted, simulator.overlaps) == ([], 0)


@pytest.mark.parametrize(("fault", "acted"), [("reset", []), ("lost", [(FRONT_ID, "open")])])
async def test_fail_lock_without_reply_acts_only_when_lost(
    client: Client, simulator: TheKeysSimulator, fault: Any, acted: list[Any]
) -> None:
    simulator.fail_lock(FRONT_ID, fault)
    with pytest.raises(aiohttp.ClientError):
        await client.signed("/open")
    assert simulator.acted == acted
    assert (await client.signed("/locker_status", BACK_ID, BACK_CODE))["code"] == 50


async def test_fail_endpoint_others_answer(client: Client, simulator: TheKeysSimulator) -> None:
    simulator.fail_endpoint("/status", "reset")
    with pytest.raises(aiohttp.ClientError):
        await client.json("/status", "")
    assert (await client.json("/lockers"))["status"] == "ok"
    simulator.fail_endpoint("/status", None)
    assert (await client.json("/status"))["version"] == "65"
    simulator.fail_endpoint("/lockers", 500, times=1)
    assert (await client.json("/lockers"))["code"] == 500
    assert (await client.json("/lockers"))["status"] == "ok"


async def test_lose_replies_command_is_done(client: Client, simulator: TheKeysSimulator) -> None:
    simulator.lose_replies(1, "/open")
    assert (await client.signed("/locker_status"))["code"] == 49
    with pytest.raises(aiohttp.ClientError):
        await client.signed("/open")
    await simulator.settle()
    assert simulator.bolt() == "unlocked"
    assert (await client.signed("/locker_status"))["code"] == 50


async def test_refuse_commands_answer_is_good_and_bolt_stays(
    client: Client, simulator: TheKeysSimulator
) -> None:
    simulator.refuse_commands()
    assert (await client.signed("/open"))["code"] == 0
    assert not simulator.lock().is_moving
    assert (simulator.bolt(), simulator.acted) == ("locked", [])
    simulator.refuse_commands(refused=False)
    await client.signed("/open")
    await simulator.settle()
    assert simulator.bolt() == "unlocked"


async def test_set_travel_one_bolt_is_slow(client: Client, simulator: TheKeysSimulator) -> None:
    simulator.set_travel(30)
    await client.signed("/open")
    await client.signed("/close", BACK_ID, BACK_CODE)
    await asyncio.sleep(0.15)
    assert (simulator.bolt(), simulator.bolt(BACK_ID)) == ("locked", "locked")
    await simulator.settle()
    assert simulator.bolt() == "unlocked"


async def test_lock_firmware_below_57_does_not_count(
    client: Client, simulator: TheKeysSimulator
) -> None:
    simulator.set_lock_firmware(56)
    await simulator.turn_by_hand("unlocked")
    assert (await client.json("/lockers"))["devices"][0]["last_log"] == 100
    assert (await client.signed("/locker_status"))["version"] == 56
    simulator.set_lock_firmware(57)
    await simulator.turn_by_hand("locked")
    assert (await client.json("/lockers"))["devices"][0]["last_log"] == 101


async def test_answer_empty_list_once(client: Client, simulator: TheKeysSimulator) -> None:
    simulator.answer_empty_list()
    assert await client.json("/lockers") == {"status": "ok", "devices": []}
    assert len((await client.json("/lockers"))["devices"]) == 2


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("number", {"status": "Door open", "code": 50}),
        ("hexadecimal", {"status": "Door open", "code": "0x32"}),
        ("status", {"status": 50}),
        ("status_text", {"status": "50"}),
    ],
)
async def test_state_form(
    client: Client, simulator: TheKeysSimulator, form: Any, said: dict[str, Any]
) -> None:
    simulator.set_state_form(form)
    reply = await client.signed("/locker_status", BACK_ID, BACK_CODE)
    assert {name: reply[name] for name in ("status", "code") if name in reply} == said
    assert reply["id"] == int(BACK_ID)


async def test_answer_for_other_tells_the_other_lock(
    client: Client, simulator: TheKeysSimulator
) -> None:
    simulator.answer_for_other(BACK_ID)
    reply = await client.signed("/locker_status")
    assert (reply["id"], reply["code"]) == (int(BACK_ID), 50)
    assert (await client.signed("/locker_status"))["id"] == int(FRONT_ID)


async def test_set_busy_for_ends_by_itself(client: Client, simulator: TheKeysSimulator) -> None:
    simulator.set_busy_for(20, "/synchronize")
    assert (await client.json("/synchronize"))["code"] == 500
    assert (await client.signed("/locker_status"))["code"] == 49
    await asyncio.sleep(0.2)
    assert (await client.json("/synchronize"))["code"] == 0
    simulator.set_busy_for(20)
    assert (await client.signed("/locker_status"))["code"] == 500


async def test_require_rest_resets_what_comes_sooner(
    session: aiohttp.ClientSession,
) -> None:
    simulator = TheKeysSimulator(pace=0.1)
    await simulator.start()
    client = Client(simulator, session)
    simulator.require_rest(0.8)
    await client.json("/lockers")
    with pytest.raises(aiohttp.ClientError):
        await client.json("/lockers", "")
    await asyncio.sleep(0.09)
    assert (await client.json("/lockers"))["status"] == "ok"
    await simulator.stop()


async def test_clock_offset_refuses_timestamps_until_synchronize(
    client: Client, simulator: TheKeysSimulator
) -> None:
    simulator.configure(ahead=5)
    simulator.set_clock_offset(400)
    stale = await client.signed("/locker_status")
    assert (stale["code"], stale["cause"]) == (33, "timestamp too old")
    simulator.set_clock_offset(-400)
    future = await client.signed("/locker_status")
    assert (future["code"], future["cause"]) == (33, "timestamp in the future")
    await client.json("/synchronize")
    assert (await client.signed("/locker_status", ts=int(time.time())))["code"] == 49


async def test_reboot_forgets_the_clock_and_the_phase(
    client: Client, simulator: TheKeysSimulator
) -> None:
    simulator.start_synchronising(seconds=None)
    await simulator.reboot(30, forgets_clock=True)
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.json("/lockers")
    await simulator.radio.tasks.done()
    assert (await client.json("/status"))["current_status"] == "Scanning..."
    assert (await client.signed("/locker_status"))["code"] == 38


async def test_stop_ends_a_silent_request(session: aiohttp.ClientSession) -> None:
    simulator = TheKeysSimulator()
    await simulator.start()
    client = Client(simulator, session)
    simulator.fail_endpoint("/lockers", "silent")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.json("/lockers"), 0.1)
    await simulator.stop()
    assert len(asyncio.all_tasks()) == 1
