"""Verifying a push: signature, time and novelty first, and only then its content."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from custom_components.smartlocks.vendors.loqed import api
from custom_components.smartlocks.vendors.loqed.api.signature import push_hash

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "loqed.json").read_text())
KEY = bytes(range(32))
NOW = 1_700_000_000

ERRORS = {
    "accepted": None,
    "Timestamp incorrect, possible replaying": api.LoqedPushLateError,
    "Hash incorrect": api.LoqedPushForgedError,
}


def verify(body: bytes, *, timestamp: int = NOW, now: float = NOW, **headers: Any) -> api.Push:
    signed = {
        "timestamps": [str(timestamp)],
        "hashes": [push_hash(body, timestamp=timestamp, key=KEY)],
    }
    return api.PushVerifier(KEY, window=30).verify(body, now=now, **(signed | headers))


@pytest.mark.parametrize(
    "vector", VECTORS["incoming_webhook_verdicts"], ids=lambda vector: vector["case"]
)
def test_verdicts(vector: dict[str, Any]) -> None:
    verifier = api.PushVerifier(base64.b64decode(vector["bridge_key_b64"]), window=10)
    arguments: dict[str, Any] = {
        "timestamps": [vector["header_TIMESTAMP"]],
        "hashes": [vector["header_HASH"]],
        "now": vector["receiver_now"],
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
    ],
)
def test_headers(headers: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        verify(b"{}", **headers)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[1]",
        b"null",
        b"\xff\xfe",
        b"{",
        b'{"requested_state": 7}',
        b'{"requested_state": "OPEN", "key_local_id": {}}',
        b'{"requested_state": "OPEN", "key_local_id": true}',
        b'{"battery_percentage": "much"}',
        b'{"battery_percentage": 1e999}',
        b'{"battery_percentage": ' + b"9" * 400 + b"}",
        b'{"ble_strength": [1]}',
        b'{"event_type": 5}',
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    ],
)
def test_content_that_makes_no_sense(body: bytes) -> None:
    with pytest.raises(api.LoqedPushContentError):
        verify(body)


def test_the_window_counts_on_both_sides() -> None:
    for now in (NOW - 30, NOW + 30):
        assert verify(b"{}", now=now).timestamp == NOW
    for now, offset in ((NOW - 31, -31), (NOW + 31, 31)):
        with pytest.raises(api.LoqedPushLateError) as caught:
            verify(b"{}", now=now)
        assert caught.value.offset == offset


def test_the_memory_is_bounded_and_keeps_the_latest() -> None:
    verifier = api.PushVerifier(KEY, window=30)

    def take(number: int) -> None:
        body = json.dumps({"battery_percentage": 1, "n": number}).encode()
        digest = push_hash(body, timestamp=NOW, key=KEY)
        verifier.verify(body, timestamps=[str(NOW)], hashes=[digest], now=NOW)

    for number in range(1000):
        take(number)
    with pytest.raises(api.LoqedPushRepeatError):
        take(999)
    assert len(verifier._taken) == 256


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
def test_what_a_push_says(fields: dict[str, Any], expected: dict[str, Any]) -> None:
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
def test_battery_types(raw: object, kind: api.BatteryType | None) -> None:
    assert verify(json.dumps({"battery_type": raw}).encode()).battery_type is kind
