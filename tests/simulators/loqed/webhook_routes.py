"""The bridge's web server: the webhooks, every call signed."""

from collections.abc import Awaitable, Callable
import hmac
import json
import re

from aiohttp import web

from .bridge import Bridge
from .dialect import compact
from .signing import bridge_hash
from .webhooks import WebhookRefusedError, flags_of

type Handler = Callable[[web.Request], Awaitable[str]]

_HASH = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
_TIMESTAMP = re.compile(r"[0-9]{1,19}")


class _RefusedError(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class WebhookRoutes:
    """The list, the create and the delete.

    As the vendor documents them: 400 for headers or JSON it cannot read, 401 for a wrong
    hash, 404 for an unknown id, 500 for a URL it has, for a full list, for a delete that
    fails. How long a timestamp is good for is not known of a real bridge.
    """

    def __init__(self, bridge: Bridge) -> None:
        """Serve the webhooks of a bridge."""
        self._bridge = bridge

    def add_to(self, app: web.Application) -> None:
        """Serve on an application that does not listen yet."""
        app.router.add_get("/webhooks", self._answering(self._list))
        app.router.add_post("/webhooks", self._answering(self._create))
        app.router.add_delete(r"/webhooks/{id:\d{1,19}}", self._answering(self._delete))

    def _answering(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            status = 200
            try:
                text = await handler(request)
            except _RefusedError as err:
                status, text = err.status, err.text
            content_type = self._bridge.content_type
            return web.Response(body=text.encode(), status=status, content_type=content_type)

        return answer

    async def _list(self, request: web.Request) -> str:
        self._verify(request, b"")
        return compact([webhook.as_json() for webhook in self._bridge.webhooks]).decode()

    async def _create(self, request: web.Request) -> str:
        _signature(request)
        url, flags = _wanted(await request.read())
        self._verify(request, url.encode() + flags.to_bytes(4))
        try:
            self._bridge.webhooks.add(url, flags)
        except WebhookRefusedError as err:
            raise _RefusedError(500, str(err)) from err
        return "The webhook is registered"

    async def _delete(self, request: web.Request) -> str:
        webhook_id = int(request.match_info["id"])
        self._verify(request, webhook_id.to_bytes(8))
        if self._bridge.fails_deletes:
            raise _RefusedError(500, "The webhook could not be deleted")
        if not self._bridge.webhooks.remove(webhook_id):
            raise _RefusedError(404, "There is no such webhook")
        return "The webhook is deleted"

    def _verify(self, request: web.Request, covered: bytes) -> None:
        timestamp, digest = _signature(request)
        bridge = self._bridge
        if bridge.window is not None and abs(bridge.clock.now() - timestamp) > bridge.window:
            raise _RefusedError(401, "The timestamp is too far off")
        if not hmac.compare_digest(digest, bridge_hash(covered, timestamp, bridge.key)):
            raise _RefusedError(401, "The hash is wrong")


def _signature(request: web.Request) -> tuple[int, str]:
    timestamp, digest = request.headers.get("TIMESTAMP", ""), request.headers.get("HASH", "")
    if _TIMESTAMP.fullmatch(timestamp) is None or _HASH.fullmatch(digest) is None:
        raise _RefusedError(400, "HASH and TIMESTAMP are needed")
    return int(timestamp), digest


def _wanted(body: bytes) -> tuple[str, int]:
    try:
        wanted = json.loads(body)
    except ValueError as err:
        raise _RefusedError(400, "This is no JSON") from err
    url = wanted.get("url") if isinstance(wanted, dict) else None
    flags = flags_of(wanted) if isinstance(wanted, dict) else None
    if not isinstance(url, str) or not url.startswith(("http://", "https://")) or flags is None:
        raise _RefusedError(400, "A URL and nine triggers of 0 or 1 are needed")
    return url, flags
