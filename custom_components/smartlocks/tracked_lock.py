"""What is kept of one lock besides what is shown: its tracker, its commands, and contact to it."""

import asyncio
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final

from .commands import Contexts, PendingCommand
from .models import Cause, LockState
from .state_tracker import Outcome, StateTracker, Timing

# After a failed read, in seconds; the last is repeated.
RETRIES: Final = (2.0, 5.0, 15.0, 30.0, 60.0)
# Home Assistant silently drops commands to what is unavailable: only after so long.
UNAVAILABLE_AFTER: Final = 120.0
_FAILURES_OF_LOST: Final = 2


@dataclass(kw_only=True, slots=True)
class Contact:
    """Whether reads of a lock, or of an account, are answered.

    `failed_since` and `retry_at` are monotonic seconds, None while all is well; `pauses`
    counts the answers in a row that asked for patience.
    """

    failures: int = 0
    pauses: int = 0
    failed_since: float | None = None
    retry_at: float | None = None
    is_reported: bool = False

    def answered(self) -> None:
        """Record that a read was answered, or the device said something itself."""
        self.failures = self.pauses = 0
        self.failed_since = self.retry_at = None

    def failed(self, now: float, *, retry_after: float | None, at_once: bool) -> None:
        """Record that a read failed; the next is planned, whatever the interval."""
        wait = RETRIES[min(self.failures, len(RETRIES) - 1)]
        if retry_after is not None:
            wait = retry_after
        elif at_once and not self.failures:
            wait = 0.0
        self.failures += 1
        self.pauses = 0
        self.failed_since = now if self.failed_since is None else self.failed_since
        self.retry_at = now + wait

    def put_off(self, until: float) -> None:
        """Record that the vendor answered, and wants to be asked again later."""
        pauses = self.pauses
        self.answered()
        self.pauses = pauses + 1
        self.retry_at = until

    @property
    def lost_at(self) -> float:
        """When nothing has been answered for too long; a single failed read tells too little."""
        if self.failed_since is None or self.failures < _FAILURES_OF_LOST:
            return inf
        return self.failed_since + UNAVAILABLE_AFTER

    def is_lost(self, now: float) -> bool:
        """Whether nothing has been answered for too long."""
        return now >= self.lost_at


@dataclass(kw_only=True, slots=True)
class TrackedLock:
    """What the coordinator keeps of one lock besides its snapshot."""

    tracker: StateTracker
    contact: Contact = field(default_factory=Contact)
    contexts: Contexts = field(default_factory=Contexts)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    position: LockState | None = None
    # Where it was known to be before it was out of reach, too.
    last_position: LockState | None = None
    pending: PendingCommand | None = None
    # Sent by somebody who does not wait for its end any more.
    abandoned: PendingCommand | None = None
    outcome: asyncio.Future[Outcome] | None = None
    is_reading: bool = False
    # What was said while a command was under way, and not shown, and who did it.
    untold: list[tuple[LockState, Cause | None]] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class Memory:
    """What outlives a reload.

    By lock id: trackers, whose commands their changes are, and who used a lock last; and a
    vendor's own.
    """

    trackers: dict[str, StateTracker] = field(default_factory=dict)
    contexts: dict[str, Contexts] = field(default_factory=dict)
    changed_by: dict[str, str | None] = field(default_factory=dict)
    vendor: dict[str, Any] = field(default_factory=dict)

    def track(self, lock_id: str, timing: Timing, now: float) -> TrackedLock:
        """Keep a lock, with what was known of it before a reload."""
        if lock_id not in self.trackers:
            self.trackers[lock_id] = StateTracker(timing, now)
        tracker = self.trackers[lock_id]
        tracker.timing = timing
        # The entry may have been unloaded for longer than a state is believed.
        tracker.advance(now)
        state = tracker.state
        position = None if state.is_moving or state is LockState.UNKNOWN else state
        return TrackedLock(
            tracker=tracker,
            contexts=self.contexts.setdefault(lock_id, Contexts()),
            position=position,
            last_position=position,
        )

    def forget(self, lock_id: str) -> None:
        """Forget a lock that is removed."""
        for known in (self.trackers, self.contexts, self.changed_by):
            known.pop(lock_id, None)
