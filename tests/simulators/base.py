"""What every simulator is: a small server that plays a device, and verbs to play a story.

The simulators are written from what is known of the protocols. They import nothing of
the integration, so that a mistake in a client cannot hide in its own simulator.
"""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
import inspect
import time
from typing import Any, ClassVar, Literal

from aiohttp import web
from multidict import CIMultiDictProxy
from yarl import URL

type Bolt = Literal["locked", "unlocked", "open", "unknown"]
type Nonsense = Literal["html", "empty", "truncated", "array", "wrong_types"]

NONSENSE: Mapping[Nonsense, bytes] = {
    "html": b"<html><body><h1>It works!</h1></body></html>",
    "empty": b"",
    "truncated": b'{"status": "o',
    "array": b"[1, 2, 3]",
    "wrong_types": b'{"status": {"a": []}, "data": 7, "code": [true], "task_id": null}',
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request as it came over the wire; `at` is the simulator's clock, in seconds."""

    at: float
    method: str
    path: str
    query: Mapping[str, str]
    headers: CIMultiDictProxy[str]
    body: bytes


@dataclass(kw_only=True, slots=True)
class Faults:
    """What goes wrong on the way to the device, whatever the request."""

    delay: float = 0.0
    nonsense: Nonsense | None = None
    status: int | None = None
    drop: bool = False
    drop_after: bool = False


def verb[**P, T](method: Callable[P, T]) -> Callable[P, T]:
    """Mark a method as part of the story: people and scripts may call it over HTTP."""
    method.is_verb = True  # type: ignore[attr-defined]
    return method


@dataclass(kw_only=True)
class Server:
    """A listening application whose requests are noted and whose faults can be set."""

    app: web.Application
    clock: Callable[[], float] = time.time
    faults: Faults = field(default_factory=Faults)
    requests: list[Request] = field(default_factory=list)
    runner: web.AppRunner | None = None
    port: int = 0

    @property
    def url(self) -> URL:
        """Where the server listens."""
        return URL.build(scheme="http", host="127.0.0.1", port=self.port)

    async def start(self, port: int = 0) -> None:
        """Listen on a port of 127.0.0.1: the one given, or a free one (0)."""
        self.app.middlewares.append(self._middleware)
        self.runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", port).start()
        self.port = self.runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening and close every connection."""
        if self.runner is not None:
            await self.runner.cleanup()
            self.runner = None

    def sent(self, path: str) -> list[Request]:
        """The requests that came for a path, in order."""
        return [request for request in self.requests if request.path == path]

    @web.middleware
    async def _middleware(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        if request.path.startswith("/_simulator/"):
            return await handler(request)
        self.requests.append(
            Request(
                at=self.clock(),
                method=request.method,
                path=request.path,
                query=dict(request.query),
                headers=request.headers,
                body=await request.read(),
            )
        )
        faults = self.faults
        if faults.drop:
            return _drop(request)
        response = (
            await handler(request) if faults.nonsense is None and faults.status is None else None
        )
        if faults.delay:
            await asyncio.sleep(faults.delay)
        if faults.drop_after:
            return _drop(request)
        if response is not None:
            return response
        body = b"" if faults.nonsense is None else NONSENSE[faults.nonsense]
        return web.Response(body=body, status=faults.status or 200, content_type="text/html")


def _drop(request: web.Request) -> web.StreamResponse:
    """Close the connection without an answer, as a crashed or overrun device does."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


class Simulator(ABC):
    """One vendor's side of the wire: its servers, its locks, and the verbs of a story.

    `pace` scales everything that takes time on the real device (motor, radio, tasks):
    1.0 as the device, 0.01 in tests. Lock ids are the ones of the wire; None is the
    first lock.
    """

    key: ClassVar[str]

    def __init__(self, *, pace: float = 1.0, clock: Callable[[], float] = time.time) -> None:
        """Make the device, with its default locks."""
        self.pace = pace
        self.clock = clock
        self.app = web.Application(client_max_size=1 << 20)
        self.app.router.add_post("/_simulator/{verb}", self._control)
        self.app.router.add_get("/_simulator", self._describe)
        self.server = Server(app=self.app, clock=clock)

    @property
    def url(self) -> URL:
        """Where the device (or, for a cloud vendor, the cloud) listens."""
        return self.server.url

    @property
    def requests(self) -> list[Request]:
        """Every request the device was sent."""
        return self.server.requests

    async def start(self, port: int = 0) -> None:
        """Start listening."""
        await self.server.start(port)

    async def stop(self) -> None:
        """Stop listening; whatever still moves stops too."""
        await self.server.stop()

    async def rest(self, seconds: float) -> None:
        """Wait as long as the real device would take for something, at our pace."""
        await asyncio.sleep(seconds * self.pace)

    # The verbs every vendor knows: the contract tests are written in them.

    @property
    @abstractmethod
    def lock_ids(self) -> list[str]:
        """The ids of the locks, as the wire knows them."""

    def allow_haste(self) -> None:  # noqa: B027 - for most there is nothing to allow
        """Let requests come faster than a real clock goes, for tests that run time ahead."""

    @abstractmethod
    def bolt(self, lock_id: str | None = None) -> Bolt:
        """Where the bolt really is: the truth the dashboard is compared with."""

    @abstractmethod
    async def turn_by_hand(self, bolt: Bolt, lock_id: str | None = None) -> None:
        """Somebody turns the lock with a key or the knob, and the device reports it."""

    @abstractmethod
    async def take_offline(self, lock_id: str | None = None) -> None:
        """The lock is out of its bridge's reach: batteries out, too far away."""

    @abstractmethod
    async def bring_online(self, lock_id: str | None = None) -> None:
        """The lock is back."""

    @abstractmethod
    def refuse_credentials(self) -> None:
        """From now on the credentials the integration holds are refused."""

    @abstractmethod
    def accept_credentials(self) -> None:
        """The credentials are good again."""

    @abstractmethod
    def jam(self, *, jammed: bool = True, lock_id: str | None = None) -> None:
        """Commands are taken as always, but the bolt no longer moves."""

    @verb
    def talk_nonsense(self, kind: Nonsense | None = "html") -> None:
        """Answer everything with something that is not the protocol; None ends it."""
        self.server.faults.nonsense = kind

    @verb
    def drop_connections(self, *, drop: bool = True, after: bool = False) -> None:
        """Close every connection without an answer, before or after the request is acted on."""
        self.server.faults.drop = drop and not after
        self.server.faults.drop_after = drop and after

    @verb
    def answer_after(self, seconds: float) -> None:
        """Take this long for every answer (seconds, not scaled by the pace)."""
        self.server.faults.delay = seconds

    # The verbs over HTTP, for the demo: POST /_simulator/<verb> with a JSON object.

    def _verbs(self) -> dict[str, Callable[..., Any]]:
        return {
            name: getattr(self, name)
            for name, member in inspect.getmembers(type(self), callable)
            if hasattr(member, "is_verb")
        }

    async def _control(self, request: web.Request) -> web.Response:
        method = self._verbs().get(request.match_info["verb"])
        if method is None:
            return web.json_response({"error": "no such verb"}, status=404)
        arguments = await request.json() if request.can_read_body else {}
        try:
            result = method(**arguments)
            if inspect.isawaitable(result):
                result = await result
        except (TypeError, ValueError, KeyError) as err:
            return web.json_response({"error": str(err)}, status=400)
        return web.json_response({"result": result})

    async def _describe(self, _: web.Request) -> web.Response:
        locks = {lock_id: self.bolt(lock_id) for lock_id in self.lock_ids}
        return web.json_response({"key": self.key, "locks": locks, "verbs": sorted(self._verbs())})
