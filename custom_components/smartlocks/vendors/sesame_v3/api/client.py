"""The client of one account."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from aiohttp import ClientSession
from yarl import URL

from ....http import HttpError, RequestQueue, Response, ResponseError, do_nothing, request
from .const import COMMAND_TIMEOUT, CONNECT_TIMEOUT, READ_TIMEOUT, REQUEST_SPACING
from .exceptions import (
    BadParamsError,
    BlockedError,
    CloudConnectionError,
    ServerError,
    SesameV3Error,
    TaskUnknownError,
    ThrottledError,
    UnauthorizedError,
    UnexpectedResponseError,
    named_error,
)
from .models import Command, Lock, Status, Task, parse_locks, parse_task_id

_BY_STATUS: Final[dict[int, type[SesameV3Error]]] = {
    401: UnauthorizedError,
    403: BlockedError,
    429: ThrottledError,
}


class Cloud:
    """The vendor's API version 3, for SESAME and SESAME mini behind a Wi-Fi access point.

    Every method is one request, never repeated. All requests must pass the same `queue`:
    each holds it until its response is there and for `spacing` seconds more, so that not
    only their starts but also their arrivals are that far apart. What a request raises
    passes through the queue, and the queue may refuse a turn with an error of its own.
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
        """Return the locks that the account owns (GET /sesames); also how a key is checked."""
        return parse_locks(await self._read(self._base / "sesames", urgent=urgent))

    async def status(
        self,
        device_id: str,
        *,
        urgent: bool = False,
        on_send: Callable[[], None] = do_nothing,
    ) -> Status:
        """Return what the cloud last heard of a lock (GET /sesame/{device_id}).

        `on_send` is called when the turn has come, right before the request is sent.
        """
        data = await self._read(self._lock(device_id), urgent=urgent, on_send=on_send)
        return Status.parse(data)

    async def task(self, task_id: str) -> Task:
        """Return how far a task is (GET /action-result); raises no error for a failed one."""
        url = (self._base / "action-result").with_query(task_id=task_id)
        try:
            return Task.parse(await self._read(url, urgent=True))
        except (BadParamsError, UnexpectedResponseError) as err:
            # Any refusal means that there is no such task; a 2xx that is no result does not.
            if err.status is not None and err.status >= HTTPStatus.BAD_REQUEST:
                raise TaskUnknownError(status=err.status) from err
            raise

    async def command(
        self,
        device_id: str,
        command: Command,
        *,
        urgent: bool = True,
        on_send: Callable[[], None] = do_nothing,
    ) -> str:
        """Send a command to a lock and return the task's id (POST /sesame/{device_id}).

        `on_send` is called once, when the turn has come and right before the command is
        sent; if it raises, nothing is sent. The task only means that the cloud accepted
        the command: ask `task` what became of it. After an error whose `may_have_arrived`
        is True the command must not be repeated.
        """
        self._check_key()
        async with self._queue.turn(urgent=urgent, rest=self._spacing):
            on_send()
            data = await self._send(
                "POST",
                self._lock(device_id),
                timeout=COMMAND_TIMEOUT,
                json={"command": command.value},
            )
        return parse_task_id(data)

    async def _read(
        self, url: URL, *, urgent: bool, on_send: Callable[[], None] = do_nothing
    ) -> Any:
        self._check_key()
        async with self._queue.turn(urgent=urgent, rest=self._spacing):
            on_send()
            return await self._send("GET", url, timeout=READ_TIMEOUT)

    def _lock(self, device_id: str) -> URL:
        return (self._base / "sesame").joinpath(quote(device_id, safe=""), encoded=True)

    def _check_key(self) -> None:
        """Raise UnauthorizedError for a key that no header can hold."""
        if not (self._key and self._key.isascii() and self._key.isprintable()):
            raise UnauthorizedError(may_have_arrived=False)

    async def _send(
        self,
        method: str,
        url: URL,
        *,
        timeout: float,  # noqa: ASYNC109 - of the request, which aiohttp keeps
        json: Mapping[str, str] | None = None,
    ) -> Any:
        """Send a request and return the JSON of its response.

        Called within the turn, so that the queue sees a refusal before it lets the next in.
        """
        try:
            response = await request(
                self._session,
                method,
                url,
                timeout=timeout,
                connect_timeout=CONNECT_TIMEOUT,
                headers={"Authorization": self._key},
                json=json,
            )
        except ResponseError as err:
            raise UnexpectedResponseError from err
        except HttpError as err:
            raise CloudConnectionError(may_have_arrived=err.may_have_arrived) from err
        return _content(response)


def _content(response: Response) -> Any:
    """Return a response's JSON, or raise the error that the response stands for.

    `{"error": name}` is an error even where the status claims success. A task's result may
    hold one beside its own status: that is for `Task` to read.
    """
    try:
        data = response.json()
    except ResponseError:
        data = None
        is_readable = False
    else:
        is_readable = True
    is_error = isinstance(data, dict) and bool(data.get("error")) and "status" not in data
    if response.is_success and is_readable and not is_error:
        return data
    raise _error(response.status, data.get("error") if isinstance(data, dict) else None)


def _error(status: int, name: Any) -> SesameV3Error:
    """Return the error that a status and a name stand for.

    Only a refusal (4xx) that is documented or found nothing rules out that the request
    was acted on.
    """
    if kind := _BY_STATUS.get(status):
        return kind(status=status, may_have_arrived=False)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServerError(status=status)
    if error := named_error(name, status=status, may_have_arrived=status < HTTPStatus.BAD_REQUEST):
        return error
    is_missing = status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE)
    return UnexpectedResponseError(status=status, may_have_arrived=not is_missing)
