"""Who may come in: the key, its plan, and the month's quota."""

from dataclasses import dataclass
import hmac

from aiohttp import web

API_KEY = "made0up0SesameWebKey0made0up0SesameWebK1"
FREE_PLAN = 1000


def message(status: int, text: str) -> web.Response:
    """An error as the vendor's gateway words it."""
    return web.json_response({"message": text}, status=status)


@dataclass(kw_only=True, slots=True)
class Gate:
    """Stands before every endpoint; `calls` counts what the key has used this month.

    Without a `quota` (None) there is no limit. 403 has two causes that look the same: a
    key nobody knows, and a plan that does not cover what is asked.
    """

    api_key: str = API_KEY
    accepts_key: bool = True
    is_over_plan: bool = False
    quota: int | None = FREE_PLAN
    calls: int = 0
    quota_text: str = "Limit Exceeded"
    is_down: bool = False

    def refusal(self, request: web.Request) -> web.Response | None:
        """Why the request goes no further, or None; a call with a good key is counted."""
        if self.is_over_plan or not self._knows(request.headers.get("x-api-key", "")):
            return message(403, "Forbidden")
        self.calls += 1
        if self.quota is not None and self.calls > self.quota:
            return message(429, self.quota_text)
        return message(500, "Internal server error") if self.is_down else None

    def _knows(self, key: str) -> bool:
        return self.accepts_key and hmac.compare_digest(key.encode(), self.api_key.encode())
