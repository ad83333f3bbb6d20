"""The calls of LOQED's cloud to the URLs that a person has entered on its pages.

Unsigned, a moment before those of the bridge, and sometimes twice. Two shapes: the one
that others have seen ("seen"), and the one of the vendor's page ("documented").
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
import json
from typing import Any, Literal

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar
from yarl import URL

from .const import INTERNAL_LOCK_ID, LOCK_CODE, PEOPLE
from .push import NO_KEY, Tasks

type Shape = Literal["seen", "documented"]

# Between a call and the same once more.
REPEAT_SECONDS = 4.0

_HEADERS = {"User-Agent": "Java/1.8.0_231", "Content-Type": "application/json"}


@dataclass(frozen=True, kw_only=True, slots=True)
class CloudCall:
    """One call to one URL, and its answer; the status is None when there was none."""

    url: str
    body: bytes
    status: int | None


class CloudCaller:
    """Calls every URL about everything that the bridge reports."""

    def __init__(self, *, tasks: Tasks, rest: Callable[[float], Awaitable[None]]) -> None:
        """Call nobody yet."""
        self.urls: list[str] = []
        self.shape: Shape = "seen"
        self.delay = 0.0
        self.is_repeating = False
        self.is_losing = False
        self.calls: list[CloudCall] = []
        self._tasks = tasks
        self._rest = rest

    def report(self, payload: Mapping[str, Any]) -> None:
        """Tell what the bridge tells."""
        if self.urls and not self.is_losing:
            self._tasks.spawn(self._report(self._spell(payload)))

    async def _report(self, fields: Mapping[str, Any]) -> None:
        await self._rest(self.delay)
        await self.post(fields)
        if self.is_repeating:
            await self._rest(REPEAT_SECONDS)
            await self.post(fields)

    async def post(self, fields: Mapping[str, Any]) -> list[int | None]:
        """Call every URL; the answers."""
        body = json.dumps(fields).encode()
        async with ClientSession(
            cookie_jar=DummyCookieJar(), timeout=ClientTimeout(total=5.0)
        ) as session:
            return [await self._post(session, url, body) for url in self.urls]

    async def _post(self, session: ClientSession, url: str, body: bytes) -> int | None:
        status = None
        try:
            async with session.post(URL(url, encoded=True), data=body, headers=_HEADERS) as answer:
                status = answer.status
        except ClientError, TimeoutError, ValueError:
            pass
        self.calls.append(CloudCall(url=url, body=body, status=status))
        return status

    def _spell(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        is_seen = self.shape == "seen"
        lock = {"lock_id": INTERNAL_LOCK_ID if is_seen else LOCK_CODE}
        told = {
            name: value
            for name, value in payload.items()
            if name not in ("mac_wifi", "mac_ble", "key_local_id", "requested_state_numeric")
        }
        if "event_type" not in payload:
            return {**told, **lock}
        return {**told, **lock, **self.person(payload.get("key_local_id"))}

    def person(self, key: int | None) -> dict[str, Any]:
        """Whose key it was, in the shape in use."""
        key = None if key == NO_KEY else key
        name = "" if key is None else PEOPLE.get(key, f"Somebody {key}")
        mail = f"{name.split()[0].lower()}@example.com" if name else ""
        is_seen = self.shape == "seen"
        text = "" if key is None else str(key)
        fields: dict[str, Any] = {
            "key_local_id": text if is_seen else key,
            "key_name_user": name,
            "key_name_admin": name,
            "key_account_name": name,
            "key_account_email" if is_seen else "key_account_e-mail": mail,
        }
        return fields | ({"value1": name, "value2": text, "value3": mail} if is_seen else {})
