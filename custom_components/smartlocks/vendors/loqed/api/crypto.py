"""LOQED's signatures, as functions of bytes (`protocols/loqed.md` §1a-1c)."""

import base64
import hashlib
import hmac
import struct

_PROTOCOL = 2
_COMMAND_TYPE = 7
_DEVICE_ID = 1
# The cloud numbers its messages; commands signed by others carry 0.
_MESSAGE_ID = 0


def command_message(action: int, *, key_id: int, timestamp: int, key: bytes) -> str:
    """Return the signed 53-byte command in base64.

    `action` is 1 to open, 2 to unlock, 3 to lock; `key_id` is the slot of the key in the
    lock (0-250), `timestamp` in unix seconds, `key` the decoded key secret.
    """
    head = struct.pack(">BBQ", _PROTOCOL, _COMMAND_TYPE, timestamp)
    tail = struct.pack(">BBB", key_id, _DEVICE_ID, action)
    digest = hmac.digest(key, head + tail, "sha256")
    return base64.b64encode(struct.pack(">Q", _MESSAGE_ID) + head + digest + tail).decode()


def list_hash(*, timestamp: int, key: bytes) -> str:
    """Return the hash of a request for the list of webhooks."""
    return _hash(_u64(timestamp), key)


def create_hash(url: str, flags: int, *, timestamp: int, key: bytes) -> str:
    """Return the hash of a request to add a webhook; bit 0 of `flags` is the first trigger."""
    return _hash(url.encode(), struct.pack(">I", flags), _u64(timestamp), key)


def delete_hash(webhook_id: int, *, timestamp: int, key: bytes) -> str:
    """Return the hash of a request to remove a webhook."""
    return _hash(_u64(webhook_id), _u64(timestamp), key)


def push_hash(body: bytes, *, timestamp: int, key: bytes) -> str:
    """Return the hash that a bridge sends with a webhook call, for its raw body."""
    return _hash(body, _u64(timestamp), key)


def _u64(number: int) -> bytes:
    return struct.pack(">Q", number)


def _hash(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()
