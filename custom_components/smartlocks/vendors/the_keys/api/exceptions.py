"""The errors of The Keys' gateway and cloud, one class for each way to react.

No text holds anything that was received, an address, a code or an identifier.
"""

from typing import ClassVar, override


class TheKeysError(Exception):
    """Any error of the gateway or the cloud.

    `code` is the number that the gateway or the cloud gave, if it gave one.
    `may_have_arrived` is False only where it is proven that nobody received the request,
    or that it was refused before anything was done. Otherwise what moves a lock must not
    be sent again, but the lock's state be read.
    """

    may_have_arrived = True

    def __init__(self, message: str, *, code: int | None = None) -> None:
        """Store the number."""
        super().__init__(message)
        self.code = code


class TheKeysConnectionError(TheKeysError):
    """The gateway was not reached, or did not reply in time."""

    def __init__(self, *, may_have_arrived: bool) -> None:
        """Store whether the request may have arrived."""
        super().__init__("no reply" if may_have_arrived else "no connection")
        self.may_have_arrived = may_have_arrived


class TheKeysConnectionLostError(TheKeysConnectionError):
    """The gateway closed the connection instead of replying, as it does when in a hurry."""

    @override
    def __init__(self) -> None:
        """Set that the request may have arrived."""
        super().__init__(may_have_arrived=True)


class TheKeysResponseError(TheKeysError):
    """The reply is not understood, or is about another lock: no success and no refusal.

    `is_empty` is set when it had no content: some firmware replies so to the
    synchronisation of a lock.
    """

    def __init__(self, *, is_empty: bool = False) -> None:
        """Store whether the reply was empty."""
        super().__init__("empty reply" if is_empty else "reply not understood")
        self.is_empty = is_empty


class TheKeysGatewayError(TheKeysError):
    """The gateway replied with an error.

    `code` is its number, or None where it gave none; `detail` is its own text, which is
    for developers to read and is shown nowhere.
    """

    meaning: ClassVar[str] = "error"
    may_have_arrived = False

    def __init__(self, code: int | None = None, detail: str = "") -> None:
        """Store number and text."""
        super().__init__(f"{self.meaning} ({'no code' if code is None else code})", code=code)
        self.detail = detail


class TheKeysBusyError(TheKeysGatewayError):
    """500: the gateway does something else, or synchronises; wait some seconds."""

    meaning = "gateway busy"


class TheKeysMovingError(TheKeysBusyError):
    """400 about a request that was complete: the lock still moves; wait some seconds."""

    meaning = "lock moving"


class TheKeysParameterError(TheKeysGatewayError):
    """400 that names a parameter: the gateway misses one."""

    meaning = "parameter missing"


class TheKeysTransientError(TheKeysGatewayError):
    """1, 3, 4, 5: radio or cloud errors that pass by themselves, some after connecting."""

    meaning = "transient error"
    may_have_arrived = True


class TheKeysNotSharedError(TheKeysGatewayError):
    """32: no share between lock and gateway, or the gateway does not know it yet."""

    meaning = "lock not shared"


class TheKeysRefusedError(TheKeysGatewayError):
    """33: the signature is refused: a wrong code, or a timestamp not above the last."""

    meaning = "signature refused"


class TheKeysNotDetectedError(TheKeysGatewayError):
    """34: the lock is out of reach, or the gateway synchronises."""

    meaning = "lock not detected"


class TheKeysNotCompatibleError(TheKeysGatewayError):
    """2, 35: the gateway cannot operate this lock."""

    meaning = "lock not compatible"


class TheKeysKeyUnknownError(TheKeysGatewayError):
    """36: the lock refuses the key; synchronising the lock brings it there."""

    meaning = "key unknown to the lock"


class TheKeysFailedError(TheKeysGatewayError):
    """37, and every other explicit error.

    37 is also a connection to the lock that broke and a lock that did not reply in time:
    it may have done what it was asked.
    """

    meaning = "failed"
    may_have_arrived = True


class TheKeysClockError(TheKeysGatewayError):
    """38: the gateway's clock is not set; synchronising the gateway sets it."""

    meaning = "gateway clock not set"


class TheKeysCloudError(TheKeysError):
    """Any error of the vendor's cloud."""


class TheKeysCloudRefusedError(TheKeysCloudError):
    """The cloud refuses: phone or password wrong, or not allowed; `code` tells (401, 403, …)."""

    may_have_arrived = False


class TheKeysCloudUnreachableError(TheKeysCloudError):
    """No reply, or the cloud is out of order or overloaded; `code` is its HTTP status, if any."""

    def __init__(
        self, message: str, *, code: int | None = None, may_have_arrived: bool = True
    ) -> None:
        """Store the status, and whether the request may have arrived."""
        super().__init__(message, code=code)
        self.may_have_arrived = may_have_arrived


class TheKeysCloudResponseError(TheKeysCloudError):
    """The cloud's reply is not understood, or it does not know what was asked for."""
