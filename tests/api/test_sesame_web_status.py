"""How the Web API's client reads a device's status."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientSession
import pytest

from custom_components.smartlocks.vendors.sesame_web.api import (
    Bolt,
    ForbiddenError,
    NeverOnlineError,
    NotAsDocumentedError,
    QuotaError,
    SesameWebError,
    Status,
    WebApi,
)

from .sesame_wire import VECTORS, Wire, served

KEY = "made-up-key-of-just-about-40-characters-"
UUID = "488ABAAB-164F-7A86-595F-DDD778CB86C3"
NOW = 1776966159.75


NOTHING = Status(
    state=None, battery=None, voltage=None, position=None, online=None, changed_at=None
)


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


async def test_status(wire: Wire, api: WebApi) -> None:
    wire.answer(
        {
            "batteryPercentage": 94,
            "batteryVoltage": 5.869794721407625,
            "position": 11,
            "CHSesame2Status": "locked",
            "timestamp": 1598523693,
            "wm2State": True,
            "isRechargeBattery": 0,
        }
    )
    assert await api.status(UUID.lower()) == Status(
        state=Bolt.LOCKED,
        battery=94,
        voltage=5.869794721407625,
        position=11,
        online=True,
        changed_at=datetime(2020, 8, 27, 10, 21, 33, tzinfo=UTC),
    )
    assert wire.seen == [("GET", f"/api/sesame2/{UUID}", {}, b"")]
    assert [heard.headers["x-api-key"] for heard in wire.heard] == [KEY]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"CHSesame2Status": "unlocked"}, {"state": Bolt.UNLOCKED}),
        ({"CHSesame2Status": "moved"}, {"state": Bolt.MOVED}),
        ({"CHSesame2Status": ""}, {}),
        ({"CHSesame2Status": None}, {}),
        ({"CHSesame2Status": "ajar"}, {}),
        ({"CHSesame2Status": ["locked"]}, {}),
        ({"wm2State": False}, {"online": False}),
        ({"wm2State": "true"}, {}),
        ({"batteryPercentage": 37.4, "batteryVoltage": 6}, {"battery": 37, "voltage": 6.0}),
        ({"batteryPercentage": 101, "batteryVoltage": "6"}, {}),
        ({"batteryPercentage": -1}, {}),
        ({"batteryPercentage": True}, {}),
        ({"position": -13}, {"position": -13}),
        ({"position": 11.0}, {"position": 11}),
        ({"position": 11.5}, {}),
        (
            {"timestamp": 1598523693000},
            {"changed_at": datetime(2020, 8, 27, 10, 21, 33, tzinfo=UTC)},
        ),
        (
            {"timestamp": 1598523693.5},
            {"changed_at": datetime(2020, 8, 27, 10, 21, 33, 500_000, UTC)},
        ),
        ({"timestamp": 0}, {}),
        ({"timestamp": 1e300}, {}),
        (b'{"timestamp": 1e999}', {}),
        (b'{"position": ' + b"9" * 400 + b"}", {}),
        ({"timestamp": "1598523693"}, {}),
    ],
)
async def test_status_piece_by_piece(
    wire: Wire, api: WebApi, data: Any, expected: dict[str, Any]
) -> None:
    wire.answer(data)
    assert await api.status(UUID) == replace(NOTHING, **expected)


@pytest.mark.parametrize(
    "case", VECTORS["status_normalisation"], ids=lambda case: case["source"].replace("/", "-")
)
async def test_status_vectors(wire: Wire, api: WebApi, case: dict[str, Any]) -> None:
    kinds: dict[str, tuple[int, type[SesameWebError]]] = {
        "server": (500, NeverOnlineError),
        "auth_or_plan": (403, ForbiddenError),
        "quota": (429, QuotaError),
    }
    expected = case["expect"]
    if "error" in expected:
        http, kind = kinds[expected["error"]]
        wire.answer(case["response"], http)
        with pytest.raises(kind):
            await api.status(UUID)
        return
    wire.answer(case["response"])
    status = await api.status(UUID)
    assert (status.state is Bolt.LOCKED) is expected["is_locked"]
    assert (status.battery, status.online) == (expected["battery"], expected["online"])
    assert status.changed_at == datetime.fromisoformat(expected["last_update"])


@pytest.mark.parametrize("data", [{}, [], [1], None, 7, "locked", {"message": "Forbidden"}])
async def test_status_of_another_shape(wire: Wire, api: WebApi, data: Any) -> None:
    wire.answer(data)
    with pytest.raises(NotAsDocumentedError):
        await api.status(UUID)
