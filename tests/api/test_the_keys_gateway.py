"""The Keys' gateway client on the wire: what is sent, how often, in whose turn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
import socket
from typing import override

from aiohttp import ClientSession, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import unused_port
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.the_keys.api import (
    Gateway,
    TheKeysConnectionError,
    TheKeysConnectionLostError,
    TheKeysError,
    TheKeysResponseError,
    TimestampCounter,
)
from custom_components.smartlocks.vendors.the_keys.api.const import (
    ACTION_TIMEOUT,
    CONNECT_TIMEOUT,
    SIGNED_READ_TIMEOUT,
    UNSIGNED_TIMEOUT,
)

from .the_keys_server import (
    CALLS,
    CODE,
    COMMANDS,
    DEEP,
    IDENTIFIER,
    LARGE,
    SIGNED,
    VECTORS,
    RecordingQueue,
    Server,
    ask,
    gateway_client,
    served,
)

pytestmark = pytest.mark.usefixtures("socket_enabled")

CLIENT = "custom_components.smartlocks.vendors.the_keys.api.client"
# Understood by every call.
ANY = {"status": "ok", "code": 49, "devices": [], "version": "65"}
TURNS = {
    "lockers": (False, 0.5),
    "status": (False, 0.5),
    "synchronize": (True, 1.0),
    "synchronize_locker": (True, 1.0),
    "locker_status": (False, 1.0),
    "open": (True, 1.0),
    "close": (True, 1.0),
    "calibrate": (True, 1.0),
}
# By call, what it may take in all: those that need the radio and a motor take longest.
LIMITS = {
    "lockers": "UNSIGNED_TIMEOUT",
    "status": "UNSIGNED_TIMEOUT",
    "synchronize": "UNSIGNED_TIMEOUT",
    "synchronize_locker": "ACTION_TIMEOUT",
    "locker_status": "SIGNED_READ_TIMEOUT",
    "open": "ACTION_TIMEOUT",
    "close": "ACTION_TIMEOUT",
    "calibrate": "ACTION_TIMEOUT",
}


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """Serve."""
    async with served(answer=ANY) as server:
        yield server


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """Open a session that keeps connections, as Home Assistant's does."""
    async with ClientSession() as session:
        yield session


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

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        yield URL.build(scheme="http", host="127.0.0.1", port=port)
        await done.wait()


@pytest.mark.parametrize("call", SIGNED)
async def test_signed_request_golden_vector_is_sent(
    server: Server, session: ClientSession, call: str
) -> None:
    for vector in VECTORS["vectors"]:
        server.received.clear()
        gateway = gateway_client(session, server.url, now=float(vector["ts"]))
        if vector["ts"] == "0":
            gateway = gateway_client(session, server.url, last=-1)
        await ask(gateway, call)
        (received,) = server.received
        assert (received.method, received.path) == ("POST", f"/{call}")
        assert received.body == vector["body_identifier_ts_hash"]
        assert received.headers["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("call", "method", "path", "body"),
    [
        ("lockers", "GET", "/lockers", ""),
        ("status", "GET", "/status", ""),
        ("synchronize", "GET", "/synchronize", ""),
        (
            "synchronize_locker",
            "POST",
            "/locker/synchronize",
            VECTORS["other_forms"]["locker_synchronize"],
        ),
    ],
)
async def test_unsigned_request_is_sent_as_documented(
    server: Server, session: ClientSession, call: str, method: str, path: str, body: str
) -> None:
    await ask(gateway_client(session, server.url), call)
    (received,) = server.received
    assert (received.method, received.path, received.body) == (method, path, body)


def test_client_has_no_firmware_update() -> None:
    assert not [name for name in dir(Gateway) if "update" in name or "firmware" in name]


@pytest.mark.parametrize("call", CALLS)
async def test_queue_each_call_takes_one_turn_and_its_rest(
    server: Server, session: ClientSession, call: str
) -> None:
    queue = RecordingQueue()
    gateway = Gateway(session, server.url, queue=queue, timestamps=TimestampCounter())
    await ask(gateway, call)
    assert queue.turns == [TURNS[call]]


@pytest.mark.parametrize("call", ["lockers", "status", "locker_status"])
async def test_queue_urgent_read_goes_first(
    server: Server, session: ClientSession, call: str
) -> None:
    queue = RecordingQueue()
    gateway = Gateway(session, server.url, queue=queue, timestamps=TimestampCounter())
    await ask(gateway, call, urgent=True)
    assert queue.turns == [(True, TURNS[call][1])]


async def test_requests_at_once_go_one_by_one_with_rising_timestamps(
    server: Server, session: ClientSession
) -> None:
    loop = asyncio.get_running_loop()
    gateway = gateway_client(session, server.url, now=1_700_000_000.5)
    started = loop.time()
    await asyncio.gather(
        gateway.lockers(), gateway.locker_status(IDENTIFIER, CODE), gateway.open(IDENTIFIER, CODE)
    )
    # Urgent first; a second's rest after the signed one, half a second after the other.
    assert [one.path for one in server.received] == ["/open", "/lockers", "/locker_status"]
    assert "ts=1700000000" in server.received[0].body
    assert "ts=1700000001" in server.received[2].body
    assert loop.time() - started >= 1.5


async def test_connection_is_used_once(server: Server, session: ClientSession) -> None:
    for call in CALLS:
        await ask(gateway_client(session, server.url, now=1.0), call)
    assert {one.headers["Connection"].lower() for one in server.received} == {"close"}
    assert len({one.port for one in server.received}) == len(CALLS)


@pytest.mark.parametrize("call", COMMANDS)
async def test_on_send_is_called_once_in_its_turn_before_sending(
    server: Server, session: ClientSession, call: str
) -> None:
    sent: list[int] = []
    queue = RecordingQueue()
    gateway = Gateway(session, server.url, queue=queue, timestamps=TimestampCounter())
    async with queue.turn():
        task = asyncio.create_task(
            ask(gateway, call, on_send=lambda: sent.append(len(server.received)))
        )
        await asyncio.sleep(0.05)
        assert sent == []
    await task
    assert sent == [0]
    assert len(server.received) == 1


class SupersededError(Exception):
    """A caller's reason not to send."""


@pytest.mark.parametrize("call", COMMANDS)
async def test_on_send_that_raises_signs_and_sends_nothing(
    server: Server, session: ClientSession, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed: list[object] = []
    monkeypatch.setattr(f"{CLIENT}.sign", lambda *arguments: signed.append(arguments))
    error = SupersededError()

    def refuse() -> None:
        raise error

    with pytest.raises(SupersededError) as caught:
        await ask(gateway_client(session, server.url), call, on_send=refuse)
    assert caught.value is error
    assert (signed, server.received) == ([], [])


@pytest.mark.parametrize("call", COMMANDS)
async def test_on_send_cancelled_in_the_queue_is_not_called(
    server: Server, session: ClientSession, call: str
) -> None:
    sent: list[int] = []
    queue = RecordingQueue()
    gateway = Gateway(session, server.url, queue=queue, timestamps=TimestampCounter())
    async with queue.turn():
        task = asyncio.create_task(ask(gateway, call, on_send=lambda: sent.append(1)))
        await asyncio.sleep(0.01)
        task.cancel()
    await asyncio.sleep(0.05)
    assert task.cancelled()
    assert (sent, server.received) == ([], [])


def test_timeouts() -> None:
    assert CONNECT_TIMEOUT == 4
    assert (UNSIGNED_TIMEOUT, SIGNED_READ_TIMEOUT, ACTION_TIMEOUT) == (10, 10, 20)


@pytest.mark.parametrize("call", CALLS)
async def test_timeout_no_reply_may_have_arrived(
    session: ClientSession, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{CLIENT}.{LIMITS[call]}", 0.1)
    async with raw(b"", hold=True) as url, asyncio.timeout(3):
        with pytest.raises(TheKeysConnectionError) as caught:
            await ask(gateway_client(session, url), call)
    assert caught.value.may_have_arrived
    assert not isinstance(caught.value, TheKeysConnectionLostError)


@pytest.mark.parametrize("call", CALLS)
async def test_connection_closed_without_reply_is_not_tried_again(
    server: Server, session: ClientSession, call: str
) -> None:
    server.answer = None
    with pytest.raises(TheKeysConnectionLostError) as caught:
        await ask(gateway_client(session, server.url, now=1.0), call)
    assert caught.value.may_have_arrived
    assert len(server.received) == 1


@pytest.mark.parametrize("call", CALLS)
async def test_connection_refused_did_not_arrive(session: ClientSession, call: str) -> None:
    url = URL.build(scheme="http", host="127.0.0.1", port=unused_port())
    with pytest.raises(TheKeysConnectionError) as caught:
        await ask(gateway_client(session, url), call)
    assert not caught.value.may_have_arrived
    assert caught.value.code is None
    assert str(caught.value) == "no connection"


class SlowResolver(AbstractResolver):
    """A name server that does not answer."""

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        await asyncio.sleep(60)
        return []

    @override
    async def close(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize("call", CALLS)
async def test_connection_never_made_fails_fast_and_did_not_arrive(
    call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{CLIENT}.CONNECT_TIMEOUT", 0.05)
    async with (
        ClientSession(connector=TCPConnector(resolver=SlowResolver())) as session,
        asyncio.timeout(3),
    ):
        with pytest.raises(TheKeysConnectionError) as caught:
            await ask(gateway_client(session, URL("http://thekeys.local")), call)
    assert not caught.value.may_have_arrived


async def test_address_that_is_none_did_not_arrive(session: ClientSession) -> None:
    with pytest.raises(TheKeysConnectionError) as caught:
        await ask(gateway_client(session, URL("http://a..b")), "lockers")
    assert not caught.value.may_have_arrived


@pytest.mark.parametrize(
    "answer",
    [
        b'HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{"status": "ok"}',
        b"SSH-2.0-dropbear\r\n\r\n",
    ],
    ids=["truncated", "not HTTP"],
)
@pytest.mark.parametrize("call", ["lockers", "open"])
async def test_reply_that_is_cut_or_no_http_may_have_arrived(
    session: ClientSession, call: str, answer: bytes
) -> None:
    async with raw(answer) as url:
        with pytest.raises(TheKeysError) as caught:
            await ask(gateway_client(session, url), call)
    assert caught.value.may_have_arrived


async def test_reply_without_end_is_cut(session: ClientSession) -> None:
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + b'{"status": "ok",' + b" " * 2_000_000
    async with raw(endless, hold=True) as url, asyncio.timeout(5):
        with pytest.raises(TheKeysResponseError):
            await ask(gateway_client(session, url), "synchronize")


@pytest.mark.parametrize("body", [DEEP, LARGE], ids=["deep", "large"])
@pytest.mark.parametrize("call", [call for call in CALLS if call != "status"])
async def test_reply_too_deep_or_too_large_is_an_error(
    server: Server, session: ClientSession, call: str, body: bytes
) -> None:
    server.answer = body
    with pytest.raises(TheKeysResponseError) as caught:
        await ask(gateway_client(session, server.url), call)
    assert caught.value.may_have_arrived


async def test_error_of_a_lost_connection_names_no_address(session: ClientSession) -> None:
    url = URL.build(scheme="http", host="127.0.0.1", port=unused_port())
    with pytest.raises(TheKeysConnectionError) as caught:
        await ask(gateway_client(session, url), "open")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert "127.0.0.1" not in f"{caught.value!r} {caught.value}"
