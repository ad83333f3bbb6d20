"""What replies mean: single fields, and the gateway's replies as a whole.

The vendor's page and the clients in the field disagree on where the number stands
(`code` or `status`), on how it is written (number, decimal or hexadecimal text) and on
how success is said. All of these are understood; anything else is TheKeysResponseError.
"""

from collections.abc import Iterable, Mapping
import re
from typing import Any, Final

from ....http import parse_json
from .exceptions import (
    TheKeysBusyError,
    TheKeysClockError,
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
)
from .models import GatewayStatus, Locker, LockerState, LockerStatus, Phase

type Fields = Mapping[str, Any]

_LARGEST: Final = 10**18
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,18}")
_HEXADECIMAL: Final = re.compile(r"0[xX][0-9a-fA-F]{1,8}")

_INCOMPLETE: Final = 400
_ERRORS: Final[Mapping[int, type[TheKeysGatewayError]]] = {
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
    _INCOMPLETE: TheKeysParameterError,
    500: TheKeysBusyError,
}
_STATES: Final = {48: LockerState.UNKNOWN, 49: LockerState.CLOSED, 50: LockerState.OPEN}
_PHASES: Final = {"scan": Phase.SCANNING, "sync": Phase.SYNCHRONIZING}
_TEXTS: Final = ("status", "code", "cause", "message", "error")
_PARAMETERS: Final = ("timestamp", "hash", "identifier", "param", "missing")


def parse_object(body: bytes) -> Fields:
    """Return the JSON object in `body`; ValueError when it holds anything else.

    Characters that are not UTF-8 spoil only the text they stand in: the fields that
    matter are numbers.
    """
    match parse_json(body.decode("utf-8-sig", "replace")):
        case dict() as fields:
            return fields
        case _:
            raise ValueError("not an object")


def integer(value: object, lowest: int = -_LARGEST, highest: int = _LARGEST) -> int | None:
    """Return a whole number within limits, given as number or as decimal text; else None."""
    match value:
        case bool():
            return None
        case int():
            number = value
        case float() if value.is_integer():
            number = int(value)
        case str() if _DECIMAL.fullmatch(value.strip()):
            number = int(value)
        case _:
            return None
    return number if lowest <= number <= highest else None


def text(value: object) -> str | None:
    """Return a text that is not blank, or a whole number as text; else None."""
    if isinstance(value, str):
        return value.strip() or None
    number = integer(value)
    return None if number is None else str(number)


def word(value: object) -> str:
    """Return a text for comparing, without regard to case; "" for anything else."""
    return value.strip().casefold() if isinstance(value, str) else ""


def flag(value: object) -> bool:
    """Return whether a yes-or-no field, however it is written, clearly says yes."""
    return value is True or integer(value) == 1 or word(value) == "true"


def part(value: object, name: str) -> Fields:
    """Return the object found under a name; {} if there is none."""
    inner = value.get(name) if isinstance(value, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}


def parts(value: object) -> Iterable[Fields]:
    """Return the objects in a list; the cloud's language may write a list as an object."""
    if isinstance(value, Mapping):
        value = list(value.values())
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def parse_reply(body: bytes, identifier: int | None = None) -> Fields:
    """Return the fields of a reply that reports no error; raise the one that it reports.

    A reply about another lock than `identifier` proves nothing about that one.
    """
    try:
        fields = parse_object(body)
    except ValueError:
        raise TheKeysResponseError(is_empty=not body.strip()) from None
    if identifier is not None and _names_other(fields.get("id"), identifier):
        raise TheKeysResponseError
    error = _error(fields)
    if error is not None:
        raise error
    return fields


def check_done(fields: Fields) -> None:
    """Return only if the reply says that what was asked is done."""
    said = [value for name in ("status", "code") if (value := fields.get(name)) not in (None, "")]
    if "ok" in map(word, said):
        return
    # A zero next to something that is not known proves nothing.
    if _number(fields) != 0 or None in map(_code, said):
        raise TheKeysResponseError


def parse_lockers(fields: Fields) -> tuple[Locker, ...]:
    """Return the locks the gateway sees; what has no identifier is left out."""
    devices = fields.get("devices")
    if not isinstance(devices, list):
        raise TheKeysResponseError
    return tuple(
        Locker(
            identifier=identifier,
            rssi=_rssi(device.get("rssi")),
            battery=_millivolts(device.get("battery")),
            last_log=_counter(device.get("last_log")),
        )
        for device in parts(devices)
        if (identifier := integer(device.get("identifier"), lowest=1)) is not None
    )


def parse_gateway_status(fields: Fields) -> GatewayStatus:
    """Return the gateway's status; one of its two fields may be missing."""
    version, current = text(fields.get("version")), text(fields.get("current_status"))
    if version is None and current is None:
        raise TheKeysResponseError
    return GatewayStatus(
        version=version,
        current_status=current or "",
        phase=_PHASES.get(word(current)[:4], Phase.OTHER),
    )


def parse_locker_status(fields: Fields) -> LockerStatus:
    """Return a lock's status; its state is read from the number alone, not from the text."""
    state = _STATES.get(_number(fields) or 0)
    if state is None:
        raise TheKeysResponseError
    return LockerStatus(
        state=state,
        position=integer(fields.get("position"), -100_000, 100_000),
        rssi=_rssi(fields.get("rssi")),
        battery=_millivolts(fields.get("battery")),
        version=integer(fields.get("version"), 0, 1_000_000),
    )


def _rssi(value: object) -> int | None:
    return integer(value, -200, 100)


def _millivolts(value: object) -> int | None:
    return integer(value, 0, 100_000)


def _counter(value: object) -> int | None:
    return None if isinstance(value, float) else integer(value, lowest=0)


def _code(value: object) -> int | None:
    """Return the number of a `code` or `status`, for which the vendor's page prints 0x30."""
    if isinstance(value, str) and _HEXADECIMAL.fullmatch(value.strip()):
        return int(value, 16)
    return integer(value)


def _number(fields: Fields) -> int | None:
    """Return the reply's number: of `code` or else of `status`."""
    code, status = _code(fields.get("code")), _code(fields.get("status"))
    # A zero code does not take back an error that the status names.
    if code is None or (code == 0 and status in _ERRORS):
        return status
    return code


def _names_other(value: object, identifier: int) -> bool:
    match value:
        case str():
            is_told = bool(value.strip())
        case bool():
            is_told = False
        case _:
            is_told = isinstance(value, int | float)
    return is_told and integer(value) != identifier


def _error(fields: Fields) -> TheKeysGatewayError | None:
    """Return the error that a reply reports: a known number, "busy", or "ko" with any other."""
    number, detail = _number(fields), _detail(fields)
    is_busy = word(fields.get("message")) == "busy"
    if number is not None and number in _ERRORS:
        return _named_error(number, detail, is_busy=is_busy)
    if is_busy:
        return TheKeysBusyError(number, detail)
    if word(fields.get("status")) == "ko":
        return TheKeysFailedError(number, detail)
    return None


def _named_error(number: int, detail: str, *, is_busy: bool) -> TheKeysGatewayError:
    if number == _INCOMPLETE and not _names_parameter(detail):
        return TheKeysMovingError(number, detail)
    return (TheKeysBusyError if is_busy else _ERRORS[number])(number, detail)


def _names_parameter(detail: str) -> bool:
    """Tell a missing parameter from a lock that still moves: both are 400."""
    lowered = detail.casefold()
    return "already" not in lowered and any(name in lowered for name in _PARAMETERS)


def _detail(fields: Fields) -> str:
    """Return the gateway's own text about what went wrong."""
    texts = (fields.get(name) for name in _TEXTS)
    return " ".join(
        said
        for said in texts
        if isinstance(said, str) and _code(said) is None and word(said) not in ("ok", "ko")
    )
