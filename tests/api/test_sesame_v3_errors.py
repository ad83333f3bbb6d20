"""Every way the first generation's cloud says no."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from aiohttp import ClientSession
import pytest

from custom_components.smartlocks.request_queue import RequestQueue
from custom_components.smartlocks.vendors.sesame_v3.api import (
    BadParamsError,
    BlockedError,
    BusyError,
    Cloud,
    Command,
    IntegrationOffError,
    LowBatteryError,
    NotAsDocumentedError,
    ServerError,
    SesameV3Error,
    ThrottledError,
    UnauthorizedError,
)

from .sesame_wire import VECTORS, Wire, served

KEY = "made-up-key-of-the-account"
DEVICE = "00000000-0000-0000-0000-000000000001"
TASK = "01234567-890a-bcde-f012-34567890abcd"


type Call = Callable[[Cloud], Awaitable[Any]]

CALLS: dict[str, Call] = {
    "locks": lambda cloud: cloud.locks(),
    "status": lambda cloud: cloud.status(DEVICE),
    "command": lambda cloud: cloud.command(DEVICE, Command.UNLOCK),
    "task": lambda cloud: cloud.task(TASK),
}


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


ERRORS: list[tuple[int, Any, type[SesameV3Error]]] = [
    (400, {"error": "BAD_PARAMS"}, BadParamsError),
    (400, {"error": "bad_params "}, BadParamsError),
    (400, {"error": "CLOUD_INTEGRATION_NOT_ENABLED"}, IntegrationOffError),
    (400, {"error": "LOW_BATTERY"}, LowBatteryError),
    (400, {"error": "DEVICE_IS_BUSY"}, BusyError),
    (400, {"error": "NEW_ERROR"}, NotAsDocumentedError),
    (400, {"error": 7}, NotAsDocumentedError),
    (400, b"nonsense", NotAsDocumentedError),
    (401, {"error": "UNAUTHORIZED"}, UnauthorizedError),
    (401, b"", UnauthorizedError),
    (403, {"error": "Forbidden"}, BlockedError),
    (403, {"error": "ACCESS_DENY"}, BlockedError),
    (403, {"message": "Forbidden"}, BlockedError),
    (403, b"<html>Forbidden</html>", BlockedError),
    (404, {"message": "Not Found"}, NotAsDocumentedError),
    (429, {"error": "THROTTLED"}, ThrottledError),
    (429, b"", ThrottledError),
    (500, {"error": "INTERNAL_ERROR"}, ServerError),
    (502, b"<html>Bad gateway</html>", ServerError),
    (503, {"error": "DEVICE_IS_BUSY 35"}, ServerError),
    (200, {"error": "UNAUTHORIZED"}, UnauthorizedError),
    (200, {"error": "ACCESS_DENY"}, BlockedError),
    (200, {"error": "SOMETHING_NEW"}, NotAsDocumentedError),
    (200, b"<html>It works!</html>", NotAsDocumentedError),
    (200, b"", NotAsDocumentedError),
    (200, b'{"locked": tr', NotAsDocumentedError),
    (200, b'{"battery": NaN}', NotAsDocumentedError),
    (200, b"\xff\xfe\xfd", NotAsDocumentedError),
    (200, b"[" * 100_000, NotAsDocumentedError),
]


@pytest.mark.parametrize("case", ERRORS)
@pytest.mark.parametrize("name", ["locks", "status", "command"])
async def test_every_error(
    wire: Wire, cloud: Cloud, name: str, case: tuple[int, Any, type[SesameV3Error]]
) -> None:
    status, data, kind = case
    wire.answer(data, status)
    with pytest.raises(SesameV3Error) as raised:
        await CALLS[name](cloud)
    assert type(raised.value) is kind
    assert raised.value.status == status
    # A plain refusal was not carried out; of anything else nobody knows.
    assert raised.value.may_have_arrived is not (400 <= status < 500)
    assert len(wire.seen) == 1
    for secret in (KEY, DEVICE, TASK, "127.0.0.1"):
        assert secret not in str(raised.value)


@pytest.mark.parametrize(
    "case",
    VECTORS["v3_error_parse"],
    ids=lambda case: f"{case['status']} {case['expect']['kind']}",
)
async def test_error_vectors(wire: Wire, cloud: Cloud, case: dict[str, Any]) -> None:
    kinds = {
        "integration_off": IntegrationOffError,
        "busy": BusyError,
        "ip_blocked": BlockedError,
        "throttled": ThrottledError,
        "server": ServerError,
    }
    body = case["body"]
    wire.answer(body.encode() if isinstance(body, str) else body, case["status"])
    with pytest.raises(kinds[case["expect"]["kind"]]) as raised:
        await cloud.status(DEVICE)
    assert getattr(raised.value, "seconds", None) == case["expect"].get("wait_s")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("DEVICE_IS_BUSY", None),
        ("DEVICE_IS_BUSY 35", 35),
        ("DEVICE_IS_BUSY :35", 35),
        ("DEVICE_IS_BUSY:35", 35),
        ("DEVICE_IS_BUSY :seconds", None),
        ("device_is_busy 0", 0),
        ("DEVICE_IS_BUSY " + "9" * 5000, 999_999_999),
    ],
)
async def test_how_long_a_lock_is_busy(
    wire: Wire, cloud: Cloud, text: str, seconds: int | None
) -> None:
    wire.answer({"error": text}, 400)
    with pytest.raises(BusyError) as raised:
        await cloud.command(DEVICE, Command.LOCK)
    assert raised.value.seconds == seconds
    assert not raised.value.may_have_arrived
