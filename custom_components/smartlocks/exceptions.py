"""What went wrong, told by what the caller must do about it; standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto


class Remedy(Enum):
    """What helps."""

    RETRY = auto()
    """Nothing is wrong with what was asked: the same may work later."""
    REAUTH = auto()
    """A person must give new credentials."""
    GIVE_UP = auto()
    """The device understood and refused: asking again changes nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """What an error means: its remedy, and the message a person gets.

    `key` names the message in the translations (`exceptions`). `retry_after` is in
    seconds. `at_once`: the connection broke, so a read is tried again at once, once.
    `is_pause`: the vendor asks us to wait. Reads are put off, but nothing is known to be
    out of reach, and commands are still tried.
    """

    key: str
    remedy: Remedy = Remedy.RETRY
    placeholders: Mapping[str, str] = field(default_factory=dict)
    retry_after: float | None = None
    at_once: bool = False
    is_pause: bool = False


class CommandError(Exception):
    """A command did not do what it should; `failure` says what a person is told."""

    def __init__(self, key: str, remedy: Remedy = Remedy.GIVE_UP, **placeholders: str) -> None:
        """Name the message and its placeholders."""
        super().__init__(key)
        self.failure = Failure(key=key, remedy=remedy, placeholders=placeholders)


class NotConfirmedError(CommandError):
    """A command was sent, and nothing has shown that it did what it should."""


class PushNotVerifiedError(Exception):
    """A call to our webhook whose sender is not established: it changes nothing."""


class PushNotUnderstoodError(Exception):
    """A call from the right sender whose content cannot be read."""
