"""Plain clients of The Keys simulator, for its own tests: they build every request themselves."""

import base64
import hashlib
import hmac
from itertools import count
import json
from typing import Any

from aiohttp import ClientSession
from yarl import URL

from .the_keys import FRONT_CODE, FRONT_ID, FRONT_PORTAL_ID, PASSWORD, PHONE, TheKeysSimulator

API = "/fr/api/v2"

type Answer = dict[str, Any]


class Client:
    """A client of the gateway that signs with ever newer timestamps."""

    def __init__(self, simulator: TheKeysSimulator, session: ClientSession) -> None:
        self.simulator = simulator
        self.session = session
        self.stamps = count(int(simulator.clock()))

    async def text(self, path: str, body: str | None = None) -> str:
        """Give the body of an answer: a GET, or a POST of a form."""
        method = "GET" if body is None else "POST"
        url = self.simulator.url.join(URL(path))
        headers = {"Connection": "close", "Content-Type": "application/x-www-form-urlencoded"}
        async with self.session.request(method, url, data=body, headers=headers) as response:
            return await response.text()

    async def json(self, path: str, body: str | None = None) -> Answer:
        """Give the object of an answer."""
        answer = json.loads(await self.text(path, body))
        assert isinstance(answer, dict)
        return answer

    async def signed(
        self, path: str, lock_id: str = FRONT_ID, code: str = FRONT_CODE, ts: int | None = None
    ) -> Answer:
        """Sign a request with a share code, and give its answer."""
        return await self.json(path, form(lock_id, code, next(self.stamps) if ts is None else ts))


def form(lock_id: str, code: str, ts: int) -> str:
    """Write a signed form, without escaping the hash."""
    digest = hmac.new(code.encode(), str(ts).encode(), hashlib.sha256).digest()
    return f"identifier={lock_id}&ts={ts}&hash={base64.b64encode(digest).decode()}"


class Portal:
    """A plain client of the cloud."""

    def __init__(self, simulator: TheKeysSimulator, session: ClientSession) -> None:
        self.simulator = simulator
        self.session = session
        self.headers: dict[str, str] = {}

    async def call(self, method: str, path: str, data: Any = None) -> tuple[int, Answer]:
        """Give the status and the object of an answer."""
        url = URL(f"{self.simulator.cloud_url}".rstrip("/") + path, encoded=True)
        async with self.session.request(method, url, data=data, headers=self.headers) as response:
            return response.status, await response.json()

    async def get(self, path: str) -> Any:
        """Give the data in an envelope."""
        status, answer = await self.call("GET", API + path)
        assert (status, answer["status"]) == (200, 200)
        return answer["data"]

    async def login(self, password: str = PASSWORD) -> tuple[int, Answer]:
        """Get a token, and use it from now on."""
        credentials = {"_username": PHONE, "_password": password}
        status, answer = await self.call("POST", "/api/login_check", credentials)
        token = answer.get("access_token") or answer.get("token")
        self.headers = {"Authorization": f"Bearer {token}"}
        return status, answer

    async def share_names(self) -> list[str]:
        """The names of the front door's shares with accessories."""
        shares = await self.get(f"/partage/all/serrure/{FRONT_PORTAL_ID}")
        return [share["nom"] for share in shares["partages_accessoire"]]
