"""What the first generation's cloud calls back, in all its forms."""

import json
from typing import Any

import pytest

from custom_components.smartlocks.vendors.sesame_v3.api import (
    Hint,
    HookTooLongError,
    hook_address,
    parse_hook,
)

from .sesame_wire import VECTORS

DEVICE = "00000000-0000-0000-0000-000000000001"
OTHER = "00000000-0000-0000-0000-000000000002"


@pytest.mark.parametrize("case", VECTORS["v3_webhook_requests"])
def test_vectors(case: dict[str, Any]) -> None:
    body = b"" if case["body"] is None else json.dumps(case["body"]).encode()
    hint = parse_hook(case["method"], case["query"], body)
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
def test_the_state_in_the_url(method: str, word: str, *, locked: bool | None) -> None:
    query = {"device_id": DEVICE, "state": word}
    assert parse_hook(method, query, b"") == Hint(DEVICE, locked)


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
    ],
)
def test_url_and_body(query: dict[str, str], body: bytes, expected: tuple[Any, Any]) -> None:
    assert parse_hook("POST", query, body) == expected


def test_a_body_has_no_place_in_a_get() -> None:
    assert parse_hook("GET", {}, b'{"device_id": "x", "locked": true}') == (None, None)


def test_the_same_lock_in_another_case() -> None:
    body = json.dumps({"device_id": "ABCD", "locked": True}).encode()
    assert parse_hook("POST", {"device_id": "abcd"}, body) == ("abcd", True)


def test_the_address_to_paste() -> None:
    address = hook_address("https://example.com/api/webhook/made-up")
    assert address == "https://example.com/api/webhook/made-up?device_id={device_id}&state={state}"
    assert hook_address("https://example.com/?a=b").endswith(
        "?a=b&device_id={device_id}&state={state}"
    )


def test_the_address_must_fit_the_vendors_field() -> None:
    tail = len("?device_id={device_id}&state={state}")
    url = "https://example.com/".ljust(256 - tail, "x")
    assert len(hook_address(url)) == 256
    with pytest.raises(HookTooLongError) as raised:
        hook_address(url + "x")
    assert raised.value.length == 257
    assert "example.com" not in str(raised.value)
