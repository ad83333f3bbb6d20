"""What the Sesame V3 client sends, and how it reads the responses."""

from collections.abc import AsyncIterator
import json
from typing import Any

import pytest
from yarl import URL

from custom_components.smartlocks.vendors.sesame_v3.api import (
    CLOUD_URL,
    BadParamsError,
    BusyError,
    Cloud,
    Command,
    IntegrationOffError,
    Lock,
    LowBatteryError,
    ServerError,
    SesameV3Error,
    Status,
    Task,
    TaskFailedError,
    TaskUnknownError,
    UnexpectedResponseError,
)

from .sesame_v3_server import DEVICE, KEY, OTHER, TASK, VECTORS, ScriptedServer, scripted_server

HUGE = 10**400


@pytest.fixture
async def server(socket_enabled: None) -> AsyncIterator[ScriptedServer]:
    """Yield a listening server."""
    async with scripted_server() as server:
        yield server


@pytest.fixture
def cloud(server: ScriptedServer) -> Cloud:
    """Return a client of the server."""
    return server.cloud()


def test_default_address_is_the_vendors() -> None:
    assert URL(CLOUD_URL) == URL("https://api.candyhouse.co/public")


# The account's list.


async def test_locks_are_read(server: ScriptedServer, cloud: Cloud) -> None:
    server.respond(
        [
            {"device_id": DEVICE, "serial": "ABC1234567", "nickname": "Front door"},
            {"device_id": OTHER, "nickname": None},
        ]
    )
    assert await cloud.locks() == (
        Lock(device_id=DEVICE, serial="ABC1234567", nickname="Front door"),
        Lock(device_id=OTHER, serial=None, nickname=None),
    )
    assert server.requests == [("GET", "/public/sesames", {}, b"")]
    assert [one.headers["Authorization"] for one in server.received] == [KEY]


async def test_locks_when_there_are_none_then_empty(server: ScriptedServer, cloud: Cloud) -> None:
    server.respond([])
    assert await cloud.locks() == ()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"locks": []},
        None,
        "[]",
        7,
        [1, 2],
        [{}],
        [{"device_id": 1}],
        [{"device_id": " "}],
        [{"device_id": ".."}],
        [{"device_id": "x" * 65}],
    ],
)
async def test_locks_when_nothing_is_readable_then_error(
    server: ScriptedServer, cloud: Cloud, data: Any
) -> None:
    server.respond(data)
    with pytest.raises(UnexpectedResponseError):
        await cloud.locks()


@pytest.mark.parametrize("odd", [None, 7, [], {}, {"device_id": 5}, {"nickname": "No id"}])
async def test_locks_when_one_item_is_odd_then_the_others_are_read(
    server: ScriptedServer, cloud: Cloud, odd: Any
) -> None:
    server.respond([odd, {"device_id": DEVICE, "serial": HUGE, "nickname": ["x"]}])
    assert await cloud.locks() == (Lock(device_id=DEVICE, serial=None, nickname=None),)


# A lock's status.


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"locked": True, "battery": 100, "responsive": True}, (True, 100, True)),
        ({"locked": False, "battery": 0, "responsive": False}, (False, 0, False)),
        ({"locked": True, "battery": 37.6, "responsive": True, "new": 1}, (True, 38, True)),
        ({"locked": True, "battery": 101, "responsive": True}, (True, None, True)),
        ({"locked": True, "battery": -1, "responsive": True}, (True, None, True)),
        ({"locked": True, "battery": HUGE, "responsive": True}, (True, None, True)),
        ({"locked": True, "battery": [], "responsive": {}}, (True, None, None)),
        ({"locked": True, "battery": True, "error": None}, (True, None, None)),
        ({"locked": True, "responsive": "yes"}, (True, None, None)),
        ({"locked": "true", "battery": 50, "responsive": True}, (None, 50, True)),
        ({"locked": 1, "battery": 50}, (None, 50, None)),
        ({"responsive": False}, (None, None, False)),
        ({"locked": None, "battery": "full"}, (None, None, None)),
    ],
)
async def test_status_is_read_field_by_field(
    server: ScriptedServer, cloud: Cloud, data: Any, expected: tuple[Any, ...]
) -> None:
    server.respond(data)
    locked, battery, responsive = expected
    assert await cloud.status(DEVICE) == Status(
        locked=locked, battery=battery, responsive=responsive
    )
    assert server.requests == [("GET", f"/public/sesame/{DEVICE}", {}, b"")]


async def test_status_when_battery_is_infinite_then_the_rest_is_read(
    server: ScriptedServer, cloud: Cloud
) -> None:
    server.respond(b'{"locked": false, "battery": 1e999, "responsive": true}')
    assert await cloud.status(DEVICE) == Status(locked=False, battery=None, responsive=True)


@pytest.mark.parametrize(
    "data",
    [
        {},
        [],
        True,
        {"locked": "true"},
        {"locked": 1},
        {"other": None},
        {"locked": "yes", "battery": "full", "responsive": 1},
    ],
)
async def test_status_when_nothing_is_readable_then_error(
    server: ScriptedServer, cloud: Cloud, data: Any
) -> None:
    server.respond(data)
    with pytest.raises(UnexpectedResponseError):
        await cloud.status(DEVICE)


async def test_status_when_id_has_url_characters_then_they_are_escaped(
    server: ScriptedServer, cloud: Cloud
) -> None:
    server.respond({"locked": True})
    await cloud.status("a/b?c#d")
    assert server.requests[0][1:3] == ("/public/sesame/a/b?c#d", {})


# Commands.


@pytest.mark.parametrize("command", Command)
async def test_command_is_sent(server: ScriptedServer, cloud: Cloud, command: Command) -> None:
    server.respond({"task_id": TASK})
    assert await cloud.command(DEVICE, command) == TASK
    [(method, path, query, body)] = server.requests
    assert (method, path, query) == ("POST", f"/public/sesame/{DEVICE}", {})
    assert json.loads(body) == {"command": command.value}
    assert command.value in ("lock", "unlock", "sync")


@pytest.mark.parametrize(
    "data",
    [{}, [], {"task_id": None}, {"task_id": ""}, {"task_id": 7}, b"", b"<html>", b"[" * 100_000],
)
async def test_command_when_response_has_no_task_then_it_may_have_arrived(
    server: ScriptedServer, cloud: Cloud, data: Any
) -> None:
    server.respond(data)
    with pytest.raises(UnexpectedResponseError) as raised:
        await cloud.command(DEVICE, Command.LOCK)
    assert raised.value.may_have_arrived


# Tasks.


async def test_task_is_read(server: ScriptedServer, cloud: Cloud) -> None:
    server.respond({"status": "processing"})
    assert await cloud.task(TASK) == Task(processing=True, successful=None, error=None)
    server.respond({"status": "terminated", "successful": True})
    assert await cloud.task(TASK) == Task(processing=False, successful=True, error=None)
    assert server.requests[0] == ("GET", "/public/action-result", {"task_id": TASK}, b"")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("DEVICE_IS_BUSY 35", BusyError),
        ("LOW_BATTERY", LowBatteryError),
        ("CLOUD_INTEGRATION_NOT_ENABLED", IntegrationOffError),
        ("BAD_PARAMS", BadParamsError),
        ("INTERNAL_ERROR", ServerError),
        ("SOMETHING_NEW", TaskFailedError),
        (None, TaskFailedError),
        ({}, TaskFailedError),
    ],
)
async def test_task_when_failed_then_its_error_says_why(
    server: ScriptedServer, cloud: Cloud, name: Any, kind: type[SesameV3Error]
) -> None:
    server.respond({"status": "terminated", "successful": False, "error": name})
    task = await cloud.task(TASK)
    assert (task.processing, task.successful) == (False, False)
    assert type(task.error) is kind
    assert task.error.may_have_arrived
    assert getattr(task.error, "seconds", 35) == 35


@pytest.mark.parametrize("case", VECTORS["v3_task_results"], ids=lambda case: case["expect"])
async def test_task_vectors(server: ScriptedServer, cloud: Cloud, case: dict[str, Any]) -> None:
    server.respond(case["body"])
    task = await cloud.task(TASK)
    names = {(True, None): "wait", (False, True): "ok", (False, False): "failed: busy"}
    assert names[task.processing, task.successful] == case["expect"]


@pytest.mark.parametrize(
    "data",
    [
        {},
        [],
        {"status": "terminated"},
        {"status": "terminated", "successful": "true"},
        {"status": "terminated", "successful": 1},
        {"status": "terminated", "successful": True, "error": "DEVICE_IS_BUSY"},
        {"status": "done", "successful": True},
        {"successful": True},
        b'{"status": "terminated", "successful": true',
    ],
)
async def test_task_when_unclear_then_it_is_no_success(
    server: ScriptedServer, cloud: Cloud, data: Any
) -> None:
    server.respond(data)
    with pytest.raises(UnexpectedResponseError) as raised:
        await cloud.task(TASK)
    assert raised.value.may_have_arrived


@pytest.mark.parametrize(
    ("status", "data"),
    [(400, {"error": "BAD_PARAMS"}), (400, b""), (400, {"error": "NEW"}), (404, b"<html>")],
)
async def test_task_when_refused_then_unknown(
    server: ScriptedServer, cloud: Cloud, status: int, data: Any
) -> None:
    server.respond(data, status)
    with pytest.raises(TaskUnknownError) as raised:
        await cloud.task(TASK)
    assert (raised.value.status, raised.value.may_have_arrived) == (status, True)
