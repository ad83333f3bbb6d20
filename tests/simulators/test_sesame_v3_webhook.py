"""The webhook of the simulated first-generation cloud."""

import asyncio
from collections.abc import AsyncIterator
import json
import re
from typing import Any

from aiohttp import ClientSession, web
import pytest

from .base import Server
from .sesame_v3 import BACK_DOOR, FRONT_DOOR, SesameV3Simulator
from .sesame_v3_client import STRANGER, Answer, Client

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
async def simulator() -> AsyncIterator[SesameV3Simulator]:
    simulator = SesameV3Simulator(pace=0.01)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def client(simulator: SesameV3Simulator) -> AsyncIterator[Client]:
    async with ClientSession() as session:
        yield Client(session, simulator)


@pytest.fixture
async def listener() -> AsyncIterator[Server]:
    """Where the webhook points."""

    async def take(_: web.Request) -> web.Response:
        return web.Response(status=418)

    app = web.Application()
    app.router.add_route("*", "/hook/{rest:.*}", take)
    server = Server(app=app)
    await server.start()
    yield server
    await server.stop()


@pytest.mark.parametrize(
    ("words", "states"), [("locked", ["unlocked", "locked"]), ("lock", ["unlock", "lock"])]
)
async def test_webhook_get(
    simulator: SesameV3Simulator, listener: Server, words: Any, states: list[str]
) -> None:
    hook = f"{listener.url}/hook/{{device_id}}?device_id={{device_id}}&state={{state}}"
    simulator.set_webhook(hook, words=words)
    await simulator.turn_by_hand("unlocked")
    await simulator.turn_by_hand("unlocked")
    await simulator.turn_by_hand("locked")
    calls = listener.sent(f"/hook/{FRONT_DOOR}")
    assert [call.query for call in calls] == [
        {"device_id": FRONT_DOOR, "state": state} for state in states
    ]
    assert {(call.method, call.body) for call in calls} == {("GET", b"")}
    assert [delivery.status for delivery in simulator.deliveries] == [418, 418]


async def test_webhook_post(simulator: SesameV3Simulator, listener: Server, client: Client) -> None:
    simulator.set_webhook(f"{listener.url}/hook/", "POST")
    assert (await client.settle(await client.begin("unlock")))["successful"] is True
    await asyncio.sleep(0.05)
    simulator.set_webhook(f"{listener.url}/hook/", "POST", names_locked=False)
    await simulator.turn_by_hand("locked")
    await simulator.fire_webhook(STRANGER, locked=True)
    calls = listener.sent("/hook/")
    assert [json.loads(call.body) for call in calls] == [
        {"device_id": FRONT_DOOR, "locked": False},
        {"device_id": FRONT_DOOR},
        {"device_id": STRANGER},
    ]
    assert calls[0].headers["Content-Type"] == "application/json"
    assert [delivery.locked for delivery in simulator.deliveries] == [False, True, True]


async def test_webhook_is_never_repeated(simulator: SesameV3Simulator, listener: Server) -> None:
    simulator.set_webhook(f"{listener.url}/hook/")
    listener.faults.drop = True
    await simulator.turn_by_hand("unlocked")
    assert [delivery.status for delivery in simulator.deliveries] == [None]
    assert len(listener.requests) == 1


async def test_webhook_only_when_the_cloud_knows(
    simulator: SesameV3Simulator, listener: Server
) -> None:
    simulator.set_webhook(f"{listener.url}/hook/")
    await simulator.take_offline()
    await simulator.turn_by_hand("unlocked")
    assert simulator.deliveries == []
    await simulator.bring_online()
    assert [delivery.locked for delivery in simulator.deliveries] == [False]
    simulator.set_webhook(None)
    await simulator.turn_by_hand("locked")
    assert len(simulator.deliveries) == 1


def test_webhook_address_is_limited(simulator: SesameV3Simulator) -> None:
    simulator.set_webhook("http://example.invalid/".ljust(256, "a"))
    with pytest.raises(ValueError, match=re.escape("256")):
        simulator.set_webhook("http://example.invalid/".ljust(257, "a"))
    with pytest.raises(ValueError, match="GET or POST"):
        simulator.set_webhook("http://example.invalid/", "PUT")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="spelled"):
        simulator.set_webhook("http://example.invalid/", words="shut")  # type: ignore[arg-type]


async def test_verbs_over_http(simulator: SesameV3Simulator, listener: Server) -> None:
    async def tell(verb: str, **arguments: Any) -> Answer:
        async with session.post(simulator.url / "_simulator" / verb, json=arguments) as answer:
            return answer.status, await answer.json()

    async with ClientSession() as session:
        assert (await tell("set_webhook", url=f"{listener.url}/hook/"))[0] == 200
        assert await tell("turn_by_hand", bolt="unlocked") == (200, {"result": None})
        _, told = await tell("list_deliveries")
        assert told["result"] == [
            {"device_id": FRONT_DOOR, "locked": False, "method": "GET", "status": 418}
        ]
        assert (await tell("set_webhook", url="http://example.invalid/" + "a" * 250))[0] == 400
        assert (await tell("rename_lock", nickname="x", lock_id=STRANGER))[0] == 400
        async with session.get(simulator.url / "_simulator") as answer:
            told = await answer.json()
    assert told["locks"] == {FRONT_DOOR: "unlocked", BACK_DOOR: "unlocked"}
