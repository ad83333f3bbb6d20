"""The simulated LOQED bridge keeps webhooks as the protocol has it."""

from base64 import b64decode
from collections.abc import AsyncGenerator
from typing import Any

from aiohttp import ClientSession
import pytest

from .loqed import (
    BRIDGE_KEY,
    CHANGED_BRIDGE_KEY,
    LoqedSimulator,
)
from .loqed_client import VECTORS, BridgeClient, triggers


@pytest.fixture
async def sim(socket_enabled: None) -> AsyncGenerator[LoqedSimulator]:
    simulator = LoqedSimulator(pace=0.01)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def client(sim: LoqedSimulator) -> AsyncGenerator[BridgeClient]:
    async with ClientSession() as session:
        yield BridgeClient(session=session, url=sim.url, key=BRIDGE_KEY)


@pytest.mark.parametrize("vector", VECTORS["webhook_requests"])
async def test_golden_webhook_calls_are_accepted(
    socket_enabled: None, vector: dict[str, Any]
) -> None:
    sim = LoqedSimulator(clock=lambda: float(vector["timestamp"]))
    sim.bridge.key = b64decode(vector["bridge_key_b64"])
    await sim.start()
    headers = {"TIMESTAMP": str(vector["timestamp"]), "HASH": vector["hash"]}
    method, path, _ = vector["request_line"].split()
    expected = {"list": 200, "create": 200, "delete": 404}[vector["op"]]
    try:
        async with ClientSession() as session:
            url, body = sim.url.with_path(path), vector.get("body_on_wire")
            async with session.request(method, url, headers=headers, data=body) as response:
                assert response.status == expected
            last = "0" if vector["hash"][-1] != "0" else "1"
            headers["HASH"] = vector["hash"][:-1] + last
            async with session.request(method, url, headers=headers, data=body) as response:
                assert response.status == 401
    finally:
        await sim.stop()


async def test_webhooks_are_listed_created_and_deleted(
    sim: LoqedSimulator, client: BridgeClient
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
    assert sim.webhook_urls == ["http://127.0.0.1:9/b", "http://127.0.0.1:9/c"]


async def test_webhook_calls_are_refused_as_documented(
    sim: LoqedSimulator, client: BridgeClient
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
    sim.fail_deletes()
    assert await client.delete(1) == 500


async def test_a_full_bridge_takes_no_more(sim: LoqedSimulator, client: BridgeClient) -> None:
    assert await client.create("http://127.0.0.1:9/a") == 200
    assert len(sim.fill_webhooks()) == sim.bridge.webhooks.most - 1
    assert await client.create("http://127.0.0.1:9/b") == 500
    assert sim.lose_webhooks() == sim.bridge.webhooks.most
    assert await client.create("http://127.0.0.1:9/b") == 200


async def test_the_time_window_of_webhook_calls(sim: LoqedSimulator, client: BridgeClient) -> None:
    sim.skew_clock(90)
    assert (await client.webhooks())[0] == 401
    sim.change_webhook_window(100)
    assert (await client.webhooks())[0] == 200
    sim.skew_clock(-1_000_000)
    sim.change_webhook_window(None)
    assert (await client.webhooks())[0] == 200


async def test_a_changed_bridge_key_refuses_webhook_calls(
    sim: LoqedSimulator, client: BridgeClient
) -> None:
    sim.refuse_credentials()
    assert (await client.webhooks())[0] == 401
    assert sim.integration_information()["bridge_key"] == CHANGED_BRIDGE_KEY
    client.key = CHANGED_BRIDGE_KEY
    assert (await client.webhooks())[0] == 200
    sim.accept_credentials()
    assert (await client.webhooks())[0] == 401
