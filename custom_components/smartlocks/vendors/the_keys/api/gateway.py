"""The Keys gateway in the local network: a small device that does one thing at a time."""

from collections.abc import Mapping

from aiohttp import ClientSession, ClientTimeout
from yarl import URL

from .const import SIGNED_REST, SIGNED_TIMEOUT, UNSIGNED_REST, UNSIGNED_TIMEOUT
from .errors import TheKeysResponseError
from .fields import Fields
from .http import request
from .models import GatewayStatus, Locker, LockerStatus
from .replies import check_done, parse, parse_gateway_status, parse_locker_status, parse_lockers
from .request_queue import RequestQueue
from .signature import sign
from .timestamps import TimestampCounter

# The gateway does not cope with connections that stay open.
_HEADERS = {"Connection": "close"}


class Gateway:
    """Client of one gateway.

    Every method waits for its turn, sends exactly one request and understands its reply.
    Nothing is ever sent again here: errors tell what the caller may do. All raise
    TheKeysConnectionError, TheKeysResponseError or a TheKeysGatewayError.

    A lock is named by its `identifier` in the local network; `code` is the share code
    between that lock and this gateway. What a person may wait for goes first.
    """

    def __init__(
        self,
        session: ClientSession,
        url: URL,
        *,
        queue: RequestQueue,
        timestamps: TimestampCounter,
    ) -> None:
        """Talk to the gateway at `url`; queue and counter are the gateway's only ones."""
        self._session = session
        self._url = url
        self._queue = queue
        self._timestamps = timestamps

    async def lockers(self) -> tuple[Locker, ...]:
        """Return the locks the gateway sees; needs no code and costs no battery."""
        return parse_lockers(await self._unsigned("GET", "lockers"))

    async def status(self) -> GatewayStatus:
        """Return firmware and occupation of the gateway; firmware 17 and later tell it."""
        return parse_gateway_status(await self._unsigned("GET", "status"))

    async def synchronize(self) -> None:
        """Make the gateway fetch its shares from the cloud, and set its clock."""
        check_done(await self._unsigned("GET", "synchronize", urgent=True))

    async def synchronize_locker(self, identifier: int) -> None:
        """Make the gateway bring its shares to a lock; an empty reply raises as well."""
        data = {"identifier": str(identifier)}
        check_done(await self._unsigned("POST", "locker/synchronize", data, urgent=True))

    async def locker_status(
        self, identifier: int, code: str, *, urgent: bool = False
    ) -> LockerStatus:
        """Ask a lock for its status; takes seconds and some of its battery."""
        fields = await self._signed("locker_status", identifier, code, urgent=urgent)
        return parse_locker_status(fields)

    async def open(self, identifier: int, code: str) -> None:
        """Unlock a lock."""
        check_done(await self._signed("open", identifier, code, urgent=True))

    async def close(self, identifier: int, code: str) -> None:
        """Lock a lock."""
        check_done(await self._signed("close", identifier, code, urgent=True))

    async def calibrate(self, identifier: int, code: str) -> None:
        """Make a lock find its end positions anew: it turns. Seen in the field only."""
        check_done(await self._signed("calibrate", identifier, code, urgent=True))

    async def _signed(self, path: str, identifier: int, code: str, *, urgent: bool) -> Fields:
        async with self._queue.turn(urgent=urgent, rest=SIGNED_REST):
            # Within the turn, so that timestamps arrive in the order they were made.
            timestamp = await self._timestamps.next()
            data = {
                "identifier": str(identifier),
                "ts": str(timestamp),
                "hash": sign(code, timestamp),
            }
            return await self._request("POST", path, SIGNED_TIMEOUT, data)

    async def _unsigned(
        self,
        method: str,
        path: str,
        data: Mapping[str, str] | None = None,
        *,
        urgent: bool = False,
    ) -> Fields:
        async with self._queue.turn(urgent=urgent, rest=UNSIGNED_REST):
            return await self._request(method, path, UNSIGNED_TIMEOUT, data)

    async def _request(
        self,
        method: str,
        path: str,
        limit: ClientTimeout,
        data: Mapping[str, str] | None,
    ) -> Fields:
        answer = await request(
            self._session, method, self._url / path, limit=limit, headers=_HEADERS, data=data
        )
        fields = parse(answer.body)
        if not answer.is_success:
            raise TheKeysResponseError
        return fields
