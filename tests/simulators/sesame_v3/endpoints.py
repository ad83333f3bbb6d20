"""The four calls of the vendor's page."""

from collections.abc import Awaitable, Callable
import json
from typing import Any

from aiohttp import web

from .cloud import Cloud, now
from .doorman import Endpoint, refusal
from .malformed import malformed

COMMANDS = ("lock", "unlock", "sync")

type Handler = Callable[[web.Request], Awaitable[web.Response]]


class Endpoints:
    """What the cloud answers over HTTP."""

    def __init__(self, cloud: Cloud) -> None:
        """Answer for one account."""
        self._cloud = cloud

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Put the calls under the server's root."""
        router.add_get("/", self._hello)
        router.add_get("/sesames", self._guarded("list", self._list))
        router.add_get("/sesame/{device_id}", self._guarded("status", self._status))
        router.add_post("/sesame/{device_id}", self._guarded("command", self._command))
        router.add_get("/action-result", self._guarded("result", self._result))

    def _guarded(self, endpoint: Endpoint, handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.Response:
            refused = self._cloud.doorman.refusal(request, endpoint, now())
            if refused is not None:
                return refused
            response = await handler(request)
            kind = self._cloud.malformed.get(endpoint)
            if kind is None:
                return response
            return web.Response(body=malformed(endpoint, kind), content_type="application/json")

        return answer

    async def _hello(self, _: web.Request) -> web.Response:
        # Answers everybody: that it would refuse a bad key was never seen.
        return web.json_response({"status": "ok"})

    async def _list(self, _: web.Request) -> web.Response:
        return web.json_response([lock.entry() for lock in self._cloud.locks.values()])

    async def _status(self, request: web.Request) -> web.Response:
        lock = self._cloud.locks.get(request.match_info["device_id"])
        if lock is None:
            return refusal("BAD_PARAMS")
        if not lock.is_integrated:
            return refusal("CLOUD_INTEGRATION_NOT_ENABLED")
        return web.json_response(lock.status())

    async def _command(self, request: web.Request) -> web.Response:
        lock = self._cloud.locks.get(request.match_info["device_id"])
        command = await _command_in(request)
        if lock is None or command is None:
            return refusal("BAD_PARAMS")
        error = lock.refusal(command, now())
        if error is not None:
            return refusal(error)
        return web.json_response({"task_id": self._cloud.command(lock, command).task_id})

    async def _result(self, request: web.Request) -> web.Response:
        task = self._cloud.tasks.find(request.query.get("task_id", ""), now())
        return refusal("BAD_PARAMS") if task is None else web.json_response(task.result())


async def _command_in(request: web.Request) -> str | None:
    """The command of a JSON body; None when it is not one, or says something else."""
    if request.content_type != "application/json":
        return None
    try:
        body: Any = json.loads(await request.read())
    except ValueError:
        return None
    command = body.get("command") if isinstance(body, dict) else None
    return command if command in COMMANDS else None
