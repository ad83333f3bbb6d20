"""The simulated first-generation cloud: its locks and its tasks."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientSession
import pytest

from .sesame_v3 import BACK_DOOR, FRONT_DOOR, SesameV3Simulator
from .sesame_v3_client import STRANGER, VECTORS, Client

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


async def test_list_and_status(client: Client) -> None:
    status, locks = await client.get("/sesames")
    assert status == 200
    assert locks == [
        {"device_id": FRONT_DOOR, "serial": "SIM0000001", "nickname": "Front door"},
        {"device_id": BACK_DOOR, "serial": "SIM0000002", "nickname": "Back door"},
    ]
    assert await client.state() == {"locked": True, "battery": 100, "responsive": True}
    assert await client.state(BACK_DOOR) == {"locked": False, "battery": 64, "responsive": True}


async def test_greets_everybody(client: Client) -> None:
    client.headers = {}
    assert await client.get("/") == (200, {"status": "ok"})


async def test_command_takes_its_time(simulator: SesameV3Simulator, client: Client) -> None:
    simulator.take_time(50)
    task_id = await client.begin("unlock")
    assert await client.result(task_id) == (200, {"status": "processing"})
    assert simulator.bolt() == "locked"
    assert await client.settle(task_id) == {"status": "terminated", "successful": True}
    assert simulator.bolt() == "unlocked"
    assert (await client.state())["locked"] is False
    assert await client.settle(await client.begin("lock")) == VECTORS["v3_task_results"][1]["body"]
    assert simulator.bolt() == "locked"
    assert simulator.lock().commands == ["unlock", "lock"]


@pytest.mark.parametrize(
    "body", [{}, {"command": "open"}, {"command": ["lock"]}, {"command": None}, [], "lock", 5]
)
async def test_bad_command(simulator: SesameV3Simulator, client: Client, body: Any) -> None:
    assert await client.post(FRONT_DOOR, body) == (400, {"error": "BAD_PARAMS"})
    assert simulator.lock().commands == []


async def test_command_must_be_json(client: Client, simulator: SesameV3Simulator) -> None:
    url = simulator.url / "sesame" / FRONT_DOOR
    json_type = {**client.headers, "Content-Type": "application/json"}
    async with ClientSession() as session:
        async with session.post(url, data={"command": "lock"}, headers=client.headers) as answer:
            assert answer.status == 400
        async with session.post(url, data=b'{"comm', headers=json_type) as answer:
            assert answer.status == 400


async def test_unknown_lock_and_task(client: Client) -> None:
    assert await client.get(f"/sesame/{STRANGER}") == (400, {"error": "BAD_PARAMS"})
    assert await client.post(STRANGER, {"command": "lock"}) == (400, {"error": "BAD_PARAMS"})
    assert await client.result(STRANGER) == (400, {"error": "BAD_PARAMS"})
    assert await client.get("/action-result") == (400, {"error": "BAD_PARAMS"})


async def test_expired_and_late_task(simulator: SesameV3Simulator, client: Client) -> None:
    task_id = await client.begin("sync")
    simulator.forget_tasks()
    assert (await client.result(task_id))[0] == 400
    simulator.end_busy()
    simulator.show_tasks_late(50)
    task_id = await client.begin("sync")
    assert (await client.result(task_id))[0] == 400
    await simulator.rest(51)
    assert (await client.result(task_id))[0] == 200


async def test_task_is_forgotten_by_age(simulator: SesameV3Simulator, client: Client) -> None:
    simulator.cloud.tasks.kept_for = 0.5
    task_id = await client.begin("sync")
    assert (await client.result(task_id))[0] == 200
    await asyncio.sleep(0.51)
    assert (await client.result(task_id))[0] == 400


async def test_jam(simulator: SesameV3Simulator, client: Client) -> None:
    simulator.jam()
    result = await client.settle(await client.begin("unlock"))
    assert result == {"status": "terminated", "successful": False}
    assert simulator.bolt() == "locked"
    simulator.jam(jammed=False)
    assert (await client.settle(await client.begin("unlock")))["successful"] is True


@pytest.mark.parametrize("error", ["LOW_BATTERY", "DEVICE_IS_BUSY 35", "INTERNAL_ERROR"])
async def test_task_fails(simulator: SesameV3Simulator, client: Client, error: str) -> None:
    simulator.fail_tasks(error)
    result = await client.settle(await client.begin("unlock"))
    assert result == {"status": "terminated", "successful": False, "error": error}
    assert simulator.bolt() == "locked"


async def test_task_never_ends(simulator: SesameV3Simulator, client: Client) -> None:
    simulator.hang_tasks()
    task_id = await client.begin("unlock")
    await simulator.rest(10)
    assert await client.result(task_id) == (200, {"status": "processing"})
    assert simulator.bolt() == "locked"


async def test_offline_keeps_the_last_state(simulator: SesameV3Simulator, client: Client) -> None:
    await simulator.take_offline()
    await simulator.turn_by_hand("unlocked")
    simulator.set_battery(20)
    assert await client.state() == {"locked": True, "battery": 100, "responsive": False}
    assert (await client.settle(await client.begin("sync")))["successful"] is False
    assert (await client.settle(await client.begin("lock")))["successful"] is False
    assert simulator.bolt() == "unlocked"
    assert (await client.state())["responsive"] is False
    await simulator.bring_online()
    assert await client.state() == {"locked": False, "battery": 20, "responsive": True}


async def test_back_but_needs_sync(simulator: SesameV3Simulator, client: Client) -> None:
    await simulator.take_offline()
    await simulator.bring_online(needs_sync=True)
    await simulator.turn_by_hand("unlocked")
    assert await client.state() == {"locked": True, "battery": 100, "responsive": False}
    assert (await client.settle(await client.begin("sync")))["successful"] is True
    assert await client.state() == {"locked": False, "battery": 100, "responsive": True}
    assert simulator.lock().syncs == 1


async def test_locks_come_and_go(simulator: SesameV3Simulator, client: Client) -> None:
    added = simulator.add_lock("Garage", battery=50)
    simulator.rename_lock("Main door")
    simulator.remove_lock(BACK_DOOR)
    names = [lock["nickname"] for lock in (await client.get("/sesames"))[1]]
    assert names == ["Main door", "Garage"]
    assert (await client.state(added))["battery"] == 50
    assert (await client.get(f"/sesame/{BACK_DOOR}"))[0] == 400
    assert simulator.lock_ids == [FRONT_DOOR, added]
    many = simulator.add_locks(100)
    assert len(set(many)) == 100
    assert len((await client.get("/sesames"))[1]) == 102


async def test_bolt_has_two_states(simulator: SesameV3Simulator) -> None:
    with pytest.raises(ValueError, match="locked or unlocked"):
        await simulator.turn_by_hand("open")
    with pytest.raises(ValueError, match="style"):
        simulator.keep_busy(style="loud")  # type: ignore[arg-type]


async def test_stops_in_the_middle_of_a_task(client: Client, simulator: SesameV3Simulator) -> None:
    simulator.take_time(1000)
    await client.begin("unlock")
    await simulator.stop()
    assert simulator.cloud.errands == set()
    assert simulator.bolt() == "locked"
