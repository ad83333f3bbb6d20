"""An answer of the cloud, told apart: usable JSON, or the error it stands for."""

from http import HTTPStatus
import json
from typing import Any, NoReturn

from .errors import (
    ForbiddenError,
    NeverOnlineError,
    NotAcceptedError,
    NotAsDocumentedError,
    QuotaError,
    ServerError,
    SesameWebError,
)
from .numbers import integer


def refusal(status: int) -> SesameWebError:
    """Return the error an HTTP status outside 2xx stands for; the body tells nothing more."""
    match status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return ForbiddenError(status=status)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return QuotaError(status=status)
        case HTTPStatus.INTERNAL_SERVER_ERROR:
            return NeverOnlineError(status=status, may_have_arrived=True)
    if status > HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServerError(status=status, may_have_arrived=True)
    if status >= HTTPStatus.BAD_REQUEST:
        return NotAcceptedError(code=status, status=status)
    return NotAsDocumentedError(status=status, may_have_arrived=True)


def decoded(body: bytes) -> Any:
    """Return the JSON of a body; raises `NotAsDocumentedError`."""
    try:
        return json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as err:
        raise NotAsDocumentedError(may_have_arrived=True) from err


def check_accepted(body: bytes) -> None:
    """Check the body of a good answer to a command: `{"statusCode": 200}`, or nothing at all.

    Raises `NotAcceptedError` for another `statusCode`, `NotAsDocumentedError` for a body
    that tells neither.
    """
    data = decoded(body) if body.strip() else {}
    if not isinstance(data, dict):
        raise NotAsDocumentedError(may_have_arrived=True)
    said = data.get("statusCode", 200)
    code = integer(said)
    if code is None:
        raise NotAsDocumentedError(may_have_arrived=True)
    if code != HTTPStatus.OK:
        raise NotAcceptedError(code=code)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
