"""An answer of the cloud, told apart: usable JSON, or the error it stands for."""

from http import HTTPStatus
import json
import re
from typing import Any, Final, NoReturn

from .errors import (
    BadParamsError,
    BlockedError,
    BusyError,
    IntegrationOffError,
    LowBatteryError,
    NotAsDocumentedError,
    ServerError,
    SesameV3Error,
    ThrottledError,
    UnauthorizedError,
)

BY_STATUS: Final[dict[int, type[SesameV3Error]]] = {
    401: UnauthorizedError,
    403: BlockedError,
    429: ThrottledError,
}
BY_NAME: Final[dict[str, type[SesameV3Error]]] = {
    "ACCESS_DENY": BlockedError,
    "BAD_PARAMS": BadParamsError,
    "CLOUD_INTEGRATION_NOT_ENABLED": IntegrationOffError,
    "FORBIDDEN": BlockedError,
    "INTERNAL_ERROR": ServerError,
    "LOW_BATTERY": LowBatteryError,
    "THROTTLED": ThrottledError,
    "UNAUTHORIZED": UnauthorizedError,
}
# The vendor writes the wait both "DEVICE_IS_BUSY 35" and "DEVICE_IS_BUSY :seconds".
BUSY: Final = re.compile(r"DEVICE_IS_BUSY\W*([0-9]{1,9})?", re.IGNORECASE)


def usable(status: int, body: bytes) -> Any:
    """Return the decoded JSON of a good answer.

    `status` is the HTTP status and `body` the bytes as they came. Raises the error the
    answer stands for; `{"error": NAME}` is one even where the status claims success.
    """
    try:
        data = json.loads(body, parse_constant=_refuse)
    except ValueError, RecursionError:
        data = body
    is_good = HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
    if is_good and not isinstance(data, bytes) and not _is_error(data):
        return data
    raise refusal(status, data)


def refusal(status: int, data: Any) -> SesameV3Error:
    """Return the error an answer stands for; `data` is its JSON (or whatever it was)."""
    if kind := BY_STATUS.get(status):
        return kind(status=status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServerError(status=status, may_have_arrived=True)
    # Only a plain refusal (4xx) rules out that what was asked was done all the same.
    may_have_arrived = status < HTTPStatus.BAD_REQUEST
    text = data.get("error") if isinstance(data, dict) else None
    error = named(text, status=status, may_have_arrived=may_have_arrived)
    return error or NotAsDocumentedError(status=status, may_have_arrived=may_have_arrived)


def named(
    text: Any, *, status: int | None = None, may_have_arrived: bool = False
) -> SesameV3Error | None:
    """Return the error a documented name (`"LOW_BATTERY"`) stands for; None for any other."""
    if not isinstance(text, str):
        return None
    name = text.strip()
    if busy := BUSY.match(name):
        seconds = int(busy[1]) if busy[1] else None
        return BusyError(seconds=seconds, status=status, may_have_arrived=may_have_arrived)
    kind = BY_NAME.get(name.upper())
    return kind(status=status, may_have_arrived=may_have_arrived) if kind else None


def _is_error(data: Any) -> bool:
    """A task's result may hold an error too, next to its status: that one is no error yet."""
    return isinstance(data, dict) and bool(data.get("error")) and "status" not in data


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
