"""A client and a receiver for the tests of the LOQED simulator.

Written from the protocol a second time, and sharing nothing with the simulator, so that
neither can hide a mistake of the other.
"""

from base64 import b64decode, b64encode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
import hashlib
import hmac
import json
from pathlib import Path
import struct
import time
from typing import Any

from aiohttp import ClientResponse, ClientSession, web
from yarl import URL

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "loqed.json").read_text())

TRIGGERS = [
    *(f"trigger_state_changed_{state}" for state in ("open", "latch", "night_lock", "unknown")),
    *(f"trigger_state_goto_{state}" for state in ("open", "latch", "night_lock")),
    "trigger_battery",
    "trigger_online_status",
]


def triggers(flags: int) -> dict[str, int]:
    """The nine fields of a create for the flags of its hash."""
    return {name: flags >> bit & 1 for bit, name in enumerate(TRIGGERS)}


def command(key: str, *, action: int, slot: int, at: int | None = None, kind: int = 7) -> str:
    """A signed command in base64: 1 opens, 2 unlocks, 3 locks."""
    now = struct.pack(">Q", int(time.time()) if at is None else at)
    head, tail = bytes([2, kind]) + now, bytes([slot, 1, action])
    digest = hmac.new(b64decode(key), head + tail, hashlib.sha256).digest()
    return b64encode(bytes(8) + head + digest + tail).decode()


@dataclass(kw_only=True)
class BridgeClient:
    """Calls a bridge as an integration would."""

    session: ClientSession
    url: URL
    key: str

    async def status(self) -> dict[str, Any]:
        """The status, whatever its type is said to be."""
        async with self.session.get(self.url / "status") as response:
            status: dict[str, Any] = json.loads(await response.read())
            return status

    async def to_lock(self, signed: str) -> tuple[int, str]:
        """The answer to a command."""
        url = (self.url / "to_lock").with_query(command_signed_base64=signed)
        async with self.session.get(url) as response:
            return response.status, await response.text()

    def headers(self, covered: bytes, at: int | None = None) -> dict[str, str]:
        """The signature of a call about webhooks."""
        now = int(time.time()) if at is None else at
        content = covered + struct.pack(">Q", now) + b64decode(self.key)
        return {"TIMESTAMP": str(now), "HASH": hashlib.sha256(content).hexdigest()}

    async def webhooks(self) -> tuple[int, list[dict[str, Any]]]:
        """The status code and, if it is 200, the list."""
        headers = self.headers(b"")
        async with self.session.get(self.url / "webhooks", headers=headers) as response:
            body = await response.read()
            return response.status, json.loads(body) if response.status == 200 else []

    async def create(self, url: str, flags: int = 511) -> int:
        """The status code of a create."""
        headers = self.headers(url.encode() + struct.pack(">I", flags))
        return await self.post({"url": url, **triggers(flags)}, headers)

    async def post(self, body: object, headers: dict[str, str]) -> int:
        """The status code of a create as given."""
        async with self.session.post(
            self.url / "webhooks", data=json.dumps(body), headers=headers
        ) as response:
            return response.status

    async def delete(self, webhook_id: int) -> int:
        """The status code of a delete."""
        headers = self.headers(struct.pack(">Q", webhook_id))
        url = self.url / "webhooks" / str(webhook_id)
        async with self.session.delete(url, headers=headers) as response:
            return response.status

    async def raw(self, path: str) -> ClientResponse:
        """The whole answer to a GET."""
        response = await self.session.get(self.url / path)
        await response.read()
        return response


@dataclass(kw_only=True)
class Receiver:
    """Takes pushes; notes what the bridge's status was while it did."""

    bridge: BridgeClient
    answer: int = 200
    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[list[tuple[str, str]], bytes]] = field(default_factory=list)
    states_meanwhile: list[str] = field(default_factory=list)

    @property
    def events(self) -> list[str]:
        """The events that came, in order."""
        return [body["event_type"] for body in self.bodies]

    async def take(self, request: web.Request) -> web.Response:
        """Note a push."""
        body = await request.read()
        headers = [(name.decode(), value.decode()) for name, value in request.raw_headers]
        self.requests.append((headers, body))
        self.states_meanwhile.append((await self.bridge.status())["bolt_state"])
        with suppress(ValueError, RecursionError):
            self.bodies.append(json.loads(body))
        return web.Response(status=self.answer)

    def is_signed(self, index: int = -1) -> bool:
        """Whether a push carries the right hash of its body and timestamp."""
        headers, body = self.requests[index]
        sent = dict(headers)
        expected = self.bridge.headers(body, int(sent["TIMESTAMP"]))
        return expected["HASH"] == sent["HASH"]


@asynccontextmanager
async def receiving(bridge: BridgeClient) -> AsyncGenerator[Receiver]:
    """A receiver that listens on a free port."""
    receiver = Receiver(bridge=bridge)
    app = web.Application(client_max_size=1 << 22)
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()
