"""LOQED's cloud, used once; and a lock's keys, from its list or pasted by a person."""

from dataclasses import dataclass, field
from http import HTTPStatus
import re
from typing import Any, Final

from aiohttp import ClientSession
from yarl import URL

from ....http import HttpError, Response, ResponseError, parse_json, request
from .const import CLOUD_CONNECT_TIMEOUT, CLOUD_TIMEOUT
from .exceptions import LoqedInformationError, LoqedResponseError, LoqedTokenError, from_http
from .models import Fields, Keys, read_integer, read_text

_REFUSED: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
# What can stand in a header; a token is a JWT.
_TOKEN: Final = re.compile(r"[!-~]+", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class LockInformation:
    """All that is needed to control one lock: from the cloud's list, or pasted by a person.

    Keys are base64 as LOQED prints them. `host` may be stale or absent. `ids` are all
    the names that LOQED has for this lock and its bridge.
    """

    lock_id: str
    name: str | None
    model: str | None
    host: str | None
    key_id: int
    key_secret: str = field(repr=False)
    bridge_key: str = field(repr=False)
    can_open: bool | None
    ids: frozenset[str]

    @property
    def keys(self) -> Keys:
        """The keys, decoded; they were checked when this was read."""
        return Keys.parse(
            key_id=self.key_id, key_secret=self.key_secret, bridge_key=self.bridge_key
        )


async def account_locks(
    session: ClientSession, url: URL, token: str
) -> tuple[LockInformation, ...]:
    """Return the locks that a personal access token gives access to.

    `url` is the cloud's base address. A lock whose keys are missing is left out; an
    account without locks is an empty tuple. Raises LoqedTokenError when the token is
    refused, LoqedConnectionError and LoqedResponseError.
    """
    if _TOKEN.fullmatch(token) is None:
        raise LoqedTokenError("not a token")
    try:
        response = await request(
            session,
            "GET",
            url / "api" / "locks" / "",
            timeout=CLOUD_TIMEOUT,
            connect_timeout=CLOUD_CONNECT_TIMEOUT,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
        )
    except HttpError as err:
        raise from_http(err) from err
    # A redirect leads to the page where people log in.
    if response.status in _REFUSED or response.is_redirect:
        raise LoqedTokenError("token refused")
    locks = (_parse_cloud_lock(entry) for entry in _entries(response))
    return tuple(lock for lock in locks if lock is not None)


def _entries(response: Response) -> list[Any]:
    if response.status != HTTPStatus.OK:
        raise LoqedResponseError(response.status)
    try:
        parsed = response.json()
    except ResponseError as err:
        raise LoqedResponseError(response.status) from err
    entries = parsed.get("data") if isinstance(parsed, dict) else None
    if not isinstance(entries, list):
        raise LoqedResponseError(response.status)
    return entries


def _parse_cloud_lock(entry: object) -> LockInformation | None:
    if not isinstance(entry, dict):
        return None
    try:
        return _information(
            entry, lock_id="id", key_id="local_id", key="key_secret", hostname="bridge_hostname"
        )
    except ValueError:
        return None


def parse_integration_information(raw: str) -> LockInformation:
    """Read the "Integration information" text; LoqedInformationError when it is none."""
    try:
        fields = parse_json(raw.strip())
        if isinstance(fields, dict):
            return _information(
                fields,
                lock_id="lock_id",
                key_id="lock_key_local_id",
                key="lock_key_key",
                hostname="bridge_mdns_hostname",
            )
    except ValueError as err:
        raise LoqedInformationError("not an integration information") from err
    raise LoqedInformationError("not an integration information")


def parse_other_entry(fields: Fields) -> LockInformation:
    """Read what Home Assistant's own integration keeps; LoqedInformationError if unusable."""
    try:
        return _information(
            fields,
            lock_id="id",
            key_id="lock_key_local_id",
            key="lock_key_key",
            hostname="bridge_mdns_hostname",
        )
    except ValueError as err:
        raise LoqedInformationError("keys are missing") from err


def _information(
    fields: Fields, *, lock_id: str, key_id: str, key: str, hostname: str
) -> LockInformation:
    """Read a lock whose fields have these names; ValueError when its keys are missing."""
    lock = _identifier(fields, lock_id)
    slot = read_integer(fields, key_id)
    key_secret, bridge_key = read_text(fields, key), read_text(fields, "bridge_key")
    if lock is None or slot is None or key_secret is None or bridge_key is None:
        raise ValueError("keys are missing")
    Keys.parse(key_id=slot, key_secret=key_secret, bridge_key=bridge_key)
    host = read_text(fields, hostname)
    names = (lock, bridge_id(host), bridge_id(read_text(fields, "bridge_mac_wifi")))
    return LockInformation(
        lock_id=lock,
        name=read_text(fields, "name"),
        model=read_text(fields, "model_name"),
        host=read_text(fields, "bridge_ip") or host,
        key_id=slot,
        key_secret=key_secret.strip(),
        bridge_key=bridge_key.strip(),
        can_open=_can_open(fields),
        ids=frozenset(name for name in names if name),
    )


def _identifier(fields: Fields, name: str) -> str | None:
    text, number = read_text(fields, name), read_integer(fields, name)
    return text or (None if number is None else str(number))


def _can_open(fields: Fields) -> bool | None:
    """Return whether the door has no handle outside; None when it is not said."""
    states = fields.get("supported_lock_states")
    if not isinstance(states, list):
        return None
    return any(isinstance(state, str) and state.lower() == "open" for state in states)


def bridge_id(name: str | None) -> str | None:
    """Return the MAC in a bridge's host, instance or MAC text as lower-case hex digits.

    `LOQED-8C4B146A3438.local`, `loqed-8c4b146a3438._http._tcp.local.` and
    `8c:4b:14:6a:34:38` are one bridge.
    """
    if not name:
        return None
    digits = name.lower().removeprefix("loqed-").split(".")[0].replace(":", "")
    return digits or None
