"""Commands to the simulated Web API, and what comes of them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientSession
import pytest

from .sesame_web import BIKE, BOT, SECRETS, SESAME_4, SESAME_5, SesameWebSimulator
from .sesame_web_client import (
    CLICK,
    LOCK,
    STRANGER,
    TAKEN,
    TOGGLE,
    UNLOCK,
    VECTORS,
    Client,
    Clock,
)

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def simulator(clock: Clock) -> AsyncIterator[SesameWebSimulator]:
    simulator = SesameWebSimulator(pace=0.01, clock=clock)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def client(simulator: SesameWebSimulator) -> AsyncIterator[Client]:
    async with ClientSession() as session:
        yield Client(session, simulator)


async def test_command_moves_later(
    simulator: SesameWebSimulator, client: Client, clock: Clock
) -> None:
    simulator.hub.motors.travel = 50
    assert await client.command(UNLOCK) == TAKEN
    assert (await client.status())["CHSesame2Status"] == "locked"
    clock.now += 2
    await simulator.rest(52)
    status = await client.status()
    assert (status["CHSesame2Status"], status["position"]) == ("unlocked", 267)
    assert status["timestamp"] == int(clock.now)
    assert simulator.bolt() == "unlocked"
    assert await client.command(LOCK) == TAKEN
    await simulator.rest(52)
    assert simulator.bolt() == "locked"
    assert [(one.number, one.tag, one.outcome) for one in simulator.received] == [
        (UNLOCK, b"Test", "obeyed"),
        (LOCK, b"Test", "obeyed"),
    ]
    assert simulator.commands == {SESAME_5: 2}


async def test_toggle(simulator: SesameWebSimulator, client: Client) -> None:
    for bolt in ("unlocked", "locked"):
        await client.command(TOGGLE)
        await simulator.rest(4)
        assert simulator.bolt() == bolt


async def test_last_order_counts(simulator: SesameWebSimulator, client: Client) -> None:
    simulator.hub.motors.travel = 50
    await client.command(UNLOCK)
    await client.command(LOCK)
    await simulator.rest(52)
    assert simulator.bolt() == "locked"
    types = [entry["type"] for entry in await client.history(length=3)]
    assert types == [10, 16, 17]


@pytest.mark.parametrize(
    "story", [{"secret": SECRETS[SESAME_4]}, {"age": 256}, {"age": 3600}, {"age": -256}]
)
async def test_bad_signature_is_swallowed(
    simulator: SesameWebSimulator, client: Client, story: dict[str, Any]
) -> None:
    assert await client.command(UNLOCK, **story) == TAKEN
    await simulator.rest(4)
    assert simulator.bolt() == "locked"
    assert simulator.received[0].outcome == "bad_sign"
    assert simulator.count_commands() == 1
    assert (await client.history(length=1))[0]["type"] == 10


async def test_tolerance(simulator: SesameWebSimulator, client: Client) -> None:
    simulator.tolerate(1)
    await client.command(UNLOCK, age=256)
    await client.command(UNLOCK, age=512)
    assert [one.outcome for one in simulator.received] == ["obeyed", "bad_sign"]


async def test_offline(simulator: SesameWebSimulator, client: Client) -> None:
    await simulator.take_offline()
    assert await client.command(UNLOCK) == TAKEN
    simulator.answer_commands(offline=404)
    assert await client.command(UNLOCK) == (404, {"message": "Not Found"})
    await simulator.rest(4)
    assert simulator.bolt() == "locked"
    await simulator.turn_by_hand("unlocked")
    status = await client.status()
    assert (status["CHSesame2Status"], status["wm2State"]) == ("locked", False)
    assert (await client.status(SESAME_4))["wm2State"] is True
    assert (await client.history(length=1))[0]["type"] == 10
    await simulator.bring_online()
    status = await client.status()
    assert (status["CHSesame2Status"], status["wm2State"]) == ("unlocked", True)
    assert (await client.history(length=1))[0]["type"] == 8
    await simulator.rest(4)
    assert [one.outcome for one in simulator.received] == ["offline", "offline"]


async def test_answers_to_commands(simulator: SesameWebSimulator, client: Client) -> None:
    simulator.answer_commands(body="empty")
    assert await client.command(UNLOCK) == (200, None)
    await simulator.rest(4)
    assert simulator.bolt() == "unlocked"
    simulator.answer_commands(status_code=500)
    assert await client.command(LOCK) == (200, {"statusCode": 500})
    await simulator.rest(4)
    assert simulator.bolt() == "unlocked"


async def test_jam(simulator: SesameWebSimulator, client: Client) -> None:
    simulator.jam()
    assert await client.command(UNLOCK) == TAKEN
    await simulator.rest(4)
    assert simulator.bolt() == "locked"
    assert [entry["type"] for entry in await client.history(length=2)] == [12, 17]


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "lock",
        {"cmd": "82", "history": "", "sign": ""},
        {"cmd": 82, "history": "%", "sign": "00"},
        {"cmd": 82, "history": "", "sign": None},
        {"cmd": 82, "sign": "00"},
    ],
)
async def test_command_not_understood(
    simulator: SesameWebSimulator, client: Client, body: Any
) -> None:
    assert await client.post(body) == (400, {"message": "Bad Request"})
    assert simulator.commands == {}


@pytest.mark.parametrize("case", VECTORS["cmd_requests"])
async def test_golden_command(
    simulator: SesameWebSimulator, client: Client, clock: Clock, case: dict[str, Any]
) -> None:
    clock.now = case["unix_time"]
    simulator.add_device("sesame_5_pro", "Shed", STRANGER, case["secret_key_hex"])
    assert await client.post(case["json"], STRANGER) == TAKEN
    assert simulator.received[0].outcome == "obeyed"
    assert simulator.received[0].tag == case["tag"].encode()
    await simulator.rest(4)
    assert simulator.bolt(STRANGER) == ("locked" if case["action"] == "lock" else "unlocked")


async def test_bot_clicks_only(simulator: SesameWebSimulator, client: Client) -> None:
    await client.command(CLICK, BOT)
    await simulator.rest(4)
    assert simulator.device(BOT).clicks == 1
    assert [entry["type"] for entry in await client.history(BOT)] == [21, 20]
    await client.command(170, BOT)
    await simulator.rest(4)
    assert simulator.device(BOT).clicks == 2
    simulator.jam(lock_id=BOT)
    await client.command(CLICK, BOT)
    await simulator.rest(4)
    assert simulator.device(BOT).clicks == 2
    await client.command(UNLOCK, BOT)
    assert simulator.received[-1].outcome == "unsupported"


async def test_bike_unlocks_only(simulator: SesameWebSimulator, client: Client) -> None:
    await client.command(UNLOCK, BIKE)
    await simulator.rest(4)
    assert (await client.status(BIKE))["CHSesame2Status"] == "unlocked"
    assert await client.command(LOCK, BIKE) == TAKEN
    assert await client.command(CLICK, SESAME_5) == TAKEN
    await simulator.rest(4)
    assert simulator.bolt(BIKE) == "unlocked"
    assert [one.outcome for one in simulator.received[1:]] == ["unsupported"] * 2
    await simulator.turn_by_hand("locked", BIKE)
    assert simulator.bolt(BIKE) == "locked"


@pytest.mark.parametrize("by_hand", [True, False])
async def test_autolock(simulator: SesameWebSimulator, client: Client, *, by_hand: bool) -> None:
    simulator.set_autolock(10)
    if by_hand:
        await simulator.turn_by_hand("unlocked")
    else:
        await client.command(UNLOCK)
    await simulator.rest(7)
    assert simulator.bolt() == "unlocked"
    await simulator.rest(50)
    assert simulator.bolt() == "locked"
    assert [entry["type"] for entry in await client.history(length=2)] == [10, 6]


async def test_autolock_gives_up_when_jammed(simulator: SesameWebSimulator) -> None:
    simulator.set_autolock(1)
    simulator.jam()
    await simulator.turn_by_hand("unlocked")
    await simulator.rest(30)
    assert simulator.bolt() == "unlocked"
    assert simulator.hub.motors.orders[SESAME_5].done()


async def test_stops_on_the_way(simulator: SesameWebSimulator, client: Client) -> None:
    simulator.hub.motors.travel = 1000
    await client.command(UNLOCK)
    await simulator.stop()
    await asyncio.sleep(0)
    assert simulator.hub.motors.orders == {}
    assert simulator.bolt() == "locked"
