"""The shapes of the gateway's answers."""

import json
from typing import Any

from aiohttp import web

from .refusal import BUSY, RefusedError
from .settings import Settings


class Replies:
    """Answers in the shape the settings ask for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def success(self) -> dict[str, Any]:
        """All went well: `ok` and 0, which the page prints the other way round."""
        if self.settings.style == "page":
            return {"status": "0", "code": "ok"}
        return {"status": "ok", "code": 0}

    def error(self, refusal: RefusedError) -> dict[str, Any]:
        """Nothing happened; the page has the number in `status`, clients saw it in `code`."""
        style = self.settings.style
        if refusal.code == BUSY:
            style = self.settings.busy_style or style
        if style == "seen":
            return {"status": "ko", "code": refusal.code, "cause": refusal.text}
        key = "message" if refusal.code == BUSY else "code"
        return {"status": str(refusal.code), key: refusal.text}

    def response(self, body: dict[str, Any] | None) -> web.Response:
        """The HTTP answer; None is an empty body."""
        if body is None:
            return self.raw("")
        return self.raw(json.dumps(_as_text(body) if self.settings.numbers_as_text else body))

    def raw(self, text: str, status: int = 200) -> web.Response:
        """Answer with a body as it is."""
        content_type = self.settings.content_type
        return web.Response(body=text.encode(), status=status, content_type=content_type)


def _as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return str(value) if isinstance(value, int) else value
