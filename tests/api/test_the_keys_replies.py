"""Every form of reply that The Keys' gateway is known to give, and many that it is not."""

from collections.abc import AsyncIterator
import itertools
import json
from typing import Any

from aiohttp import ClientSession
import pytest

from custom_components.smartlocks.vendors.the_keys.api import (
    GatewayStatus,
    Locker,
    LockerState,
    LockerStatus,
    Phase,
    TheKeysBusyError,
    TheKeysClockError,
    TheKeysError,
    TheKeysFailedError,
    TheKeysGatewayError,
    TheKeysKeyUnknownError,
    TheKeysMovingError,
    TheKeysNotCompatibleError,
    TheKeysNotDetectedError,
    TheKeysNotSharedError,
    TheKeysParameterError,
    TheKeysRefusedError,
    TheKeysResponseError,
    TheKeysTransientError,
    percentage,
    volts,
)

from .the_keys_server import CALLS, DEEP, IDENTIFIER, LARGE, Server, ask, gateway_client, served

pytestmark = pytest.mark.usefixtures("socket_enabled")

# One of each kind of call, for the longest table: all calls read errors by the same rule.
KINDS = ("lockers", "locker_status", "open")
ACTIONS = ("synchronize", "synchronize_locker", "open", "close", "calibrate")
# Errors after which the lock may have done what it was asked.
DOUBTFUL = (TheKeysTransientError, TheKeysFailedError)

DONE: list[Any] = [
    {"status": "ok", "code": 0},
    {"status": "ok", "code": "0"},
    {"status": "ok"},
    {"status": " OK "},
    {"status": "0", "code": "ok"},
    {"status": 0, "code": "ok"},
    {"status": "0"},
    {"status": 0},
    {"status": "0", "code": 0},
    {"status": "0", "code": None},
    {"status": "0", "code": ""},
    {"code": 0},
    {"code": "0"},
    {"code": 0.0},
    {"code": "ok"},
    {"code": "0x0"},
    {"status": "0x00", "code": "ok"},
    {"status": "ok", "code": 0, "id": IDENTIFIER, "anything": ["else"]},
]

BY_NUMBER: dict[int, type[TheKeysGatewayError]] = {
    1: TheKeysTransientError,
    2: TheKeysNotCompatibleError,
    3: TheKeysTransientError,
    4: TheKeysTransientError,
    5: TheKeysTransientError,
    32: TheKeysNotSharedError,
    33: TheKeysRefusedError,
    34: TheKeysNotDetectedError,
    35: TheKeysNotCompatibleError,
    36: TheKeysKeyUnknownError,
    37: TheKeysFailedError,
    38: TheKeysClockError,
    500: TheKeysBusyError,
}


def spellings(number: int) -> list[dict[str, Any]]:
    """Return every way an error's number is said, on the vendor's page and in the field."""
    return [
        {"status": "ko", "code": number},
        {"status": "ko", "code": str(number)},
        {"status": "KO", "code": f" {number} ", "cause": "words"},
        {"status": "ko", "code": float(number), "error": "words"},
        {"status": "ko", "code": f"{number:#04x}"},
        {"status": f"{number:#x}"},
        {"code": f"0X{number:X}"},
        {"status": number},
        {"status": str(number)},
        {"status": str(number), "code": ""},
        {"status": str(number), "code": "ok"},
        {"status": number, "code": 0},
        {"code": number},
        {"code": str(number)},
        {"status": "ok", "code": number},
        {"status": "0", "code": number},
    ]


ERRORS: list[tuple[dict[str, Any], type[TheKeysGatewayError], int | None]] = [
    *((reply, error, number) for number, error in BY_NUMBER.items() for reply in spellings(number)),
    ({"status": "500", "message": "busy"}, TheKeysBusyError, 500),
    ({"status": 500, "message": "busy"}, TheKeysBusyError, 500),
    ({"status": "ko", "code": 500, "cause": "busy"}, TheKeysBusyError, 500),
    ({"status": "ko", "message": "busy"}, TheKeysBusyError, None),
    ({"message": "Busy"}, TheKeysBusyError, None),
    ({"status": "ok", "code": 0, "message": "busy"}, TheKeysBusyError, 0),
    ({"status": "34", "message": "busy"}, TheKeysBusyError, 34),
    ({"status": "ko", "code": 400, "cause": "action already started"}, TheKeysMovingError, 400),
    ({"status": "400", "message": "Action already started"}, TheKeysMovingError, 400),
    ({"status": "ko", "code": 400}, TheKeysMovingError, 400),
    ({"status": "400"}, TheKeysMovingError, 400),
    ({"status": "action already started", "code": 400}, TheKeysMovingError, 400),
    ({"status": "400", "code": "timestamp"}, TheKeysParameterError, 400),
    ({"status": 400, "code": "hash"}, TheKeysParameterError, 400),
    ({"status": "ko", "code": 400, "cause": "identifier"}, TheKeysParameterError, 400),
    ({"status": "ko", "code": 400, "error": "Missing parameter"}, TheKeysParameterError, 400),
    ({"status": "ko"}, TheKeysFailedError, None),
    ({"status": "ko", "code": 0}, TheKeysFailedError, 0),
    ({"status": "ko", "code": "ok"}, TheKeysFailedError, None),
    ({"status": "ko", "code": 49}, TheKeysFailedError, 49),
    ({"status": "ko", "code": 99, "cause": "words"}, TheKeysFailedError, 99),
    ({"status": "ko", "code": None, "cause": "words"}, TheKeysFailedError, None),
]

# None of these, nor of those after them, is a success, a state or a list, for any call.
NONSENSE: list[bytes] = [
    b"",
    b"   \r\n",
    b"\x00\x00",
    b"ok",
    b"0",
    b"null",
    b"true",
    b'"ok"',
    b"[]",
    b'[{"status": "ok", "code": 0}]',
    b"{}",
    b'{"status": "ok", "co',
    b"<html><body><h1>It works!</h1></body></html>",
    b"\xff\xfe\xfd",
    b"[" * 200_000,
    DEEP,
    LARGE,
    b'{"status": "ok", "code": NaN}',
]

STRANGE: list[dict[str, Any]] = [
    {"status": None, "code": None},
    {"status": "", "code": ""},
    {"status": {"a": []}, "data": 7, "code": [True], "task_id": None},
    {"status": True, "code": False},
    {"code": False},
    {"status": "okay"},
    {"status": "done", "code": 0},
    {"status": "error", "code": 0},
    {"status": "0", "code": "hash"},
    {"status": "0", "code": [0]},
    {"code": 0.5},
    {"code": "0x"},
    {"code": "0x3g"},
    {"code": "0x" + "0" * 50},
    {"code": "0 0"},
    {"code": -1},
    {"code": 6},
    {"code": 99},
    {"status": "99"},
    {"code": 200},
    {"code": 51},
    {"code": "9" * 50},
    {"status": "Door closed"},
    {"status": "Door open", "battery": 7235},
    {"status": "unknown"},
    {"error": "words"},
    {"devices": None},
    {"devices": {}},
    {"devices": "none"},
    {"version": None, "current_status": ""},
    {"version": [], "current_status": {}},
]


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """Serve."""
    async with served() as server:
        yield server


async def request(server: Server, call: str) -> Any:
    """Make one call of a fresh gateway's client."""
    async with ClientSession() as session:
        return await ask(gateway_client(session, server.url), call)


@pytest.mark.parametrize("call", ACTIONS)
async def test_action_reply_of_success_returns(server: Server, call: str) -> None:
    for reply in DONE:
        server.answer = reply
        assert await request(server, call) is None, reply


@pytest.mark.parametrize("call", ["lockers", "locker_status"])
async def test_reply_of_an_action_is_no_reply_to_a_read(server: Server, call: str) -> None:
    for reply in DONE:
        server.answer = reply
        with pytest.raises(TheKeysResponseError):
            await request(server, call)


@pytest.mark.parametrize("call", CALLS)
async def test_error_reply_is_raised(server: Server, call: str) -> None:
    for reply, error, code in ERRORS if call in KINDS else ERRORS[::13]:
        server.answer = reply
        with pytest.raises(TheKeysGatewayError) as caught:
            await request(server, call)
        assert type(caught.value) is error, reply
        assert caught.value.code == code, reply
        assert caught.value.may_have_arrived == isinstance(caught.value, DOUBTFUL), reply


@pytest.mark.parametrize("call", KINDS)
async def test_error_reply_with_data_is_raised(server: Server, call: str) -> None:
    """Hold an error above everything that would make a good reply."""
    data = {"devices": [], "version": "65", "current_status": "Scanning...", "position": 4}
    for reply, error, _ in ERRORS[::3]:
        server.answer = reply | data
        with pytest.raises(error):
            await request(server, call)


@pytest.mark.parametrize("call", [call for call in CALLS if call != "status"])
async def test_reply_not_understood_is_an_error(server: Server, call: str) -> None:
    for body in (*NONSENSE, *(json.dumps(reply).encode() for reply in STRANGE)):
        server.answer = body
        with pytest.raises(TheKeysResponseError) as caught:
            await request(server, call)
        assert caught.value.may_have_arrived, body
        assert caught.value.is_empty == (not body.strip()), body


async def test_status_firmware_without_it_is_none(server: Server) -> None:
    for body in (*NONSENSE, *(json.dumps(reply).encode() for reply in (*STRANGE, *DONE))):
        server.answer = body
        assert await request(server, "status") is None, body
    server.status, server.answer = 404, b"<html>404</html>"
    assert await request(server, "status") is None


@pytest.mark.parametrize("call", ACTIONS)
@pytest.mark.parametrize("code", [48, 49, 50, "49"])
async def test_action_reply_with_a_state_is_no_success(
    server: Server, call: str, code: int | str
) -> None:
    server.answer = {"status": "Door closed", "code": code, "position": 4}
    with pytest.raises(TheKeysResponseError):
        await request(server, call)


@pytest.mark.parametrize("status", [204, 302, 401, 404, 500, 503])
@pytest.mark.parametrize("call", [call for call in CALLS if call != "status"])
async def test_http_status_other_than_success_is_an_error(
    server: Server, call: str, status: int
) -> None:
    server.status = status
    server.answer = {"status": "ok", "code": 0, "devices": [], "version": "65"}
    if call == "locker_status":
        server.answer = {"status": "Door closed", "code": 49}
    with pytest.raises(TheKeysResponseError):
        await request(server, call)


async def test_error_reply_with_any_http_status_is_raised(server: Server) -> None:
    server.status, server.answer = 500, {"status": "500", "message": "busy"}
    with pytest.raises(TheKeysBusyError):
        await request(server, "open")


@pytest.mark.parametrize(
    ("code", "state"),
    [(48, LockerState.UNKNOWN), (49, LockerState.CLOSED), (50, LockerState.OPEN)],
)
@pytest.mark.parametrize("words", ["Door closed", "Door open", "ok", "", None, 0])
async def test_locker_status_state_is_read_from_the_number(
    server: Server, code: int, state: LockerState, words: Any
) -> None:
    for spelling, field in itertools.product(
        (code, str(code), float(code), f"{code:#x}", f" 0X{code:X} "), ("code", "status")
    ):
        other = "status" if field == "code" else "code"
        if (field, words) == ("status", 0):
            continue
        server.answer = {field: spelling, other: words}
        assert (await request(server, "locker_status")).state is state, server.answer


async def test_locker_status_reply_seen_in_the_field_is_read(server: Server) -> None:
    server.answer = {
        "status": "Door closed",
        "code": 49,
        "id": IDENTIFIER,
        "version": 59,
        "position": 4,
        "rssi": -70,
        "battery": 7044,
    }
    assert await request(server, "locker_status") == LockerStatus(
        state=LockerState.CLOSED, position=4, rssi=-70, battery=7044, version=59
    )


@pytest.mark.parametrize("spelling", [str, float])
async def test_locker_status_numbers_as_text_or_float_are_read(
    server: Server, spelling: Any
) -> None:
    fields = {"code": 50, "version": 81, "position": 20, "rssi": -71, "battery": 4065}
    server.answer = {name: spelling(value) for name, value in fields.items()}
    if spelling is str:
        server.answer["code"] = "50"
    assert await request(server, "locker_status") == LockerStatus(
        state=LockerState.OPEN, position=20, rssi=-71, battery=4065, version=81
    )


# What no field of a number may discard the rest with.
ODD: list[Any] = [
    *(None, "", "n/a", [], {}, True, False, 1.5, -1e300, 1e300),
    *(int("9" * 310), -int("9" * 310), "9" * 310, "1" * 18, 10**17, "0x10", "\u0663"),
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:12])
async def test_locker_status_odd_fields_are_none(server: Server, odd: Any) -> None:
    names = ("version", "position", "rssi", "battery")
    for name in names:
        server.answer = {"code": 49, name: odd}
        status = await request(server, "locker_status")
        assert status == LockerStatus(state=LockerState.CLOSED), name
        assert (percentage(status.battery), volts(status.battery)) == (None, None)
    server.answer = {"code": 49, **dict.fromkeys(names, odd)}
    assert await request(server, "locker_status") == LockerStatus(state=LockerState.CLOSED)


async def test_locker_status_infinite_number_is_none(server: Server) -> None:
    server.answer = b'{"code": 49, "battery": 1e999, "rssi": -1e999}'
    assert await request(server, "locker_status") == LockerStatus(state=LockerState.CLOSED)


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:12])
async def test_lockers_odd_fields_are_none(server: Server, odd: Any) -> None:
    for name in ("rssi", "battery"):
        server.answer = {"devices": [{"identifier": 5, "last_log": 7, name: odd}]}
        assert await request(server, "lockers") == (Locker(identifier=5, last_log=7),), name


@pytest.mark.parametrize(
    "odd", [None, "", "n/a", [], True, 1.5, 12.0, 1e300, -1, 10**19, "9" * 310, int("9" * 310)]
)
async def test_lockers_odd_last_log_is_none(server: Server, odd: Any) -> None:
    server.answer = {"devices": [{"identifier": 5, "rssi": -70, "last_log": odd}]}
    assert await request(server, "lockers") == (Locker(identifier=5, rssi=-70),)


OTHER_IDS = [IDENTIFIER + 1, str(IDENTIFIER + 1), 0, -IDENTIFIER, int("9" * 310), 1.5, "n/a"]


@pytest.mark.parametrize("other", OTHER_IDS, ids=lambda other: repr(other)[:12])
@pytest.mark.parametrize("call", ["locker_status", "open", "synchronize_locker"])
async def test_reply_about_another_lock_is_an_error(server: Server, call: str, other: Any) -> None:
    replies = [{"status": "Door closed", "code": 49}] if call == "locker_status" else DONE
    for reply in (*replies, {"status": "ko", "code": 34}, {"status": "500", "message": "busy"}):
        server.answer = reply | {"id": other}
        with pytest.raises(TheKeysResponseError) as caught:
            await request(server, call)
        assert caught.value.may_have_arrived


@pytest.mark.parametrize("told", [IDENTIFIER, str(IDENTIFIER), float(IDENTIFIER), None, "", [], {}])
async def test_reply_about_the_asked_lock_is_read(server: Server, told: Any) -> None:
    server.answer = {"code": 50, "id": told}
    assert (await request(server, "locker_status")).state is LockerState.OPEN


async def test_lockers_reply_of_the_page_and_of_the_field_is_read(server: Server) -> None:
    server.answer = {
        "status": "ok",
        "devices": [
            {"identifier": 45961123, "rssi": -71, "battery": 4065},
            {"identifier": "1751", "rssi": "-60", "battery": "7951", "last_log": "1200"},
            {"identifier": 3718, "rssi": None, "battery": 0, "last_log": 0, "more": "to come"},
        ],
    }
    assert await request(server, "lockers") == (
        Locker(identifier=45961123, rssi=-71, battery=4065),
        Locker(identifier=1751, rssi=-60, battery=7951, last_log=1200),
        Locker(identifier=3718, battery=0, last_log=0),
    )


@pytest.mark.parametrize("extra", [{"status": "ok"}, {"status": "0", "code": "ok"}, {}])
async def test_lockers_empty_list_is_empty(server: Server, extra: dict[str, Any]) -> None:
    server.answer = extra | {"devices": []}
    assert await request(server, "lockers") == ()


async def test_lockers_entry_without_identifier_is_left_out(server: Server) -> None:
    server.answer = {
        "status": "ok",
        "devices": [
            None,
            7,
            "x",
            [],
            {},
            {"rssi": -3},
            {"identifier": "x"},
            {"identifier": 0},
            {"identifier": 5},
        ],
    }
    assert await request(server, "lockers") == (Locker(identifier=5),)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (
            {"version": "16", "current_status": "Scanning..."},
            GatewayStatus(version="16", current_status="Scanning...", phase=Phase.SCANNING),
        ),
        (
            {"version": 65, "current_status": "Synchronizing gw"},
            GatewayStatus(
                version="65", current_status="Synchronizing gw", phase=Phase.SYNCHRONIZING
            ),
        ),
        (
            {"version": 65, "current_status": "synchronizing 45961123", "status": "ok"},
            GatewayStatus(
                version="65", current_status="synchronizing 45961123", phase=Phase.SYNCHRONIZING
            ),
        ),
        (
            {"version": "65", "current_status": "Updating"},
            GatewayStatus(version="65", current_status="Updating", phase=Phase.OTHER),
        ),
        ({"version": "65"}, GatewayStatus(version="65", current_status="", phase=Phase.OTHER)),
        (
            {"version": [], "current_status": " Scanning "},
            GatewayStatus(version=None, current_status="Scanning", phase=Phase.SCANNING),
        ),
    ],
)
async def test_status_reply_is_read(server: Server, reply: Any, expected: GatewayStatus) -> None:
    server.answer = reply
    assert await request(server, "status") == expected


async def test_reply_with_other_encoding_keeps_its_numbers(server: Server) -> None:
    server.answer = b'\xef\xbb\xbf{"status": "ferm\xe9e", "code": 49}'
    assert (await request(server, "locker_status")).state is LockerState.CLOSED


async def test_error_text_of_the_gateway_is_in_detail_only(server: Server) -> None:
    for reply, _, _ in ERRORS[::7]:
        server.answer = reply | {"cause": "secret words"}
        with pytest.raises(TheKeysError) as caught:
            await request(server, "open")
        assert "secret" not in str(caught.value)
        assert "secret" not in repr(caught.value)
        assert isinstance(caught.value, TheKeysGatewayError)
        assert "secret words" in caught.value.detail
