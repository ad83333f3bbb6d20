"""What can go wrong with LOQED, one class per remedy."""


class LoqedError(Exception):
    """Any trouble with a bridge or the cloud; its text names no key and no address."""


class LoqedConnectionError(LoqedError):
    """No usable connection.

    `may_have_arrived` tells whether the request could have reached the device: what
    moves a lock must then not be sent again.
    """

    def __init__(self, *, may_have_arrived: bool) -> None:
        """Say whether the request may have arrived."""
        super().__init__("no answer" if may_have_arrived else "no connection")
        self.may_have_arrived = may_have_arrived


class LoqedResponseError(LoqedError):
    """An answer that is not the protocol's; `status` is its HTTP status."""

    def __init__(self, status: int) -> None:
        """Keep the HTTP status."""
        super().__init__(f"unusable answer, HTTP {status}")
        self.status = status


class LoqedAuthError(LoqedError):
    """The bridge key was refused, or the clocks differ too much.

    `clock_offset` is this host's clock minus the other side's in seconds, as far as
    the answer told it, else None.
    """

    def __init__(self, clock_offset: float | None = None) -> None:
        """Keep the measured difference of the clocks."""
        super().__init__("not authorised")
        self.clock_offset = clock_offset


class LoqedBridgeFullError(LoqedError):
    """The bridge holds as many webhooks as it can."""


class LoqedTokenError(LoqedError):
    """The personal access token was refused by the cloud."""


class LoqedInformationError(LoqedError):
    """What was pasted is not an "Integration information" text."""


class LoqedPushError(LoqedError):
    """A call to our webhook that must not change anything."""


class LoqedPushUnsignedError(LoqedPushError):
    """The call carries no time stamp: the newest bridges do so."""


class LoqedPushForgedError(LoqedPushError):
    """Signature or headers are not those of our bridge."""


class LoqedPushLateError(LoqedPushError):
    """Rightly signed, but outside the window.

    `offset` is this host's clock minus the bridge's time stamp, in seconds.
    """

    def __init__(self, offset: float) -> None:
        """Keep the measured difference."""
        super().__init__("outside the time window")
        self.offset = offset


class LoqedPushRepeatError(LoqedPushError):
    """A call that was taken before."""


class LoqedPushContentError(LoqedPushError):
    """Verified, but its content is not understood."""
