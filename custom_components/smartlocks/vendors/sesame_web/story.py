"""What has happened to a device, told from its history."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile

from ...models import Activity, LockEvent, Method
from .api import HistoryEntry, Status
from .words import CAUSES, DOORS, ENDINGS, LEFT, bolt_state

type Page = tuple[HistoryEntry, ...]


class Story:
    """Remembers how far a device's history was told.

    A command is written down when it comes, and again when the motor has done it or has
    failed: both are one event. At the end of the history, where the second is still to
    come, a command is told only if the bolt is where it says.
    """

    def __init__(self, lock_id: str, activities: frozenset[Activity]) -> None:
        """Take what may be told of the device."""
        self._lock_id = lock_id
        self._activities = activities
        self._known: set[object] | None = None
        self._read_for: object = None
        self._begun: LockEvent | None = None
        self._told: Activity | None = None
        self.changed_by: str | None = None

    def is_due(self, status: Status) -> bool:
        """Tell whether something has happened since the history was read last."""
        return self._known is None or self._read_for != _sign(status)

    def take(self, page: Page, status: Status | None) -> list[LockEvent]:
        """Take the newest page, and the status read before it, if any was.

        Returns what is new, the oldest first. Of the first page, which is the past, it is
        remembered only who was the last.
        """
        is_first = self._known is None
        new = self._new(page)
        events = [event for entry in reversed(new) for event in self._tell(entry)]
        events += self._conclude(status)
        events = [event for event in events if event.activity in self._activities]
        for event in events:
            if event.activity in LEFT:
                self.changed_by = event.who
        self._read_for = None if status is None else _sign(status)
        return [] if is_first else events

    def _new(self, page: Page) -> list[HistoryEntry]:
        """Return the entries that were not there the last time, the newest first."""
        # One without a number cannot be told from others.
        entries = [entry for entry in page if entry.record_id is not None]
        known = self._known or set()
        self._known = {entry.key for entry in entries}
        return list(takewhile(lambda entry: entry.key not in known, entries))

    def _tell(self, entry: HistoryEntry) -> Iterator[LockEvent]:
        if entry.kind in DOORS:
            yield self._event(entry, DOORS[entry.kind])
        elif entry.kind in CAUSES:
            if self._begun is not None:
                yield self._begun
            activity, method = CAUSES[entry.kind]
            event = self._event(entry, activity, method)
            if method is Method.MANUAL:
                # What a hand did needs no motor to end it.
                self._begun, self._told = None, activity
                yield event
            else:
                self._begun, self._told = event, None
        elif entry.kind in ENDINGS:
            yield from self._end(entry, ENDINGS[entry.kind])

    def _end(self, entry: HistoryEntry, activity: Activity) -> Iterator[LockEvent]:
        """Take that the motor has done something, or has failed."""
        begun, told = self._begun, self._told
        self._begun = self._told = None
        if begun is not None:
            yield replace(begun, activity=activity, at=entry.at)
        elif activity is not told:
            yield self._event(entry, activity)

    def _conclude(self, status: Status | None) -> Iterator[LockEvent]:
        """Tell the last command, unless the bolt says that it is not done."""
        begun = self._begun
        if begun is None:
            return
        wanted = LEFT.get(begun.activity)
        if wanted is None or (status is not None and bolt_state(status) is wanted):
            self._begun, self._told = None, begun.activity
            yield begun

    def _event(
        self, entry: HistoryEntry, activity: Activity, method: Method | None = None
    ) -> LockEvent:
        return LockEvent(
            lock_id=self._lock_id, activity=activity, method=method, who=entry.tag, at=entry.at
        )


def _sign(status: Status) -> object:
    """Return what is another whenever the device has told the cloud something."""
    return (status.state, status.changed_at)
