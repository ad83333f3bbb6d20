"""The bridge's web server: the status and the way to the lock."""

from base64 import b64decode
from collections.abc import Awaitable, Callable
from email.utils import formatdate
import hmac

from aiohttp import web

from .bridge import Bridge
from .dialect import compact
from .lock import Lock
from .motor import Motor, Movement
from .words import ACTIONS, GOING_REMOTE, REACHED, State


class Routes:
    """What the bridge answers, apart from the webhooks."""

    def __init__(self, *, bridge: Bridge, lock: Lock, motor: Motor) -> None:
        """Serve a bridge and its lock."""
        self.insecure_calls: list[str] = []
        self.busiest = 0
        self._busy = 0
        self._bridge = bridge
        self._lock = lock
        self._motor = motor

    def add_to(self, app: web.Application) -> None:
        """Serve on an application that does not listen yet."""
        app.router.add_get("/status", self._status)
        app.router.add_get("/to_lock", self._to_lock)
        app.router.add_get("/state", self._state)
        app.middlewares.append(self._count)
        app.on_response_prepare.append(self._hide_server)

    def answer(self, text: str, status: int = 200) -> web.Response:
        """Any answer of the bridge, under its content type."""
        return web.Response(
            body=text.encode(), status=status, content_type=self._bridge.content_type
        )

    async def _status(self, _: web.Request) -> web.Response:
        return self.answer(compact(self._bridge.status()).decode())

    async def _to_lock(self, request: web.Request) -> web.Response:
        """The bridge passes everything on, and says so whatever the lock thinks of it."""
        message = _decoded(request.query.get("command_signed_base64", ""))
        if self._lock.is_reachable:
            command = self._lock.take(message)
            if command is not None:
                self._start(command.target, command.key_id)
        return self.answer("Message resent to the lock")

    async def _state(self, request: web.Request) -> web.Response:
        """The call that sends the key in the clear: it works, and is remembered."""
        command = request.query.get("command", "")
        self.insecure_calls.append(command)
        target = next((state for state in ACTIONS.values() if state.upper() == command), None)
        slot = request.query.get("local_key_id", "")
        secret = _decoded(request.query.get("secret", ""))
        for key_id, key in self._lock.keys.items():
            is_ours = str(key_id) == slot and hmac.compare_digest(secret, key)
            if is_ours and target is not None and self._lock.is_reachable:
                self._start(target, key_id)
        return self.answer("{}")

    def _start(self, command: State, key_id: int) -> None:
        target = self._lock.goal(command)
        self._motor.start(
            Movement(target=target, going=GOING_REMOTE[target], reached=REACHED[target], key=key_id)
        )

    @web.middleware
    async def _count(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Note how many requests the bridge had to answer at once."""
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
