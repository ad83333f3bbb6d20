"""The base of every simulator: a small HTTP server, its faults, and the methods of a lock.

The simulators are written from what is known of the protocols. They import nothing of
the integration, so that a mistake in a client cannot hide in its own simulator.
"""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
import gzip
import inspect
import time
from typing import Any, ClassVar, Literal
from weakref import WeakSet

from aiohttp import web
from multidict import CIMultiDictProxy
from yarl import URL

type Bolt = Literal["locked", "unlocked", "open", "unknown"]
type Nonsense = Literal[
    "html",
    "empty",
    "truncated",
    "array",
    "wrong_types",
    "deeply_nested",
    "oversized",
    "compressed",
]

_MEGABYTE = 1 << 20

# Bodies that are not the protocol. "compressed" is sent as gzip though nobody asked for it.
NONSENSE: Mapping[Nonsense, bytes] = {
    "html": b"<html><body><h1>It works!</h1></body></html>",
    "empty": b"",
    "truncated": b'{"status": "o',
    "array": b"[1, 2, 3]",
    "wrong_types": b'{"status": {"a": []}, "data": 7, "code": [true], "task_id": null}',
    "deeply_nested": b"[" * 100_000 + b"]" * 100_000,
    "oversized": b'{"data": "' + b"0" * 4 * _MEGABYTE + b'"}',
    "compressed": gzip.compress(b'{"data": "' + b"0" * 16 * _MEGABYTE + b'"}', mtime=0),
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
    """Faults of the connection and of the responses, whatever the request.

    Before the request is acted on: `drop` closes the connection, `silent` never responds,
    `close_late` closes a kept-alive connection when the next request arrives on it, and
    `nonsense` or `status` respond with something else. After it was acted on: `delay`
    waits (seconds), `drop_after` closes the connection, `cut` sends half of the body and
    closes, and `content_type` replaces the right one.
    """

    delay: float = 0.0
    nonsense: Nonsense | None = None
    status: int | None = None
    drop: bool = False
    drop_after: bool = False
    silent: bool = False
    close_late: bool = False
    cut: bool = False
    content_type: str | None = None


def verb[**P, T](method: Callable[P, T]) -> Callable[P, T]:
    """Mark a method that people and scripts may call over HTTP."""
    method.is_verb = True  # type: ignore[attr-defined]
    return method


@dataclass(kw_only=True)
class Server:
    """A listening application that records its requests and has faults to set."""

    app: web.Application
    clock: Callable[[], float] = time.time
    faults: Faults = field(default_factory=Faults)
    requests: list[Request] = field(default_factory=list)
    runner: web.AppRunner | None = None
    port: int = 0
    _used_connections: WeakSet[asyncio.Transport] = field(default_factory=WeakSet)
    _stopped: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> URL:
        """Return the address of the server."""
        return URL.build(scheme="http", host="127.0.0.1", port=self.port)

    async def start(self, port: int = 0) -> None:
        """Listen on a port of 127.0.0.1: the one given, or a free one (0, or if it is taken)."""
        self.app.middlewares.append(self._middleware)
        self._stopped.clear()
        self.runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.1)
        await self.runner.setup()
        try:
            await web.TCPSite(self.runner, "127.0.0.1", port).start()
        except OSError:
            await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.port = self.runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening and close every connection."""
        self._stopped.set()
        if self.runner is not None:
            await self.runner.cleanup()
            self.runner = None

    async def switch_off(self) -> None:
        """Refuse connections until `switch_on`."""
        if self.runner is not None:
            await asyncio.gather(*(site.stop() for site in list(self.runner.sites)))

    async def switch_on(self, *, elsewhere: bool = False) -> None:
        """Listen again, at the port it had or at another."""
        if self.runner is not None and not self.runner.sites:
            await web.TCPSite(self.runner, "127.0.0.1", 0 if elsewhere else self.port).start()
            self.port = self.runner.addresses[0][1]

    async def _never_respond(self, request: web.Request) -> web.StreamResponse:
        """Wait until the other side gives up."""
        # aiohttp tells nobody when the other side closes.
        pause = 0.02
        while request.transport is not None and not request.transport.is_closing():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), pause)
                break
            pause = min(2 * pause, 1.0)
        return web.Response()

    def sent(self, path: str) -> list[Request]:
        """Return the requests that came for a path, in order."""
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
        if faults.drop or (faults.close_late and self._is_used(request)):
            return _drop(request)
        if faults.silent:
            return await self._never_respond(request)
        if faults.nonsense is not None or faults.status is not None:
            response: web.StreamResponse = _wrong_response(faults)
        else:
            response = await handler(request)
        if faults.delay:
            await asyncio.sleep(faults.delay)
        if faults.drop_after:
            return _drop(request)
        if faults.content_type is not None:
            response.content_type = faults.content_type
        return await _send_half(request, response) if faults.cut else response

    def _is_used(self, request: web.Request) -> bool:
        """Tell whether an earlier request came on the same connection."""
        connection = request.transport
        if connection is None or connection in self._used_connections:
            return True
        self._used_connections.add(connection)
        return False


def _wrong_response(faults: Faults) -> web.Response:
    response = web.Response(
        body=b"" if faults.nonsense is None else NONSENSE[faults.nonsense],
        status=faults.status or 200,
        content_type="text/html",
    )
    if faults.nonsense == "compressed":
        response.headers["Content-Encoding"] = "gzip"
    return response


def _drop(request: web.Request) -> web.StreamResponse:
    """Close the connection without a response, as a crashed or overrun device does."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _send_half(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Announce the whole body, send its first half, and close the connection."""
    assert isinstance(response, web.Response)
    body = response.body
    assert isinstance(body, bytes)
    half = web.StreamResponse(status=response.status, headers=response.headers)
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return half


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """Something that happens in life, as a button for a person: a call of a verb.

    `lock_argument` is the argument that takes the lock's id; None if the act does not concern
    one lock. `undo` is the act that ends what this one began.
    """

    label: str
    verb: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    lock_argument: str | None = "lock_id"
    undo: Act | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the act for a page that shows buttons."""
        return {
            "label": self.label,
            "verb": self.verb,
            "arguments": dict(self.arguments),
            "lock_argument": self.lock_argument,
            "undo": self.undo.as_json() if self.undo else None,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Spare:
    """A lock that nobody has set up: what to `enter` to add it, by the name of the field.

    `url` is the address of its simulator, if it has one of its own.
    """

    enter: Mapping[str, str]
    url: str | None = None


def _turn(label: str, bolt: Bolt) -> Act:
    return Act(label=label, verb="turn_by_hand", arguments={"bolt": bolt})


# What happens to the locks of every vendor.
COMMON_ACTS = (
    _turn("Unlock by hand", "unlocked"),
    _turn("Lock by hand", "locked"),
    Act(
        label="Jam",
        verb="jam",
        arguments={"jammed": True},
        undo=Act(label="Free the bolt", verb="jam", arguments={"jammed": False}),
    ),
    Act(
        label="Go offline",
        verb="take_offline",
        undo=Act(label="Come back online", verb="bring_online"),
    ),
    Act(
        label="Refuse the credentials",
        verb="refuse_credentials",
        lock_argument=None,
        undo=Act(
            label="Accept the credentials again", verb="accept_credentials", lock_argument=None
        ),
    ),
)


class Simulator(ABC):
    """The servers and locks of one vendor, with methods that make things happen to them.

    `pace` scales everything that takes time on the real device (motor, radio, tasks):
    1.0 as the device, 0.01 in tests. Lock ids are the ones of the protocol; None is the
    first lock.
    """

    key: ClassVar[str]
    maker: ClassVar[str]
    acts: ClassVar[tuple[Act, ...]] = COMMON_ACTS

    def __init__(self, *, pace: float = 1.0, clock: Callable[[], float] = time.time) -> None:
        """Create the server and its control interface."""
        self.pace = pace
        self.clock = clock
        self.app = web.Application(client_max_size=1 << 20)
        self.app.router.add_post("/_simulator/{verb}", self._control)
        self.app.router.add_get("/_simulator", self._describe)
        self.server = Server(app=self.app, clock=clock)

    @property
    def url(self) -> URL:
        """Return the address of the device, or of the cloud for a cloud vendor."""
        return self.server.url

    @property
    def servers(self) -> tuple[Server, ...]:
        """Return all that listen; what a client reads and commands comes first."""
        return (self.server,)

    @property
    def requests(self) -> list[Request]:
        """Return every request the device received."""
        return self.server.requests

    async def start(self, port: int = 0, cloud_port: int = 0) -> None:
        """Start listening; the second port is that of a cloud, where there is one."""
        await self.server.start(port)

    async def stop(self) -> None:
        """Stop listening and moving."""
        await self.server.stop()

    async def switch_off(self) -> None:
        """Cut the device's power, or the way to the cloud: connections are refused."""
        await self.server.switch_off()

    async def switch_on(self, *, elsewhere: bool = False) -> None:
        """Power it again, at the address it had or at another."""
        await self.server.switch_on(elsewhere=elsewhere)

    async def rest(self, seconds: float) -> None:
        """Wait as long as the real device would take, scaled by the pace."""
        await asyncio.sleep(seconds * self.pace)

    # What every vendor can do: the tests that all vendors pass are written with these.

    @property
    @abstractmethod
    def lock_ids(self) -> list[str]:
        """Return the ids of the locks in the protocol."""

    @abstractmethod
    def lock_name(self, lock_id: str) -> str:
        """Return the name that the vendor's app shows for a lock."""

    async def add_spare(self, port: int = 0, cloud_port: int = 0) -> Spare:
        """Add a lock for a person to add; the ports are for servers of its own, 0 a free one."""
        return Spare(enter={})

    def known_as(self, lock_id: str) -> str:
        """Return the id by which a program knows a lock, if it is another."""
        return lock_id

    def allow_haste(self) -> None:  # noqa: B027 - optional, most have no such limit
        """Turn off limits on the rate of requests, for tests that move time forward."""

    @abstractmethod
    def bolt(self, lock_id: str | None = None) -> Bolt:
        """Return the true position of the bolt."""

    @abstractmethod
    async def turn_by_hand(self, bolt: Bolt, lock_id: str | None = None) -> None:
        """Turn the lock with a key or the knob; the device reports it as it does in reality."""

    @abstractmethod
    async def take_offline(self, lock_id: str | None = None) -> None:
        """Put the lock out of its bridge's reach."""

    @abstractmethod
    async def bring_online(self, lock_id: str | None = None) -> None:
        """Put the lock back into reach."""

    @abstractmethod
    def refuse_credentials(self) -> None:
        """Refuse the credentials that the integration has."""

    @abstractmethod
    def accept_credentials(self) -> None:
        """Accept the credentials again."""

    @abstractmethod
    def jam(self, *, jammed: bool = True, lock_id: str | None = None) -> None:
        """Accept commands without moving the bolt."""

    @verb
    def talk_nonsense(self, kind: Nonsense | None = "html") -> None:
        """Respond to everything with something that is not the protocol; None ends it."""
        self.server.faults.nonsense = kind

    @verb
    def drop_connections(self, *, drop: bool = True, after: bool = False) -> None:
        """Close every connection without a response, before or after acting on the request."""
        self.server.faults.drop = drop and not after
        self.server.faults.drop_after = drop and after

    @verb
    def answer_after(self, seconds: float) -> None:
        """Delay every response by this many seconds, which the pace does not scale."""
        self.server.faults.delay = seconds

    @verb
    def never_answer(self, *, silent: bool = True) -> None:
        """Accept connections and requests, and never respond."""
        self.server.faults.silent = silent

    @verb
    def close_late(self, *, close: bool = True) -> None:
        """Keep connections open, and close each when the next request arrives on it."""
        self.server.faults.close_late = close

    @verb
    def cut_answers(self, *, cut: bool = True) -> None:
        """Act on requests, send half of the response's body, and close the connection."""
        self.server.faults.cut = cut

    @verb
    def answer_as(self, content_type: str | None = "text/html") -> None:
        """Send the right body with another content type; None ends it."""
        self.server.faults.content_type = content_type

    # Over HTTP, for the demo: POST /_simulator/<verb> with a JSON object.

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
        return web.json_response(
            {
                "key": self.key,
                "maker": self.maker,
                "locks": locks,
                "names": {lock_id: self.lock_name(lock_id) for lock_id in locks},
                "known_as": {lock_id: self.known_as(lock_id) for lock_id in locks},
                "acts": [act.as_json() for act in self.acts],
                "verbs": sorted(self._verbs()),
            }
        )
