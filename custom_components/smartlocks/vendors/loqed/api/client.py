"""The client of one LOQED bridge."""

from collections import deque
from collections.abc import Callable, Mapping
from http import HTTPStatus
import time
from typing import Any, Final

from aiohttp import ClientSession
from yarl import URL

from ....http import HttpError, RequestQueue, Response, ResponseError, do_nothing, request
from .const import BRIDGE_CONNECT_TIMEOUT, BRIDGE_TIMEOUT
from .crypto import command_message, create_hash, delete_hash, list_hash
from .exceptions import LoqedAuthError, LoqedBridgeFullError, LoqedResponseError, from_http
from .models import ALL_TRIGGERS, BridgeStatus, Command, Keys, Trigger, Webhook, trigger_flags

# A second that was signed is used again neither soon nor, unless the clock was set back by
# more than this, after a later one.
_MOST_AHEAD: Final = 5
_REMEMBERED_SECONDS: Final = 32


class Bridge:
    """One bridge and the lock behind it.

    Every method is one request, sent once. Each raises LoqedConnectionError or
    LoqedResponseError, a signed one LoqedAuthError too. `url` may be changed when the
    bridge is known to have moved.
    """

    def __init__(
        self,
        session: ClientSession,
        url: URL,
        keys: Keys,
        *,
        queue: RequestQueue,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self.url = url
        self._keys = keys
        self._queue = queue
        self._now = now
        self._signed_seconds: deque[int] = deque(maxlen=_REMEMBERED_SECONDS)

    async def status(self, *, urgent: bool = False) -> BridgeStatus:
        """Read the state of bridge and lock (unsigned)."""
        async with self._queue.turn(urgent=urgent):
            response = await self._send("GET", self.url / "status")
        _expect_success(response)
        fields = _json(response)
        try:
            return BridgeStatus.parse(_expect_object(fields), date=response.date)
        except ValueError as err:
            raise LoqedResponseError(response.status) from err

    async def command(self, command: Command, *, on_send: Callable[[], None] = do_nothing) -> None:
        """Send a command. The bridge accepts everything; only the lock decides.

        `on_send` is called once, when it is this command's turn and right before it is
        signed. If it raises, nothing is signed or sent.
        """
        async with self._queue.turn(urgent=True):
            on_send()
            # Signed only now: a lock accepts a command for 15 seconds.
            message = command_message(
                command,
                key_id=self._keys.key_id,
                timestamp=self._fresh_timestamp(),
                key=self._keys.key_secret,
            )
            url = (self.url / "to_lock").with_query(command_signed_base64=message)
            response = await self._send("GET", url)
        _expect_success(response)

    async def webhooks(self) -> tuple[Webhook, ...]:
        """List the registered webhooks; an entry without a usable id is left out."""

        def sign(timestamp: int) -> str:
            return list_hash(timestamp=timestamp, key=self._keys.bridge_key)

        response = await self._send_signed("GET", self.url / "webhooks", sign)
        _expect_success(response)
        entries = _json(response)
        if not isinstance(entries, list):
            raise LoqedResponseError(response.status)
        return tuple(webhook for entry in entries if (webhook := Webhook.parse(entry)))

    async def create_webhook(self, url: str) -> None:
        """Register a webhook for all nine triggers.

        The response has no id. An address that is registered already and one more than
        the bridge can hold are refused alike, LoqedBridgeFullError: list before you create.
        """
        flags = trigger_flags(ALL_TRIGGERS)

        def sign(timestamp: int) -> str:
            return create_hash(url, flags, timestamp=timestamp, key=self._keys.bridge_key)

        body: dict[str, str | int] = {"url": url, **dict.fromkeys(map(str, Trigger), 1)}
        response = await self._send_signed("POST", self.url / "webhooks", sign, json=body)
        if response.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            raise LoqedBridgeFullError("no more webhooks")
        _expect_success(response)

    async def delete_webhook(self, webhook_id: int) -> None:
        """Remove a webhook; one that is gone already is no error."""

        def sign(timestamp: int) -> str:
            return delete_hash(webhook_id, timestamp=timestamp, key=self._keys.bridge_key)

        url = self.url / "webhooks" / str(webhook_id)
        response = await self._send_signed("DELETE", url, sign)
        if response.status != HTTPStatus.NOT_FOUND:
            _expect_success(response)

    def _fresh_timestamp(self) -> int:
        """Return a second that no recent command was signed with.

        Equal bytes would look like a replay to the lock. Later than the last one, unless
        the clock has been set back since.
        """
        now = int(self._now())
        last = self._signed_seconds[-1] if self._signed_seconds else now - 1
        fresh = max(now, last + 1) if last <= now + _MOST_AHEAD else now
        while fresh in self._signed_seconds:
            fresh += 1
        self._signed_seconds.append(fresh)
        return fresh

    async def _send_signed(
        self,
        method: str,
        url: URL,
        sign: Callable[[int], str],
        *,
        json: Mapping[str, str | int] | None = None,
    ) -> Response:
        async with self._queue.turn():
            timestamp = int(self._now())
            headers = {"TIMESTAMP": str(timestamp), "HASH": sign(timestamp)}
            response = await self._send(method, url, headers=headers, json=json)
        if response.status == HTTPStatus.UNAUTHORIZED:
            raise LoqedAuthError(None if response.date is None else self._now() - response.date)
        return response

    async def _send(
        self,
        method: str,
        url: URL,
        *,
        headers: Mapping[str, str] | None = None,
        json: Mapping[str, str | int] | None = None,
    ) -> Response:
        try:
            return await request(
                self._session,
                method,
                url,
                timeout=BRIDGE_TIMEOUT,
                connect_timeout=BRIDGE_CONNECT_TIMEOUT,
                # The bridge has few connections; none is kept.
                headers={"Connection": "close", **(headers or {})},
                json=json,
            )
        except HttpError as err:
            raise from_http(err) from err


def _expect_success(response: Response) -> None:
    if response.status != HTTPStatus.OK:
        raise LoqedResponseError(response.status)


def _json(response: Response) -> Any:
    try:
        return response.json()
    except ResponseError as err:
        raise LoqedResponseError(response.status) from err


def _expect_object(parsed: Any) -> dict[str, Any]:
    if not isinstance(parsed, dict):
        raise ValueError("not an object")  # noqa: TRY004 - content, not a mistake of the caller
    return parsed
