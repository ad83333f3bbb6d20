"""What has happened at locks that tell only where they are: told from where they were."""

from ..models import ACTIVITIES, Activity, LockEvent, LockState, Method

OURSELVES = "Home Assistant"


class Story:
    """Remembers where each lock was last seen for certain."""

    def __init__(self) -> None:
        """Have seen nothing yet."""
        self._seen: dict[str, LockState] = {}
        self._ours: set[str] = set()

    def arrive(
        self,
        lock_id: str,
        state: LockState | None,
        *,
        has_news: bool = False,
        is_ours: bool = False,
    ) -> LockEvent | None:
        """Take where a lock is; None when nothing has happened, or nothing is known of it.

        `has_news` is whether something was counted there: what, nobody says. Who turned a
        lock is known only of ourselves.
        """
        activity = None if state is None else ACTIVITIES.get(state)
        if state is None or activity is None:
            return None
        before = self._seen.get(lock_id)
        self._seen[lock_id] = state
        # That it counts what we did ourselves is no news.
        is_news = has_news and lock_id not in self._ours
        self._ours.discard(lock_id)
        if is_ours:
            self._ours.add(lock_id)
        if before is None or (before is state and not is_news):
            return None
        return LockEvent(
            lock_id=lock_id,
            activity=activity if before is not state else Activity.CHANGED,
            method=Method.REMOTE if is_ours else None,
            who=OURSELVES if is_ours else None,
        )

    def lose(self, lock_id: str) -> None:
        """Take that a lock is out of sight: what changes meanwhile has no known moment."""
        self._seen.pop(lock_id, None)
