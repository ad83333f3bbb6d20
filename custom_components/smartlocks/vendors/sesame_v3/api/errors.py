"""What can go wrong with the cloud, by the causes its vendor documents."""

from typing import ClassVar

from .const import BLOCKED_FOR


class SesameV3Error(Exception):
    """The root of everything this package raises.

    `status` is the HTTP status that told of it; None where it was not the status that did:
    no answer, an answer of the wrong shape, the words of a task. `may_have_arrived` is
    about commands: True means that the lock may have moved or may yet move, so the command
    must not be sent again.
    """

    text: ClassVar[str] = "the Sesame cloud did not do as asked"

    def __init__(self, *, status: int | None = None, may_have_arrived: bool = False) -> None:
        super().__init__(self.text if status is None else f"{self.text} (HTTP {status})")
        self.status = status
        self.may_have_arrived = may_have_arrived


class UnauthorizedError(SesameV3Error):
    """The API key is missing or not valid (401, UNAUTHORIZED)."""

    text = "the API key was refused"


class BlockedError(SesameV3Error):
    """The address we call from is blocked, whatever the key (403, Forbidden or ACCESS_DENY).

    `seconds` is how long the vendor asks to send nothing at all.
    """

    text = "our internet address is blocked for a while"
    seconds: ClassVar[float] = BLOCKED_FOR


class ThrottledError(SesameV3Error):
    """Too many requests from this account or address (429, THROTTLED); no time is given."""

    text = "too many requests"


class BusyError(SesameV3Error):
    """The lock is taken by another request (400, DEVICE_IS_BUSY).

    `seconds` is the longest wait before the next request, as the cloud told it (it may
    be absurdly long), or None.
    """

    text = "the lock is busy with another request"

    def __init__(
        self,
        *,
        seconds: int | None = None,
        status: int | None = None,
        may_have_arrived: bool = False,
    ) -> None:
        super().__init__(status=status, may_have_arrived=may_have_arrived)
        self.seconds = seconds


class LowBatteryError(SesameV3Error):
    """The lock refuses to move on such a battery (400, LOW_BATTERY)."""

    text = "the lock's batteries are too low to move it"


class IntegrationOffError(SesameV3Error):
    """The lock's switch for cloud use is off in the app (400, CLOUD_INTEGRATION_NOT_ENABLED)."""

    text = "integration is switched off for this lock"


class BadParamsError(SesameV3Error):
    """The cloud found the request wrong (400, BAD_PARAMS)."""

    text = "the request was found wrong"


class TaskUnknownError(SesameV3Error):
    """The cloud does not know the task: not yet, or no longer (any other 4xx on its result).

    In the field a fresh task has answered so for a while: worth reading again, for a time.
    """

    text = "the task is not known"


class TaskFailedError(SesameV3Error):
    """A task ended without success and without one of the documented reasons."""

    text = "the lock did not carry out the command"


class ServerError(SesameV3Error):
    """The cloud is in trouble, as a rule for a while (500, INTERNAL_ERROR, and any other 5xx)."""

    text = "the cloud has a problem"


class NotAsDocumentedError(SesameV3Error):
    """An answer of no documented form: a web page, another shape, an unknown error."""

    text = "the answer was not as documented"


class CloudConnectionError(SesameV3Error):
    """No (complete) answer came; `may_have_arrived` tells whether the request got out."""

    text = "the cloud could not be reached"
