"""What keeps a request from being acted on: key, block, rate, and errors a test asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
import hmac
import json
import math
from typing import Any, Literal

from aiohttp import web

from tests.simulators.base import NONSENSE

API_KEY = "made-up.sesame-v3.key.8c1f04d2b7"
# A second account, with the locks that are its own.
OTHER_API_KEY = "made-up.sesame-v3.key.51d0e9a3c6"

type Endpoint = Literal["list", "status", "command", "result"]

STATUS = {
    "UNAUTHORIZED": 401,
    "Forbidden": 403,
    "ACCESS_DENY": 403,
    "THROTTLED": 429,
    "INTERNAL_ERROR": 500,
}

# Responses of status 200 that are JSON, and still not what the vendor's page promises.
MALFORMED: Mapping[Endpoint, Mapping[str, Any]] = {
    "list": {
        # Seen in the field: an object in place of the list.
        "object": {"result": "ok", "data": []},
        "no_locks": [],
        "strings": ["front", "back"],
        "missing_fields": [{}],
        "wrong_fields": [{"device_id": 7, "serial": None, "nickname": ["Front door"]}],
    },
    "status": {
        "missing_fields": {},
        "wrong_fields": {"locked": "yes", "battery": "full", "responsive": 1},
        "odd_battery": {"locked": True, "battery": 10**400, "responsive": True},
        "locked_only": {"locked": True, "battery": 50},
        "unlocked_only": {"locked": False, "battery": 50, "responsive": "yes"},
        "nulls": {"locked": None, "battery": None, "responsive": None},
    },
    "command": {
        "missing_fields": {},
        "wrong_fields": {"task_id": 5},
    },
    "result": {
        "missing_fields": {"status": "terminated"},
        "wrong_fields": {"status": "terminated", "successful": "true"},
        "odd_status": {"status": "paused"},
    },
}


def refusal(error: str, *, field: str = "error") -> web.Response:
    """Return an error as the vendor's page has it: its status, and the name in `error`."""
    return web.json_response({field: error}, status=STATUS.get(error, 400))


def malformed(endpoint: Endpoint, kind: str) -> bytes:
    """Return the body of a malformed response; ValueError for a kind the endpoint has not."""
    if kind in MALFORMED[endpoint]:
        return json.dumps(MALFORMED[endpoint][kind]).encode()
    for name, body in NONSENSE.items():
        if name == kind:
            return body
    raise ValueError(f"no malformed response {kind} for {endpoint}")


def drop(request: web.Request) -> web.Response:
    """Close the connection without a response."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


@dataclass(kw_only=True, slots=True)
class Fault:
    """Something that goes wrong at one endpoint (or all): `times` times, or until it is ended.

    `what` is an error of the vendor's page, a kind of malformed body, or unused.
    """

    what: str = ""
    endpoint: Endpoint | None = None
    times: int | None = None

    def strikes(self, endpoint: Endpoint) -> bool:
        """Return whether it meets a request; every hit is one less."""
        if self.endpoint not in (None, endpoint) or self.times == 0:
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(kw_only=True, slots=True)
class Access:
    """Decides whether a request gets to its endpoint.

    The vendor never blocks one request per second or fewer; `gap` and `tolerance` are in
    seconds, start to start, and not scaled by the pace. `blocked_until` is loop time.
    """

    api_key: str = API_KEY
    accepts_key: bool = True
    block: str | None = None
    block_field: str = "error"
    blocked_until: float = math.inf
    gap: float = 1.0
    tolerance: float = 0.05
    enforce_rate: bool = False
    too_fast: int = 0
    error: Fault | None = None
    last: float | None = None

    def refusal(self, request: web.Request, endpoint: Endpoint, now: float) -> web.Response | None:
        """Return why a request goes no further, or None."""
        is_too_fast = self._is_too_fast(now)
        if self.block is not None and now < self.blocked_until:
            return refusal(self.block, field=self.block_field)
        if not self._is_known(request.headers.get("Authorization", "")):
            return refusal("UNAUTHORIZED")
        if is_too_fast and self.enforce_rate:
            return refusal("THROTTLED")
        if self.error is not None and self.error.strikes(endpoint):
            return refusal(self.error.what)
        return None

    def _is_known(self, key: str) -> bool:
        known = (self.api_key, OTHER_API_KEY) if self.accepts_key else (OTHER_API_KEY,)
        return any(hmac.compare_digest(key.encode(), one.encode()) for one in known)

    def _is_too_fast(self, now: float) -> bool:
        last, self.last = self.last, now
        is_too_fast = last is not None and now - last < self.gap - self.tolerance
        self.too_fast += is_too_fast
        return is_too_fast
