"""LOQED's signatures, as functions of bytes (layouts: the vendor's bridge page and clients)."""

import base64
from enum import IntEnum
import hashlib
import hmac
import struct

_PROTOCOL = 2
_COMMAND_TYPE = 7
_DEVICE_ID = 1
# The cloud numbers its messages; commands signed by others carry 0.
_MESSAGE_ID = 0


class Command(IntEnum):
    """What a lock can be told to do."""

    OPEN = 1
    UNLOCK = 2
    LOCK = 3


def command_message(command: Command, *, key_id: int, timestamp: int, key: bytes) -> str:
    """Return the signed 53-byte command in base64.

    `key_id` is the slot of the key in the lock (0-250), `timestamp` in unix seconds,
    `key` the decoded key secret.
    """
    head = struct.pack(">BBQ", _PROTOCOL, _COMMAND_TYPE, timestamp)
    tail = struct.pack(">BBB", key_id, _DEVICE_ID, command)
    digest = hmac.digest(key, head + tail, "sha256")
    return base64.b64encode(struct.pack(">Q", _MESSAGE_ID) + head + digest + tail).decode()


def list_hash(*, timestamp: int, key: bytes) -> str:
    """Return the hash that asks the bridge for its webhooks."""
    return _hash(_u64(timestamp), key)


def create_hash(url: str, flags: int, *, timestamp: int, key: bytes) -> str:
    """Return the hash that adds a webhook; `flags` are the triggers, bit 0 the first."""
    return _hash(url.encode(), struct.pack(">I", flags), _u64(timestamp), key)


def delete_hash(webhook_id: int, *, timestamp: int, key: bytes) -> str:
    """Return the hash that removes a webhook."""
    return _hash(_u64(webhook_id), _u64(timestamp), key)


def push_hash(body: bytes, *, timestamp: int, key: bytes) -> str:
    """Return the hash a bridge sends with a webhook call, for its raw body."""
    return _hash(body, _u64(timestamp), key)


def _u64(number: int) -> bytes:
    return struct.pack(">Q", number)


def _hash(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()
