"""What can go wrong with The Keys, one class per remedy.

No text holds anything that was received, an address, a code or an identifier.
"""


class TheKeysError(Exception):
    """Any trouble with the gateway or the cloud.

    `code` is the number the gateway or the cloud gave, if it gave one.
    `may_have_arrived` tells whether the request may have been acted on although nobody
    can say so: what moves a lock must then not be sent again, but its state be read.
    """

    may_have_arrived = False

    def __init__(self, message: str, *, code: int | None = None) -> None:
        """Keep the number."""
        super().__init__(message)
        self.code = code


class TheKeysConnectionError(TheKeysError):
    """No connection to the gateway, or none that lasted until its reply."""

    def __init__(self, *, may_have_arrived: bool) -> None:
        """Say whether the request may have arrived."""
        super().__init__("no reply" if may_have_arrived else "no connection")
        self.may_have_arrived = may_have_arrived


class TheKeysResponseError(TheKeysError):
    """A reply that is not understood; it is no success and no refusal.

    `is_empty` tells that there was none at all: some firmware answers the
    synchronisation of a lock so.
    """

    may_have_arrived = True

    def __init__(self, *, is_empty: bool = False) -> None:
        """Say whether the reply was empty."""
        super().__init__("empty reply" if is_empty else "reply not understood")
        self.is_empty = is_empty


class TheKeysGatewayError(TheKeysError):
    """The gateway replied with an error: what was asked was not done.

    `code` is its number, or None where it gave none; `detail` its own words, which
    are for reading by a developer and for nothing else.
    """

    meaning = "error"

    def __init__(self, code: int | None = None, detail: str = "") -> None:
        """Keep number and words."""
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
    """1, 3, 4, 5: lock not seen, or radio or cloud trouble; passes by itself."""

    meaning = "transient error"


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
    """2, 35: the gateway cannot drive this lock."""

    meaning = "lock not compatible"


class TheKeysKeyUnknownError(TheKeysGatewayError):
    """36: the lock refuses the key; synchronising the lock brings it there."""

    meaning = "key unknown to the lock"


class TheKeysFailedError(TheKeysGatewayError):
    """37, and every other explicit error: connection to the lock failed or was lost."""

    meaning = "failed"


class TheKeysClockError(TheKeysGatewayError):
    """38: the gateway's clock is not set; synchronising the gateway sets it."""

    meaning = "gateway clock not set"


class TheKeysCloudError(TheKeysError):
    """Any trouble with the vendor's cloud."""


class TheKeysCloudRefusedError(TheKeysCloudError):
    """The cloud refuses: phone or password wrong, or not allowed; `code` tells (401, 403, …)."""


class TheKeysCloudUnreachableError(TheKeysCloudError):
    """No reply, or the cloud is in trouble or overrun; `code` is its HTTP status, if any."""


class TheKeysCloudResponseError(TheKeysCloudError):
    """The cloud's answer is not understood, or it does not know what was asked for."""
