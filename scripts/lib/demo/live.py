"""Home Assistant's WebSocket: its commands, and every state as it comes."""

import asyncio
from collections.abc import Callable, Sequence
import contextlib
from dataclasses import dataclass, field
import itertools
import time
from typing import Any, Self

from aiohttp import ClientWebSocketResponse

from .errors import DemoError
from .home import Home

ANSWER_SECONDS = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A state, and when it came (monotonic seconds)."""

    at: float
    state: str
    attributes: dict[str, Any]


@dataclass(kw_only=True)
class Live:
    """A WebSocket connection that subscribes to all state changes and keeps them."""

    home: Home
    history: dict[str, list[Seen]] = field(default_factory=dict)
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
            raise DemoError("Home Assistant's WebSocket refused the token it had just given.")
        self._socket = socket
        self._reader = asyncio.create_task(self._read(socket))
        await self.command("subscribe_events", event_type="state_changed")
        for state in await self.command("get_states"):
            self._note(state)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
        if self._socket is not None:
            await self._socket.close()

    async def command(self, kind: str, **fields: Any) -> Any:
        """Send one command and give its result.

        Raises:
            DemoError: The command was refused, in Home Assistant's own words.
        """
        if self._socket is None:
            raise DemoError("The WebSocket is not connected.")
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "type": kind, **fields})
        message = await asyncio.wait_for(answer, ANSWER_SECONDS)
        if not message["success"]:
            raise DemoError(f"{kind}: {message['error']['message']}")
        return message["result"]

    def now(self, entity_id: str) -> Seen | None:
        """The state of an entity; None when it has none."""
        seen = self.history.get(entity_id)
        return seen[-1] if seen else None

    def since(self, entity_id: str, at: float) -> Sequence[Seen]:
        """What came after a moment (monotonic seconds), in order."""
        return [seen for seen in self.history.get(entity_id, ()) if seen.at >= at]

    async def until(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Wait until something holds, asked again at every state that comes."""
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
                self._note(content["event"]["data"]["new_state"])
                async with self._changed:
                    self._changed.notify_all()

    def _note(self, state: dict[str, Any]) -> None:
        seen = Seen(at=time.monotonic(), state=state["state"], attributes=state["attributes"])
        self.history.setdefault(state["entity_id"], []).append(seen)
