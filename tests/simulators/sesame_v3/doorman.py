"""Who may come in: the key, the address, the rate, and the errors of a bad day."""

from dataclasses import dataclass
import hmac
from typing import Literal

from aiohttp import web

API_KEY = "made-up.sesame-v3.key.8c1f04d2b7"

type Endpoint = Literal["list", "status", "command", "result"]

STATUS = {
    "UNAUTHORIZED": 401,
    "Forbidden": 403,
    "ACCESS_DENY": 403,
    "THROTTLED": 429,
    "INTERNAL_ERROR": 500,
}


def refusal(error: str, *, field: str = "error") -> web.Response:
    """An error as the vendor's page has it: its status, and the word in `error`."""
    return web.json_response({field: error}, status=STATUS.get(error, 400))


@dataclass(kw_only=True, slots=True)
class Mishap:
    """An error that is answered whatever was asked: `times` times, or until it is ended."""

    error: str
    endpoint: Endpoint | None
    times: int | None

    def strikes(self, endpoint: Endpoint) -> bool:
        """Whether a request meets it; every hit is one less."""
        if self.endpoint not in (None, endpoint) or self.times == 0:
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(kw_only=True, slots=True)
class Doorman:
    """Stands before every endpoint.

    The vendor never blocks one request per second or fewer; `gap` and `tolerance` are in
    seconds, start to start, and not scaled by the pace.
    """

    api_key: str = API_KEY
    accepts_key: bool = True
    block: str | None = None
    block_field: str = "error"
    gap: float = 1.0
    tolerance: float = 0.05
    enforce_rate: bool = False
    too_fast: int = 0
    mishap: Mishap | None = None
    last: float | None = None

    def refusal(self, request: web.Request, endpoint: Endpoint, now: float) -> web.Response | None:
        """Why the request goes no further, or None."""
        hurried = self._is_hurried(now)
        if self.block is not None:
            return refusal(self.block, field=self.block_field)
        if not self._knows(request.headers.get("Authorization", "")):
            return refusal("UNAUTHORIZED")
        if hurried and self.enforce_rate:
            return refusal("THROTTLED")
        if self.mishap is not None and self.mishap.strikes(endpoint):
            return refusal(self.mishap.error)
        return None

    def _knows(self, key: str) -> bool:
        return self.accepts_key and hmac.compare_digest(key.encode(), self.api_key.encode())

    def _is_hurried(self, now: float) -> bool:
        last, self.last = self.last, now
        hurried = last is not None and now - last < self.gap - self.tolerance
        self.too_fast += hurried
        return hurried
