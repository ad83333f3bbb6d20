"""How the Web API's client reads statuses, histories, ids and secrets."""

from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.smartlocks.vendors.sesame_web.api import (
    PRODUCTS,
    Bolt,
    ForbiddenError,
    HistoryEntry,
    HistoryKind,
    Kind,
    NeverOnlineError,
    NotAsDocumentedError,
    NotASecretError,
    NotAUuidError,
    QuotaError,
    SesameWebError,
    Status,
    WebApi,
    parse_secret,
    parse_uuid,
)

from .sesame_web import BASE, KEY, SECRET, UUID, connected
from .sesame_wire import VECTORS, Wire, served

NOTHING = Status(
    state=None, battery=None, voltage=None, position=None, online=None, changed_at=None
)


@pytest.fixture
async def wire(socket_enabled: None) -> AsyncIterator[Wire]:
    async with served(BASE, body=b"{}") as wire:
        yield wire


@pytest.fixture
async def api(wire: Wire) -> AsyncIterator[WebApi]:
    async with connected(wire) as api:
        yield api


async def test_status_is_read(wire: Wire, api: WebApi) -> None:
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
    assert wire.seen == [("GET", f"{BASE}/{UUID}", {}, b"")]
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
        ({"timestamp": -1598523693}, {}),
        ({"timestamp": 4102444799}, {"changed_at": datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)}),
        ({"timestamp": 4102444800}, {}),
        ({"timestamp": 99_999_999_999}, {}),
        ({"timestamp": 1e14}, {}),
        ({"position": 2**31}, {}),
        ({"position": 1e300}, {}),
        ({"batteryPercentage": 10**400}, {}),
        ({"batteryVoltage": -0.1}, {}),
        ({"batteryVoltage": 1e300}, {}),
        ({"wm2State": 1}, {"online": True}),
        ({"wm2State": 0}, {"online": False}),
        ({"wm2State": 2}, {}),
        ({"wm2State": None}, {}),
        (
            {"CHSesame2Status": "locked", "batteryPercentage": {}, "wm2State": [], "timestamp": {}},
            {"state": Bolt.LOCKED},
        ),
    ],
)
async def test_status_fields_are_read_each_for_itself(
    wire: Wire, api: WebApi, data: Any, expected: dict[str, Any]
) -> None:
    wire.answer(data)
    assert await api.status(UUID) == replace(NOTHING, **expected)


@pytest.mark.parametrize(
    "case", VECTORS["status_normalisation"], ids=lambda case: case["source"].replace("/", "-")
)
async def test_status_equals_the_vectors(wire: Wire, api: WebApi, case: dict[str, Any]) -> None:
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
async def test_status_of_another_shape_is_an_error(wire: Wire, api: WebApi, data: Any) -> None:
    wire.answer(data)
    with pytest.raises(NotAsDocumentedError):
        await api.status(UUID)


@pytest.mark.parametrize(("asked", "sent"), [(1, "1"), (50, "50"), (99, "50")])
async def test_history_equals_the_vectors(wire: Wire, api: WebApi, asked: int, sent: str) -> None:
    wire.answer([case["entry"] for case in VECTORS["history_normalisation"]])
    entries = await api.history(UUID, page=2, entries=asked)
    assert wire.seen == [("GET", f"{BASE}/{UUID}/history", {"page": "2", "lg": sent}, b"")]
    for entry, case in zip(entries, VECTORS["history_normalisation"], strict=True):
        expected = case["expect"]
        assert entry.kind is not None
        assert entry.kind.name.lower() == expected["event"]
        assert entry.at == datetime.fromisoformat(expected["time"])
        assert entry.tag == expected["who"]
        assert entry.key == (case["entry"]["recordID"], entry.at)


def test_history_types_are_the_vendors() -> None:
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
        ({"recordID": 10**400}, {"record_id": None}),
        ({"timeStamp": 1e300}, {"at": None}),
        ({"timeStamp": None}, {"at": None}),
        ({"historyTag": None}, {"tag": None}),
        ({"historyTag": ""}, {"tag": None}),
        ({"historyTag": 7}, {"tag": None}),
        ({"historyTag": "%%%"}, {"tag": None}),
        ({"historyTag": "鍵"}, {"tag": None}),
        ({"historyTag": b64encode(b"\xff\xfe").decode()}, {"tag": None}),
        ({"historyTag": b64encode(b"\x00\x0d1234").decode()}, {"tag": None}),
        ({"historyTag": b64encode(b"Ann\0\0").decode()}, {"tag": "Ann"}),
        ({"historyTag": b64encode("\u202eAnn\u200b".encode()).decode()}, {"tag": "Ann"}),
        ({"historyTag": b64encode("\u200b".encode()).decode()}, {"tag": None}),
        ({"historyTag": b64encode("Ann\u2028B".encode()).decode()}, {"tag": None}),
        ({"historyTag": b64encode(b"[a](//example.com)").decode()}, {"tag": None}),
        ({"historyTag": b64encode(b"WWW.example.com").decode()}, {"tag": None}),
        ({"historyTag": VECTORS["biz_history_user_tag"]["base64"]}, {"tag": None}),
        (
            {"historyTag": VECTORS["history_tag_from_doc"]["base64"]},
            {"tag": VECTORS["history_tag_from_doc"]["text"]},
        ),
    ],
)
async def test_history_fields_are_read_each_for_itself(
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


async def test_history_entry_when_odd_is_left_out(wire: Wire, api: WebApi) -> None:
    wire.answer([None, {"type": "x"}, {"type": 12}, {"type": 2**31}, [], {"type": 7.5}])
    [entry] = await api.history(UUID)
    assert entry.kind is HistoryKind.DRIVE_FAILED


async def test_history_when_empty_has_no_entries(wire: Wire, api: WebApi) -> None:
    wire.answer([])
    assert await api.history(UUID) == ()


@pytest.mark.parametrize("data", [{}, None, {"histories": []}, [1, 2, 3], [{}], [{"type": None}]])
async def test_history_of_another_shape_is_an_error(wire: Wire, api: WebApi, data: Any) -> None:
    wire.answer(data)
    with pytest.raises(NotAsDocumentedError):
        await api.history(UUID)


@pytest.mark.parametrize("text", [UUID, UUID.lower(), f" {UUID}\n"])
def test_uuid_is_read(text: str) -> None:
    assert parse_uuid(text) == UUID


@pytest.mark.parametrize(
    "text", ["", "x", UUID[:-1], UUID + "0", UUID.replace("-", ""), UUID.replace("A", "G"), SECRET]
)
def test_uuid_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(NotAUuidError):
        parse_uuid(text)


@pytest.mark.parametrize("text", [SECRET, SECRET.upper(), f"\t{SECRET} "])
def test_secret_is_read(text: str) -> None:
    assert parse_secret(text) == SECRET


@pytest.mark.parametrize(
    "text", ["", SECRET[:-1], SECRET + "0", SECRET.replace("a", "g"), UUID, "٣" * 32, "0x" + SECRET]
)
def test_secret_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(NotASecretError) as raised:
        parse_secret(text)
    assert not text or text not in str(raised.value)


def test_products_usable_are_the_vendors_list_in_its_words() -> None:
    usable = [product for product in PRODUCTS.values() if product.kind is not None]
    assert [(product.number, product.model, product.name) for product in usable] == [
        (0, "sesame_2", "Sesame 3"),
        (4, "sesame_4", "Sesame 4"),
        (5, "sesame_5", "Sesame 5"),
        (7, "sesame_5_pro", "Sesame 5 Pro"),
        (16, "sesame_5_us", "Sesame 5 US"),
        (21, "sesame_6_pro", "Sesame 6 Pro"),
        (2, "ssmbot_1", "Bot 1"),
        (17, "bot_2", "Bot 2"),
        (35, "bot_3", "Bot 3"),
        (11, "BLE_Connector_1", "BLE Connector 1"),
        (6, "bike_2", "Bike 2"),
        (33, "bike_3", "Bike 3"),
    ]


def test_products_are_numbered_as_in_share_links() -> None:
    kinds = {kind: {n for n, p in PRODUCTS.items() if p.kind is kind} for kind in (*Kind, None)}
    assert kinds[Kind.LOCK] == {0, 4, 5, 7, 11, 16, 21}
    assert kinds[Kind.BOT] == {2, 17, 35}
    assert kinds[Kind.BIKE] == {6, 33}
    assert kinds[None] == {3, *range(8, 11), 13, 14, 15, *range(18, 21), *range(22, 33), 36}
    assert all(number == product.number for number, product in PRODUCTS.items())
    assert len({product.model for product in PRODUCTS.values()}) == len(PRODUCTS)
