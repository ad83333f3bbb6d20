"""The locks of one account: read in turn, commanded, and followed as the account's list tells."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from math import inf
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_API_KEY
from homeassistant.core import CALLBACK_TYPE, Context, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ... import helpers
from ...commands import WAITS_AT_MOST, WAITS_AT_MOST_OTHERWISE
from ...const import CONF_IDS, DOMAIN, LOGGER
from ...coordinator import OnSend, PushCoordinator, PushPolicy, SmartLocksConfigEntry
from ...exceptions import CommandError, Failure, Remedy
from ...models import REACHED, Action, LockEvent, LockSnapshot, LockState, PushCall, Snapshot
from ...state_tracker import Outcome, Source
from ..base import vendor_entries
from ..push import PushHealth
from . import api
from .commands import Reach, async_follow, async_send
from .const import CONF_LOCKS, CONF_POLL_SECONDS, KEY
from .mapping import (
    COMMANDS,
    ERRORS,
    account_snapshot,
    battery_changes,
    lock_snapshot,
    lock_state,
    locks_to_store,
    stored_locks,
    timing,
)
from .rate_limit import async_cloud, async_rate_limit
from .webhook import COLLECT_FOR, WebhookCalls

# So many locks are read before an entry is ready; the others follow at once.
_READ_FIRST: Final = 5
_LIST_EVERY: Final = 600.0
# A lock goes when three lists were without it, the third so long after the second.
_GONE_AFTER: Final = 3600.0
_SYNC_SECONDS: Final = 60.0
# A request before a pause is over may begin it anew.
_MARGIN: Final = 5.0
_RUNNING: Final = (ConfigEntryState.LOADED, ConfigEntryState.SETUP_IN_PROGRESS)


class SesameV3Coordinator(PushCoordinator):
    """The locks of one API key."""

    api_error = api.SesameV3Error
    errors = ERRORS
    push_policy = PushPolicy(methods=("GET", "POST"), origin="internet", is_optional=True)

    def __init__(self, hass: HomeAssistant, entry: SmartLocksConfigEntry) -> None:
        """Take the locks from the entry; nothing is asked of the cloud yet."""
        _async_leave_to_others(hass, entry)
        locks = stored_locks(entry)
        self._slowest = float(entry.options.get(CONF_POLL_SECONDS, 0))
        super().__init__(hass, entry, timing(len(locks), self._slowest))
        self._limit = async_rate_limit(hass)
        self._cloud = async_cloud(hass, entry.data[CONF_API_KEY])
        self._calls = WebhookCalls()
        self._push = PushHealth()
        self._reach: Reach = self.memory.vendor.setdefault("reach", Reach())
        self._by_id: dict[str, str] = {}
        self._missing: dict[str, tuple[float, ...]] = {}
        self._switched_off: set[str] = self.memory.vendor.setdefault("switched_off", set())
        # Where commands lead that are under way, of locks not known to be elsewhere before.
        self._repeated: dict[str, LockState] = {}
        self._calls_timer: CALLBACK_TYPE | None = None
        self.hook: str | None = None
        # What was known before a reload stays known.
        known = self.memory.vendor.get("locks", {})
        self.async_publish(Snapshot(locks=known, hub=account_snapshot(entry)))
        self.async_set_locks(lock_snapshot(lock) for lock in locks)
        entry.async_on_unload(self._limit.async_listen(self._async_limit_changed))
        entry.async_on_unload(self._async_stop)
        self._async_limit_changed()

    @callback
    def _async_stop(self) -> None:
        """Keep what is known for the next time, and collect no more calls."""
        self.memory.vendor["locks"] = self.data.locks
        if self._calls_timer is not None:
            self._calls_timer()

    @callback
    def _async_limit_changed(self) -> None:
        """Show whether the cloud may be asked at all."""
        online = False if self._limit.blocked_for else None
        self.async_publish(self.data.with_hub(online=online))

    @override
    def _failure(self, err: Exception) -> Failure:
        """Tell what an error means, with what is known of times."""
        failure = super()._failure(err)
        match err:
            case api.BlockedError():
                return replace(
                    failure,
                    placeholders={"time": self._limit.blocked_until},
                    retry_after=self._limit.blocked_for + _MARGIN,
                )
            case api.ThrottledError():
                return replace(failure, retry_after=self._limit.throttled_for + _MARGIN)
            case api.BusyError(seconds=int(seconds)):
                placeholders = {"seconds": str(seconds)}
                return replace(failure, key="sesame_v3_busy_for", placeholders=placeholders)
        return failure

    # Reading.

    @override
    async def _async_update_data(self) -> Snapshot:
        """Read the locks; when the entry is loaded again, nothing is waited for."""
        if self._is_started or "is_ready" not in self.memory.vendor:
            data = await super()._async_update_data()
            self.memory.vendor["is_ready"] = True
            return data
        now = helpers.monotonic()
        for lock in self._locks.values():
            lock.contact.put_off(now)
        self._async_start()
        return self.data

    @override
    def _first_locks(self) -> Iterable[str]:
        locks = list(self.data.locks)
        if self._is_started:
            return locks
        # Where the list could not be read, locks may be: one tells.
        return locks[: _READ_FIRST if self.account.retry_at is None else 1]

    @property
    @override
    def _account_interval(self) -> float:
        return _LIST_EVERY

    @property
    @override
    def is_account_answering(self) -> bool:
        """Whether the cloud answers: the list is read rarely, the locks tell sooner."""
        contacts = [lock.contact for lock in self._locks.values()] or [self.account]
        return any(contact.failed_since is None for contact in contacts)

    @override
    async def _async_poll_account(self) -> None:
        """Follow the account: new locks come, those that are gone go."""
        if helpers.monotonic() < self.memory.vendor.get("list_put_off", -inf):
            return
        was_throttled = self._limit.throttled_for > 0
        try:
            listed = {lock.device_id: lock for lock in await self._cloud.locks()}
        except api.ThrottledError:
            # Each endpoint has a limit of its own. First after every pause, the list would
            # begin the next one, and the locks would never be read.
            if not was_throttled:
                self.memory.vendor["list_put_off"] = helpers.monotonic() + _LIST_EVERY
            raise
        known = {lock.device_id: lock for lock in stored_locks(self.config_entry)}
        # What has left another account comes when that is sure.
        for lock_id in _held_by(_others(self.hass, self.config_entry)).difference(known):
            listed.pop(lock_id, None)
        locks = {lock_id: known[lock_id] for lock_id in self._keep(known.keys() - listed.keys())}
        locks = {**listed, **locks}
        entry = self.config_entry
        data = {**entry.data, CONF_IDS: sorted(locks), CONF_LOCKS: locks_to_store(locks.values())}
        if data != entry.data:
            self.hass.config_entries.async_update_entry(entry, data=data)
        self.async_set_timing(timing(len(locks), self._slowest))
        self.async_set_locks(lock_snapshot(lock) for lock in locks.values())
        self._async_tell_switched_off()

    def _keep(self, missing: set[str]) -> list[str]:
        """Return the known locks that stay although a list was without them.

        Of each, the times of the first two such lists are kept.
        """
        now = helpers.monotonic()
        before = {lock_id: self._missing.get(lock_id, ()) for lock_id in missing}
        kept = [
            lock_id
            for lock_id, lists in before.items()
            if len(lists) <= 1 or now - lists[1] < _GONE_AFTER
        ]
        self._missing = {lock_id: (*before[lock_id], now)[:2] for lock_id in kept}
        return kept

    @override
    async def _async_read(self, lock_id: str, *, is_urgent: bool = False) -> None:
        asked_at = helpers.monotonic()

        def on_send() -> None:
            nonlocal asked_at
            asked_at = helpers.monotonic()

        try:
            status = await self._cloud.status(lock_id, urgent=is_urgent, on_send=on_send)
        except api.IntegrationOffError:
            self._switched_off.add(lock_id)
            self._async_tell_switched_off()
            self.async_away(lock_id)
            return
        except api.BadParamsError:
            self._async_list_soon(lock_id)
            self.async_away(lock_id)
            return
        if lock_id in self._switched_off:
            self._switched_off.discard(lock_id)
            self._async_tell_switched_off()
        battery = battery_changes(status, self.data.locks.get(lock_id))
        if status.responsive is False:
            # What it repeats then is what it heard last: of the bolt that is no news.
            self.async_away(lock_id, **battery)
            if self._reach.lost(lock_id, asked_at):
                self._async_in_background(self._async_call_back(lock_id), "synchronize")
            return
        if status.responsive:
            self._reach.within.add(lock_id)
        state = lock_state(status)
        if state is self._repeated.get(lock_id):
            # It may be as old as what was known before: only the task tells.
            self.async_update(lock_id, online=status.responsive, **battery)
            return
        self.async_evidence(
            lock_id,
            state,
            source=Source.REPORT,
            asked_at=asked_at,
            online=status.responsive,
            **battery,
        )

    @callback
    def _async_list_soon(self, lock_id: str) -> None:
        """Ask for the list when a lock is called invalid: it has left the account, perhaps."""
        lock = self.data.locks.get(lock_id)
        if lock is not None and lock.online is not False and lock_id not in self._missing:
            self._account_at = -inf
            self._async_schedule()

    async def _async_call_back(self, lock_id: str) -> None:
        """Have the cloud ask for a lock; the next poll shows whether that helped."""
        try:
            await self._cloud.command(lock_id, api.Command.SYNC, urgent=False)
        except api.SesameV3Error as err:
            LOGGER.debug("%s: a lock was not synchronized: %s", self.name, err)

    @callback
    def _async_tell_switched_off(self) -> None:
        """Tell which of the account's locks are switched off in the app."""
        locks = self.data.locks
        self._switched_off.intersection_update(locks)
        if names := [lock.name for lock_id, lock in locks.items() if lock_id in self._switched_off]:
            self.async_create_issue("sesame_v3_integration_off", locks=", ".join(names))
        else:
            self.async_clear_issue("sesame_v3_integration_off")

    # Commands.

    @override
    async def _async_send(self, lock_id: str, action: Action, on_send: OnSend) -> str:
        def check() -> None:
            self._check_open()
            lock = self._locks.get(lock_id)
            if lock is None:
                raise CommandError("command_removed", Remedy.RETRY)
            if lock.pending is not None:
                raise CommandError("command_replaced", Remedy.RETRY)

        with self._noting_low_battery(lock_id):
            return await async_send(
                self.hass,
                self._cloud,
                lock_id,
                COMMANDS[action],
                patience=WAITS_AT_MOST.get(action, WAITS_AT_MOST_OTHERWISE),
                on_send=on_send,
                check=check,
            )

    @contextmanager
    def _noting_low_battery(self, lock_id: str) -> Iterator[None]:
        """Record that a lock does not move because of its batteries, if that is the error."""
        try:
            yield
        except api.LowBatteryError:
            self.async_update(lock_id, battery_low=True)
            raise

    def _check_open(self) -> None:
        if self._is_closed:
            raise CommandError("command_removed", Remedy.RETRY)

    @override
    async def _async_follow(self, lock_id: str, action: Action, sent: str | None) -> Outcome:
        """Wait until the task has ended, or reads have shown how the command did."""
        if lock_id in self._locks and self._locks[lock_id].position in (None, REACHED[action]):
            self._repeated[lock_id] = REACHED[action]
        try:
            if sent is None:
                return await self._async_outcome(lock_id)
            outcome = await self._async_task_outcome(lock_id, action, sent)
        finally:
            self._repeated.pop(lock_id, None)
        if outcome is Outcome.CONFIRMED:
            self.async_update(lock_id, battery_low=False)
        return outcome

    async def _async_task_outcome(self, lock_id: str, action: Action, sent: str) -> Outcome:
        ended = asyncio.ensure_future(self._async_outcome(lock_id))
        task = self.config_entry.async_create_background_task(
            self.hass,
            async_follow(self.hass, self._cloud, self._limit, sent),
            f"{DOMAIN} task",
        )
        try:
            await asyncio.wait((ended, task), return_when=asyncio.FIRST_COMPLETED)
            if not ended.done() and not task.cancelled():
                with self._noting_low_battery(lock_id):
                    running_at, ended_at = task.result()
                # Its end is told late: who has unlocked the lock since is not to be missed.
                asked_at = running_at if action is Action.LOCK else ended_at
                self.async_evidence(lock_id, REACHED[action], source=Source.READ, asked_at=asked_at)
            return await ended
        finally:
            task.cancel()
            ended.cancel()

    @override
    def _not_confirmed(self, lock_id: str, action: Action, doubt: Exception | None) -> CommandError:
        if doubt is None:
            return super()._not_confirmed(lock_id, action, doubt)
        return CommandError("sesame_v3_unanswered", Remedy.RETRY)

    @override
    async def _async_act(self, target: str, action: Action, on_send: OnSend) -> None:
        """Synchronize a lock, and read it however that ends."""
        try:
            with self._noting_low_battery(target):
                task_id = await async_send(
                    self.hass,
                    self._cloud,
                    target,
                    api.Command.SYNC,
                    patience=WAITS_AT_MOST_OTHERWISE,
                    on_send=on_send,
                    check=self._check_open,
                )
                await async_follow(
                    self.hass, self._cloud, self._limit, task_id, seconds=_SYNC_SECONDS
                )
        except api.SesameV3Error, CommandError:
            with suppress(api.SesameV3Error):
                await self._async_read_for_somebody(target)
            raise
        await self._async_read_for_somebody(target)

    # Calls.

    @override
    async def async_subscribe(self, url: str) -> None:
        """Remember the address: only a person can give it to the vendor."""
        try:
            self.hook = api.webhook_url(url)
        except api.WebhookUrlTooLongError as err:
            self.hook = None
            LOGGER.warning("%s: %s for the vendor", self.name, err)

    @override
    async def async_unsubscribe(self) -> None:
        self.hook = None

    @override
    async def async_receive(self, call: PushCall) -> None:
        """Take a call, which proves nothing: it is at most a reason to read."""
        query = {name: values[0] for name, values in call.query.items()}
        hint = api.parse_webhook(call.method, query, call.body)
        lock_id = self._by_id.get((hint.device_id or "").casefold())
        if not self._calls.add(call.method, hint, lock_id):
            return
        if lock_id is not None:
            self._push.called(lock_id, helpers.monotonic())
        if self._calls_timer is None:
            self._async_act_on_calls()

    @property
    @override
    def is_push_working(self) -> bool | None:
        self._push.check(helpers.monotonic())
        return self._push.is_working

    @callback
    def _async_act_on_calls(self, _: datetime | None = None) -> None:
        """Act on the calls that were collected, and wait before the next."""
        self._calls_timer = None
        collected = self._calls.take()
        if not collected:
            return
        if self._calls.is_shown(helpers.monotonic()):
            self.async_publish(self.data.with_hub(last_push=dt_util.utcnow()))
        for lock_id in collected:
            self.async_hint(lock_id)
        job = HassJob(self._async_act_on_calls, cancel_on_shutdown=True)
        self._calls_timer = async_call_later(self.hass, COLLECT_FOR, job)

    @callback
    @override
    def async_set_locks(self, locks: Iterable[LockSnapshot]) -> None:
        super().async_set_locks(locks)
        # Calls may write an id in another case. Looked up, so that none costs more with more locks.
        self._by_id = {lock_id.casefold(): lock_id for lock_id in self._locks}

    @callback
    @override
    def async_report(self, event: LockEvent, context: Context) -> None:
        """Note whether changes are called about, and tell the listeners."""
        now = helpers.monotonic()
        self._push.check(now)
        self._push.changed(event.lock_id, now)
        super().async_report(event, context)

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {
            "calls": self._calls.diagnostics(),
            "push": {
                "proven": self.is_push_working,
                "missed": self._push.missed,
                "has_address": self.hook is not None,
            },
            "is_blocked": bool(self._limit.blocked_for),
            "is_throttled": bool(self._limit.throttled_for),
            "switched_off": len(self._switched_off),
        }


def _others(hass: HomeAssistant, entry: SmartLocksConfigEntry) -> list[ConfigEntry]:
    """Return the other accounts that are not disabled."""
    accounts = vendor_entries(hass, KEY)
    return [one for one in accounts if one is not entry and one.disabled_by is None]


def _held_by(accounts: Iterable[ConfigEntry]) -> set[str]:
    """Return the locks that accounts have."""
    return {lock_id for account in accounts for lock_id in account.data[CONF_IDS]}


@callback
def _async_leave_to_others(hass: HomeAssistant, entry: SmartLocksConfigEntry) -> None:
    """Leave locks to the account that has taken them while this one was disabled."""
    taken = _held_by(one for one in _others(hass, entry) if one.state in _RUNNING)
    locks = [lock for lock in stored_locks(entry) if lock.device_id not in taken]
    if len(locks) < len(entry.data[CONF_LOCKS]):
        ids = sorted(lock.device_id for lock in locks)
        data = {**entry.data, CONF_IDS: ids, CONF_LOCKS: locks_to_store(locks)}
        hass.config_entries.async_update_entry(entry, data=data)
