"""The LOQED cloud: it lists the locks of an account; the rest is in `account`."""

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
import hashlib
from typing import Any

from aiohttp import web

from tests.simulators.base import Server

from .account import Account, too_many
from .bridge import Bridge
from .const import (
    BATTERY_TYPES,
    LOCAL_ID,
    LOCK_ID,
    MODELS,
    NOBODY,
)
from .lock import Lock

_NO_HANDLE = "cylinder_operated_no_handle_on_the_outside"
_HANDLE = "cylinder_operated_handle_on_the_outside"


@dataclass(kw_only=True)
class Override:
    """Fields of one lock that are answered as given, or left out."""

    fields: dict[str, Any] = field(default_factory=dict)
    without: set[str] = field(default_factory=set)

    def apply(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """The entry as it is answered."""
        merged = {**entry, **self.fields}
        return {name: value for name, value in merged.items() if name not in self.without}


class Cloud:
    """The second server: `GET /api/locks/` with the personal access token of a person."""

    def __init__(
        self,
        *,
        bridge: Bridge,
        lock: Lock,
        account: Account,
        host: Callable[[], str],
        clock: Callable[[], float],
    ) -> None:
        """Know a lock and its bridge, which is reached at a host (and port)."""
        app = web.Application()
        app.router.add_get("/api/locks/", self._locks)
        account.add_to(app)
        app.router.add_get("/login", self._login)
        self.server = Server(app=app, clock=clock)
        self.account = account
        self.is_empty = False
        self.address_is_stale = False
        self.mac_is_hidden = False
        self.others: list[dict[str, Any]] = []
        self.neighbors: list[Cloud] = []
        self._overrides: dict[str, Override] = {}
        self._bridge = bridge
        self._lock = lock
        self._host = host

    def override(self, lock_id: str, fields: dict[str, Any], without: Iterable[str]) -> None:
        """Answer these fields of a lock as given, and leave those out."""
        self._overrides[lock_id] = Override(fields=dict(fields), without=set(without))

    def add_other(self, name: str) -> str:
        """Add a lock whose bridge cannot be reached; its id."""
        number = len(self.others) + 1
        mac = f"02c0ffee1{number:03x}"
        entry = self._entry() | {
            "id": int(LOCK_ID) + number,
            "name": name,
            "bridge_ip": NOBODY,
            "bridge_hostname": f"LOQED-{mac}.local",
            "bridge_mac_wifi": mac,
            "local_id": number,
            "key_secret": _made_up_key(name, "lock"),
            "backend_key": _made_up_key(name, "backend"),
            "bridge_key": _made_up_key(name, "bridge"),
        }
        self.others.append(entry)
        return str(entry["id"])

    async def _locks(self, request: web.Request) -> web.Response:
        if (refusal := self.account.refusal(request)) is not None:
            return refusal
        if self.account.is_busy or not self.account.limit.count():
            return too_many()
        return web.json_response({"data": [] if self.is_empty else self._entries()})

    async def _login(self, _: web.Request) -> web.Response:
        page = "<!DOCTYPE html><title>Log in</title>"
        return web.Response(text=page, content_type="text/html")

    def _entries(self) -> list[dict[str, Any]]:
        entries = [self._entry(), *(one._entry() for one in self.neighbors), *self.others]
        return [self._overrides.get(str(e["id"]), Override()).apply(e) for e in entries]

    def _entry(self) -> dict[str, Any]:
        known = self._bridge.identity
        report = self._lock.report()
        entry: dict[str, Any] = {
            "id": int(known.lock_id),
            "name": known.name,
            "model_name": MODELS[self._bridge.generation],
            "battery_percentage": report.battery,
            "battery_type": BATTERY_TYPES[report.battery_type].lower(),
            "bolt_state": report.state,
            **self.account.settings,
            "lock_direction": "clockwise",
            "mortise_lock_type": _HANDLE if self._lock.has_handle else _NO_HANDLE,
            "supported_lock_states": self._supported(),
            "online": report.is_online,
            "bridge_webhook_count": len(self._bridge.webhooks),
            "local_id": LOCAL_ID,
            "key_secret": known.key_secret,
            "backend_key": known.backend_key,
        }
        return entry | self._bridge_fields()

    def _supported(self) -> list[str]:
        always = ["day_lock", "night_lock"]
        return always if self._lock.has_handle else ["open", *always]

    def _bridge_fields(self) -> dict[str, Any]:
        fields = {
            "bridge_ip": NOBODY if self.address_is_stale else self._host(),
            "bridge_hostname": f"LOQED-{self._bridge.mdns_mac}.local",
            "bridge_key": self._bridge.key_base64,
        }
        address = {"bridge_mac_wifi": self._bridge.identity.mac_wifi}
        return fields if self.mac_is_hidden else fields | address


def _made_up_key(name: str, use: str) -> str:
    return b64encode(hashlib.sha256(f"made up: {use} of {name}".encode()).digest()).decode()
