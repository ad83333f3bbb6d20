"""Events from the histories of devices. A history makes events, never a state of the bolt."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile
from typing import Final

from ...models import OURSELVES, Activity, LockEvent, LockState, Method
from .api import HistoryEntry, Status
from .mapping import BOLT_AFTER, CAUSES, DOORS, RESULTS, state_of

# How many entries are read at once; one call, whatever the number.
PAGE_SIZE: Final = 50

type HistoryPage = tuple[HistoryEntry, ...]


class HistoryReader:
    """Turns one device's history into events, each once.

    A command is written into the history when it comes, and again when the motor has done
    it or has failed: both make one event. At the end of the history, where the second is
    still to come, the first makes an event only if the bolt is where it says.
    """

    def __init__(self, lock_id: str) -> None:
        """Start before the first page."""
        self._lock_id = lock_id
        self._known: set[object] | None = None
        self._read_for: object = None
        self._asked_for: object = None
        self._begun: LockEvent | None = None
        self._ended: Activity | None = None
        self._last_move: LockEvent | None = None
        self.changed_by: str | None = None

    @property
    def has_begun(self) -> bool:
        """Whether the next page makes events: the first one makes none."""
        return self._known is not None

    def is_due(self, status: Status) -> bool:
        """Return whether the device has reported a change since its history was read."""
        return self._known is None or self._read_for != _change_sign(status)

    def restart(self) -> None:
        """Forget what was read: the next page makes no events, as the first."""
        self._known = self._begun = self._ended = None

    def read(self, page: HistoryPage, status: Status | None) -> list[LockEvent]:
        """Return the events of the newest page, the oldest first.

        `status` is what was read before the page, if anything was. The first page makes no
        events: it is the past, and tells only who moved the bolt last.
        """
        is_first = self._known is None
        new = self._new_entries(page)
        events = [event for entry in reversed(new) for event in self._events_of(entry)]
        events += self._last_command(status)
        moves = [event for event in events if event.activity in BOLT_AFTER]
        self._last_move = moves[-1] if moves else self._last_move
        is_left = self._is_where_it_was_left(status)
        is_told = bool(moves and not is_first) or is_left
        # Else it was moved since, by somebody who is not told yet, or never.
        self.changed_by = self._last_move.who if self._last_move and is_told else None
        sign = None if status is None else _change_sign(status)
        # What is not told yet is asked for once more, be it the second of two moves.
        self._read_for = sign if is_left or sign == self._asked_for else None
        self._asked_for = sign
        return [] if is_first else events

    def _is_where_it_was_left(self, status: Status | None) -> bool:
        """Return whether the bolt is where the history tells, or nobody knows where it is."""
        if status is None or (state := state_of(status)) is LockState.UNKNOWN:
            return True
        return self._last_move is not None and BOLT_AFTER[self._last_move.activity] is state

    def _new_entries(self, page: HistoryPage) -> list[HistoryEntry]:
        """Return the entries that were not there the last time, the newest first."""
        # One without a number cannot be told from others.
        entries = [entry for entry in page if entry.record_id is not None]
        known = self._known or set()
        self._known = {entry.key for entry in entries}
        return list(takewhile(lambda entry: entry.key not in known, entries))

    def _events_of(self, entry: HistoryEntry) -> Iterator[LockEvent]:
        if entry.kind in DOORS:
            yield self._event(entry, DOORS[entry.kind])
        elif entry.kind in CAUSES:
            if self._begun is not None:
                yield self._begun
            activity, method = CAUSES[entry.kind]
            event = self._event(entry, activity, method)
            if method is Method.MANUAL:
                # No motor ends what was done by hand.
                self._begun, self._ended = None, activity
                yield event
            else:
                self._begun, self._ended = event, None
        elif entry.kind in RESULTS:
            yield from self._result(entry, RESULTS[entry.kind])

    def _result(self, entry: HistoryEntry, activity: Activity) -> Iterator[LockEvent]:
        """Return the event of a motor that has ended a command, or has failed."""
        begun, ended = self._begun, self._ended
        self._begun = self._ended = None
        if begun is not None:
            yield replace(begun, activity=activity, at=entry.at)
        elif activity is not ended:
            yield self._event(entry, activity)

    def _last_command(self, status: Status | None) -> Iterator[LockEvent]:
        """Return the event of a command whose result is missing, if the bolt shows it."""
        begun = self._begun
        if begun is None:
            return
        wanted = BOLT_AFTER.get(begun.activity)
        if wanted is None or (status is not None and state_of(status) is wanted):
            self._begun, self._ended = None, begun.activity
            yield begun

    def _event(
        self, entry: HistoryEntry, activity: Activity, method: Method | None = None
    ) -> LockEvent:
        who = entry.tag
        is_ours = who is not None and who.casefold() == OURSELVES.casefold()
        if is_ours and method not in (None, Method.REMOTE):
            # Guests choose their names; a command of ours comes through the cloud.
            who = None
        return LockEvent(
            lock_id=self._lock_id, activity=activity, method=method, who=who, at=entry.at
        )


def _change_sign(status: Status) -> object:
    """Return what differs whenever the device has reported something to the cloud."""
    return (status.state, status.changed_at)
