"""Errors of the cloud, and of what a person pastes.

A `DeviceError` is about the device that was asked for: others of the account may be read
all the same. An `AccountError` is about the API key and its plan. A `ServerError` or a
`CloudConnectionError` is about the cloud as a whole.
"""

from typing import ClassVar


class SesameWebError(Exception):
    """Base of every error of this package; its text names no address and no content.

    `may_have_arrived` is about commands: True means that the device may have moved or may
    yet move, so the command must not be sent again. It is False only where nothing was
    sent, or where the cloud refused before it did anything. `status` is the HTTP status
    that the error was made from, None where it was made from something else.
    """

    text: ClassVar[str] = "the request to the Sesame cloud failed"
    may_have_arrived: bool = False

    def __init__(self, *, status: int | None = None) -> None:
        super().__init__(self.text if status is None else f"{self.text} (HTTP {status})")
        self.status = status


class AccountError(SesameWebError):
    """Base of the errors of the API key and its plan; nothing was done."""


class ForbiddenError(AccountError):
    """The API key is wrong, or the plan's calls are used up: both are a 403."""

    text = "the API key was refused, or the plan is used up"


class QuotaError(AccountError):
    """The month's calls are used up (429)."""

    text = "the monthly quota of calls is used up"


class DeviceError(SesameWebError):
    """Base of the errors of one device; they say nothing about the account's others."""


class NeverOnlineError(DeviceError):
    """The cloud failed for this device (500), as when it was never behind a hub."""

    text = "the cloud has no data of the device"
    may_have_arrived = True


class NotAcceptedError(DeviceError):
    """The cloud refused a request in another way.

    `code` is the number it gave: an HTTP status (404 was seen for a command while the hub
    was offline) or the `statusCode` of the body. Only a code that is known as a refusal
    has `may_have_arrived` False: {"statusCode": 500} was seen although the bolt moved.
    """

    text = "the cloud did not accept the request"

    def __init__(self, *, code: int, may_have_arrived: bool, status: int | None = None) -> None:
        super().__init__(status=status)
        self.code = code
        self.may_have_arrived = may_have_arrived


class NotAsDocumentedError(DeviceError):
    """A response of no documented form: a web page, another shape, too large."""

    text = "the response was not as documented"
    may_have_arrived = True


class ServerError(SesameWebError):
    """The cloud has a problem of its own (5xx other than 500)."""

    text = "the cloud has a problem"
    may_have_arrived = True


class CloudConnectionError(SesameWebError):
    """No complete response came; `may_have_arrived` is False if no connection was made."""

    text = "the cloud could not be reached"

    def __init__(self, *, may_have_arrived: bool) -> None:
        super().__init__()
        self.may_have_arrived = may_have_arrived


class NotAUuidError(SesameWebError):
    """The text is no UUID in its usual form (8-4-4-4-12)."""

    text = "this is not a UUID"


class NotASecretError(SesameWebError):
    """The text is no device secret (32 hexadecimal digits)."""

    text = "this is not a device secret"


class ShareLinkError(SesameWebError):
    """Base of the errors of share links."""

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
