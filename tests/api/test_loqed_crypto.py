"""LOQED's signatures against golden bytes."""

import base64
from typing import Any

import pytest

from custom_components.smartlocks.vendors.loqed.api import Command
from custom_components.smartlocks.vendors.loqed.api.crypto import (
    command_message,
    create_hash,
    delete_hash,
    list_hash,
    push_hash,
)
from tests.api.loqed_helpers import VECTORS

ACTIONS = {"open": Command.OPEN, "unlock": Command.UNLOCK, "lock": Command.LOCK}


def name(vector: dict[str, Any]) -> str:
    return "-".join(str(vector.get(key, "")) for key in ("case", "op", "action", "flags", "id"))


@pytest.mark.parametrize("vector", VECTORS["commands"], ids=name)
def test_command_when_key_or_time_differs_then_another_message(vector: dict[str, Any]) -> None:
    key = base64.b64decode(vector["key_secret_b64"])
    given: dict[str, Any] = {"key_id": vector["local_key_id"], "timestamp": vector["timestamp"]}
    message = command_message(ACTIONS[vector["action"]], key=key, **given)
    assert message == vector["message_b64"]
    assert base64.b64decode(message).hex() == vector["message_hex"]
    flipped = bytes([key[0] ^ 1, *key[1:]])
    assert command_message(ACTIONS[vector["action"]], key=flipped, **given) != message
    given["timestamp"] += 1
    assert command_message(ACTIONS[vector["action"]], key=key, **given) != message


@pytest.mark.parametrize("vector", VECTORS["webhook_requests"], ids=name)
def test_webhook_request_when_key_or_time_differs_then_another_hash(vector: dict[str, Any]) -> None:
    def sign(key: bytes, timestamp: int) -> str:
        match vector["op"]:
            case "list":
                return list_hash(timestamp=timestamp, key=key)
            case "create":
                return create_hash(vector["url"], vector["flags"], timestamp=timestamp, key=key)
            case "delete":
                return delete_hash(vector["id"], timestamp=timestamp, key=key)
        raise AssertionError(vector["op"])

    key = base64.b64decode(vector["bridge_key_b64"])
    assert sign(key, vector["timestamp"]) == vector["hash"]
    assert sign(bytes([key[0] ^ 1, *key[1:]]), vector["timestamp"]) != vector["hash"]
    assert sign(key, vector["timestamp"] - 1) != vector["hash"]


@pytest.mark.parametrize("vector", VECTORS["incoming_webhooks"], ids=name)
def test_push_when_body_or_time_differs_then_another_hash(vector: dict[str, Any]) -> None:
    key = base64.b64decode(vector["bridge_key_b64"])
    body, timestamp = vector["body"].encode(), int(vector["header_TIMESTAMP"])
    expected = vector["header_HASH"]
    assert push_hash(body, timestamp=timestamp, key=key) == expected
    assert push_hash(body + b" ", timestamp=timestamp, key=key) != expected
    assert push_hash(body, timestamp=timestamp + 1, key=key) != expected
