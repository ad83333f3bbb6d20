"""The gateway's replies: success and errors, and those that a test forces."""

import asyncio
from collections.abc import Container
from dataclasses import dataclass, field
import json
import math
from typing import Any, Literal
from urllib.parse import unquote

from aiohttp import web

from .settings import Settings

BUSY = 500
WRONG_KEY = 36
SIGNED = frozenset({"/open", "/close", "/locker_status", "/calibrate"})

type Fault = Literal["silent", "reset", "lost"]
type Kind = Literal["code", "body", "other_lock", "silent", "reset", "lost"]


class RefusedError(Exception):
    """A request is answered with an error `code` of the vendor's table and a `text`."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text


def busy() -> RefusedError:
    """Return the error that another action is in progress."""
    return RefusedError(BUSY, "busy")


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A request as the gateway reads it: a path and the fields of its form."""

    path: str
    form: dict[str, str]


def parse_form(body: bytes) -> dict[str, str]:
    """Read a form as the gateway does: `%XX` is decoded, a `+` is a plus sign.

    Half of all hashes hold a `+`, and clients that do not escape it are understood.
    """
    text = body.decode("ascii", errors="replace")
    pairs = (part.partition("=") for part in text.split("&") if part)
    return {unquote(name): unquote(value) for name, _, value in pairs}


class Replies:
    """Replies in the shape the settings ask for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def success(self) -> dict[str, Any]:
        """Return `ok` and 0, which the page prints the other way round."""
        if self.settings.style == "page":
            return {"status": "0", "code": "ok"}
        return {"status": "ok", "code": 0}

    def error(self, refusal: RefusedError) -> web.Response:
        """Return an error; the page has the number in `status`, clients saw it in `code`."""
        style = self.settings.style
        if refusal.code == BUSY:
            style = self.settings.busy_style or style
        if style == "seen":
            return self.response({"status": "ko", "code": refusal.code, "cause": refusal.text})
        key = "message" if refusal.code == BUSY else "code"
        return self.response({"status": str(refusal.code), key: refusal.text})

    def response(self, body: dict[str, Any] | None) -> web.Response:
        """Return the HTTP response; None is an empty body."""
        if body is None:
            return self.raw("")
        return self.raw(json.dumps(_as_text(body) if self.settings.numbers_as_text else body))

    def raw(self, text: str, status: int = 200) -> web.Response:
        """Return a body as it is."""
        content_type = self.settings.content_type
        return web.Response(body=text.encode(), status=status, content_type=content_type)


@dataclass(kw_only=True, slots=True)
class ForcedReply:
    """A reply for the next `times` requests to a path (None: any signed one) about a lock.

    `code` is an error in answer to a request that is good otherwise, `body` a text that
    replaces everything, `other_lock` a state read from another lock. `silent` never
    answers and `reset` closes the connection, both without doing anything; `lost` does
    what was asked and closes the connection.
    """

    kind: Kind
    path: str | None = None
    identifier: str | None = None
    times: float = 1
    code: int = 0
    text: str = ""
    status: int = 200

    def is_for(self, call: Call) -> bool:
        """Return whether it concerns a request."""
        if self.times <= 0 or self.identifier not in {None, call.form.get("identifier")}:
            return False
        if self.path is None:
            return call.path in SIGNED or self.identifier is not None
        return call.path == self.path


@dataclass(kw_only=True, slots=True)
class ForcedReplies:
    """What the gateway is made to reply: errors, bodies, faults, and being busy.

    `busy` counts requests; `busy_until` holds, by path (None: all that can be busy), a
    moment of the event loop.
    """

    forced: list[ForcedReply] = field(default_factory=list)
    busy: int = 0
    busy_until: dict[str | None, float] = field(default_factory=dict)

    def check_busy(self, call: Call) -> None:
        """Refuse while busy."""
        now = asyncio.get_running_loop().time()
        if any(now < self.busy_until.get(path, -math.inf) for path in (None, call.path)):
            raise busy()
        if self.busy > 0:
            self.busy -= 1
            raise busy()

    def check_code(self, call: Call) -> None:
        """Refuse with a forced code."""
        if reply := self.take(call, {"code"}):
            raise RefusedError(reply.code, reply.text)

    def take(self, call: Call, kinds: Container[Kind]) -> ForcedReply | None:
        """Use up the next forced reply of some kinds for a request, None when there is none."""
        for reply in self.forced:
            if reply.kind in kinds and reply.is_for(call):
                reply.times -= 1
                return reply
        return None

    def fail(
        self,
        fault: Fault | int | None,
        times: float | None,
        *,
        path: str | None = None,
        identifier: str | None = None,
    ) -> None:
        """Let a path or a lock fail, for good without `times`; None ends what was set before."""
        target = (path, identifier)
        self.forced = [one for one in self.forced if (one.path, one.identifier) != target]
        if fault is None:
            return
        reply = ForcedReply(
            kind="code" if isinstance(fault, int) else fault,
            path=path,
            identifier=identifier,
            times=math.inf if times is None else times,
        )
        if isinstance(fault, int):
            reply.code = fault
        self.forced.append(reply)


def _as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return str(value) if isinstance(value, int) else value
