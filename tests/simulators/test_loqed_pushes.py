"""The simulated LOQED bridge pushes as real ones were seen to."""

import asyncio
from base64 import b64decode
import time
from typing import Any

import pytest

from .loqed import (
    BRIDGE_MAC_BLE,
    BRIDGE_MAC_WIFI,
    CHANGED_BRIDGE_KEY,
    FORGERIES,
    KEY_SECRET,
    LOCAL_ID,
    MDNS_MAC_2S,
    STATUS_LAG,
    WELL_SIGNED,
    LoqedSimulator,
)
from .loqed_client import VECTORS, BridgeClient, Receiver, command, receiving

OPEN, UNLOCK, LOCK = 1, 2, 3
MACS = {"mac_wifi": BRIDGE_MAC_WIFI, "mac_ble": BRIDGE_MAC_BLE}


def signed(action: int) -> str:
    return command(KEY_SECRET, action=action, slot=LOCAL_ID)


async def test_push_when_sent_then_looks_like_a_captured_one(
    loqed: LoqedSimulator, receiver: Receiver
) -> None:
    await loqed.turn_by_hand("unlocked")
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
async def test_push_when_golden_then_has_the_golden_hash(vector: dict[str, Any]) -> None:
    loqed = LoqedSimulator(clock=lambda: float(vector["header_TIMESTAMP"]))
    loqed.bridge.key = b64decode(vector["bridge_key_b64"])
    push = loqed.pusher.sign(vector["body"].encode(), None)
    assert push.headers["HASH"] == vector["header_HASH"]
    assert push.headers["TIMESTAMP"] == vector["header_TIMESTAMP"]


@pytest.mark.parametrize("announce", [True, False])
async def test_lock_when_out_of_reach_then_offline_until_back(
    loqed: LoqedSimulator, client: BridgeClient, receiver: Receiver, *, announce: bool
) -> None:
    await loqed.take_offline(battery=True)
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
    await loqed.turn_by_hand("unlocked")
    await loqed.settle()
    assert len(receiver.bodies) == 2
    await loqed.bring_online(announce=announce)
    assert len(receiver.bodies) == 2 + announce
    status = await client.status()
    assert (status["lock_online"], status["bolt_state"]) == (1, "day_lock")


async def test_battery_and_signal_when_changed_then_pushed_and_in_the_status(
    loqed: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    await loqed.set_battery(20, 0, 9.5)
    loqed.battery_type_as_number()
    await loqed.send_battery()
    await loqed.set_signal(wifi=50, ble=40)
    await loqed.send_online()
    assert receiver.bodies == [
        {**MACS, "battery_type": "ALKALINE", "battery_percentage": 20},
        {**MACS, "battery_type": 0, "battery_percentage": 20},
        {**MACS, "wifi_strength": 50, "ble_strength": 40},
        {**MACS, "wifi_strength": 50, "ble_strength": 40},
    ]
    await loqed.set_battery(19, push=False)
    status = await client.status()
    assert (status["battery_percentage"], status["battery_voltage"]) == (19, 9.5)
    assert len(receiver.bodies) == 4


async def test_push_when_spelt_differently_then_the_same_facts(
    loqed: LoqedSimulator, receiver: Receiver
) -> None:
    for spelling in ("documented", "null", "255", "empty", "absent"):
        loqed.no_key_as(spelling)
        await loqed.turn_by_hand("unlocked")
    assert [body.get("key_local_id", "-") for body in receiver.bodies] == [None, None, 255, "", "-"]
    loqed.no_key_as("255")
    loqed.numbers_as_text()
    loqed.extra_fields({"new": {"a": 1}})
    await loqed.turn_by_hand("locked")
    body = receiver.bodies[-1]
    assert (body["key_local_id"], body["requested_state_numeric"]) == ("255", "3")
    assert body["new"] == {"a": 1}


async def test_webhook_when_it_has_few_triggers_then_called_for_them_only(
    loqed: LoqedSimulator, client: BridgeClient
) -> None:
    async with receiving(client) as receiver:
        await client.create(receiver.url, 0x18F)
        await loqed.auto_unlock()
        await loqed.settle()
        await loqed.send_battery()
        await loqed.send_online()
        await loqed.send_event("SOMETHING_NEW")
    assert [min(set(body) - set(MACS)) for body in receiver.bodies] == [
        "event_type",
        "battery_percentage",
        "ble_strength",
        "event_type",
    ]


async def test_event_when_undocumented_then_signed_and_nothing_moves(
    loqed: LoqedSimulator, receiver: Receiver
) -> None:
    await loqed.send_event("GO_TO_STATE_BY_MAGIC", {"go_to_state": "OPEN", "key_local_id": "4"})
    assert receiver.bodies == [
        {
            **MACS,
            "event_type": "GO_TO_STATE_BY_MAGIC",
            "go_to_state": "OPEN",
            "key_local_id": "4",
        }
    ]
    assert receiver.is_signed()
    await loqed.send_event(None, {"go_to_state": "UNKNOWN", "mac_ble": None})
    await loqed.send_event("STATE_CHANGED_AJAR", {"requested_state": 7})
    assert receiver.bodies[1]["mac_ble"] is None
    assert receiver.bodies[2]["requested_state"] == 7
    assert loqed.bolt() == "locked"


async def test_push_when_there_are_many_webhooks_then_one_by_one_with_one_signature(
    loqed: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    loqed.add_foreign_webhooks(2)
    async with receiving(client) as second:
        second.answer = 500
        await client.create(second.url)
        await loqed.turn_by_hand("unlocked")
    assert [(each.webhook_id, each.status) for each in loqed.deliveries] == [
        (1, 200),
        (2, None),
        (3, None),
        (4, 500),
    ]
    assert receiver.requests[0][1] == second.requests[0][1] == loqed.deliveries[0].body
    assert dict(receiver.requests[0][0])["HASH"] == dict(second.requests[0][0])["HASH"]


async def test_status_when_it_lags_then_old_until_the_lag_is_over(
    loqed: LoqedSimulator, client: BridgeClient
) -> None:
    loqed.lag_status(10)
    await loqed.turn_by_hand("unlocked")
    assert (await client.status())["bolt_state"] == "night_lock"
    await loqed.settle()
    assert (await client.status())["bolt_state"] == "day_lock"


async def test_push_when_the_bridge_clock_is_off_then_dated_by_it(
    loqed: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    loqed.skew_clock(-300)
    await loqed.turn_by_hand("unlocked")
    sent = int(dict(receiver.requests[0][0])["TIMESTAMP"])
    assert abs(sent + 300 - time.time()) < 5
    assert receiver.is_signed()
    await client.to_lock(signed(LOCK))
    assert loqed.refusals == []
    loqed.skew_clock(-300, lock_too=True)
    await client.to_lock(signed(UNLOCK))
    assert loqed.refusals == ["timestamp"]


async def test_push_when_the_bridge_key_changed_then_signed_with_the_new_one(
    loqed: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    loqed.refuse_credentials()
    await loqed.turn_by_hand("unlocked")
    assert not receiver.is_signed()
    client.key = CHANGED_BRIDGE_KEY
    assert receiver.is_signed()


@pytest.mark.parametrize("signs", [True, False])
async def test_push_when_from_a_newer_bridge_then_without_time_stamp(
    loqed: LoqedSimulator, receiver: Receiver, *, signs: bool
) -> None:
    loqed.set_generation("2s", signs=signs)
    await loqed.turn_by_hand("unlocked")
    headers = dict(receiver.requests[0][0])
    assert "TIMESTAMP" not in headers
    assert ("HASH" in headers) is signs
    assert loqed.mdns_announcement()["hostname"] == f"LOQED-{MDNS_MAC_2S}.local."
    assert loqed.status()["bridge_mac_wifi"] == BRIDGE_MAC_WIFI


async def test_pushes_when_lost_or_replayed_then_missing_or_doubled(
    loqed: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    loqed.stop_pushing()
    await loqed.turn_by_hand("unlocked")
    assert receiver.bodies == []
    assert (await client.status())["bolt_state"] == "day_lock"
    with pytest.raises(ValueError, match="nothing arrived"):
        await loqed.replay_last_push()
    loqed.resume_pushing()
    await loqed.turn_by_hand("locked")
    assert await loqed.replay_last_push() == [200]
    assert receiver.requests[0] == receiver.requests[1]
    assert [each.kind for each in loqed.deliveries] == ["genuine", "replay"]


def is_genuine(receiver: Receiver) -> bool:
    """Whether the last push has one hash and one present timestamp, and they are right."""
    names = [name for name, _ in receiver.requests[-1][0]]
    if (names.count("HASH"), names.count("TIMESTAMP")) != (1, 1):
        return False
    stamp = dict(receiver.requests[-1][0])["TIMESTAMP"]
    is_plain = stamp.isascii() and stamp.isdecimal() and len(stamp) < 15
    return is_plain and abs(int(stamp) - time.time()) < 60 and receiver.is_signed()


@pytest.mark.parametrize("kind", FORGERIES)
async def test_forgery_when_sent_then_is_what_it_says(
    loqed: LoqedSimulator, receiver: Receiver, kind: str
) -> None:
    assert await loqed.forge_push(kind) == [200]
    assert loqed.deliveries[0].kind == kind
    if kind in WELL_SIGNED:
        assert receiver.is_signed()
    else:
        assert not is_genuine(receiver)
        assert receiver.bodies[0]["requested_state"] == "DAY_LOCK"
    assert loqed.bolt() == "locked"


async def test_status_when_nothing_is_set_then_behind_the_push_and_awaited_with_it(
    loqed: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    await loqed.turn_by_hand("unlocked")
    assert receiver.states_meanwhile == ["night_lock"]
    assert (await client.status())["bolt_state"] == "day_lock"
    assert 1 <= STATUS_LAG <= 3


async def test_pushes_when_one_is_lost_then_only_the_next_arrives(
    loqed: LoqedSimulator, receiver: Receiver
) -> None:
    loqed.lose_pushes()
    await loqed.turn_by_hand("unlocked")
    await loqed.turn_by_hand("locked")
    assert [body["requested_state"] for body in receiver.bodies] == ["NIGHT_LOCK"]
    assert len(loqed.recorded) == 2


async def test_pushes_when_delayed_then_late_with_an_old_time_stamp(
    loqed: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    loqed.delay_pushes(60)
    turning = asyncio.create_task(loqed.turn_by_hand("unlocked"))
    await asyncio.sleep(0.3)
    assert receiver.bodies == []
    assert (await client.status())["bolt_state"] == "night_lock"
    await turning
    age = time.time() - int(dict(receiver.requests[0][0])["TIMESTAMP"])
    assert 58 < age < 65
    assert receiver.is_signed()


@pytest.mark.parametrize("age", [0, 90])
async def test_pushes_when_held_back_then_released_in_either_order_and_age(
    loqed: LoqedSimulator, client: BridgeClient, receiver: Receiver, age: float
) -> None:
    loqed.hold_pushes()
    await loqed.turn_by_hand("unlocked")
    await loqed.turn_by_hand("locked")
    await loqed.turn_by_hand("unlocked")
    assert receiver.bodies == []
    assert (await client.status())["bolt_state"] == "day_lock"
    assert await loqed.release_pushes(reverse=age == 0, age=age) == [200, 200, 200]
    assert receiver.bodies[1]["requested_state"] == "NIGHT_LOCK"
    assert [receiver.is_signed(index) for index in range(3)] == [True] * 3
    stamps = [int(dict(headers)["TIMESTAMP"]) for headers, _ in receiver.requests]
    assert stamps == sorted(stamps, reverse=age == 0)
    assert age <= time.time() - stamps[0] < age + 5
    await loqed.turn_by_hand("locked")
    assert len(receiver.bodies) == 4


async def test_pushes_when_repeated_then_the_same_bytes_arrive_so_many_times(
    loqed: LoqedSimulator, receiver: Receiver
) -> None:
    loqed.repeat_pushes(3)
    await loqed.turn_by_hand("unlocked")
    assert receiver.requests == [receiver.requests[0]] * 3


async def test_recorded_push_when_replayed_then_the_same_bytes_arrive_again(
    loqed: LoqedSimulator, receiver: Receiver
) -> None:
    await loqed.turn_by_hand("unlocked")
    await loqed.turn_by_hand("locked")
    assert await loqed.replay_push(0) == [200]
    assert receiver.requests[2] == receiver.requests[0]
    assert loqed.deliveries[-1].kind == "replay"
