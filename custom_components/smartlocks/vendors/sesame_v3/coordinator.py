"""One account: its locks polled gently, read on a hint, commanded and confirmed."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, override

from homeassistant.const import CONF_API_KEY
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ...const import CONF_IDS, LOGGER
from ...coordinator import PushPolicy
from ...exceptions import CommandError, Trouble
from ...first_edition import PushCoordinator, SmartLocksConfigEntry
from ...models import REACHED, Action, LockState, PushCall, Snapshot
from ..events import Story
from . import api
from .commander import Commander
from .connection import connect
from .const import CONF_POLL_SECONDS, DEFAULT_POLL_SECONDS
from .gate import async_gate
from .health import HintHealth
from .hints import Hints
from .notices import Notices
from .recall import Recall
from .roster import Roster, account_snapshot, lock_snapshot
from .tally import Tally
from .troubles import TROUBLES, in_detail
from .words import COMMANDS, SILENT, status_changes

# So many locks are read before an entry is ready; a hotel does not wait for its last door.
_AT_FIRST = 5
_SOON = timedelta(seconds=1)


class SesameV3Coordinator(PushCoordinator):
    """The locks of one API key."""

    api_error = api.SesameV3Error
    push_policy = PushPolicy(methods=("GET", "POST"), origin="internet", is_optional=True)
    troubles = TROUBLES
    # A busy lock is waited for, and then its task.
    transition_timeout = 150.0

    def __init__(self, hass: HomeAssistant, entry: SmartLocksConfigEntry) -> None:
        """Take everything from the entry; nothing is asked of the cloud yet."""
        super().__init__(hass, entry)
        self._gate = async_gate(hass)
        self._cloud = connect(hass, entry.data[CONF_API_KEY])
        self._recall = Recall(hass, entry, self._cloud)
        self._commander = Commander(self._cloud, self._async_pause)
        self._roster = Roster()
        self._story = Story()
        self._tally = Tally()
        self._hints = Hints(hass, entry, self._async_hinted)
        seconds = entry.options.get(CONF_POLL_SECONDS, DEFAULT_POLL_SECONDS)
        self._health = HintHealth(timedelta(seconds=seconds))
        self._draft = Snapshot(locks={}, hub=account_snapshot(entry))
        self._notices = Notices(entry, self.issues, self._gate)
        self.hook: str | None = None

    @override
    def _trouble(self, err: Exception) -> Trouble:
        return in_detail(super()._trouble(err), err, self._gate)

    # Reading.

    @override
    async def _async_fetch(self) -> Snapshot:
        if self._roster.is_due(dt_util.utcnow()):
            await self._async_list()
        locks = self._roster.locks
        now = locks[:_AT_FIRST] if self._is_first else locks
        for lock in now:
            await self._async_look(lock.device_id)
        self._pace(is_soon=len(now) < len(locks))
        return self._present

    @override
    async def _async_read_lock(self, lock_id: str) -> None:
        self._async_unwatch(lock_id)
        try:
            await self._async_look(lock_id, is_urgent=True, is_last=True)
        except api.SesameV3Error as err:
            LOGGER.debug("%s: state not read: %s", self.name, err)

    async def _async_list(self, *, is_urgent: bool = False) -> None:
        """Follow the account: new locks come, those that are gone go."""
        self._roster.take(await self._cloud.locks(urgent=is_urgent), dt_util.utcnow())
        known = self._present.locks
        locks = {
            lock.device_id: known.get(lock.device_id) or lock_snapshot(lock)
            for lock in self._roster.locks
        }
        self._async_put(replace(self._present, locks=locks))
        entry, ids = self.config_entry, sorted(locks)
        if ids and ids != entry.data[CONF_IDS]:
            self.hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_IDS: ids})

    async def _async_look(
        self, lock_id: str, *, is_urgent: bool = False, is_last: bool = False
    ) -> None:
        """Read one lock; `is_last` ends a movement, which otherwise goes on."""
        changes: Mapping[str, Any] = SILENT
        try:
            status = await self._cloud.status(lock_id, urgent=is_urgent)
        except api.IntegrationOffError:
            self._notices.switched(lock_id, is_on=False)
        except api.BadParamsError:
            # It has left the account, perhaps.
            self._roster.doubt()
        else:
            self._notices.switched(lock_id, is_on=True)
            self._recall.async_reach(lock_id, is_there=status.responsive)
            changes = status_changes(status)
        self._async_learn(lock_id, changes, is_last=is_last)
        self._notices.async_tell(self._roster.locks)

    @callback
    def _async_learn(self, lock_id: str, changes: Mapping[str, Any], *, is_last: bool) -> None:
        lock = self._present.locks.get(lock_id)
        if lock is None:
            return
        if lock.state.is_moving and not is_last:
            changes = {**changes, "state": lock.state}
        elif changes["online"] is False:
            self._story.lose(lock_id)
        else:
            changes = {**changes, **self._arrive(lock_id, changes["state"])}
        self._async_put(self._present.with_lock(lock_id, **changes))

    def _arrive(
        self, lock_id: str, state: LockState, *, is_ours: bool = False
    ) -> Mapping[str, Any]:
        event = self._story.arrive(lock_id, state, is_ours=is_ours)
        if event is None:
            return {}
        self._health.changed(lock_id, dt_util.utcnow(), is_ours=is_ours)
        self.async_report(event)
        return {"changed_by": event.who}

    def _pace(self, *, is_soon: bool = False) -> None:
        self._health.listen(dt_util.utcnow())
        self.update_interval = _SOON if is_soon else self._health.interval

    # Commands.

    @override
    async def _async_perform(self, target: str, action: Action) -> None:
        match action:
            case Action.REFRESH if target in self.data.locks:
                await self._async_look(target, is_urgent=True)
            case Action.REFRESH:
                await self._async_refresh_all()
            case Action.SYNCHRONIZE:
                await self._async_synchronize(target)
            case _:
                await self._async_turn(target, action)

    async def _async_turn(self, lock_id: str, action: Action) -> None:
        with self._hints.held(lock_id):
            await self._commander.run(lock_id, COMMANDS[action])
            if lock_id in self.data.locks:
                state = REACHED[action]
                changes = self._arrive(lock_id, state, is_ours=True)
                self.async_update_lock(lock_id, state=state, **changes)

    async def _async_synchronize(self, lock_id: str) -> None:
        try:
            await self._commander.run(lock_id, api.Command.SYNC)
        except api.SesameV3Error, CommandError:
            with suppress(api.SesameV3Error):
                await self._async_look(lock_id, is_urgent=True)
            raise
        await self._async_look(lock_id, is_urgent=True)

    async def _async_refresh_all(self) -> None:
        await self._async_list(is_urgent=True)
        for lock in self._roster.locks:
            await self._async_look(lock.device_id, is_urgent=True)

    # Push.

    @override
    async def async_subscribe(self, url: str) -> None:
        """Remember the address: only the person can give it to the vendor."""
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
        """Take a call, which proves nothing: at most it is a reason to look."""
        now = dt_util.utcnow()
        hint = api.parse_webhook(
            call.method, {name: values[0] for name, values in call.query.items()}, call.body
        )
        lock_id = None if hint.device_id is None else self._roster.find(hint.device_id)
        self._tally.count(call.method, hint, is_known=lock_id is not None)
        if hint.device_id is not None and lock_id is None:
            return
        self.async_publish(self.data.with_hub(last_push=now))
        if lock_id is not None:
            self._health.called(lock_id, now)
            self._pace()
        self._hints.async_take(lock_id)

    async def _async_hinted(self, lock_id: str | None) -> None:
        if lock_id is None or not self.last_update_success:
            await self.async_refresh()
            return
        try:
            await self._async_look(lock_id)
        except api.UnauthorizedError:
            self.config_entry.async_start_reauth(self.hass)
        except api.SesameV3Error as err:
            LOGGER.debug("%s: nothing read after a call: %s", self.name, err)
        self._pace()

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {
            "calls": self._tally.as_dict(),
            "push": {"proven": self._health.proven, "has_address": self.hook is not None},
            "is_blocked": self._gate.blocked_until is not None,
            "is_throttled": self._gate.throttled_until is not None,
            "switched_off": self._notices.count,
        }
