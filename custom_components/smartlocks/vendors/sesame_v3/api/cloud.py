"""The cloud of one account, as a client sees it."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import quote

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    InvalidURL,
)
from yarl import URL

from .const import CONNECT_TIMEOUT, REQUEST_SPACING, TIMEOUT
from .errors import (
    BadParamsError,
    CloudConnectionError,
    NotAsDocumentedError,
    TaskUnknownError,
    UnauthorizedError,
)
from .models import Command, Lock, Status, Task, parse_locks, parse_task_id
from .once import once
from .reply import usable


class RequestQueue(Protocol):
    """A queue: one caller at a time, urgent ones first, a rest after each turn."""

    def turn(self, *, urgent: bool = ..., rest: float = ...) -> AbstractAsyncContextManager[None]:
        """Wait for the turn and hold it; `rest` is in seconds, counted from its end."""


class Cloud:
    """The vendor's API version 3, for SESAME and SESAME mini behind a Wi-Fi access point.

    Every method is one request, never repeated. All of an account's requests must pass
    the same `queue`: each holds it until it is answered and for `spacing` seconds
    more, so that not only their starts but also their arrivals are that far apart. What a
    request raises passes through it, and it may refuse a turn with an error of its own.
    """

    def __init__(
        self,
        session: ClientSession,
        base: URL,
        key: str,
        *,
        queue: RequestQueue,
        spacing: float = REQUEST_SPACING,
    ) -> None:
        self._session = session
        self._base = base
        self._key = key.strip()
        self._queue = queue
        self._spacing = spacing

    async def locks(self, *, urgent: bool = False) -> tuple[Lock, ...]:
        """Return the locks the account owns (GET /sesames); also how a key is checked."""
        return parse_locks(await self._request("GET", self._base / "sesames", urgent=urgent))

    async def status(self, device_id: str, *, urgent: bool = False) -> Status:
        """Return what the cloud last heard of a lock (GET /sesame/{device_id})."""
        return Status.parse(await self._request("GET", self._lock(device_id), urgent=urgent))

    async def command(self, device_id: str, command: Command, *, urgent: bool = True) -> str:
        """Order a lock to do something and return the task's id (POST /sesame/{device_id}).

        The task only means that the cloud took the order: ask `task` what became of it.
        After an error whose `may_have_arrived` is True the order must not be repeated.
        """
        return parse_task_id(
            await self._request(
                "POST", self._lock(device_id), urgent=urgent, json={"command": command.value}
            )
        )

    async def task(self, task_id: str) -> Task:
        """Return how far a task is (GET /action-result); raises no error for a failed one."""
        address = (self._base / "action-result").with_query(task_id=task_id)
        try:
            return Task.parse(await self._request("GET", address, urgent=True))
        except (BadParamsError, NotAsDocumentedError) as err:
            # A 2xx that is no result is nonsense; any refusal means that there is none.
            if err.status is not None and err.status >= HTTPStatus.BAD_REQUEST:
                raise TaskUnknownError(status=err.status, may_have_arrived=True) from err
            raise

    def _lock(self, device_id: str) -> URL:
        return (self._base / "sesame").joinpath(quote(device_id, safe=""), encoded=True)

    async def _request(
        self, method: str, address: URL, *, urgent: bool, json: Mapping[str, str] | None = None
    ) -> Any:
        if not (self._key.isascii() and self._key.isprintable()):
            # No header can carry it, so no key of the vendor looks like it.
            raise UnauthorizedError
        async with self._queue.turn(urgent=urgent, rest=self._spacing):
            # Within the turn, so that the queue sees what was answered before the next.
            return usable(*await self._send(method, address, json))

    async def _send(
        self, method: str, address: URL, json: Mapping[str, str] | None
    ) -> tuple[int, bytes]:
        try:
            async with self._session.request(
                method,
                address,
                json=json,
                headers={"Authorization": self._key},
                timeout=ClientTimeout(total=TIMEOUT, sock_connect=CONNECT_TIMEOUT),
                allow_redirects=False,
                middlewares=(once,),
            ) as response:
                return response.status, await response.read()
        except (ClientConnectorError, ConnectionTimeoutError, InvalidURL) as err:
            raise CloudConnectionError from err
        except (ClientError, TimeoutError) as err:
            raise CloudConnectionError(may_have_arrived=True) from err
