"""Read locks when their trackers say so, and publish what is learnt.

The lower half of the coordinator: the locks of an entry, when each is read and tried
again, whether it answers, and what evidence makes of it.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Coroutine, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from math import inf
from typing import Any, ClassVar, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, Context, HassJob, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util.hass_dict import HassKey

from . import helpers
from .const import DOMAIN, LOGGER
from .exceptions import CommandError, Failure, NotConfirmedError, Remedy
from .http import ConnectionLostError
from .listeners import Interest, Listeners
from .models import (
    OURSELVES,
    Cause,
    HubSnapshot,
    LockEvent,
    LockSnapshot,
    LockState,
    Method,
    Snapshot,
    event_of_change,
    falls_back,
    has_moved,
)
from .state_tracker import Outcome, Source, Timing, Verdict
from .tracked_lock import RETRIES, Contact, Memory, TrackedLock

_MEMORIES: HassKey[dict[str, Memory]] = HassKey(f"{DOMAIN}_memories")


class PollingCoordinator(DataUpdateCoordinator[Snapshot], ABC):
    """Reads the locks of one config entry, and shows of each what its tracker decides."""

    api_error: ClassVar[type[Exception]]
    errors: ClassVar[Mapping[type[Exception], Failure]]
    # Whether a lock cannot be reached while its gateway or account cannot.
    needs_account: ClassVar[bool] = False

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, timing: Timing) -> None:
        """Prepare; nothing is asked of the vendor yet."""
        super().__init__(hass, LOGGER, config_entry=entry, name=entry.title)
        memories = hass.data.setdefault(_MEMORIES, {})
        self.memory = memories.setdefault(entry.entry_id, Memory())
        self.account = Contact()
        self.data = Snapshot(locks={})
        self._timing = timing
        self._locks: dict[str, TrackedLock] = {}
        self._entry_data = {key: lock.data for key, lock in entry.subentries.items()}
        self._account_at = -inf
        self._is_polling_account = False
        self._is_closed = False
        # Nothing is read in the background before the first update is done.
        self._is_started = False
        # Of each device what its entities show: whether it answers, and can be commanded.
        self._told_reach: dict[str, object] = {}
        self._timer: CALLBACK_TYPE | None = None
        self._timer_at = inf
        self._told = Listeners()

    # What a vendor supplies.

    @abstractmethod
    async def _async_read(self, lock_id: str, *, is_urgent: bool = False) -> None:
        """Ask for one lock and tell what was learnt; the api's errors pass through."""

    async def _async_poll_account(self) -> None:
        """Ask for what concerns all locks: the list of an account or a gateway."""

    @property
    def _account_interval(self) -> float:
        """Seconds between two polls of the account; infinity if there is nothing to ask."""
        return inf

    def _first_locks(self) -> Iterable[str]:
        """Name the locks that are read before an entry is ready, and by a refresh of all."""
        return self._locks

    def _timing_of(self, lock_id: str) -> Timing:
        """Return the numbers of one lock."""
        return self._timing

    def _entry_locks(self) -> Iterable[LockSnapshot] | None:
        """Return the locks that a person has added to the entry; None if a list tells them."""
        return None

    def _failure(self, err: Exception) -> Failure:
        """Tell what an error of the api means."""
        if isinstance(err, CommandError):
            return err.failure
        return next(self.errors[kind] for kind in type(err).__mro__ if kind in self.errors)

    @callback
    def _completed(self, event: LockEvent) -> LockEvent:
        """Return an event with what is known of it besides; called once for each."""
        return event

    @abstractmethod
    def async_announce(self, event: LockEvent, context: Context) -> None:
        """Tell what somebody else than we did at a lock, before it is shown."""

    @abstractmethod
    def async_report(self, event: LockEvent, context: Context) -> None:
        """Tell the listeners what happened at a lock, once it is shown."""

    @property
    def _entry(self) -> ConfigEntry:
        assert self.config_entry is not None  # noqa: S101 - given when this was made
        return self.config_entry

    # The locks.

    @callback
    def async_set_locks(self, locks: Iterable[LockSnapshot]) -> None:
        """Set the locks; what is known of those that stay is kept."""
        known, found = self.data.locks, {lock.id: lock for lock in locks}
        for lock_id in self._locks.keys() - found.keys():
            self._forget(lock_id)
        for lock_id in found.keys() - self._locks.keys():
            self._locks[lock_id] = self._track(lock_id)
        self.async_publish(
            replace(
                self.data,
                locks={
                    lock_id: _refreshed(known[lock_id], lock)
                    if lock_id in known
                    else self._remembered(lock)
                    for lock_id, lock in found.items()
                },
            )
        )
        for lock_id in found:
            self._async_show(lock_id)
        self._async_schedule()

    @callback
    def async_set_hub(self, hub: HubSnapshot) -> None:
        """Set the gateway or the account."""
        self.async_publish(replace(self.data, hub=hub))

    @callback
    def async_entry_changed(self) -> None:
        """Follow a lock that was added, changed or removed; the others are left alone."""
        locks = self._entry_locks()
        if locks is None:
            return
        now = {key: lock.data for key, lock in self._entry.subentries.items()}
        before, self._entry_data = self._entry_data, now
        self.async_set_locks(locks)
        for lock_id, snapshot in self.data.locks.items():
            key = snapshot.subentry_id or ""
            if key in before and before[key] != now.get(key):
                # Another code or secret: what failed before may work now.
                self._locks[lock_id].contact.retry_at = helpers.monotonic()
        self._async_schedule()

    def _track(self, lock_id: str) -> TrackedLock:
        return self.memory.track(lock_id, self._timing_of(lock_id), helpers.monotonic())

    def _remembered(self, lock: LockSnapshot) -> LockSnapshot:
        """Return a lock with who used it last, if it is known to be where it was left."""
        if self._locks[lock.id].position is None:
            return lock
        return replace(lock, changed_by=self.memory.changed_by.get(lock.id))

    def _forget(self, lock_id: str) -> None:
        lock = self._locks.pop(lock_id)
        self.memory.forget(lock_id)
        self._told_reach.pop(lock_id, None)
        if lock.pending is not None:
            lock.pending.async_fail("command_removed")
        if lock.outcome is not None and not lock.outcome.done():
            lock.outcome.set_exception(NotConfirmedError("not_confirmed", Remedy.RETRY))

    @callback
    def async_set_timing(self, timing: Timing) -> None:
        """Use other numbers for all locks from now on."""
        if timing == self._timing:
            return
        self._timing = timing
        for lock_id, lock in self._locks.items():
            lock.tracker.timing = self._timing_of(lock_id)
        self._async_schedule()

    # Reading.

    @override
    async def _async_update_data(self) -> Snapshot:
        """Read everything now; fails only if nothing at all can be read."""
        failures: list[Exception] = []
        try:
            await self._async_ask_account()
        except self.api_error as err:
            failures.append(err)
            if self.needs_account or not self._locks:
                self._raise_update_failed(err)
        # That a gateway has answered is worth an entry, whatever its locks do.
        was_read = self.needs_account
        for lock_id in tuple(self._first_locks()):
            try:
                await self._async_read_and_note(lock_id)
                was_read = True
            except self.api_error as err:
                failures.append(err)
                if self._failure(err).remedy is Remedy.REAUTH:
                    self._raise_update_failed(err)
        if failures and not was_read and self._locks:
            self._raise_update_failed(failures[-1])
        self._async_start()
        return self.data

    @callback
    def _async_start(self) -> None:
        """Read in the background from now on."""
        self._is_started = True
        self._async_schedule()

    def _raise_update_failed(self, err: Exception) -> None:
        failure = self._failure(err)
        if failure.remedy is Remedy.REAUTH:
            raise ConfigEntryAuthFailed(**message_of(failure)) from err
        raise UpdateFailed(retry_after=failure.retry_after, **message_of(failure)) from err

    async def _async_ask_account(self) -> None:
        if self._account_interval == inf:
            return
        self._account_at = helpers.monotonic()
        try:
            await self._async_poll_account()
        except self.api_error as err:
            self._note_failure(self.account, err)
            raise
        self.account.answered()

    async def _async_read_and_note(self, lock_id: str, *, is_urgent: bool = False) -> None:
        """Read a lock and remember how that went."""
        lock, began = self._locks.get(lock_id), helpers.monotonic()
        if lock is None:
            return
        lock.is_reading = True
        try:
            await self._async_read(lock_id, is_urgent=is_urgent)
        except self.api_error as err:
            self._note_failure(lock.contact, err)
            raise
        except Exception:
            # A fault of ours must not become a read without end.
            lock.contact.failed(helpers.monotonic(), retry_after=None, at_once=False)
            raise
        finally:
            lock.is_reading = False
        if lock.tracker.heard_at < began and not lock.tracker.is_commanded:
            # Nothing was learnt: to be tried again as if it had failed, not at once.
            lock.contact.failed(helpers.monotonic(), retry_after=None, at_once=False)
        else:
            lock.contact.answered()

    def _note_failure(self, contact: Contact, err: Exception) -> None:
        failure, now = self._failure(err), helpers.monotonic()
        if failure.is_pause:
            contact.put_off(now + (failure.retry_after or RETRIES[-1]))
            return
        contact.failed(
            now,
            retry_after=failure.retry_after,
            at_once=failure.at_once or isinstance(err.__cause__, ConnectionLostError),
        )

    def is_answering(self, lock_id: str) -> bool:
        """Whether reads of a lock have not gone unanswered for too long."""
        lock, now = self._locks.get(lock_id), helpers.monotonic()
        if lock is None or lock.contact.is_lost(now):
            return False
        return not (self.needs_account and self.account.is_lost(now))

    def is_commandable(self, lock_id: str) -> bool:
        """Whether a command to a lock has a way to it: what has none is unavailable."""
        return self.is_answering(lock_id)

    @property
    def is_account_answering(self) -> bool:
        """Whether the gateway, or the account's cloud, answers."""
        if self._account_interval != inf or not self._locks:
            return self.account.failed_since is None
        return any(lock.contact.failed_since is None for lock in self._locks.values())

    @property
    def heard_ago(self) -> float:
        """How many seconds ago anything was last heard of a lock; infinity if never."""
        heard = max((lock.tracker.heard_at for lock in self._locks.values()), default=-inf)
        return helpers.monotonic() - heard

    @callback
    def _async_schedule(self, *changed: TrackedLock) -> None:
        """Wake up when the next read is due or the next state ends, or earlier.

        Of the locks, only those that have changed are looked at, if they are named.
        """
        if self._is_closed or not self._is_started:
            return
        at = min(self._account_next, _lost_next(self.account))
        for lock in changed or self._locks.values():
            at = min(at, self._next(lock))
        if at >= self._timer_at:
            # Waking up early costs less than a new timer for each push.
            return
        self._async_cancel_timer()
        self._timer_at = at
        self._timer = async_call_later(
            self.hass,
            max(at - helpers.monotonic(), 0.0) + 0.001,
            HassJob(self._async_wake, cancel_on_shutdown=True),
        )

    @callback
    def _async_cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer()
            self._timer = None
        self._timer_at = inf

    @property
    def _account_next(self) -> float:
        if self._is_polling_account or self._account_interval == inf:
            return inf
        if self.account.retry_at is not None:
            return self.account.retry_at
        return self._account_at + self._account_interval

    def _next(self, lock: TrackedLock) -> float:
        return min(self._read_next(lock), lock.tracker.next_change, _lost_next(lock.contact))

    def _read_next(self, lock: TrackedLock) -> float:
        if lock.is_reading:
            return inf
        retry_at = lock.contact.retry_at
        if retry_at is None:
            return lock.tracker.next_read
        # A command is looked after, whether reads were answered before or not.
        return min(retry_at, lock.tracker.next_read) if lock.tracker.is_commanded else retry_at

    @callback
    def _async_wake(self, _: datetime) -> None:
        self._timer, self._timer_at = None, inf
        now = helpers.monotonic()
        if now >= self._account_next:
            self._is_polling_account = True
            self._async_in_background(self._async_poll_account_now(), "account")
        for lock_id, lock in tuple(self._locks.items()):
            lock.tracker.advance(now)
            self._async_show(lock_id)
            if now < self._read_next(lock):
                continue
            is_due, retry_at = lock.tracker.take_due(now), lock.contact.retry_at
            if is_due or (retry_at is not None and now >= retry_at):
                lock.is_reading = True
                self._async_in_background(self._async_read_now(lock_id), "read")
        self._async_note_contact()
        self._async_schedule()

    @callback
    def _async_in_background(self, job: Coroutine[Any, Any, None], what: str) -> None:
        self._entry.async_create_background_task(self.hass, job, f"{DOMAIN} {what}")

    async def _async_poll_account_now(self) -> None:
        try:
            await self._async_ask_account()
        except self.api_error as err:
            self._async_read_failed(err)
        finally:
            self._is_polling_account = False
            self._async_note_contact()
            self._async_schedule()

    async def _async_read_now(self, lock_id: str) -> None:
        try:
            if lock_id in self._locks:
                await self._async_read_and_note(lock_id)
        except self.api_error as err:
            self._async_read_failed(err)
        finally:
            self._async_note_contact()
            self._async_schedule()

    @callback
    def _async_read_failed(self, err: Exception) -> None:
        LOGGER.debug("%s: not read: %s", self.name, err)
        if self._failure(err).remedy is Remedy.REAUTH:
            self._entry.async_start_reauth(self.hass)

    @callback
    def _async_note_contact(self) -> None:
        """Log once that something is out of reach, and once that all is back; tell entities."""
        now = helpers.monotonic()
        contacts = (self.account, *(lock.contact for lock in self._locks.values()))
        was_reported = any(contact.is_reported for contact in contacts)
        for contact in contacts:
            contact.is_reported = contact.is_lost(now)
        is_reported = any(contact.is_reported for contact in contacts)
        if is_reported and not was_reported:
            LOGGER.warning("%s cannot be reached", self.name)
        elif was_reported and not is_reported:
            LOGGER.info("%s can be reached again", self.name)
        self._async_tell_reach()

    @callback
    def _async_tell_reach(self) -> None:
        """Tell the entities of what can be reached again, or not any more."""
        hubs = () if self.data.hub is None else (self.data.hub.id,)
        for device_id in (*self._locks, *hubs):
            reach = self._reach_of(device_id)
            if reach != self._told_reach.get(device_id):
                self._told_reach[device_id] = reach
                self._told.async_tell(device_id, (), has_turned=True)

    def _reach_of(self, device_id: str) -> object:
        if device_id in self._locks:
            return self.is_answering(device_id), self.is_commandable(device_id)
        return self.is_account_answering

    # What is learnt.

    @callback
    def async_evidence(
        self,
        lock_id: str,
        state: LockState,
        *,
        source: Source,
        asked_at: float,
        stamp: int = 0,
        age: float = 0.0,
        cause: Cause | None = None,
        has_news: bool = False,
        **changes: Any,
    ) -> Verdict:
        """Record what was said of a lock; `changes` are other fields of its snapshot.

        `asked_at` is in monotonic seconds. `cause` is who moved it and how, if that is
        known; `has_news` says that something was counted there, whatever it was.
        """
        lock = self._locks.get(lock_id)
        if lock is None:
            return Verdict.IGNORED
        was_commanded = lock.tracker.is_commanded
        verdict = lock.tracker.evidence(
            state,
            source=source,
            asked_at=asked_at,
            now=helpers.monotonic(),
            stamp=stamp,
            age=age,
        )
        if was_commanded and verdict is Verdict.IGNORED:
            lock.untold.append((state, cause))
        outcome = lock.tracker.outcome if was_commanded else None
        is_ours, has_returned = outcome is Outcome.CONFIRMED, False
        has_called = source is Source.PUSH and verdict is not Verdict.HINT
        if has_called or (is_ours and source is Source.READ):
            # The device has said something itself, whatever became of reads.
            has_returned = lock.contact.failed_since is not None
            lock.contact.answered()
        told, before, event = cause, lock.position, None
        if verdict is Verdict.ACCEPTED:
            cause = cause or (Cause(method=Method.REMOTE, who=OURSELVES) if is_ours else None)
            event = self._event(lock_id, lock, state, cause, has_news=has_news and not is_ours)
        if event is not None:
            self._async_happened(lock, event, is_end=outcome is not None, **changes)
        else:
            context = _context_of_no_event(lock, before, told)
            if has_moved(lock.last_position, lock.position):
                # Not by whoever used it last; who it was may be told later, or never.
                changes["changed_by"] = None
            self._async_show(lock_id, context, **changes)
        lock.last_position = lock.position or lock.last_position
        if has_returned:
            self._async_note_contact()
        self._async_schedule(lock)
        return verdict

    @callback
    def async_happened(self, event: LockEvent) -> None:
        """Record what was told of a lock whose state is known already."""
        lock = self._locks.get(event.lock_id)
        if lock is not None:
            self._async_happened(lock, event)

    @callback
    def _async_happened(
        self, lock: TrackedLock, event: LockEvent, *, is_end: bool = False, **changes: Any
    ) -> None:
        """Show what happened at a lock, and tell of it: with the context of who did it."""
        event = self._completed(event)
        has_returned = lock.is_reading and not self.is_commandable(event.lock_id)
        if has_returned:
            # Else what happened would be told of a lock that is still unavailable.
            lock.contact.answered()
        context = lock.contexts.of_event(event, is_end=is_end)
        if context is None:
            context = lock.contexts.of_others_event()
            self.async_announce(event, context)
        if event.is_somebodys:
            changes["changed_by"] = helpers.name_of(
                self.hass, event.who, event.key, is_verified=event.is_verified
            )
        self._async_show(event.lock_id, context, **changes)
        self.async_report(event, context)
        if has_returned:
            self._async_note_contact()

    def _event(
        self,
        lock_id: str,
        lock: TrackedLock,
        state: LockState,
        cause: Cause | None,
        *,
        has_news: bool,
    ) -> LockEvent | None:
        before = lock.position
        if state.is_moving or state is LockState.UNKNOWN:
            return None
        lock.position = state
        return event_of_change(lock_id, before, state, cause, has_news=has_news)

    @callback
    def async_update(self, lock_id: str, **changes: Any) -> None:
        """Change fields of a lock's snapshot that say nothing of its bolt."""
        if lock_id in self._locks:
            self._async_show(lock_id, **changes)

    @callback
    def async_away(
        self,
        lock_id: str,
        *,
        source: Source = Source.READ,
        asked_at: float | None = None,
        **changes: Any,
    ) -> None:
        """Record that a lock is out of reach: what changes meanwhile has no known moment."""
        lock = self._locks.get(lock_id)
        if lock is not None:
            lock.position = None
            self.async_evidence(
                lock_id,
                LockState.UNKNOWN,
                source=source,
                asked_at=helpers.monotonic() if asked_at is None else asked_at,
                **{"online": False, **changes},
            )

    @callback
    def async_hint(self, lock_id: str | None = None, *, is_verified: bool = False) -> None:
        """Plan reads for a reason to look at a lock, or at all of them, that proves nothing."""
        now = helpers.monotonic()
        for one, lock in self._locks.items():
            if lock_id in (None, one):
                lock.tracker.hint(now, is_verified=is_verified)
        self._async_schedule()

    @callback
    def async_renew(self, lock_id: str, asked_at: float) -> None:
        """Record that a lock's reliable change sign has not changed since it was read."""
        if lock_id in self._locks:
            self._locks[lock_id].tracker.renew(asked_at, helpers.monotonic())
            self._async_show(lock_id)

    def context_of(self, lock_id: str) -> Context | None:
        """Return the context of what a lock shows now; None if nobody's command caused it."""
        lock = self._locks.get(lock_id)
        return None if lock is None else lock.contexts.current or lock.contexts.of_command

    @callback
    def _async_show(self, lock_id: str, context: Context | None = None, **changes: Any) -> None:
        """Publish what the tracker says of a lock, and end the command that it has ended."""
        lock = self._locks.get(lock_id)
        if lock is None:
            # Removed while something was under way.
            return
        lock.contexts.current = context
        self._async_change(lock_id, state=lock.tracker.state, **changes)
        lock.contexts.current = None
        self.memory.changed_by[lock_id] = self.data.locks[lock_id].changed_by
        if not lock.tracker.is_commanded:
            lock.contexts.ended()
        outcome, ended = lock.outcome, lock.tracker.outcome
        if outcome is not None and ended is not None and not outcome.done():
            outcome.set_result(ended)

    # Whom it concerns.

    @callback
    def _async_change(self, lock_id: str, **changes: Any) -> None:
        known = self.data.locks[lock_id]
        changed = {name for name, value in changes.items() if getattr(known, name) != value}
        if changed:
            self.data = self.data.with_lock(lock_id, **changes)
            self._async_tell(lock_id, changed)

    @callback
    def async_publish(self, data: Snapshot) -> None:
        """Tell the listeners of what has changed, if anything has."""
        before, self.data = self.data, data
        for device_id, changed in data.changes(before).items():
            self._async_tell(device_id, changed)

    @callback
    def _async_tell(self, device_id: str, changed: Collection[str]) -> None:
        if self._told_reach.get(device_id) != self._reach_of(device_id):
            # These are about to show it, and the others must, after what has happened.
            self._told_reach.pop(device_id, None)
        self._told.async_tell(device_id, changed)

    @callback
    @override
    def async_add_listener(
        self, update_callback: CALLBACK_TYPE, context: Any = None
    ) -> CALLBACK_TYPE:
        """Be told of changes: of some fields of a device (an Interest), or of everything."""
        interest = context if isinstance(context, Interest) else Interest()
        forget = self._told.async_add(update_callback, interest)
        remove = super().async_add_listener(update_callback, context)

        def undo() -> None:
            forget()
            remove()

        return undo


def _lost_next(contact: Contact) -> float:
    """Return when it is to be told that a contact is lost; infinity if it was."""
    return inf if contact.is_reported else contact.lost_at


@callback
def async_forget_entry(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Forget what outlives a reload, when an entry is removed."""
    hass.data.get(_MEMORIES, {}).pop(entry.entry_id, None)


def _context_of_no_event(
    lock: TrackedLock, before: LockState | None, cause: Cause | None
) -> Context | None:
    """Return the context of a change that is no event; None if it is that of the command."""
    if falls_back(before, lock.position):
        # A part of the opening.
        return lock.contexts.of_consequence()
    if lock.position is not before:
        lock.contexts.forget_event()
    is_others = cause is not None and cause.is_others
    return Context() if is_others else None


def _refreshed(known: LockSnapshot, lock: LockSnapshot) -> LockSnapshot:
    """Return a known lock with what a person or the account may have changed."""
    return replace(
        known,
        name=lock.name,
        model=lock.model or known.model,
        serial=lock.serial,
        subentry_id=lock.subentry_id,
        features=lock.features,
        actions=lock.actions,
        activities=lock.activities,
    )


def message_of(failure: Failure) -> dict[str, Any]:
    """Return the message of a failure, as Home Assistant's errors take it."""
    return {
        "translation_domain": DOMAIN,
        "translation_key": failure.key,
        "translation_placeholders": dict(failure.placeholders) or None,
    }
