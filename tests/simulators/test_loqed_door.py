"""The simulated LOQED lock tells what happens at the door."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from aiohttp import ClientSession
import pytest

from .loqed import (
    BRIDGE_KEY,
    BRIDGE_MAC_BLE,
    BRIDGE_MAC_WIFI,
    KEY_SECRET,
    LOCAL_ID,
    LoqedSimulator,
)
from .loqed_client import BridgeClient, Receiver, command, receiving

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


async def test_a_command_is_told_as_going_and_as_reached(
    sim: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    await client.to_lock(signed(UNLOCK))
    await sim.settle()
    assert receiver.bodies == [
        {
            "go_to_state": "DAY_LOCK",
            "event_type": "GO_TO_STATE_MANUAL_LOCK_REMOTE_LATCH",
            **MACS,
            "key_local_id": LOCAL_ID,
        },
        {
            "requested_state": "DAY_LOCK",
            "requested_state_numeric": 2,
            **MACS,
            "event_type": "STATE_CHANGED_LATCH",
            "key_local_id": LOCAL_ID,
        },
    ]
    assert receiver.is_signed(0)
    assert receiver.is_signed(1)
    assert receiver.states_meanwhile == ["night_lock", "night_lock"]
    assert (await client.status())["bolt_state"] == "day_lock"


async def test_open_falls_back_by_itself(
    sim: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    await client.to_lock(signed(OPEN))
    await sim.settle()
    assert receiver.events == [
        "GO_TO_STATE_MANUAL_UNLOCK_REMOTE_OPEN",
        "STATE_CHANGED_OPEN",
        "STATE_CHANGED_LATCH",
    ]
    assert receiver.bodies[-1]["key_local_id"] == 255
    assert receiver.states_meanwhile[-1] == "open"


async def test_open_only_unlocks_where_there_is_a_handle(
    sim: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    sim.fit_handle()
    await client.to_lock(signed(OPEN))
    await sim.settle()
    assert [body["event_type"] for body in receiver.bodies] == [
        "GO_TO_STATE_MANUAL_LOCK_REMOTE_LATCH",
        "STATE_CHANGED_LATCH",
    ]


async def test_a_command_to_the_present_state_is_told_as_going_only(
    sim: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    await client.to_lock(signed(LOCK))
    await sim.settle()
    assert receiver.events == ["GO_TO_STATE_MANUAL_LOCK_REMOTE_NIGHT_LOCK"]


async def test_a_stall_leaves_the_bolt_half_way(
    sim: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    sim.stall()
    await client.to_lock(signed(UNLOCK))
    await sim.settle()
    assert receiver.bodies[-1] == {
        "requested_state": "UNKNOWN",
        "requested_state_numeric": 0,
        **MACS,
        "event_type": "MOTOR_STALL",
        "key_local_id": LOCAL_ID,
    }
    assert sim.bolt() == "unknown"
    await sim.auto_unlock()
    await sim.settle()
    assert sim.bolt() == "unlocked"


async def test_a_jam_keeps_the_bolt_where_it_is(
    sim: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    sim.jam()
    await client.to_lock(signed(UNLOCK))
    await sim.settle()
    assert receiver.events[-1] == "MOTOR_STALL"
    assert sim.bolt() == "locked"
    assert (await client.status())["bolt_state"] == "unknown"
    sim.jam(jammed=False)
    await sim.auto_unlock()
    await sim.settle()
    assert sim.bolt() == "unlocked"


@pytest.mark.parametrize(
    ("verb", "arguments", "expected"),
    [
        ("turn_by_hand", {"bolt": "unknown"}, [("STATE_CHANGED_UNKNOWN", None)]),
        (
            "use_key",
            {"key_id": 12, "bolt": "unlocked"},
            [("GO_TO_STATE_MANUAL_LOCK_BLE_LATCH", 12), ("STATE_CHANGED_LATCH", 12)],
        ),
        (
            "twist_assist",
            {"bolt": "unlocked"},
            [("GO_TO_STATE_TWIST_ASSIST_LATCH", 255), ("STATE_CHANGED_LATCH", None)],
        ),
        (
            "pin",
            {"key_id": 7},
            [
                ("GO_TO_STATE_MANUAL_UNLOCK_VIA_OUTSIDE_MODULE_PIN", 7),
                ("STATE_CHANGED_OPEN", 7),
                ("STATE_CHANGED_LATCH", 255),
            ],
        ),
        (
            "button",
            {},
            [
                ("GO_TO_STATE_MANUAL_UNLOCK_VIA_OUTSIDE_MODULE_BUTTON", 255),
                ("STATE_CHANGED_OPEN", None),
                ("STATE_CHANGED_LATCH", 255),
            ],
        ),
        (
            "touch_to_open",
            {"key_id": 0},
            [
                ("GO_TO_STATE_INSTANTOPEN_OPEN", 0),
                ("STATE_CHANGED_OPEN", 0),
                ("STATE_CHANGED_LATCH", 255),
            ],
        ),
        (
            "auto_unlock",
            {"key_id": 3},
            [("GO_TO_STATE_INSTANTOPEN_LATCH", 3), ("STATE_CHANGED_LATCH", 3)],
        ),
        (
            "remote",
            {"bolt": "unlocked"},
            [
                ("GO_TO_STATE_MANUAL_LOCK_REMOTE_LATCH", LOCAL_ID),
                ("STATE_CHANGED_LATCH_REMOTE", LOCAL_ID),
            ],
        ),
    ],
)
async def test_what_happens_at_the_door_is_told(
    sim: LoqedSimulator,
    receiver: Receiver,
    verb: str,
    arguments: dict[str, Any],
    expected: list[tuple[str, int | None]],
) -> None:
    await getattr(sim, verb)(**arguments)
    assert len(receiver.bodies) == 1
    await sim.settle()
    assert [(body["event_type"], body["key_local_id"]) for body in receiver.bodies] == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("going", [("go_to_state", "TOUCH"), ("requested_state", "STATE")]),
        ("reached", [("requested_state", "TOUCH")]),
        ("both", [("go_to_state", "TOUCH"), ("requested_state", "TOUCH")]),
    ],
)
async def test_touch_to_lock_is_told_in_either_shape(
    sim: LoqedSimulator, receiver: Receiver, told: Any, expected: list[tuple[str, str]]
) -> None:
    await sim.turn_by_hand("unlocked")
    await sim.touch_to_lock(told)
    await sim.settle()
    events = {"TOUCH": "GO_TO_STATE_TOUCH_TO_LOCK", "STATE": "STATE_CHANGED_NIGHT_LOCK"}
    for body, (state_field, event) in zip(receiver.bodies[1:], expected, strict=True):
        assert (body[state_field], body["event_type"]) == ("NIGHT_LOCK", events[event])
    assert sim.bolt() == "locked"


async def test_stopping_ends_what_moves(socket_enabled: None) -> None:
    sim = LoqedSimulator(pace=1.0)
    await sim.start()
    waiting = asyncio.create_task(sim.auto_unlock())
    await asyncio.sleep(0.01)
    await sim.stop()
    await waiting
    assert sim.bolt() == "locked"
    await sim.settle()
