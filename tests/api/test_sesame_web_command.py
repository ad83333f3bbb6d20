"""What the Web API's client orders, and what it takes for accepted."""

from base64 import b64decode
from collections.abc import AsyncIterator
import json
from typing import Any

from aiohttp import ClientSession
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.sesame_web.api import (
    Command,
    NotAcceptedError,
    NotAsDocumentedError,
    WebApi,
)

from .sesame_wire import VECTORS, Wire, served

KEY = "made-up-key-of-just-about-40-characters-"
UUID = "488ABAAB-164F-7A86-595F-DDD778CB86C3"
SECRET = "0123456789abcdef0123456789abcdef"
NOW = 1776966159.75


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


def test_nothing_toggles() -> None:
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
async def test_command_vectors(wire: Wire, session: ClientSession, case: dict[str, Any]) -> None:
    api = WebApi(session, wire.url, KEY, count=wire.count, now=lambda: case["unix_time"] + 0.99)
    uuid = URL(case["url"]).parts[-2]
    command = Command[case["action"].upper()]
    await api.command(uuid, case["secret_key_hex"], command, case["tag"])
    [(method, path, query, body)] = wire.seen
    assert (method, path, query) == ("POST", f"/api/sesame2/{uuid}/cmd", {})
    assert json.loads(body) == case["json"]
    assert [heard.headers["x-api-key"] for heard in wire.heard] == [KEY]


async def test_a_command_is_signed_at_the_moment_of_sending(
    wire: Wire, session: ClientSession
) -> None:
    clock = [1621854463.0]
    api = WebApi(session, wire.url, KEY, count=wire.count, now=lambda: clock[0])
    signs = {case["sign"]: case["unix_time"] for case in VECTORS["web_api_sign"]}
    for second in (1621854463.0, 1598523693.0):
        clock[0] = second
        await api.command(UUID, SECRET.upper(), Command.CLICK, "")
    sent = [json.loads(body) for *_, body in wire.seen]
    assert [signs[order["sign"]] & ~0xFF for order in sent] == [1621854208, 1598523693 & ~0xFF]
    assert [(order["cmd"], order["history"]) for order in sent] == [(89, "")] * 2


@pytest.mark.parametrize("case", VECTORS["history_tag_base64"], ids=lambda case: case["utf8_len"])
async def test_tag_vectors(wire: Wire, api: WebApi, case: dict[str, Any]) -> None:
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
async def test_a_tag_is_cut_between_characters(
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
async def test_a_command_is_accepted(wire: Wire, api: WebApi, status: int, data: Any) -> None:
    wire.answer(data, status)
    await api.command(UUID, SECRET, Command.LOCK, "Home")
    assert wire.calls == len(wire.seen) == 1


@pytest.mark.parametrize(
    ("status", "data", "code"),
    [
        (200, {"statusCode": 400}, 400),
        (200, {"statusCode": 500, "body": "x"}, 500),
        (404, {"message": "Not Found"}, 404),
        (400, b"", 400),
    ],
)
async def test_a_command_is_not_accepted(
    wire: Wire, api: WebApi, status: int, data: Any, code: int
) -> None:
    wire.answer(data, status)
    with pytest.raises(NotAcceptedError) as raised:
        await api.command(UUID, SECRET, Command.LOCK, "Home")
    assert raised.value.code == code
    assert not raised.value.may_have_arrived


@pytest.mark.parametrize(
    "data",
    [
        b"<html>It works!</html>",
        b'{"statusCode": 2',
        b"[1, 2, 3]",
        b'"OK"',
        b"\xff",
        b"[" * 100_000,
        b'{"statusCode": NaN}',
        {"statusCode": "fine"},
        {"statusCode": None},
        {"statusCode": True},
    ],
)
async def test_a_command_answered_with_nonsense_may_have_arrived(
    wire: Wire, api: WebApi, data: Any
) -> None:
    wire.answer(data)
    with pytest.raises(NotAsDocumentedError) as raised:
        await api.command(UUID, SECRET, Command.LOCK, "Home")
    assert raised.value.may_have_arrived
