"""When a lock is asked itself, which costs its battery: seldom."""

from datetime import datetime, timedelta
from typing import Final

# In any case, and where the gateway does not tell by itself that something happened.
EVERY: Final = timedelta(minutes=30)
EVERY_UNTOLD: Final = timedelta(minutes=5)
# After a read that failed.
RETRY: Final = timedelta(minutes=1)

# A gateway overhears a lock now and then: so often in a row, and it is gone.
PATIENCE: Final = 3


class Watch:
    """What was read of one lock, and when; `log` is the gateway's count of its doings."""

    def __init__(self) -> None:
        """Have read nothing yet."""
        self._read_at: datetime | None = None
        self._failed_at: datetime | None = None
        self._log: int | None = None
        self._missed = 0
        self.failures = 0

    @property
    def is_away(self) -> bool:
        """Whether the lock was not there for too long."""
        return max(self._missed, self.failures) >= PATIENCE

    def has_news(self, log: int | None) -> bool:
        """Whether something may have happened since the last read."""
        return self._read_at is None or (log is not None and log != self._log)

    def is_due(self, now: datetime, log: int | None) -> bool:
        """Whether to ask the lock; `log` is None where the gateway's firmware is old."""
        if self._failed_at is not None and now - self._failed_at < RETRY:
            return False
        if self._read_at is None or self._failed_at is not None or self.has_news(log):
            return True
        return now - self._read_at >= (EVERY_UNTOLD if log is None else EVERY)

    def has_read(self, now: datetime, log: int | None) -> None:
        """Take that the lock has answered; None leaves the count to the next list."""
        self._read_at = now
        self._failed_at = None
        self.failures = 0
        if log is not None:
            self._log = log

    def has_failed(self, now: datetime) -> None:
        """Take that the lock was asked in vain."""
        self._failed_at = now
        self.failures += 1

    def listed(self) -> None:
        """Take that the gateway sees the lock."""
        if self._missed >= PATIENCE:
            # Who knows what has happened meanwhile.
            self.forget()
        self._missed = 0

    def missed(self) -> None:
        """Take that the gateway does not see it."""
        self._missed += 1

    def forget(self) -> None:
        """Read again soon, whatever was read."""
        self._read_at = self._failed_at = None
