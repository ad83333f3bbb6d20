"""The cloud: the four calls of the vendor's page, its tasks, and what it tells the webhook."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
import json
from typing import Any

from aiohttp import web

from tests.simulators.base import NONSENSE

from .access import OTHER_API_KEY, Access, Endpoint, Fault, drop, malformed, refusal
from .lock import Busy, BusyStyle, SimulatedLock, Task, Tasks
from .webhook import Jobs, WebhookSender

COMMANDS = ("lock", "unlock", "sync")

type Handler = Callable[[web.Request], Awaitable[web.Response]]


def now() -> float:
    """Return the time intervals are measured in: real seconds, whatever the clock says."""
    return asyncio.get_running_loop().time()


@dataclass(kw_only=True)
class Cloud:
    """One account, its locks, and what is under way.

    `task_seconds` is how long a lock takes for a command, and `lag` how far a status is
    behind, both in seconds of the real device. `task_error` is what every task ends with;
    `never_ends` leaves it processing; with `moves_anyway` the bolt moves all the same.
    """

    pace: float
    webhook: WebhookSender
    jobs: Jobs
    tasks: Tasks = field(default_factory=Tasks)
    access: Access = field(default_factory=Access)
    locks: dict[str, SimulatedLock] = field(default_factory=dict)
    malformed: dict[Endpoint, Fault] = field(default_factory=dict)
    lost_response: Fault | None = None
    lag: float = 0.0
    task_seconds: float = 8.0
    task_error: str | None = None
    never_ends: bool = False
    moves_anyway: bool = False
    busy_style: BusyStyle = "space"

    def lock(self, lock_id: str | None) -> SimulatedLock:
        """Return the lock of an id, or the first; KeyError for an unknown id."""
        return self.locks[next(iter(self.locks), "") if lock_id is None else lock_id]

    def set_lag(self, seconds: float) -> None:
        """Set how far a status is behind from now on; what is shown already stays shown."""
        for lock in self.locks.values():
            lock.shown(now(), self.lag * self.pace)
        self.lag = seconds

    async def announce(self, lock: SimulatedLock) -> None:
        """Call the webhook with what the cloud heard last of a lock."""
        await self.webhook.send(lock.device_id, locked=lock.reported.locked)

    async def stop(self) -> None:
        """End what is under way and close every connection."""
        await self.jobs.stop()
        await self.webhook.close()

    # Commands.

    def command(self, lock: SimulatedLock, command: str) -> Task:
        """Accept a command; its task tells whether the bolt moved."""
        begun, seconds = now(), self.task_seconds * self.pace
        lock.commands.append(command)
        lock.busy = Busy(until=begun + seconds, style=self.busy_style)
        task = self.tasks.begin(begun)
        self.jobs.start(self._carry_out(lock, command, task, seconds))
        return task

    async def _carry_out(
        self, lock: SimulatedLock, command: str, task: Task, seconds: float
    ) -> None:
        await asyncio.sleep(seconds)
        fails = self.never_ends or self.task_error is not None
        is_stuck = command != "sync" and lock.is_jammed
        works = lock.is_reachable and not is_stuck and (not fails or self.moves_anyway)
        changed = works and self._act(lock, command)
        if not self.never_ends:
            task.successful, task.error = works and not fails, self.task_error
        if changed:
            await self.announce(lock)

    @staticmethod
    def _act(lock: SimulatedLock, command: str) -> bool:
        """Move the bolt, tell the cloud, and return whether that is news."""
        if command != "sync" and not lock.is_ignoring:
            lock.locked = command == "lock"
        changed = lock.report(now(), anew=True)
        if command == "sync":
            # "Will force the server to update Sesame status."
            lock.show_newest()
        return changed

    # The calls.

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Put the calls under the server's root."""
        router.add_get("/", self._greet)
        router.add_get("/sesames", self._guarded("list", self._list))
        router.add_get("/sesame/{device_id}", self._guarded("status", self._status))
        router.add_post("/sesame/{device_id}", self._guarded("command", self._command))
        router.add_get("/action-result", self._guarded("result", self._result))

    def _guarded(self, endpoint: Endpoint, handler: Handler) -> Handler:
        async def respond(request: web.Request) -> web.Response:
            refused = self.access.refusal(request, endpoint, now()) or self._failure(request)
            if refused is not None:
                return refused
            response = await handler(request)
            if self.lost_response is not None and self.lost_response.strikes(endpoint):
                return drop(request)
            odd = self.malformed.get(endpoint)
            if odd is None or not odd.strikes(endpoint):
                return response
            body = malformed(endpoint, odd.what)
            return web.Response(body=body, content_type="application/json")

        return respond

    def _failure(self, request: web.Request) -> web.Response | None:
        """Return what a request about a failing lock is answered with; it is not acted on."""
        lock = self.locks.get(request.match_info.get("device_id", ""))
        if lock is None or lock.failure is None:
            return None
        if lock.failure == "drop":
            return drop(request)
        for name, body in NONSENSE.items():
            if name == lock.failure:
                return web.Response(body=body, content_type="text/html")
        return refusal(lock.failure)

    async def _greet(self, _: web.Request) -> web.Response:
        # Answers everybody: that it would refuse a bad key was never seen.
        return web.json_response({"status": "ok"})

    async def _list(self, request: web.Request) -> web.Response:
        locks = [lock for lock in self.locks.values() if lock.is_listed and _is_own(request, lock)]
        return web.json_response([lock.entry() for lock in locks])

    def _own(self, request: web.Request) -> SimulatedLock | None:
        """Return the lock that is asked for; None unless it is of the account that asks."""
        lock = self.locks.get(request.match_info["device_id"])
        return lock if lock is not None and _is_own(request, lock) else None

    async def _status(self, request: web.Request) -> web.Response:
        lock = self._own(request)
        if lock is None:
            return refusal("BAD_PARAMS")
        if not lock.is_integrated:
            return refusal("CLOUD_INTEGRATION_NOT_ENABLED")
        return web.json_response(lock.shown(now(), self.lag * self.pace).status())

    async def _command(self, request: web.Request) -> web.Response:
        lock = self._own(request)
        command = await _command_in(request)
        if lock is None or command is None:
            return refusal("BAD_PARAMS")
        error = lock.refusal(command, now())
        if error is not None:
            return refusal(error)
        return web.json_response({"task_id": self.command(lock, command).task_id})

    async def _result(self, request: web.Request) -> web.Response:
        task = self.tasks.find(request.query.get("task_id", ""), now())
        return refusal("BAD_PARAMS") if task is None else web.json_response(task.result())


def _is_own(request: web.Request, lock: SimulatedLock) -> bool:
    return lock.is_of_other_account is (request.headers["Authorization"] == OTHER_API_KEY)


async def _command_in(request: web.Request) -> str | None:
    """Return the command of a JSON body; None when it holds none that is documented."""
    if request.content_type != "application/json":
        return None
    try:
        body: Any = json.loads(await request.read())
    except ValueError:
        return None
    command = body.get("command") if isinstance(body, dict) else None
    return command if command in COMMANDS else None
