"""The simulated first-generation cloud: its refusals and faults."""

import asyncio
from collections.abc import AsyncIterator
import json
from typing import Any

from aiohttp import ClientConnectionError
import pytest

from .sesame_v3 import API_KEY, BACK_DOOR, FRONT_DOOR, SesameV3Simulator
from .sesame_v3_client import VECTORS, Client, connected_client

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """Yield a client of a running simulator."""
    async with connected_client() as client:
        yield client


@pytest.fixture
def simulator(client: Client) -> SesameV3Simulator:
    """Return the simulator."""
    return client.simulator


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "wrong"}, {"Authorization": f"Bearer {API_KEY}"}]
)
async def test_key_when_wrong_then_unauthorized(client: Client, headers: dict[str, str]) -> None:
    client.headers = headers
    refusal = (401, {"error": "UNAUTHORIZED"})
    assert await client.get("/sesames") == refusal
    assert await client.get(f"/sesame/{FRONT_DOOR}") == refusal
    assert await client.post(FRONT_DOOR, {"command": "unlock"}) == refusal
    assert await client.result("any") == refusal


async def test_key_when_deleted_then_unauthorized(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.refuse_credentials()
    assert (await client.get("/sesames"))[0] == 401
    simulator.accept_credentials()
    assert (await client.get("/sesames"))[0] == 200


async def test_command_when_another_is_under_way_then_busy(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.take_time(50)
    task_id = await client.begin("unlock")
    status, body = await client.post(FRONT_DOOR, {"command": "lock"})
    assert (status, body) == (400, {"error": "DEVICE_IS_BUSY 1"})
    assert (await client.post(BACK_DOOR, {"command": "lock"}))[0] == 200
    await client.finish(task_id)
    await client.begin("lock")


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({}, "DEVICE_IS_BUSY 35"),
        ({"seconds": 4, "style": "colon"}, "DEVICE_IS_BUSY :4"),
        ({"seconds": None}, "DEVICE_IS_BUSY"),
    ],
)
async def test_command_when_app_is_open_then_busy(
    simulator: SesameV3Simulator, client: Client, how: dict[str, Any], error: str
) -> None:
    simulator.keep_busy(**how)
    assert await client.post(FRONT_DOOR, {"command": "lock"}) == (400, {"error": error})
    assert (await client.status())["locked"] is True
    simulator.end_busy()
    await client.begin("lock")


async def test_busy_when_time_is_over_then_it_ends(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.keep_busy(lasts=0.5)
    assert (await client.post(FRONT_DOOR, {"command": "lock"}))[0] == 400
    await asyncio.sleep(0.51)
    assert (await client.post(FRONT_DOOR, {"command": "lock"}))[0] == 200


async def test_command_when_battery_is_low_then_refused(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.set_battery(38, low=True)
    assert (await client.status())["battery"] == 38
    assert await client.post(FRONT_DOOR, {"command": "lock"}) == (400, {"error": "LOW_BATTERY"})
    await client.begin("sync")


async def test_lock_when_integration_is_off_then_refused(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.enable_integration(enabled=False)
    refusal = (400, VECTORS["v3_error_parse"][0]["body"])
    assert await client.post(FRONT_DOOR, {"command": "lock"}) == refusal
    assert await client.get(f"/sesame/{FRONT_DOOR}") == refusal
    assert await client.status(BACK_DOOR)
    simulator.enable_integration()
    assert await client.status()


@pytest.mark.parametrize("word", ["Forbidden", "ACCESS_DENY"])
async def test_request_when_address_is_blocked_then_forbidden(
    simulator: SesameV3Simulator, client: Client, word: str
) -> None:
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
async def test_request_when_error_is_set_then_answered_so_many_times(
    simulator: SesameV3Simulator, client: Client, error: str, status: int
) -> None:
    simulator.answer_error(error, endpoint="status", times=2)
    assert (await client.get("/sesames"))[0] == 200
    for _ in range(2):
        assert await client.get(f"/sesame/{FRONT_DOOR}") == (status, {"error": error})
    assert await client.status()
    simulator.answer_error(error)
    assert await client.get("/sesames") == (status, {"error": error})
    simulator.answer_error(None)
    assert (await client.get("/sesames"))[0] == 200


async def test_rate_when_not_enforced_then_counted(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.limit_rate(enforce=False, gap=0.5)
    for pause in (0.5, 0.0, 0.5):
        assert (await client.get("/sesames"))[0] == 200
        await asyncio.sleep(pause)
    assert simulator.too_fast == 1


async def test_rate_when_enforced_then_throttled(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.limit_rate(gap=1.0)
    assert (await client.get("/sesames"))[0] == 200
    assert await client.get("/sesames") == (429, {"error": "THROTTLED"})
    await asyncio.sleep(1.0)
    assert (await client.get("/sesames"))[0] == 200
    assert simulator.too_fast == 1


@pytest.mark.parametrize("kind", ["object", "strings", "missing_fields", "wrong_fields"])
async def test_list_when_malformed_then_other_endpoints_are_not(
    simulator: SesameV3Simulator, client: Client, kind: str
) -> None:
    simulator.malform("list", kind)
    status, body = await client.get("/sesames")
    assert status == 200
    assert isinstance(body, dict) == (kind == "object")
    assert await client.status()
    simulator.malform("list", None)
    assert len((await client.get("/sesames"))[1]) == 2


async def test_endpoints_when_malformed_then_wrong_shapes(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.malform("status", "wrong_fields")
    assert (await client.status())["locked"] == "yes"
    simulator.malform("command", "wrong_fields")
    assert await client.post(FRONT_DOOR, {"command": "unlock"}) == (200, {"task_id": 5})
    simulator.malform("result", "odd_status")
    task_id = next(iter(simulator.cloud.tasks.by_id))
    assert await client.result(task_id) == (200, {"status": "paused"})
    with pytest.raises(ValueError, match="no malformed response"):
        simulator.malform("result", "poetry")
    simulator.malform("result", "truncated")
    with pytest.raises(json.JSONDecodeError):
        await client.result(task_id)


async def test_list_when_emptied_once_then_full_again(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.empty_list()
    assert await client.locks() == []
    assert len(await client.locks()) == 2
    simulator.empty_list(times=2)
    assert [len(await client.locks()) for _ in range(3)] == [0, 0, 2]


async def test_list_when_lock_is_hidden_then_it_still_answers(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.hide_lock(BACK_DOOR)
    assert [lock["device_id"] for lock in await client.locks()] == [FRONT_DOOR]
    assert await client.status(BACK_DOOR)
    simulator.hide_lock(BACK_DOOR, hidden=False)
    assert len(await client.locks()) == 2


async def test_lock_when_it_fails_then_others_answer(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.fail_lock(BACK_DOOR)
    assert await client.get(f"/sesame/{BACK_DOOR}") == (500, {"error": "INTERNAL_ERROR"})
    assert (await client.post(BACK_DOOR, {"command": "lock"}))[0] == 500
    assert simulator.lock(BACK_DOOR).commands == []
    assert await client.status()
    assert len(await client.locks()) == 2
    simulator.fail_lock(BACK_DOOR, "html")
    with pytest.raises(json.JSONDecodeError):
        await client.get(f"/sesame/{BACK_DOOR}")
    simulator.fail_lock(BACK_DOOR, "drop")
    with pytest.raises(ClientConnectionError):
        await client.post(BACK_DOOR, {"command": "lock"})
    assert simulator.lock(BACK_DOOR).commands == []
    simulator.fail_lock(BACK_DOOR, None)
    assert await client.status(BACK_DOOR)


async def test_block_when_time_is_over_then_it_ends(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.block_ip(seconds=0.3)
    assert (await client.get("/sesames"))[0] == 403
    await asyncio.sleep(0.31)
    assert (await client.get("/sesames"))[0] == 200


async def test_status_when_it_lags_then_it_shows_the_past(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.lag_status(30)
    await simulator.turn_by_hand("unlocked")
    await simulator.take_offline(BACK_DOOR)
    assert (await client.status())["locked"] is True
    assert (await client.status(BACK_DOOR))["responsive"] is True
    await simulator.rest(32)
    assert (await client.status())["locked"] is False
    assert (await client.status(BACK_DOOR))["responsive"] is False


async def test_status_when_frozen_then_tasks_are_not_and_sync_updates_it(
    simulator: SesameV3Simulator, client: Client
) -> None:
    await simulator.turn_by_hand("unlocked")
    simulator.lag_status(None)
    assert (await client.run("lock"))["successful"] is True
    assert simulator.bolt() == "locked"
    assert (await client.status())["locked"] is False
    assert (await client.run("sync"))["successful"] is True
    assert (await client.status())["locked"] is True
    await simulator.turn_by_hand("unlocked")
    assert (await client.status())["locked"] is True
    simulator.lag_status(0)
    assert (await client.status())["locked"] is False


async def test_command_when_ignored_then_success_and_bolt_stays(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.ignore_commands()
    assert await client.run("unlock") == {"status": "terminated", "successful": True}
    assert simulator.bolt() == "locked"
    assert (await client.status())["locked"] is True
    simulator.ignore_commands(ignore=False)
    await client.run("unlock")
    assert simulator.bolt() == "unlocked"


async def test_task_when_it_fails_or_hangs_then_the_bolt_may_have_moved(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.fail_tasks("INTERNAL_ERROR", moves=True)
    assert (await client.run("unlock"))["successful"] is False
    assert simulator.bolt() == "unlocked"
    simulator.fail_tasks(None)
    simulator.hang_tasks(moves=True)
    task_id = await client.begin("lock")
    await simulator.rest(10)
    assert await client.result(task_id) == (200, {"status": "processing"})
    assert simulator.bolt() == "locked"
    simulator.hang_tasks(hang=False)
    await client.run("unlock")
    assert simulator.bolt() == "unlocked"


async def test_command_when_response_is_lost_then_it_arrives(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.lose_responses(times=1)
    with pytest.raises(ClientConnectionError):
        await client.post(FRONT_DOOR, {"command": "unlock"})
    assert await client.status()
    await simulator.rest(10)
    assert simulator.bolt() == "unlocked"
    assert (await client.run("lock"))["successful"] is True
    simulator.lose_responses("status")
    with pytest.raises(ClientConnectionError):
        await client.status()
    simulator.lose_responses(lose=False)
    assert await client.status()


async def test_command_when_response_is_malformed_then_it_arrives(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.malform("command", "missing_fields", times=1)
    assert await client.post(FRONT_DOOR, {"command": "unlock"}) == (200, {})
    await simulator.rest(10)
    assert simulator.bolt() == "unlocked"
    assert (await client.run("lock"))["successful"] is True
