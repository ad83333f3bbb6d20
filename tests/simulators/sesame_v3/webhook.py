"""The account's webhook: one call for each change of a lock, never repeated."""

from collections.abc import Callable
from dataclasses import dataclass, field
import json
from typing import Literal

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
        """The address with its variables replaced."""
        state = STATE[self.words][locked]
        return self.url.replace("{device_id}", device_id).replace("{state}", state)

    def body(self, device_id: str, *, locked: bool) -> bytes | None:
        """The JSON of a POST; None for GET."""
        if self.method == "GET":
            return None
        body: dict[str, str | bool] = {"device_id": device_id}
        return json.dumps({**body, "locked": locked} if self.names_locked else body).encode()


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One call that was made; `status` is None when nobody answered."""

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


@dataclass(kw_only=True)
class Messenger:
    """Makes the calls, and keeps what came of them."""

    clock: Callable[[], float]
    webhook: Webhook | None = None
    deliveries: list[Delivery] = field(default_factory=list)
    session: ClientSession | None = None

    async def tell(self, device_id: str, *, locked: bool) -> None:
        """Call the webhook once, if the account has one."""
        hook = self.webhook
        if hook is None:
            return
        url = hook.address(device_id, locked=locked)
        body = hook.body(device_id, locked=locked)
        at = self.clock()
        status = await self._call(hook.method, url, body)
        self.deliveries.append(
            Delivery(
                at=at,
                device_id=device_id,
                locked=locked,
                method=hook.method,
                url=url,
                body=body,
                status=status,
            )
        )

    async def _call(self, method: Method, url: str, body: bytes | None) -> int | None:
        if self.session is None:
            self.session = ClientSession(timeout=TIMEOUT, middlewares=(once,))
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            async with self.session.request(method, url, data=body, headers=headers) as answer:
                return answer.status
        except ClientError, TimeoutError:
            return None

    async def close(self) -> None:
        """Close every connection."""
        if self.session is not None:
            await self.session.close()
            self.session = None
