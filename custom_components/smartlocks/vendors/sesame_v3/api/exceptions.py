"""The errors of the cloud, one for each thing that a caller must do about them."""

import re
from typing import Any, ClassVar, Final

from .const import BLOCKED_FOR


class SesameV3Error(Exception):
    """A request to the cloud, or what it asked for, has failed.

    `status` is the HTTP status if it was the response that told of the error, else None.
    `may_have_arrived` is about commands: False means that the command was certainly not
    carried out; True means that the lock may have moved or may yet move, so the command
    must not be sent again.
    """

    text: ClassVar[str] = "the request to the Sesame cloud failed"

    def __init__(self, *, status: int | None = None, may_have_arrived: bool = True) -> None:
        super().__init__(self.text if status is None else f"{self.text} (HTTP {status})")
        self.status = status
        self.may_have_arrived = may_have_arrived


class UnauthorizedError(SesameV3Error):
    """The API key is missing or invalid (401, UNAUTHORIZED): ask for another."""

    text = "the API key was refused"


class BlockedError(SesameV3Error):
    """The address we call from is blocked, whatever the key (403, Forbidden or ACCESS_DENY).

    `seconds` is how long the vendor asks to send nothing at all.
    """

    text = "our internet address is blocked"
    seconds: ClassVar[float] = BLOCKED_FOR


class ThrottledError(SesameV3Error):
    """Too many requests from this account or address (429, THROTTLED): send fewer."""

    text = "too many requests"


class BusyError(SesameV3Error):
    """The lock is occupied by another request (400, DEVICE_IS_BUSY): wait.

    `seconds` is the longest wait before the next request, as the cloud says (it may be
    absurdly long), or None.
    """

    text = "the lock is busy with another request"

    def __init__(
        self,
        *,
        seconds: int | None = None,
        status: int | None = None,
        may_have_arrived: bool = True,
    ) -> None:
        super().__init__(status=status, may_have_arrived=may_have_arrived)
        self.seconds = seconds


class LowBatteryError(SesameV3Error):
    """The lock does not move with such batteries (400, LOW_BATTERY): replace them."""

    text = "the lock's batteries are too low to move it"


class IntegrationOffError(SesameV3Error):
    """Cloud integration is turned off for the lock (400, CLOUD_INTEGRATION_NOT_ENABLED)."""

    text = "cloud integration is turned off for this lock"


class BadParamsError(SesameV3Error):
    """The request is invalid (400, BAD_PARAMS); the lock may have left the account."""

    text = "the request was called invalid"


class TaskUnknownError(SesameV3Error):
    """The cloud does not know the task, not yet or no longer (any 4xx to a question about it).

    New tasks are unknown for a while: worth asking again, for a limited time.
    """

    text = "the task is unknown"


class TaskFailedError(SesameV3Error):
    """A task ended without success and without one of the documented reasons."""

    text = "the lock did not carry out the command"


class ServerError(SesameV3Error):
    """The cloud has a problem, usually for a while (500, INTERNAL_ERROR, and any other 5xx)."""

    text = "the cloud has a problem"


class UnexpectedResponseError(SesameV3Error):
    """The response has no documented form: a web page, another shape, an unknown error."""

    text = "the response was not as documented"


class CloudConnectionError(SesameV3Error):
    """No whole response came; `may_have_arrived` is False if no connection was made."""

    text = "the cloud did not respond"


_BY_NAME: Final[dict[str, type[SesameV3Error]]] = {
    "ACCESS_DENY": BlockedError,
    "BAD_PARAMS": BadParamsError,
    "CLOUD_INTEGRATION_NOT_ENABLED": IntegrationOffError,
    "FORBIDDEN": BlockedError,
    "INTERNAL_ERROR": ServerError,
    "LOW_BATTERY": LowBatteryError,
    "THROTTLED": ThrottledError,
    "UNAUTHORIZED": UnauthorizedError,
}
# The vendor's page has both "DEVICE_IS_BUSY 35" and "DEVICE_IS_BUSY :seconds".
_BUSY: Final = re.compile(r"DEVICE_IS_BUSY\W*([0-9]{1,9})?", re.IGNORECASE)


def named_error(
    name: Any, *, status: int | None = None, may_have_arrived: bool = True
) -> SesameV3Error | None:
    """Return the error that a documented name ("LOW_BATTERY") stands for, or None.

    The names are those of the vendor's page, in any case.
    """
    if not isinstance(name, str):
        return None
    name = name.strip()
    if busy := _BUSY.match(name):
        seconds = int(busy[1]) if busy[1] else None
        return BusyError(seconds=seconds, status=status, may_have_arrived=may_have_arrived)
    kind = _BY_NAME.get(name.upper())
    return kind(status=status, may_have_arrived=may_have_arrived) if kind else None
