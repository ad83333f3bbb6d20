"""A request is sent once, and never right after another."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise
import socket
from typing import Any

from aiohttp import ClientSession
import pytest
from yarl import URL

from custom_components.smartlocks.request_queue import RequestQueue
from custom_components.smartlocks.vendors.sesame_v3.api import (
    Cloud,
    CloudConnectionError,
    Command,
    NotAsDocumentedError,
)
from custom_components.smartlocks.vendors.sesame_v3.api.const import TIMEOUT

from .sesame_wire import Wire, served

KEY = "made-up-key-of-the-account"
DEVICE = "00000000-0000-0000-0000-000000000001"
TASK = "01234567-890a-bcde-f012-34567890abcd"


type Call = Callable[[Cloud], Awaitable[Any]]

CALLS: dict[str, Call] = {
    "locks": lambda cloud: cloud.locks(),
    "status": lambda cloud: cloud.status(DEVICE),
    "command": lambda cloud: cloud.command(DEVICE, Command.UNLOCK),
    "task": lambda cloud: cloud.task(TASK),
}


@pytest.fixture
async def wire(socket_enabled: None) -> AsyncIterator[Wire]:
    """Yield a listening server."""
    async with served("/public") as wire:
        yield wire


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[ClientSession]:
    """Yield a session."""
    async with ClientSession() as session:
        yield session


@pytest.fixture
def cloud(wire: Wire, session: ClientSession) -> Cloud:
    """Return a client of the server, in no hurry to rest."""
    return Cloud(session, wire.url, KEY, queue=RequestQueue(), spacing=0.0)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(wire: Wire, cloud: Cloud, status: int) -> None:
    wire.answer(b"", status)
    wire.headers = {"Location": "/public/elsewhere"}
    with pytest.raises(NotAsDocumentedError) as raised:
        await cloud.command(DEVICE, Command.UNLOCK)
    assert raised.value.may_have_arrived
    assert len(wire.seen) == 1


@pytest.mark.parametrize("name", CALLS)
async def test_a_dropped_connection_is_the_end_of_it(wire: Wire, cloud: Cloud, name: str) -> None:
    wire.answer([])
    await cloud.locks()
    wire.heard.clear()
    wire.is_dropping = True
    for _ in range(2):  # over the kept connection, and over a new one
        with pytest.raises(CloudConnectionError) as raised:
            await CALLS[name](cloud)
        assert raised.value.may_have_arrived
    assert len(wire.seen) == 2


async def test_nobody_listens(session: ClientSession, socket_enabled: None) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        base = URL.build(scheme="http", host="127.0.0.1", port=taken.getsockname()[1])
        cloud = Cloud(session, base, KEY, queue=RequestQueue(), spacing=0.0)
        with pytest.raises(CloudConnectionError) as raised:
            await cloud.command(DEVICE, Command.UNLOCK)
    assert not raised.value.may_have_arrived
    assert raised.value.status is None


async def test_an_address_that_is_none(session: ClientSession) -> None:
    cloud = Cloud(session, URL("http:///public"), KEY, queue=RequestQueue(), spacing=0.0)
    with pytest.raises(CloudConnectionError) as raised:
        await cloud.command(DEVICE, Command.UNLOCK)
    assert not raised.value.may_have_arrived


@pytest.mark.parametrize("name", CALLS)
async def test_an_answer_that_does_not_come(
    wire: Wire, cloud: Cloud, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert TIMEOUT == 15.0
    monkeypatch.setattr(f"{Cloud.__module__}.TIMEOUT", 0.5)
    wire.delay = 3.0
    with pytest.raises(CloudConnectionError) as raised:
        await CALLS[name](cloud)
    assert raised.value.may_have_arrived
    assert len(wire.seen) == 1


async def test_requests_of_an_account_are_a_second_apart(
    wire: Wire, session: ClientSession
) -> None:
    queue = RequestQueue()
    clouds = [Cloud(session, wire.url, KEY, queue=queue) for _ in range(3)]
    await asyncio.gather(*(cloud.locks() for cloud in clouds))
    assert len(wire.heard) == 3
    assert min(_gaps(wire)) >= 1.0


async def test_a_hundred_locks_and_a_burst_of_commands(wire: Wire, session: ClientSession) -> None:
    wire.answer({"locked": True, "task_id": TASK})
    wire.delay = 0.001
    cloud = Cloud(session, wire.url, KEY, queue=RequestQueue(), spacing=0.01)
    polls = [asyncio.create_task(cloud.status(f"lock-{number}")) for number in range(100)]
    await asyncio.sleep(0.05)
    before = len(wire.seen)
    await asyncio.gather(*(cloud.command(DEVICE, Command.LOCK) for _ in range(10)))
    await asyncio.gather(*polls)
    assert min(_gaps(wire)) >= 0.01
    assert len(wire.seen) == 110
    # One poll may have been under way; then the people's turn came.
    methods = [method for method, *_ in wire.seen]
    first = methods.index("POST")
    assert first - before in (0, 1)
    assert methods[first : first + 10] == ["POST"] * 10


@pytest.mark.parametrize("name", ["command", "task"])
async def test_who_waits_for_a_person_goes_first(
    wire: Wire, session: ClientSession, name: str
) -> None:
    wire.answer({"status": "processing", "task_id": TASK, "locked": True})
    cloud = Cloud(session, wire.url, KEY, queue=RequestQueue(), spacing=0.02)
    first = asyncio.create_task(cloud.status("first"))
    await asyncio.sleep(0.01)
    await asyncio.gather(first, cloud.status("poll"), CALLS[name](cloud))
    assert wire.seen[2][1].endswith("/poll")


async def test_a_read_for_a_person_goes_first_too(wire: Wire, session: ClientSession) -> None:
    wire.answer({"locked": True})
    cloud = Cloud(session, wire.url, KEY, queue=RequestQueue(), spacing=0.02)
    first = asyncio.create_task(cloud.status("first"))
    await asyncio.sleep(0.01)
    await asyncio.gather(first, cloud.status("poll"), cloud.status("read", urgent=True))
    assert [path.rpartition("/")[2] for _, path, _, _ in wire.seen] == ["first", "read", "poll"]


def _gaps(wire: Wire) -> list[float]:
    return [later.at - earlier.at for earlier, later in pairwise(wire.heard)]
