"""The cloud's calls: counted, and collected so that many of them cost no more than one."""

from dataclasses import dataclass, field
from math import inf
from typing import Any, Final

from .api import Hint

# Seconds between two times that collected calls are acted on, and that their time is shown.
COLLECT_FOR: Final = 2.0
SHOW_EVERY: Final = 60.0


@dataclass(kw_only=True, slots=True)
class WebhookCalls:
    """How many calls came of each kind, and what they are about until that is read.

    `unknown` are about a lock that the account does not have, `unclear` do not say about
    which, `stateless` do not say what has happened. `collected` holds the ids of locks,
    None for a call that did not say which; `next_shown` is in monotonic seconds.
    """

    get: int = 0
    post: int = 0
    unknown: int = 0
    unclear: int = 0
    stateless: int = 0
    collected: set[str | None] = field(default_factory=set)
    next_shown: float = -inf

    def add(self, method: str, hint: Hint, lock_id: str | None) -> bool:
        """Count a call and collect it; returns whether it may be about a lock of the account."""
        if method == "POST":
            self.post += 1
        else:
            self.get += 1
        self.unclear += hint.device_id is None
        self.stateless += hint.locked is None
        if hint.device_id is not None and lock_id is None:
            self.unknown += 1
            return False
        self.collected.add(lock_id)
        return True

    def take(self) -> set[str | None]:
        """Return what was collected, and begin anew; None alone if it concerns all locks."""
        collected, self.collected = self.collected, set()
        return {None} if None in collected else collected

    def is_shown(self, now: float) -> bool:
        """Return whether to show now when the last call came."""
        if now < self.next_shown:
            return False
        self.next_shown = now + SHOW_EVERY
        return True

    def diagnostics(self) -> dict[str, Any]:
        """Return the counts, and nothing of what the calls said."""
        return {
            "get": self.get,
            "post": self.post,
            "unknown": self.unknown,
            "unclear": self.unclear,
            "stateless": self.stateless,
        }
