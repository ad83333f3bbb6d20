"""One gateway: its list is asked for often, its locks seldom, and commands are seen to end."""

from contextlib import suppress
from math import inf
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import CONF_CODE, CONF_HOST
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ... import helpers
from ...commands import WAITS_AT_MOST, WAITS_AT_MOST_OTHERWISE
from ...coordinator import OnSend, SmartLocksConfigEntry, SmartLocksCoordinator
from ...exceptions import CommandError, Remedy
from ...helpers import async_device_session, parse_address
from ...models import Action, LockEvent, LockSnapshot, LockState
from ...repairs import Fix
from ...state_tracker import Source, Timing, Verdict
from ...tracked_lock import Contact
from . import api
from .commands import GatewayCommands
from .const import (
    CONF_IDENTIFIER,
    CONF_POLL_SECONDS,
    DEFAULT_POLL_SECONDS,
    ISSUE_CLOCK,
    ISSUE_FROZEN,
    ISSUE_REFUSED,
    ISSUE_SHARE_GONE,
)
from .gateways import async_client
from .mapping import (
    ERRORS,
    STATES,
    TIMING_WITHOUT_SIGN,
    Listing,
    gateway_changes,
    gateway_snapshot,
    lock_snapshots,
    locker_changes,
    pause_after,
    status_changes,
    timing,
)

# What the gateway is doing: for people to see, before a lock is asked, while it synchronizes.
_STATUS_EVERY: Final = 60.0
_STATUS_FRESH: Final = 5.0
# A gateway that restarts is back within seconds, one that updates itself within minutes.
_FROZEN_AFTER: Final = 300.0
_CALIBRATION: Final = 15.0
# So long after a command a change of `last_log` is our own.
_OUR_OWN: Final = 60.0
# So long after a lock was found elsewhere the list may still count it.
_COUNTED_WITHIN: Final = 120.0

_POSITIONS: Final = {LockState.LOCKED, LockState.UNLOCKED}

# What must outlive a reload.
_SILENT_SINCE: Final = "silent_since"
_REFUSED: Final = "refused"
_UNCOUNTED: Final = "uncounted"
_OURS: Final = "ours"


class _NotAskedError(api.TheKeysBusyError):
    """The gateway is known to be busy, or has something else to do: nothing was asked."""


class TheKeysCoordinator(SmartLocksCoordinator):
    """The locks behind one gateway."""

    api_error = api.TheKeysError
    errors = ERRORS
    needs_account: ClassVar[bool] = True

    _commands: GatewayCommands

    def __init__(self, hass: HomeAssistant, entry: SmartLocksConfigEntry) -> None:
        """Read the entry; nothing is asked of the gateway yet."""
        super().__init__(hass, entry, TIMING_WITHOUT_SIGN)
        self._seconds = float(entry.options.get(CONF_POLL_SECONDS, DEFAULT_POLL_SECONDS))
        self._listings: dict[str, Listing] = {}
        self._listed_at = -inf
        self._signed_reads = 0
        self.async_set_hub(gateway_snapshot(entry))
        self.async_set_locks(lock_snapshots(entry))
        # A lock may have been removed while the entry was not loaded.
        self._async_tell_refused()

    @override
    async def _async_setup(self) -> None:
        entry = self.config_entry
        url = parse_address(entry.data[CONF_HOST])
        session = async_device_session(self.hass, entry)
        self._commands = GatewayCommands(self.hass, await async_client(self.hass, url, session))

    # The locks.

    @override
    def _entry_locks(self) -> list[LockSnapshot]:
        return list(lock_snapshots(self.config_entry))

    @callback
    @override
    def async_entry_changed(self) -> None:
        super().async_entry_changed()
        for lock_id in self._listings.keys() - self.data.locks.keys():
            del self._listings[lock_id]
            self._uncounted.discard(lock_id)
            self._ours_until.pop(lock_id, None)
            self._async_note_accepted(lock_id)

    def _listing(self, lock_id: str) -> Listing:
        return self._listings.setdefault(lock_id, Listing())

    @override
    def _timing_of(self, lock_id: str) -> Timing:
        if lock_id in self._uncounted:
            return TIMING_WITHOUT_SIGN
        return timing(self._listing(lock_id), self._seconds)

    @property
    def _uncounted(self) -> set[str]:
        """Locks that were seen to move without a change of `last_log`; outlives a reload."""
        uncounted: set[str] = self.memory.vendor.setdefault(_UNCOUNTED, set())
        return uncounted

    @property
    def _ours_until(self) -> dict[str, float]:
        """Until when a change of `last_log` may come from a command; outlives a reload."""
        ours: dict[str, float] = self.memory.vendor.setdefault(_OURS, {})
        return ours

    def _key(self, lock_id: str) -> tuple[int, str]:
        """Return the identifier of a lock, and its code as it is now."""
        lock = self.data.locks.get(lock_id)
        subentry = self.config_entry.subentries.get((lock and lock.subentry_id) or "")
        if subentry is None:
            # Removed while something waited for the gateway.
            raise CommandError("command_removed", Remedy.RETRY)
        return subentry.data[CONF_IDENTIFIER], subentry.data[CONF_CODE]

    # The gateway.

    @property
    @override
    def _account_interval(self) -> float:
        is_waited_for = self.config_entry.state is ConfigEntryState.LOADED and (
            self._commands.is_synchronizing
        )
        return min(self._seconds, _STATUS_FRESH) if is_waited_for else self._seconds

    @override
    async def _async_poll_account(self) -> None:
        """Ask for the list, and now and then for what the gateway is doing."""
        is_due = helpers.monotonic() - self._listed_at >= self._seconds - 1
        if is_due or not self._commands.is_synchronizing:
            await self._async_poll_list()
        await self._async_check_status(_STATUS_EVERY)

    async def _async_check_status(self, max_age: float) -> None:
        if self._commands.is_synchronizing:
            max_age = min(max_age, _STATUS_FRESH - 1)
        await self._commands.async_check_status(max_age)
        self.async_publish(self.data.with_hub(**gateway_changes(self._commands.status)))

    async def _async_poll_list(self) -> None:
        asked_at = helpers.monotonic()
        try:
            lockers = await self._commands.async_list()
            if self._is_missed(lockers):
                # That this fails says nothing of the locks that were listed.
                with suppress(api.TheKeysError):
                    lockers |= await self._commands.async_list()
        except api.TheKeysConnectionError:
            self._async_note_silence()
            raise
        except api.TheKeysError:
            self._async_note_answer()
            raise
        self._async_note_answer()
        self._listed_at = asked_at
        for lock_id in tuple(self._locks):
            self._async_take_listed(lock_id, lockers.get(int(lock_id)), asked_at)

    def _is_missed(self, lockers: dict[int, api.Locker]) -> bool:
        """Return whether a lock is missing that was not known to be away."""
        return any(
            int(lock_id) not in lockers and not self._listing(lock_id).is_missing
            for lock_id in self._locks
        )

    @callback
    def _async_take_listed(self, lock_id: str, locker: api.Locker | None, asked_at: float) -> None:
        listing = self._listing(lock_id)
        if locker is None:
            listing.missed += 1
            if listing.is_missing:
                self.async_away(lock_id)
            return
        is_back, listing.missed = listing.is_missing, 0
        self._async_take_last_log(lock_id, locker)
        if is_back:
            self._async_read_soon(lock_id)
        elif locker.last_log is not None and locker.last_log != listing.read_log:
            if self._locks[lock_id].tracker.state is LockState.LOCKED:
                # Not only when reads that failed before are tried again.
                self._async_read_soon(lock_id)
            else:
                self.async_hint(lock_id)
        elif self._timing_of(lock_id).sign is not None and self._is_heard(lock_id):
            self.async_renew(lock_id, asked_at)

    def _is_heard(self, lock_id: str) -> bool:
        """Return whether the list can be up to date: the gateway listens, and reads succeed."""
        return not self._commands.is_synchronizing and self._locks[lock_id].contact.retry_at is None

    @callback
    def _async_take_last_log(self, lock_id: str, locker: api.Locker) -> None:
        listing, now = self._listing(lock_id), helpers.monotonic()
        listing.last_log = locker.last_log
        if now < self._ours_until.get(lock_id, -inf):
            listing.our_log = locker.last_log
        if locker.last_log != listing.read_log:
            listing.uncounted_at = None
        elif listing.uncounted_at is not None:
            if self._commands.is_synchronizing:
                listing.uncounted_at = now
            elif now > listing.uncounted_at + _COUNTED_WITHIN:
                self._uncounted.add(lock_id)
        self._locks[lock_id].tracker.timing = self._timing_of(lock_id)
        self.async_update(lock_id, **locker_changes(locker))

    @callback
    def _async_note_silence(self) -> None:
        """Record that the gateway did not answer; this may go on while set-up is tried again."""
        since = self.memory.vendor.setdefault(_SILENT_SINCE, helpers.monotonic())
        if helpers.monotonic() - since < _FROZEN_AFTER:
            return
        self.async_create_issue(ISSUE_FROZEN, is_error=True, fix=Fix.RELOAD)

    @callback
    def _async_note_answer(self) -> None:
        self.memory.vendor.pop(_SILENT_SINCE, None)
        self.async_clear_issue(ISSUE_FROZEN)

    # Reading.

    @override
    async def _async_read(self, lock_id: str, *, is_urgent: bool = False) -> None:
        try:
            await self._async_ask_lock(lock_id, is_urgent=is_urgent)
        except api.TheKeysError as err:
            if lock_id in self._locks:
                self._async_note_failed_read(lock_id, err)
            raise
        except CommandError:
            # It was removed meanwhile.
            return

    async def _async_ask_lock(self, lock_id: str, *, is_urgent: bool) -> None:
        listing, is_commanded = self._listing(lock_id), self._locks[lock_id].tracker.is_commanded
        if listing.is_calibrating:
            raise api.TheKeysMovingError
        if not is_commanded:
            if listing.is_missing and not is_urgent:
                raise api.TheKeysNotDetectedError
            await self._async_check_status(_STATUS_FRESH)
            if self._commands.is_synchronizing:
                raise _NotAskedError
        if is_commanded or is_urgent or listing.last_log is None:
            await self._async_list_again(lock_id)
        # Listed before the lock is asked: what happens later is noticed later.
        log, asked_at = listing.last_log, helpers.monotonic()

        def on_send() -> None:
            nonlocal asked_at
            if listing.is_command_waiting:
                # What is read now would be taken for what the command has done.
                raise _NotAskedError
            asked_at = helpers.monotonic()

        identifier, code = self._key(lock_id)
        self._signed_reads += 1
        status = await self._commands.async_read(
            identifier, code, is_urgent=is_urgent or is_commanded, on_send=on_send
        )
        self._async_note_accepted(lock_id)
        if lock_id in self._locks:
            self._async_take_status(lock_id, status, log, asked_at)

    async def _async_list_again(self, lock_id: str) -> None:
        """Bring `last_log` up to date; that this fails says nothing of the lock."""
        with suppress(api.TheKeysError):
            locker = (await self._commands.async_list()).get(int(lock_id))
            if locker is not None and lock_id in self._locks:
                self._async_take_last_log(lock_id, locker)

    @callback
    def _async_take_status(
        self, lock_id: str, status: api.LockerStatus, log: int | None, asked_at: float
    ) -> None:
        listing = self._listing(lock_id)
        # The gateway may have synchronized for minutes after it told what was our own.
        has_news = listing.has_news(log) and log != listing.our_log
        if (
            self._timing_of(lock_id).sign is not None
            and log == listing.read_log
            and {self.data.locks[lock_id].state, STATES[status.state]} == _POSITIONS
        ):
            listing.uncounted_at = asked_at
        listing.hidden = 0
        listing.version = listing.version if status.version is None else status.version
        self._locks[lock_id].tracker.timing = self._timing_of(lock_id)
        verdict = self.async_evidence(
            lock_id,
            STATES[status.state],
            source=Source.READ,
            asked_at=asked_at,
            has_news=has_news,
            **status_changes(status),
        )
        if verdict is Verdict.ACCEPTED:
            # Only what is shown may be believed for longer because nothing was counted since.
            listing.read_log = log

    @callback
    def _async_note_failed_read(self, lock_id: str, err: api.TheKeysError) -> None:
        self._async_note_refused(lock_id, err)
        listing = self._listing(lock_id)
        if isinstance(err, api.TheKeysNotDetectedError):
            listing.hidden += 1
            if listing.is_hidden:
                self.async_away(lock_id)
        if listing.has_news(listing.last_log):
            # It has moved, and where to cannot be asked.
            self._async_forget_state(lock_id)

    @override
    def _note_failure(self, contact: Contact, err: Exception) -> None:
        """Ask a gateway that stays busy more and more seldom: it may be about to hang."""
        pauses = contact.pauses
        super()._note_failure(contact, err)
        if isinstance(err, _NotAskedError):
            # What was not asked tells nothing of how busy it is.
            contact.pauses = pauses
        elif isinstance(err, api.TheKeysBusyError):
            contact.retry_at = helpers.monotonic() + pause_after(contact.pauses)

    @callback
    @override
    def async_report(self, event: LockEvent, context: Context) -> None:
        self.async_update(event.lock_id, last_change=dt_util.utcnow())
        super().async_report(event, context)

    # Codes.

    @property
    def _refused(self) -> dict[str, str]:
        """Which locks refuse their codes, and the issue of each; outlives a reload."""
        refused: dict[str, str] = self.memory.vendor.setdefault(_REFUSED, {})
        return refused

    @callback
    def _async_note_refused(self, lock_id: str, err: api.TheKeysError) -> None:
        """Record that a request about a lock failed, although what helps was tried."""
        match err:
            case api.TheKeysClockError():
                self.async_create_issue(ISSUE_CLOCK, fix=Fix.RELOAD)
                return
            case api.TheKeysNotSharedError():
                self._refused[lock_id] = ISSUE_SHARE_GONE
            case api.TheKeysRefusedError():
                self._refused[lock_id] = ISSUE_REFUSED
            case _:
                return
        self.config_entry.async_start_reauth(self.hass)
        self._async_tell_refused()

    @callback
    def _async_note_accepted(self, lock_id: str) -> None:
        """Record that clock and code are right, or that the lock is gone."""
        self.async_clear_issue(ISSUE_CLOCK)
        if self._refused.pop(lock_id, None) is None:
            return
        self._async_tell_refused()
        if not self._refused:
            for flow in list(self.config_entry.async_get_active_flows(self.hass, {SOURCE_REAUTH})):
                self.hass.config_entries.flow.async_abort(flow["flow_id"])

    @callback
    def _async_tell_refused(self) -> None:
        for issue in (ISSUE_SHARE_GONE, ISSUE_REFUSED):
            names = [
                lock.name
                for lock_id, lock in self.data.locks.items()
                if self._refused.get(lock_id) == issue
            ]
            if names:
                self.async_create_issue(
                    issue, fix=Fix.REAUTH, is_error=True, locks=", ".join(names)
                )
            else:
                self.async_clear_issue(issue)

    # Commands.

    @override
    async def _async_send(self, lock_id: str, action: Action, on_send: OnSend) -> None:
        gateway, listing = self._commands.gateway, self._listing(lock_id)
        identifier, code = self._key(lock_id)
        send = gateway.close if action is Action.LOCK else gateway.open

        def sent() -> None:
            on_send()
            listing.is_command_waiting = False
            self._ours_until[lock_id] = helpers.monotonic() + _OUR_OWN

        async def ask() -> None:
            try:
                await send(identifier, code, on_send=sent)
            except api.TheKeysError as err:
                listing.is_command_waiting = not err.may_have_arrived
                raise

        try:
            patience = WAITS_AT_MOST.get(action, WAITS_AT_MOST_OTHERWISE)
            await self._commands.async_ask(identifier, ask, patience=patience)
        except api.TheKeysError as err:
            self._async_note_refused(lock_id, err)
            if lock_id in self._refused:
                # Another program's request may have come between: a read will tell.
                self._async_read_soon(lock_id)
            raise
        finally:
            listing.is_command_waiting = False
        self._async_note_accepted(lock_id)

    @override
    def _not_confirmed(self, lock_id: str, action: Action, doubt: Exception | None) -> CommandError:
        if doubt is None:
            return CommandError("the_keys_not_confirmed", Remedy.RETRY)
        if isinstance(doubt, api.TheKeysGatewayError):
            return CommandError(self._failure(doubt).key, Remedy.RETRY)
        return CommandError("the_keys_unanswered", Remedy.RETRY)

    @override
    async def _async_act(self, target: str, action: Action, on_send: OnSend) -> None:
        if action is Action.CALIBRATE:
            await self._async_calibrate(target, on_send)
        elif target in self._locks:
            identifier, _ = self._key(target)
            await self._commands.async_synchronize_lock(identifier, on_send=on_send)
            self._async_read_soon(target)
        else:
            until = helpers.monotonic() + WAITS_AT_MOST_OTHERWISE
            await self._commands.async_synchronize(until=until, on_send=on_send)
            with suppress(api.TheKeysError):
                await self._async_check_status(0.0)
            self._async_read_soon(*self._locks)

    async def _async_calibrate(self, lock_id: str, on_send: OnSend) -> None:
        """Let a lock find its end positions: it turns, and until it is read nothing is known."""
        gateway, listing = self._commands.gateway, self._listing(lock_id)
        identifier, code = self._key(lock_id)

        def sent() -> None:
            on_send()
            listing.is_calibrating = True
            self._async_forget_state(lock_id)

        try:
            await self._commands.async_ask(
                identifier,
                lambda: gateway.calibrate(identifier, code, on_send=sent),
                patience=WAITS_AT_MOST_OTHERWISE,
            )
            await self._async_pause(_CALIBRATION)
        except api.TheKeysError as err:
            self._async_note_refused(lock_id, err)
            if err.may_have_arrived:
                await self._async_pause(_CALIBRATION)
            raise
        finally:
            if listing.is_calibrating:
                listing.is_calibrating = False
                self._async_forget_state(lock_id)
                self._async_read_soon(lock_id)

    @callback
    def _async_forget_state(self, lock_id: str) -> None:
        self.async_evidence(
            lock_id, LockState.UNKNOWN, source=Source.READ, asked_at=helpers.monotonic()
        )

    @callback
    def _async_read_soon(self, *lock_ids: str) -> None:
        """Read locks for which something was done, also those that could not be read before."""
        for lock_id in self._locks.keys() & lock_ids:
            contact = self._locks[lock_id].contact
            if contact.retry_at is not None:
                contact.retry_at = helpers.monotonic()
            self.async_hint(lock_id)

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {
            "signed_reads": self._signed_reads,
            "refused": len(self._refused),
            "seconds_ahead": max(0, round(self._commands.gateway.timestamps.ahead)),
        }
