"""The client of the Web API with one account's key."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from enum import IntEnum
from http import HTTPStatus
import time
from typing import Any, Final

from aiohttp import ClientSession
from yarl import URL

from ....http import HttpError, Response, ResponseError, do_nothing, request
from .const import CONNECT_TIMEOUT, MAX_HISTORY_ENTRIES, MAX_TAG_BYTES, TIMEOUT
from .crypto import signature
from .exceptions import (
    CloudConnectionError,
    ForbiddenError,
    NeverOnlineError,
    NotAcceptedError,
    NotAsDocumentedError,
    QuotaError,
    ServerError,
    SesameWebError,
)
from .history import HistoryEntry, parse_history
from .models import Status, integer, parse_secret, parse_uuid

# Codes, of the HTTP response or in its body, that mean that nothing was done.
_REFUSALS: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)


class Command(IntEnum):
    """What a device can be told, by the vendor's numbers; `CLICK` is a Bot's press.

    The vendor's toggle is left out on purpose: sent to a lock that is not in the state it
    is shown in, it opens the door that was to be locked.
    """

    LOCK = 82
    UNLOCK = 83
    CLICK = 89


class WebApi:
    """Reads and commands devices; after the vendor's API_document, SesameOS3/webapi.

    `base` is the address with its path. Every method is one request, never repeated.
    `on_call` is called right before each is sent: the vendor's quota counts it however it
    ends. `on_not_sent` is called after that if no connection was made, so that nothing
    was counted. `now` is the Unix time in seconds and must be right within a minute or
    so, or no signature holds.
    """

    def __init__(
        self,
        session: ClientSession,
        base: URL,
        key: str,
        *,
        on_call: Callable[[], None],
        on_not_sent: Callable[[], None] = do_nothing,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._base = base
        self._key = key.strip()
        self._on_call = on_call
        self._on_not_sent = on_not_sent
        self._now = now

    async def status(self, uuid: str) -> Status:
        """Return what the cloud last heard of a device (GET /{uuid}); needs no secret."""
        return Status.parse(_json(await self._get(self._device_url(uuid))))

    async def history(
        self, uuid: str, *, page: int = 0, entries: int = 10
    ) -> tuple[HistoryEntry, ...]:
        """Return a page of a device's history (GET /{uuid}/history), newest first.

        Pages count from 0 and hold at most 50 `entries`; needs no secret.
        """
        query = {"page": str(page), "lg": str(min(entries, MAX_HISTORY_ENTRIES))}
        url = (self._device_url(uuid) / "history").with_query(query)
        return parse_history(_json(await self._get(url)))

    async def command(
        self,
        uuid: str,
        secret: str,
        command: Command,
        tag: str,
        *,
        on_send: Callable[[], None] = do_nothing,
    ) -> None:
        """Send a command (POST /{uuid}/cmd); `tag` is written into the device's history.

        Returning means that the cloud accepted it, never that anything moved: a wrong
        `secret` and a hub that is offline look the same. Read the status to know. After an
        error whose `may_have_arrived` is True the command must not be sent again.

        `on_send` is called once, before the command is signed and sent. If it raises,
        nothing is signed or sent, and its exception is raised here.
        """
        url = self._device_url(uuid) / "cmd"
        key = bytes.fromhex(parse_secret(secret))
        headers = self._headers()
        on_send()
        body = {
            "cmd": command.value,
            "history": _encode_tag(tag),
            "sign": signature(key, int(self._now())),
        }
        _check_accepted(await self._send("POST", url, headers, body))

    def _device_url(self, uuid: str) -> URL:
        return self._base / parse_uuid(uuid)

    def _headers(self) -> dict[str, str]:
        # What no header can carry is no key of the vendor's.
        if not (self._key and self._key.isascii() and self._key.isprintable()):
            raise ForbiddenError
        return {"x-api-key": self._key}

    async def _get(self, url: URL) -> Response:
        return await self._send("GET", url, self._headers())

    async def _send(
        self,
        method: str,
        url: URL,
        headers: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
    ) -> Response:
        """Send a request and return the response if it is one of success."""
        self._on_call()
        try:
            response = await request(
                self._session,
                method,
                url,
                timeout=TIMEOUT,
                connect_timeout=CONNECT_TIMEOUT,
                headers=headers,
                json=body,
            )
        except ResponseError as err:
            raise NotAsDocumentedError from err
        except HttpError as err:
            if not err.may_have_arrived:
                self._on_not_sent()
            raise CloudConnectionError(may_have_arrived=err.may_have_arrived) from err
        if not response.is_success:
            raise _error_of_status(response.status)
        return response


def _error_of_status(status: int) -> SesameWebError:
    """Return the error that an HTTP status outside 2xx means; the body tells nothing more."""
    match status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return ForbiddenError(status=status)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return QuotaError(status=status)
        case HTTPStatus.INTERNAL_SERVER_ERROR:
            return NeverOnlineError(status=status)
    if status > HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServerError(status=status)
    if status >= HTTPStatus.BAD_REQUEST:
        return NotAcceptedError(
            code=status, status=status, may_have_arrived=status not in _REFUSALS
        )
    return NotAsDocumentedError(status=status)


def _json(response: Response) -> Any:
    try:
        return response.json()
    except ResponseError as err:
        raise NotAsDocumentedError from err


def _check_accepted(response: Response) -> None:
    """Check the body of a success: `{"statusCode": 200}`, or nothing at all.

    Raises NotAcceptedError for another `statusCode`, NotAsDocumentedError for a body that
    tells neither.
    """
    data = _json(response) if response.body.strip() else {}
    code = integer(data.get("statusCode", 200)) if isinstance(data, dict) else None
    if code is None:
        raise NotAsDocumentedError
    if code != HTTPStatus.OK:
        raise NotAcceptedError(code=code, may_have_arrived=code not in _REFUSALS)


def _encode_tag(text: str) -> str:
    """Return a tag as the cloud wants it: base64 of UTF-8, cut to 21 bytes."""
    cut = text.encode(errors="replace")[:MAX_TAG_BYTES]
    # Cutting may have split a character: what is left of it goes too.
    return b64encode(cut.decode(errors="ignore").encode()).decode()
