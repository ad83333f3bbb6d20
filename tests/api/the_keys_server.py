"""A small server for the tests of The Keys' clients: it answers what it is told."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import json
from pathlib import Path
from typing import Any, override

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from yarl import URL

from custom_components.smartlocks.request_queue import RequestQueue
from custom_components.smartlocks.vendors.the_keys.api import Gateway, TimestampCounter

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "the_keys.json").read_text()
)
CODE = "Zmo1sps2OVyCFtl1"
IDENTIFIER = 45961123

UNSIGNED = ("lockers", "status", "synchronize", "synchronize_locker")
COMMANDS = ("open", "close", "calibrate")
SIGNED = ("locker_status", *COMMANDS)
CALLS = (*UNSIGNED, *SIGNED)

# JSON that is deeper, or larger, than any reply.
DEEP = b'{"status": "ok", "code": 0, "devices": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
LARGE = b'{"status": "ok", "code": 0, "devices": []' + b" " * 300_000 + b"}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A request as it came; `port` is the client's, which tells connections apart."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str
    port: int


@dataclass(kw_only=True)
class Server:
    """`answers` by path, or the answer to everything; None closes the connection instead."""

    answer: Any = b""
    answers: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    received: list[Received] = field(default_factory=list)
    url: URL = field(default_factory=URL)

    async def handle(self, request: web.Request) -> web.Response:
        """Record the request, and answer: bytes as they are, anything else as JSON."""
        assert request.transport is not None
        self.received.append(
            Received(
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
async def served(**settings: Any) -> AsyncIterator[Server]:
    """Run a server on a free port of 127.0.0.1."""
    server = Server(**settings)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = TestServer(app, host="127.0.0.1")
    await runner.start_server(access_log=None)
    try:
        server.url = runner.make_url("/")
        yield server
    finally:
        await runner.close()


class RecordingQueue(RequestQueue):
    """The queue of the integration, which also records what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.turns: list[tuple[bool, float]] = []

    @asynccontextmanager
    @override
    async def turn(self, *, urgent: bool = False, rest: float = 0.0) -> AsyncIterator[None]:
        """Record and pass on."""
        self.turns.append((urgent, rest))
        async with super().turn(urgent=urgent, rest=rest):
            yield


def gateway_client(session: ClientSession, url: URL, *, last: int = 0, now: float = 0.0) -> Gateway:
    """Return a client with a queue of its own, whose clock stands."""
    timestamps = TimestampCounter(last, now=lambda: now)
    return Gateway(session, url, queue=RecordingQueue(), timestamps=timestamps)


async def ask(
    gateway: Gateway, call: str, *, on_send: Callable[[], None] | None = None, **arguments: Any
) -> Any:
    """Make a call by its name, with the lock and code it needs."""
    if on_send is not None:
        arguments["on_send"] = on_send
    if call in SIGNED:
        return await getattr(gateway, call)(IDENTIFIER, CODE, **arguments)
    if call == "synchronize_locker":
        return await gateway.synchronize_locker(IDENTIFIER)
    return await getattr(gateway, call)(**arguments)
