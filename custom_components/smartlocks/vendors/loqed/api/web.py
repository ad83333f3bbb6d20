"""The client of LOQED's web API: the locks of an account, their settings, and commands.

Nobody here has a real account. The paths and fields are those that others have seen and
the vendor's own clients use; every field is read for itself, and none is needed but the id.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
import re
from typing import Any, Final, Self

from aiohttp import ClientSession
from yarl import URL

from ....http import HttpError, Response, ResponseError, parse_json, request
from .cloud import (
    LockInformation,
    parse_cloud_lock,
    read_can_open,
    read_identifier,
    read_ids,
)
from .const import CLOUD_CONNECT_TIMEOUT, CLOUD_TIMEOUT
from .exceptions import (
    LoqedBlockedError,
    LoqedCloudResponseError,
    LoqedKeyDeletedError,
    LoqedTokenError,
    LoqedUnsupportedError,
    from_cloud,
)
from .models import (
    BatteryType,
    Command,
    Fields,
    Position,
    is_offline,
    read_number,
    read_percent,
    read_text,
)

_REFUSED: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
# What can stand in a header; a token is a JWT.
_TOKEN: Final = re.compile(r"[!-~]+", re.ASCII)
_KEY_IS_GONE: Final = b"ApiKey"

_WORDS: Final[Mapping[Command, str]] = {
    Command.OPEN: "open",
    Command.UNLOCK: "day_lock",
    Command.LOCK: "night_lock",
}


class WebSetting(StrEnum):
    """The settings of a lock that the web API can change."""

    OPEN_HOUSE = "open_house_mode"
    TWIST_ASSIST = "twist_assist"
    TOUCH_TO_CONNECT = "touch_to_connect"
    GUEST_ACCESS = "guest_access_mode"


class LockDirection(StrEnum):
    """Which way the lock turns to lock."""

    CLOCKWISE = "clockwise"
    COUNTER_CLOCKWISE = "counter_clockwise"


class MortiseLock(StrEnum):
    """The kinds of mortise lock that a person can select in the app."""

    NO_HANDLE = "cylinder_operated_no_handle_on_the_outside"
    HANDLE = "cylinder_operated_handle_on_the_outside"
    LIFT_90 = "handle_upward_directly_locked_cylinder_to_unlock_90_degree_and_back"
    LIFT = "handle_upward_cylinder_to_lock_and_unlock"
    LIFT_360 = "handle_upward_directly_locked_cylinder_to_unlock_360_degree"


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenClaims:
    """What a personal access token says of itself; nothing of it is verified.

    `account` is the number of its account, `expires` when it ends.
    """

    account: str | None = None
    expires: datetime | None = None

    @classmethod
    def parse(cls, token: str) -> Self:
        """Read a JWT; what is no JWT says nothing."""
        parts = token.strip().split(".")
        try:
            claims = parse_json(_decode(parts[1]))
        except ValueError, IndexError:
            return cls()
        if not isinstance(claims, dict):
            return cls()
        return cls(
            account=read_identifier(claims, "sub"), expires=_moment(read_number(claims, "exp"))
        )


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _moment(seconds: float | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except OverflowError, ValueError, OSError:
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class CloudLock:
    """A lock as the account lists it. What is not said, or not readable, is None or absent.

    `keys` are for its bridge, None where they are missing. `ids` are all the names that
    LOQED has for the lock and its bridge.
    """

    lock_id: str
    ids: frozenset[str]
    name: str | None
    model: str | None
    can_open: bool | None
    position: Position
    online: bool
    battery: int | None
    battery_type: BatteryType | None
    settings: Mapping[WebSetting, bool]
    direction: LockDirection | None
    mortise_lock: MortiseLock | None
    keys: LockInformation | None = field(repr=False)

    @classmethod
    def parse(cls, fields: object) -> Self | None:
        """Read one entry of the list; None when it has no id."""
        if not isinstance(fields, dict) or (lock_id := read_identifier(fields, "id")) is None:
            return None
        says_offline = _flag(fields, "online") is False
        return cls(
            lock_id=lock_id,
            ids=read_ids(fields, "id", "bridge_hostname"),
            name=read_text(fields, "name"),
            model=read_text(fields, "model_name"),
            can_open=read_can_open(fields),
            position=Position.parse(read_text(fields, "bolt_state") or ""),
            online=not says_offline and not is_offline(fields, "battery_percentage"),
            battery=read_percent(fields, "battery_percentage"),
            battery_type=BatteryType.parse(fields),
            settings={
                setting: is_on
                for setting in WebSetting
                if (is_on := _flag(fields, setting)) is not None
            },
            direction=_word(LockDirection, fields, "lock_direction"),
            mortise_lock=_word(MortiseLock, fields, "mortise_lock_type"),
            keys=parse_cloud_lock(fields),
        )


def _flag(fields: Fields, name: str) -> bool | None:
    """Return a field that is true or false, also as 1 or 0; None otherwise."""
    value = fields.get(name)
    if isinstance(value, bool):
        return value
    number = read_number(fields, name)
    return bool(number) if number in (0, 1) else None


def _word[W: StrEnum](words: type[W], fields: Fields, name: str) -> W | None:
    word = (read_text(fields, name) or "").lower()
    return next((one for one in words if one == word), None)


class WebApi:
    """The web API with one personal access token.

    Every method is one request, sent once. Each raises LoqedTokenError,
    LoqedBlockedError, LoqedCloudConnectionError or LoqedCloudResponseError.
    """

    def __init__(self, session: ClientSession, url: URL, token: str) -> None:
        """Use the cloud's base address and a token."""
        self._session = session
        self._locks = url / "api" / "locks"
        self._token = token.strip()

    def has_token_of(self, other: Self) -> bool:
        """Return whether another client has the same token."""
        return self._token == other._token

    async def locks(self) -> tuple[CloudLock, ...]:
        """List the locks of the account: a status read, of which there are few."""
        response = await self._send("GET", self._locks / "")
        return tuple(lock for entry in _entries(response) if (lock := CloudLock.parse(entry)))

    async def command(self, lock_id: str, command: Command) -> None:
        """Let the cloud send a command: accepted is not carried out.

        LoqedKeyDeletedError when the token's key is gone, LoqedUnsupportedError when the
        lock cannot do it.
        """
        await self._send("GET", self._locks / lock_id / "bolt_state" / _WORDS[command])

    async def set(self, lock_id: str, setting: WebSetting, *, is_on: bool) -> None:
        """Change a setting; LoqedUnsupportedError when the lock does not have it."""
        url = self._locks / lock_id
        if setting is WebSetting.GUEST_ACCESS:
            # It is older than the others, and has a call of its own.
            await self._send("GET", url / setting.value / str(int(is_on)))
            return
        body: dict[str, str | int] = {"setting_name": setting.value, "setting_value": int(is_on)}
        await self._send("POST", url / "setting", json=body)

    async def _send(
        self, method: str, url: URL, *, json: Mapping[str, str | int] | None = None
    ) -> Response:
        if _TOKEN.fullmatch(self._token) is None:
            raise LoqedTokenError("not a token")
        try:
            response = await request(
                self._session,
                method,
                url,
                timeout=CLOUD_TIMEOUT,
                connect_timeout=CLOUD_CONNECT_TIMEOUT,
                headers={"Authorization": f"Bearer {self._token}", "Accept": "application/json"},
                json=json,
            )
        except HttpError as err:
            raise from_cloud(err) from err
        _expect_success(response)
        return response


def _expect_success(response: Response) -> None:
    # A redirect leads to the page where people log in.
    if response.status in _REFUSED or response.is_redirect:
        raise LoqedTokenError("token refused")
    if response.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise LoqedBlockedError("too many requests")
    if response.status == HTTPStatus.NOT_FOUND and _KEY_IS_GONE in response.body:
        raise LoqedKeyDeletedError("key deleted")
    if response.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        raise LoqedUnsupportedError("not supported")
    if not response.is_success:
        raise LoqedCloudResponseError(response.status)


def _entries(response: Response) -> list[Any]:
    try:
        parsed = response.json()
    except ResponseError as err:
        raise LoqedCloudResponseError(response.status) from err
    entries = parsed.get("data") if isinstance(parsed, dict) else None
    if response.status != HTTPStatus.OK or not isinstance(entries, list):
        raise LoqedCloudResponseError(response.status)
    return entries
