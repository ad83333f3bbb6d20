"""A server for the tests of Sesame's clients: it says what it is told and notes what it hears."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import json
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "sesame.json").read_text("utf-8")
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """A request as it came; `at` is the loop's time, `calls` what was counted until then."""

    at: float
    calls: int
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(kw_only=True)
class Wire:
    """Answers everything the same way, after `delay` seconds or by closing the connection."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    is_dropping: bool = False
    url: URL = field(default_factory=URL)
    calls: int = 0
    heard: list[Heard] = field(default_factory=list)

    @property
    def seen(self) -> list[tuple[str, str, Mapping[str, str], bytes]]:
        """What was asked: method, path, query and body of every request."""
        return [(heard.method, heard.path, heard.query, heard.body) for heard in self.heard]

    def answer(self, data: Any, status: int = 200) -> None:
        """Answer with JSON, or with these bytes as they are."""
        self.status = status
        self.body = data if isinstance(data, bytes) else json.dumps(data).encode()

    def count(self) -> None:
        """Count a call, as a client reports it."""
        self.calls += 1

    def uncount(self) -> None:
        """Take a call back, as a client reports it."""
        self.calls -= 1

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Note a request and answer it."""
        self.heard.append(
            Heard(
                at=asyncio.get_running_loop().time(),
                calls=self.calls,
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
async def served(base: str, *, body: bytes = b"[]") -> AsyncIterator[Wire]:
    """Run a wire on a free port of 127.0.0.1; `base` is the path of the cloud's address."""
    wire = Wire(body=body)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", wire.handle)
    async with TestServer(app) as server:
        wire.url = server.make_url(base)
        yield wire
