"""Home Assistant as its own frontend uses it: first user, login, REST."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientConnectionError, ClientSession, ClientTimeout
from yarl import URL

from .errors import DemoError

USERNAME = PASSWORD = "demo"  # noqa: S105 - printed for everybody to see
START_SECONDS = 120
# A command may take as long as a lock's motor and a slow cloud together.
CALL = ClientTimeout(total=90)


@dataclass(kw_only=True)
class Home:
    """A running Home Assistant we are logged in to."""

    session: ClientSession
    url: URL
    token: str = ""

    @property
    def client_id(self) -> str:
        """What the frontend calls itself: the address it was loaded from."""
        return f"{self.url}/"

    async def get(self, path: str) -> Any:
        """GET a JSON answer."""
        return await self._request("GET", path)

    async def post(self, path: str, data: Mapping[str, Any]) -> Any:
        """POST JSON, and give the JSON answer."""
        return await self._request("POST", path, json=data)

    async def call(self, service: str, entity_id: str) -> None:
        """Call a service (as "lock.open") for one entity and wait until it is done.

        Raises:
            DemoError: Home Assistant refused, in its own words.
        """
        domain, name = service.split(".")
        await self.post(f"/api/services/{domain}/{name}", {"entity_id": entity_id})

    async def create_user(self) -> None:
        """Make the first user, as soon as Home Assistant answers at all."""
        user = {
            "name": "Demo",
            "username": USERNAME,
            "password": PASSWORD,
            "client_id": self.client_id,
            "language": "en",
        }
        async with _patience():
            while True:
                if await self._try_post("/api/onboarding/users", user):
                    return
                await asyncio.sleep(0.1)

    async def log_in(self) -> None:
        """Go through the login form, and keep the access token it ends in."""
        form = {
            "client_id": self.client_id,
            "redirect_uri": self.client_id,
            "handler": ["homeassistant", None],
        }
        flow = await self.post("/auth/login_flow", form)
        credentials = {
            "client_id": self.client_id,
            "username": USERNAME,
            "password": PASSWORD,
        }
        result = await self.post(f"/auth/login_flow/{flow['flow_id']}", credentials)
        grant = {
            "grant_type": "authorization_code",
            "code": result["result"],
            "client_id": self.client_id,
        }
        tokens = await self._request("POST", "/auth/token", data=grant)
        self.token = tokens["access_token"]

    async def wait_until_running(self) -> None:
        """Wait for the end of the start.

        Raises:
            DemoError: It started in recovery mode.
        """
        async with _patience():
            while True:
                config = await self.get("/api/config")
                if config["recovery_mode"]:
                    raise DemoError("Home Assistant started in recovery mode; its log says why.")
                if config["state"] == "RUNNING":
                    return
                await asyncio.sleep(0.1)

    async def _try_post(self, path: str, data: Mapping[str, Any]) -> bool:
        try:
            async with self.session.post(self.url.join(URL(path)), json=data) as response:
                return response.ok
        except ClientConnectionError:
            return False

    async def _request(self, method: str, path: str, **content: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        async with self.session.request(
            method, self.url.join(URL(path)), headers=headers, timeout=CALL, **content
        ) as response:
            if not response.ok:
                words = " ".join((await response.text()).split())
                raise DemoError(f"{method} {path} was answered {response.status}: {words}")
            return await response.json()


@asynccontextmanager
async def _patience() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(START_SECONDS):
            yield
    except TimeoutError as err:
        raise DemoError(f"Home Assistant did not start within {START_SECONDS} s.") from err
