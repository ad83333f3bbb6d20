"""The simulated LOQED lock and bridge behave as the protocol has it."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncGenerator
import json
import time
from typing import Any

from aiohttp import ClientError, ClientSession
import pytest

from .loqed import (
    BRIDGE_KEY,
    BRIDGE_MAC_BLE,
    BRIDGE_MAC_WIFI,
    KEY_SECRET,
    LOCAL_ID,
    LOCK_ID,
    LoqedSimulator,
)
from .loqed_client import VECTORS, BridgeClient, command

OPEN, UNLOCK, LOCK = 1, 2, 3
GOALS = {"open": "OPEN", "unlock": "DAY_LOCK", "lock": "NIGHT_LOCK"}


@pytest.fixture
async def sim(socket_enabled: None) -> AsyncGenerator[LoqedSimulator]:
    simulator = LoqedSimulator(pace=0.01)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def client(sim: LoqedSimulator) -> AsyncGenerator[BridgeClient]:
    async with ClientSession() as session:
        yield BridgeClient(session=session, url=sim.url, key=BRIDGE_KEY)


def signed(action: int, *, slot: int = LOCAL_ID, ago: int = 0, key: str = KEY_SECRET) -> str:
    return command(key, action=action, slot=slot, at=int(time.time()) - ago)


async def test_status_has_the_shape_of_a_real_one(client: BridgeClient) -> None:
    response = await client.raw("status")
    assert response.headers["Content-Type"] == "text/html"
    assert "Date" not in response.headers
    assert "Server" not in response.headers
    status = json.loads(await response.read())
    assert abs(status.pop("up_timestamp") - time.time()) < 100_000
    assert status == {
        "battery_percentage": 64,
        "battery_type": "NICKEL_METAL_HYDRIDE",
        "battery_type_numeric": 1,
        "battery_voltage": 10.814,
        "bolt_state": "night_lock",
        "bolt_state_numeric": 3,
        "bridge_mac_wifi": BRIDGE_MAC_WIFI,
        "bridge_mac_ble": BRIDGE_MAC_BLE,
        "lock_online": 1,
        "webhooks_number": 0,
        "ip_address": "127.0.0.1",
        "wifi_strength": 77,
        "ble_strength": 60,
    }
    assert b" " not in await response.read()


async def test_status_can_be_spelt_otherwise(sim: LoqedSimulator, client: BridgeClient) -> None:
    sim.numbers_as_text()
    sim.battery_type_as_number()
    sim.status_fields({"mac_wifi": "x"}, without=["bridge_mac_wifi"])
    sim.set_generation("2s")
    sim.send_date()
    response = await client.raw("status")
    status = json.loads(await response.read())
    assert (status["lock_online"], status["battery_voltage"]) == ("1", "10.814")
    assert (status["battery_type"], status["mac_wifi"]) == ("1", "x")
    assert "bridge_mac_wifi" not in status
    assert response.headers["Content-Type"] != "text/html"
    assert "Date" in response.headers


@pytest.mark.parametrize("vector", VECTORS["commands"])
async def test_golden_commands_move_the_lock(socket_enabled: None, vector: dict[str, Any]) -> None:
    sim = LoqedSimulator(pace=0.01, clock=lambda: float(vector["timestamp"]))
    sim.lock.keys = {vector["local_key_id"]: b64decode(vector["key_secret_b64"])}
    sim.lock.turn("unknown")
    sim.add_foreign_webhooks()
    await sim.start()
    try:
        async with ClientSession() as session:
            client = BridgeClient(session=session, url=sim.url, key="")
            answer = await client.to_lock(vector["message_b64"])
        assert answer == (200, "Message resent to the lock")
        await sim.settle()
        assert sim.refusals == []
        target, key_id = GOALS[vector["action"]], vector["local_key_id"]
        first = json.loads(sim.deliveries[0].body)
        assert (first["go_to_state"], first["key_local_id"]) == (target, key_id)
    finally:
        await sim.stop()


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (lambda: signed(UNLOCK, slot=LOCAL_ID + 1), "key slot"),
        (lambda: signed(UNLOCK, key=BRIDGE_KEY), "signature"),
        (lambda: signed(UNLOCK, ago=17), "timestamp"),
        (lambda: signed(UNLOCK, ago=-17), "timestamp"),
        (lambda: signed(9), "action"),
        (lambda: command(KEY_SECRET, action=UNLOCK, slot=LOCAL_ID, kind=89), "type"),
        (lambda: "AAAAAAAAAAACWQE=", "length"),
        (lambda: "no base64!", "length"),
        (lambda: "", "length"),
    ],
)
async def test_the_lock_refuses_but_the_bridge_says_200(
    sim: LoqedSimulator, client: BridgeClient, message: Any, reason: str
) -> None:
    assert await client.to_lock(message()) == (200, "Message resent to the lock")
    await sim.settle()
    assert sim.refusals == [reason]
    assert sim.bolt() == "locked"


async def test_a_flipped_bit_of_the_signature_is_refused(
    sim: LoqedSimulator, client: BridgeClient
) -> None:
    right = signed(UNLOCK)
    flipped = right[:40] + ("A" if right[40] != "A" else "B") + right[41:]
    await client.to_lock(flipped)
    assert sim.refusals == ["signature"]
    await client.to_lock(right)
    await sim.settle()
    assert sim.bolt() == "unlocked"


async def test_the_same_bytes_move_the_lock_once(sim: LoqedSimulator, client: BridgeClient) -> None:
    message = signed(UNLOCK)
    await client.to_lock(message)
    await sim.settle()
    await sim.turn_by_hand("locked")
    await client.to_lock(message)
    await sim.settle()
    assert sim.refusals == ["replay"]
    assert sim.bolt() == "locked"


async def test_the_command_window_can_be_changed(sim: LoqedSimulator, client: BridgeClient) -> None:
    sim.change_command_window(60)
    await client.to_lock(signed(UNLOCK, ago=50))
    await sim.settle()
    assert sim.bolt() == "unlocked"


async def test_a_deleted_key_is_ignored_until_restored(
    sim: LoqedSimulator, client: BridgeClient
) -> None:
    sim.delete_key()
    await client.to_lock(signed(UNLOCK))
    assert sim.refusals == ["key slot"]
    sim.restore_key()
    await client.to_lock(signed(UNLOCK))
    await sim.settle()
    assert sim.bolt() == "unlocked"


async def test_open_falls_back_to_unlocked(sim: LoqedSimulator, client: BridgeClient) -> None:
    await client.to_lock(signed(OPEN))
    await sim.settle()
    assert sim.bolt() == "unlocked"
    assert (await client.status())["bolt_state"] == "day_lock"


async def test_the_insecure_call_works_and_is_remembered(
    sim: LoqedSimulator, client: BridgeClient
) -> None:
    url = (sim.url / "state").with_query(
        command="DAY_LOCK", local_key_id=LOCAL_ID, secret=KEY_SECRET
    )
    async with client.session.get(url) as response:
        assert (response.status, await response.text()) == (200, "{}")
    await client.session.get(url.update_query(command="NIGHT_LOCK", secret=BRIDGE_KEY))
    await sim.settle()
    assert sim.insecure_calls == ["DAY_LOCK", "NIGHT_LOCK"]
    assert sim.bolt() == "unlocked"


async def test_faults_and_the_count_of_requests_at_once(
    sim: LoqedSimulator, client: BridgeClient
) -> None:
    await client.status()
    assert sim.busiest == 1
    sim.answer_after(0.05)
    await asyncio.gather(client.status(), client.status())
    assert sim.busiest == 2
    sim.talk_nonsense()
    assert await (await client.raw("status")).read() == (
        b"<html><body><h1>It works!</h1></body></html>"
    )
    sim.talk_nonsense(None)
    sim.drop_connections()
    with pytest.raises(ClientError):
        await client.status()


async def test_verbs_over_http(sim: LoqedSimulator, client: BridgeClient) -> None:
    async def call(name: str, **arguments: Any) -> tuple[int, Any]:
        url = sim.url / "_simulator" / name
        async with client.session.post(url, json=arguments) as response:
            return response.status, await response.json()

    assert await call("turn_by_hand", bolt="unlocked") == (200, {"result": None})
    assert await call("add_webhook", url="http://127.0.0.1:9/a") == (200, {"result": 1})
    assert (await call("add_webhook", url="http://127.0.0.1:9/a"))[0] == 400
    assert (await call("turn_by_hand", bolt="locked", lock_id="other"))[0] == 400
    assert (await call("set_generation", generation="3"))[0] == 400
    assert (await call("forge_push", kind="unheard of"))[0] == 400
    async with client.session.get(sim.url / "_simulator") as response:
        described = await response.json()
    assert described["key"] == "loqed"
    assert described["locks"] == {LOCK_ID: "unlocked"}
    assert {"settle", "stall", "integration_information"} <= set(described["verbs"])
