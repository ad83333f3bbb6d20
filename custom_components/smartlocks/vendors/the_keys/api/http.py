"""One request, its errors translated: shared by the gateway and the cloud."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientHandlerType,
    ClientOSError,
    ClientRequest,
    ClientResponse,
    ClientResponseError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    InvalidURL,
    ServerDisconnectedError,
)
from yarl import URL

from .const import MAX_BODY
from .errors import TheKeysConnectionError, TheKeysResponseError


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A complete HTTP answer."""

    status: int
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether the HTTP status is one of success."""
        return self.status in range(200, 300)


async def request(
    session: ClientSession,
    method: str,
    url: URL,
    *,
    limit: ClientTimeout,
    headers: Mapping[str, str],
    data: Mapping[str, str] | None = None,
) -> Answer:
    """Send one request, once, and read its whole answer; `data` is sent as a form.

    Raises TheKeysConnectionError without a whole answer, TheKeysResponseError for what
    is no HTTP or too long to be theirs.
    """
    try:
        async with session.request(
            method,
            url,
            timeout=limit,
            headers=headers,
            data=data,
            allow_redirects=False,
            middlewares=(_once,),
        ) as response:
            return Answer(status=response.status, body=await _read(response))
    except (ClientConnectorError, ConnectionTimeoutError, InvalidURL) as err:
        raise TheKeysConnectionError(may_have_arrived=False) from err
    except ClientResponseError as err:
        raise TheKeysResponseError from err
    except (ClientError, TimeoutError) as err:
        raise TheKeysConnectionError(may_have_arrived=True) from err


async def _once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Keep aiohttp from sending a GET a second time when its connection is closed."""
    try:
        return await handler(request)
    except ClientConnectorError:
        raise
    except (ClientOSError, ServerDisconnectedError) as err:
        raise TheKeysConnectionError(may_have_arrived=True) from err


async def _read(response: ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(MAX_BODY):
        body += chunk
        if len(body) > MAX_BODY:
            raise TheKeysResponseError
    return bytes(body)
