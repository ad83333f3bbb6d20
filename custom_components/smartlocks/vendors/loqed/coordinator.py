"""A LOQED lock: its bridge calls us, is read for what the calls miss, and is commanded."""

from dataclasses import replace
from datetime import datetime
from math import inf
from typing import Any, Final, override

from aiohttp import ClientSession
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_WEBHOOK_ID
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.update_coordinator import UpdateFailed
from homeassistant.util import dt as dt_util

from ... import helpers
from ...const import CONF_IDS, CONF_WEBHOOK_URL, LOGGER
from ...coordinator import OnSend, PushCoordinator, PushPolicy, SmartLocksConfigEntry
from ...exceptions import CommandError, PushNotUnderstoodError, PushNotVerifiedError, Remedy
from ...models import (
    OURSELVES,
    Action,
    Cause,
    LockEvent,
    LockState,
    PushCall,
    Snapshot,
    Via,
)
from ...repairs import Fix
from ...request_queue import RequestQueue
from ...state_tracker import Outcome, Source, Verdict
from ...tracked_lock import UNAVAILABLE_AFTER
from ..push import WINDOW, PushHealth
from . import api
from .account import Purpose
from .const import (
    CONF_BRIDGE_KEY,
    CONF_CLOUD_COMMANDS,
    CONF_HOST_IS_TYPED,
    CONF_KEY_ID,
    CONF_KEY_SECRET,
    CONF_LEARNT_NAMES,
    CONF_UNSIGNED_DETAILS,
    CONF_WEB_KEY_ID,
    CONF_WINDOW,
    DEFAULT_WINDOW,
    ISSUE_BRIDGE_FULL,
    ISSUE_CLOCK,
    ISSUE_PUSH_MISSING,
    ISSUE_PUSH_UNSIGNED,
)
from .discovery import (
    async_announced_hosts,
    async_ask_about_move,
    async_clear_move,
    async_note_announcement,
    is_at,
)
from .mapping import (
    COMMANDS,
    POSITIONS,
    TIMING,
    TIMING_DEGRADED,
    hub_snapshot,
    is_end_of,
    key_names,
    lock_snapshot,
    push_changes,
    push_state,
    status_changes,
)
from .web import CloudCommand, WebApiCoordinator
from .webhook import Calls, Registration

# After one change that no push told of, reads are frequent for so long; after a second
# one until a push comes.
_DEGRADED_BY_ONE: Final = 3600.0
# A call that is later than a wrong time zone makes it may be a recording, in seconds.
_OLD_RECORDING: Final = 86_400.0
# What must outlive a reload.
_CLOCK_OFFSET: Final = "clock_offset"
_UNNAMED_KEY: Final = "unnamed_key"


class LoqedCoordinator(WebApiCoordinator, PushCoordinator):
    """One bridge and the lock behind it.

    The state is what the bridge says. The web API, if it is used, adds settings and names,
    and carries a command that provably did not reach the bridge; nothing waits for it.
    """

    push_policy = PushPolicy(methods=("POST",), origin="local")

    def __init__(self, hass: HomeAssistant, entry: SmartLocksConfigEntry) -> None:
        """Read the entry; nothing is asked of the bridge yet."""
        self._window = float(entry.options.get(CONF_WINDOW, DEFAULT_WINDOW))
        self._timings = {
            is_degraded: replace(timing, push_quiet=self._window)
            for is_degraded, timing in ((False, TIMING), (True, TIMING_DEGRADED))
        }
        super().__init__(hass, entry, self._timings[True])
        data, vendor = entry.data, self.memory.vendor
        self._cloud_command: CloudCommand | None = None
        keys = api.Keys.parse(
            key_id=data[CONF_KEY_ID],
            key_secret=data[CONF_KEY_SECRET],
            bridge_key=data[CONF_BRIDGE_KEY],
        )
        session = helpers.make_device_session(hass)
        self._bridge = api.Bridge(
            session,
            helpers.parse_address(data[CONF_HOST]),
            keys,
            queue=RequestQueue(),
            now=helpers.unix_time,
        )
        self._registration = Registration(
            self._bridge, data[CONF_WEBHOOK_ID], last_url=data.get(CONF_WEBHOOK_URL)
        )
        entry.async_on_unload(lambda: self._async_close_session(session))
        self._health: PushHealth = vendor.setdefault("health", PushHealth())
        self._calls = Calls(
            keys.bridge_key,
            window=self._window,
            names=self._key_names(),
            uses_unsigned=bool(entry.options.get(CONF_UNSIGNED_DETAILS)),
            kept=vendor,
        )
        self._missed_at = -inf
        # When the last late call came, and by how much it was late.
        self._late: tuple[float, float] | None = None
        self._check: CALLBACK_TYPE | None = None
        self._status: api.BridgeStatus | None = None
        self._status_offset: float | None = None
        self._is_another_there = False
        self._online_pushed: tuple[float, bool] | None = None
        lock = lock_snapshot(entry)
        self._lock_id = lock.id
        self.async_set_hub(hub_snapshot(entry))
        self.async_set_locks([lock])
        entry.async_on_unload(self._async_cancel_check)

    async def _async_close_session(self, session: ClientSession) -> None:
        # Taking our webhook back, which has begun by now, still needs it.
        async with self._registration.turn:
            await session.close()

    # Reading.

    @override
    async def _async_update_data(self) -> Snapshot:
        try:
            return await super()._async_update_data()
        except UpdateFailed:
            is_first = self.config_entry.state is ConfigEntryState.SETUP_IN_PROGRESS
            if not is_first or not self._has_way_by_cloud:
                raise
            # What is not set up cannot be commanded by the other way, either.
            LOGGER.warning("%s cannot be reached", self.name)
            self._async_start()
            return self.data

    @override
    async def _async_read(self, lock_id: str, *, is_urgent: bool = False) -> None:
        asked_at = helpers.monotonic()
        try:
            status = await self._bridge.status(urgent=is_urgent)
            self._is_another_there = self._is_another(status)
            if self._is_another_there:
                # An address can become another's; its lock may be locked where ours is not.
                raise api.LoqedOtherBridgeError("another bridge")
        except api.LoqedError:
            await self._async_confirm_by_cloud(lock_id)
            if self.config_entry.state is not ConfigEntryState.LOADED:
                async_ask_about_move(self.hass, self.config_entry)
            raise
        now = helpers.monotonic()
        self._status, self._status_offset = status, status.clock_offset(helpers.unix_time())
        async_clear_move(self.hass, self.config_entry)
        self._registration.noticed(status.webhooks_number, now)
        if self._registration.is_due(now):
            self._async_in_background(self._async_register(), "webhook")
        self._async_choose_timing(may_relax=True)
        self._async_learn(status, asked_at, now)

    @callback
    def _async_learn(self, status: api.BridgeStatus, asked_at: float, now: float) -> None:
        """Take what the bridge says it last heard of the lock."""
        lock_id, snapshot = self._lock_id, self.data.locks[self._lock_id]
        is_online = self._is_online(status, now)
        changes = status_changes(status, snapshot, is_online=is_online, now=dt_util.utcnow())
        if not is_online:
            self.async_away(lock_id, source=Source.REPORT, asked_at=asked_at, **changes)
            return
        before, tracker = self._locks[lock_id].position, self._locks[lock_id].tracker
        state, source, cause = POSITIONS[status.position], Source.REPORT, None
        if state is not LockState.UNKNOWN:
            is_ours = tracker.is_commanded
            cause = None if is_ours else self._calls.unsigned_cause(state, now, before=before)
        elif tracker.state is not LockState.JAMMED and self._calls.is_stall_told(now):
            # Read, too: the lock does not know where its bolt is.
            state, source, cause = LockState.JAMMED, Source.READ, Cause(is_verified=False)
        verdict = self.async_evidence(
            lock_id, state, source=source, asked_at=asked_at, cause=cause, online=True, **changes
        )
        is_changed = before is not None and self._locks[lock_id].position is not before
        if verdict is Verdict.ACCEPTED and is_changed:
            self._async_found_change(now)

    def _is_online(self, status: api.BridgeStatus, now: float) -> bool:
        """Return whether the lock is in reach: a status may be behind a push that told."""
        if self._online_pushed is None or now - self._online_pushed[0] >= TIMING.lag:
            return status.lock_online
        if status.lock_online is self._online_pushed[1]:
            # It has caught up: from now on it is ahead.
            self._online_pushed = None
            return status.lock_online
        return self._online_pushed[1]

    # Whether pushes come.

    @callback
    def _async_found_change(self, now: float) -> None:
        """Record that a read found a change: a push about it should have come, or come soon."""
        if self._late is not None and now - self._late[0] <= TIMING.lag + WINDOW:
            # One did, and was late: a clock is wrong. A recording brings no change with it.
            self._async_clock_differs(self._late[1])
        self._health.changed(self._lock_id, now)
        self._async_cancel_check()
        self._check = async_call_later(
            self.hass,
            WINDOW + 1.0,
            HassJob(self._async_check_health, cancel_on_shutdown=True),
        )

    @callback
    def _async_check_health(self, _: datetime) -> None:
        self._check = None
        before = self._health.missed
        self._health.check(helpers.monotonic())
        if self._health.missed > before:
            self._missed_at = helpers.monotonic()
            is_known = not self._registration.is_registered or self._is_unsigned
            if before and not is_known:
                self.async_create_issue(ISSUE_PUSH_MISSING, fix=Fix.RELOAD)
        self._async_choose_timing()

    @callback
    def _async_cancel_check(self) -> None:
        if self._check is not None:
            self._check()
            self._check = None

    @property
    def _is_degraded(self) -> bool:
        """Whether pushes are not known to come. That none has come is no sign."""
        if not self._registration.is_registered:
            return True
        if self._health.is_working is not False:
            return False
        if self._is_unsigned:
            return True
        is_over = helpers.monotonic() - self._missed_at >= _DEGRADED_BY_ONE
        return self._health.missed != 1 or not is_over

    @property
    @override
    def is_push_working(self) -> bool | None:
        return self._health.is_working if self._registration.is_registered else False

    @property
    def _is_unsigned(self) -> bool:
        return ISSUE_PUSH_UNSIGNED in self._issues

    @callback
    def _async_choose_timing(self, *, may_relax: bool = False) -> None:
        """Read often while pushes are not known to come.

        Relaxed only by a read: what it finds is then believed for longer.
        """
        is_degraded = self._is_degraded
        if is_degraded or may_relax:
            self.async_set_timing(self._timings[is_degraded])
        self.async_update(self._lock_id, push_healthy=self.is_push_working)

    # Commands.

    @override
    async def _async_send(self, lock_id: str, action: Action, on_send: OnSend) -> None:
        self._cloud_command = None
        try:
            await self._bridge.command(COMMANDS[action], on_send=on_send)
        except api.LoqedConnectionError as err:
            # An answer, of whomever, is no proof that the bridge has not got it.
            if err.may_have_arrived or not self._has_way_by_cloud:
                raise
            await self._async_send_by_cloud(action, on_send, err)

    @property
    def _has_way_by_cloud(self) -> bool:
        is_wanted = bool(self.config_entry.options.get(CONF_CLOUD_COMMANDS))
        return is_wanted and self._web is not None and not self.is_token_refused

    async def _async_send_by_cloud(
        self, action: Action, on_send: OnSend, bridge_error: api.LoqedError
    ) -> None:
        """Send a command that nobody has received the other way."""
        on_send()
        self._cloud_command = CloudCommand(action=action, sent_at=helpers.monotonic())
        try:
            await self._async_command_web(action)
        except api.LoqedCloudConnectionError as err:
            if err.may_have_arrived:
                raise
            self._cloud_command = None
            raise bridge_error from err
        except api.LoqedError as err:
            if not err.may_have_arrived:
                self._cloud_command = None
            raise
        finally:
            if self._cloud_command is not None:
                self._cloud_command.sent_at = helpers.monotonic()

    async def _async_confirm_by_cloud(self, lock_id: str) -> None:
        """Look once in the cloud whether its command was carried out: the bridge is not there."""
        command, now = self._cloud_command, helpers.monotonic()
        if command is None or not command.is_due(now):
            return
        tracker = self._locks[lock_id].tracker
        if (under_way := tracker.command) is None:
            return
        command.was_read = True
        try:
            asked_at, lock = await self._async_read_web(Purpose.COMMAND, asked_after=now)
        except api.LoqedError as err:
            LOGGER.debug("%s: not confirmed by the web API: %s", self.name, err)
            return
        # Once the command has ended, the state is the bridge's alone.
        if lock.online and tracker.command is under_way:
            state = POSITIONS[lock.position]
            self.async_evidence(lock_id, state, source=Source.REPORT, asked_at=asked_at)

    @override
    async def _async_follow(self, lock_id: str, action: Action, sent: Any) -> Outcome:
        outcome = await super()._async_follow(lock_id, action, sent)
        if outcome is not Outcome.NOT_CONFIRMED:
            self._cloud_command = None
        return outcome

    @callback
    @override
    def _completed(self, event: LockEvent) -> LockEvent:
        command = self._cloud_command
        web_key: int | None = self.config_entry.data.get(CONF_WEB_KEY_ID)
        if command is not None and is_end_of(command.action, event, web_key=web_key):
            self._cloud_command = None
            event = replace(event, who=event.who or OURSELVES, via=Via.CLOUD)
        return event

    @override
    def is_commandable(self, lock_id: str) -> bool:
        return self.is_answering(lock_id) or self._has_way_by_cloud

    @override
    def _not_confirmed(self, lock_id: str, action: Action, doubt: Exception | None) -> CommandError:
        if self._cloud_command is not None:
            self._cloud_command = None
            key = "loqed_cloud_not_confirmed" if doubt is None else "loqed_cloud_no_answer"
            return CommandError(key, Remedy.RETRY)
        if self._is_another_there:
            return CommandError("loqed_other_bridge", Remedy.RETRY)
        if (offset := self._wrong_clock(self._clock_offset, self._status_offset)) is not None:
            return CommandError("loqed_clock", Remedy.RETRY, seconds=f"{offset:+.0f}")
        if doubt is not None:
            return CommandError("loqed_no_answer", Remedy.RETRY)
        status = self._status
        if status is not None and status.lock_online and status.position is api.Position.UNKNOWN:
            return CommandError("loqed_position_unknown", Remedy.RETRY)
        return CommandError("loqed_not_confirmed", Remedy.RETRY)

    # Our webhook.

    @override
    async def async_subscribe(self, url: str) -> None:
        self._registration.url = url
        await self._async_register()

    @override
    async def async_unsubscribe(self) -> None:
        try:
            await self._registration.remove()
        except api.LoqedError as err:
            LOGGER.debug("%s: webhook not removed: %s", self.name, err)

    async def _async_register(self) -> None:
        """Register our address; a failure is told, and tried again in some minutes."""
        url = self._registration.url
        if url is None or self._is_closed:
            return
        try:
            await self._registration.register(url, helpers.monotonic())
        except api.LoqedBridgeFullError:
            self.async_create_issue(ISSUE_BRIDGE_FULL, fix=Fix.RELOAD)
        except api.LoqedAuthError as err:
            # Another bridge at the address has other keys: there is nothing to renew.
            if not await self._async_is_another():
                self._async_refused(err)
        except api.LoqedError as err:
            LOGGER.debug("%s: webhook not registered: %s", self.name, err)
        else:
            self._async_registered(url)
        self._async_choose_timing()

    async def _async_is_another(self) -> bool:
        """Return whether another bridge answers now."""
        try:
            return self._is_another(await self._bridge.status())
        except api.LoqedError:
            return False

    def _is_another(self, status: api.BridgeStatus) -> bool:
        return bool(status.macs) and status.macs.isdisjoint(self.config_entry.data[CONF_IDS])

    @callback
    def _async_registered(self, url: str) -> None:
        entry = self.config_entry
        self.async_clear_issue(ISSUE_BRIDGE_FULL)
        if self._clock_offset is None:
            self.async_clear_issue(ISSUE_CLOCK)
        # The key is right; a clock was wrong when it was refused. A flow for a token stays.
        if not self.is_token_refused:
            for flow in tuple(entry.async_get_active_flows(self.hass, {SOURCE_REAUTH})):
                self.hass.config_entries.flow.async_abort(flow["flow_id"])
        if entry.data.get(CONF_WEBHOOK_URL) != url:
            data = {**entry.data, CONF_WEBHOOK_URL: url}
            self.hass.config_entries.async_update_entry(entry, data=data)

    @callback
    def _async_refused(self, err: api.LoqedAuthError) -> None:
        """Ask for new keys, unless it is known that a wrong clock is to blame."""
        offset = self._wrong_clock(err.clock_offset, self._status_offset, self._clock_offset)
        if offset is None:
            self.config_entry.async_start_reauth(self.hass)
        else:
            self.async_create_issue(ISSUE_CLOCK, seconds=f"{offset:+.0f}")

    @property
    def _clock_offset(self) -> float | None:
        """By how much a late call was wrong, until one comes in time; outlives a reload."""
        offset: float | None = self.memory.vendor.get(_CLOCK_OFFSET)
        return offset

    @_clock_offset.setter
    def _clock_offset(self, offset: float | None) -> None:
        self.memory.vendor[_CLOCK_OFFSET] = offset

    @staticmethod
    def _wrong_clock(*measured: float | None) -> float | None:
        """Return by how much the clocks differ, if it is more than a lock accepts."""
        far = (offset for offset in measured if offset is not None)
        return next((offset for offset in far if abs(offset) > api.COMMAND_LIFE), None)

    # Calls.

    @override
    async def async_receive(self, call: PushCall) -> None:
        try:
            push = self._calls.verify(call)
        except api.LoqedPushRepeatError:
            # A recording; or the same thing happened twice within a second.
            self.async_hint(self._lock_id, is_verified=True)
        except api.LoqedPushContentError as err:
            self.async_hint(self._lock_id, is_verified=True)
            raise PushNotUnderstoodError from err
        except api.LoqedPushUnsignedError as err:
            self._async_unsigned(call)
            raise PushNotVerifiedError from err
        except api.LoqedPushLateError as err:
            self._async_late(err)
            raise PushNotVerifiedError from err
        except api.LoqedPushError as err:
            raise PushNotVerifiedError from err
        else:
            # The bridge need not wait for what is done with it.
            self.hass.loop.call_soon(self._async_verified, push, call.peer)

    @callback
    def _async_unsigned(self, call: PushCall) -> None:
        if self._health.is_working is not True:
            # A bridge that signs does not stop; whoever calls without is somebody else.
            self._health.failed()
            self.async_create_issue(ISSUE_PUSH_UNSIGNED)
            self._async_choose_timing()
        self._calls.heard_unsigned(call.body, helpers.monotonic())
        self.async_hint(self._lock_id)

    @callback
    def _async_late(self, err: api.LoqedPushLateError) -> None:
        if self._calls.is_newest(err.timestamp):
            # No recording from before the last call; from before a start it may be.
            self._calls.counts.clock_offset = round(err.offset, 1)
            self._late = (helpers.monotonic(), err.offset)
            if err.offset < _OLD_RECORDING:
                self._async_clock_differs(err.offset)
        self.async_hint(self._lock_id, is_verified=True)

    @callback
    def _async_clock_differs(self, offset: float) -> None:
        self._clock_offset = offset
        self.async_create_issue(ISSUE_CLOCK, seconds=f"{offset:+.0f}")

    @callback
    def _async_verified(self, push: api.Push, peer: str | None) -> None:
        now = helpers.monotonic()
        if self._is_of_another(push):
            # The key says nothing of which lock it is about.
            self.async_hint(self._lock_id, is_verified=True)
            return
        self._calls.is_newest(push.timestamp)
        self._clock_offset = self._late = None
        self._health.proven()
        self._health.called(self._lock_id, now)
        if self._names.signed(push, now):
            self._async_learnt_names(is_late=False)
        self.async_clear_issue(ISSUE_PUSH_UNSIGNED, ISSUE_PUSH_MISSING, ISSUE_CLOCK)
        self._async_choose_timing()
        is_dead = not self.is_answering(self._lock_id)
        verdict = self._async_apply(push, now)
        if is_dead and verdict is Verdict.ACCEPTED:
            self._async_follow_to(peer)

    def _is_of_another(self, push: api.Push) -> bool:
        known = frozenset() if self._status is None else self._status.macs
        return bool(push.macs and known) and push.macs.isdisjoint(known)

    @callback
    def _async_apply(self, push: api.Push, now: float) -> Verdict | None:
        """Take what a verified push says; returns what became of the state it tells."""
        lock_id, snapshot = self._lock_id, self.data.locks[self._lock_id]
        changes = push_changes(push, snapshot, now=dt_util.utcnow())
        if push.lock_online is not None:
            self._online_pushed = (now, push.lock_online)
        if push.lock_online is False:
            self.async_away(lock_id, source=Source.REPORT, asked_at=now, **changes)
            return None
        state = push_state(push)
        if state is None or self._is_there_already(push):
            self.async_update(lock_id, **changes)
            if state is not None or snapshot.online is False:
                self.async_hint(lock_id, is_verified=True)
            return None
        before = self._locks[lock_id].position
        cause = None if state.is_moving else self._calls.cause(push, now, before=before)
        verdict = self.async_evidence(
            lock_id,
            state,
            source=Source.PUSH,
            asked_at=now,
            stamp=push.timestamp,
            age=push.age,
            cause=cause,
            **changes,
        )
        if push.going_to is not None and verdict is Verdict.ACCEPTED:
            self._calls.set_out(push, now)
        if verdict is Verdict.ACCEPTED and cause is not None and cause.who is None:
            self._async_note_key(cause.key)
        return verdict

    @callback
    def _async_note_key(self, key: int | None) -> None:
        """Remember the number of a key that has no name, so that it can be given one."""
        if key is not None:
            self.memory.vendor[_UNNAMED_KEY] = (key, dt_util.utcnow())

    @property
    def unnamed_key(self) -> tuple[int, datetime] | None:
        """The number of the last key used that has no name, and when it was used."""
        found: tuple[int, datetime] | None = self.memory.vendor.get(_UNNAMED_KEY)
        return found

    def _is_there_already(self, push: api.Push) -> bool:
        """Return whether a lock sets out to where it is: it will not report arriving."""
        lock = self._locks[self._lock_id]
        is_still = lock.tracker.is_commanded or not lock.tracker.state.is_moving
        return is_still and push.going_to is not None and POSITIONS[push.going_to] is lock.position

    # Calls of the cloud.

    @callback
    @override
    def _async_told(self, call: api.CloudCall, now: float) -> None:
        is_known, is_learnt = self._names.told(call, now)
        if is_learnt:
            self._async_learnt_names(is_late=True)
        if call.is_about_state and not is_known:
            self.async_hint(self._lock_id)

    @callback
    def _async_learnt_names(self, *, is_late: bool) -> None:
        """Use a name that was learnt from now on, and keep it."""
        entry, learnt = self.config_entry, self._names.learnt
        before, self._calls.names = self._calls.names, self._key_names()
        data = {**entry.data, CONF_LEARNT_NAMES: {str(key): name for key, name in learnt.items()}}
        self.hass.config_entries.async_update_entry(entry, data=data)
        changed_by = self.data.locks[self._lock_id].changed_by
        for key, name in self._calls.names.items():
            # A late call may be the first about a key that somebody else had before.
            former = before.get(key) if is_late else None
            if changed_by == helpers.name_of(self.hass, former, key, is_verified=True):
                self.async_update(self._lock_id, changed_by=name)

    def _key_names(self) -> dict[int, str]:
        """Return the names of keys: those that a person gave outweigh those that were learnt.

        Our own keys are ours, whatever they are called.
        """
        data = self.config_entry.data
        own = (data[CONF_KEY_ID], data.get(CONF_WEB_KEY_ID))
        ours = {key: OURSELVES for key in own if key is not None}
        return {**self._names.learnt, **key_names(self.config_entry), **ours}

    # Moved to another address.

    @callback
    @override
    def async_announced(self, host: str) -> None:
        async_note_announcement(self.hass, self.config_entry, host)
        self._async_note_contact()

    @callback
    @override
    def _async_note_contact(self) -> None:
        """Show whether the bridge answers; ask about another address when it does not."""
        super()._async_note_contact()
        is_answering = self.is_answering(self._lock_id)
        self.async_publish(self.data.with_hub(online=is_answering))
        if not is_answering:
            self._async_forget_state()
            async_ask_about_move(self.hass, self.config_entry)

    @callback
    def _async_forget_state(self) -> None:
        """Show no state that nobody could tell a change of, though it stays available.

        That of a command which the cloud has confirmed is no exception.
        """
        tracker, now = self._locks[self._lock_id].tracker, helpers.monotonic()
        is_old = now - tracker.heard_at >= UNAVAILABLE_AFTER
        if not self._has_way_by_cloud or tracker.is_commanded or not is_old:
            return
        if tracker.state is not LockState.UNKNOWN:
            unknown = LockState.UNKNOWN
            self.async_evidence(self._lock_id, unknown, source=Source.REPORT, asked_at=now)

    @callback
    def _async_follow_to(self, peer: str | None) -> None:
        """Follow the bridge to where it was announced and has now called from, signed."""
        entry = self.config_entry
        if is_at(entry.data[CONF_HOST], peer):
            # It has not moved, whoever announces another port there. A read ends the question.
            self.async_hint(self._lock_id, is_verified=True)
            return
        hosts = async_announced_hosts(self.hass, entry)
        host = next((host for host in hosts if is_at(host, peer)), None)
        if host is None:
            return
        if entry.data.get(CONF_HOST_IS_TYPED):
            async_ask_about_move(self.hass, entry)
            return
        data = {**entry.data, CONF_HOST: host}
        self.hass.config_entries.async_update_entry(entry, data=data)
        self._bridge.url = helpers.parse_address(host)
        LOGGER.info("%s has another address now", self.name)
        async_clear_move(self.hass, entry)
        self.async_hint(self._lock_id, is_verified=True)

    @override
    def diagnostics(self) -> dict[str, Any]:
        entry = self.config_entry
        return {
            "push": {
                "working": self._health.is_working,
                "missed": self._health.missed,
                "degraded": self._is_degraded,
            },
            "calls": self._calls.counts.as_dict(),
            "webhook": {
                "registered": self._registration.is_registered,
                "on_bridge": self._registration.count,
            },
            "window": self._window,
            "web": {**self._web_diagnostics(), "commands": self._has_way_by_cloud},
            "names_learnt": len(self._names.learnt),
            "other_addresses_announced": len(async_announced_hosts(self.hass, entry)),
        }
