"""The vendor's account server: where shares, and with them codes, are made."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web

from .account import LIFETIME, Account
from .portal import user_json
from .share import Share

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
