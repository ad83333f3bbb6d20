"""Every call of the Web API is one request, counted, and may fail in many ways."""

from collections.abc import AsyncIterator, Awaitable, Callable
import socket
from typing import Any

from aiohttp import ClientSession
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.sesame_web.api import (
    CloudConnectionError,
    Command,
    ForbiddenError,
    NeverOnlineError,
    NotAcceptedError,
    NotAsDocumentedError,
    NotASecretError,
    NotAUuidError,
    QuotaError,
    ServerError,
    SesameWebError,
    WebApi,
    cloud_url,
)
from custom_components.smartlocks.vendors.sesame_web.api.const import TIMEOUT

from .sesame_wire import Wire, served

KEY = "made-up-key-of-just-about-40-characters-"
UUID = "488ABAAB-164F-7A86-595F-DDD778CB86C3"
SECRET = "0123456789abcdef0123456789abcdef"
NOW = 1776966159.75


type Call = Callable[[WebApi], Awaitable[Any]]

CALLS: dict[str, Call] = {
    "status": lambda api: api.status(UUID),
    "history": lambda api: api.history(UUID),
    "command": lambda api: api.command(UUID, SECRET, Command.UNLOCK, "Home"),
}


@pytest.fixture
async def wire(socket_enabled: None) -> AsyncIterator[Wire]:
    """Yield a listening server."""
    async with served("/api/sesame2", body=b"{}") as wire:
        yield wire


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[ClientSession]:
    """Yield a session."""
    async with ClientSession() as session:
        yield session


@pytest.fixture
def api(wire: Wire, session: ClientSession) -> WebApi:
    """Return a client of the server, at a known time."""
    return WebApi(session, wire.url, KEY, count=wire.count, now=lambda: NOW)


def test_the_address_is_the_vendors_unless_the_environment_names_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SMARTLOCKS_SESAME_WEB_CLOUD_URL", raising=False)
    assert cloud_url() == URL("https://app.candyhouse.co/api/sesame2")
    monkeypatch.setenv("SMARTLOCKS_SESAME_WEB_CLOUD_URL", "http://127.0.0.1:8123/web")
    assert cloud_url() == URL("http://127.0.0.1:8123/web")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, NotAsDocumentedError),
        (307, NotAsDocumentedError),
        (400, NotAcceptedError),
        (401, ForbiddenError),
        (403, ForbiddenError),
        (404, NotAcceptedError),
        (429, QuotaError),
        (500, NeverOnlineError),
        (502, ServerError),
        (504, ServerError),
    ],
)
@pytest.mark.parametrize("name", CALLS)
async def test_every_status(
    wire: Wire, api: WebApi, name: str, status: int, kind: type[SesameWebError]
) -> None:
    wire.answer({"message": "made up"}, status)
    wire.headers = {"Location": "/api/sesame2/elsewhere"} if status < 400 else {}
    with pytest.raises(SesameWebError) as raised:
        await CALLS[name](api)
    assert type(raised.value) is kind
    assert raised.value.status == status
    assert raised.value.may_have_arrived is not (400 <= status < 500)
    assert wire.calls == len(wire.seen) == 1
    for private in (KEY, UUID, SECRET, "127.0.0.1", "made up"):
        assert private not in str(raised.value)


@pytest.mark.parametrize("name", CALLS)
async def test_calls_are_counted_before_they_are_sent(wire: Wire, api: WebApi, name: str) -> None:
    wire.answer([{"type": 1}] if name == "history" else {"wm2State": True})
    await CALLS[name](api)
    await CALLS[name](api)
    assert [heard.calls for heard in wire.heard] == [1, 2]


@pytest.mark.parametrize("name", CALLS)
async def test_a_dropped_connection_is_the_end_of_it(wire: Wire, api: WebApi, name: str) -> None:
    wire.answer({"wm2State": True})
    await api.status(UUID)
    wire.is_dropping = True
    for _ in range(2):  # over the kept connection, and over a new one
        with pytest.raises(CloudConnectionError) as raised:
            await CALLS[name](api)
        assert raised.value.may_have_arrived
    assert wire.calls == len(wire.seen) == 3


async def test_nobody_listens(session: ClientSession, wire: Wire) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        base = URL.build(scheme="http", host="127.0.0.1", port=taken.getsockname()[1])
        api = WebApi(session, base, KEY, count=wire.count)
        with pytest.raises(CloudConnectionError) as raised:
            await api.command(UUID, SECRET, Command.UNLOCK, "Home")
        assert not raised.value.may_have_arrived
        assert wire.calls == 1
        # A call that never left can be taken back.
        api = WebApi(session, base, KEY, count=wire.count, uncount=wire.uncount)
        with pytest.raises(CloudConnectionError):
            await api.status(UUID)
        assert wire.calls == 1


@pytest.mark.parametrize("name", CALLS)
async def test_an_answer_that_does_not_come(
    wire: Wire, api: WebApi, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert TIMEOUT == 15.0
    monkeypatch.setattr(f"{WebApi.__module__}.TIMEOUT", 0.5)
    wire.delay = 3.0
    with pytest.raises(CloudConnectionError) as raised:
        await CALLS[name](api)
    assert raised.value.may_have_arrived
    assert wire.calls == len(wire.seen) == 1


@pytest.mark.parametrize("key", ["two\r\nlines", "k\0y", "鍵"])
async def test_a_key_no_header_can_carry(wire: Wire, session: ClientSession, key: str) -> None:
    with pytest.raises(ForbiddenError):
        await WebApi(session, wire.url, key, count=wire.count).status(UUID)
    assert (wire.calls, wire.seen) == (0, [])


async def test_a_pasted_key_is_trimmed(wire: Wire, session: ClientSession) -> None:
    await WebApi(session, wire.url, f" {KEY}\n", count=wire.count).command(
        UUID, SECRET, Command.LOCK, "Home"
    )
    assert [heard.headers["x-api-key"] for heard in wire.heard] == [KEY]


async def test_what_is_no_uuid_or_secret_costs_no_call(wire: Wire, api: WebApi) -> None:
    with pytest.raises(NotAUuidError):
        await api.status("../" + UUID)
    with pytest.raises(NotASecretError):
        await api.command(UUID, SECRET[:-1], Command.LOCK, "Home")
    assert (wire.calls, wire.seen) == (0, [])
