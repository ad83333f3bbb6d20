"""The simulated LOQED bridge keeps webhooks as the protocol has it."""

from base64 import b64decode
from typing import Any

from aiohttp import ClientSession
import pytest

from .loqed import (
    CHANGED_BRIDGE_KEY,
    LoqedSimulator,
)
from .loqed_client import VECTORS, BridgeClient, triggers


@pytest.mark.parametrize("vector", VECTORS["webhook_requests"])
async def test_webhook_call_when_golden_then_accepted(
    socket_enabled: None, vector: dict[str, Any]
) -> None:
    loqed = LoqedSimulator(clock=lambda: float(vector["timestamp"]))
    loqed.bridge.key = b64decode(vector["bridge_key_b64"])
    await loqed.start()
    headers = {"TIMESTAMP": str(vector["timestamp"]), "HASH": vector["hash"]}
    method, path, _ = vector["request_line"].split()
    expected = {"list": 200, "create": 200, "delete": 404}[vector["op"]]
    try:
        async with ClientSession() as session:
            url, body = loqed.url.with_path(path), vector.get("body_on_wire")
            async with session.request(method, url, headers=headers, data=body) as response:
                assert response.status == expected
            last = "0" if vector["hash"][-1] != "0" else "1"
            headers["HASH"] = vector["hash"][:-1] + last
            async with session.request(method, url, headers=headers, data=body) as response:
                assert response.status == 401
    finally:
        await loqed.stop()


async def test_webhooks_when_created_and_deleted_then_listed_accordingly(
    loqed: LoqedSimulator, client: BridgeClient
) -> None:
    assert await client.webhooks() == (200, [])
    assert await client.create("http://127.0.0.1:9/a", 0x18F) == 200
    assert await client.create("http://127.0.0.1:9/b", 0x0A) == 200
    assert await client.delete(1) == 200
    assert await client.create("http://127.0.0.1:9/c") == 200
    assert await client.webhooks() == (
        200,
        [
            {"id": 2, "url": "http://127.0.0.1:9/b", **triggers(0x0A)},
            {"id": 3, "url": "http://127.0.0.1:9/c", **triggers(511)},
        ],
    )
    assert (await client.status())["webhooks_number"] == 2
    assert loqed.webhook_urls == ["http://127.0.0.1:9/b", "http://127.0.0.1:9/c"]


async def test_webhook_call_when_wrong_then_refused_as_documented(
    loqed: LoqedSimulator, client: BridgeClient
) -> None:
    url, body = "http://127.0.0.1:9/a", {"url": "http://127.0.0.1:9/a", **triggers(511)}
    good = client.headers(url.encode() + (511).to_bytes(4))
    assert await client.post(body, {}) == 400
    assert await client.post(body, good | {"TIMESTAMP": "now"}) == 400
    assert await client.post(body, good | {"HASH": "short"}) == 400
    assert await client.post({**body, "trigger_battery": True}, good) == 400
    assert await client.post(triggers(511), good) == 400
    assert await client.post([1], good) == 400
    assert await client.post({**body, "trigger_battery": 0}, good) == 401
    assert await client.post(body, good | {"TIMESTAMP": str(int(good["TIMESTAMP"]) - 1)}) == 401
    assert await client.post(body, good) == 200
    assert await client.create(url) == 500
    assert await client.delete(7) == 404
    loqed.fail_deletes()
    assert await client.delete(1) == 500


async def test_create_when_the_bridge_is_full_then_refused(
    loqed: LoqedSimulator, client: BridgeClient
) -> None:
    assert await client.create("http://127.0.0.1:9/a") == 200
    assert len(loqed.fill_webhooks()) == loqed.bridge.webhooks.most - 1
    assert await client.create("http://127.0.0.1:9/b") == 500
    assert loqed.lose_webhooks() == loqed.bridge.webhooks.most
    assert await client.create("http://127.0.0.1:9/b") == 200


async def test_webhook_call_when_outside_of_the_window_then_refused(
    loqed: LoqedSimulator, client: BridgeClient
) -> None:
    loqed.skew_clock(90)
    assert (await client.webhooks())[0] == 401
    loqed.change_webhook_window(100)
    assert (await client.webhooks())[0] == 200
    loqed.skew_clock(-1_000_000)
    loqed.change_webhook_window(None)
    assert (await client.webhooks())[0] == 200


async def test_webhook_call_when_the_bridge_key_changed_then_refused(
    loqed: LoqedSimulator, client: BridgeClient
) -> None:
    loqed.refuse_credentials()
    assert (await client.webhooks())[0] == 401
    assert loqed.integration_information()["bridge_key"] == CHANGED_BRIDGE_KEY
    client.key = CHANGED_BRIDGE_KEY
    assert (await client.webhooks())[0] == 200
    loqed.accept_credentials()
    assert (await client.webhooks())[0] == 401


async def test_list_when_entries_are_odd_then_listed_and_counted(
    loqed: LoqedSimulator, client: BridgeClient
) -> None:
    loqed.limit_webhooks(2)
    loqed.add_odd_webhook({"id": 90})
    assert await client.create("http://127.0.0.1:9/a") == 200
    assert await client.create("http://127.0.0.1:9/b") == 500
    status, listed = await client.webhooks()
    assert (status, listed[-1]) == (200, {"id": 90})
    assert (await client.status())["webhooks_number"] == 2
    assert loqed.lose_webhooks() == 2
