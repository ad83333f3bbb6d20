"""The Web API's client: every call is one request, counted, and may fail in many ways."""

from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
import json
import socket
import time
from typing import Any

import pytest
from yarl import URL

from custom_components.smartlocks.vendors.sesame_web.api import (
    CLOUD_URL,
    AccountError,
    CloudConnectionError,
    Command,
    DeviceError,
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
)
from custom_components.smartlocks.vendors.sesame_web.api.const import CONNECT_TIMEOUT, TIMEOUT

from .sesame_web import BASE, KEY, SECRET, UUID, connected
from .sesame_wire import VECTORS, Wire, served

type Call = Callable[[WebApi], Awaitable[Any]]

CALLS: dict[str, Call] = {
    "status": lambda api: api.status(UUID),
    "history": lambda api: api.history(UUID),
    "command": lambda api: api.command(UUID, SECRET, Command.UNLOCK, "Home"),
}


@pytest.fixture
async def wire(socket_enabled: None) -> AsyncIterator[Wire]:
    async with served(BASE, body=b"{}") as wire:
        yield wire


@pytest.fixture
async def api(wire: Wire) -> AsyncIterator[WebApi]:
    async with connected(wire) as api:
        yield api


@pytest.fixture
def port_with_full_backlog(socket_enabled: None) -> Iterator[int]:
    """Yield a port on which new connections are neither accepted nor refused."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.settimeout(0)
            each.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]
        for each in waiting:
            each.close()


def test_address_is_the_vendors() -> None:
    assert CLOUD_URL == "https://app.candyhouse.co/api/sesame2"


@pytest.mark.parametrize(
    ("status", "error", "base"),
    [
        (301, NotAsDocumentedError, DeviceError),
        (307, NotAsDocumentedError, DeviceError),
        (400, NotAcceptedError, DeviceError),
        (401, ForbiddenError, AccountError),
        (403, ForbiddenError, AccountError),
        (404, NotAcceptedError, DeviceError),
        (408, NotAcceptedError, DeviceError),
        (429, QuotaError, AccountError),
        (500, NeverOnlineError, DeviceError),
        (502, ServerError, SesameWebError),
        (504, ServerError, SesameWebError),
    ],
)
@pytest.mark.parametrize("name", CALLS)
async def test_call_when_refused_raises_the_error_of_the_status(
    wire: Wire,
    api: WebApi,
    name: str,
    status: int,
    error: type[SesameWebError],
    base: type[SesameWebError],
) -> None:
    wire.answer({"message": "made up"}, status)
    wire.headers = {"Location": f"{BASE}/elsewhere"} if status < 400 else {}
    with pytest.raises(SesameWebError) as raised:
        await CALLS[name](api)
    assert type(raised.value) is error
    assert isinstance(raised.value, base)
    assert isinstance(raised.value, AccountError) is (base is AccountError)
    assert isinstance(raised.value, DeviceError) is (base is DeviceError)
    assert raised.value.status == status
    assert raised.value.may_have_arrived is (status not in {400, 401, 403, 404, 429})
    assert wire.calls == len(wire.seen) == 1
    for private in (KEY, UUID, SECRET, "127.0.0.1", "made up"):
        assert private not in str(raised.value)


@pytest.mark.parametrize("name", CALLS)
async def test_call_is_counted_before_it_is_sent(wire: Wire, api: WebApi, name: str) -> None:
    wire.answer([{"type": 1}] if name == "history" else {"wm2State": True})
    await CALLS[name](api)
    await CALLS[name](api)
    assert [heard.calls for heard in wire.heard] == [1, 2]


@pytest.mark.parametrize("name", CALLS)
async def test_call_when_the_connection_is_lost_is_not_repeated(
    wire: Wire, api: WebApi, name: str
) -> None:
    wire.answer({"wm2State": True})
    await api.status(UUID)
    wire.is_dropping = True
    for _ in range(2):  # over the kept connection, and over a new one
        with pytest.raises(CloudConnectionError) as raised:
            await CALLS[name](api)
        assert raised.value.may_have_arrived
    assert wire.calls == len(wire.seen) == 3


@pytest.mark.parametrize("name", CALLS)
async def test_call_when_nobody_listens_is_not_counted(wire: Wire, name: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        wire.url = URL.build(scheme="http", host="127.0.0.1", port=taken.getsockname()[1])
        async with connected(wire) as api:
            with pytest.raises(CloudConnectionError) as raised:
                await CALLS[name](api)
    assert raised.value.may_have_arrived is False
    assert "127.0.0.1" not in str(raised.value)
    assert wire.calls == 0


async def test_call_when_connecting_takes_too_long_is_not_counted(
    wire: Wire, port_with_full_backlog: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CONNECT_TIMEOUT == 10.0
    monkeypatch.setattr(f"{WebApi.__module__}.CONNECT_TIMEOUT", 0.3)
    wire.url = wire.url.with_port(port_with_full_backlog)
    started = time.monotonic()
    async with connected(wire) as api:
        with pytest.raises(CloudConnectionError) as raised:
            await CALLS["command"](api)
    assert time.monotonic() - started < 5
    assert raised.value.may_have_arrived is False
    assert wire.calls == 0


@pytest.mark.parametrize("name", CALLS)
async def test_call_when_no_answer_comes_may_have_arrived(
    wire: Wire, api: WebApi, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert TIMEOUT == 15.0
    monkeypatch.setattr(f"{WebApi.__module__}.TIMEOUT", 0.5)
    wire.delay = 3.0
    with pytest.raises(CloudConnectionError) as raised:
        await CALLS[name](api)
    assert raised.value.may_have_arrived
    assert wire.calls == len(wire.seen) == 1


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"<html>It works!</html>", {}),
        (b'{"statusCode": 2', {}),
        (b'"OK"', {}),
        (b"\xff", {}),
        (b"[" * 100_000, {}),
        (b'{"wm2State":' * 50 + b"1" + b"}" * 50, {}),
        (b'{"wm2State": true, "statusCode": 200, "position": NaN}', {}),
        (b'{"wm2State": true, "statusCode": 200}' + b" " * 300_000, {}),
        (b'{"wm2State": true, "statusCode": 200}', {"Content-Encoding": "gzip"}),
    ],
    ids=["html", "cut", "text", "bytes", "deep", "deep_object", "nan", "large", "not_gzip"],
)
@pytest.mark.parametrize("name", CALLS)
async def test_call_when_the_answer_is_garbled_is_an_error_of_the_device(
    wire: Wire, api: WebApi, name: str, body: bytes, headers: dict[str, str]
) -> None:
    wire.answer(body)
    wire.headers = headers
    with pytest.raises(NotAsDocumentedError) as raised:
        await CALLS[name](api)
    assert isinstance(raised.value, DeviceError)
    assert raised.value.may_have_arrived
    assert wire.calls == len(wire.seen) == 1


@pytest.mark.parametrize("key", ["", "two\r\nlines", "k\0y", "鍵", "\ud800"])
@pytest.mark.parametrize("name", CALLS)
async def test_call_with_a_key_no_header_can_carry_is_not_sent(
    wire: Wire, key: str, name: str
) -> None:
    async with connected(wire, key=key) as api:
        with pytest.raises(ForbiddenError) as raised:
            await CALLS[name](api)
    assert not raised.value.may_have_arrived
    assert (wire.calls, wire.seen) == (0, [])


async def test_key_when_pasted_with_spaces_is_trimmed(wire: Wire) -> None:
    async with connected(wire, key=f" {KEY}\n") as api:
        await CALLS["command"](api)
    assert [heard.headers["x-api-key"] for heard in wire.heard] == [KEY]


async def test_call_with_a_bad_uuid_or_secret_is_not_sent(wire: Wire, api: WebApi) -> None:
    with pytest.raises(NotAUuidError) as bad_uuid:
        await api.status("../" + UUID)
    with pytest.raises(NotASecretError) as bad_secret:
        await api.command(UUID, SECRET[:-1], Command.LOCK, "Home")
    assert not bad_uuid.value.may_have_arrived
    assert not bad_secret.value.may_have_arrived
    assert (wire.calls, wire.seen) == (0, [])


# Commands.


def test_commands_have_no_toggle() -> None:
    assert {command.name: command.value for command in Command} == {
        "LOCK": 82,
        "UNLOCK": 83,
        "CLICK": 89,
    }


@pytest.mark.parametrize(
    "case",
    [case for case in VECTORS["cmd_requests"] if case["action"] != "toggle"],
    ids=lambda case: case["action"],
)
async def test_command_equals_the_vectors(wire: Wire, case: dict[str, Any]) -> None:
    uuid = URL(case["url"]).parts[-2]
    command = Command[case["action"].upper()]
    async with connected(wire, now=lambda: case["unix_time"] + 0.99) as api:
        await api.command(uuid, case["secret_key_hex"], command, case["tag"])
    [(method, path, query, body)] = wire.seen
    assert (method, path, query) == ("POST", f"{BASE}/{uuid}/cmd", {})
    assert json.loads(body) == case["json"]
    assert [heard.headers["x-api-key"] for heard in wire.heard] == [KEY]


async def test_command_is_signed_after_on_send_and_before_it_is_sent(wire: Wire) -> None:
    clock = [0.0]
    signs = {case["sign"]: case["unix_time"] for case in VECTORS["web_api_sign"]}
    order: list[int] = []
    async with connected(wire, now=lambda: clock[0]) as api:
        for second in (1621854463.0, 1598523693.0):

            def on_send(second: float = second) -> None:
                order.append(wire.calls)
                clock[0] = second

            await api.command(UUID, SECRET.upper(), Command.CLICK, "", on_send=on_send)
    assert order == [0, 1]
    sent = [json.loads(body) for *_, body in wire.seen]
    assert [signs[body["sign"]] & ~0xFF for body in sent] == [1621854208, 1598523693 & ~0xFF]
    assert [(body["cmd"], body["history"]) for body in sent] == [(89, "")] * 2


async def test_command_when_on_send_raises_is_neither_signed_nor_sent(wire: Wire) -> None:
    class ReplacedError(Exception):
        pass

    def on_send() -> None:
        raise ReplacedError

    asked: list[float] = []

    def now() -> float:
        asked.append(0.0)
        return 0.0

    async with connected(wire, now=now) as api:
        with pytest.raises(ReplacedError):
            await api.command(UUID, SECRET, Command.UNLOCK, "Home", on_send=on_send)
    assert (asked, wire.calls, wire.seen) == ([], 0, [])


@pytest.mark.parametrize(
    ("key", "uuid", "secret"), [("鍵", UUID, SECRET), (KEY, "x", SECRET), (KEY, UUID, "x")]
)
async def test_command_that_cannot_be_sent_does_not_call_on_send(
    wire: Wire, key: str, uuid: str, secret: str
) -> None:
    sent: list[bool] = []
    async with connected(wire, key=key) as api:
        with pytest.raises(SesameWebError):
            await api.command(uuid, secret, Command.LOCK, "", on_send=lambda: sent.append(True))
    assert sent == []


@pytest.mark.parametrize("case", VECTORS["history_tag_base64"], ids=lambda case: case["utf8_len"])
async def test_tag_equals_the_vectors(wire: Wire, api: WebApi, case: dict[str, Any]) -> None:
    await api.command(UUID, SECRET, Command.LOCK, case["text"])
    assert json.loads(wire.seen[0][3])["history"] == case["base64"]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("x" * 22, "x" * 21),
        ("ドラえもん" * 2, "ドラえもんドラ"),
        ("xドラえもんドラ", "xドラえもんド"),
        ("\ud800", "?"),
    ],
)
async def test_tag_when_too_long_is_cut_between_characters(
    wire: Wire, api: WebApi, text: str, cut: str
) -> None:
    await api.command(UUID, SECRET, Command.LOCK, text)
    assert b64decode(json.loads(wire.seen[0][3])["history"]).decode() == cut


@pytest.mark.parametrize(
    ("status", "data"),
    [
        (200, {"statusCode": 200}),
        (200, {"statusCode": 200, "body": "ok"}),
        (200, {}),
        (200, b""),
        (200, b" \n"),
        (202, {}),
        (204, b""),
    ],
)
async def test_command_when_accepted_returns(
    wire: Wire, api: WebApi, status: int, data: Any
) -> None:
    wire.answer(data, status)
    await api.command(UUID, SECRET, Command.LOCK, "Home")
    assert wire.calls == len(wire.seen) == 1


@pytest.mark.parametrize(
    ("status", "data", "code", "may_have_arrived"),
    [
        (200, {"statusCode": 400}, 400, False),
        (200, {"statusCode": 403}, 403, False),
        (200, {"statusCode": 404}, 404, False),
        (200, {"statusCode": 429}, 429, False),
        (200, {"statusCode": 408}, 408, True),
        (200, {"statusCode": 500, "body": "x"}, 500, True),
        (200, {"statusCode": 502}, 502, True),
        (200, {"statusCode": 0}, 0, True),
        (404, {"message": "Not Found"}, 404, False),
        (400, b"", 400, False),
        (408, b"", 408, True),
    ],
)
async def test_command_when_not_accepted_tells_whether_it_may_have_arrived(
    wire: Wire, api: WebApi, status: int, data: Any, code: int, *, may_have_arrived: bool
) -> None:
    wire.answer(data, status)
    with pytest.raises(NotAcceptedError) as raised:
        await api.command(UUID, SECRET, Command.LOCK, "Home")
    assert raised.value.code == code
    assert raised.value.may_have_arrived is may_have_arrived


@pytest.mark.parametrize(
    "data",
    [
        [1, 2, 3],
        {"statusCode": "fine"},
        {"statusCode": None},
        {"statusCode": True},
        {"statusCode": 200.5},
        {"statusCode": 10**400},
    ],
)
async def test_command_when_the_answer_tells_nothing_may_have_arrived(
    wire: Wire, api: WebApi, data: Any
) -> None:
    wire.answer(data)
    with pytest.raises(NotAsDocumentedError) as raised:
        await api.command(UUID, SECRET, Command.LOCK, "Home")
    assert raised.value.may_have_arrived
