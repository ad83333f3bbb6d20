"""The Web API, as a client with one account's key sees it."""

from collections.abc import Callable, Mapping
from enum import IntEnum
from http import HTTPStatus
import time
from typing import Any

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    InvalidURL,
)
from yarl import URL

from .const import CONNECT_TIMEOUT, MAX_HISTORY_ENTRIES, TIMEOUT
from .errors import CloudConnectionError, ForbiddenError
from .history import HistoryEntry, parse_history
from .ids import parse_secret, parse_uuid
from .once import once
from .reply import check_accepted, decoded, refusal
from .signature import signature
from .status import Status
from .tag import encode_tag


class Command(IntEnum):
    """What a device can be ordered, by the vendor's numbers; `CLICK` is a Bot's press.

    The vendor's toggle is left out on purpose: sent to a lock whose state is not the one
    believed in, it opens the door that was to be locked.
    """

    LOCK = 82
    UNLOCK = 83
    CLICK = 89


class WebApi:
    """The vendor's Web API, for Sesame 3 and later, Bots and Bikes behind a hub.

    Every method is one request, never repeated. `count` is called right before each is
    sent: the vendor's quota does not ask how it ended. `uncount` takes one back that never
    left, because nobody was reached. `now` is the Unix time in seconds and must be right
    within a minute or so, or no signature holds.
    """

    def __init__(
        self,
        session: ClientSession,
        base: URL,
        key: str,
        *,
        count: Callable[[], None],
        uncount: Callable[[], None] = lambda: None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._base = base
        self._key = key.strip()
        self._count = count
        self._uncount = uncount
        self._now = now

    async def status(self, uuid: str) -> Status:
        """Return what the cloud last heard of a device (GET /{uuid}); needs no secret."""
        return Status.parse(decoded(await self._request("GET", self._device(uuid))))

    async def history(
        self, uuid: str, *, page: int = 0, entries: int = 10
    ) -> tuple[HistoryEntry, ...]:
        """Return a page of a device's history (GET /{uuid}/history), newest first.

        Pages count from 0 and hold at most 50 `entries`; needs no secret.
        """
        query = {"page": str(page), "lg": str(min(entries, MAX_HISTORY_ENTRIES))}
        address = (self._device(uuid) / "history").with_query(query)
        return parse_history(decoded(await self._request("GET", address)))

    async def command(self, uuid: str, secret: str, command: Command, tag: str) -> None:
        """Order a device to do something (POST /{uuid}/cmd); `tag` goes to its history.

        Returning means that the cloud took the order, never that anything moved: a wrong
        `secret` and a hub that is offline are silent. Read the status to know. After an
        error whose `may_have_arrived` is True the order must not be repeated.
        """
        address = self._device(uuid) / "cmd"
        key = bytes.fromhex(parse_secret(secret))
        order = {"cmd": command.value, "history": encode_tag(tag)}
        order["sign"] = signature(key, int(self._now()))
        check_accepted(await self._request("POST", address, order))

    def _device(self, uuid: str) -> URL:
        return self._base / parse_uuid(uuid)

    async def _request(
        self, method: str, address: URL, order: Mapping[str, Any] | None = None
    ) -> bytes:
        if not (self._key.isascii() and self._key.isprintable()):
            # No header can carry it, so no key of the vendor looks like it.
            raise ForbiddenError
        self._count()
        try:
            status, body = await self._send(method, address, order)
        except CloudConnectionError as err:
            if not err.may_have_arrived:
                self._uncount()
            raise
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise refusal(status)
        return body

    async def _send(
        self, method: str, address: URL, order: Mapping[str, Any] | None
    ) -> tuple[int, bytes]:
        try:
            async with self._session.request(
                method,
                address,
                json=order,
                headers={"x-api-key": self._key},
                timeout=ClientTimeout(total=TIMEOUT, sock_connect=CONNECT_TIMEOUT),
                allow_redirects=False,
                middlewares=(once,),
            ) as response:
                return response.status, await response.read()
        except (ClientConnectorError, ConnectionTimeoutError, InvalidURL) as err:
            raise CloudConnectionError from err
        except (ClientError, TimeoutError) as err:
            raise CloudConnectionError(may_have_arrived=True) from err
