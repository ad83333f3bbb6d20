"""What became of a command, as the first generation's cloud tells it."""

from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientSession
import pytest

from custom_components.smartlocks.request_queue import RequestQueue
from custom_components.smartlocks.vendors.sesame_v3.api import (
    BadParamsError,
    BusyError,
    Cloud,
    IntegrationOffError,
    LowBatteryError,
    NotAsDocumentedError,
    ServerError,
    SesameV3Error,
    Task,
    TaskFailedError,
    TaskUnknownError,
)

from .sesame_wire import VECTORS, Wire, served

KEY = "made-up-key-of-the-account"
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


async def test_task(wire: Wire, cloud: Cloud) -> None:
    wire.answer({"status": "processing"})
    assert await cloud.task(TASK) == Task(processing=True, successful=None, error=None)
    wire.answer({"status": "terminated", "successful": True})
    assert await cloud.task(TASK) == Task(processing=False, successful=True, error=None)
    assert wire.seen[0] == ("GET", "/public/action-result", {"task_id": TASK}, b"")


@pytest.mark.parametrize(
    ("text", "kind"),
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
async def test_a_task_that_failed(
    wire: Wire, cloud: Cloud, text: Any, kind: type[SesameV3Error]
) -> None:
    wire.answer({"status": "terminated", "successful": False, "error": text})
    task = await cloud.task(TASK)
    assert (task.processing, task.successful) == (False, False)
    assert type(task.error) is kind
    assert task.error.may_have_arrived
    assert getattr(task.error, "seconds", 35) == 35


@pytest.mark.parametrize("case", VECTORS["v3_task_results"], ids=lambda case: case["expect"])
async def test_task_vectors(wire: Wire, cloud: Cloud, case: dict[str, Any]) -> None:
    wire.answer(case["body"])
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
        {"status": "done", "successful": True},
        {"successful": True},
    ],
)
async def test_a_task_not_understood_is_no_success(wire: Wire, cloud: Cloud, data: Any) -> None:
    wire.answer(data)
    with pytest.raises(NotAsDocumentedError) as raised:
        await cloud.task(TASK)
    assert raised.value.may_have_arrived


@pytest.mark.parametrize(
    ("status", "data"),
    [(400, {"error": "BAD_PARAMS"}), (400, b""), (400, {"error": "NEW"}), (404, b"<html>")],
)
async def test_a_task_nobody_knows(wire: Wire, cloud: Cloud, status: int, data: Any) -> None:
    wire.answer(data, status)
    with pytest.raises(TaskUnknownError) as raised:
        await cloud.task(TASK)
    assert (raised.value.status, raised.value.may_have_arrived) == (status, True)
