"""What can go wrong with the cloud and with what a person pastes."""

from typing import ClassVar


class SesameWebError(Exception):
    """The root of everything this package raises.

    `status` is the HTTP status that told of it; None where it was not the status that did.
    `may_have_arrived` is about commands: True means that the device may have moved or may
    yet move, so the command must not be sent again.
    """

    text: ClassVar[str] = "the Sesame cloud did not do as asked"

    def __init__(self, *, status: int | None = None, may_have_arrived: bool = False) -> None:
        super().__init__(self.text if status is None else f"{self.text} (HTTP {status})")
        self.status = status
        self.may_have_arrived = may_have_arrived


class ForbiddenError(SesameWebError):
    """The API key is wrong, or the plan does not allow it: both are a 403."""

    text = "the API key was refused, or the plan does not allow this"


class QuotaError(SesameWebError):
    """The month's calls are used up (429)."""

    text = "the monthly quota of calls is used up"


class ServerError(SesameWebError):
    """The cloud is in trouble (5xx)."""

    text = "the cloud has a problem"


class NeverOnlineError(ServerError):
    """The cloud has nothing about the device (500), as when it never was behind a hub."""

    text = "the device was never online"


class NotAcceptedError(SesameWebError):
    """The cloud refused the request in another way.

    `code` is the number it gave: an HTTP status (a 404 to a command has been seen with
    the hub offline) or the `statusCode` of the body; None where that was no number.
    """

    text = "the cloud did not accept the request"

    def __init__(self, *, code: int | None, status: int | None = None) -> None:
        super().__init__(status=status)
        self.code = code


class NotAsDocumentedError(SesameWebError):
    """An answer of no documented form: a web page, another shape."""

    text = "the answer was not as documented"


class CloudConnectionError(SesameWebError):
    """No (complete) answer came; `may_have_arrived` tells whether the request got out."""

    text = "the cloud could not be reached"


class NotAUuidError(SesameWebError):
    """The text is no UUID in its usual form (8-4-4-4-12)."""

    text = "this is not a UUID"


class NotASecretError(SesameWebError):
    """The text is no device secret (32 hexadecimal digits)."""

    text = "this is not a device secret"


class ShareLinkError(SesameWebError):
    """The root of what can be wrong with a share link."""

    text = "this share link cannot be used"


class NotAShareLinkError(ShareLinkError):
    """The text is no `ssm://` link at all."""

    text = "this is not a share link"


class FriendLinkError(ShareLinkError):
    """The link shares a person's contact and holds no key."""

    text = "this link is for adding a friend and holds no key"


class GuestKeyError(ShareLinkError):
    """The link is for a guest: it holds no secret to sign with."""

    text = "a guest key cannot be used"


class EncryptedLinkError(ShareLinkError):
    """The link's key is of no known length: encrypted, as the app does unless told not to."""

    text = "this share link is encrypted"


class DamagedLinkError(ShareLinkError):
    """The link's key is missing, cut short or no base64, or it does not say for whom it is."""

    text = "this share link is incomplete"
