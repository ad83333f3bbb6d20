"""Odd replies and pasted rubbish: an error of the vendor's own, and never a false "locked"."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import suppress
import json
import time
from typing import Any, cast

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, example, given, settings, strategies as st
import pytest
from yarl import URL

from custom_components.smartlocks.helpers import parse_address
from custom_components.smartlocks.http import parse_json
from custom_components.smartlocks.vendors import VENDORS
from custom_components.smartlocks.vendors.sesame_v3.api import parse_webhook
from tests.fuzz import Tell, share, strategies
from tests.fuzz.readers import READERS, entries, parsed

pytestmark = pytest.mark.fuzz

REQUESTS = [(vendor, name) for vendor in READERS for name in READERS[vendor].requests]
TEXTS = [(vendor, name) for vendor in READERS for name in READERS[vendor].texts]
STATUSES = st.sampled_from((200, 200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 429, 500, 503))
HEADERS = st.dictionaries(
    st.sampled_from(("Content-Type", "Date", "Content-Encoding", "Location", "Set-Cookie")),
    st.sampled_from(
        (
            "",
            "text/html; charset=nonsense",
            "identity",
            "gzip",
            "Sat, 99 Nov 99999 25:61:61 GMT",
            "Thu, 01 Jan 1970 00:00:00 -9999",
            "http://192.0.2.1:1/",
            "a=b; Max-Age=99999999999999999999",
        )
    ),
    max_size=2,
)


def _settings(count: int) -> settings:
    return settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


class _Peer:
    """A server that answers as it is told, and a client of it, on a loop of their own."""

    def __init__(self) -> None:
        self.answer: tuple[int, dict[str, str], bytes] = (200, {}, b"")
        self._loop = asyncio.new_event_loop()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._server = TestServer(app, loop=self._loop)
        self.run(self._server.start_server(access_log=None))
        self.url = self._server.make_url("/")
        self.session: ClientSession = self.run(self._open())

    async def _open(self) -> ClientSession:
        return ClientSession()

    async def _handle(self, request: web.Request) -> web.Response:
        status, headers, body = self.answer
        await request.read()
        return web.Response(status=status, headers=headers, body=body)

    def run[T](self, job: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(job)

    def close(self) -> None:
        self.run(self.session.close())
        self.run(self._server.close())
        self._loop.close()


@pytest.fixture
def peer(socket_enabled: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Peer]:
    """Run a server, and let no device rest."""
    for rest in ("SIGNED_REST", "UNSIGNED_REST", "SYNCHRONIZE_REST"):
        monkeypatch.setattr(f"custom_components.smartlocks.vendors.the_keys.api.client.{rest}", 0.0)
    peer = _Peer()
    yield peer
    peer.close()


def test_readers_are_named_for_every_vendor() -> None:
    assert set(READERS) == set(VENDORS)
    assert all("status" in readers.requests for readers in READERS.values())


@pytest.mark.parametrize(("vendor", "name"), REQUESTS)
def test_reply_when_odd_then_an_error_of_the_vendor_and_no_false_locked(
    peer: _Peer, vendor: str, name: str, record_property: Tell
) -> None:
    record_property("calls", share(1300, least=20))
    readers = READERS[vendor]
    is_list, seen = name in readers.lists, 0
    odd = strategies.bodies(vendor, readers.good, is_list=is_list)
    good = {"data": [readers.good]} if is_list else readers.good

    @_settings(share(1300, least=20))
    @given(status=STATUSES, headers=HEADERS, body=odd)
    @example(200, {}, json.dumps(good).encode())
    def check(status: int, headers: dict[str, str], body: bytes) -> None:
        answer(status, headers, body)

    def answer(status: int, headers: dict[str, str], body: bytes) -> None:
        nonlocal seen
        peer.answer = (status, headers, body)
        try:
            found = peer.run(_ask(readers.requests[name], peer.session, peer.url))
        except readers.error:
            return
        if is_list and any(map(readers.is_locked, cast(tuple[object], found))):
            assert any(map(readers.says_locked, entries(parsed(body))))
            seen += 1
        if name == "status" and readers.is_locked(found):
            assert readers.says_locked(parsed(body))
            seen += 1

    check()
    if is_list or name == "status":
        assert seen
        for wrong in _wrong_in_one_field(readers.good):
            answer(200, {}, json.dumps({"data": [wrong]} if is_list else wrong).encode())


_WRONG: tuple[Any, ...] = (None, "", 0, -1, "?", True, [], {})


def _wrong_in_one_field(good: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for field in good:
        yield {name: value for name, value in good.items() if name != field}
        for value in _WRONG:
            yield {**good, field: value}


async def _ask(request: Callable[..., Any], session: ClientSession, url: URL) -> object:
    return await request(session, url)


@pytest.mark.parametrize(("vendor", "name"), TEXTS)
def test_pasted_text_when_odd_then_an_error_of_the_vendor(
    vendor: str, name: str, record_property: Tell
) -> None:
    record_property("calls", share(100))
    readers = READERS[vendor]
    texts = st.one_of(
        strategies.TEXTS,
        strategies.bodies(vendor).map(lambda body: body.decode("utf-8", "replace")),
        _links(),
    )

    @_settings(share(100))
    @given(text=texts)
    def check(text: str) -> None:
        try:
            readers.texts[name](text)
        except readers.error, ValueError:
            return

    check()


def _links() -> st.SearchStrategy[str]:
    """Return share links in which anything may be wrong."""
    key = st.text(alphabet="AQIDBAUG+/= %2Bzy09é", max_size=140)
    parts = st.lists(
        st.tuples(st.sampled_from(("t", "sk", "l", "n", "")), st.one_of(key, st.text(max_size=9))),
        max_size=6,
    )
    query = parts.map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))
    start = st.sampled_from(
        ("ssm://UI?", "SSM://ui?", "ssm://[UI?", "ssm://UI:99999?", "http://UI?")
    )
    return st.tuples(start, query).map("".join)


@_settings(share(100))
@given(text=strategies.TEXTS)
@example("[")
@example("http://[::1%25eth0]:80")
@example("\ud800.example")
@example("host:99999")
def test_address_when_odd_then_value_error_or_a_plain_address(text: str) -> None:
    try:
        url = parse_address(text)
    except ValueError:
        return
    assert url.scheme == "http"
    assert url.host
    assert (url.path, url.query_string, url.fragment, url.user) == ("/", "", "", None)


@_settings(share(200))
@given(body=strategies.bodies("loqed"))
def test_json_when_odd_then_value_error_and_soon(body: bytes) -> None:
    started = time.monotonic()
    with suppress(ValueError):
        parse_json(body)
    assert time.monotonic() - started < 1


@_settings(share(200))
@given(
    method=st.sampled_from(("GET", "POST", "post", "")),
    query=st.dictionaries(
        st.sampled_from(("device_id", "state", "x")), strategies.TEXTS, max_size=3
    ),
    body=strategies.bodies("sesame_v3"),
)
def test_call_of_the_cloud_when_odd_then_a_hint_about_at_most_one_lock(
    method: str, query: dict[str, str], body: bytes
) -> None:
    hint = parse_webhook(method, query, body)
    assert hint.locked in (None, True, False)
    if hint.device_id is not None:
        assert 0 < len(hint.device_id) <= 64
        assert "{" not in hint.device_id
