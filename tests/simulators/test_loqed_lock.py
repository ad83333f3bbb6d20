"""The simulated LOQED lock reports what happens to it, and its bridge what goes wrong."""

import asyncio
import time
from typing import Any

from aiohttp import ClientError
import pytest

from .loqed import (
    BRIDGE_MAC_BLE,
    BRIDGE_MAC_WIFI,
    KEY_SECRET,
    LOCAL_ID,
    LoqedSimulator,
)
from .loqed.endpoints import EndpointFault
from .loqed_client import BridgeClient, Receiver, command

OPEN, UNLOCK, LOCK = 1, 2, 3
MACS = {"mac_wifi": BRIDGE_MAC_WIFI, "mac_ble": BRIDGE_MAC_BLE}


def signed(action: int) -> str:
    return command(KEY_SECRET, action=action, slot=LOCAL_ID)


async def test_command_when_accepted_then_reported_as_going_and_as_reached(
    loqed: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    await client.to_lock(signed(UNLOCK))
    await loqed.settle()
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


async def test_open_when_reached_then_falls_back_without_a_key(
    loqed: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    loqed.lag_status(0)
    await client.to_lock(signed(OPEN))
    await loqed.settle()
    assert receiver.events == [
        "GO_TO_STATE_MANUAL_UNLOCK_REMOTE_OPEN",
        "STATE_CHANGED_OPEN",
        "STATE_CHANGED_LATCH",
    ]
    assert receiver.bodies[-1]["key_local_id"] == 255
    assert receiver.states_meanwhile[-1] == "open"


async def test_open_when_there_is_a_handle_then_only_unlocks(
    loqed: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    loqed.fit_handle()
    await client.to_lock(signed(OPEN))
    await loqed.settle()
    assert [body["event_type"] for body in receiver.bodies] == [
        "GO_TO_STATE_MANUAL_LOCK_REMOTE_LATCH",
        "STATE_CHANGED_LATCH",
    ]


async def test_command_when_to_the_present_state_then_reported_as_going_only(
    loqed: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    await client.to_lock(signed(LOCK))
    await loqed.settle()
    assert receiver.events == ["GO_TO_STATE_MANUAL_LOCK_REMOTE_NIGHT_LOCK"]


async def test_motor_when_it_stalls_then_the_bolt_is_half_way(
    loqed: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    loqed.stall()
    await client.to_lock(signed(UNLOCK))
    await loqed.settle()
    assert receiver.bodies[-1] == {
        "requested_state": "UNKNOWN",
        "requested_state_numeric": 0,
        **MACS,
        "event_type": "MOTOR_STALL",
        "key_local_id": LOCAL_ID,
    }
    assert loqed.bolt() == "unknown"
    await loqed.auto_unlock()
    await loqed.settle()
    assert loqed.bolt() == "unlocked"


async def test_motor_when_jammed_then_the_bolt_stays_and_status_is_unknown(
    loqed: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    loqed.jam()
    await client.to_lock(signed(UNLOCK))
    await loqed.settle()
    assert receiver.events[-1] == "MOTOR_STALL"
    assert loqed.bolt() == "locked"
    assert (await client.status())["bolt_state"] == "unknown"
    loqed.jam(jammed=False)
    await loqed.auto_unlock()
    await loqed.settle()
    assert loqed.bolt() == "unlocked"


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
async def test_lock_when_somebody_uses_it_then_reported_with_event_and_key(
    loqed: LoqedSimulator,
    receiver: Receiver,
    verb: str,
    arguments: dict[str, Any],
    expected: list[tuple[str, int | None]],
) -> None:
    await getattr(loqed, verb)(**arguments)
    assert len(receiver.bodies) == 1
    await loqed.settle()
    assert [(body["event_type"], body["key_local_id"]) for body in receiver.bodies] == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("going", [("go_to_state", "TOUCH"), ("requested_state", "STATE")]),
        ("reached", [("requested_state", "TOUCH")]),
        ("both", [("go_to_state", "TOUCH"), ("requested_state", "TOUCH")]),
    ],
)
async def test_touch_to_lock_when_used_then_reported_in_either_shape(
    loqed: LoqedSimulator, receiver: Receiver, told: Any, expected: list[tuple[str, str]]
) -> None:
    await loqed.turn_by_hand("unlocked")
    await loqed.touch_to_lock(told)
    await loqed.settle()
    events = {"TOUCH": "GO_TO_STATE_TOUCH_TO_LOCK", "STATE": "STATE_CHANGED_NIGHT_LOCK"}
    for body, (state_field, event) in zip(receiver.bodies[1:], expected, strict=True):
        assert (body[state_field], body["event_type"]) == ("NIGHT_LOCK", events[event])
    assert loqed.bolt() == "locked"


async def test_simulator_when_stopped_then_movements_end(socket_enabled: None) -> None:
    loqed = LoqedSimulator(pace=1.0)
    await loqed.start()
    waiting = asyncio.create_task(loqed.auto_unlock())
    await asyncio.sleep(0.01)
    await loqed.stop()
    await waiting
    assert loqed.bolt() == "locked"
    await loqed.settle()


async def test_bridge_when_restarted_then_away_and_then_unsure_until_it_hears_the_lock(
    loqed: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    restart = asyncio.create_task(loqed.restart_bridge())
    await asyncio.sleep(0.05)
    await loqed.turn_by_hand("unlocked")
    with pytest.raises(ClientError):
        await client.status()
    await restart
    status = await client.status()
    assert (status["bolt_state"], status["lock_online"]) == ("unknown", 1)
    assert abs(status["up_timestamp"] - time.time()) < 5
    await loqed.settle()
    assert (await client.status())["bolt_state"] == "day_lock"
    assert receiver.bodies == []
    assert len(loqed.webhook_urls) == 1


async def test_bridge_when_restarted_and_forgetful_then_without_webhooks(
    loqed: LoqedSimulator, receiver: Receiver
) -> None:
    await loqed.restart_bridge(seconds=1, forget_webhooks=True)
    assert loqed.webhook_urls == []


@pytest.mark.parametrize("fault", ["error", "html", "drop", "drop_after"])
async def test_endpoint_when_it_fails_then_the_others_work(
    loqed: LoqedSimulator, client: BridgeClient, fault: EndpointFault
) -> None:
    loqed.fail_endpoint("to_lock", fault)
    loqed.lag_status(0)
    try:
        assert await client.to_lock(signed(UNLOCK)) != (200, "Message resent to the lock")
        assert fault in ("error", "html")
    except ClientError:
        assert fault in ("drop", "drop_after")
    await loqed.settle()
    assert loqed.bolt() == ("unlocked" if fault == "drop_after" else "locked")
    assert (await client.status())["lock_online"] == 1
    assert (await client.webhooks())[0] == 200
    loqed.fail_endpoint("to_lock", None)
    await client.to_lock(signed(LOCK))
    await loqed.settle()
    assert loqed.bolt() == "locked"
    loqed.fail_lock()
    assert (await client.raw("status")).status == 500
