"""The Keys' cloud, needed once: to find an account's locks and their share codes."""

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from aiohttp import ClientSession
from yarl import URL

from .account import (
    Account,
    CloudGateway,
    CloudLock,
    Share,
    parse_account,
    parse_address,
    parse_shares,
)
from .const import CLOUD_TIMEOUT
from .errors import (
    TheKeysCloudError,
    TheKeysCloudRefusedError,
    TheKeysCloudResponseError,
    TheKeysCloudUnreachableError,
    TheKeysConnectionError,
    TheKeysResponseError,
)
from .fields import Fields, integer, parse_object, text
from .http import Answer, request

_REFUSED = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_LATER = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


class Cloud:
    """Client of the cloud, for the time of one set-up; log in first.

    All methods raise TheKeysCloudRefusedError, TheKeysCloudUnreachableError or
    TheKeysCloudResponseError. Calls and fields are those seen in the field; only the
    making of a share is on the vendor's gateway page.
    """

    def __init__(self, session: ClientSession, url: URL) -> None:
        """Talk to the cloud at `url`."""
        self._session = session
        self._url = url
        self._phone = ""
        self._token: str | None = None

    async def login(self, phone: str, password: str) -> None:
        """Log in with the phone number (`+33…`); the token lives in this object only."""
        form = {"_username": phone, "_password": password}
        fields = await self._request("POST", "api/login_check", data=form)
        # Clients in the field take the one or the other.
        token = text(fields.get("access_token")) or text(fields.get("token"))
        if token is None:
            raise TheKeysCloudResponseError("no token in the cloud's answer")
        self._phone, self._token = phone, token

    async def locks_and_gateways(self) -> Account:
        """Return the account's locks and gateways, these with their address if it is known."""
        user = await self._data("GET", f"utilisateur/get/{quote(self._phone, safe='')}")
        if "serrures" not in user:
            raise TheKeysCloudResponseError("no locks in the cloud's answer")
        account = parse_account(user)
        gateways = [await self._with_address(gateway) for gateway in account.gateways]
        return replace(account, gateways=tuple(gateways))

    async def shares(self, lock: CloudLock) -> tuple[Share, ...]:
        """Return the shares that accessories have in a lock, whoever made them."""
        return parse_shares(await self._data("GET", f"partage/all/serrure/{lock.id}"))

    async def find_or_create_share(self, lock: CloudLock, gateway: CloudGateway, name: str) -> str:
        """Return the code of the share of that name between lock and gateway.

        One that is active and permanent is taken as it is; without one, it is made.
        Shares of other names belong to others and stay untouched.
        """
        for share in await self.shares(lock):
            if (share.name, share.gateway_id) == (name, gateway.id) and (
                share.is_active and share.is_permanent
            ):
                return share.code
        return await self._create_share(lock, gateway, name)

    async def _create_share(self, lock: CloudLock, gateway: CloudGateway, name: str) -> str:
        path = f"partage/create/{lock.id}/accessoire/{quote(gateway.accessory_id, safe='')}"
        form = {"partage_accessoire[nom]": name, "partage_accessoire[description]": ""}
        code = text((await self._data("POST", path, data=form)).get("code"))
        if code is None:
            raise TheKeysCloudResponseError("no code in the cloud's answer")
        return code

    async def _with_address(self, gateway: CloudGateway) -> CloudGateway:
        try:
            accessory = await self._data("GET", f"accessoire/get/{gateway.id}")
        except TheKeysCloudError:
            # The address only saves typing: no reason to fail without it.
            return gateway
        return replace(gateway, ip=parse_address(accessory) or gateway.ip)

    async def _data(self, method: str, path: str, **arguments: Any) -> Fields:
        """Return the `data` object within the cloud's envelope."""
        if self._token is None:
            raise TheKeysCloudRefusedError("not logged in")
        headers = {"Authorization": f"Bearer {self._token}"}
        fields = await self._request(method, f"fr/api/v2/{path}", headers=headers, **arguments)
        match fields.get("data"):
            case dict() as data:
                return data
            case []:
                # An empty object, as the cloud's language spells it.
                return {}
            case _:
                raise TheKeysCloudResponseError("the cloud does not know it")

    async def _request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
    ) -> Fields:
        try:
            answer = await request(
                self._session,
                method,
                self._url.joinpath(path, encoded=True),
                limit=CLOUD_TIMEOUT,
                headers={"Accept": "application/json", **(headers or {})},
                data=data,
            )
        # Without their causes: those may name the address, which holds the phone number.
        except TheKeysConnectionError:
            raise TheKeysCloudUnreachableError("no reply from the cloud") from None
        except TheKeysResponseError:
            raise TheKeysCloudResponseError("no HTTP from the cloud") from None
        return _fields(answer)


def _fields(answer: Answer) -> Fields:
    """Return the object in an answer that reports no error."""
    _check(answer.status)
    try:
        fields = parse_object(answer.body)
    except ValueError:
        # Without its cause: that keeps the body, which may hold a token or a code.
        raise TheKeysCloudResponseError("the cloud's answer is not understood") from None
    _check(integer(fields.get("status")) or answer.status)
    if text(fields.get("error")):
        raise TheKeysCloudRefusedError("refused by the cloud", code=answer.status)
    return fields


def _check(status: int) -> None:
    """Raise for an HTTP status, or one in the envelope, that is no success."""
    if status in range(200, 300):
        return
    if status in _REFUSED:
        raise TheKeysCloudRefusedError("refused by the cloud", code=status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _LATER:
        raise TheKeysCloudUnreachableError("the cloud is in trouble", code=status)
    raise TheKeysCloudResponseError("the cloud's answer is not understood", code=status)
