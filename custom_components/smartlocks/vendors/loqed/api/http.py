"""One request, its errors translated: shared by the bridge and the cloud."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

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
    InvalidURL,
)
from yarl import URL

from .const import MAX_BODY
from .errors import LoqedConnectionError


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A complete HTTP answer; `date` is the sender's clock in unix seconds, if it said."""

    status: int
    body: bytes
    date: float | None

    @property
    def is_redirect(self) -> bool:
        """Whether the answer only points elsewhere."""
        return self.status // 100 == 3  # noqa: PLR2004 - HTTP's classes


async def request(
    session: ClientSession,
    method: str,
    url: URL,
    *,
    seconds: float,
    headers: Mapping[str, str] | None = None,
    **arguments: Any,
) -> Answer:
    """Send one request, once, and read its whole answer; LoqedConnectionError otherwise."""
    try:
        async with session.request(
            method,
            url,
            headers=headers,
            timeout=ClientTimeout(total=seconds),
            allow_redirects=False,
            middlewares=(_once,),
            **arguments,
        ) as response:
            body = await response.content.read(MAX_BODY)
            while chunk := await response.content.read(MAX_BODY):
                body = (body + chunk)[:MAX_BODY]
            return Answer(
                status=response.status, body=body, date=_date(response.headers.get("Date"))
            )
    except (ClientConnectorError, ConnectionTimeoutError, InvalidURL) as err:
        raise LoqedConnectionError(may_have_arrived=False) from err
    except (ClientError, TimeoutError) as err:
        raise LoqedConnectionError(may_have_arrived=True) from err


async def _once(sent: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Keep aiohttp from repeating a request whose connection was lost.

    It does so by itself for a GET, and a GET is what a command to a lock is. An error
    of our own passes it by.
    """
    try:
        return await handler(sent)
    except (ClientConnectorError, ConnectionTimeoutError) as err:
        raise LoqedConnectionError(may_have_arrived=False) from err
    except ClientConnectionError as err:
        raise LoqedConnectionError(may_have_arrived=True) from err


def _date(header: str | None) -> float | None:
    try:
        return parsedate_to_datetime(header).timestamp() if header else None
    except ValueError:
        return None
