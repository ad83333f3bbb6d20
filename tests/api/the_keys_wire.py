"""A server for the tests of The Keys' clients: it says what it is told and notes what it hears."""

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
    (Path(__file__).parents[1] / "vectors" / "the_keys.json").read_text()
)
CODE = "Zmo1sps2OVyCFtl1"
IDENTIFIER = 45961123


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """A request as it came; `port` is the client's, which tells connections apart."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str
    port: int


@dataclass(kw_only=True)
class Wire:
    """`answers` by path, or the answer to everything; None closes the connection instead."""

    answer: Any = b""
    answers: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    heard: list[Heard] = field(default_factory=list)
    url: URL = field(default_factory=URL)

    async def handle(self, request: web.Request) -> web.Response:
        """Note the request, and answer: bytes as they are, anything else as JSON."""
        assert request.transport is not None
        self.heard.append(
            Heard(
                method=request.method,
                path=request.raw_path,
                headers=request.headers,
                body=(await request.read()).decode(),
                port=request.transport.get_extra_info("peername")[1],
            )
        )
        answer = self.answers.get(request.raw_path, self.answer)
        if answer is None:
            request.transport.abort()
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        # The gateway's own type is not known: it must not matter.
        return web.Response(body=body, status=self.status, content_type="text/plain")


@asynccontextmanager
async def served(**story: Any) -> AsyncIterator[Wire]:
    """Run a wire on a free port of 127.0.0.1."""
    wire = Wire(**story)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", wire.handle)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server(access_log=None)
    try:
        wire.url = server.make_url("/")
        yield wire
    finally:
        await server.close()
