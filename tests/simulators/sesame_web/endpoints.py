"""The three calls of the Web API, under /api/sesame2."""

from base64 import b64decode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
import json
from typing import Literal, NamedTuple

from aiohttp import web

from .device import Device, Outcome
from .dialect import Dialect, Endpoint, malformed
from .gate import Gate, message
from .hub import Hub
from .log import PAGE

ROOT = "/api/sesame2/{uuid}"

type Handler = Callable[[web.Request], Awaitable[web.Response]]


class Order(NamedTuple):
    """The body of a command, understood."""

    number: int
    tag: bytes
    sign: str


@dataclass(kw_only=True, slots=True)
class Answers:
    """What is said where sources differ or are silent.

    `command` is the body of a taken command; `status_code` other than 200 says that it
    failed, still with HTTP 200; `offline` is the HTTP status when the hub is offline and
    `unknown` the one for a device the cloud has never heard of.
    """

    command: Literal["status_code", "empty"] = "status_code"
    status_code: int = 200
    offline: Literal[200, 404] = 200
    unknown: Literal[500, 404] = 500


@dataclass(kw_only=True)
class Endpoints:
    """What the cloud answers over HTTP."""

    hub: Hub
    gate: Gate = field(default_factory=Gate)
    dialect: Dialect = field(default_factory=Dialect)
    answers: Answers = field(default_factory=Answers)

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Put the calls where the vendor has them."""
        router.add_get(ROOT, self._guarded("status", self._status))
        router.add_get(f"{ROOT}/history", self._guarded("history", self._history))
        router.add_post(f"{ROOT}/cmd", self._guarded("command", self._command))

    def _guarded(self, endpoint: Endpoint, handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.Response:
            refused = self.gate.refusal(request)
            if refused is not None:
                return refused
            response = await handler(request)
            kind = self.dialect.malformed.get(endpoint)
            if kind is None:
                return response
            return web.Response(body=malformed(endpoint, kind), content_type="application/json")

        return answer

    def _find(self, request: web.Request) -> Device | None:
        # Every sample has the id in capitals: nothing is known of any other spelling.
        return self.hub.devices.get(request.match_info["uuid"])

    def _unknown(self) -> web.Response:
        status = self.answers.unknown
        return message(status, "Not Found" if status == 404 else "Internal server error")

    async def _status(self, request: web.Request) -> web.Response:
        device = self._find(request)
        if device is None:
            return self._unknown()
        if device.shadow is None:
            return message(500, "Internal server error")
        return web.json_response(self.dialect.status(device, device.shadow))

    async def _history(self, request: web.Request) -> web.Response:
        device = self._find(request)
        if device is None:
            return self._unknown()
        if device.shadow is None:
            return message(500, "Internal server error")
        try:
            page = int(request.query.get("page", "0"))
            length = int(request.query.get("lg", str(PAGE)))
        except ValueError:
            return message(400, "Bad Request")
        entries = device.log.page(page, length)
        return web.json_response([self.dialect.entry(device, entry) for entry in entries])

    async def _command(self, request: web.Request) -> web.Response:
        device = self._find(request)
        order = _order_in(await request.read())
        if device is None:
            return self._unknown()
        if order is None:
            return message(400, "Bad Request")
        return self._taken(self.hub.take(device, *order))

    def _taken(self, outcome: Outcome) -> web.Response:
        """Say the same whatever became of it: the cloud does not know."""
        if outcome == "offline" and self.answers.offline == 404:
            return message(404, "Not Found")
        if self.answers.command == "empty":
            return web.Response()
        return web.json_response({"statusCode": self.answers.status_code})


def _order_in(body: bytes) -> Order | None:
    """The order of a command's body: {"cmd": int, "history": base64, "sign": hex}."""
    try:
        match json.loads(body):
            case {"cmd": int(number), "history": str(history), "sign": str(sign)}:
                return Order(number, b64decode(history, validate=True), sign)
    except ValueError:
        pass
    return None
