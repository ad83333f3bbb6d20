"""Tests of the faults that every simulator has."""

from collections.abc import AsyncIterator
from typing import get_args

from aiohttp import ClientPayloadError, ClientSession, ClientTimeout, ServerDisconnectedError, web
import pytest

from tests.simulators.base import NONSENSE, Nonsense, Server

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async def handle(_: web.Request) -> web.Response:
        return web.json_response({"answer": "right"})

    made = Server(app=web.Application())
    made.app.router.add_route("*", "/", handle)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession(timeout=ClientTimeout(total=0.5)) as made:
        yield made


@pytest.mark.parametrize("kind", get_args(Nonsense.__value__))
async def test_nonsense_is_sent_instead_of_the_response(
    server: Server, session: ClientSession, kind: Nonsense
) -> None:
    server.faults.nonsense = kind
    async with session.get(server.url, auto_decompress=False) as response:
        assert await response.read() == NONSENSE[kind]
        assert response.headers.get("Content-Encoding") == ("gzip" * (kind == "compressed") or None)


async def test_server_that_closes_late_responds_once_on_a_connection(
    server: Server, session: ClientSession
) -> None:
    server.faults.close_late = True
    async with session.post(server.url) as response:
        assert response.ok
        assert response.headers.get("Connection") != "close"
    with pytest.raises(ServerDisconnectedError):
        await session.post(server.url)
    async with session.post(server.url) as response:
        assert response.ok
    assert len(server.requests) == 3


async def test_silent_server_receives_the_request_and_never_responds(
    server: Server, session: ClientSession
) -> None:
    server.faults.silent = True
    with pytest.raises(TimeoutError):
        await session.get(server.url)
    assert len(server.requests) == 1


async def test_cut_response_announces_more_than_it_sends(
    server: Server, session: ClientSession
) -> None:
    server.faults.cut = True
    async with session.get(server.url) as response:
        assert response.ok
        with pytest.raises(ClientPayloadError):
            await response.read()


async def test_content_type_is_replaced_and_the_body_is_kept(
    server: Server, session: ClientSession
) -> None:
    server.faults.content_type = "text/html"
    async with session.get(server.url) as response:
        assert response.content_type == "text/html"
        assert await response.json(content_type=None) == {"answer": "right"}
