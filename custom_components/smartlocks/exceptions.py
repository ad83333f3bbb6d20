"""What went wrong, told by what the caller must do about it; standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto


class Remedy(Enum):
    """What helps."""

    RETRY = auto()
    """Nothing is wrong with what we asked: the same may work later."""
    REAUTH = auto()
    """A person must give new credentials."""
    GIVE_UP = auto()
    """The device understood and refused: asking again changes nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """One thing that can go wrong: its remedy, and the sentence a person is told.

    `key` names the sentence in the translations. `retry_after` is in seconds.
    """

    key: str
    remedy: Remedy
    placeholders: Mapping[str, str] = field(default_factory=dict)
    retry_after: float | None = None


class CommandError(Exception):
    """A command did not do what it should; the trouble says what a person is told."""

    def __init__(self, key: str, remedy: Remedy = Remedy.GIVE_UP, **placeholders: str) -> None:
        """Name the sentence and what it speaks of."""
        super().__init__(key)
        self.trouble = Trouble(key=key, remedy=remedy, placeholders=placeholders)


class PushNotVerifiedError(Exception):
    """A call to our webhook whose sender is not established: it changes nothing."""


class PushNotUnderstoodError(Exception):
    """A call from the right sender whose content makes no sense to us."""
