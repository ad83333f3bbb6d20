"""The Keys' gateway client on the wire: what is sent, how often, in whose turn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
import socket
from typing import Any, override

from aiohttp import ClientSession, ClientTimeout, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import unused_port
import pytest
from yarl import URL

from custom_components.smartlocks.request_queue import RequestQueue
from custom_components.smartlocks.vendors.the_keys.api import (
    Gateway,
    TheKeysConnectionError,
    TheKeysResponseError,
    TimestampCounter,
)
from custom_components.smartlocks.vendors.the_keys.api.const import (
    SIGNED_TIMEOUT,
    UNSIGNED_TIMEOUT,
)

from .the_keys_wire import CODE, IDENTIFIER, VECTORS, Wire, served

pytestmark = pytest.mark.usefixtures("socket_enabled")

GATEWAY = "custom_components.smartlocks.vendors.the_keys.api.gateway"
# Understood by every call.
ANY = {"status": "ok", "code": 49, "devices": [], "version": "65"}

UNSIGNED: dict[str, tuple[tuple[int, ...], str, str, str, bool]] = {
    "lockers": ((), "GET", "/lockers", "", False),
    "status": ((), "GET", "/status", "", False),
    "synchronize": ((), "GET", "/synchronize", "", True),
    "synchronize_locker": (
        (IDENTIFIER,),
        "POST",
        "/locker/synchronize",
        VECTORS["other_forms"]["locker_synchronize"],
        True,
    ),
}
SIGNED = {"locker_status": False, "open": True, "close": True, "calibrate": True}
CALLS = (*UNSIGNED, *SIGNED)


class Queue(RequestQueue):
    """The queue of the integration, which also notes what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.turns: list[tuple[bool, float]] = []

    @asynccontextmanager
    @override
    async def turn(self, *, urgent: bool = False, rest: float = 0.0) -> AsyncIterator[None]:
        """Note and pass on."""
        self.turns.append((urgent, rest))
        async with super().turn(urgent=urgent, rest=rest):
            yield


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    """Serve."""
    async with served(answer=ANY) as wire:
        yield wire


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """Open a session that keeps connections, as the one of the integration does."""
    async with ClientSession() as session:
        yield session


def client(session: ClientSession, url: URL, *, last: int = 0, now: float = 0.0) -> Gateway:
    """Return a client whose clock stands."""
    return Gateway(session, url, queue=Queue(), timestamps=TimestampCounter(last, now=lambda: now))


async def call(gateway: Gateway, name: str) -> Any:
    """Make a call with the arguments it takes."""
    arguments = (IDENTIFIER, CODE) if name in SIGNED else UNSIGNED[name][0]
    return await getattr(gateway, name)(*arguments)


@pytest.mark.parametrize("name", SIGNED)
async def test_signed_requests(wire: Wire, session: ClientSession, name: str) -> None:
    for vector in VECTORS["vectors"]:
        wire.heard.clear()
        gateway = client(session, wire.url, now=float(vector["ts"]))
        if vector["ts"] == "0":
            gateway = client(session, wire.url, last=-1)
        await call(gateway, name)
        (heard,) = wire.heard
        assert (heard.method, heard.path) == ("POST", f"/{name}")
        assert heard.body == vector["body_identifier_ts_hash"]
        assert heard.headers["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("name", UNSIGNED)
async def test_unsigned_requests(wire: Wire, session: ClientSession, name: str) -> None:
    _, method, path, body, _ = UNSIGNED[name]
    wire.answer = ANY | {"code": 0}
    await call(client(session, wire.url), name)
    (heard,) = wire.heard
    assert (heard.method, heard.path, heard.body) == (method, path, body)


async def test_nothing_can_update_any_firmware() -> None:
    assert not [name for name in dir(Gateway) if "update" in name or "firmware" in name]


async def test_the_turn_each_call_takes(wire: Wire, session: ClientSession) -> None:
    expected = {name: (form[4], 0.5) for name, form in UNSIGNED.items()}
    expected |= {name: (urgent, 1.0) for name, urgent in SIGNED.items()}
    for name in CALLS:
        queue = Queue()
        gateway = Gateway(session, wire.url, queue=queue, timestamps=TimestampCounter())
        await call(gateway, name)
        assert queue.turns == [expected[name]], name


async def test_a_status_somebody_waits_for_goes_first(wire: Wire, session: ClientSession) -> None:
    queue = Queue()
    gateway = Gateway(session, wire.url, queue=queue, timestamps=TimestampCounter())
    await gateway.locker_status(IDENTIFIER, CODE, urgent=True)
    assert queue.turns == [(True, 1.0)]


async def test_one_after_the_other_with_rising_times(wire: Wire, session: ClientSession) -> None:
    loop = asyncio.get_running_loop()
    gateway = client(session, wire.url, now=1_700_000_000.5)
    started = loop.time()
    await asyncio.gather(
        gateway.lockers(), gateway.locker_status(IDENTIFIER, CODE), gateway.open(IDENTIFIER, CODE)
    )
    # Urgent first; a second's rest after the signed one, half a second after the other.
    assert [heard.path for heard in wire.heard] == ["/open", "/lockers", "/locker_status"]
    assert "ts=1700000000" in wire.heard[0].body
    assert "ts=1700000001" in wire.heard[2].body
    assert loop.time() - started >= 1.5


async def test_every_request_has_its_own_connection(wire: Wire, session: ClientSession) -> None:
    for name in CALLS:
        await call(client(session, wire.url, now=1.0), name)
    assert {heard.headers["Connection"].lower() for heard in wire.heard} == {"close"}
    assert len({heard.port for heard in wire.heard}) == len(CALLS)


def test_how_long_it_is_waited() -> None:
    assert (SIGNED_TIMEOUT.connect, SIGNED_TIMEOUT.total) == (5, 20)
    assert (UNSIGNED_TIMEOUT.connect, UNSIGNED_TIMEOUT.total) == (5, 10)


@pytest.mark.parametrize("name", CALLS)
async def test_a_closed_connection_is_not_tried_again(
    wire: Wire, session: ClientSession, name: str
) -> None:
    wire.answer = None
    with pytest.raises(TheKeysConnectionError) as caught:
        await call(client(session, wire.url, now=1.0), name)
    assert caught.value.may_have_arrived
    assert len(wire.heard) == 1


@pytest.mark.parametrize("name", CALLS)
async def test_a_refused_connection_did_not_arrive(session: ClientSession, name: str) -> None:
    url = URL.build(scheme="http", host="127.0.0.1", port=unused_port())
    with pytest.raises(TheKeysConnectionError) as caught:
        await call(client(session, url), name)
    assert not caught.value.may_have_arrived
    assert caught.value.code is None
    assert str(caught.value) == "no connection"


@asynccontextmanager
async def raw(answer: bytes, *, hold: bool = False) -> AsyncIterator[URL]:
    """Serve bytes that need not be HTTP to one client; hold its connection until it goes."""
    done = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(answer)
        with suppress(ConnectionError):
            await reader.read(-1 if hold else 0)
        writer.close()
        done.set()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield URL.build(scheme="http", host="127.0.0.1", port=port)
        await done.wait()


@pytest.mark.parametrize("name", ["lockers", "open"])
async def test_no_answer_in_time(
    session: ClientSession, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("SIGNED_TIMEOUT", "UNSIGNED_TIMEOUT"):
        monkeypatch.setattr(f"{GATEWAY}.{limit}", ClientTimeout(total=0.1))
    async with raw(b"", hold=True) as url:
        with pytest.raises(TheKeysConnectionError) as caught:
            await call(client(session, url), name)
    assert caught.value.may_have_arrived


async def test_a_truncated_answer(session: ClientSession) -> None:
    cut = b'HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{"status": "ok"}'
    async with raw(cut) as url:
        with pytest.raises(TheKeysConnectionError) as caught:
            await call(client(session, url), "open")
    assert caught.value.may_have_arrived


async def test_no_http_at_all(session: ClientSession) -> None:
    async with raw(b"SSH-2.0-dropbear\r\n\r\n") as url:
        with pytest.raises(TheKeysResponseError):
            await call(client(session, url), "lockers")


async def test_an_answer_without_end_is_cut(session: ClientSession) -> None:
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + b'{"status": "ok",' + b" " * 2_000_000
    async with raw(endless, hold=True) as url, asyncio.timeout(5):
        with pytest.raises(TheKeysResponseError):
            await call(client(session, url), "synchronize")


class SlowResolver(AbstractResolver):
    """A name server that never comes round to it."""

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        await asyncio.sleep(60)
        return []

    @override
    async def close(self) -> None:
        """Nothing to close."""


async def test_connecting_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{GATEWAY}.SIGNED_TIMEOUT", ClientTimeout(total=20, connect=0.05))
    async with ClientSession(connector=TCPConnector(resolver=SlowResolver())) as session:
        with pytest.raises(TheKeysConnectionError) as caught:
            await call(client(session, URL("http://thekeys.local")), "open")
    assert not caught.value.may_have_arrived


async def test_an_address_that_is_none(session: ClientSession) -> None:
    with pytest.raises(TheKeysConnectionError) as caught:
        await call(client(session, URL("http://a..b")), "lockers")
    assert not caught.value.may_have_arrived
