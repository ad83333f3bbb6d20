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
from .sesame_v3_client import UNKNOWN_LOCK, Answer, Client, connected_client

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """Yield a client of a running simulator."""
    async with connected_client() as client:
        yield client


@pytest.fixture
def simulator(client: Client) -> SesameV3Simulator:
    """Return the simulator."""
    return client.simulator


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
async def test_webhook_when_get_then_variables_are_replaced(
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


async def test_webhook_when_post_then_json_body(
    simulator: SesameV3Simulator, listener: Server, client: Client
) -> None:
    simulator.set_webhook(f"{listener.url}/hook/", "POST")
    assert (await client.run("unlock"))["successful"] is True
    await asyncio.sleep(0.05)
    simulator.set_webhook(f"{listener.url}/hook/", "POST", names_locked=False)
    await simulator.turn_by_hand("locked")
    await simulator.fire_webhook(UNKNOWN_LOCK, locked=True)
    calls = listener.sent("/hook/")
    assert [json.loads(call.body) for call in calls] == [
        {"device_id": FRONT_DOOR, "locked": False},
        {"device_id": FRONT_DOOR},
        {"device_id": UNKNOWN_LOCK},
    ]
    assert calls[0].headers["Content-Type"] == "application/json"
    assert [delivery.locked for delivery in simulator.deliveries] == [False, True, True]


async def test_webhook_when_connection_drops_then_not_repeated(
    simulator: SesameV3Simulator, listener: Server
) -> None:
    simulator.set_webhook(f"{listener.url}/hook/")
    listener.faults.drop = True
    await simulator.turn_by_hand("unlocked")
    assert [delivery.status for delivery in simulator.deliveries] == [None]
    assert len(listener.requests) == 1


async def test_webhook_when_cloud_does_not_know_then_no_call(
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


def test_webhook_when_setting_is_wrong_then_error(simulator: SesameV3Simulator) -> None:
    simulator.set_webhook("http://example.invalid/".ljust(256, "a"))
    with pytest.raises(ValueError, match=re.escape("256")):
        simulator.set_webhook("http://example.invalid/".ljust(257, "a"))
    with pytest.raises(ValueError, match="GET or POST"):
        simulator.set_webhook("http://example.invalid/", "PUT")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="spelled"):
        simulator.set_webhook("http://example.invalid/", words="shut")  # type: ignore[arg-type]


async def test_verbs_when_called_over_http_then_they_act(
    simulator: SesameV3Simulator, listener: Server
) -> None:
    async def post(verb: str, **arguments: Any) -> Answer:
        async with session.post(simulator.url / "_simulator" / verb, json=arguments) as answer:
            return answer.status, await answer.json()

    async with ClientSession() as session:
        assert (await post("set_webhook", url=f"{listener.url}/hook/"))[0] == 200
        assert await post("turn_by_hand", bolt="unlocked") == (200, {"result": None})
        _, answer = await post("list_deliveries")
        assert answer["result"] == [
            {"device_id": FRONT_DOOR, "locked": False, "method": "GET", "status": 418}
        ]
        assert (await post("set_webhook", url="http://example.invalid/" + "a" * 250))[0] == 400
        assert (await post("rename_lock", nickname="x", lock_id=UNKNOWN_LOCK))[0] == 400
        async with session.get(simulator.url / "_simulator") as answer:
            description = await answer.json()
    assert description["locks"] == {FRONT_DOOR: "unlocked", BACK_DOOR: "unlocked"}


async def test_webhook_when_lost_then_nobody_is_called(
    simulator: SesameV3Simulator, listener: Server
) -> None:
    simulator.set_webhook(f"{listener.url}/hook/")
    simulator.lose_webhooks()
    await simulator.turn_by_hand("unlocked")
    simulator.lose_webhooks(lose=False)
    await simulator.turn_by_hand("locked")
    assert [delivery.locked for delivery in simulator.deliveries] == [True]
    assert len(listener.requests) == 1


async def test_webhook_when_repeated_then_called_twice(
    simulator: SesameV3Simulator, listener: Server
) -> None:
    simulator.set_webhook(f"{listener.url}/hook/")
    simulator.repeat_webhooks()
    await simulator.turn_by_hand("unlocked")
    assert [delivery.locked for delivery in simulator.deliveries] == [False, False]
    assert len(listener.requests) == 2


async def test_webhook_when_late_then_it_says_what_was(
    simulator: SesameV3Simulator, listener: Server
) -> None:
    simulator.set_webhook(f"{listener.url}/hook/?state={{state}}")
    simulator.delay_webhooks(20)
    await simulator.turn_by_hand("unlocked")
    await simulator.turn_by_hand("locked")
    assert listener.requests == []
    await simulator.rest(30)
    assert [call.query["state"] for call in listener.requests] == ["unlocked", "locked"]


@pytest.mark.parametrize("newest_first", [False, True])
async def test_webhook_when_held_back_then_released_in_any_order(
    simulator: SesameV3Simulator, listener: Server, *, newest_first: bool
) -> None:
    simulator.set_webhook(f"{listener.url}/hook/")
    simulator.delay_webhooks(None)
    await simulator.turn_by_hand("unlocked")
    await simulator.turn_by_hand("locked")
    assert listener.requests == []
    await simulator.release_webhooks(newest_first=newest_first)
    states = [delivery.locked for delivery in simulator.deliveries]
    assert states == ([True, False] if newest_first else [False, True])
    await simulator.turn_by_hand("unlocked")
    assert len(listener.requests) == 3
