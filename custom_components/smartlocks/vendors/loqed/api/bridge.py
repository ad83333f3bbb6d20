"""The client of one LOQED bridge."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
import json
import time
from typing import Any, Protocol

from aiohttp import ClientSession
from yarl import URL

from .const import BRIDGE_TIMEOUT
from .errors import LoqedAuthError, LoqedBridgeFullError, LoqedResponseError
from .fields import parse_object
from .http import Answer, request
from .models import ALL_TRIGGERS, BridgeStatus, Keys, Trigger, Webhook, trigger_flags
from .signature import Command, command_message, create_hash, delete_hash, list_hash


class RequestQueue(Protocol):
    """What lets callers through to the bridge one at a time."""

    def turn(self, *, urgent: bool = ..., rest: float = ...) -> AbstractAsyncContextManager[None]:
        """Wait for the turn and hold it."""


class Bridge:
    """One bridge and the lock behind it.

    Every method is one request, sent once. Errors are LoqedError's: connection, answer,
    and for signed calls LoqedAuthError.
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
        self._url = url
        self._keys = keys
        self._queue = queue
        self._now = now
        self._last_signed = 0

    async def status(self, *, urgent: bool = False) -> BridgeStatus:
        """Read the state of bridge and lock (unsigned)."""
        answer = await self._request("GET", self._url / "status", urgent=urgent)
        _expect_success(answer)
        try:
            return BridgeStatus.parse(parse_object(answer.body))
        except ValueError as err:
            raise LoqedResponseError(answer.status) from err

    async def command(self, command: Command) -> None:
        """Send a command. The bridge says yes to everything; only the lock decides."""
        async with self._queue.turn(urgent=True):
            # Signed only now: the lock takes a command for 15 seconds.
            message = command_message(
                command,
                key_id=self._keys.key_id,
                timestamp=self._fresh_timestamp(),
                key=self._keys.key_secret,
            )
            answer = await self._send(
                "GET", (self._url / "to_lock").with_query(command_signed_base64=message)
            )
        _expect_success(answer)

    async def webhooks(self) -> tuple[Webhook, ...]:
        """List the registered webhooks."""

        def sign(timestamp: int) -> str:
            return list_hash(timestamp=timestamp, key=self._keys.bridge_key)

        answer = await self._signed("GET", self._url / "webhooks", sign)
        _expect_success(answer)
        try:
            entries = json.loads(answer.body)
            if not isinstance(entries, list):
                raise LoqedResponseError(answer.status)
            return tuple(Webhook.parse(entry) for entry in entries)
        except (ValueError, AttributeError) as err:
            raise LoqedResponseError(answer.status) from err

    async def create_webhook(self, url: str) -> None:
        """Register a webhook for all nine triggers.

        The bridge answers no id. It refuses an address it has already and one more than
        it can hold in the same way, LoqedBridgeFullError: list before you create.
        """
        flags = trigger_flags(ALL_TRIGGERS)

        def sign(timestamp: int) -> str:
            return create_hash(url, flags, timestamp=timestamp, key=self._keys.bridge_key)

        body: dict[str, str | int] = {"url": url, **dict.fromkeys(map(str, Trigger), 1)}
        answer = await self._signed("POST", self._url / "webhooks", sign, json=body)
        if answer.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            raise LoqedBridgeFullError("no more webhooks")
        _expect_success(answer)

    async def delete_webhook(self, webhook_id: int) -> None:
        """Remove a webhook; one that is gone already is no error."""

        def sign(timestamp: int) -> str:
            return delete_hash(webhook_id, timestamp=timestamp, key=self._keys.bridge_key)

        answer = await self._signed("DELETE", self._url / "webhooks" / str(webhook_id), sign)
        if answer.status != HTTPStatus.NOT_FOUND:
            _expect_success(answer)

    def _fresh_timestamp(self) -> int:
        """Return a second never signed before: equal bytes would look like a replay."""
        self._last_signed = max(int(self._now()), self._last_signed + 1)
        return self._last_signed

    async def _signed(
        self, method: str, url: URL, sign: Callable[[int], str], **arguments: Any
    ) -> Answer:
        async with self._queue.turn():
            timestamp = int(self._now())
            headers = {"TIMESTAMP": str(timestamp), "HASH": sign(timestamp)}
            answer = await self._send(method, url, headers=headers, **arguments)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise LoqedAuthError(None if answer.date is None else self._now() - answer.date)
        return answer

    async def _request(self, method: str, url: URL, *, urgent: bool) -> Answer:
        async with self._queue.turn(urgent=urgent):
            return await self._send(method, url)

    async def _send(
        self, method: str, url: URL, *, headers: dict[str, str] | None = None, **arguments: Any
    ) -> Answer:
        # The bridge has few connections; none is kept.
        return await request(
            self._session,
            method,
            url,
            seconds=BRIDGE_TIMEOUT,
            headers={"Connection": "close", **(headers or {})},
            **arguments,
        )


def _expect_success(answer: Answer) -> None:
    if answer.status != HTTPStatus.OK:
        raise LoqedResponseError(answer.status)
