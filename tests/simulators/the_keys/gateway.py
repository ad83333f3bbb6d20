"""The gateway's HTTP endpoints: it takes one request at a time, and not every client's."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from .connections import HURRIED, OVERLAP
from .lock import Lock, find
from .radio import GATEWAY_PHASE, Radio
from .replies import Call, ForcedReplies, RefusedError, Replies, busy, parse_form
from .settings import Settings

type Reply = dict[str, Any]
type Endpoint = Callable[[Call], Awaitable[Reply | None]]


class Gateway:
    """Serves the vendor's endpoints; the method of a request does not matter to it.

    While not `thawed`, requests hang until a client gives up. `updates` lists who asked
    for new firmware, which no program should do by itself.
    """

    def __init__(self, radio: Radio, settings: Settings) -> None:
        self.radio = radio
        self.signatures = radio.signatures
        self.settings = settings
        self.forced = ForcedReplies()
        self.replies = Replies(settings)
        self.updates: list[str] = []
        self.thawed = asyncio.Event()
        self.thawed.set()

    def register(self, app: web.Application) -> None:
        """Put the endpoints on the server; one that returns None has an empty body."""
        endpoints: dict[str, Endpoint] = {
            "/": self._status,
            "/status": self._status,
            "/lockers": self._lockers,
            "/synchronize": self._synchronize,
            "/update": self._update,
            "/locker/synchronize": self._locker_synchronize,
            "/locker/update": self._locker_update,
            "/open": self._open,
            "/close": self._close,
            "/locker_status": self._locker_status,
            "/calibrate": self._calibrate,
        }
        for path, endpoint in endpoints.items():
            app.router.add_route("*", path, self._serve(endpoint))

    def _serve(self, endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handler(request: web.Request) -> web.Response:
            response = self._disturbed(request)
            if response is None and not self.thawed.is_set():
                await self.thawed.wait()
                response = _reset(request)
            if response is None:
                response = await self._answer(request, endpoint)
            response.force_close()
            return response

        return handler

    def _disturbed(self, request: web.Request) -> web.Response | None:
        if request[OVERLAP] and self.settings.overlap == "busy":
            return self.replies.error(busy())
        is_reset = request[OVERLAP] and self.settings.overlap == "reset"
        if is_reset or (request[HURRIED] and self.settings.resets_hurried):
            return _reset(request)
        return None

    async def _answer(self, request: web.Request, endpoint: Endpoint) -> web.Response:
        call = Call(path=request.path, form=parse_form(await request.read()))
        if self.forced.take(call, {"silent"}):
            await asyncio.Event().wait()
        if self.forced.take(call, {"reset"}):
            return _reset(request)
        if forced := self.forced.take(call, {"body"}):
            return self.replies.raw(forced.text, forced.status)
        try:
            response = self.replies.response(await endpoint(call))
        except RefusedError as refusal:
            response = self.replies.error(refusal)
        return _reset(request) if self.forced.take(call, {"lost"}) else response

    # Endpoints anybody may use.

    async def _status(self, call: Call) -> Reply:
        settings = self.settings
        if call.path == "/status" and not settings.has_status:
            raise web.HTTPNotFound(text="<html>404</html>", content_type="text/html")
        self.forced.check_code(call)
        await self.radio.rest(settings.light)
        phase = self.radio.phase
        return {
            "version": settings.version if settings.version_as_number else str(settings.version),
            "current_status": "Scanning..." if phase is None else f"Synchronizing {phase}",
        }

    async def _lockers(self, call: Call) -> Reply:
        self.forced.check_code(call)
        await self.radio.rest(self.settings.light)
        with_counter = self.settings.has_last_log
        seen = [
            lock.device(with_counter=with_counter)
            for lock in self.radio.locks
            if lock.is_online or self.settings.lists_offline
        ]
        return {"status": "ok", "devices": seen}

    async def _synchronize(self, call: Call) -> Reply:
        self._check_free(call)
        await self.radio.rest(self.settings.synchronise)
        self.signatures.set_clock()
        self.signatures.synchronise()
        if self.settings.synchronises_for:
            self.radio.begin(GATEWAY_PHASE, self.settings.synchronises_for)
        return {"status": "ok", "code": 0}

    async def _update(self, call: Call) -> Reply:
        self.updates.append(call.path)
        self._check_free(call)
        return self.replies.success()

    async def _locker_synchronize(self, call: Call) -> Reply | None:
        self._check_free(call)
        lock = self._named(call)
        await self.radio.rest(self.settings.synchronise_lock)
        if not lock.is_online:
            raise RefusedError(1, "locker not detected")
        self.radio.synchronise(lock)
        return None if self.settings.empty_synchronise else self.replies.success()

    async def _locker_update(self, call: Call) -> None:
        self.updates.append(call.path)
        self._check_free(call)
        self._named(call)

    # Endpoints that need a signature.

    async def _open(self, call: Call) -> Reply:
        await self.radio.move(await self._signed(call), "open", "unlocked")
        return self.replies.success()

    async def _close(self, call: Call) -> Reply:
        await self.radio.move(await self._signed(call), "close", "locked")
        return self.replies.success()

    async def _calibrate(self, call: Call) -> Reply:
        await self.radio.calibrate(await self._signed(call))
        return self.replies.success()

    async def _locker_status(self, call: Call) -> Reply:
        lock = await self._signed(call)
        if other := self.forced.take(call, {"other_lock"}):
            lock = find(self.radio.locks, other.text)
        return lock.state(self.settings.state_form)

    async def _signed(self, call: Call) -> Lock:
        self.forced.check_busy(call)
        identifier, share = self.signatures.verify(call.form)
        self.forced.check_code(call)
        return await self.radio.reach(identifier, share, is_read=call.path == "/locker_status")

    def _check_free(self, call: Call) -> None:
        self.forced.check_busy(call)
        self.radio.check_idle()
        self.forced.check_code(call)

    def _named(self, call: Call) -> Lock:
        identifier = call.form.get("identifier")
        if not identifier:
            raise RefusedError(400, "identifier")
        try:
            return find(self.radio.locks, identifier)
        except ValueError:
            raise RefusedError(1, "locker not detected") from None


def _reset(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
