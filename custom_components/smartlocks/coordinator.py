"""The coordinator that every vendor fills in, and its variant for vendors that call us.

It sends commands and sees how they end, reports events and raises repair issues, and is
the only place that raises Home Assistant's errors for a vendor's.
"""

from abc import abstractmethod
import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final, Literal, NoReturn, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from . import helpers
from .codes import LockCodes
from .commands import PendingCommand, SendClock, TrackedCommand
from .const import DOMAIN
from .exceptions import CommandError, NotConfirmedError, PushNotVerifiedError, Remedy
from .models import (
    MOVEMENT,
    Action,
    CommandFailure,
    FailureReason,
    LockEvent,
    LockState,
    PushCall,
    Setting,
)
from .polling import PollingCoordinator, message_of
from .repairs import Fix, async_clear_issue, async_raise_issue, async_raised_issues
from .state_tracker import Outcome, Timing, Verdict
from .tracked_lock import TrackedLock

type SmartLocksConfigEntry = ConfigEntry[SmartLocksCoordinator]
type EventListener = Callable[[LockEvent, Context], None]
type FailureListener = Callable[[CommandFailure, Context | None], None]
type OnSend = Callable[[], None]


_FAILED: Final[Mapping[Outcome | None, FailureReason]] = {
    Outcome.JAMMED: FailureReason.JAMMED,
    Outcome.NOT_CONFIRMED: FailureReason.NOT_CONFIRMED,
}


class SmartLocksCoordinator(PollingCoordinator):
    """One config entry's locks: read, commanded, and never shown as locked in doubt.

    A vendor supplies its numbers (`Timing`), what its api's errors mean (`errors`), the
    locks (`async_set_locks`), and the primitives `_async_read`, `_async_send`,
    `_async_act` and, where an account or a gateway has a list of its own,
    `_async_poll_account`. What it learns it tells with `async_evidence`, `async_update`,
    `async_away` and `async_hint`.
    """

    config_entry: SmartLocksConfigEntry

    def __init__(self, hass: HomeAssistant, entry: SmartLocksConfigEntry, timing: Timing) -> None:
        """Prepare; nothing is asked of the vendor yet."""
        super().__init__(hass, entry, timing)
        self.hub_device_id: str | None = None
        self.codes = LockCodes(hass, entry)
        self._clock = SendClock()
        self._event_listeners: dict[str, set[EventListener]] = defaultdict(set)
        self._announcers: set[tuple[EventListener, FailureListener]] = set()
        # Those from before a reload stand until their causes are known to be gone.
        self._issues = async_raised_issues(hass, entry)
        self._acts: set[PendingCommand] = set()
        self._refreshes: dict[str, asyncio.Task[None]] = {}
        entry.async_on_unload(self._async_close)

    # What a vendor supplies.

    @abstractmethod
    async def _async_send(self, lock_id: str, action: Action, on_send: OnSend) -> Any:
        """Send a command once; returns what `_async_follow` wants to know of it.

        `on_send` is called immediately before each time it is signed and sent, and raises
        if it must not be any more. An error of the api tells by `may_have_arrived`
        whether it may be under way nevertheless; after a CommandError it is not.
        """

    async def _async_act(self, target: str, action: Action, on_send: OnSend) -> None:
        """Do what moves no bolt: press, synchronize, calibrate."""
        raise NotImplementedError(action)

    async def _async_follow(self, lock_id: str, action: Action, sent: Any) -> Outcome:
        """Wait until a command that was sent has ended; an api may tell by itself."""
        return await self._async_outcome(lock_id)

    async def _async_change_setting(self, lock_id: str, setting: Setting, *, is_on: bool) -> None:
        """Turn a setting of a lock on or off."""
        raise NotImplementedError(setting)

    def _not_confirmed(self, lock_id: str, action: Action, doubt: Exception | None) -> CommandError:
        """Return what a person is told of a command that nothing confirmed."""
        return CommandError("not_confirmed", Remedy.RETRY)

    async def async_receive_hint(self, call: PushCall) -> None:
        """Process a call that nothing proves, without waiting for I/O: it changes no state.

        PushNotVerifiedError or PushNotUnderstoodError where it is not taken.
        """
        raise PushNotVerifiedError

    @callback
    def async_announced(self, host: str) -> None:
        """Record that the device was announced at an address, by whomever."""

    def diagnostics(self) -> dict[str, Any]:
        """Tell what helps to find a fault, and no secret."""
        return {}

    # Commands.

    async def async_execute(
        self,
        target: str,
        action: Action,
        code: str | None = None,
        *,
        context: Context | None = None,
    ) -> None:
        """Do what a person asked for; HomeAssistantError with a message if it did not happen.

        Whatever changes because of it is written with `context`, to its end.
        """
        device = self.data.device(target)
        if device is None or action not in device.actions:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key=f"cannot_{action}"
            )
        await self.codes.async_check(target, action, code)
        try:
            if action is Action.REFRESH:
                await self._async_read_for_somebody(target)
            else:
                await self._async_command(target, action, context)
        except (self.api_error, CommandError) as err:
            self._raise_for_somebody(err)

    async def async_refresh_device(self, target: str) -> None:
        """Read a device once, however many of its entities ask for it at the same time.

        That it failed shows in the device.
        """
        if (task := self._refreshes.get(target)) is None:
            job = self.async_execute(target, Action.REFRESH)
            task = self.hass.async_create_task(job, f"{DOMAIN} refresh", eager_start=False)
            self._refreshes[target] = task
            task.add_done_callback(lambda _: self._refreshes.pop(target))
        # One that is not waited for any more leaves the others theirs.
        await asyncio.wait((task,))
        with suppress(HomeAssistantError):
            task.result()

    async def async_change_setting(self, lock_id: str, setting: Setting, *, is_on: bool) -> None:
        """Turn a setting on or off; HomeAssistantError with a message if that failed."""
        self.codes.check_setting(lock_id, setting, is_on=is_on)
        try:
            await self._async_change_setting(lock_id, setting, is_on=is_on)
        except (self.api_error, CommandError) as err:
            self._raise_for_somebody(err)

    def _raise_for_somebody(self, err: Exception) -> NoReturn:
        failure = self._failure(err)
        if failure.remedy is Remedy.REAUTH:
            self.config_entry.async_start_reauth(self.hass)
        raise HomeAssistantError(**message_of(failure)) from err

    async def _async_read_for_somebody(self, target: str) -> None:
        """Read one lock, or everything, for a person who waits."""
        locks = [target] if target in self._locks else list(self._locks)
        failure: Exception | None = None
        try:
            if target not in self._locks:
                try:
                    await self._async_ask_account()
                except self.api_error as err:
                    if self.needs_account:
                        raise
                    failure = err
                locks = list(self._locks)
            for lock_id in locks:
                try:
                    await self._async_read_and_note(lock_id, is_urgent=True)
                except self.api_error as err:
                    # The others are read nevertheless.
                    failure = failure or err
            if failure is not None:
                raise failure
        finally:
            self._async_note_contact()
            self._async_schedule()

    async def _async_command(self, target: str, action: Action, context: Context | None) -> None:
        """Carry out a command, and tell if it has failed."""
        pending = PendingCommand(self.hass, action, self._clock, context)
        try:
            await self._async_carry_out(target, pending)
        except (self.api_error, CommandError) as err:
            if target in self._locks and pending.is_act:
                self._async_command_failed(target, pending, err)
            raise
        except asyncio.CancelledError:
            lock = self._locks.get(target)
            if lock is not None and pending.is_sent and lock.tracker.is_commanded:
                lock.abandoned = pending
            raise

    @callback
    def _async_command_failed(
        self, lock_id: str, pending: PendingCommand, err: Exception | None = None
    ) -> None:
        is_open = isinstance(err, NotConfirmedError)
        reason = FailureReason.NOT_CONFIRMED if is_open else FailureReason.FAILED
        failure = CommandFailure(
            lock_id=lock_id, action=pending.action, reason=pending.reason or reason
        )
        for _, failed in tuple(self._announcers):
            failed(failure, pending.context)

    @callback
    @override
    def _async_show(self, lock_id: str, context: Context | None = None, **changes: Any) -> None:
        """Show a lock, and tell if a command has failed that nobody waits for."""
        super()._async_show(lock_id, context, **changes)
        lock = self._locks.get(lock_id)
        if lock is None or lock.abandoned is None or lock.tracker.is_commanded:
            return
        pending, lock.abandoned = lock.abandoned, None
        pending.reason = _FAILED.get(lock.tracker.outcome)
        if pending.reason is not None:
            self._async_command_failed(lock_id, pending)

    async def _async_carry_out(self, target: str, pending: PendingCommand) -> None:
        """Wait for the turn of a command, at most so long, and send it."""
        action = pending.action
        if self._is_closed:
            pending.async_fail("command_removed")
        lock = self._locks.get(target)
        if lock is not None and action in MOVEMENT:
            if lock.pending is not None:
                lock.pending.async_fail("command_replaced")
            lock.pending = pending
            job = self._async_move(target, lock, pending)
        else:
            self._acts.add(pending)
            pending.async_wait()
            job = self._async_act(target, action, partial(self._async_take_turn, target, pending))
        task = self.hass.async_create_task(job, f"{DOMAIN} command", eager_start=False)
        pending.give_up = task.cancel
        try:
            await task
        except asyncio.CancelledError:
            if pending.error is None:
                raise
            raise pending.error from None
        finally:
            pending.async_done()
            self._acts.discard(pending)
            if lock is not None and lock.pending is pending:
                lock.pending = None
            if lock is not None and not lock.tracker.is_commanded:
                lock.contexts.ended()

    @callback
    def _async_take_turn(self, target: str, pending: PendingCommand) -> None:
        """Let a command be sent; CommandError if it must not be any more."""
        if self._is_closed or self.data.device(target) is None:
            # Also one that was refused explicitly before and is tried again.
            raise CommandError("command_removed", Remedy.RETRY)
        pending.async_send()
        if target in self._locks and pending.is_act:
            self._locks[target].contexts.sent(pending.context)

    async def _async_move(self, lock_id: str, lock: TrackedLock, pending: PendingCommand) -> None:
        async with lock.turn:
            # Only now: what it waited for until here was another command.
            pending.async_wait()
            tracked = TrackedCommand(lock.tracker)
            try:
                sent, doubt = await self._async_send_once(lock_id, lock, pending, tracked)
                outcome = await self._async_see_end(lock_id, pending.action, sent, tracked)
            finally:
                lock.outcome = None
        pending.reason = _FAILED.get(outcome)
        if outcome is Outcome.JAMMED:
            raise CommandError("lock_jammed")
        if outcome is Outcome.NOT_CONFIRMED:
            raise self._not_confirmed(lock_id, pending.action, doubt) from doubt

    async def _async_send_once(
        self, lock_id: str, lock: TrackedLock, pending: PendingCommand, tracked: TrackedCommand
    ) -> tuple[Any, Exception | None]:
        """Send a command; returns what was answered, and why it may not have arrived."""

        def on_send() -> None:
            # An attempt before was not received: what happened since is told before this.
            self._async_withdraw(lock_id, lock, tracked)
            self._async_take_turn(lock_id, pending)
            if lock.pending is pending:
                lock.pending = None
            lock.abandoned = None
            tracked.started(pending.action)
            # Not before: until here the tracker tells how the last command has ended.
            lock.outcome = self.hass.loop.create_future()
            # It may end with an error before anybody waits for it.
            lock.outcome.add_done_callback(lambda end: end.cancelled() or end.exception())
            # What is sent need not wait until it is shown.
            self.hass.loop.call_soon(self._async_show, lock_id)

        self._clock.begin()
        doubt: Exception | None = None
        sent: Any = None
        try:
            sent = await self._async_send(lock_id, pending.action, on_send)
        except (self.api_error, CommandError) as err:
            # A CommandError: too late, or not wanted any more, after an explicit refusal.
            is_proven = isinstance(err, CommandError) or not pending.is_sent
            if is_proven or not getattr(err, "may_have_arrived", True):
                self._async_withdraw(lock_id, lock, tracked)
                raise
            doubt = err
        finally:
            # Whoever waited may be gone: whether it arrived is not known then.
            self._clock.end()
            tracked.sent()
            self._follower.async_told(lock_id)
        return sent, doubt

    @callback
    def _async_withdraw(self, lock_id: str, lock: TrackedLock, tracked: TrackedCommand) -> None:
        """Record that a command was never received, and tell what happened meanwhile."""
        was_under_way, untold = lock.tracker.is_commanded, lock.untold
        lock.untold = []
        tracked.withdrawn()
        if not was_under_way or lock.tracker.is_commanded or lock_id not in self._locks:
            return
        for state, cause in untold:
            if state is not lock.tracker.state:
                continue
            event = self._event(lock_id, lock, state, cause, has_news=False)
            if event is not None:
                self._async_happened(lock, event)
        lock.last_position = lock.position or lock.last_position

    async def _async_see_end(
        self, lock_id: str, action: Action, sent: Any, tracked: TrackedCommand
    ) -> Outcome:
        try:
            return await self._async_follow(lock_id, action, sent)
        except self.api_error, CommandError:
            tracked.failed()
            self._follower.async_told(lock_id)
            raise

    @property
    def _follower(self) -> SmartLocksCoordinator:
        """Return who follows the trackers now: another, once the entry was reloaded."""
        # What a failed set-up has left there follows nothing.
        return getattr(self.config_entry, "runtime_data", self) if self._is_closed else self

    @callback
    @override
    def async_evidence(self, lock_id: str, state: LockState, **told: Any) -> Verdict:
        """Record what was said of a lock, also to one whose entry was reloaded meanwhile."""
        follower = self._follower
        if follower is self:
            return super().async_evidence(lock_id, state, **told)
        # The tracker would know it, and nobody would show it.
        return follower.async_evidence(lock_id, state, **told)

    @callback
    def async_told(self, lock_id: str) -> None:
        """Show what the tracker of a lock was told of a command, and read when it says so."""
        self._async_show(lock_id)
        self._async_schedule()

    async def _async_outcome(self, lock_id: str) -> Outcome:
        """Wait for the tracker to say how the command of a lock has ended."""
        lock = self._locks.get(lock_id)
        if lock is None or lock.outcome is None:
            # Removed meanwhile.
            raise NotConfirmedError("not_confirmed", Remedy.RETRY)
        if lock.outcome.done():
            # What the tracker says may be of a later command, after a reload.
            return lock.outcome.result()
        if lock.tracker.outcome is None and not lock.tracker.is_commanded:
            return Outcome.NOT_CONFIRMED
        return lock.tracker.outcome or await lock.outcome

    async def _async_pause(self, seconds: float) -> None:
        """Wait, by Home Assistant's clock; given up when the caller is."""
        await helpers.async_pause(self.hass, seconds)

    @callback
    def _async_close(self) -> None:
        """Send nothing any more: what waits fails."""
        self._is_closed = True
        self._async_cancel_timer()
        for pending in tuple(self._acts):
            pending.async_fail("command_removed")
        for lock in self._locks.values():
            if lock.pending is not None:
                lock.pending.async_fail("command_removed")
            if lock.outcome is not None and not lock.outcome.done():
                lock.outcome.set_exception(NotConfirmedError("not_confirmed", Remedy.RETRY))

    # Events.

    @callback
    def async_subscribe_events(self, lock_id: str, listener: EventListener) -> CALLBACK_TYPE:
        """Be told what happens at a lock; returns the undo."""
        self._event_listeners[lock_id].add(listener)
        return lambda: self._event_listeners[lock_id].discard(listener)

    @callback
    def async_subscribe_all(
        self, happened: EventListener, failed: FailureListener
    ) -> CALLBACK_TYPE:
        """Be told what others do at the locks, before it is shown, and of commands that fail."""
        announcer = (happened, failed)
        self._announcers.add(announcer)
        return lambda: self._announcers.discard(announcer)

    @callback
    @override
    def async_announce(self, event: LockEvent, context: Context) -> None:
        for happened, _ in tuple(self._announcers):
            happened(event, context)

    @callback
    @override
    def async_report(self, event: LockEvent, context: Context) -> None:
        for listener in tuple(self._event_listeners[event.lock_id]):
            listener(event, context)

    # Repair issues.

    @callback
    def async_create_issue(
        self, key: str, *, fix: Fix | None = None, is_error: bool = False, **placeholders: str
    ) -> None:
        """Raise a repair issue, or bring its text up to date; `key` names its translation."""
        self._issues.add(key)
        async_raise_issue(
            self.hass,
            self.config_entry,
            translation_key=key,
            placeholders=placeholders,
            fix=fix,
            is_error=is_error,
        )

    @callback
    def async_clear_issue(self, *keys: str) -> None:
        """Take repair issues back."""
        if self._issues:
            async_clear_issue(self.hass, self.config_entry, *self._issues.intersection(keys))
            self._issues.difference_update(keys)


@dataclass(frozen=True, kw_only=True, slots=True)
class PushPolicy:
    """How a vendor may call us: which methods, and from where.

    Where calls are `is_optional`, having no address of our own is nothing amiss.
    """

    methods: tuple[Literal["POST", "GET"], ...]
    origin: Literal["local", "internet"]
    is_optional: bool = False


class PushCoordinator(SmartLocksCoordinator):
    """A coordinator whose vendor can call us when something happens."""

    push_policy: ClassVar[PushPolicy]

    @property
    def is_push_working(self) -> bool | None:
        """Whether calls are known to come; None while that is not known."""
        return None

    @abstractmethod
    async def async_subscribe(self, url: str) -> None:
        """See to it that the vendor calls this address, and no older one of ours.

        May be called again and again. Errors are the coordinator's to tell and to mend
        later: this raises nothing.
        """

    @abstractmethod
    async def async_unsubscribe(self) -> None:
        """Take our address from the vendor where it can be reached; raises nothing."""

    @abstractmethod
    async def async_receive(self, call: PushCall) -> None:
        """Process a call, without waiting for I/O.

        PushNotVerifiedError or PushNotUnderstoodError where it is not taken.
        """
