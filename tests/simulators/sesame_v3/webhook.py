"""The account's webhook: one call for each change of a lock, never repeated."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
import json
from typing import Any, Literal

from aiohttp import (
    ClientConnectionError,
    ClientError,
    ClientHandlerType,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
)

MAX_URL = 256
TIMEOUT = ClientTimeout(total=10)

type Method = Literal["GET", "POST"]
type Words = Literal["locked", "lock"]

# The vendor's reference and its tutorial disagree on what {state} becomes.
STATE: dict[Words, dict[bool, str]] = {
    "locked": {True: "locked", False: "unlocked"},
    "lock": {True: "lock", False: "unlock"},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """What the account's page holds: an address of at most 256 characters and a method.

    `names_locked` is False for a POST body without `locked`, as was seen in the field.
    """

    url: str
    method: Method = "GET"
    words: Words = "locked"
    names_locked: bool = True

    def __post_init__(self) -> None:
        if len(self.url) > MAX_URL:
            raise ValueError(f"a webhook address has at most {MAX_URL} characters")
        if self.method not in ("GET", "POST"):
            raise ValueError("a webhook is GET or POST")
        if self.words not in STATE:
            raise ValueError("the state is spelled as locked or as lock")

    def address(self, device_id: str, *, locked: bool) -> str:
        """Return the address with its variables replaced."""
        state = STATE[self.words][locked]
        return self.url.replace("{device_id}", device_id).replace("{state}", state)

    def body(self, device_id: str, *, locked: bool) -> bytes | None:
        """Return the JSON of a POST; None for GET."""
        if self.method == "GET":
            return None
        body: dict[str, str | bool] = {"device_id": device_id}
        return json.dumps({**body, "locked": locked} if self.names_locked else body).encode()


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One call; `at` is when the lock changed, `status` is None when nobody answered."""

    at: float
    device_id: str
    locked: bool
    method: Method
    url: str
    body: bytes | None
    status: int | None


async def once(request: ClientRequest, send: ClientHandlerType) -> ClientResponse:
    """Send a request, and never a second time."""
    try:
        return await send(request)
    except ClientConnectionError as err:
        # Left as it is, a lost connection makes aiohttp repeat a GET of its own accord.
        raise ClientConnectionError from err


class Jobs:
    """Background tasks, ended with the simulator."""

    def __init__(self) -> None:
        """Begin without any."""
        self.running: set[asyncio.Task[None]] = set()

    def start(self, job: Coroutine[Any, Any, None]) -> None:
        """Run a job in the background."""
        task = asyncio.create_task(job)
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    async def stop(self) -> None:
        """Cancel what still runs."""
        running = list(self.running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


@dataclass(kw_only=True)
class WebhookSender:
    """Calls the webhook, and keeps what came of the calls.

    Each change is one call, unless it `is_losing` them or sends `copies`. `delay` is in
    real seconds; while it `is_holding`, calls are kept in `held`.
    """

    clock: Callable[[], float]
    jobs: Jobs
    webhook: Webhook | None = None
    is_losing: bool = False
    is_holding: bool = False
    copies: int = 1
    delay: float = 0.0
    held: list[Delivery] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    session: ClientSession | None = None

    async def send(self, device_id: str, *, locked: bool) -> None:
        """Call the webhook about a lock, if the account has one."""
        hook = self.webhook
        if hook is None or self.is_losing:
            return
        delivery = Delivery(
            at=self.clock(),
            device_id=device_id,
            locked=locked,
            method=hook.method,
            url=hook.address(device_id, locked=locked),
            body=hook.body(device_id, locked=locked),
            status=None,
        )
        for _ in range(self.copies):
            if self.is_holding:
                self.held.append(delivery)
            elif self.delay:
                self.jobs.start(self._deliver_later(delivery, self.delay))
            else:
                await self._deliver(delivery)

    async def release(self, *, newest_first: bool) -> None:
        """Make the calls that were held back, and hold back no more."""
        held, self.held, self.is_holding = self.held, [], False
        for delivery in reversed(held) if newest_first else held:
            await self._deliver(delivery)

    async def close(self) -> None:
        """Close every connection."""
        if self.session is not None:
            await self.session.close()
            self.session = None

    async def _deliver_later(self, delivery: Delivery, delay: float) -> None:
        await asyncio.sleep(delay)
        await self._deliver(delivery)

    async def _deliver(self, delivery: Delivery) -> None:
        status = await self._call(delivery.method, delivery.url, delivery.body)
        self.deliveries.append(replace(delivery, status=status))

    async def _call(self, method: Method, url: str, body: bytes | None) -> int | None:
        if self.session is None:
            self.session = ClientSession(timeout=TIMEOUT, middlewares=(once,))
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            async with self.session.request(method, url, data=body, headers=headers) as response:
                return response.status
        except ClientError, TimeoutError:
            return None
