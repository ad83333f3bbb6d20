"""A signed push at Home Assistant's HTTP server, until the state, and all, is written."""

from base64 import b64decode
from collections import defaultdict
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
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback

from custom_components.smartlocks import helpers
from tests.simulators import loqed
from tests.simulators.loqed import LoqedSimulator
from tests.simulators.loqed.crypto import bridge_hash

from .home import QUIET, begin_earlier, begun, core_bridge, our_bridge, running

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


# What a push writes: the lock, and last the event where there is one.
_WRITES: Final = {
    "core": ("lock.core_door_0",),
    "ours": ("lock.door_0", "event.door_0_activity"),
}


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
    written: dict[str, list[float]] = defaultdict(list)
    await simulator.start()

    async def nothing(*_: Any) -> None:
        return

    async def hash_once(_: HomeAssistant, __: str, request: web.Request) -> None:
        sha256(await request.read()).hexdigest()

    async def tick(*_: Any) -> None:
        clock.ticks += 1

    async def shown(hass: HomeAssistant, *_: Any) -> web.Response:
        return web.json_response({one.entity_id: one.state for one in hass.states.async_all()})

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        written[event.data["entity_id"]].append(time.perf_counter())

    async def moments(*_: Any) -> web.Response:
        told = dict(written)
        written.clear()
        return web.json_response(told)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with running(Path(folder)) as home:
            begin_earlier(QUIET)
            await home.add(our_bridge(simulator.host), core_bridge(simulator.host))
            begun()
            helpers.unix_time = clock
            for name, handler in (
                ("floor", nothing),
                ("hash", hash_once),
                ("tick", tick),
                ("shown", shown),
                ("moments", moments),
            ):
                webhook.async_register(home.hass, "bench", name, name, handler)
            home.hass.bus.async_listen(EVENT_STATE_CHANGED, changed)
            say(home.port)
            await until_left()
    await simulator.stop()


class Client:
    """Sends calls on one connection and measures the answers, with as little as can be."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, path: str, body: bytes = b"", headers: str = "") -> tuple[float, float, bytes]:
        """Send a call; returns when that began and when it was answered, and the answer."""
        call = (
            f"POST /api/webhook/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        ).encode() + body
        began = time.perf_counter()
        self._socket.sendall(call)
        answer = self._socket.recv(1 << 20)
        return began, time.perf_counter(), answer

    def json(self, path: str) -> Any:
        """Return what a webhook tells."""
        return json.loads(self.post(path)[2].partition(b"\r\n\r\n")[2])


def measure(port: int, count: int) -> dict[str, list[float]]:
    """Send so many calls of each kind in turn; returns the seconds until each was answered.

    Each push moves the lock, so that a state and an event are written. "ours: state" is
    the time until the state was written, "ours: all" that until the event was, too, and the
    call answered.
    """
    client, key = Client(port), b64decode(loqed.BRIDGE_KEY)
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    spans: dict[str, list[tuple[float, float]]] = {kind: [] for kind in _WRITES}
    client.json("moments")
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
            began, ended, answer = client.post(path, body, headers)
            took[kind].append(ended - began)
            if kind in _WRITES:
                spans[kind].append((began, ended))
            wanted = b"401" if kind == "forged" else b"200"
            if answer[9:12] != wanted:
                raise RuntimeError(f"{kind}: {answer!r}")
        if number in (count - 2, count - 1):
            _check(client, "locked" if number % 2 else "unlocked")
    written = client.json("moments")
    for kind, entities in _WRITES.items():
        first, last = written[entities[0]], written[entities[-1]]
        whole = zip(spans[kind], first, last, strict=True)
        moments = [(state - began, max(end, event) - began) for (began, end), state, event in whole]
        took[f"{kind}: state"] = [state for state, _ in moments]
        took[f"{kind}: all"] = [every for _, every in moments]
    return took


def _check(client: Client, wanted: str) -> None:
    states = client.json("shown")
    for entity_id in ("lock.door_0", "lock.core_door_0"):
        if states[entity_id] != wanted:
            raise RuntimeError(f"{entity_id} is {states[entity_id]}, not {wanted}")
