"""The simulated first-generation cloud: its locks, commands and tasks."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientSession
import pytest

from .sesame_v3 import BACK_DOOR, FRONT_DOOR, SesameV3Simulator
from .sesame_v3_client import UNKNOWN_LOCK, VECTORS, Client, connected_client

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


async def test_list_and_status_when_new_then_two_locks(client: Client) -> None:
    status, locks = await client.get("/sesames")
    assert status == 200
    assert locks == [
        {"device_id": FRONT_DOOR, "serial": "SIM0000001", "nickname": "Front door"},
        {"device_id": BACK_DOOR, "serial": "SIM0000002", "nickname": "Back door"},
    ]
    assert await client.status() == {"locked": True, "battery": 100, "responsive": True}
    assert await client.status(BACK_DOOR) == {"locked": False, "battery": 64, "responsive": True}


async def test_root_when_key_is_missing_then_ok(client: Client) -> None:
    client.headers = {}
    assert await client.get("/") == (200, {"status": "ok"})


async def test_command_when_under_way_then_task_is_processing(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.take_time(50)
    task_id = await client.begin("unlock")
    assert await client.result(task_id) == (200, {"status": "processing"})
    assert simulator.bolt() == "locked"
    assert await client.finish(task_id) == {"status": "terminated", "successful": True}
    assert simulator.bolt() == "unlocked"
    assert (await client.status())["locked"] is False
    assert await client.run("lock") == VECTORS["v3_task_results"][1]["body"]
    assert simulator.bolt() == "locked"
    assert simulator.lock().commands == ["unlock", "lock"]


@pytest.mark.parametrize(
    "body", [{}, {"command": "open"}, {"command": ["lock"]}, {"command": None}, [], "lock", 5]
)
async def test_command_when_not_documented_then_bad_params(
    simulator: SesameV3Simulator, client: Client, body: Any
) -> None:
    assert await client.post(FRONT_DOOR, body) == (400, {"error": "BAD_PARAMS"})
    assert simulator.lock().commands == []


async def test_command_when_not_json_then_bad_params(
    client: Client, simulator: SesameV3Simulator
) -> None:
    url = simulator.url / "sesame" / FRONT_DOOR
    json_type = {**client.headers, "Content-Type": "application/json"}
    async with ClientSession() as session:
        async with session.post(url, data={"command": "lock"}, headers=client.headers) as answer:
            assert answer.status == 400
        async with session.post(url, data=b'{"comm', headers=json_type) as answer:
            assert answer.status == 400


async def test_lock_and_task_when_unknown_then_bad_params(client: Client) -> None:
    assert await client.get(f"/sesame/{UNKNOWN_LOCK}") == (400, {"error": "BAD_PARAMS"})
    assert await client.post(UNKNOWN_LOCK, {"command": "lock"}) == (400, {"error": "BAD_PARAMS"})
    assert await client.result(UNKNOWN_LOCK) == (400, {"error": "BAD_PARAMS"})
    assert await client.get("/action-result") == (400, {"error": "BAD_PARAMS"})


async def test_task_when_too_old_or_too_new_then_bad_params(
    simulator: SesameV3Simulator, client: Client
) -> None:
    task_id = await client.begin("sync")
    simulator.forget_tasks()
    assert (await client.result(task_id))[0] == 400
    simulator.end_busy()
    simulator.show_tasks_late(50)
    task_id = await client.begin("sync")
    assert (await client.result(task_id))[0] == 400
    await simulator.rest(51)
    assert (await client.result(task_id))[0] == 200


async def test_task_when_older_than_kept_then_bad_params(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.cloud.tasks.kept_for = 0.5
    task_id = await client.begin("sync")
    assert (await client.result(task_id))[0] == 200
    await asyncio.sleep(0.51)
    assert (await client.result(task_id))[0] == 400


async def test_task_when_jammed_then_unsuccessful(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.jam()
    result = await client.run("unlock")
    assert result == {"status": "terminated", "successful": False}
    assert simulator.bolt() == "locked"
    simulator.jam(jammed=False)
    assert (await client.run("unlock"))["successful"] is True


@pytest.mark.parametrize("error", ["LOW_BATTERY", "DEVICE_IS_BUSY 35", "INTERNAL_ERROR"])
async def test_task_when_it_fails_then_error_is_named(
    simulator: SesameV3Simulator, client: Client, error: str
) -> None:
    simulator.fail_tasks(error)
    result = await client.run("unlock")
    assert result == {"status": "terminated", "successful": False, "error": error}
    assert simulator.bolt() == "locked"


async def test_task_when_hanging_then_processing(
    simulator: SesameV3Simulator, client: Client
) -> None:
    simulator.hang_tasks()
    task_id = await client.begin("unlock")
    await simulator.rest(10)
    assert await client.result(task_id) == (200, {"status": "processing"})
    assert simulator.bolt() == "locked"


async def test_status_when_offline_then_last_known_and_unresponsive(
    simulator: SesameV3Simulator, client: Client
) -> None:
    await simulator.take_offline()
    await simulator.turn_by_hand("unlocked")
    simulator.set_battery(20)
    assert await client.status() == {"locked": True, "battery": 100, "responsive": False}
    assert (await client.run("sync"))["successful"] is False
    assert (await client.run("lock"))["successful"] is False
    assert simulator.bolt() == "unlocked"
    assert (await client.status())["responsive"] is False
    await simulator.bring_online()
    assert await client.status() == {"locked": False, "battery": 20, "responsive": True}


async def test_status_when_back_online_then_sync_updates_it(
    simulator: SesameV3Simulator, client: Client
) -> None:
    await simulator.take_offline()
    await simulator.bring_online(needs_sync=True)
    await simulator.turn_by_hand("unlocked")
    assert await client.status() == {"locked": True, "battery": 100, "responsive": False}
    assert (await client.run("sync"))["successful"] is True
    assert await client.status() == {"locked": False, "battery": 100, "responsive": True}
    assert simulator.lock().syncs == 1


async def test_list_when_locks_change_then_it_follows(
    simulator: SesameV3Simulator, client: Client
) -> None:
    added = simulator.add_lock("Garage", battery=50)
    simulator.rename_lock("Main door")
    simulator.remove_lock(BACK_DOOR)
    names = [lock["nickname"] for lock in (await client.get("/sesames"))[1]]
    assert names == ["Main door", "Garage"]
    assert (await client.status(added))["battery"] == 50
    assert (await client.get(f"/sesame/{BACK_DOOR}"))[0] == 400
    assert simulator.lock_ids == [FRONT_DOOR, added]
    many = simulator.add_locks(100)
    assert len(set(many)) == 100
    assert len((await client.get("/sesames"))[1]) == 102


async def test_verbs_when_value_is_wrong_then_error(simulator: SesameV3Simulator) -> None:
    with pytest.raises(ValueError, match="locked or unlocked"):
        await simulator.turn_by_hand("open")
    with pytest.raises(ValueError, match="style"):
        simulator.keep_busy(style="loud")  # type: ignore[arg-type]


async def test_stop_when_task_is_under_way_then_it_ends(
    client: Client, simulator: SesameV3Simulator
) -> None:
    simulator.take_time(1000)
    await client.begin("unlock")
    await simulator.stop()
    assert simulator.cloud.jobs.running == set()
    assert simulator.bolt() == "locked"
