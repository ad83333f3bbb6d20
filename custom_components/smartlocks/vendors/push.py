"""Whether a vendor's calls come, judged by what reads find."""

from typing import Final

# A change and the call about it belong together when they are this close, in seconds.
WINDOW: Final = 30.0


class PushHealth:
    """What the calls of a vendor have shown of themselves; times are monotonic seconds.

    `is_working` is True once a call came with a change, or proved itself by a signature;
    False once a change was found that no call told of; None before. `missed` counts such
    changes since the last proof.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self.is_working: bool | None = None
        self.missed = 0
        self._calls: dict[str, float] = {}
        self._changes: dict[str, float] = {}

    def proven(self) -> None:
        """Take a call that proved itself."""
        self.is_working = True
        self.missed = 0
        self._changes.clear()

    def called(self, lock_id: str, now: float) -> None:
        """Take a call about a lock that proves nothing by itself."""
        self._calls[lock_id] = now
        if now - self._changes.pop(lock_id, -WINDOW - 1) <= WINDOW:
            self.is_working = True
            self.missed = 0

    def changed(self, lock_id: str, now: float) -> None:
        """Record that a read found a change of a lock."""
        called = self._calls.get(lock_id)
        if called is not None and now - called <= WINDOW:
            self.is_working = True
            self.missed = 0
        else:
            # The call may still come.
            self._changes[lock_id] = now

    def check(self, now: float) -> None:
        """Notice the calls that did not come."""
        late = [lock_id for lock_id, at in self._changes.items() if now - at > WINDOW]
        for lock_id in late:
            del self._changes[lock_id]
            self.is_working = False
            self.missed += 1

    def failed(self) -> None:
        """Record that calls are known not to be usable."""
        self.is_working = False
