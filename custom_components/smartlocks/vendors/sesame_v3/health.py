"""Whether the cloud calls us, and how often to poll because of it."""

from datetime import datetime, timedelta
from typing import Final

# A change and the call about it belong together when they are this close.
WINDOW: Final = timedelta(seconds=30)

# The vendor makes each call once: polls go on, for those that are lost.
SLOW: Final = timedelta(minutes=5)


class HintHealth:
    """What the calls have shown of themselves.

    `proven` is True once a call came with a real change, False once a change came
    without, None before. A call alone proves nothing: nobody signs it.
    """

    def __init__(self, interval: timedelta) -> None:
        """Take the interval of the polls while calls are not proven to come."""
        self._interval = interval
        self._calls: dict[str, datetime] = {}
        self._changes: dict[str, datetime] = {}
        self._waiting: dict[str, datetime] = {}
        self.proven: bool | None = None

    def called(self, lock_id: str, now: datetime) -> None:
        """A call about a lock came."""
        self._calls[lock_id] = now
        if self._is_close(self._changes.get(lock_id), now):
            self._prove(lock_id)

    def changed(self, lock_id: str, now: datetime, *, is_ours: bool) -> None:
        """A lock was seen to have changed; `is_ours` if by our command, seen at once."""
        self._changes[lock_id] = now
        if self._is_close(self._calls.get(lock_id), now):
            self._prove(lock_id)
        elif is_ours:
            self._waiting[lock_id] = now
        else:
            self.proven = False

    def listen(self, now: datetime) -> None:
        """Notice calls that did not come."""
        late = [one for one, since in self._waiting.items() if now - since > WINDOW]
        for lock_id in late:
            del self._waiting[lock_id]
            self.proven = False

    @property
    def interval(self) -> timedelta:
        """How long to wait for the next poll."""
        return max(self._interval, SLOW) if self.proven else self._interval

    def _prove(self, lock_id: str) -> None:
        self._waiting.pop(lock_id, None)
        self.proven = True

    @staticmethod
    def _is_close(then: datetime | None, now: datetime) -> bool:
        return then is not None and now - then <= WINDOW
