"""What the simulated first-generation cloud says on a bad day."""

import asyncio
from collections.abc import AsyncIterator
import json
from typing import Any

from aiohttp import ClientSession
import pytest

from .sesame_v3 import API_KEY, BACK_DOOR, FRONT_DOOR, SesameV3Simulator
from .sesame_v3_client import VECTORS, Client

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
async def simulator() -> AsyncIterator[SesameV3Simulator]:
    simulator = SesameV3Simulator(pace=0.01)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def client(simulator: SesameV3Simulator) -> AsyncIterator[Client]:
    async with ClientSession() as session:
        yield Client(session, simulator)


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "wrong"}, {"Authorization": f"Bearer {API_KEY}"}]
)
async def test_wrong_key(client: Client, headers: dict[str, str]) -> None:
    client.headers = headers
    refusal = (401, {"error": "UNAUTHORIZED"})
    assert await client.get("/sesames") == refusal
    assert await client.get(f"/sesame/{FRONT_DOOR}") == refusal
    assert await client.post(FRONT_DOOR, {"command": "unlock"}) == refusal
    assert await client.result("any") == refusal


async def test_key_refused_and_accepted(simulator: SesameV3Simulator, client: Client) -> None:
    simulator.refuse_credentials()
    assert (await client.get("/sesames"))[0] == 401
    simulator.accept_credentials()
    assert (await client.get("/sesames"))[0] == 200


async def test_busy_with_a_command(simulator: SesameV3Simulator, client: Client) -> None:
    simulator.take_time(50)
    task_id = await client.begin("unlock")
    status, body = await client.post(FRONT_DOOR, {"command": "lock"})
    assert (status, body) == (400, {"error": "DEVICE_IS_BUSY 1"})
    assert (await client.post(BACK_DOOR, {"command": "lock"}))[0] == 200
    await client.settle(task_id)
    await client.begin("lock")


@pytest.mark.parametrize(
    ("story", "error"),
    [
        ({}, "DEVICE_IS_BUSY 35"),
        ({"seconds": 4, "style": "colon"}, "DEVICE_IS_BUSY :4"),
        ({"seconds": None}, "DEVICE_IS_BUSY"),
    ],
)
async def test_busy_with_the_app(
    simulator: SesameV3Simulator, client: Client, story: dict[str, Any], error: str
) -> None:
    simulator.keep_busy(**story)
    assert await client.post(FRONT_DOOR, {"command": "lock"}) == (400, {"error": error})
    assert (await client.state())["locked"] is True
    simulator.end_busy()
    await client.begin("lock")


async def test_busy_ends_by_itself(simulator: SesameV3Simulator, client: Client) -> None:
    simulator.keep_busy(lasts=0.5)
    assert (await client.post(FRONT_DOOR, {"command": "lock"}))[0] == 400
    await asyncio.sleep(0.51)
    assert (await client.post(FRONT_DOOR, {"command": "lock"}))[0] == 200


async def test_low_battery(simulator: SesameV3Simulator, client: Client) -> None:
    simulator.set_battery(38, low=True)
    assert (await client.state())["battery"] == 38
    assert await client.post(FRONT_DOOR, {"command": "lock"}) == (400, {"error": "LOW_BATTERY"})
    await client.begin("sync")


async def test_integration_switched_off(simulator: SesameV3Simulator, client: Client) -> None:
    simulator.enable_integration(enabled=False)
    refusal = (400, VECTORS["v3_error_parse"][0]["body"])
    assert await client.post(FRONT_DOOR, {"command": "lock"}) == refusal
    assert await client.get(f"/sesame/{FRONT_DOOR}") == refusal
    assert await client.state(BACK_DOOR)
    simulator.enable_integration()
    assert await client.state()


@pytest.mark.parametrize("word", ["Forbidden", "ACCESS_DENY"])
async def test_address_blocked(simulator: SesameV3Simulator, client: Client, word: str) -> None:
    simulator.block_ip(word)
    client.headers = {}
    assert await client.get("/sesames") == (403, {"error": word})
    assert await client.get(f"/sesame/{FRONT_DOOR}") == (403, {"error": word})
    simulator.block_ip(word, field="message")
    assert await client.get("/sesames") == (403, {"message": word})
    simulator.unblock_ip()
    assert (await client.get("/sesames"))[0] == 401


@pytest.mark.parametrize(
    ("error", "status"), [("THROTTLED", 429), ("INTERNAL_ERROR", 500), ("BAD_PARAMS", 400)]
)
async def test_error_now_and_then(
    simulator: SesameV3Simulator, client: Client, error: str, status: int
) -> None:
    simulator.answer_error(error, endpoint="status", times=2)
    assert (await client.get("/sesames"))[0] == 200
    for _ in range(2):
        assert await client.get(f"/sesame/{FRONT_DOOR}") == (status, {"error": error})
    assert await client.state()
    simulator.answer_error(error)
    assert await client.get("/sesames") == (status, {"error": error})
    simulator.answer_error(None)
    assert (await client.get("/sesames"))[0] == 200


async def test_rate_is_measured(simulator: SesameV3Simulator, client: Client) -> None:
    simulator.limit_rate(enforce=False, gap=0.5)
    for pause in (0.5, 0.0, 0.5):
        assert (await client.get("/sesames"))[0] == 200
        await asyncio.sleep(pause)
    assert simulator.too_fast == 1


async def test_rate_is_enforced(simulator: SesameV3Simulator, client: Client) -> None:
    simulator.limit_rate(gap=1.0)
    assert (await client.get("/sesames"))[0] == 200
    assert await client.get("/sesames") == (429, {"error": "THROTTLED"})
    await asyncio.sleep(1.0)
    assert (await client.get("/sesames"))[0] == 200
    assert simulator.too_fast == 1


@pytest.mark.parametrize("kind", ["object", "strings", "missing_fields", "wrong_fields"])
async def test_malformed_list(simulator: SesameV3Simulator, client: Client, kind: str) -> None:
    simulator.malform("list", kind)
    status, body = await client.get("/sesames")
    assert status == 200
    assert isinstance(body, dict) == (kind == "object")
    assert await client.state()
    simulator.malform("list", None)
    assert len((await client.get("/sesames"))[1]) == 2


async def test_malformed_answers(simulator: SesameV3Simulator, client: Client) -> None:
    simulator.malform("status", "wrong_fields")
    assert (await client.state())["locked"] == "yes"
    simulator.malform("command", "wrong_fields")
    assert await client.post(FRONT_DOOR, {"command": "unlock"}) == (200, {"task_id": 5})
    simulator.malform("result", "odd_status")
    task_id = next(iter(simulator.cloud.tasks.by_id))
    assert await client.result(task_id) == (200, {"status": "paused"})
    with pytest.raises(ValueError, match="no malformed answer"):
        simulator.malform("result", "poetry")
    simulator.malform("result", "truncated")
    with pytest.raises(json.JSONDecodeError):
        await client.result(task_id)
