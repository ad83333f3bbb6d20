"""The simulated gateway of The Keys: its open endpoints, its phases, its connections."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.simulators.the_keys import (
    BACK_ID,
    FRONT_ID,
    Settings,
    TheKeysSimulator,
)
from tests.simulators.the_keys_client import Client, Portal

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


async def test_lockers_reply(client: Client) -> None:
    answer = await client.json("/lockers")
    assert answer == {
        "status": "ok",
        "devices": [
            {"identifier": int(FRONT_ID), "rssi": -70, "battery": 7783, "last_log": 100},
            {"identifier": int(BACK_ID), "rssi": -84, "battery": 3730, "last_log": 2041},
        ],
    }


@pytest.mark.parametrize("path", ["/", "/status"])
async def test_status_reply(client: Client, path: str) -> None:
    assert await client.json(path) == {"version": "65", "current_status": "Scanning..."}


async def test_request_any_method_is_answered(client: Client) -> None:
    assert (await client.json("/lockers", "identifier=1"))["status"] == "ok"


async def test_synchronize_reply(client: Client) -> None:
    assert await client.json("/synchronize") == {"status": "ok", "code": 0}


async def test_locker_synchronize_replies(client: Client, simulator: TheKeysSimulator) -> None:
    body = f"identifier={BACK_ID}"
    assert await client.json("/locker/synchronize", body) == {"status": "ok", "code": 0}
    simulator.configure(empty_synchronise=True)
    assert await client.text("/locker/synchronize", body) == ""
    await simulator.take_offline(BACK_ID)
    assert (await client.json("/locker/synchronize", body))["code"] == 1
    assert (await client.json("/locker/synchronize", ""))["cause"] == "identifier"
    assert (await client.json("/locker/synchronize", "identifier=9"))["code"] == 1


async def test_updates_are_recorded(client: Client, simulator: TheKeysSimulator) -> None:
    await client.json("/update", "")
    assert await client.text("/locker/update", f"identifier={FRONT_ID}") == ""
    assert simulator.updates == ["/update", "/locker/update"]


async def test_old_firmware_has_no_status_and_no_counter(
    client: Client, simulator: TheKeysSimulator
) -> None:
    simulator.old_firmware()
    answer = await client.json("/lockers")
    assert all("last_log" not in device for device in answer["devices"])
    assert "404" in await client.text("/status")
    assert (await client.json("/"))["version"] == "16"


async def test_gateway_phase_locks_are_not_detected(
    client: Client, simulator: TheKeysSimulator
) -> None:
    simulator.start_synchronising(seconds=None)
    assert (await client.json("/status"))["current_status"] == "Synchronizing gw"
    assert (await client.signed("/open"))["code"] == 34
    assert (await client.json("/synchronize"))["code"] == 500
    simulator.stop_synchronising()
    assert (await client.signed("/open"))["code"] == 0


async def test_lock_phase_ends_by_itself(client: Client, simulator: TheKeysSimulator) -> None:
    simulator.start_synchronising(BACK_ID, seconds=50)
    assert (await client.json("/status"))["current_status"] == f"Synchronizing {BACK_ID}"
    assert (await client.signed("/open"))["code"] == 500
    await simulator.radio.tasks.done()
    assert (await client.json("/status"))["current_status"] == "Scanning..."


async def test_synchronize_may_start_a_phase(client: Client, simulator: TheKeysSimulator) -> None:
    simulator.configure(synchronises_for=60)
    await client.json("/synchronize")
    assert (await client.signed("/open"))["code"] == 34


async def test_busy_reply(client: Client, simulator: TheKeysSimulator) -> None:
    simulator.set_busy(2, "page")
    assert await client.signed("/open") == {"status": "500", "message": "busy"}
    assert await client.json("/synchronize") == {"status": "500", "message": "busy"}
    simulator.set_busy(1, "seen")
    assert await client.signed("/open") == {"status": "ko", "code": 500, "cause": "busy"}
    assert (await client.signed("/open"))["code"] == 0


async def test_reply_style_of_the_page(client: Client, simulator: TheKeysSimulator) -> None:
    simulator.set_reply_style("page")
    assert await client.signed("/open") == {"status": "0", "code": "ok"}
    await simulator.settle()
    refused = await client.signed("/open", code="wrong")
    assert refused == {"status": "33", "code": "invalid hmac"}
    simulator.set_busy()
    assert await client.signed("/open") == {"status": "500", "message": "busy"}


async def test_numbers_as_text(client: Client, simulator: TheKeysSimulator) -> None:
    simulator.numbers_as_text()
    assert (await client.signed("/locker_status"))["code"] == "49"
    device = (await client.json("/lockers"))["devices"][0]
    assert device["identifier"] == FRONT_ID
    assert device["battery"] == "7783"
    simulator.numbers_as_text(on=False)
    simulator.configure(version_as_number=True)
    assert (await client.json("/status"))["version"] == 65


async def test_forced_replies(client: Client, simulator: TheKeysSimulator) -> None:
    simulator.answer_code(37, 2, "timeout")
    simulator.answer_code(3, endpoint="/locker/synchronize")
    simulator.force_reply("/lockers", '{"devices": nu')
    assert (await client.signed("/open"))["cause"] == "timeout"
    assert (await client.signed("/locker_status"))["code"] == 37
    assert (await client.signed("/locker_status"))["code"] == 49
    assert (await client.json("/locker/synchronize", f"identifier={FRONT_ID}"))["code"] == 3
    assert await client.text("/lockers") == '{"devices": nu'
    assert (await client.json("/lockers"))["status"] == "ok"
    assert simulator.acted == []


def test_configure_unknown_setting_raises(simulator: TheKeysSimulator) -> None:
    with pytest.raises(ValueError, match="colour"):
        simulator.configure(colour="red")


# A GET whose connection is closed is sent again by aiohttp itself; a POST is not.


@pytest.mark.parametrize("overlap", ["reset", "busy"])
async def test_request_overlapping_another_is_reset_or_busy(
    client: Client, simulator: TheKeysSimulator, overlap: str
) -> None:
    simulator.configure(overlap=overlap, radio=50.0)
    first = asyncio.create_task(client.signed("/open"))
    await asyncio.sleep(0.1)
    if overlap == "reset":
        with pytest.raises(aiohttp.ClientError):
            await client.json("/lockers", "")
    else:
        assert (await client.json("/lockers", ""))["code"] == 500
    assert (await first)["code"] == 0
    assert simulator.overlaps == 1
    assert len(simulator.requests) == 2


async def test_request_too_soon_is_counted(client: Client, simulator: TheKeysSimulator) -> None:
    """The pause is measured from the end of the answer, and longer after a signed call."""
    simulator.configure(gap_unsigned=5, gap_signed=100)
    await client.json("/lockers")
    await asyncio.sleep(0.06)
    await client.signed("/locker_status")
    assert simulator.hurried == 0
    await client.signed("/locker_status")
    assert simulator.hurried == 1
    assert len(simulator.spacing.gaps) == 2
    simulator.configure(resets_hurried=True)
    with pytest.raises(aiohttp.ClientError):
        await client.json("/lockers", "")
    assert (simulator.hurried, simulator.overlaps) == (2, 0)


async def test_reply_closes_the_connection(
    simulator: TheKeysSimulator, session: aiohttp.ClientSession
) -> None:
    async with session.get(simulator.url / "lockers") as response:
        assert response.headers["Connection"] == "close"


async def test_freeze_requests_hang(client: Client, simulator: TheKeysSimulator) -> None:
    """It hangs; whoever gives up and asks again is not counted as an overlap."""
    simulator.freeze()
    for _ in range(2):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.json("/lockers"), 0.05)
        await asyncio.sleep(0.01)
    simulator.unfreeze()
    assert (await client.json("/lockers"))["status"] == "ok"
    assert simulator.overlaps == 0


async def test_stop_leaves_nothing_behind(session: aiohttp.ClientSession) -> None:
    simulator = TheKeysSimulator()
    await simulator.start()
    client = Client(simulator, session)
    simulator.freeze()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.json("/lockers"), 0.05)
    simulator.unfreeze()
    simulator.answer_after(60)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.json("/lockers"), 0.3)
    simulator.cloud_server.faults.delay = 60
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(Portal(simulator, session).login(), 0.1)
    simulator.start_synchronising()
    await simulator.stop()
    assert len(asyncio.all_tasks()) == 1


async def test_reboot_refuses_connections_for_a_while(
    client: Client, simulator: TheKeysSimulator
) -> None:
    await simulator.reboot(30)
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.json("/lockers")
    await simulator.radio.tasks.done()
    assert (await client.json("/lockers"))["status"] == "ok"


@pytest.mark.parametrize("after", [False, True])
async def test_drop_connections_acts_only_after(
    client: Client, simulator: TheKeysSimulator, *, after: bool
) -> None:
    simulator.drop_connections(after=after)
    with pytest.raises(aiohttp.ClientError):
        await client.signed("/open")
    assert bool(simulator.acted) is after
