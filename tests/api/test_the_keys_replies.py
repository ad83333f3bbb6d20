"""Every form of reply that The Keys' gateway is known to give, and many that it is not."""

from collections.abc import AsyncIterator
import itertools
import json
from typing import Any

from aiohttp import ClientSession
import pytest

from custom_components.smartlocks.request_queue import RequestQueue
from custom_components.smartlocks.vendors.the_keys.api import (
    Gateway,
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
    TimestampCounter,
)

from .the_keys_wire import CODE, IDENTIFIER, Wire, served

pytestmark = pytest.mark.usefixtures("socket_enabled")

CALLS = (
    "lockers",
    "status",
    "synchronize",
    "synchronize_locker",
    "locker_status",
    "open",
    "close",
    "calibrate",
)
# One of each kind of call, for the longest table: all calls read errors by the same rule.
KINDS = ("lockers", "locker_status", "open")
COMMANDS = ("synchronize", "synchronize_locker", "open", "close", "calibrate")

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
    b'{"status": "ok"}' + b" " * 300_000 + b"}",
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
    {"code": "0x0"},
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
async def wire() -> AsyncIterator[Wire]:
    """Serve."""
    async with served() as wire:
        yield wire


async def ask(wire: Wire, call: str) -> Any:
    """Make one call of a fresh gateway's client."""
    arguments: tuple[Any, ...] = ()
    if call in ("locker_status", "open", "close", "calibrate"):
        arguments = (IDENTIFIER, CODE)
    elif call == "synchronize_locker":
        arguments = (IDENTIFIER,)
    async with ClientSession() as session:
        gateway = Gateway(session, wire.url, queue=RequestQueue(), timestamps=TimestampCounter())
        return await getattr(gateway, call)(*arguments)


@pytest.mark.parametrize("call", COMMANDS)
async def test_done(wire: Wire, call: str) -> None:
    for reply in DONE:
        wire.answer = reply
        assert await ask(wire, call) is None, reply


@pytest.mark.parametrize("call", ["lockers", "status", "locker_status"])
async def test_done_is_no_answer_to_a_question(wire: Wire, call: str) -> None:
    for reply in DONE:
        wire.answer = reply
        with pytest.raises(TheKeysResponseError):
            await ask(wire, call)


@pytest.mark.parametrize("call", CALLS)
async def test_errors(wire: Wire, call: str) -> None:
    for reply, error, code in ERRORS if call in KINDS else ERRORS[::13]:
        wire.answer = reply
        with pytest.raises(TheKeysGatewayError) as caught:
            await ask(wire, call)
        assert type(caught.value) is error, reply
        assert caught.value.code == code, reply
        assert not caught.value.may_have_arrived


@pytest.mark.parametrize("call", KINDS)
async def test_errors_beside_data_are_errors(wire: Wire, call: str) -> None:
    """What is refused is refused, even with everything that would make an answer."""
    data = {"devices": [], "version": "65", "current_status": "Scanning...", "position": 4}
    for reply, error, _ in ERRORS[::3]:
        wire.answer = reply | data
        with pytest.raises(error):
            await ask(wire, call)


@pytest.mark.parametrize("call", CALLS)
async def test_nonsense(wire: Wire, call: str) -> None:
    for body in (*NONSENSE, *(json.dumps(reply).encode() for reply in STRANGE)):
        wire.answer = body
        with pytest.raises(TheKeysResponseError) as caught:
            await ask(wire, call)
        assert caught.value.may_have_arrived, body
        assert caught.value.is_empty == (not body.strip()), body


@pytest.mark.parametrize("call", COMMANDS)
@pytest.mark.parametrize("code", [48, 49, 50, "49"])
async def test_a_state_is_no_success(wire: Wire, call: str, code: int | str) -> None:
    wire.answer = {"status": "Door closed", "code": code, "position": 4}
    with pytest.raises(TheKeysResponseError):
        await ask(wire, call)


@pytest.mark.parametrize("status", [204, 302, 401, 404, 500, 503])
@pytest.mark.parametrize("call", CALLS)
async def test_no_success_with_another_http_status(wire: Wire, call: str, status: int) -> None:
    wire.status = status
    wire.answer = {"status": "ok", "code": 0, "devices": [], "version": "65"}
    if call == "locker_status":
        wire.answer = {"status": "Door closed", "code": 49}
    with pytest.raises(TheKeysResponseError):
        await ask(wire, call)


async def test_an_error_is_understood_with_any_http_status(wire: Wire) -> None:
    wire.status, wire.answer = 500, {"status": "500", "message": "busy"}
    with pytest.raises(TheKeysBusyError):
        await ask(wire, "open")


@pytest.mark.parametrize(
    ("code", "state"),
    [(48, LockerState.UNKNOWN), (49, LockerState.CLOSED), (50, LockerState.OPEN)],
)
@pytest.mark.parametrize("words", ["Door closed", "Door open", "ok", "", None, 0])
async def test_the_state_is_in_the_number(
    wire: Wire, code: int, state: LockerState, words: Any
) -> None:
    for spelling, field in itertools.product((code, str(code), float(code)), ("code", "status")):
        other = "status" if field == "code" else "code"
        if (field, words) == ("status", 0):
            continue
        wire.answer = {field: spelling, other: words}
        assert (await ask(wire, "locker_status")).state is state, wire.answer


async def test_locker_status_as_seen_in_the_field(wire: Wire) -> None:
    wire.answer = {
        "status": "Door closed",
        "code": 49,
        "id": IDENTIFIER,
        "version": 59,
        "position": 4,
        "rssi": -70,
        "battery": 7044,
    }
    assert await ask(wire, "locker_status") == LockerStatus(
        state=LockerState.CLOSED, position=4, rssi=-70, battery=7044, version="59"
    )


@pytest.mark.parametrize("spelling", [str, float])
async def test_locker_status_with_other_numbers(wire: Wire, spelling: Any) -> None:
    fields = {"code": 50, "version": 81, "position": 20, "rssi": -71, "battery": 4065}
    wire.answer = {name: spelling(value) for name, value in fields.items()}
    if spelling is str:
        wire.answer["code"] = "50"
    assert await ask(wire, "locker_status") == LockerStatus(
        state=LockerState.OPEN, position=20, rssi=-71, battery=4065, version="81"
    )


@pytest.mark.parametrize("junk", [None, "", "n/a", [], {}, True, 1.5])
async def test_locker_status_without_usable_details(wire: Wire, junk: Any) -> None:
    wire.answer = {"code": 49, "version": None, "position": junk, "rssi": junk, "battery": junk}
    assert await ask(wire, "locker_status") == LockerStatus(state=LockerState.CLOSED)


async def test_lockers_as_on_the_page_and_as_seen_in_the_field(wire: Wire) -> None:
    wire.answer = {
        "status": "ok",
        "devices": [
            {"identifier": 45961123, "rssi": -71, "battery": 4065},
            {"identifier": "1751", "rssi": "-60", "battery": "7951", "last_log": "1200"},
            {"identifier": 3718, "rssi": None, "battery": 0, "last_log": 0, "more": "to come"},
        ],
    }
    assert await ask(wire, "lockers") == (
        Locker(identifier=45961123, rssi=-71, battery=4065),
        Locker(identifier=1751, rssi=-60, battery=7951, last_log=1200),
        Locker(identifier=3718, battery=0, last_log=0),
    )


@pytest.mark.parametrize("extra", [{"status": "ok"}, {"status": "0", "code": "ok"}, {}])
async def test_a_gateway_without_locks(wire: Wire, extra: dict[str, Any]) -> None:
    wire.answer = extra | {"devices": []}
    assert await ask(wire, "lockers") == ()


async def test_what_is_no_lock_is_left_out(wire: Wire) -> None:
    wire.answer = {
        "status": "ok",
        "devices": [None, 7, "x", [], {}, {"rssi": -3}, {"identifier": "x"}, {"identifier": 5}],
    }
    assert await ask(wire, "lockers") == (Locker(identifier=5),)


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
async def test_gateway_status(wire: Wire, reply: Any, expected: GatewayStatus) -> None:
    wire.answer = reply
    assert await ask(wire, "status") == expected


async def test_letters_of_another_alphabet_spoil_no_number(wire: Wire) -> None:
    wire.answer = b'\xef\xbb\xbf{"status": "ferm\xe9e", "code": 49}'
    assert (await ask(wire, "locker_status")).state is LockerState.CLOSED


async def test_words_of_the_gateway_stay_out_of_the_error_text(wire: Wire) -> None:
    for reply, _, _ in ERRORS[::7]:
        wire.answer = reply | {"cause": "secret words"}
        with pytest.raises(TheKeysError) as caught:
            await ask(wire, "open")
        assert "secret" not in str(caught.value)
        assert "secret" not in repr(caught.value)
        assert isinstance(caught.value, TheKeysGatewayError)
        assert "secret words" in caught.value.detail
