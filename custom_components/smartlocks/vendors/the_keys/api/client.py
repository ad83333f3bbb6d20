"""The gateway in the local network: a small device that does one thing at a time."""

from collections.abc import Callable, Mapping

from aiohttp import ClientSession
from yarl import URL

from ....http import (
    ConnectionLostError,
    NoResponseError,
    NotConnectedError,
    RequestQueue,
    Response,
    ResponseError,
    do_nothing,
    request,
)
from .const import (
    ACTION_TIMEOUT,
    CONNECT_TIMEOUT,
    SIGNED_READ_TIMEOUT,
    SIGNED_REST,
    SYNCHRONIZE_REST,
    UNSIGNED_REST,
    UNSIGNED_TIMEOUT,
)
from .crypto import sign
from .exceptions import (
    TheKeysConnectionError,
    TheKeysConnectionLostError,
    TheKeysResponseError,
)
from .models import GatewayStatus, Locker, LockerStatus
from .parsing import (
    Fields,
    check_done,
    parse_gateway_status,
    parse_locker_status,
    parse_lockers,
    parse_reply,
)
from .timestamps import TimestampCounter

# The gateway does not cope with connections that stay open.
_HEADERS = {"Connection": "close"}


class Gateway:
    """Client of one gateway.

    Every method waits for its turn, sends exactly one request and reads its reply.
    Nothing is sent again here: errors tell what the caller may do. All raise
    TheKeysConnectionError, TheKeysResponseError or a TheKeysGatewayError.

    A lock is named by its `identifier` in the local network; `code` is the share code
    between that lock and this gateway. Commands and `urgent` reads go before others.
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
        self.timestamps = timestamps
        self._session = session
        self._url = url
        self._queue = queue

    async def lockers(self, *, urgent: bool = False) -> tuple[Locker, ...]:
        """Return the locks the gateway sees; needs no code and costs no battery."""
        async with self._queue.turn(urgent=urgent, rest=UNSIGNED_REST):
            return parse_lockers(await self._request("GET", "lockers", UNSIGNED_TIMEOUT))

    async def status(self, *, urgent: bool = False) -> GatewayStatus | None:
        """Return firmware and occupation of the gateway.

        None where it does not tell: firmware below 17 does not have this page.
        """
        async with self._queue.turn(urgent=urgent, rest=UNSIGNED_REST):
            try:
                return parse_gateway_status(await self._request("GET", "status", UNSIGNED_TIMEOUT))
            except TheKeysResponseError:
                return None

    async def synchronize(self, *, on_send: Callable[[], None] = do_nothing) -> None:
        """Make the gateway fetch its shares from the cloud, and set its clock.

        `on_send` is called once, immediately before the request is sent; if it raises,
        nothing is, and its exception is passed on.
        """
        async with self._queue.turn(urgent=True, rest=SYNCHRONIZE_REST):
            on_send()
            check_done(await self._request("GET", "synchronize", UNSIGNED_TIMEOUT))

    async def synchronize_locker(
        self, identifier: int, *, on_send: Callable[[], None] = do_nothing
    ) -> None:
        """Make the gateway bring its shares to a lock by radio; an empty reply raises as well.

        `on_send` as in `synchronize`.
        """
        data = {"identifier": str(identifier)}
        async with self._queue.turn(urgent=True, rest=SYNCHRONIZE_REST):
            on_send()
            check_done(
                await self._request(
                    "POST", "locker/synchronize", ACTION_TIMEOUT, data, identifier=identifier
                )
            )

    async def locker_status(
        self,
        identifier: int,
        code: str,
        *,
        urgent: bool = False,
        on_send: Callable[[], None] = do_nothing,
    ) -> LockerStatus:
        """Ask a lock for its status; takes seconds and some of its battery.

        `on_send` as in `open`: what is replied is true after that moment.
        """
        async with self._queue.turn(urgent=urgent, rest=SIGNED_REST):
            return parse_locker_status(
                await self._signed("locker_status", identifier, code, SIGNED_READ_TIMEOUT, on_send)
            )

    async def open(
        self, identifier: int, code: str, *, on_send: Callable[[], None] = do_nothing
    ) -> None:
        """Unlock a lock.

        `on_send` is called once, immediately before the command is signed and sent; if
        it raises, nothing is, and its exception is passed on.
        """
        await self._command("open", identifier, code, on_send)

    async def close(
        self, identifier: int, code: str, *, on_send: Callable[[], None] = do_nothing
    ) -> None:
        """Lock a lock; `on_send` as in `open`."""
        await self._command("close", identifier, code, on_send)

    async def calibrate(
        self, identifier: int, code: str, *, on_send: Callable[[], None] = do_nothing
    ) -> None:
        """Make a lock find its end positions anew: it turns; `on_send` as in `open`.

        Seen in the field only, not on the vendor's page.
        """
        await self._command("calibrate", identifier, code, on_send)

    async def _command(
        self, path: str, identifier: int, code: str, on_send: Callable[[], None]
    ) -> None:
        async with self._queue.turn(urgent=True, rest=SIGNED_REST):
            check_done(await self._signed(path, identifier, code, ACTION_TIMEOUT, on_send))

    async def _signed(
        self, path: str, identifier: int, code: str, limit: float, on_send: Callable[[], None]
    ) -> Fields:
        # Within the turn, so that timestamps arrive in the order they were made.
        timestamp = await self.timestamps.next()
        on_send()
        data = {
            "identifier": str(identifier),
            "ts": str(timestamp),
            "hash": sign(code, timestamp),
        }
        return await self._request("POST", path, limit, data, identifier=identifier)

    async def _request(
        self,
        method: str,
        path: str,
        limit: float,
        data: Mapping[str, str] | None = None,
        *,
        identifier: int | None = None,
    ) -> Fields:
        """Return a reply that reports no error; `identifier` is the lock it must be about."""
        response = await self._send(method, path, limit, data)
        fields = parse_reply(response.body, identifier)
        if not response.is_success:
            raise TheKeysResponseError
        return fields

    async def _send(
        self, method: str, path: str, limit: float, data: Mapping[str, str] | None
    ) -> Response:
        try:
            return await request(
                self._session,
                method,
                self._url / path,
                timeout=limit,
                connect_timeout=CONNECT_TIMEOUT,
                headers=_HEADERS,
                data=data,
            )
        # Without their causes, which name the address.
        except NotConnectedError:
            raise TheKeysConnectionError(may_have_arrived=False) from None
        except ConnectionLostError:
            raise TheKeysConnectionLostError from None
        except NoResponseError:
            raise TheKeysConnectionError(may_have_arrived=True) from None
        except ResponseError:
            raise TheKeysResponseError from None
