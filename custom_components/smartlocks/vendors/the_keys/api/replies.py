"""What the gateway's replies mean.

The vendor's page and the clients in the field disagree on where the number stands
(`code` or `status`), on how it is spelt (number or text) and on how success is said.
Everything of theirs is understood here; anything else is TheKeysResponseError.
"""

from .errors import (
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
from .fields import Fields, integer, parse_object, parts, text, word
from .models import GatewayStatus, Locker, LockerState, LockerStatus, Phase

_INCOMPLETE = 400
_ERRORS: dict[int, type[TheKeysGatewayError]] = {
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
_STATES = {48: LockerState.UNKNOWN, 49: LockerState.CLOSED, 50: LockerState.OPEN}
_PHASES = {"scan": Phase.SCANNING, "sync": Phase.SYNCHRONIZING}
_WORDS = ("status", "code", "cause", "message", "error")
_PARAMETERS = ("timestamp", "hash", "identifier", "param", "missing")


def parse(body: bytes) -> Fields:
    """Return the fields of a reply that reports no error; raise the one it reports."""
    try:
        fields = parse_object(body)
    except ValueError as err:
        raise TheKeysResponseError(is_empty=not body.strip()) from err
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
    if _number(fields) != 0 or None in map(integer, said):
        raise TheKeysResponseError


def parse_lockers(fields: Fields) -> tuple[Locker, ...]:
    """Return the locks the gateway sees; what has no identifier is left out."""
    devices = fields.get("devices")
    if not isinstance(devices, list):
        raise TheKeysResponseError
    return tuple(
        Locker(
            identifier=identifier,
            rssi=integer(device.get("rssi")),
            battery=integer(device.get("battery")),
            last_log=integer(device.get("last_log")),
        )
        for device in parts(devices)
        if (identifier := integer(device.get("identifier"))) is not None
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
    """Return a lock's status; its state is read from the number alone, not from words."""
    state = _STATES.get(_number(fields) or 0)
    if state is None:
        raise TheKeysResponseError
    return LockerStatus(
        state=state,
        position=integer(fields.get("position")),
        rssi=integer(fields.get("rssi")),
        battery=integer(fields.get("battery")),
        version=text(fields.get("version")),
    )


def _number(fields: Fields) -> int | None:
    """Return the reply's number: of `code` or else of `status`."""
    code, status = integer(fields.get("code")), integer(fields.get("status"))
    # A zero code does not take back an error that the status names.
    if code is None or (code == 0 and status in _ERRORS):
        return status
    return code


def _error(fields: Fields) -> TheKeysGatewayError | None:
    number, detail = _number(fields), _detail(fields)
    is_busy = word(fields.get("message")) == "busy"
    if number in _ERRORS:
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
    """Return the gateway's own words about what went wrong."""
    words = (fields.get(name) for name in _WORDS)
    return " ".join(
        said
        for said in words
        if isinstance(said, str) and integer(said) is None and word(said) not in ("ok", "ko")
    )
