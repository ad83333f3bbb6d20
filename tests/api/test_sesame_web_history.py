"""How the Web API's client reads a device's history."""

from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientSession
import pytest

from custom_components.smartlocks.vendors.sesame_web.api import (
    HistoryEntry,
    HistoryKind,
    NotAsDocumentedError,
    WebApi,
)

from .sesame_wire import VECTORS, Wire, served

KEY = "made-up-key-of-just-about-40-characters-"
UUID = "488ABAAB-164F-7A86-595F-DDD778CB86C3"
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


@pytest.mark.parametrize(("asked", "sent"), [(1, "1"), (50, "50"), (99, "50")])
async def test_history(wire: Wire, api: WebApi, asked: int, sent: str) -> None:
    wire.answer([case["entry"] for case in VECTORS["history_normalisation"]])
    entries = await api.history(UUID, page=2, entries=asked)
    assert wire.seen == [("GET", f"/api/sesame2/{UUID}/history", {"page": "2", "lg": sent}, b"")]
    for entry, case in zip(entries, VECTORS["history_normalisation"], strict=True):
        expected = case["expect"]
        assert entry.kind is not None
        assert entry.kind.name.lower() == expected["event"]
        assert entry.locked_after is expected["locked_after"]
        assert entry.at == datetime.fromisoformat(expected["time"])
        assert entry.tag == expected["who"]
        assert entry.key == (case["entry"]["recordID"], entry.at)


def test_history_kinds() -> None:
    assert {str(kind.value): kind.name.lower() for kind in HistoryKind} == VECTORS["history_types"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"type": 7}, {"kind": HistoryKind.MANUAL_LOCKED}),
        ({"type": 90.0}, {"raw_type": 90, "kind": HistoryKind.DOOR_OPEN}),
        ({"type": 4711}, {"raw_type": 4711, "kind": None}),
        ({"type": -1}, {"raw_type": -1, "kind": None}),
        ({"recordID": None}, {"record_id": None}),
        ({"recordID": "12"}, {"record_id": None}),
        ({"timeStamp": None}, {"at": None}),
        ({"historyTag": None}, {"tag": None}),
        ({"historyTag": ""}, {"tag": None}),
        ({"historyTag": 7}, {"tag": None}),
        ({"historyTag": "%%%"}, {"tag": None}),
        ({"historyTag": "鍵"}, {"tag": None}),
        ({"historyTag": b64encode(b"\xff\xfe").decode()}, {"tag": None}),
        ({"historyTag": b64encode(b"\x00\x0d1234").decode()}, {"tag": None}),
        ({"historyTag": b64encode(b"Ann\0\0").decode()}, {"tag": "Ann"}),
        ({"historyTag": VECTORS["biz_history_user_tag"]["base64"]}, {"tag": None}),
        (
            {"historyTag": VECTORS["history_tag_from_doc"]["base64"]},
            {"tag": VECTORS["history_tag_from_doc"]["text"]},
        ),
    ],
)
async def test_history_piece_by_piece(
    wire: Wire, api: WebApi, raw: dict[str, Any], expected: dict[str, Any]
) -> None:
    entry = {"type": 7, "timeStamp": 1597492862.0, "historyTag": None, "recordID": 255}
    wire.answer([entry | raw])
    usual = HistoryEntry(
        record_id=255,
        kind=HistoryKind.MANUAL_LOCKED,
        raw_type=7,
        at=datetime(2020, 8, 15, 12, 1, 2, tzinfo=UTC),
        tag=None,
    )
    assert await api.history(UUID) == (replace(usual, **expected),)


async def test_a_broken_entry_spoils_no_other(wire: Wire, api: WebApi) -> None:
    wire.answer([None, {"type": "x"}, {"type": 12}])
    [entry] = await api.history(UUID)
    assert (entry.kind, entry.locked_after) == (HistoryKind.DRIVE_FAILED, None)


async def test_no_history(wire: Wire, api: WebApi) -> None:
    wire.answer([])
    assert await api.history(UUID) == ()


@pytest.mark.parametrize("data", [{}, None, {"histories": []}, [1, 2, 3], [{}], [{"type": None}]])
async def test_history_of_another_shape(wire: Wire, api: WebApi, data: Any) -> None:
    wire.answer(data)
    with pytest.raises(NotAsDocumentedError):
        await api.history(UUID)
