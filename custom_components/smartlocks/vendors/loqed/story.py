"""Who did what, and how: pushes told as events a person understands."""

from collections.abc import Mapping

from ...models import ACTIVITIES, LockEvent, LockState, Method
from .api import Push
from .words import method_of


class Story:
    """Remembers how a movement began, to tell it when the movement has ended.

    The bridge names the cause when the lock sets out and the key at either end.
    """

    def __init__(self, lock_id: str, *, own_key: int, names: Mapping[int, str]) -> None:
        """Take our own key's number, and the names a person gave to others."""
        self._lock_id = lock_id
        self._names = {own_key: "Home Assistant", **names}
        self._method: Method | None = None
        self._key: int | None = None

    def set_out(self, push: Push) -> None:
        """Take that the lock sets out."""
        self._method = method_of(push.event_type)
        self._key = push.key_id

    def arrive(self, push: Push, state: LockState, *, before: LockState) -> LockEvent | None:
        """Take that the lock has arrived, or stalled; None when that is nothing to tell."""
        method = self._method or method_of(push.event_type)
        key = push.key_id if push.key_id is not None else self._key
        self._method = self._key = None
        if method is None and key is None:
            # Nobody's key and no cause: a hand on the knob, or the latch that falls back
            # by itself after opening.
            method = Method.AUTOMATIC if before is LockState.OPEN else Method.MANUAL
        activity = ACTIVITIES.get(state)
        if activity is None:
            return None
        return LockEvent(
            lock_id=self._lock_id,
            activity=activity,
            method=method,
            who=self._names.get(key) if key is not None else None,
            key=key,
        )


def changed_by(event: LockEvent) -> str | None:
    """Return the name of who did it, or the number of the key that nobody has named."""
    if event.who is not None or event.key is None:
        return event.who
    return f"Key {event.key}"
