"""Whether signed pushes come, and how often to poll because of it."""

from datetime import datetime, timedelta

# While pushes are not proven to come. The bridge is small, and its maker would rather
# have it asked once a day; others who poll it do so every minute.
DEGRADED_INTERVAL = timedelta(seconds=60)

# Battery reports alone come every few hours.
_SILENCE = timedelta(hours=12)


class PushHealth:
    """What the pushes have shown of themselves.

    `proven` is True while they come, False once one was missed or came unsigned, and
    None while nothing is known: at the start, and after a long silence.
    """

    def __init__(self, interval: timedelta) -> None:
        """Take the interval of the polls that go on while all is well."""
        self._interval = interval
        self._last: datetime | None = None
        self._missed = 0
        self.proven: bool | None = None
        self.unsigned = False

    def verified(self, now: datetime) -> None:
        """A signed push came."""
        self._last = now
        self.proven = True
        self.unsigned = False
        self._missed = 0

    def came_unsigned(self) -> None:
        """The bridge calls, but does not sign."""
        self.proven = False
        self.unsigned = True

    def miss(self) -> None:
        """Something happened that no signed push told of."""
        self.proven = False
        self._missed += 1

    @property
    def are_lost(self) -> bool:
        """Whether pushes stay away, and not only by chance or unsigned."""
        return self._missed > 1 and not self.unsigned

    def listen(self, now: datetime) -> None:
        """Notice a silence."""
        if self.proven and self._last is not None and now - self._last > _SILENCE:
            self.proven = None

    @property
    def interval(self) -> timedelta:
        """How long to wait for the next poll."""
        return self._interval if self.proven else DEGRADED_INTERVAL
