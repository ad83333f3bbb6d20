"""What the tests of LOQED's clients share: vectors, keys, and servers that answer as told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import json
from pathlib import Path
import socket
from typing import Any

from aiohttp import web
from yarl import URL

from custom_components.smartlocks.vendors.loqed import api
from tests.simulators import loqed as simulator

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "loqed.json").read_text()
)
KEYS = api.Keys.parse(
    key_id=simulator.LOCAL_ID,
    key_secret=simulator.KEY_SECRET,
    bridge_key=simulator.BRIDGE_KEY,
)
DEEPLY_NESTED = b'{"bolt_state":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
TOO_LARGE = b'{"bolt_state":"open","padding":"' + b"x" * 300_000 + b'"}'
HUGE_NUMBER = int("9" * 400)


@dataclass(kw_only=True)
class Server:
    """Answers every request alike, and keeps the headers it was sent."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    received: list[web.Request] = field(default_factory=list)
    url: URL = field(default_factory=URL)

    async def answer(self, request: web.Request) -> web.Response:
        """Keep a request and answer it."""
        self.received.append(request)
        return web.Response(body=self.body, status=self.status, headers=self.headers)


@asynccontextmanager
async def serving(body: Any = b"", **answer: Any) -> AsyncIterator[Server]:
    """Serve bytes, or anything else as JSON, on a free port."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    server = Server(body=raw, **answer)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = URL(f"http://127.0.0.1:{runner.addresses[0][1]}")
    try:
        yield server
    finally:
        await runner.cleanup()


@asynccontextmanager
async def not_accepting() -> AsyncIterator[URL]:
    """Give an address where making a connection takes forever, as without power."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    # With its backlog full, the kernel answers no further attempt.
    waiting = [socket.socket() for _ in range(4)]
    try:
        for one in waiting:
            one.setblocking(False)  # noqa: FBT003 - the standard library's
            one.connect_ex(listener.getsockname())
        await asyncio.sleep(0.05)
        yield URL(f"http://127.0.0.1:{listener.getsockname()[1]}")
    finally:
        for one in (*waiting, listener):
            one.close()
