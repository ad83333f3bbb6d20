"""What the Sesame V3 cloud sends to a webhook, in all its forms."""

import json
from typing import Any

import pytest

from custom_components.smartlocks.vendors.sesame_v3.api import (
    Hint,
    WebhookUrlTooLongError,
    parse_webhook,
    webhook_url,
)

from .sesame_v3_server import DEVICE, OTHER, VECTORS


def parsed(method: str, query: dict[str, str], body: bytes) -> tuple[str | None, bool | None]:
    hint = parse_webhook(method, query, body)
    return hint.device_id, hint.locked


@pytest.mark.parametrize("case", VECTORS["v3_webhook_requests"])
def test_webhook_vectors(case: dict[str, Any]) -> None:
    body = b"" if case["body"] is None else json.dumps(case["body"]).encode()
    hint = parsed(case["method"], case["query"], body)
    if isinstance(case["expect"], str):  # a lock of somebody else's: for the caller to know
        assert hint == ("ffffffff-0000-0000-0000-000000000000", True)
    else:
        assert hint == (case["expect"]["device_id"], case["expect"]["locked"])


@pytest.mark.parametrize("method", ["GET", "POST", "get", "post"])
@pytest.mark.parametrize(
    ("word", "locked"),
    [
        ("locked", True),
        ("unlocked", False),
        ("lock", True),
        ("unlock", False),
        ("Locked ", True),
        ("UNLOCK", False),
        ("state", None),
        ("{state}", None),
        ("jammed", None),
        ("", None),
    ],
)
def test_call_when_state_is_in_the_url_then_it_is_read(
    method: str, word: str, *, locked: bool | None
) -> None:
    query = {"device_id": DEVICE, "state": word}
    assert parse_webhook(method, query, b"") == Hint(device_id=DEVICE, locked=locked)


@pytest.mark.parametrize(
    ("query", "body", "expected"),
    [
        ({}, b"", (None, None)),
        ({}, b'{"device_id": "%s", "locked": false}' % DEVICE.encode(), (DEVICE, False)),
        ({}, b'{"device_id": "%s", "state": "unlock"}' % DEVICE.encode(), (DEVICE, False)),
        ({}, b'{"device_id": "%s", "locked": 1}' % DEVICE.encode(), (DEVICE, None)),
        ({}, b'{"device_id": "%s", "locked": "true"}' % DEVICE.encode(), (DEVICE, None)),
        ({}, b'{"device_id": 7, "locked": true}', (None, True)),
        ({}, b'{"locked": tr', (None, None)),
        ({}, b"[true]", (None, None)),
        ({}, b"\xff\xfe\x00", (None, None)),
        ({}, b"[" * 100_000, (None, None)),
        ({"device_id": DEVICE}, b'{"locked": true}', (DEVICE, True)),
        ({"device_id": DEVICE, "state": "unlock"}, b'{"locked": true}', (DEVICE, False)),
        (
            {"device_id": DEVICE},
            b'{"device_id":"%s","locked":true}' % OTHER.encode(),
            (DEVICE, None),
        ),
        ({"state": "lock"}, b'{"device_id": "%s"}' % DEVICE.encode(), (DEVICE, True)),
        ({"device_id": "{device_id}", "state": "{state}"}, b"", (None, None)),
        ({"device_id": f"{DEVICE}_unlock"}, b"", (DEVICE, False)),
        ({"device_id": f"{DEVICE}_locked"}, b"", (DEVICE, True)),
        ({"device_id": f"{DEVICE}_{{state}}"}, b"", (None, None)),
        ({"device_id": f"{DEVICE}_lock", "state": "unlock"}, b"", (DEVICE, False)),
        ({"device_id": " "}, b"", (None, None)),
        ({"device_id": "x" * 65, "state": "lock"}, b"", (None, True)),
        ({"device_id": "x" * 64, "state": "lock"}, b"", ("x" * 64, True)),
        ({"device_id": "x" * 64 + "_unlocked"}, b"", ("x" * 64, False)),
        ({"device_id": "x" * 65 + "_unlocked"}, b"", (None, None)),
        ({"device_id": "x", "state": "lock".ljust(73)}, b"", ("x", True)),
        ({"device_id": "x", "state": "lock".ljust(74)}, b"", ("x", None)),
        ({"device_id": "x" * 8000 + "_lock", "state": "l" * 8000}, b"", (None, None)),
        ({"device_id": DEVICE, "state": "\0"}, b"", (DEVICE, None)),
        ({}, b'{"device_id": %s, "locked": NaN}' % (b"9" * 4000), (None, None)),
        ({}, b'{"device_id": {"a": []}, "state": ["lock"]}', (None, None)),
        ({}, b'{"device_id": "\\ud800", "locked": false}', ("\ud800", False)),
    ],
)
def test_call_when_url_and_body_differ_then_the_url_counts(
    query: dict[str, str], body: bytes, expected: tuple[Any, Any]
) -> None:
    assert parsed("POST", query, body) == expected


@pytest.mark.parametrize(("length", "device_id"), [(4096, DEVICE), (4097, None)])
def test_body_when_longer_than_4096_then_ignored(length: int, device_id: str | None) -> None:
    body = (b'{"device_id": "%s"}' % DEVICE.encode()).ljust(length)
    assert parsed("POST", {}, body) == (device_id, None)


@pytest.mark.parametrize(("depth", "device_id"), [(18, DEVICE), (30, None)])
def test_body_when_nested_deeply_then_ignored(depth: int, device_id: str | None) -> None:
    body = b'{"device_id": "%s", "x": %s}' % (DEVICE.encode(), b"[" * depth + b"]" * depth)
    assert parsed("POST", {}, body) == (device_id, None)


def test_body_when_method_is_get_then_ignored() -> None:
    assert parsed("GET", {}, b'{"device_id": "x", "locked": true}') == (None, None)


def test_body_when_id_is_in_another_case_then_same_lock() -> None:
    body = json.dumps({"device_id": "ABCD", "locked": True}).encode()
    assert parsed("POST", {"device_id": "abcd"}, body) == ("abcd", True)


def test_webhook_url_has_the_vendors_variables() -> None:
    url = webhook_url("https://example.com/api/webhook/made-up")
    assert url == "https://example.com/api/webhook/made-up?device_id={device_id}&state={state}"
    assert webhook_url("https://example.com/?a=b").endswith(
        "?a=b&device_id={device_id}&state={state}"
    )


def test_webhook_url_when_longer_than_256_then_error() -> None:
    tail = len("?device_id={device_id}&state={state}")
    url = "https://example.com/".ljust(256 - tail, "x")
    assert len(webhook_url(url)) == 256
    with pytest.raises(WebhookUrlTooLongError) as raised:
        webhook_url(url + "x")
    assert raised.value.length == 257
    assert str(raised.value) == "a webhook URL of 257 characters is too long"
