"""What the client of the first generation's cloud asks, and how it reads the answers."""

from collections.abc import AsyncIterator
import json
from typing import Any

from aiohttp import ClientSession
import pytest
from yarl import URL

from custom_components.smartlocks.request_queue import RequestQueue
from custom_components.smartlocks.vendors.sesame_v3.api import (
    Cloud,
    Command,
    Lock,
    NotAsDocumentedError,
    Status,
    UnauthorizedError,
    cloud_url,
)

from .sesame_wire import Wire, served

KEY = "made-up-key-of-the-account"
DEVICE = "00000000-0000-0000-0000-000000000001"
TASK = "01234567-890a-bcde-f012-34567890abcd"


@pytest.fixture
async def wire(socket_enabled: None) -> AsyncIterator[Wire]:
    """Yield a listening server."""
    async with served("/public") as wire:
        yield wire


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[ClientSession]:
    """Yield a session."""
    async with ClientSession() as session:
        yield session


@pytest.fixture
def cloud(wire: Wire, session: ClientSession) -> Cloud:
    """Return a client of the server, in no hurry to rest."""
    return Cloud(session, wire.url, KEY, queue=RequestQueue(), spacing=0.0)


def test_the_address_is_the_vendors_unless_the_environment_names_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SMARTLOCKS_SESAME_V3_URL", raising=False)
    assert cloud_url() == URL("https://api.candyhouse.co/public")
    monkeypatch.setenv("SMARTLOCKS_SESAME_V3_URL", "http://127.0.0.1:8123/v3")
    assert cloud_url() == URL("http://127.0.0.1:8123/v3")


async def test_locks(wire: Wire, cloud: Cloud) -> None:
    wire.answer(
        [
            {"device_id": DEVICE, "serial": "ABC1234567", "nickname": "Front door"},
            {"device_id": "00000000-0000-0000-0000-000000000002", "nickname": None},
        ]
    )
    assert await cloud.locks() == (
        Lock(device_id=DEVICE, serial="ABC1234567", nickname="Front door"),
        Lock(device_id="00000000-0000-0000-0000-000000000002", serial=None, nickname=None),
    )
    assert wire.seen == [("GET", "/public/sesames", {}, b"")]
    assert [heard.headers["Authorization"] for heard in wire.heard] == [KEY]


async def test_an_account_without_locks(wire: Wire, cloud: Cloud) -> None:
    wire.answer([])
    assert await cloud.locks() == ()


@pytest.mark.parametrize(
    "data",
    [{}, {"locks": []}, None, "[]", 7, [1, 2], [{}], [{"device_id": 1}], [{"device_id": " "}]],
)
async def test_locks_of_another_shape(wire: Wire, cloud: Cloud, data: Any) -> None:
    wire.answer(data)
    with pytest.raises(NotAsDocumentedError):
        await cloud.locks()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"locked": True, "battery": 100, "responsive": True}, (True, 100, True)),
        ({"locked": False, "battery": 0, "responsive": False}, (False, 0, False)),
        ({"locked": True, "battery": 37.6, "responsive": True, "new": 1}, (True, 38, True)),
        ({"locked": True, "battery": 101, "responsive": True}, (True, None, True)),
        ({"locked": True, "battery": True, "error": None}, (True, None, None)),
        ({"responsive": False}, (None, None, False)),
        ({"locked": None, "battery": "full"}, (None, None, None)),
    ],
)
async def test_status(wire: Wire, cloud: Cloud, data: Any, expected: tuple[Any, ...]) -> None:
    wire.answer(data)
    locked, battery, responsive = expected
    assert await cloud.status(DEVICE) == Status(
        locked=locked, battery=battery, responsive=responsive
    )
    assert wire.seen == [("GET", f"/public/sesame/{DEVICE}", {}, b"")]


@pytest.mark.parametrize(
    "data", [{}, [], {"locked": "true"}, {"locked": 1}, {"locked": True, "responsive": "yes"}]
)
async def test_status_of_another_shape(wire: Wire, cloud: Cloud, data: Any) -> None:
    wire.answer(data)
    with pytest.raises(NotAsDocumentedError):
        await cloud.status(DEVICE)


async def test_a_device_id_stays_within_its_place(wire: Wire, cloud: Cloud) -> None:
    wire.answer({"locked": True})
    await cloud.status("a/b?c#d")
    assert wire.seen[0][1:3] == ("/public/sesame/a/b?c#d", {})


@pytest.mark.parametrize("command", Command)
async def test_command(wire: Wire, cloud: Cloud, command: Command) -> None:
    wire.answer({"task_id": TASK})
    assert await cloud.command(DEVICE, command) == TASK
    [(method, path, query, body)] = wire.seen
    assert (method, path, query) == ("POST", f"/public/sesame/{DEVICE}", {})
    assert json.loads(body) == {"command": command.value}
    assert command.value in ("lock", "unlock", "sync")


@pytest.mark.parametrize("data", [{}, [], {"task_id": None}, {"task_id": ""}, {"task_id": 7}])
async def test_a_command_without_a_task_may_have_arrived(
    wire: Wire, cloud: Cloud, data: Any
) -> None:
    wire.answer(data)
    with pytest.raises(NotAsDocumentedError) as raised:
        await cloud.command(DEVICE, Command.LOCK)
    assert raised.value.may_have_arrived


async def test_a_pasted_key_is_trimmed(wire: Wire, session: ClientSession) -> None:
    await Cloud(session, wire.url, f" {KEY}\n", queue=RequestQueue(), spacing=0.0).locks()
    assert [heard.headers["Authorization"] for heard in wire.heard] == [KEY]


@pytest.mark.parametrize("key", ["two\r\nlines", "k\0y", "鍵"])
async def test_a_key_no_header_can_carry(wire: Wire, session: ClientSession, key: str) -> None:
    with pytest.raises(UnauthorizedError):
        await Cloud(session, wire.url, key, queue=RequestQueue(), spacing=0.0).locks()
    assert wire.seen == []
