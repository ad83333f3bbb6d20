"""The bridge's web server: the status, the way to the lock, and the webhooks."""

from base64 import b64decode
from collections.abc import Awaitable, Callable
from email.utils import formatdate
import hmac
import json
import re
from typing import Literal

from aiohttp import web

from .bridge import Bridge, compact
from .const import ACTIONS, GOING_REMOTE, REACHED, State
from .crypto import bridge_hash
from .lock import Lock, Motor, Movement
from .webhook import WebhookRefusedError, flags_of

type Endpoint = Literal["status", "to_lock", "webhooks"]
type EndpointFault = Literal["error", "html", "drop", "drop_after"]
type Handler = Callable[[web.Request], Awaitable[web.Response]]
type TextHandler = Callable[[web.Request], Awaitable[str]]

_HASH = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
_TIMESTAMP = re.compile(r"[0-9]{1,19}")


class _RefusedError(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Endpoints:
    """What the bridge answers; `faults` are endpoints that fail while the others work.

    The webhook calls are refused as the vendor documents it: 400 for headers or JSON it
    cannot read, 401 for a wrong hash, 404 for an unknown id, 500 for a URL it has, for a
    full list, for a delete that fails. How long a timestamp is good for is not known of a
    real bridge.
    """

    def __init__(self, *, bridge: Bridge, lock: Lock, motor: Motor) -> None:
        """Serve a bridge and its lock."""
        self.faults: dict[Endpoint, EndpointFault] = {}
        self.insecure_calls: list[str] = []
        self.busiest = 0
        self._busy = 0
        self._bridge = bridge
        self._lock = lock
        self._motor = motor

    def add_to(self, app: web.Application) -> None:
        """Serve on an application that does not listen yet."""
        app.router.add_get("/status", self._failing("status", self._status))
        app.router.add_get("/to_lock", self._failing("to_lock", self._to_lock))
        app.router.add_get("/state", self._state)
        for method, path, handler in (
            ("GET", "/webhooks", self._list),
            ("POST", "/webhooks", self._create),
            ("DELETE", r"/webhooks/{id:\d{1,19}}", self._delete),
        ):
            answering = self._failing("webhooks", self._answering(handler))
            app.router.add_route(method, path, answering)
        app.middlewares.append(self._count)
        app.on_response_prepare.append(self._hide_server)

    def _answer(self, text: str, status: int = 200) -> web.Response:
        return web.Response(
            body=text.encode(), status=status, content_type=self._bridge.content_type
        )

    def _failing(self, endpoint: Endpoint, handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.Response:
            fault = self.faults.get(endpoint)
            if fault == "error":
                return self._answer("Something went wrong", 500)
            if fault == "html":
                return self._answer("<html><body>It works!</body></html>")
            response = web.Response() if fault == "drop" else await handler(request)
            if fault is not None and request.transport is not None:
                request.transport.abort()
            return response

        return answer

    def _answering(self, handler: TextHandler) -> Handler:
        async def answer(request: web.Request) -> web.Response:
            try:
                return self._answer(await handler(request))
            except _RefusedError as err:
                return self._answer(err.text, err.status)

        return answer

    async def _status(self, _: web.Request) -> web.Response:
        return self._answer(compact(self._bridge.status()).decode())

    async def _to_lock(self, request: web.Request) -> web.Response:
        """The bridge passes everything on, and says so whatever the lock decides."""
        message = _decoded(request.query.get("command_signed_base64", ""))
        if self._lock.is_reachable:
            command = self._lock.accept(message)
            if command is not None:
                self._start(command.target, command.key_id)
        return self._answer("Message resent to the lock")

    async def _state(self, request: web.Request) -> web.Response:
        """The call that sends the key in the clear: it works, and is recorded."""
        command = request.query.get("command", "")
        self.insecure_calls.append(command)
        target = next((state for state in ACTIONS.values() if state.upper() == command), None)
        slot = request.query.get("local_key_id", "")
        secret = _decoded(request.query.get("secret", ""))
        for key_id, key in self._lock.keys.items():
            is_ours = str(key_id) == slot and hmac.compare_digest(secret, key)
            if is_ours and target is not None and self._lock.is_reachable:
                self._start(target, key_id)
        return self._answer("{}")

    def _start(self, command: State, key_id: int) -> None:
        target = self._lock.goal(command)
        self._motor.start(
            Movement(target=target, going=GOING_REMOTE[target], reached=REACHED[target], key=key_id)
        )

    async def _list(self, request: web.Request) -> str:
        self._verify(request, b"")
        bridge = self._bridge
        listed = [*(webhook.as_json() for webhook in bridge.webhooks), *bridge.webhooks.odd]
        return compact(listed).decode()

    async def _create(self, request: web.Request) -> str:
        _signature(request)
        url, flags = _wanted(await request.read())
        self._verify(request, url.encode() + flags.to_bytes(4))
        try:
            self._bridge.webhooks.add(url, flags)
        except WebhookRefusedError as err:
            raise _RefusedError(500, str(err)) from err
        return "The webhook is registered"

    async def _delete(self, request: web.Request) -> str:
        webhook_id = int(request.match_info["id"])
        self._verify(request, webhook_id.to_bytes(8))
        if self._bridge.fails_deletes:
            raise _RefusedError(500, "The webhook could not be deleted")
        if not self._bridge.webhooks.remove(webhook_id):
            raise _RefusedError(404, "There is no such webhook")
        return "The webhook is deleted"

    def _verify(self, request: web.Request, covered: bytes) -> None:
        timestamp, digest = _signature(request)
        bridge = self._bridge
        if bridge.window is not None and abs(bridge.clock.now() - timestamp) > bridge.window:
            raise _RefusedError(401, "The timestamp is too far off")
        if not hmac.compare_digest(digest, bridge_hash(covered, timestamp, bridge.key)):
            raise _RefusedError(401, "The hash is wrong")

    @web.middleware
    async def _count(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Count how many requests the bridge had to answer at once."""
        if request.path.startswith("/_simulator"):
            return await handler(request)
        self._busy += 1
        self.busiest = max(self.busiest, self._busy)
        try:
            return await handler(request)
        finally:
            self._busy -= 1

    async def _hide_server(self, _: web.Request, response: web.StreamResponse) -> None:
        """Its firmware names no server and, unless told to, no date."""
        response.headers.pop("Server", None)
        response.headers.pop("Date", None)
        if self._bridge.sends_date:
            response.headers["Date"] = formatdate(self._bridge.clock.now(), usegmt=True)


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        return b""


def _signature(request: web.Request) -> tuple[int, str]:
    timestamp, digest = request.headers.get("TIMESTAMP", ""), request.headers.get("HASH", "")
    if _TIMESTAMP.fullmatch(timestamp) is None or _HASH.fullmatch(digest) is None:
        raise _RefusedError(400, "HASH and TIMESTAMP are needed")
    return int(timestamp), digest


def _wanted(body: bytes) -> tuple[str, int]:
    try:
        wanted = json.loads(body)
    except ValueError as err:
        raise _RefusedError(400, "This is no JSON") from err
    url = wanted.get("url") if isinstance(wanted, dict) else None
    flags = flags_of(wanted) if isinstance(wanted, dict) else None
    if not isinstance(url, str) or not url.startswith(("http://", "https://")) or flags is None:
        raise _RefusedError(400, "A URL and nine triggers of 0 or 1 are needed")
    return url, flags
