"""Verifying a push: signature, novelty and time first, and only then its content."""

import base64
import json
import time
from typing import Any

import pytest

from custom_components.smartlocks.vendors.loqed import api
from custom_components.smartlocks.vendors.loqed.api.crypto import push_hash
from tests.api.loqed_helpers import HUGE_NUMBER, VECTORS

KEY = bytes(range(32))
NOW = 1_700_000_000

ERRORS = {
    "accepted": None,
    "Timestamp incorrect, possible replaying": api.LoqedPushLateError,
    "Hash incorrect": api.LoqedPushForgedError,
}


def make_verifier(memory: api.PushMemory | None = None, window: float = 30) -> api.PushVerifier:
    return api.PushVerifier(KEY, window=window, memory=memory or api.PushMemory())


def verify(
    body: bytes,
    *,
    timestamp: int = NOW,
    received_at: float = NOW,
    verifier: api.PushVerifier | None = None,
    **headers: Any,
) -> api.Push:
    signed = {
        "timestamps": [str(timestamp)],
        "hashes": [push_hash(body, timestamp=timestamp, key=KEY)],
    }
    verifier = verifier or make_verifier()
    return verifier.verify(body, received_at=received_at, **(signed | headers))


@pytest.mark.parametrize(
    "vector", VECTORS["incoming_webhook_verdicts"], ids=lambda vector: vector["case"]
)
def test_push_when_made_by_another_client_then_the_same_verdict(vector: dict[str, Any]) -> None:
    key = base64.b64decode(vector["bridge_key_b64"])
    verifier = api.PushVerifier(key, window=10, memory=api.PushMemory())
    arguments: dict[str, Any] = {
        "timestamps": [vector["header_TIMESTAMP"]],
        "hashes": [vector["header_HASH"]],
        "received_at": vector["receiver_now"],
    }
    error = ERRORS[vector["loqedAPI_verdict"]]
    if error is None:
        push = verifier.verify(vector["body"].encode(), **arguments)
        assert push.reached is api.Position.NIGHT_LOCK
    else:
        with pytest.raises(error):
            verifier.verify(vector["body"].encode(), **arguments)


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({"timestamps": []}, api.LoqedPushUnsignedError),
        ({"hashes": []}, api.LoqedPushForgedError),
        ({"timestamps": ["-1"]}, api.LoqedPushForgedError),
        ({"timestamps": ["abc"]}, api.LoqedPushForgedError),
        ({"timestamps": ["9" * 5000]}, api.LoqedPushForgedError),
        ({"timestamps": ["١٧٠٠٠٠٠٠٠٠"]}, api.LoqedPushForgedError),
        ({"timestamps": [str(NOW), str(NOW)]}, api.LoqedPushForgedError),
        ({"hashes": ["0" * 64]}, api.LoqedPushForgedError),
        ({"hashes": ["é" * 64]}, api.LoqedPushForgedError),
        ({"hashes": ["0" * 63]}, api.LoqedPushForgedError),
        ({"hashes": [b"0" * 64]}, api.LoqedPushForgedError),
        ({"hashes": [None]}, api.LoqedPushForgedError),
        ({"timestamps": [str(NOW).encode()]}, api.LoqedPushForgedError),
        ({"timestamps": [NOW]}, api.LoqedPushForgedError),
        ({"timestamps": str(NOW).encode()}, api.LoqedPushForgedError),
        ({"timestamps": [""]}, api.LoqedPushForgedError),
        ({"timestamps": ["\ud800"]}, api.LoqedPushForgedError),
        ({"timestamps": [f"{NOW}\n"]}, api.LoqedPushForgedError),
    ],
)
def test_push_when_a_header_is_odd_then_forged_or_unsigned(
    headers: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        verify(b"{}", **headers)


def test_push_when_a_number_is_too_large_then_only_that_field_is_none() -> None:
    body = b'{"requested_state": "NIGHT_LOCK", "battery_percentage": ' + b"9" * 5000 + b"}"
    push = verify(body)
    assert (push.reached, push.battery) == (api.Position.NIGHT_LOCK, None)


@pytest.mark.parametrize(
    "body",
    [
        b"[1]",
        b"null",
        b"\xff\xfe",
        b"{",
        b'{"requested_state": 7}',
        b'{"requested_state": ""}',
        b'{"requested_state": "NIGHT_LOCK", "go_to_state": ["OPEN"]}',
        b'{"requested_state": "NIGHT_LOCK", "event_type": 5}',
        b'{"go_to_state": true, "event_type": "GO_TO_STATE_TOUCH_TO_LOCK"}',
        b'{"battery_percentage": NaN}',
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    ],
)
def test_push_when_its_state_is_unreadable_then_content_error_with_its_time(body: bytes) -> None:
    with pytest.raises(api.LoqedPushContentError) as caught:
        verify(body, received_at=NOW + 4)
    assert (caught.value.timestamp, caught.value.offset) == (NOW, 4)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        (7).to_bytes(8),
        "\t{}\t".encode("utf-16-be"),
        "{}".encode("utf-32-be"),
        b"http://192.0.2.1/api/webhook/abc" + (511).to_bytes(4),
    ],
)
def test_push_when_it_is_what_a_request_of_ours_is_signed_over_then_forged(body: bytes) -> None:
    with pytest.raises(api.LoqedPushForgedError):
        verify(body)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("key_local_id", "none"),
        ("key_local_id", {}),
        ("key_local_id", True),
        ("key_local_id", 2.5),
        ("key_local_id", HUGE_NUMBER),
        ("wifi_strength", 77.5),
        ("wifi_strength", "strong"),
        ("ble_strength", [1]),
        ("ble_strength", 1e300),
        ("battery_percentage", "n/a"),
        ("battery_percentage", HUGE_NUMBER),
        ("battery_percentage", None),
        ("battery_type", ["x"]),
        ("battery_type", 3.7),
        ("mac_wifi", 7),
        ("mac_wifi", "not a mac"),
        ("mac_ble", "\ud800"),
        ("requested_state_numeric", {}),
        ("something", [[[]]]),
    ],
)
def test_push_when_a_side_field_is_odd_then_the_state_and_the_rest_are_read(
    field: str, value: object
) -> None:
    body = {
        "requested_state": "DAY_LOCK",
        "event_type": "STATE_CHANGED_LATCH",
        "mac_wifi": "aa:bb:cc:dd:ee:ff",
        "mac_ble": "AABBCCDDEEF1",
        "key_local_id": "7",
        "battery_percentage": 50,
        "battery_type": 2,
        "wifi_strength": 60,
        "ble_strength": 40,
    }
    push = verify(json.dumps(body | {field: value}).encode())
    assert (push.reached, push.lock_online) == (api.Position.DAY_LOCK, True)
    read = {
        "key_local_id": push.key_id,
        "battery_percentage": push.battery,
        "battery_type": push.battery_type,
        "wifi_strength": push.wifi_strength,
        "ble_strength": push.bluetooth_strength,
        "mac_wifi": "aabbccddeeff" in push.macs,
        "mac_ble": "aabbccddeef1" in push.macs,
    }
    good = {
        "key_local_id": 7,
        "battery_percentage": 50,
        "battery_type": api.BatteryType.LITHIUM,
        "wifi_strength": 60,
        "ble_strength": 40,
        "mac_wifi": True,
        "mac_ble": True,
    }
    assert not read.pop(field, None)
    good.pop(field, None)
    assert read == good


def test_push_when_inside_the_window_then_timestamp_and_age() -> None:
    for received_at in (NOW - 30, NOW + 0.25, NOW + 30):
        push = verify(b"{}", received_at=received_at)
        assert (push.timestamp, push.age) == (NOW, received_at - NOW)


@pytest.mark.parametrize("offset", [-31, 30.5, 90])
def test_push_when_outside_the_window_then_late_with_its_time(offset: float) -> None:
    with pytest.raises(api.LoqedPushLateError) as caught:
        verify(b"{}", received_at=NOW + offset)
    assert (caught.value.timestamp, caught.value.offset) == (NOW, offset)


def test_push_when_late_and_then_in_time_by_a_set_clock_then_taken_once() -> None:
    verifier = make_verifier()
    with pytest.raises(api.LoqedPushLateError):
        verify(b"{}", received_at=NOW + 90, verifier=verifier)
    verify(b"{}", verifier=verifier)
    with pytest.raises(api.LoqedPushRepeatError):
        verify(b"{}", verifier=verifier)


def test_push_when_its_time_is_still_to_come_then_not_taken_when_it_comes() -> None:
    verifier = make_verifier()
    with pytest.raises(api.LoqedPushLateError):
        verify(b"{}", received_at=NOW - 600, verifier=verifier)
    with pytest.raises(api.LoqedPushRepeatError):
        verify(b"{}", verifier=verifier)


@pytest.mark.parametrize("offset", [5, 90])
def test_push_when_repeated_then_repeat_with_its_time_inside_and_outside_the_window(
    offset: float,
) -> None:
    verifier = make_verifier()
    verify(b"{}", verifier=verifier)
    with pytest.raises(api.LoqedPushRepeatError) as caught:
        verify(b"{}", received_at=NOW + offset, verifier=verifier)
    assert (caught.value.timestamp, caught.value.offset) == (NOW, offset)


def test_push_when_replayed_to_another_verifier_with_the_same_memory_then_repeat() -> None:
    memory = api.PushMemory()
    verify(b"{}", verifier=make_verifier(memory))
    with pytest.raises(api.LoqedPushRepeatError):
        verify(b"{}", verifier=make_verifier(memory))


def test_push_when_forged_or_late_then_not_remembered() -> None:
    memory = api.PushMemory()
    for headers in ({"hashes": ["0" * 64]}, {"received_at": NOW + 99}):
        with pytest.raises(api.LoqedPushError):
            verify(b"{}", verifier=make_verifier(memory), **headers)
    assert memory.count == 0


def test_memory_when_full_then_bounded_and_the_forgotten_counts_as_taken() -> None:
    memory = api.PushMemory(most=4)
    verifier = make_verifier(memory)

    def take(second: int, body: bytes = b"{}") -> None:
        verify(body, timestamp=NOW + second, received_at=NOW + 10, verifier=verifier)

    for second in range(10):
        take(second)
    assert memory.count == 4
    for second in range(10):
        with pytest.raises(api.LoqedPushRepeatError):
            take(second)
    with pytest.raises(api.LoqedPushRepeatError):
        take(3, b'{"new": 1}')
    take(7, b'{"new": 1}')


def test_memory_when_the_forgotten_is_in_the_future_then_new_pushes_are_taken() -> None:
    memory = api.PushMemory(most=1)
    verifier = make_verifier(memory)
    for second in (3600, 3601):
        verify(b"{}", timestamp=NOW + second, received_at=NOW + 3600, verifier=verifier)
    assert verify(b"{}", verifier=verifier).timestamp == NOW


def test_push_when_its_body_never_ends_a_string_then_error_at_once() -> None:
    started = time.monotonic()
    with pytest.raises(api.LoqedPushContentError):
        verify(b'"' + b'\\"' * 100_000)
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"requested_state": "DAY_LOCK"}, {"reached": api.Position.DAY_LOCK}),
        (
            {"requested_state": "NIGHT_LOCK", "event_type": "STATE_CHANGED_LATCH"},
            {"reached": api.Position.DAY_LOCK},
        ),
        (
            {"requested_state": "OPEN", "event_type": "STATE_CHANGED_OPEN_REMOTE"},
            {"reached": api.Position.OPEN},
        ),
        (
            {"requested_state": "NIGHT_LOCK", "event_type": "GO_TO_STATE_TOUCH_TO_LOCK"},
            {"reached": api.Position.NIGHT_LOCK, "going_to": None},
        ),
        (
            {"go_to_state": "NIGHT_LOCK", "event_type": "GO_TO_STATE_TOUCH_TO_LOCK"},
            {"reached": None, "going_to": api.Position.NIGHT_LOCK},
        ),
        ({"requested_state": "WHO_KNOWS"}, {"reached": api.Position.UNKNOWN}),
        (
            {"requested_state": "UNKNOWN", "event_type": "MOTOR_STALL"},
            {"stalled": True, "reached": api.Position.UNKNOWN},
        ),
        ({"battery_percentage": -1}, {"battery": None, "lock_online": False}),
        ({"battery_percentage": "88"}, {"battery": 88, "lock_online": True}),
        ({"battery_percentage": 88, "battery_type": 1}, {"battery": 88}),
        ({"wifi_strength": 97, "ble_strength": -1}, {"wifi_strength": 97, "lock_online": False}),
        ({"key_local_id": 0, "go_to_state": "OPEN"}, {"key_id": 0}),
        ({"key_local_id": 255}, {"key_id": None}),
        ({"key_local_id": ""}, {"key_id": None}),
        ({"key_local_id": None}, {"key_id": None}),
        ({}, {"reached": None, "going_to": None, "lock_online": None}),
    ],
)
def test_push_when_it_says_something_then_that_is_read(
    fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    push = verify(json.dumps(fields).encode())
    assert {name: getattr(push, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (0, api.BatteryType.ALKALINE),
        ("1", api.BatteryType.NICKEL_METAL_HYDRIDE),
        (2, api.BatteryType.LITHIUM),
        (3, None),
        (-1, None),
        ("NICKEL_METAL_HYDRIDE", api.BatteryType.NICKEL_METAL_HYDRIDE),
        ("UNKNOWN", None),
    ],
)
def test_battery_type_when_number_or_word_then_the_kind(
    raw: object, kind: api.BatteryType | None
) -> None:
    assert verify(json.dumps({"battery_type": raw}).encode()).battery_type is kind


@pytest.mark.parametrize("source", ["", "_REMOTE"])
@pytest.mark.parametrize(
    ("event", "position"),
    [
        ("STATE_CHANGED_OPEN", api.Position.OPEN),
        ("STATE_CHANGED_LATCH", api.Position.DAY_LOCK),
        ("STATE_CHANGED_NIGHT_LOCK", api.Position.NIGHT_LOCK),
        ("STATE_CHANGED_UNKNOWN", api.Position.UNKNOWN),
    ],
)
def test_push_when_only_its_event_tells_the_state_then_that_is_read(
    event: str, source: str, position: api.Position
) -> None:
    body = json.dumps({"event_type": f"{event}{source}"}).encode()
    assert verify(body).reached is position


@pytest.mark.parametrize("source", ["", "_REMOTE"])
@pytest.mark.parametrize(
    ("event", "requested", "position"),
    [
        ("STATE_CHANGED_OPEN", "DAY_LOCK", api.Position.OPEN),
        ("STATE_CHANGED_LATCH", "NIGHT_LOCK", api.Position.DAY_LOCK),
        ("STATE_CHANGED_UNKNOWN", "NIGHT_LOCK", api.Position.UNKNOWN),
        ("STATE_CHANGED_NIGHT_LOCK", "NIGHT_LOCK", api.Position.NIGHT_LOCK),
        ("STATE_CHANGED_NIGHT_LOCK", "DAY_LOCK", api.Position.UNKNOWN),
        ("STATE_CHANGED_NIGHT_LOCK", "OPEN", api.Position.UNKNOWN),
        ("STATE_CHANGED_NIGHT_LOCK", "UNKNOWN", api.Position.UNKNOWN),
    ],
)
def test_push_when_its_fields_disagree_then_it_is_not_locked(
    event: str, source: str, requested: str, position: api.Position
) -> None:
    body = json.dumps({"event_type": f"{event}{source}", "requested_state": requested}).encode()
    assert verify(body).reached is position


@pytest.mark.parametrize(
    ("fields", "online"),
    [
        ({"go_to_state": "OPEN"}, True),
        ({"requested_state": "OPEN"}, True),
        ({"requested_state": "OPEN", "ble_strength": -1}, False),
        ({"requested_state": "OPEN", "ble_strength": 40, "battery_percentage": -1}, True),
        ({"ble_strength": 40}, True),
        ({"battery_percentage": 40}, True),
        ({"wifi_strength": 40}, None),
    ],
)
def test_push_when_it_tells_of_the_lock_then_whether_that_is_in_reach(
    fields: dict[str, Any], online: bool | None
) -> None:
    assert verify(json.dumps(fields).encode()).lock_online is online


def test_memory_when_not_told_then_it_holds_512_calls() -> None:
    memory = api.PushMemory()
    for second in range(600):
        memory.take(f"{second}", NOW + second)
    assert memory.count == 512
    assert memory.has_taken("other", NOW + 87, newest=NOW + 600)
    assert not memory.has_taken("other", NOW + 88, newest=NOW + 600)


def test_memory_when_nothing_is_forgotten_then_the_oldest_time_is_new() -> None:
    assert not api.PushMemory().has_taken("other", 1, newest=NOW)


def test_memory_when_the_forgotten_is_as_late_as_can_be_then_it_counts() -> None:
    memory = api.PushMemory(most=1)
    memory.take("first", NOW)
    memory.take("second", NOW)
    assert memory.has_taken("other", NOW, newest=NOW)
    assert not memory.has_taken("other", NOW, newest=NOW - 1)


def test_unsigned_call_when_read_then_what_it_says_and_no_time() -> None:
    push = api.parse_unverified(b'{"requested_state": "NIGHT_LOCK", "key_local_id": 3}')
    assert push is not None
    assert (push.reached, push.key_id) == (api.Position.NIGHT_LOCK, 3)
    assert (push.timestamp, push.age) == (0, 0)
    assert api.parse_unverified(b"[]") is None


@pytest.mark.parametrize("key", [253, 254])
def test_push_when_its_key_is_one_of_the_last_then_that_is_read(key: int) -> None:
    assert verify(json.dumps({"key_local_id": key}).encode()).key_id == key
