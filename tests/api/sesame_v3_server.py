"""A small server for the tests of the Sesame V3 client, and a client connected to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import json
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from yarl import URL

from custom_components.smartlocks.request_queue import RequestQueue
from custom_components.smartlocks.vendors.sesame_v3.api import Cloud, Command

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "sesame.json").read_text("utf-8")
)
KEY = "made-up-key-of-the-account"
DEVICE = "00000000-0000-0000-0000-000000000001"
OTHER = "00000000-0000-0000-0000-000000000002"
TASK = "01234567-890a-bcde-f012-34567890abcd"

type Call = Callable[[Cloud], Awaitable[Any]]

# One call of every endpoint.
CALLS: dict[str, Call] = {
    "locks": lambda cloud: cloud.locks(),
    "status": lambda cloud: cloud.status(DEVICE),
    "command": lambda cloud: cloud.command(DEVICE, Command.UNLOCK),
    "task": lambda cloud: cloud.task(TASK),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A request as it came; `at` is the loop's time, in seconds."""

    at: float
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(kw_only=True)
class ScriptedServer:
    """Respond the same to every request, after `delay` seconds or by closing the connection."""

    session: ClientSession
    body: bytes = b"[]"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    is_dropping: bool = False
    url: URL = field(default_factory=URL)
    received: list[Received] = field(default_factory=list)

    @property
    def requests(self) -> list[tuple[str, str, Mapping[str, str], bytes]]:
        """Method, path, query and body of every request."""
        return [(one.method, one.path, one.query, one.body) for one in self.received]

    def respond(self, data: Any, status: int = 200) -> None:
        """Respond with JSON, or with these bytes as they are."""
        self.status = status
        self.body = data if isinstance(data, bytes) else json.dumps(data).encode()

    def cloud(self, key: str = KEY, *, queue: RequestQueue | None = None, **how: Any) -> Cloud:
        """Return a client of the server; it waits for nothing between requests."""
        return Cloud(
            self.session, self.url, key, queue=queue or RequestQueue(), **{"spacing": 0.0} | how
        )

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Record a request and respond."""
        self.received.append(
            Received(
                at=asyncio.get_running_loop().time(),
                method=request.method,
                path=request.path,
                query=dict(request.query),
                headers=request.headers,
                body=await request.read(),
            )
        )
        await asyncio.sleep(self.delay)
        if self.is_dropping:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=self.status, body=self.body, headers=self.headers)


@asynccontextmanager
async def scripted_server() -> AsyncIterator[ScriptedServer]:
    """Run a server on a free port of 127.0.0.1; its address has a path, as the cloud's has."""
    async with ClientSession() as session:
        scripted = ScriptedServer(session=session)
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", scripted.handle)
        async with TestServer(app) as server:
            scripted.url = server.make_url("/public")
            yield scripted
