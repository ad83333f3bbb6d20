"""Exceptions of LOQED's clients, one class for each thing a caller can do about it."""

from http import HTTPStatus
from typing import Final

from ....http import ConnectionLostError, HttpError, ResponseError

_REFUSED: Final = HTTPStatus.BAD_REQUEST
_FAILED: Final = HTTPStatus.INTERNAL_SERVER_ERROR


class LoqedError(Exception):
    """Base of all errors; the text names no key, address or content.

    `may_have_arrived` tells whether the bridge or cloud may have acted on the request:
    what moves a lock must then not be sent again.
    """

    may_have_arrived = True


class LoqedConnectionError(LoqedError):
    """No connection, or no whole response in time."""

    def __init__(self, *, may_have_arrived: bool) -> None:
        """Keep whether the request may have arrived."""
        super().__init__("no response" if may_have_arrived else "no connection")
        self.may_have_arrived = may_have_arrived


class LoqedConnectionLostError(LoqedConnectionError):
    """The connection was closed before the response: a read may be repeated at once."""


class LoqedResponseError(LoqedError):
    """A response that the protocol does not have; `status` is its HTTP status, if known."""

    def __init__(self, status: int | None = None) -> None:
        """Keep the HTTP status."""
        super().__init__(f"unexpected response, HTTP {'?' if status is None else status}")
        self.status = status


class LoqedAuthError(LoqedError):
    """The bridge refused our signature: another bridge key, or clocks that differ.

    `clock_offset` is this host's clock minus the bridge's in seconds; None where the
    response did not tell.
    """

    may_have_arrived = False

    def __init__(self, clock_offset: float | None = None) -> None:
        """Keep the measured difference of the clocks."""
        super().__init__("not authorized")
        self.clock_offset = clock_offset


class LoqedBridgeFullError(LoqedError):
    """The bridge refused to register another webhook."""

    may_have_arrived = False


class LoqedOtherBridgeError(LoqedError):
    """Another bridge answers at the address: what it says is about another lock."""


class LoqedTokenError(LoqedError):
    """The personal access token was refused, or cannot be one."""

    may_have_arrived = False


class LoqedCloudConnectionError(LoqedConnectionError):
    """No connection to the cloud, or no whole response in time."""


class LoqedCloudResponseError(LoqedResponseError):
    """A response that the web API is not known to give; from 400 to 499 it has refused."""

    def __init__(self, status: int | None = None) -> None:
        """Keep the HTTP status, and whether the cloud may have acted."""
        super().__init__(status)
        self.may_have_arrived = status is None or not _REFUSED <= status < _FAILED


class LoqedBlockedError(LoqedError):
    """The account is blocked for some hours: its state was read too often."""

    may_have_arrived = False


class LoqedKeyDeletedError(LoqedError):
    """The key of the token was deleted in the app: nothing can be commanded with it."""

    may_have_arrived = False


class LoqedUnsupportedError(LoqedError):
    """The cloud does not have this for this lock."""

    may_have_arrived = False


class LoqedNotListedError(LoqedError):
    """The account does not list this lock: another account, or it was given away."""

    may_have_arrived = False


class LoqedInformationError(LoqedError):
    """The pasted text is not an "Integration information"."""

    may_have_arrived = False


class LoqedPushError(LoqedError):
    """A webhook call that must not change any state."""


class LoqedPushUnsignedError(LoqedPushError):
    """The call has no TIMESTAMP header: the newest bridges send none."""


class LoqedPushForgedError(LoqedPushError):
    """The headers or the signature are not those of our bridge."""


class LoqedPushSignedError(LoqedPushError):
    """Signed by our bridge, but not usable.

    `timestamp` is the bridge's clock when it signed (unix seconds), `offset` this host's
    clock at reception minus `timestamp`, in seconds: positive for a late call.
    """

    def __init__(self, reason: str, *, timestamp: int, offset: float) -> None:
        """Keep the time of the call."""
        super().__init__(reason)
        self.timestamp = timestamp
        self.offset = offset


class LoqedPushLateError(LoqedPushSignedError):
    """Outside of the time window, on either side."""


class LoqedPushRepeatError(LoqedPushSignedError):
    """Received before."""


class LoqedPushContentError(LoqedPushSignedError):
    """New and in time, but what it says of the state is not understood."""


def from_http(err: HttpError) -> LoqedError:
    """Return our error for one of the HTTP client's."""
    if isinstance(err, ResponseError):
        return LoqedResponseError()
    if isinstance(err, ConnectionLostError):
        return LoqedConnectionLostError(may_have_arrived=err.may_have_arrived)
    return LoqedConnectionError(may_have_arrived=err.may_have_arrived)


def from_cloud(err: HttpError) -> LoqedError:
    """Return our error for one of the HTTP client's, about the cloud."""
    if isinstance(err, ResponseError):
        return LoqedCloudResponseError()
    return LoqedCloudConnectionError(may_have_arrived=err.may_have_arrived)
