"""The account of the web API: its tokens, its limit of reads, the settings of its lock.

Nobody here has a real account. The paths, the 204 and the 404 of a deleted key are from
what others measured; the limit of 12 reads in 12 hours is the vendor's word to them. How a
blocked account is answered (429), and the answers of the settings, are not known and are
made up here.
"""

from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
import json
from typing import Any

from aiohttp import web

from .const import ACTIONS, API_TOKEN, GOING_REMOTE, LOCAL_ID, LOCK_ID, REACHED, State
from .lock import Lock, Motor, Movement

WINDOW = 12 * 3600.0
MOST_READS = 12
SETTINGS = ("open_house_mode", "twist_assist", "touch_to_connect")
GUEST_ACCESS = "guest_access_mode"

type Handler = Callable[[web.Request], Awaitable[web.Response]]


@dataclass(kw_only=True)
class ReadLimit:
    """More than so many reads in 12 hours block the account for 12 hours."""

    clock: Callable[[], float]
    most: int = MOST_READS
    is_on: bool = True
    blocked_until: float = 0.0
    times: list[float] = field(default_factory=list)

    def count(self) -> bool:
        """Count a read; False when it is refused."""
        now = self.clock()
        if not self.is_on:
            self.times.append(now)
            return True
        if now < self.blocked_until:
            return False
        self.times.append(now)
        if self.most_in_a_window(since=now - WINDOW) > self.most:
            self.blocked_until = now + WINDOW
            return False
        return True

    def most_in_a_window(self, *, since: float | None = None) -> int:
        """How many reads there were since a moment; the most of any window by default."""
        if since is not None:
            return sum(at > since for at in self.times)
        return max(
            (sum(end - WINDOW < at <= end for at in self.times) for end in self.times), default=0
        )


class Account:
    """What a token lets its owner do, besides listing the locks."""

    def __init__(self, *, lock: Lock, motor: Motor, clock: Callable[[], float]) -> None:
        """Own one lock."""
        self.token: str | None = API_TOKEN
        self.others: set[str] = set()
        self.limit = ReadLimit(clock=clock)
        self.settings: dict[str, bool] = {
            "party_mode": False,
            GUEST_ACCESS: False,
            "twist_assist": True,
            "touch_to_connect": True,
            "open_house_mode": False,
        }
        self.commands: list[str] = []
        self.is_busy = False
        self.loses_commands = False
        self._clock = clock
        self._lock = lock
        self._motor = motor

    def add_to(self, app: web.Application) -> None:
        """Serve on an application that does not listen yet."""
        lock = r"/api/locks/{id:\d+}"
        app.router.add_get(lock + "/bolt_state/{state}", self._allowed(self._command))
        app.router.add_get(lock + "/guest_access_mode/{value:[01]}", self._allowed(self._guest))
        app.router.add_post(lock + "/setting", self._allowed(self._setting))

    def refusal(self, request: web.Request) -> web.Response | None:
        """The answer to a request without a good token; None when it has one."""
        if "application/json" not in request.headers.get("Accept", ""):
            return web.Response(status=302, headers={"Location": "/login"})
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        tokens = () if self.token is None else (self.token, *self.others)
        known = {_signature(token) for token in tokens}
        if _signature(bearer) not in known or self._clock() >= _expiry(bearer):
            return web.json_response({"message": "Unauthenticated."}, status=401)
        return None

    def _allowed(self, handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.Response:
            if (refusal := self.refusal(request)) is not None:
                return refusal
            if self.is_busy:
                return too_many()
            if request.match_info["id"] != LOCK_ID:
                return _not_found("Lock")
            return await handler(request)

        return answer

    async def _command(self, request: web.Request) -> web.Response:
        """Accepted by the cloud; what the lock does with it, only the lock tells."""
        state = request.match_info["state"].lower()
        if LOCAL_ID not in self._lock.keys:
            return _not_found("ApiKey")
        target = next((one for one in ACTIONS.values() if one == state), None)
        if target is None or (target == "open" and self._lock.has_handle):
            return web.json_response({"message": "The state is not supported."}, status=422)
        self.commands.append(state)
        if self._lock.is_reachable and not self.loses_commands:
            self._start(target)
        return web.Response(status=204)

    def _start(self, command: State) -> None:
        target = self._lock.goal(command)
        # It acts with the key slot of the token.
        self._motor.start(
            Movement(
                target=target,
                going=GOING_REMOTE[target],
                reached=f"{REACHED[target]}_REMOTE",
                key=LOCAL_ID,
            )
        )

    async def _setting(self, request: web.Request) -> web.Response:
        wanted: Any = await request.json()
        name, value = wanted.get("setting_name"), wanted.get("setting_value")
        if name not in SETTINGS or name not in self.settings or value not in (0, 1):
            return web.json_response({"message": "The given data was invalid."}, status=422)
        self.settings[name] = bool(value)
        return web.Response(status=204)

    async def _guest(self, request: web.Request) -> web.Response:
        self.settings[GUEST_ACCESS] = request.match_info["value"] == "1"
        return web.Response(status=204)


def too_many() -> web.Response:
    """The answer to an account that is blocked."""
    return web.json_response({"message": "Too Many Attempts."}, status=429)


def _not_found(model: str) -> web.Response:
    message = f"No query results for model [App\\Models\\{model}]"
    return web.json_response({"message": message}, status=404)


def _signature(token: str) -> str:
    """The last part of a token; a simulator in another program makes the others elsewhen."""
    return token.rpartition(".")[2]


def _expiry(token: str) -> float:
    claims = token.split(".")[1]
    padded = claims + "=" * (-len(claims) % 4)
    expires: float = json.loads(urlsafe_b64decode(padded))["exp"]
    return expires
