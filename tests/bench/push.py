"""A signed push, from the first byte at Home Assistant's HTTP server until all is written."""

from base64 import b64decode
from collections.abc import Callable
from hashlib import sha256
import json
from pathlib import Path
import socket
import tempfile
import time
from typing import Any, Final

from aiohttp import web
from homeassistant.components import webhook
from homeassistant.core import HomeAssistant

from custom_components.smartlocks import helpers
from tests.simulators import loqed
from tests.simulators.loqed import LoqedSimulator
from tests.simulators.loqed.crypto import bridge_hash

from .home import QUIET, core_bridge, move_clocks, our_bridge, running

# The webhooks: one that does nothing, one that reads the call and hashes it once, core's
# and ours; and ours with a call that nobody signed.
KINDS: Final = {
    "floor": "floor",
    "hash": "hash",
    "forged": "ours0",
    "core": "core0",
    "ours": "ours0",
}
_STATES: Final = (
    ("DAY_LOCK", 2, "STATE_CHANGED_LATCH"),
    ("NIGHT_LOCK", 3, "STATE_CHANGED_NIGHT_LOCK"),
)


class Clock:
    """The wall clock of the integration, a second later at each tick.

    Two pushes of one second cannot be put in order, and a bench has not got the time.
    """

    def __init__(self) -> None:
        self.ticks = 0

    def __call__(self) -> float:
        """Return unix seconds."""
        return time.time() + self.ticks


async def serve(say: Callable[[Any], None], until_left: Callable[[], Any]) -> None:
    """Run a Home Assistant with a bridge of ours and one of core's, until told to end."""
    clock, simulator = Clock(), LoqedSimulator(pace=0.0)
    await simulator.start()

    async def nothing(*_: Any) -> None:
        return

    async def hash_once(_: HomeAssistant, __: str, request: web.Request) -> None:
        sha256(await request.read()).hexdigest()

    async def tick(*_: Any) -> None:
        clock.ticks += 1

    async def shown(hass: HomeAssistant, *_: Any) -> web.Response:
        return web.json_response({one.entity_id: one.state for one in hass.states.async_all()})

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with running(Path(folder)) as home:
            await home.add(our_bridge(simulator.host), core_bridge(simulator.host))
            move_clocks(QUIET)
            helpers.unix_time = clock
            for name, handler in (
                ("floor", nothing),
                ("hash", hash_once),
                ("tick", tick),
                ("shown", shown),
            ):
                webhook.async_register(home.hass, "bench", name, name, handler)
            say(home.port)
            await until_left()
    await simulator.stop()


class Client:
    """Sends calls on one connection and measures the answers, with as little as can be."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, path: str, body: bytes = b"", headers: str = "") -> tuple[float, bytes]:
        """Send a call; returns the seconds it took, and the answer."""
        call = (
            f"POST /api/webhook/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        ).encode() + body
        began = time.perf_counter()
        self._socket.sendall(call)
        answer = self._socket.recv(1 << 20)
        return time.perf_counter() - began, answer


def measure(port: int, count: int) -> dict[str, list[float]]:
    """Send so many calls of each kind in turn; returns the seconds that each took.

    Each push moves the lock, so that a state and an event are written; that they were is
    looked at.
    """
    client, key = Client(port), b64decode(loqed.BRIDGE_KEY)
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for number in range(count):
        client.post("tick")
        state, numeric, event = _STATES[number % 2]
        told = {
            "requested_state": state,
            "requested_state_numeric": numeric,
            "mac_wifi": loqed.BRIDGE_MAC_WIFI,
            "mac_ble": loqed.BRIDGE_MAC_BLE,
            "event_type": event,
            "key_local_id": loqed.LOCAL_ID,
        }
        body = json.dumps(told, separators=(",", ":")).encode()
        for kind, path in KINDS.items():
            stamp = int(time.time()) + (0 if kind == "core" else number + 1)
            signature = bridge_hash(body, timestamp=stamp, key=key)
            signature = "0" * 64 if kind == "forged" else signature
            headers = f"TIMESTAMP: {stamp}\r\nHASH: {signature}\r\n"
            seconds, answer = client.post(path, body, headers)
            took[kind].append(seconds)
            wanted = b"401" if kind == "forged" else b"200"
            if answer[9:12] != wanted:
                raise RuntimeError(f"{kind}: {answer!r}")
        if number in (count - 2, count - 1):
            _check(client, "locked" if number % 2 else "unlocked")
    return took


def _check(client: Client, wanted: str) -> None:
    states = json.loads(client.post("shown")[1].partition(b"\r\n\r\n")[2])
    for entity_id in ("lock.door_0", "lock.core_door_0"):
        if states[entity_id] != wanted:
            raise RuntimeError(f"{entity_id} is {states[entity_id]}, not {wanted}")
