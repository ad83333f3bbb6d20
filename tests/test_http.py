"""Tests of the HTTP client, over real connections to small servers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import gzip
import json
import socket
import time
import tracemalloc
from typing import Any

from aiohttp import ClientSession, CookieJar
import pytest
from yarl import URL

from custom_components.smartlocks.http import (
    MAX_BODY,
    ConnectionLostError,
    HttpError,
    NoResponseError,
    NotConnectedError,
    Response,
    ResponseError,
    one_connection_per_request,
    parse_json,
    request,
)

pytestmark = pytest.mark.usefixtures("socket_enabled")

MEGABYTE = 1 << 20

type Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(kw_only=True)
class Server:
    """A server that records whole requests and responds with the bytes it is given.

    `responses` are sent one after another, the last one from then on. None closes the
    connection instead; with `is_silent` nothing is ever sent.
    """

    responses: list[bytes | None] = field(default_factory=list)
    is_silent: bool = False
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    sent: int = 0
    url: URL = field(default_factory=URL)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Handle the requests of one connection."""
        self.connections += 1
        try:
            while True:
                self.requests.append(await _read_request(reader))
                if self.is_silent:
                    await reader.read()
                    return
                response = self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]
                if response is None:
                    return
                for start in range(0, len(response), 1 << 16):
                    writer.write(response[start : start + (1 << 16)])
                    await writer.drain()
                    self.sent += 1 << 16
        except asyncio.IncompleteReadError, ConnectionError:
            pass
        finally:
            writer.close()


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return head + await reader.readexactly(int(lengths[0].split(b":")[1]) if lengths else 0)


@asynccontextmanager
async def listening(handler: Handler) -> AsyncIterator[URL]:
    """Serve on a free port."""
    server = await asyncio.start_server(handler, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    try:
        yield URL.build(scheme="http", host="127.0.0.1", port=port, path="/path")
    finally:
        server.close()
        server.close_clients()


def response(
    body: bytes = b"{}", *headers: str, status: str = "200 OK", length: int | None = None
) -> bytes:
    """Return a whole HTTP response."""
    length = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {length}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server(responses=[response()])
    async with listening(made.serve) as made.url:
        yield made


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """Open a session like Home Assistant's: kept-alive connections, and a cookie jar."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as made:
        yield made


async def send(session: ClientSession, url: URL, method: str = "GET", **options: Any) -> Response:
    times = {"timeout": 5.0, "connect_timeout": 2.0, **options}
    return await request(session, method, url, **times)


# Requests


async def test_request_with_json_is_sent_as_json(server: Server, session: ClientSession) -> None:
    await send(session, server.url, "POST", json={"a": 1}, headers={"X-Key": "k"})
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /path HTTP/1.1\r\n")
    assert b"X-Key: k" in head
    assert b"\r\nAccept-Encoding: identity\r\n" in head
    assert b"Content-Type: application/json" in head
    assert json.loads(body) == {"a": 1}


async def test_request_with_data_is_sent_as_a_form(server: Server, session: ClientSession) -> None:
    await send(session, server.url, "POST", data={"a": "1 2"})
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert b"Content-Type: application/x-www-form-urlencoded" in head
    assert body == b"a=1+2"


async def test_signed_url_is_sent_as_it_is(server: Server, session: ClientSession) -> None:
    url = URL(f"{server.url}?signed=a%2Bb%2F%3D%3D", encoded=True)
    await send(session, url)
    assert server.requests[0].startswith(b"GET /path?signed=a%2Bb%2F%3D%3D HTTP/1.1\r\n")


# Responses


@pytest.mark.parametrize(
    ("status", "is_success", "is_redirect"),
    [
        ("200 OK", True, False),
        ("204 No Content", True, False),
        ("299 Odd", True, False),
        ("300 Multiple Choices", False, True),
        ("399 Odd", False, True),
        ("400 Bad Request", False, False),
        ("500 Internal Server Error", False, False),
        ("999 Odd", False, False),
    ],
)
async def test_response_of_any_status_is_returned(
    server: Server, session: ClientSession, status: str, is_success: bool, is_redirect: bool
) -> None:
    server.responses = [response(b"", status=status)]
    answer = await send(session, server.url)
    assert answer.status == int(status[:3])
    assert (answer.is_success, answer.is_redirect) == (is_success, is_redirect)


@pytest.mark.parametrize("content_type", ["application/json", "text/html", "nonsense", ""])
async def test_json_is_read_whatever_the_content_type(
    server: Server, session: ClientSession, content_type: str
) -> None:
    server.responses = [response(b'{"a": [1]}', f"Content-Type: {content_type}")]
    assert (await send(session, server.url)).json() == {"a": [1]}


@pytest.mark.parametrize(
    ("header", "date"),
    [
        ("Date: Mon, 01 Jan 2024 00:00:00 GMT", 1704067200.0),
        ("Date: Mon, 01 Jan 2024 00:00:00 -0000", 1704067200.0),
        ("Date: Mon, 01 Jan 2024 00:00:00", 1704067200.0),
        ("Date: Mon, 01 Jan 2024 01:00:00 +0100", 1704067200.0),
        ("Date: yesterday", None),
        ("Date: Mon, 41 Jan 2024 00:00:00 GMT", None),
        ("Date: Mon, 01 Jan 99999999999 00:00:00 GMT", None),
        ("Date:", None),
        ("X-Other: 1", None),
    ],
)
async def test_date_header_becomes_unix_seconds(
    server: Server,
    session: ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    header: str,
    date: float | None,
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    server.responses = [response(b"{}", header)]
    answer = await send(session, server.url)
    monkeypatch.undo()
    time.tzset()
    assert answer.date == date


async def test_response_has_no_body_in_its_repr(server: Server, session: ClientSession) -> None:
    server.responses = [response(b'"secret"')]
    assert "secret" not in repr(await send(session, server.url))


# Nothing was sent


async def test_refused_connection_has_not_arrived(session: ClientSession) -> None:
    async with listening(Server().serve) as url:
        pass
    with pytest.raises(NotConnectedError) as caught:
        await send(session, url)
    assert not caught.value.may_have_arrived


@pytest.mark.parametrize(
    "url", ["", "/path", "http://", "ftp://127.0.0.1/", "file:///etc/passwd", "127.0.0.1"]
)
async def test_invalid_url_has_not_arrived(session: ClientSession, url: str) -> None:
    with pytest.raises(NotConnectedError) as caught:
        await send(session, URL(url))
    assert not caught.value.may_have_arrived


async def test_unknown_host_has_not_arrived(session: ClientSession) -> None:
    with pytest.raises(NotConnectedError) as caught:
        await send(session, URL("http://127.0.0.1.invalid/"))
    assert not caught.value.may_have_arrived


async def test_closed_session_has_not_arrived(server: Server, session: ClientSession) -> None:
    await session.close()
    with pytest.raises(NotConnectedError) as caught:
        await send(session, server.url)
    assert not caught.value.may_have_arrived
    assert server.requests == []


async def test_failed_handshake_has_not_arrived(server: Server, session: ClientSession) -> None:
    with pytest.raises(NotConnectedError) as caught:
        await send(session, server.url.with_scheme("https"))
    assert not caught.value.may_have_arrived


async def test_connection_that_is_never_accepted_fails_after_the_connect_timeout(
    session: ClientSession,
) -> None:
    loop = asyncio.get_running_loop()
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(8)]
        try:
            # More connections than the backlog holds: the next one gets no answer.
            for one in waiting:
                one.settimeout(0)
                one.connect_ex(full.getsockname())
            await asyncio.sleep(0.05)
            started = loop.time()
            with pytest.raises(NotConnectedError) as caught:
                await send(
                    session,
                    URL(f"http://127.0.0.1:{full.getsockname()[1]}/"),
                    timeout=30.0,
                    connect_timeout=0.2,
                )
            assert loop.time() - started < 2
            assert not caught.value.may_have_arrived
        finally:
            for one in waiting:
                one.close()


# It may have been received


async def test_connection_closed_without_a_response_may_have_arrived(
    server: Server, session: ClientSession
) -> None:
    server.responses = [None]
    with pytest.raises(ConnectionLostError) as caught:
        await send(session, server.url)
    assert caught.value.may_have_arrived


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_request_is_sent_once_when_a_kept_connection_drops(
    server: Server, session: ClientSession, method: str
) -> None:
    server.responses = [response(), None]
    await send(session, server.url, method)
    with pytest.raises(ConnectionLostError) as caught:
        await send(session, server.url, method)
    assert caught.value.may_have_arrived
    assert len(server.requests) == 2
    # The connection was kept: what is tested here is the one that aiohttp repeats.
    assert server.connections == 1


async def test_no_response_in_time_may_have_arrived(server: Server, session: ClientSession) -> None:
    server.is_silent = True
    loop = asyncio.get_running_loop()
    started = loop.time()
    with pytest.raises(NoResponseError) as caught:
        await send(session, server.url, timeout=0.2)
    assert loop.time() - started < 2
    assert caught.value.may_have_arrived
    assert not isinstance(caught.value, ConnectionLostError)
    assert len(server.requests) == 1


async def test_body_that_never_ends_in_time_may_have_arrived(
    server: Server, session: ClientSession
) -> None:
    server.responses = [response(b"{", length=100)]
    with pytest.raises(NoResponseError) as caught:
        await send(session, server.url, timeout=0.2)
    assert caught.value.may_have_arrived


@pytest.mark.parametrize(
    "raw",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        response(b"{}", "Content-Encoding: gzip"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        response(b"{}", f"X-Long: {'x' * 100_000}"),
    ],
    ids=["not_http", "status", "not_gzip", "chunks", "header"],
)
async def test_response_that_is_not_http_may_have_arrived(
    server: Server, session: ClientSession, raw: bytes
) -> None:
    server.responses = [raw]
    with pytest.raises(ResponseError) as caught:
        await send(session, server.url)
    assert caught.value.may_have_arrived


async def test_half_a_body_may_have_arrived(session: ClientSession) -> None:
    async def close_early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response(b'{"a":', length=100))
        await writer.drain()
        writer.close()

    async with listening(close_early) as url:
        with pytest.raises(HttpError) as caught:
            await send(session, url)
    assert caught.value.may_have_arrived
    assert not isinstance(caught.value, NotConnectedError)


# What a server cannot make us do


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirect_is_not_followed(
    server: Server, session: ClientSession, status: int
) -> None:
    server.responses = [response(b"", f"Location: {server.url}/other", status=f"{status} Moved")]
    answer = await send(session, server.url)
    assert answer.status == status
    assert answer.is_redirect
    assert len(server.requests) == 1


async def test_cookie_is_not_sent_back(server: Server, session: ClientSession) -> None:
    session.cookie_jar.update_cookies({"of_home_assistant": "1"}, server.url)
    server.responses = [response(b"{}", "Set-Cookie: of_the_server=1; Path=/")]
    await send(session, server.url)
    await send(session, server.url)
    assert [b"cookie" in sent.lower() for sent in server.requests] == [False, False]


async def test_body_up_to_the_limit_is_returned(server: Server, session: ClientSession) -> None:
    server.responses = [response(b"x" * MAX_BODY)]
    assert len((await send(session, server.url)).body) == MAX_BODY


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_larger_body_is_not_read_to_its_end(
    server: Server, session: ClientSession, is_chunked: bool
) -> None:
    body = b"x" * 64 * MEGABYTE
    if is_chunked:
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        server.responses = [head + b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"]
    else:
        server.responses = [response(body)]
    with pytest.raises(ResponseError) as caught:
        await send(session, server.url)
    assert caught.value.may_have_arrived
    # What the buffers of two sockets and of the client hold, and no more.
    assert server.sent < 16 * MEGABYTE


async def test_body_one_byte_over_the_limit_is_refused(
    server: Server, session: ClientSession
) -> None:
    server.responses = [response(b"x" * (MAX_BODY + 1))]
    with pytest.raises(ResponseError):
        await send(session, server.url)


async def test_compressed_body_nobody_asked_for_is_read(
    server: Server, session: ClientSession
) -> None:
    server.responses = [response(gzip.compress(b'{"a": 1}'), "Content-Encoding: gzip")]
    assert (await send(session, server.url)).json() == {"a": 1}


async def test_gzip_bomb_is_refused_in_little_memory(
    server: Server, session: ClientSession
) -> None:
    bomb = gzip.compress(b"0" * 64 * MEGABYTE)
    server.responses = [response(bomb, "Content-Encoding: gzip")]
    tracemalloc.start()
    try:
        with pytest.raises(ResponseError) as caught:
            await send(session, server.url)
        assert tracemalloc.get_traced_memory()[1] < 4 * MEGABYTE
    finally:
        tracemalloc.stop()
    assert caught.value.may_have_arrived


async def test_connection_is_not_used_again_after_a_body_over_the_limit(
    server: Server, session: ClientSession
) -> None:
    server.responses = [response(b"x" * 4 * MAX_BODY), response()]
    with pytest.raises(ResponseError):
        await send(session, server.url)
    assert (await send(session, server.url)).json() == {}
    assert server.connections == 2


# JSON


def test_json_up_to_the_depth_limit_is_read() -> None:
    text = "[" * 20 + "]" * 20
    assert parse_json(text) == parse_json(text.encode())
    assert parse_json('["' + "[{" * 100 + '\\"", 1]')[1] == 1
    # More brackets than that beside each other.
    text = "[" + "[],{}," * 20 + "[" * 19 + "]" * 20
    assert len(parse_json(text)) == 41


@pytest.mark.parametrize(
    "text",
    [
        "[" * 21 + "]" * 21,
        '{"a":' * 21 + "1" + "}" * 21,
        "[" + "[],{}," * 20 + "[" * 20 + "]" * 21,
        "[" * 200_000 + "]" * 200_000,
        "[" * 200_000,
        '"' + "[" * 200_000,
    ],
    ids=["arrays", "objects", "after_others", "huge", "not_closed", "in_an_open_string"],
)
def test_json_nested_more_deeply_is_refused(text: str) -> None:
    for raw in (text, text.encode(), text.encode("utf-16")):
        with pytest.raises(ValueError):  # noqa: PT011 - the type is the contract
            parse_json(raw)


def test_json_whose_brackets_are_hidden_by_its_encoding_is_refused() -> None:
    # One byte of this letter looks like a quotation mark, which brackets may stand in.
    text = '["\u2200",' + "[" * 200_000 + "]" * 200_000 + ',"\u2200"]'
    with pytest.raises(ValueError, match="deeply"):
        parse_json(text.encode("utf-16"))


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", '{"a": [NaN]}'])
def test_json_with_an_unusable_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the type is the contract
        parse_json(text)


@pytest.mark.parametrize("number", ["1e999", "9" * 310, "9" * 5000])
def test_json_with_a_number_too_large_leaves_the_other_fields(number: str) -> None:
    assert parse_json(f'{{"a": {number}, "b": 1}}') == {"a": float("inf"), "b": 1}


def test_json_with_half_a_character_is_read_as_text_and_as_bytes() -> None:
    text = '["\ud800", 1]'
    assert parse_json(text) == parse_json(text.encode(errors="surrogatepass")) == ["\ud800", 1]


def test_json_with_a_long_number_that_is_finite_is_exact() -> None:
    assert parse_json("9" * 300) == int("9" * 300)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": ', b"\xff\xfe\xfd", b"[NaN]", b"[" * 50])
async def test_body_that_is_not_json_is_a_response_error(
    server: Server, session: ClientSession, body: bytes
) -> None:
    server.responses = [response(body)]
    answer = await send(session, server.url)
    with pytest.raises(ResponseError) as caught:
        answer.json()
    assert caught.value.may_have_arrived


# Errors say nothing of what was sent or received


async def test_errors_name_no_address_and_no_content(
    server: Server, session: ClientSession
) -> None:
    server.responses = [response(b'{"secret"')]
    answer = await send(session, server.url)
    with pytest.raises(ResponseError) as not_json:
        answer.json()
    server.responses = [None]
    with pytest.raises(HttpError) as lost:
        await send(session, server.url)
    with pytest.raises(HttpError) as invalid:
        await send(session, URL("http:///secret"))
    texts = [str(caught.value) for caught in (not_json, lost, invalid)]
    assert not [text for text in texts if "secret" in text or "127.0.0.1" in text]


# One connection for each request


async def test_kept_connection_is_used_again_by_a_shared_session(
    server: Server, session: ClientSession
) -> None:
    for _ in range(3):
        await send(session, server.url)
    assert server.connections == 1


@pytest.mark.parametrize("keep", ["Connection: keep-alive", "Connection: close"])
async def test_each_request_has_its_own_connection_when_asked_for(
    server: Server, keep: str
) -> None:
    server.responses = [response(b"{}", keep)]
    async with one_connection_per_request() as session:
        for _ in range(3):
            await send(session, server.url)
    assert server.connections == 3


async def test_connection_that_closes_late_loses_no_request_of_such_a_session(
    server: Server,
) -> None:
    async def close_late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.requests.append(await _read_request(reader))
        writer.write(response(b"{}", "Connection: keep-alive"))
        await reader.read(1)
        writer.close()

    async with listening(close_late) as url, one_connection_per_request() as session:
        for _ in range(3):
            assert (await send(session, url)).is_success
    assert len(server.requests) == 3


async def test_such_a_session_keeps_no_cookies() -> None:
    async with one_connection_per_request() as session:
        session.cookie_jar.update_cookies({"a": "1"}, URL("http://example.com/"))
        assert len(session.cookie_jar) == 0
