"""The vendor's cloud: its HTTP endpoints, and what a test can do to account and shares."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web

from tests.simulators.base import Server, verb

from .account import LIFETIME, Accessory, Account, Share, new_code, user_json
from .lock import find
from .radio import Radio
from .settings import GATEWAY_ID, OWN_SHARE

API = "/fr/api/v2"

FORM = "partage_accessoire"


@dataclass(kw_only=True, slots=True)
class CloudSettings:
    """How this cloud behaves: what names a token, how a bad login is refused, who may share."""

    token_field: Literal["both", "access_token", "token"] = "both"
    login_refusal: Literal[400, 401] = 401
    may_share: bool = True


class Cloud:
    """Serves the account over HTTP, to whoever brings a token."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.settings = CloudSettings()
        self.app = web.Application()
        add = self.app.router.add_route
        add("POST", "/api/login_check", self._login)
        add("GET", API + "/utilisateur/get/{phone}", self._private(self._user))
        add("GET", API + "/accessoire/get/{id}", self._private(self._accessory))
        share = API + "/partage"
        add("GET", share + "/all/serrure/{id}", self._private(self._shares))
        add("POST", share + "/create/{id}/accessoire/{accessory}", self._private(self._create))
        add("POST", share + "/accessoire/update/{id}", self._private(self._update))
        add("POST", share + "/accessoire/delete/{id}", self._private(self._delete))

    async def _login(self, request: web.Request) -> web.Response:
        form = await request.post()
        token = self.account.login(str(form.get("_username")), str(form.get("_password")))
        if token is None:
            body = {"code": self.settings.login_refusal, "message": "Bad credentials"}
            return web.json_response(body, status=self.settings.login_refusal)
        field = self.settings.token_field
        names = ("access_token", "token") if field == "both" else (field,)
        return web.json_response(
            dict.fromkeys(names, token)
            | {
                "expires_in": LIFETIME,
                "token_type": "bearer",
                "scope": "actions",
                "refresh_token": token[::-1],
            }
        )

    def _private(
        self, handler: Callable[[web.Request], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def guarded(request: web.Request) -> web.Response:
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            if scheme != "Bearer" or not self.account.is_valid(token):
                body = {
                    "error": "invalid_grant",
                    "error_description": "The access token provided has expired.",
                }
                return web.json_response(body, status=401)
            return await handler(request)

        return guarded

    async def _user(self, request: web.Request) -> web.Response:
        if request.match_info["phone"] != self.account.phone:
            return enveloped(None)
        return enveloped(user_json(self.account))

    async def _accessory(self, request: web.Request) -> web.Response:
        accessory = self.account.accessory(_number(request))
        if accessory is None:
            return enveloped(None)
        return enveloped(accessory.as_json() | {"info": accessory.info(self.account.now())})

    async def _shares(self, request: web.Request) -> web.Response:
        if self.account.lock(_number(request)) is None:
            return enveloped(None)
        shares = [
            share.as_json(accessory.as_json())
            for share in self.account.shares_of(_number(request))
            if (accessory := self.account.accessory(share.accessory)) is not None
        ]
        return enveloped(
            {
                "partages_utilisateur": [],
                "partages_accessoire": shares,
                "partages_demande": [],
            }
        )

    async def _create(self, request: web.Request) -> web.Response:
        lock = self.account.lock(_number(request))
        accessory = self.account.accessory_named(request.match_info["accessory"])
        if lock is None or accessory is None:
            return enveloped(None)
        if not self.settings.may_share:
            return enveloped(None, status=403)
        form = await _fields(request)
        if not form.get("nom"):
            return enveloped(None, status=400, form=["nom"])
        share = self.account.add_share(lock, accessory, form["nom"])
        _change(share, form)
        share.is_active = form.get("actif", "1") == "1"
        return enveloped({"id": share.id, "code": share.code})

    async def _update(self, request: web.Request) -> web.Response:
        share = self.account.share(_number(request))
        if share is None:
            return enveloped(None)
        form = await _fields(request)
        _change(share, form)
        # Other than at creation, a form without the field switches the share off.
        share.is_active = form.get("actif") == "1"
        return enveloped({"id": share.id, "code": share.code})

    async def _delete(self, request: web.Request) -> web.Response:
        share = self.account.share(_number(request))
        if share is None:
            return enveloped(None)
        self.account.delete(share)
        return web.json_response({"status": 200})


class CloudVerbs:
    """Verbs about the account, its shares and its server."""

    account: Account
    cloud: Cloud
    cloud_server: Server
    radio: Radio
    _kept: tuple[list[Share], dict[int, str], str] | None = None

    @verb
    def share_code(self, lock_id: str | None = None, name: str = OWN_SHARE) -> str:
        """Return the code of a lock's share with this gateway; KeyError when there is none."""
        return self._share(lock_id, name).code

    @verb
    def shares(self, lock_id: str | None = None) -> list[dict[str, Any]]:
        """List a lock's shares: id, accessory, name, code, active."""
        lock = find(self.account.locks, lock_id)
        return [
            {
                "id": share.id,
                "accessory": share.accessory,
                "name": share.name,
                "code": share.code,
                "active": share.is_active,
            }
            for share in self.account.shares_of(lock.portal_id)
        ]

    @verb
    def add_share(
        self,
        name: str,
        lock_id: str | None = None,
        code: str | None = None,
        accessory: int = GATEWAY_ID,
        *,
        active: bool = True,
        synchronised: bool = True,
    ) -> str:
        """Share a lock under a name; return the code. The gateway is told of it if asked to."""
        lock = find(self.account.locks, lock_id)
        owner = self.account.accessory(accessory)
        if owner is None:
            raise ValueError(f"no accessory {accessory}")
        share = self.account.add_share(lock, owner, name, code)
        share.is_active = active
        if synchronised:
            self.synchronise_all()
        return share.code

    @verb
    def delete_share(self, name: str = OWN_SHARE, lock_id: str | None = None) -> None:
        """End a share, and let the gateway and the lock know."""
        self.account.delete(self._share(lock_id, name))
        self.synchronise_all()

    @verb
    def synchronise_all(self) -> None:
        """Let the gateway and the locks know of every share, without a request."""
        self.radio.signatures.synchronise()
        for lock in self.account.locks:
            self.radio.synchronise(lock)

    @verb
    def refuse_credentials(
        self, how: Literal["deleted", "changed"] = "deleted", *, login: bool = True
    ) -> None:
        """Delete all shares (32) or change their codes (33), and the password if asked to."""
        if self._kept is not None:
            raise ValueError("the credentials are refused already")
        account = self.account
        codes = {share.id: share.code for share in account.shares}
        self._kept = (list(account.shares), codes, account.password)
        for share in list(account.shares):
            if how == "deleted":
                account.delete(share)
            else:
                share.code = new_code()
        if login:
            account.password = new_code()
            account.tokens.clear()
        self.synchronise_all()

    @verb
    def accept_credentials(self) -> None:
        """Bring the shares, codes and password back; what was created since stays."""
        if self._kept is None:
            return
        shares, codes, password = self._kept
        self._kept = None
        account = self.account
        account.password = password
        account.deleted = [share for share in account.deleted if share not in shares]
        account.shares = shares + [share for share in account.shares if share not in shares]
        for share in shares:
            share.code = codes[share.id]
        self.synchronise_all()

    @verb
    def expire_tokens(self) -> None:
        """End every login, as after an hour."""
        self.account.tokens.clear()

    @verb
    def configure_cloud(
        self,
        token_field: Literal["both", "access_token", "token"] | None = None,
        login_refusal: Literal[400, 401] | None = None,
        *,
        may_share: bool | None = None,
    ) -> None:
        """Change how the cloud answers; None leaves a thing as it is."""
        settings = self.cloud.settings
        settings.token_field = token_field or settings.token_field
        settings.login_refusal = login_refusal or settings.login_refusal
        settings.may_share = settings.may_share if may_share is None else may_share

    @verb
    def set_gateway_ip(
        self, ip: str | None, accessory: int = GATEWAY_ID, *, info: bool = True
    ) -> None:
        """Set the address the cloud tells: another, none (None), or no info at all."""
        gateway = self.account.accessory(accessory)
        if gateway is None:
            raise ValueError(f"no accessory {accessory}")
        gateway.ip = ip
        gateway.has_info = info

    @verb
    def add_gateway(
        self, number: int, id_accessoire: str, ip: str | None = None, name: str = "TK Gateway 2"
    ) -> None:
        """Add another gateway to the account, near all the locks; nothing answers at its ip."""
        self.account.accessories.append(
            Accessory(
                id=number,
                id_accessoire=id_accessoire,
                name=name,
                ip=ip,
                locks={lock.portal_id for lock in self.account.locks},
            )
        )

    @verb
    def remove_gateways(self) -> None:
        """Remove the gateways from the account; keypads stay."""
        account = self.account
        account.accessories = [item for item in account.accessories if not item.is_gateway]

    @verb
    def remove_locks(self) -> None:
        """Remove the locks from the account."""
        self.account.lists_locks = False

    @verb
    def take_cloud_down(self, *, down: bool = True) -> None:
        """Close every connection to the cloud without an answer."""
        self.cloud_server.faults.drop = down

    def _share(self, lock_id: str | None, name: str) -> Share:
        lock = find(self.account.locks, lock_id)
        for share in self.account.shares_of(lock.portal_id):
            if (share.name, share.accessory) == (name, GATEWAY_ID):
                return share
        raise KeyError(name)


def enveloped(data: Any, *, status: int = 200, form: list[str] | None = None) -> web.Response:
    """Wrap an answer as the cloud does; what is not there is null, and no error."""
    body = {"status": status, "data": data, "message": {"global": [], "form": form or []}}
    return web.json_response(body, status=status)


def _number(request: web.Request) -> int:
    text = request.match_info["id"]
    return int(text) if text.isascii() and text.isdigit() else -1


async def _fields(request: web.Request) -> dict[str, str]:
    """The fields of a share's form, by the names in their brackets."""
    form = await request.post()
    start = FORM + "["
    return {
        name.removeprefix(start).removesuffix("]"): str(value)
        for name, value in form.items()
        if name.startswith(start)
    }


def _change(share: Share, form: Mapping[str, str]) -> None:
    share.name = form.get("nom", share.name)
    share.description = form.get("description", share.description)
    share.extra |= {
        name: value for name, value in form.items() if name not in {"nom", "description", "actif"}
    }
