"""The one HTTP client. Knows no vendor and nothing of Home Assistant.

Every request is sent once: not repeated by the library, not redirected, without cookies.
A vendor's `api` translates the few exceptions below into its own.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from json import JSONDecoder, detect_encoding
import re
from typing import Any, Final, NoReturn, Protocol

from aiohttp import (
    ClientConnectionError,
    ClientConnectorError,
    ClientError,
    ClientHandlerType,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    InvalidURL,
    NonHttpUrlClientError,
    TCPConnector,
)
from aiohttp.abc import AbstractResolver
from aiohttp.hdrs import COOKIE
from yarl import URL

# The answers of locks, bridges and clouds are a few kilobytes; lists of webhooks are longest.
MAX_BODY: Final = 256 * 1024
MAX_DEPTH: Final = 20
_LONGEST_INTEGER: Final = 300

# A string that does not end is matched to the end of the text: nothing is looked at twice.
_NESTING: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


class RequestQueue(Protocol):
    """A queue in front of a device or a cloud: one at a time, urgent ones first, then a rest."""

    def turn(self, *, urgent: bool = False, rest: float = 0.0) -> AbstractAsyncContextManager[None]:
        """Wait for the turn and hold it; `rest` is in seconds, counted from its end."""


def do_nothing() -> None:
    """Do nothing: nobody asked to be told when a request is sent."""


class HttpError(Exception):
    """A request without a usable response.

    `may_have_arrived` tells whether the other side may have received the request: what
    moves a lock must then not be sent again. The text names no address and no content.
    """

    may_have_arrived = True


class NotConnectedError(HttpError):
    """No connection was made, so nothing was received by anybody."""

    may_have_arrived = False


class NoResponseError(HttpError):
    """The connection was made, but no whole response came in time."""


class ConnectionLostError(NoResponseError):
    """The other side closed the connection before it responded."""


class ResponseError(HttpError):
    """The response is too large, incomplete, not decodable, or not the JSON it should be."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """A complete HTTP response; `date` is the sender's clock in unix seconds, if it said."""

    status: int
    body: bytes = field(repr=False)
    date: float | None = None

    @property
    def is_success(self) -> bool:
        """Whether the status is one of success (2xx)."""
        return HTTPStatus(200) <= self.status < HTTPStatus(300)

    @property
    def is_redirect(self) -> bool:
        """Whether the response only points elsewhere (3xx)."""
        return HTTPStatus(300) <= self.status < HTTPStatus(400)

    def json(self) -> Any:
        """Return the body as JSON, whatever its content type says; ResponseError otherwise."""
        try:
            return parse_json(self.body)
        except ValueError as err:
            raise ResponseError("not JSON") from err


def parse_json(raw: bytes | str) -> Any:
    """Return what JSON text holds; ValueError when it is none, or nested too deeply.

    NaN and infinity are refused. A number that is too large to be finite is infinite: who
    reads the field sees to that, and the other fields stand.
    """
    if isinstance(raw, str):
        text, encoded = raw, raw.encode(errors="surrogatepass")
    else:
        text, encoded = raw.decode(detect_encoding(raw), "surrogatepass"), raw
    if encoded.count(b"[") + encoded.count(b"{") > MAX_DEPTH:
        _check_depth(encoded)
    try:
        return _JSON.decode(text)
    except RecursionError as err:
        # Odd text can hide its brackets from the count.
        raise ValueError("nested too deeply") from err


def _check_depth(text: bytes) -> None:
    """Raise ValueError if JSON text is nested too deeply; what is in strings does not count."""
    depth = 0
    for token in _NESTING.finditer(text):
        bracket = token[0]
        if bracket in (b"[", b"{"):
            depth += 1
            if depth > MAX_DEPTH:
                raise ValueError("nested too deeply")
        elif bracket in (b"]", b"}"):
            depth -= 1


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _integer(digits: str) -> int | float:
    """Return a whole number; Python refuses to convert very long ones exactly."""
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


_JSON: Final = JSONDecoder(parse_constant=_refuse_constant, parse_int=_integer)


async def request(
    session: ClientSession,
    method: str,
    url: URL,
    *,
    timeout: float,  # noqa: ASYNC109 - of the request, which aiohttp keeps
    connect_timeout: float,
    headers: Mapping[str, str] | None = None,
    json: Any = None,
    data: Mapping[str, str] | None = None,
) -> Response:
    """Send one request, once, and return its whole response.

    `timeout` is in seconds for everything, `connect_timeout` for making the connection.
    `json` is sent as JSON, `data` as a form. Raises NotConnectedError, NoResponseError,
    ConnectionLostError or ResponseError.
    """
    if session.closed:
        raise NotConnectedError("session closed")
    try:
        async with session.request(
            method,
            url,
            headers={"Accept-Encoding": "identity", **(headers or {})},
            json=json,
            data=data,
            timeout=ClientTimeout(
                total=timeout, connect=connect_timeout, sock_connect=connect_timeout
            ),
            allow_redirects=False,
            middlewares=(_once,),
        ) as response:
            return Response(
                status=response.status,
                body=await _read(response),
                date=_unix_seconds(response.headers.get("Date")),
            )
    except (InvalidURL, NonHttpUrlClientError) as err:
        raise NotConnectedError("not a valid address") from err
    except ClientConnectionError as err:
        raise ConnectionLostError("connection lost") from err
    except TimeoutError as err:
        raise NoResponseError("no response in time") from err
    except (ClientError, ValueError) as err:
        raise ResponseError("not a usable response") from err


async def _once(sent: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Keep aiohttp from repeating a request whose connection was lost, and from cookies.

    It repeats a GET by itself, and a GET is what a command to some locks is. It does not
    recognise an error of ours. The session may be shared, with cookies of its own.
    """
    sent.headers.popall(COOKIE, None)
    try:
        return await handler(sent)
    except (ClientConnectorError, ConnectionTimeoutError) as err:
        raise NotConnectedError("no connection") from err
    except TimeoutError as err:
        raise NoResponseError("no response in time") from err
    except ClientConnectionError as err:
        raise ConnectionLostError("connection lost") from err


async def _read(response: ClientResponse) -> bytes:
    """Return the decoded body; ResponseError as soon as it is larger than any of theirs."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(16 * 1024):
        body += chunk
        if len(body) > MAX_BODY:
            raise ResponseError("response too large")
    return bytes(body)


def _unix_seconds(header: str | None) -> float | None:
    if not header:
        return None
    try:
        moment = parsedate_to_datetime(header)
    except ValueError, OverflowError:
        return None
    # A date without a zone is in UTC, as all dates of HTTP are.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def one_connection_per_request(resolver: AbstractResolver | None = None) -> ClientSession:
    """Return a session that uses no connection twice; whoever makes it closes it.

    Small devices close connections late and without saying so, and a request on a
    connection that is about to close is lost. A `Connection: close` header alone does not
    keep aiohttp from using the connection again.
    """
    return ClientSession(
        connector=TCPConnector(force_close=True, resolver=resolver), cookie_jar=DummyCookieJar()
    )
