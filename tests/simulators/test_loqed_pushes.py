"""The simulated LOQED bridge pushes as real ones were seen to."""

from base64 import b64decode
from collections.abc import AsyncGenerator
import time
from typing import Any

from aiohttp import ClientSession
import pytest

from .loqed import (
    BRIDGE_KEY,
    BRIDGE_MAC_BLE,
    BRIDGE_MAC_WIFI,
    CHANGED_BRIDGE_KEY,
    KEY_SECRET,
    LOCAL_ID,
    MDNS_MAC_2S,
    LoqedSimulator,
)
from .loqed_client import VECTORS, BridgeClient, Receiver, command, receiving

OPEN, UNLOCK, LOCK = 1, 2, 3
MACS = {"mac_wifi": BRIDGE_MAC_WIFI, "mac_ble": BRIDGE_MAC_BLE}


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


@pytest.fixture
async def receiver(client: BridgeClient) -> AsyncGenerator[Receiver]:
    async with receiving(client) as receiver:
        assert await client.create(receiver.url) == 200
        yield receiver


def signed(action: int) -> str:
    return command(KEY_SECRET, action=action, slot=LOCAL_ID)


async def test_a_push_looks_like_a_captured_one(sim: LoqedSimulator, receiver: Receiver) -> None:
    await sim.turn_by_hand("unlocked")
    headers = dict(receiver.requests[0][0])
    capture = VECTORS["real_capture_incoming"][0]["headers"]
    assert set(headers) == set(capture)
    changing = {"Host", "HASH", "TIMESTAMP", "Content-Length"}
    assert {name: headers[name] for name in set(headers) - changing} == {
        name: capture[name] for name in set(capture) - changing
    }
    assert abs(int(headers["TIMESTAMP"]) - time.time()) < 5
    assert b" " not in receiver.requests[0][1]


@pytest.mark.parametrize("vector", VECTORS["incoming_webhooks"])
async def test_golden_pushes_have_the_golden_hash(vector: dict[str, Any]) -> None:
    sim = LoqedSimulator(clock=lambda: float(vector["header_TIMESTAMP"]))
    sim.bridge.key = b64decode(vector["bridge_key_b64"])
    push = sim.courier.sign(vector["body"].encode(), None)
    assert push.headers["HASH"] == vector["header_HASH"]
    assert push.headers["TIMESTAMP"] == vector["header_TIMESTAMP"]


@pytest.mark.parametrize("announce", [True, False])
async def test_offline_and_back(
    sim: LoqedSimulator, client: BridgeClient, receiver: Receiver, *, announce: bool
) -> None:
    await sim.take_offline(battery=True)
    assert receiver.bodies == [
        {**MACS, "wifi_strength": 77, "ble_strength": -1},
        {**MACS, "battery_type": "UNKNOWN", "battery_percentage": -1},
    ]
    status = await client.status()
    offline = {
        "lock_online": 0,
        "battery_percentage": -1,
        "bolt_state": "unknown",
        "bolt_state_numeric": 0,
        "ble_strength": -1,
    }
    assert offline.items() <= status.items()
    await client.to_lock(signed(UNLOCK))
    await sim.turn_by_hand("unlocked")
    await sim.settle()
    assert len(receiver.bodies) == 2
    await sim.bring_online(announce=announce)
    assert len(receiver.bodies) == 2 + announce
    status = await client.status()
    assert (status["lock_online"], status["bolt_state"]) == (1, "day_lock")


async def test_battery_and_signal(
    sim: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    await sim.set_battery(20, 0, 9.5)
    sim.battery_type_as_number()
    await sim.send_battery()
    await sim.set_signal(wifi=50, ble=40)
    await sim.send_online()
    assert receiver.bodies == [
        {**MACS, "battery_type": "ALKALINE", "battery_percentage": 20},
        {**MACS, "battery_type": 0, "battery_percentage": 20},
        {**MACS, "wifi_strength": 50, "ble_strength": 40},
        {**MACS, "wifi_strength": 50, "ble_strength": 40},
    ]
    await sim.set_battery(19, push=False)
    status = await client.status()
    assert (status["battery_percentage"], status["battery_voltage"]) == (19, 9.5)
    assert len(receiver.bodies) == 4


async def test_spellings_of_a_push(sim: LoqedSimulator, receiver: Receiver) -> None:
    for spelling in ("documented", "null", "255", "empty", "absent"):
        sim.no_key_as(spelling)
        await sim.turn_by_hand("unlocked")
    assert [body.get("key_local_id", "-") for body in receiver.bodies] == [None, None, 255, "", "-"]
    sim.no_key_as("255")
    sim.numbers_as_text()
    sim.extra_fields({"new": {"a": 1}})
    await sim.turn_by_hand("locked")
    body = receiver.bodies[-1]
    assert (body["key_local_id"], body["requested_state_numeric"]) == ("255", "3")
    assert body["new"] == {"a": 1}


async def test_only_the_triggers_of_a_webhook_call_it(
    sim: LoqedSimulator, client: BridgeClient
) -> None:
    async with receiving(client) as receiver:
        await client.create(receiver.url, 0x18F)
        await sim.auto_unlock()
        await sim.settle()
        await sim.send_battery()
        await sim.send_online()
        await sim.send_event("SOMETHING_NEW")
    assert [min(set(body) - set(MACS)) for body in receiver.bodies] == [
        "event_type",
        "battery_percentage",
        "ble_strength",
        "event_type",
    ]


async def test_undocumented_events_are_signed_and_move_nothing(
    sim: LoqedSimulator, receiver: Receiver
) -> None:
    await sim.send_event("GO_TO_STATE_BY_MAGIC", {"go_to_state": "OPEN", "key_local_id": "4"})
    assert receiver.bodies == [
        {
            **MACS,
            "event_type": "GO_TO_STATE_BY_MAGIC",
            "go_to_state": "OPEN",
            "key_local_id": "4",
        }
    ]
    assert receiver.is_signed()
    await sim.send_event(None, {"go_to_state": "UNKNOWN", "mac_ble": None})
    await sim.send_event("STATE_CHANGED_AJAR", {"requested_state": 7})
    assert receiver.bodies[1]["mac_ble"] is None
    assert receiver.bodies[2]["requested_state"] == 7
    assert sim.bolt() == "locked"


async def test_pushes_go_round_one_by_one_with_one_signature(
    sim: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    sim.add_foreign_webhooks(2)
    async with receiving(client) as second:
        second.answer = 500
        await client.create(second.url)
        await sim.turn_by_hand("unlocked")
    assert [(each.webhook_id, each.status) for each in sim.deliveries] == [
        (1, 200),
        (2, None),
        (3, None),
        (4, 500),
    ]
    assert receiver.requests[0][1] == second.requests[0][1] == sim.deliveries[0].body
    assert dict(receiver.requests[0][0])["HASH"] == dict(second.requests[0][0])["HASH"]


async def test_the_status_lags(sim: LoqedSimulator, client: BridgeClient) -> None:
    sim.lag_status(10)
    await sim.turn_by_hand("unlocked")
    assert (await client.status())["bolt_state"] == "night_lock"
    await sim.settle()
    assert (await client.status())["bolt_state"] == "day_lock"


async def test_the_clock_of_the_bridge_dates_its_pushes(
    sim: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    sim.skew_clock(-300)
    await sim.turn_by_hand("unlocked")
    sent = int(dict(receiver.requests[0][0])["TIMESTAMP"])
    assert abs(sent + 300 - time.time()) < 5
    assert receiver.is_signed()
    await client.to_lock(signed(LOCK))
    assert sim.refusals == []
    sim.skew_clock(-300, lock_too=True)
    await client.to_lock(signed(UNLOCK))
    assert sim.refusals == ["timestamp"]


async def test_a_changed_bridge_key_signs_the_pushes(
    sim: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    sim.refuse_credentials()
    await sim.turn_by_hand("unlocked")
    assert not receiver.is_signed()
    client.key = CHANGED_BRIDGE_KEY
    assert receiver.is_signed()


@pytest.mark.parametrize("signs", [True, False])
async def test_the_newer_bridge_does_not_date_its_pushes(
    sim: LoqedSimulator, receiver: Receiver, *, signs: bool
) -> None:
    sim.set_generation("2s", signs=signs)
    await sim.turn_by_hand("unlocked")
    headers = dict(receiver.requests[0][0])
    assert "TIMESTAMP" not in headers
    assert ("HASH" in headers) is signs
    assert sim.mdns_announcement()["hostname"] == f"LOQED-{MDNS_MAC_2S}.local."
    assert sim.status()["bridge_mac_wifi"] == BRIDGE_MAC_WIFI
