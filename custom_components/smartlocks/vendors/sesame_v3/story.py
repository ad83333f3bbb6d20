"""What has happened at the locks, told from where they were and are."""

from ...model import LockEvent, LockState, Method
from .words import ACTIVITIES

OURSELVES = "Home Assistant"


class Story:
    """Remembers where each lock was last seen for certain."""

    def __init__(self) -> None:
        """Have seen nothing yet."""
        self._seen: dict[str, LockState] = {}

    def arrive(self, lock_id: str, state: LockState, *, is_ours: bool) -> LockEvent | None:
        """Take where a lock is; None when that is nothing new, or not known.

        Who turned it is known only of ourselves: the cloud does not say.
        """
        activity = ACTIVITIES.get(state)
        if activity is None:
            return None
        before = self._seen.get(lock_id)
        self._seen[lock_id] = state
        if before is None or before is state:
            return None
        return LockEvent(
            lock_id=lock_id,
            activity=activity,
            method=Method.REMOTE if is_ours else None,
            who=OURSELVES if is_ours else None,
        )

    def lose(self, lock_id: str) -> None:
        """Take that a lock is out of sight: what changes meanwhile has no known moment."""
        self._seen.pop(lock_id, None)
