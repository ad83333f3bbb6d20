"""The Keys' cloud, needed once: to find an account's locks and their share codes."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import quote

from aiohttp import ClientSession
from yarl import URL

from ....http import HttpError, NotConnectedError, Response, ResponseError, request
from .const import CLOUD_CONNECT_TIMEOUT, CLOUD_TIMEOUT
from .exceptions import (
    TheKeysCloudError,
    TheKeysCloudRefusedError,
    TheKeysCloudResponseError,
    TheKeysCloudUnreachableError,
)
from .models import Account, CloudGateway, CloudLock, Share
from .parsing import Fields, flag, integer, parse_object, part, parts, text

_REFUSED = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_LATER = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
_GATEWAY = 1
_BOUNDS = ("date_debut", "date_fin", "heure_debut", "heure_fin", "horaires")


class Cloud:
    """Client of the cloud, for the time of one set-up; log in first.

    All methods raise TheKeysCloudRefusedError, TheKeysCloudUnreachableError or
    TheKeysCloudResponseError. Requests and fields are those seen in the field; only the
    creation of a share is on the vendor's gateway page.
    """

    def __init__(self, session: ClientSession, url: URL) -> None:
        """Talk to the cloud at `url`."""
        self._session = session
        self._url = url
        self._phone = ""
        self._token: str | None = None

    async def login(self, phone: str, password: str) -> None:
        """Log in with the phone number (`+33…`); the token is kept in this object only."""
        if not (_is_text(phone) and _is_text(password)):
            raise TheKeysCloudRefusedError("not a phone number or password")
        form = {"_username": phone, "_password": password}
        fields = await self._request("POST", "api/login_check", data=form)
        # Clients in the field take the one or the other.
        token = text(fields.get("access_token")) or text(fields.get("token"))
        if token is None or not (token.isascii() and token.isprintable()):
            raise TheKeysCloudResponseError("no token in the cloud's reply")
        self._phone, self._token = phone, token

    async def locks_and_gateways(self) -> Account:
        """Return the account's locks and gateways, these with their address if it is known."""
        user = await self._data("GET", f"utilisateur/get/{quote(self._phone, safe='')}")
        if "serrures" not in user:
            raise TheKeysCloudResponseError("no locks in the cloud's reply")
        account = _parse_account(user)
        gateways = [await self._with_address(gateway) for gateway in account.gateways]
        return replace(account, gateways=tuple(gateways))

    async def shares(self, lock: CloudLock) -> tuple[Share, ...]:
        """Return the shares that accessories have in a lock, whoever created them.

        Those without a code or an accessory are left out.
        """
        shares = await self._data("GET", f"partage/all/serrure/{lock.id}")
        found = (_parse_share(entry) for entry in parts(shares.get("partages_accessoire")))
        return tuple(share for share in found if share is not None)

    async def find_or_create_share(self, lock: CloudLock, gateway: CloudGateway, name: str) -> str:
        """Return the code of the share of that name between lock and gateway.

        One that is active and permanent is used as it is; without one, it is created.
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
            raise TheKeysCloudResponseError("no code in the cloud's reply")
        return code

    async def _with_address(self, gateway: CloudGateway) -> CloudGateway:
        try:
            accessory = await self._data("GET", f"accessoire/get/{gateway.id}")
        except TheKeysCloudError:
            # The address only saves typing: no reason to fail without it.
            return gateway
        return replace(gateway, ip=_parse_address(accessory) or gateway.ip)

    async def _data(self, method: str, path: str, data: Mapping[str, str] | None = None) -> Fields:
        """Return the `data` object within the cloud's envelope."""
        if self._token is None:
            raise TheKeysCloudRefusedError("not logged in")
        headers = {"Authorization": f"Bearer {self._token}"}
        fields = await self._request(method, f"fr/api/v2/{path}", headers=headers, data=data)
        match fields.get("data"):
            case dict() as found:
                return found
            case []:
                # An empty object, as the cloud's language writes it.
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
            response = await request(
                self._session,
                method,
                self._url.joinpath(path, encoded=True),
                timeout=CLOUD_TIMEOUT,
                connect_timeout=CLOUD_CONNECT_TIMEOUT,
                headers={"Accept": "application/json", **(headers or {})},
                data=data,
            )
        # Without their causes, which may name the address: it holds the phone number.
        except NotConnectedError:
            raise TheKeysCloudUnreachableError(
                "no connection to the cloud", may_have_arrived=False
            ) from None
        except ResponseError:
            raise TheKeysCloudResponseError("no usable reply from the cloud") from None
        except HttpError:
            raise TheKeysCloudUnreachableError("no reply from the cloud") from None
        return _fields(response)


def _is_text(value: str) -> bool:
    """Return whether a text can be sent: half of a surrogate pair cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _fields(response: Response) -> Fields:
    """Return the object in a reply that reports no error."""
    _check(response.status)
    try:
        fields = parse_object(response.body)
    except ValueError:
        # Without its cause, which keeps the body: that may hold a token or a code.
        raise TheKeysCloudResponseError("the cloud's reply is not understood") from None
    _check(integer(fields.get("status")) or response.status)
    if text(fields.get("error")):
        raise TheKeysCloudRefusedError("refused by the cloud", code=response.status)
    return fields


def _check(status: int) -> None:
    """Raise for an HTTP status, or one in the envelope, that is no success."""
    if status in range(200, 300):
        return
    if status in _REFUSED:
        raise TheKeysCloudRefusedError("refused by the cloud", code=status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _LATER:
        raise TheKeysCloudUnreachableError("the cloud is out of order", code=status)
    raise TheKeysCloudResponseError("the cloud's reply is not understood", code=status)


def _parse_account(user: Fields) -> Account:
    """Return the account from the cloud's user object; what lacks its ids is left out."""
    entries = tuple(parts(user.get("serrures")))
    gateways = {
        gateway.id: gateway for entry in entries for gateway in _gateways(entry.get("accessoires"))
    }
    locks = (_parse_lock(entry) for entry in entries)
    return Account(
        locks=tuple(lock for lock in locks if lock is not None),
        gateways=tuple(gateways.values()),
    )


def _parse_address(accessory: Fields) -> str | None:
    """Return the address in the local network that an accessory object tells."""
    return text(part(accessory, "info").get("ip"))


def _parse_lock(entry: Fields) -> CloudLock | None:
    lock_id, identifier = integer(entry.get("id")), integer(entry.get("id_serrure"))
    if lock_id is None or identifier is None:
        return None
    return CloudLock(
        id=lock_id,
        identifier=identifier,
        name=text(entry.get("nom")) or str(identifier),
        model=text(part(entry, "produit").get("nom")),
        unlock_only=flag(entry.get("unlockOnly")),
        gateway_ids=tuple(gateway.id for gateway in _gateways(entry.get("accessoires"))),
    )


def _gateways(entries: object) -> Iterable[CloudGateway]:
    found = (_parse_gateway(entry) for entry in parts(entries))
    return [gateway for gateway in found if gateway is not None]


def _parse_gateway(entry: Fields) -> CloudGateway | None:
    accessory = part(entry, "accessoire")
    gateway_id, accessory_id = integer(accessory.get("id")), text(accessory.get("id_accessoire"))
    is_gateway = integer(accessory.get("type")) == _GATEWAY
    if gateway_id is None or accessory_id is None or not is_gateway:
        return None
    return CloudGateway(
        id=gateway_id,
        accessory_id=accessory_id,
        name=text(accessory.get("nom")) or accessory_id,
        ip=_parse_address(entry) or _parse_address(accessory),
    )


def _parse_share(entry: Fields) -> Share | None:
    gateway_id, code = integer(part(entry, "accessoire").get("id")), text(entry.get("code"))
    if gateway_id is None or code is None:
        return None
    return Share(
        name=text(entry.get("nom")) or "",
        gateway_id=gateway_id,
        code=code,
        is_active=flag(entry.get("actif")),
        is_permanent=not any(entry.get(bound) for bound in _BOUNDS),
    )
