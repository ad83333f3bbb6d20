"""Pushes a bridge never sent: wrong signatures, and well signed nonsense."""

from collections.abc import Callable, Mapping
import json
from typing import Any

from .crypto import bridge_hash
from .push import Push, envelope

type Signature = list[tuple[str, str]]

_HOUR = 3600
_WRONG_HASH = "0" * 64

# From the right hash and timestamp: what is sent instead.
_HEADERS: Mapping[str, Callable[[str, str], Signature]] = {
    "wrong_hash": lambda _, stamp: [("HASH", _WRONG_HASH), ("TIMESTAMP", stamp)],
    "short_hash": lambda right, stamp: [("HASH", right[:-1]), ("TIMESTAMP", stamp)],
    "empty_hash": lambda _, stamp: [("HASH", ""), ("TIMESTAMP", stamp)],
    "not_hex_hash": lambda _, stamp: [("HASH", "z" * 64), ("TIMESTAMP", stamp)],
    "not_ascii_hash": lambda _, stamp: [("HASH", "é" * 64), ("TIMESTAMP", stamp)],
    "no_hash": lambda _, stamp: [("TIMESTAMP", stamp)],
    "no_timestamp": lambda right, _: [("HASH", right)],
    "no_signature": lambda *_: [],
    "repeated_hash": lambda right, stamp: [
        ("HASH", _WRONG_HASH),
        ("HASH", right),
        ("TIMESTAMP", stamp),
    ],
    "repeated_timestamp": lambda right, stamp: [
        ("HASH", right),
        ("TIMESTAMP", "0"),
        ("TIMESTAMP", stamp),
    ],
}

# From the right timestamp: what is sent instead, and what is signed instead.
_TIMESTAMPS: Mapping[str, Callable[[int], tuple[str, int]]] = {
    "bad_timestamp": lambda now: ("abc", now),
    "empty_timestamp": lambda now: ("", now),
    "fractional_timestamp": lambda now: (f"{now}.5", now),
    "not_ascii_timestamp": lambda now: ("١٢٣", now),
    "negative_timestamp": lambda _: ("-1", -1),
    "huge_timestamp": lambda now: (str((1 << 64) + now), now),
    "endless_timestamp": lambda now: ("9" * 5000, now),
    "changed_timestamp": lambda now: (str(now + 1), now),
    "stale": lambda now: (str(now - _HOUR), now - _HOUR),
    "future": lambda now: (str(now + _HOUR), now + _HOUR),
}

# From a believable push: the body that is sent, signed as it should be.
_BODIES: Mapping[str, Callable[[dict[str, Any]], bytes]] = {
    "broken_utf8": lambda push: json.dumps(push).encode().replace(b"LOCK", b"LOC\xff"),
    "truncated": lambda push: json.dumps(push).encode()[:-9],
    "empty_body": lambda _: b"",
    "not_an_object": lambda _: b"[1]",
    "only_a_number": lambda _: b"7",
    "only_null": lambda _: b"null",
    "deeply_nested": lambda _: b"[" * 100_000,
    "endless_number": lambda _: b'{"battery_percentage":' + b"9" * 5000 + b"}",
    "not_a_number": lambda _: b'{"battery_percentage":NaN,"wifi_strength":Infinity}',
    "huge_body": lambda push: json.dumps({**push, "padding": "x" * (1 << 20)}).encode(),
    "nothing_known": lambda _: b'{"something":"else"}',
    "empty_object": lambda _: b"{}",
    "wrong_types": lambda push: json.dumps(
        {name: {"value": [index]} for index, name in enumerate(push)}
    ).encode(),
    "all_null": lambda push: json.dumps(dict.fromkeys(push)).encode(),
    "unknown_state": lambda push: json.dumps(
        {**push, "requested_state": "AJAR", "event_type": "STATE_CHANGED_AJAR"}
    ).encode(),
    "other_bridge": lambda push: json.dumps(
        {**push, "mac_wifi": "02c0ffee0b01", "mac_ble": "02c0ffee0b03"}
    ).encode(),
}

UNVERIFIABLE = (*_HEADERS, *_TIMESTAMPS, "wrong_key", "changed_body")
WELL_SIGNED = tuple(_BODIES)
FORGERIES = (*UNVERIFIABLE, *WELL_SIGNED)


def forge(kind: str, *, claim: dict[str, Any], now: int, key: bytes) -> Push:
    """A push of one of the FORGERIES that claims something untrue.

    Raises ValueError for a kind there is none of.
    """
    body = json.dumps(claim, separators=(",", ":")).encode()
    if kind in _BODIES:
        body = _BODIES[kind](claim)
        return _push(kind, body, _signed(body, now, key))
    if kind == "changed_body":
        return _push(kind, body, _signed(body + b" ", now, key))
    if kind == "wrong_key":
        return _push(kind, body, _signed(body, now, bytes(32)))
    if kind in _TIMESTAMPS:
        text, signed = _TIMESTAMPS[kind](now)
        return _push(kind, body, [("HASH", bridge_hash(body, signed, key)), ("TIMESTAMP", text)])
    if kind in _HEADERS:
        return _push(kind, body, _HEADERS[kind](bridge_hash(body, now, key), str(now)))
    raise ValueError(f"no such forgery: {kind}")


def _signed(body: bytes, now: int, key: bytes) -> Signature:
    return [("HASH", bridge_hash(body, now, key)), ("TIMESTAMP", str(now))]


def _push(kind: str, body: bytes, signature: Signature) -> Push:
    return Push(kind=kind, body=body, headers=envelope(*signature))
