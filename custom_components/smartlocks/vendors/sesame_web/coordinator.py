"""One account: its devices read at the pace of the budget, commanded, and told about."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import CONF_API_KEY, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HassJob,
    HomeAssistant,
    callback,
)
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_registry import EventEntityRegistryUpdatedData
from homeassistant.helpers.event import (
    async_call_later,
    async_track_entity_registry_updated_event,
    async_track_state_change_event,
)
from homeassistant.helpers.update_coordinator import UpdateFailed

from ... import helpers
from ...const import LOGGER
from ...coordinator import OnSend, SmartLocksConfigEntry, SmartLocksCoordinator
from ...exceptions import CommandError, Failure, Remedy
from ...models import Action, Cause, Feature, LockEvent, LockSnapshot, LockState, Snapshot
from ...repairs import Fix
from ...state_tracker import Source
from ...tracked_lock import Contact, TrackedLock
from . import api
from .commands import press, send
from .const import CONF_BUDGET, CONF_HISTORY, CONF_TRIGGERS
from .history import PAGE_SIZE, HistoryPage, HistoryReader
from .mapping import (
    ERRORS,
    TIMING,
    Device,
    account_snapshot,
    devices_of,
    failure_of,
    fields_of,
    state_of,
    timing_of,
    was_never_sent,
)
from .quota import (
    FREE_BUDGET,
    NEVER,
    CallCounter,
    CommandCounter,
    Quota,
    async_counter,
    counted_client,
)

# What concerns the whole account is not asked again for each device that a person refreshes.
_SAME_REFRESH: Final = 5.0

# For so long after it was sent a command is looked after: until it is given up, and once
# more when the cloud has caught up; in seconds.
_AFTER_COMMAND: Final = TIMING.give_up + TIMING.lag + 5.0

# How often the pace is compared with the calendar.
_CHECK_PACE: Final = 3_600.0

# Errors about the account, or the cloud as a whole: one device's read tells of all.
_OF_THE_ACCOUNT: Final = (api.AccountError, api.ServerError, api.CloudConnectionError)

_NO_STATE: Final = (STATE_UNKNOWN, STATE_UNAVAILABLE)


class SesameWebCoordinator(SmartLocksCoordinator):
    """The devices of one account, of which every question is paid for."""

    api_error = api.SesameWebError
    errors: ClassVar[Mapping[type[Exception], Failure]] = ERRORS

    _counter: CallCounter
    _quota: Quota
    _cloud: api.WebApi
    # The same, for commands and for looking after them.
    _commands: api.WebApi

    def __init__(self, hass: HomeAssistant, entry: SmartLocksConfigEntry) -> None:
        """Read the entry; nothing is asked of the cloud yet."""
        super().__init__(hass, entry, TIMING)
        self._has_history: bool = entry.options.get(CONF_HISTORY, False)
        self._histories: dict[str, HistoryReader] = {}
        self._checked: dict[str, tuple[api.Status, float]] = {}
        self._sent_at: dict[str, float] = {}
        self._turn = asyncio.Lock()
        self._account_error: api.SesameWebError | None = None
        self._account_failed_at = 0.0
        self._stop_triggers: CALLBACK_TYPE | None = None
        self._pace_timer: CALLBACK_TYPE | None = None
        self.async_set_hub(account_snapshot(entry))

    @override
    async def _async_setup(self) -> None:
        entry = self.config_entry
        self._counter = await async_counter(self.hass, entry)
        self._quota = Quota(self._counter, budget=entry.options.get(CONF_BUDGET, FREE_BUDGET))
        key = entry.data[CONF_API_KEY]
        self._cloud = counted_client(self.hass, key, self._counter)
        self._commands = counted_client(self.hass, key, CommandCounter(self._counter))
        entry.async_on_unload(self._counter.async_listen(self._async_set_pace))
        entry.async_on_unload(self._async_stop)
        self.async_set_locks(self._entry_locks())
        self._async_check_pace(None)
        self._async_follow_triggers()

    @callback
    def _async_stop(self) -> None:
        for stop in (self._stop_triggers, self._pace_timer):
            if stop is not None:
                stop()

    # The devices.

    @override
    def _entry_locks(self) -> Iterable[LockSnapshot]:
        devices = devices_of(self.config_entry)
        return [device.snapshot(has_history=self._has_history) for device in devices.values()]

    def _device(self, uuid: str) -> Device:
        return devices_of(self.config_entry)[uuid]

    def _has_bolt(self, uuid: str) -> bool:
        """Return whether a device has a bolt; a Bot's state means nothing."""
        # Of what is followed: the entry may be without it already.
        lock = self.data.locks.get(uuid)
        return lock is not None and Feature.BOLT in lock.features

    @callback
    def async_checked(self, uuid: str, status: api.Status, asked_at: float) -> None:
        """Take what a form has read of a device, before the device is added."""
        self._checked[uuid] = (status, asked_at)

    @callback
    @override
    def async_entry_changed(self) -> None:
        """Follow a device that was added, changed or removed; only a new one is read."""
        # Reads need no secret: another one makes nothing work that did not.
        self._entry_data = {key: one.data for key, one in self.config_entry.subentries.items()}
        super().async_entry_changed()
        for uuid, (status, asked_at) in self._checked.items():
            self._async_take(uuid, status, asked_at)
        self._checked.clear()
        self._histories = {
            uuid: known for uuid, known in self._histories.items() if uuid in self._locks
        }
        self._async_set_pace()
        self._async_follow_triggers()

    # The pace.

    @callback
    def _async_check_pace(self, _: datetime | None) -> None:
        """Set the pace anew: months end, and wrong clocks are set right."""
        wait = min(_CHECK_PACE, self._quota.until_next_month)
        self._pace_timer = async_call_later(
            self.hass, wait, HassJob(self._async_check_pace, cancel_on_shutdown=True)
        )
        self._async_set_pace()

    @callback
    def _async_set_pace(self) -> None:
        """Spread what is left of the calls over what is left of the month."""
        quota = self._quota
        quota.devices = len(self._locks)
        interval = quota.interval
        poll = NEVER if interval is None else interval
        self.async_set_timing(timing_of(poll=poll, hold=quota.held_for))
        self.async_publish(self.data.with_hub(calls=quota.calls, calls_left=quota.calls_left))
        if quota.is_out:
            self.async_create_issue("sesame_web_budget", fix=Fix.OPTIONS, budget=str(quota.budget))
        else:
            self.async_clear_issue("sesame_web_budget")

    # Reading.

    @override
    def _first_locks(self) -> Iterable[str]:
        return self._locks if self._quota.has_room(len(self._locks)) else ()

    @override
    async def _async_update_data(self) -> Snapshot:
        try:
            return await super()._async_update_data()
        except (UpdateFailed, ConfigEntryAuthFailed) as err:
            is_first = self.config_entry.state is ConfigEntryState.SETUP_IN_PROGRESS
            if not is_first:
                self._async_note_contact()
                self._async_schedule()
            if not is_first or was_never_sent(err.__cause__):
                raise
            self._async_start()
            # Home Assistant would set the entry up again and again, and each call is paid
            # for; a key that is refused may only have used up its calls.
            LOGGER.warning("%s: the first read failed: %s", self.name, err.__cause__)
            if isinstance(err, ConfigEntryAuthFailed):
                self.config_entry.async_start_reauth(self.hass)
            return self.data

    @override
    async def _async_read(self, lock_id: str, *, is_urgent: bool = False) -> None:
        tracker = self._locks[lock_id].tracker
        cloud = self._cloud_for(lock_id)
        if tracker.is_commanded:
            # Whoever gave the command waits: this is asked whatever else failed before.
            status = await self._async_ask(lock_id, cloud)
        else:
            status = await self._async_ask_in_turn(lock_id, cloud, is_urgent=is_urgent)
        if not tracker.is_commanded:
            await self._async_follow_history(lock_id, cloud, status)

    def _cloud_for(self, lock_id: str) -> api.WebApi:
        """Return the client that counts a read of a lock as what it is for."""
        sent_at = self._sent_at.get(lock_id)
        if sent_at is None or helpers.monotonic() > sent_at + _AFTER_COMMAND:
            return self._cloud
        return self._commands

    async def _async_ask_in_turn(
        self, lock_id: str, cloud: api.WebApi, *, is_urgent: bool
    ) -> api.Status:
        async with self._turn:
            self._check_account(is_urgent=is_urgent)
            if is_urgent and not self._quota.calls_left:
                raise CommandError("sesame_web_budget_used", budget=str(self._quota.budget))
            return await self._async_ask(lock_id, cloud)

    def _check_account(self, *, is_urgent: bool) -> None:
        """Raise what the account answered last, as long as asking again would only cost."""
        if self._account_error is None:
            return
        until = self.account.retry_at or 0.0
        if is_urgent:
            until = self._account_failed_at + _SAME_REFRESH
        if helpers.monotonic() < until:
            raise self._account_error.with_traceback(None)

    async def _async_ask(self, lock_id: str, cloud: api.WebApi) -> api.Status:
        asked_at = helpers.monotonic()
        try:
            status = await cloud.status(lock_id)
        except _OF_THE_ACCOUNT as err:
            self._async_account_failed(err)
            raise
        self._async_account_answered()
        self._async_take(lock_id, status, asked_at)
        return status

    @property
    @override
    def is_account_answering(self) -> bool:
        """The calls are known, whatever the cloud answers; `online` tells the rest."""
        return True

    @callback
    def _async_take(self, lock_id: str, status: api.Status, asked_at: float) -> None:
        """Take a status; while the hub is offline, the cloud repeats what it heard last."""
        if lock_id not in self._locks:
            return
        fields = fields_of(status)
        if status.online is False:
            self.async_away(lock_id, **fields)
            return
        state = state_of(status) if self._has_bolt(lock_id) else LockState.UNKNOWN
        self.async_evidence(lock_id, state, source=Source.REPORT, asked_at=asked_at, **fields)

    @callback
    def _async_account_failed(self, err: api.SesameWebError) -> None:
        """Take an answer about the account: the other devices need not ask for it, too."""
        now = helpers.monotonic()
        wait = self._quota.retry_after(err, self.account.failures)
        self.account.failed(now, retry_after=wait, at_once=False)
        self._account_error, self._account_failed_at = err, now
        self.async_publish(self.data.with_hub(online=False))
        if isinstance(err, api.QuotaError):
            self.async_create_issue("sesame_web_quota", is_error=True)

    @callback
    def _async_account_answered(self) -> None:
        self.async_publish(self.data.with_hub(online=True))
        self.async_clear_issue("sesame_web_quota")
        if self._account_error is None:
            return
        self.account.answered()
        if isinstance(self._account_error, api.ForbiddenError):
            # The calls were used up, and a new month has begun: nothing to be asked.
            for flow in list(self.config_entry.async_get_active_flows(self.hass, {SOURCE_REAUTH})):
                self.hass.config_entries.flow.async_abort(flow["flow_id"])
        self._account_error = None
        for lock in self._locks.values():
            if lock.contact.retry_at is not None:
                lock.contact.retry_at = helpers.monotonic()

    @override
    def _failure(self, err: Exception) -> Failure:
        return failure_of(err) or super()._failure(err)

    @override
    def _note_failure(self, contact: Contact, err: Exception) -> None:
        now = helpers.monotonic()
        if isinstance(err, _OF_THE_ACCOUNT) and self.account.retry_at is not None:
            wait = max(self.account.retry_at - now, 0.0)
        else:
            wait = self._quota.retry_after(err, contact.failures, devices=self._quota.devices)
        contact.failed(now, retry_after=wait, at_once=False)

    # Histories.

    async def _async_follow_history(
        self, lock_id: str, cloud: api.WebApi, status: api.Status
    ) -> None:
        """Read a device's history, if that is wanted and something has happened."""
        history = self._history(lock_id)
        if not self._has_bolt(lock_id):
            # What a Bot's status says is nothing to compare its history with.
            status = replace(status, state=None)
        if history is None or not history.is_due(status) or not self._quota.has_room():
            return
        try:
            await self._async_read_history(lock_id, cloud, status)
        except api.SesameWebError as err:
            LOGGER.debug("%s: a history was not read: %s", self.name, err)

    async def _async_read_history(
        self, lock_id: str, cloud: api.WebApi, status: api.Status | None = None
    ) -> HistoryPage:
        page = await cloud.history(lock_id, entries=PAGE_SIZE)
        history = self._history(lock_id)
        if history is not None and lock_id in self._locks:
            events = history.read(page, status)
            for event in events:
                if event.activity in self.data.locks[lock_id].activities:
                    self.async_happened(event)
            self.async_update(lock_id, changed_by=history.changed_by)
        return page

    def _history(self, lock_id: str) -> HistoryReader | None:
        if not self._has_history:
            return None
        return self._histories.setdefault(lock_id, HistoryReader(lock_id))

    @override
    def _event(
        self,
        lock_id: str,
        lock: TrackedLock,
        state: LockState,
        cause: Cause | None,
        *,
        has_news: bool,
    ) -> LockEvent | None:
        event = super()._event(lock_id, lock, state, cause, has_news=has_news)
        history = self._history(lock_id)
        if history is None:
            return event
        if history.has_begun and self._quota.has_room():
            # The history will tell it, with who and how.
            return None
        history.restart()
        return event

    # Commands.

    @override
    async def _async_send(self, lock_id: str, action: Action, on_send: OnSend) -> None:
        try:
            await send(self._commands, self._device(lock_id), action, on_send)
        except api.AccountError as err:
            self._async_account_failed(err)
            raise
        except api.NotAcceptedError as err:
            if not err.may_have_arrived:
                # Perhaps the hub is offline: the status says so.
                self.async_hint(lock_id)
            raise
        finally:
            self._sent_at[lock_id] = helpers.monotonic()

    @override
    async def _async_act(self, target: str, action: Action, on_send: OnSend) -> None:
        async def read_history() -> HistoryPage:
            return await self._async_read_history(target, self._commands)

        # One at a time: what a press has written into the history proves no other.
        async with self._locks[target].turn:
            if target not in self._locks:
                # Removed while it waited.
                raise CommandError("command_removed", Remedy.RETRY)
            try:
                await press(
                    self._commands,
                    self._device(target),
                    on_send,
                    pause=self._async_pause,
                    read_history=read_history,
                )
            except api.AccountError as err:
                self._async_account_failed(err)
                raise

    @override
    def _not_confirmed(self, lock_id: str, action: Action, doubt: Exception | None) -> CommandError:
        key = "sesame_web_not_confirmed"
        if self.data.locks[lock_id].online is False:
            key = "sesame_web_hub_offline"
        elif self._locks[lock_id].contact.failed_since is not None:
            key = "sesame_web_unread"
        return CommandError(key, Remedy.RETRY)

    # Reading when something else changes.

    @callback
    def _async_follow_triggers(self) -> None:
        """Listen to the entities whose changes are a reason to read a device."""
        if self._stop_triggers is not None:
            self._stop_triggers()
            self._stop_triggers = None
        triggers = {name for device in self._triggered() for name in device.triggers}
        if not triggers:
            return
        stops = (
            async_track_state_change_event(self.hass, triggers, self._async_triggered),
            async_track_entity_registry_updated_event(self.hass, triggers, self._async_renamed),
        )

        @callback
        def stop() -> None:
            for one in stops:
                one()

        self._stop_triggers = stop

    def _triggered(self) -> list[Device]:
        return [device for device in devices_of(self.config_entry).values() if device.triggers]

    @callback
    def _async_triggered(self, event: Event[EventStateChangedData]) -> None:
        old, new = event.data["old_state"], event.data["new_state"]
        if old is None or new is None or old.state == new.state:
            return
        if old.state in _NO_STATE or new.state in _NO_STATE or not self._quota.has_room():
            return
        entity = er.async_get(self.hass).async_get(new.entity_id)
        if entity is not None and entity.config_entry_id == self.config_entry.entry_id:
            # What our own reads change is no reason to read.
            return
        for device in self._triggered():
            if new.entity_id in device.triggers:
                self.async_hint(device.uuid)

    @callback
    def _async_renamed(self, event: Event[EventEntityRegistryUpdatedData]) -> None:
        """Follow an entity that was renamed, and forget one that was removed."""
        data = event.data
        is_removed = data["action"] == "remove"
        old = data["entity_id"] if is_removed else data.get("old_entity_id")
        if old is None:
            return
        replaced = () if is_removed else (data["entity_id"],)
        for device in self._triggered():
            if old not in device.triggers:
                continue
            triggers = [name for name in device.triggers if name != old]
            subentry = self.config_entry.subentries[device.subentry_id]
            self.hass.config_entries.async_update_subentry(
                self.config_entry,
                subentry,
                data={**subentry.data, CONF_TRIGGERS: [*triggers, *replaced]},
            )

    @override
    def diagnostics(self) -> dict[str, Any]:
        interval = self._quota.interval
        devices = devices_of(self.config_entry).values()
        return {
            "budget": self._quota.budget,
            "calls": self._quota.calls,
            "seconds_between_reads": None if interval is None else round(interval),
            "seconds_believed": round(self._quota.held_for),
            "devices": sorted(device.product.model for device in devices),
            "triggers": sum(len(device.triggers) for device in devices),
        }
