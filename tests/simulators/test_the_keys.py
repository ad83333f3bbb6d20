"""The simulated locks of The Keys: what is signed well, what a command does."""

from collections.abc import AsyncIterator
import json
from pathlib import Path
import time
from typing import Any

import aiohttp
import pytest

from tests.simulators.the_keys import (
    BACK_CODE,
    BACK_ID,
    FRONT_ID,
    Lock,
    Settings,
    TheKeysSimulator,
)
from tests.simulators.the_keys_client import Client

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "the_keys.json").read_text())

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


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["ts"])
@pytest.mark.parametrize(
    "body",
    [
        "body_identifier_ts_hash",
        "body_identifier_hash_ts",
        "body_raw_unescaped_identifier_ts_hash",
    ],
)
async def test_signed_golden_request_is_accepted_once(
    session: aiohttp.ClientSession, vector: dict[str, str], body: str
) -> None:
    """Escaped or with a raw plus sign, in any order: the gateway takes it once."""
    lock = Lock(identifier=vector["identifier"], portal_id=1, name="Golden")
    simulator = TheKeysSimulator(pace=0, clock=lambda: float(vector["ts"]), locks=[lock])
    simulator.add_share("Golden", code=vector["code"])
    await simulator.start()
    client = Client(simulator, session)
    assert (await client.json("/locker_status", vector[body]))["code"] == 49
    assert (await client.json("/locker_status", vector[body]))["code"] == 33
    await simulator.stop()


@pytest.mark.parametrize("vector", VECTORS["negative"], ids=lambda vector: vector["why"])
async def test_signed_other_encodings_are_refused(
    session: aiohttp.ClientSession, vector: dict[str, str]
) -> None:
    lock = Lock(identifier="45961123", portal_id=1, name="Golden")
    simulator = TheKeysSimulator(pace=0, clock=lambda: float(vector["ts"]), locks=[lock])
    simulator.add_share("Golden", code="Zmo1sps2OVyCFtl1")
    await simulator.start()
    client = Client(simulator, session)
    body = f"identifier=45961123&ts={vector['ts']}&hash="
    assert (await client.json("/open", body + vector["wrong_hash"]))["code"] == 33
    assert (await client.json("/open", body + vector["right_hash"]))["code"] == 0
    await simulator.stop()


async def test_signed_replay_is_refused_for_every_lock(client: Client) -> None:
    """One order of timestamps holds for the whole gateway."""
    now = int(time.time())
    assert (await client.signed("/locker_status", ts=now))["code"] == 49
    again = await client.signed("/locker_status", BACK_ID, BACK_CODE, ts=now)
    assert again == {"status": "ko", "code": 33, "cause": "timestamp too old"}
    assert (await client.signed("/locker_status", BACK_ID, BACK_CODE, ts=now + 1))["code"] == 50


async def test_signed_wrong_code_does_not_use_a_timestamp(client: Client) -> None:
    now = int(time.time())
    refused = await client.signed("/open", code=BACK_CODE, ts=now + 5)
    assert refused == {"status": "ko", "code": 33, "cause": "invalid hmac"}
    assert (await client.signed("/open", ts=now))["code"] == 0


@pytest.mark.parametrize("seconds", [-400, 60])
async def test_signed_timestamp_far_from_the_clock_is_refused(
    client: Client, simulator: TheKeysSimulator, seconds: int
) -> None:
    simulator.configure(ahead=5, behind=300)
    stamp = int(time.time()) + seconds
    assert (await client.signed("/open", ts=stamp))["code"] == 33
    simulator.configure(ahead=None, behind=None)
    assert (await client.signed("/open", ts=stamp))["code"] == 0


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ("ts=1&hash=x", "identifier"),
        (f"identifier={FRONT_ID}&hash=x", "timestamp"),
        (f"identifier={FRONT_ID}&ts=now&hash=x", "timestamp"),
        (f"identifier={FRONT_ID}&ts=1", "hash"),
    ],
)
async def test_signed_missing_parameter_is_named(
    client: Client, simulator: TheKeysSimulator, body: str, missing: str
) -> None:
    assert await client.json("/open", body) == {"status": "ko", "code": 400, "cause": missing}
    simulator.set_reply_style("page")
    assert await client.json("/open", body) == {"status": "400", "code": missing}


async def test_signed_unknown_lock_is_not_shared(client: Client) -> None:
    assert (await client.signed("/open", "99"))["code"] == 32


async def test_clock_lost_is_set_by_synchronize(
    client: Client, simulator: TheKeysSimulator
) -> None:
    simulator.lose_clock()
    assert (await client.signed("/open"))["code"] == 38
    await client.json("/synchronize")
    assert (await client.signed("/locker_status"))["code"] == 49
    simulator.lose_clock(for_good=True)
    await client.json("/synchronize")
    assert (await client.signed("/locker_status"))["code"] == 38


async def test_locker_status_reply(client: Client) -> None:
    assert await client.signed("/locker_status") == {
        "status": "Door closed",
        "code": 49,
        "id": int(FRONT_ID),
        "version": 81,
        "position": 4,
        "rssi": -70,
        "battery": 7783,
    }
    back = await client.signed("/locker_status", BACK_ID, BACK_CODE)
    assert (back["status"], back["code"], back["position"]) == ("Door open", 50, 20)


@pytest.mark.parametrize(
    ("path", "start", "end"),
    [("/open", "locked", "unlocked"), ("/close", "unlocked", "locked")],
)
async def test_command_turns_the_bolt_after_the_answer(
    client: Client, simulator: TheKeysSimulator, path: str, start: Any, end: str
) -> None:
    """The answer comes first; reads are refused while the motor runs."""
    await simulator.turn_by_hand(start)
    before = simulator.lock().last_log
    simulator.configure(travel=50.0)
    assert await client.signed(path) == {"status": "ok", "code": 0}
    assert simulator.bolt() == start
    moving = await client.signed("/locker_status")
    assert moving == {"status": "ko", "code": 400, "cause": "action already started"}
    assert (await client.json("/synchronize"))["code"] == 500
    await simulator.settle()
    assert simulator.bolt() == end
    assert simulator.lock().last_log == before + 1
    assert simulator.acted == [(FRONT_ID, path[1:])]


async def test_command_answered_after_the_travel(
    client: Client, simulator: TheKeysSimulator
) -> None:
    simulator.configure(answers="after")
    await client.signed("/open")
    assert simulator.bolt() == "unlocked"


async def test_calibrate_turns_the_bolt_and_back(
    client: Client, simulator: TheKeysSimulator
) -> None:
    assert (await client.signed("/calibrate"))["code"] == 0
    assert simulator.lock().is_moving
    assert simulator.bolt() == "unlocked"
    await simulator.settle()
    assert (simulator.bolt(), simulator.lock().last_log) == ("locked", 100)
    simulator.configure(calibration_ends="unlocked", counts_calibration=True)
    await client.signed("/calibrate")
    await simulator.settle()
    assert (simulator.bolt(), simulator.lock().last_log) == ("unlocked", 101)


async def test_command_jammed_lock_stays(client: Client, simulator: TheKeysSimulator) -> None:
    simulator.jam()
    assert (await client.signed("/open"))["code"] == 0
    await simulator.settle()
    assert simulator.bolt() == "locked"


async def test_turn_by_hand_moves_the_counter(client: Client, simulator: TheKeysSimulator) -> None:
    await simulator.turn_by_hand("unlocked")
    await simulator.turn_by_hand("unlocked")
    assert (await client.json("/lockers"))["devices"][0]["last_log"] == 101
    simulator.configure(counts_hand=False)
    await simulator.turn_by_hand("locked")
    assert simulator.lock().last_log == 101
    with pytest.raises(ValueError, match="open"):
        await simulator.turn_by_hand("open")


async def test_lock_boot_battery_and_counter(client: Client, simulator: TheKeysSimulator) -> None:
    simulator.boot_lock()
    simulator.set_battery(4065)
    simulator.reset_counter()
    assert simulator.bolt() == "unknown"
    state = await client.signed("/locker_status")
    assert (state["code"], state["battery"]) == (48, 4065)
    assert (await client.json("/lockers"))["devices"][0]["last_log"] == 1
    await client.signed("/close")
    await simulator.settle()
    assert (await client.signed("/locker_status"))["code"] == 49


async def test_lock_offline_is_not_detected(client: Client, simulator: TheKeysSimulator) -> None:
    await simulator.take_offline(FRONT_ID)
    assert (await client.signed("/open"))["code"] == 34
    assert (await client.signed("/locker_status", BACK_ID, BACK_CODE))["code"] == 50
    await simulator.bring_online(FRONT_ID)
    assert (await client.signed("/open"))["code"] == 0


async def test_signed_reads_are_counted(client: Client, simulator: TheKeysSimulator) -> None:
    await client.signed("/locker_status")
    await client.signed("/locker_status", code="wrong")
    await client.signed("/open", BACK_ID, BACK_CODE)
    assert simulator.signed_reads == {FRONT_ID: 1, BACK_ID: 0}
    assert simulator.counters()["acted"] == [[BACK_ID, "open"]]


async def test_lock_offline_is_not_listed(client: Client, simulator: TheKeysSimulator) -> None:
    await simulator.take_offline()
    assert len((await client.json("/lockers"))["devices"]) == 1
    simulator.configure(lists_offline=True)
    assert len((await client.json("/lockers"))["devices"]) == 2
