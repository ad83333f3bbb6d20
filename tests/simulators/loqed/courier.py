"""The pushes of a bridge, on their way to the webhooks."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from .bridge import Bridge
from .signing import bridge_hash
from .webhooks import Webhook

PUSH_TIMEOUT = 5.0

# Taken from what real bridges were seen to send.
_HEADERS = (
    ("User-Agent", "ESP32 HTTP Client/1.0"),
    ("Accept", "text/html"),
    ("Accept-Encoding", "identity"),
    ("Connection", "keep-alive"),
    ("Content-Type", "application/json"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Push:
    """One body, signed once; `kind` is genuine, replay, or the name of a forgery."""

    kind: str
    body: bytes
    headers: CIMultiDictProxy[str]
    trigger: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """A push to one URL, and its answer; the status is None when there was none."""

    at: float
    kind: str
    webhook_id: int
    url: str
    status: int | None
    body: bytes
    headers: CIMultiDictProxy[str]


def envelope(*signature: tuple[str, str]) -> CIMultiDictProxy[str]:
    """The headers of a real push, with these headers of a signature."""
    return CIMultiDictProxy(CIMultiDict([*_HEADERS, *signature]))


class Courier:
    """Signs pushes and brings them to one URL after the other, as the bridge does."""

    def __init__(self, bridge: Bridge, clock: Callable[[], float]) -> None:
        """Serve a bridge; the clock is the true one, for the records."""
        self.deliveries: list[Delivery] = []
        self.lost: list[Push] = []
        self.is_losing = False
        self.last: Push | None = None
        self._bridge = bridge
        self._clock = clock
        self._turn = asyncio.Lock()
        self._session: ClientSession | None = None

    async def start(self) -> None:
        """Open the way out."""
        self._session = ClientSession(
            connector=TCPConnector(force_close=True),
            cookie_jar=DummyCookieJar(),
            timeout=ClientTimeout(total=PUSH_TIMEOUT),
        )

    async def stop(self) -> None:
        """Close the way out."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def sign(self, body: bytes, trigger: str | None) -> Push:
        """Sign a body with the bridge's clock, as its generation does."""
        bridge, now = self._bridge, self._bridge.clock.now()
        signature = [("HASH", bridge_hash(body, now, bridge.key)), ("TIMESTAMP", str(now))]
        if bridge.generation == "2s":
            signature = signature[:1] if bridge.signs_undated else []
        return Push(kind="genuine", body=body, headers=envelope(*signature), trigger=trigger)

    async def deliver(self, push: Push) -> None:
        """Bring a genuine push to every URL that wants it, or lose it on the way."""
        if self.is_losing:
            self.lost.append(push)
            return
        self.last = push
        await self.bring(push)

    async def bring(self, push: Push) -> list[int | None]:
        """Bring a push to every URL that wants it; the answers, in that order."""
        async with self._turn:
            wanted = [webhook for webhook in self._bridge.webhooks if webhook.wants(push.trigger)]
            return [await self._post(push, webhook) for webhook in wanted]

    async def _post(self, push: Push, webhook: Webhook) -> int | None:
        at = self._clock()
        status = await self._answer(push, webhook.url)
        self.deliveries.append(
            Delivery(
                at=at,
                kind=push.kind,
                webhook_id=webhook.id,
                url=webhook.url,
                status=status,
                body=push.body,
                headers=push.headers,
            )
        )
        return status

    async def _answer(self, push: Push, url: str) -> int | None:
        if self._session is None:
            return None
        try:
            async with self._session.post(
                URL(url, encoded=True), data=push.body, headers=push.headers, allow_redirects=False
            ) as response:
                return response.status
        except ClientError, TimeoutError, ValueError:
            return None
