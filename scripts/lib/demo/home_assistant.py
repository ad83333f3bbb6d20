"""Home Assistant as its own frontend uses it: first user, login, REST and WebSocket."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
import contextlib
from dataclasses import dataclass, field
import itertools
import time
from typing import Any, Self

from aiohttp import ClientConnectionError, ClientSession, ClientTimeout, ClientWebSocketResponse
from yarl import URL

from .console import DemoError

USERNAME = PASSWORD = "demo"  # noqa: S105 - printed for everybody to see
START_SECONDS = 120
ANSWER_SECONDS = 30
# A command may take as long as a lock's motor and a slow cloud together.
REQUEST = ClientTimeout(total=90)


@dataclass(kw_only=True)
class HomeAssistant:
    """A running Home Assistant, and our login to it."""

    session: ClientSession
    url: URL
    token: str = ""

    @property
    def client_id(self) -> str:
        """Return the name of the frontend, which is the address it was loaded from."""
        return f"{self.url}/"

    async def get(self, path: str) -> Any:
        """Return the JSON response to a GET."""
        return await self._request("GET", path)

    async def post(self, path: str, data: Mapping[str, Any]) -> Any:
        """Post JSON, and return the JSON response."""
        return await self._request("POST", path, json=data)

    async def call(self, service: str, entity_id: str) -> None:
        """Call a service such as "lock.open" for one entity and wait until it is done.

        Raises DemoError with Home Assistant's message if it fails.
        """
        domain, name = service.split(".")
        await self.post(f"/api/services/{domain}/{name}", {"entity_id": entity_id})

    async def create_user(self) -> None:
        """Create the first user, as soon as Home Assistant responds."""
        user = {
            "name": "Demo",
            "username": USERNAME,
            "password": PASSWORD,
            "client_id": self.client_id,
            "language": "en",
        }
        async with _start_limit():
            while True:
                if await self._try_post("/api/onboarding/users", user):
                    return
                await asyncio.sleep(0.1)

    async def log_in(self) -> None:
        """Log in, and keep the access token."""
        self.token = (await self.fetch_tokens())["access_token"]

    async def fetch_tokens(self) -> dict[str, Any]:
        """Go through the login form, and return the tokens."""
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
        tokens: dict[str, Any] = await self._request("POST", "/auth/token", data=grant)
        return tokens

    async def wait_until_running(self) -> None:
        """Wait until it has started; DemoError if it did in recovery mode."""
        async with _start_limit():
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
            method, self.url.join(URL(path)), headers=headers, timeout=REQUEST, **content
        ) as response:
            if not response.ok:
                words = " ".join((await response.text()).split())
                raise DemoError(f"{method} {path}: status {response.status}: {words}")
            return await response.json()


@contextlib.asynccontextmanager
async def _start_limit() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(START_SECONDS):
            yield
    except TimeoutError as err:
        raise DemoError(f"Home Assistant did not start within {START_SECONDS} s.") from err


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """A state of an entity, and when it came (monotonic seconds)."""

    at: float
    state: str
    attributes: dict[str, Any]


@dataclass(kw_only=True)
class Connection:
    """A WebSocket connection that records all changes of states."""

    home: HomeAssistant
    history: dict[str, list[State]] = field(default_factory=dict)
    _socket: ClientWebSocketResponse | None = None
    _reader: asyncio.Task[None] | None = None
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _answers: dict[int, asyncio.Future[Any]] = field(default_factory=dict)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __aenter__(self) -> Self:
        socket = await self.home.session.ws_connect(self.home.url / "api/websocket")
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": self.home.token})
        answer = await socket.receive_json()
        if answer["type"] != "auth_ok":
            raise DemoError("Home Assistant's WebSocket refused its own token.")
        self._socket = socket
        self._reader = asyncio.create_task(self._read(socket))
        await self.command("subscribe_events", event_type="state_changed")
        for state in await self.command("get_states"):
            self._record(state)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
        if self._socket is not None:
            await self._socket.close()

    @property
    def is_open(self) -> bool:
        """Tell whether Home Assistant still talks to us."""
        return self._reader is not None and not self._reader.done()

    async def command(self, kind: str, **fields: Any) -> Any:
        """Send a command and return its result; DemoError with the message if it fails."""
        if self._socket is None:
            raise DemoError("The WebSocket is not connected.")
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "type": kind, **fields})
        message = await asyncio.wait_for(answer, ANSWER_SECONDS)
        if not message["success"]:
            raise DemoError(f"{kind}: {message['error']['message']}")
        return message["result"]

    def now(self, entity_id: str) -> State | None:
        """Return the state of an entity; None if it has none."""
        seen = self.history.get(entity_id)
        return seen[-1] if seen else None

    def since(self, entity_id: str, at: float) -> Sequence[State]:
        """Return the states since a moment (monotonic seconds), in order."""
        return [seen for seen in self.history.get(entity_id, ()) if seen.at >= at]

    async def until(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Wait until a condition holds, which every change of a state may bring about."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(ready)
        except TimeoutError:
            return ready()
        return True

    async def _read(self, socket: ClientWebSocketResponse) -> None:
        async for message in socket:
            content = message.json()
            if content["type"] == "result":
                self._answers.pop(content["id"]).set_result(content)
            elif content["type"] == "event" and content["event"]["data"]["new_state"]:
                self._record(content["event"]["data"]["new_state"])
                async with self._changed:
                    self._changed.notify_all()

    def _record(self, state: dict[str, Any]) -> None:
        seen = State(at=time.monotonic(), state=state["state"], attributes=state["attributes"])
        self.history.setdefault(state["entity_id"], []).append(seen)
