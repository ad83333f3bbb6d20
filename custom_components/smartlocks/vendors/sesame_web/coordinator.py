"""One account: its devices read at the budget's pace, commanded and confirmed."""

from contextlib import suppress
from datetime import timedelta
from typing import Any, Final, override

from homeassistant.const import CONF_API_KEY
from homeassistant.core import HomeAssistant, callback

from ...const import LOGGER
from ...exceptions import CommandError, Trouble
from ...first_edition import SmartLocksConfigEntry, SmartLocksCoordinator
from ...models import Action, LockState, Snapshot
from . import api
from .belief import Belief
from .chronicle import Chronicle
from .commander import Commander
from .connection import connect
from .const import CONF_BUDGET, CONF_HISTORY
from .device import Device, account_snapshot, devices_of
from .notices import Notices
from .quota import FREE_BUDGET, CallCounter, Quota, async_counter
from .story import Story
from .troubles import OF_A_DEVICE, TROUBLES, costs_nothing, in_detail
from .words import SILENT, bolt_state, status_changes

# A read that failed is tried again after this, which doubles until it is the budget's pace.
_SOON: Final = timedelta(minutes=5)
_DOUBLINGS: Final = 10


class SesameWebCoordinator(SmartLocksCoordinator):
    """The devices of one account, of which every question is paid for."""

    api_error = api.SesameWebError
    troubles = TROUBLES
    # A command is looked after twice, and each call has its time-out.
    transition_timeout = 60.0

    _counter: CallCounter
    _quota: Quota
    _notices: Notices
    _cloud: api.WebApi
    _chronicle: Chronicle
    _commander: Commander

    def __init__(self, hass: HomeAssistant, entry: SmartLocksConfigEntry) -> None:
        """Take everything from the entry; nothing is asked of the cloud yet."""
        super().__init__(hass, entry)
        has_history = entry.options.get(CONF_HISTORY, False)
        self._devices = devices_of(entry)
        locks = {
            uuid: device.snapshot(has_history=has_history) for uuid, device in self._devices.items()
        }
        self._draft = Snapshot(locks=locks, hub=account_snapshot(entry))
        self._stories = {
            uuid: Story(uuid, lock.activities) for uuid, lock in locks.items() if has_history
        }
        self._belief = Belief(hass, entry, self._async_doubt)
        self._seen: dict[str, api.Status] = {}
        self._failures = 0

    @override
    async def _async_setup(self) -> None:
        entry = self.config_entry
        budget = entry.options.get(CONF_BUDGET, FREE_BUDGET)
        self._counter = counter = await async_counter(self.hass, entry)
        self._quota = Quota(counter, budget=budget, devices=len(self._devices))
        self._notices = Notices(self.issues, self._quota)
        self._cloud = connect(
            self.hass, entry.data[CONF_API_KEY], on_call=counter.count, on_not_sent=counter.uncount
        )
        self._chronicle = Chronicle(
            self._cloud,
            self._stories,
            report=self.async_report,
            tell_who=lambda uuid, who: self._async_put(
                self._present.with_lock(uuid, changed_by=who)
            ),
        )
        self._commander = Commander(
            self._cloud,
            pause=self._async_pause,
            look=self._async_look,
            leaf=self._chronicle.async_page,
        )
        self._async_counted()
        entry.async_on_unload(counter.async_listen(self._async_counted))

    @override
    def _trouble(self, err: Exception) -> Trouble:
        return in_detail(super()._trouble(err), err)

    # Reading.

    @callback
    def _async_counted(self) -> None:
        calls, left = self._counter.calls, self._quota.calls_left
        self._async_put(self._present.with_hub(calls=calls, calls_left=left))

    @override
    async def _async_fetch(self) -> Snapshot:
        try:
            if self._devices and self._quota.has_room(len(self._devices)):
                await self._async_round()
            self._failures = 0
        except api.SesameWebError as err:
            self._failures += 1
            if not self._is_first or costs_nothing(err):
                raise
            # Home Assistant would set the entry up again and again, and each call is paid for.
            LOGGER.warning("%s: the first read failed: %s", self.name, err)
            self._async_silence()
        finally:
            self._async_set_pace()
        return self._present

    async def _async_round(self) -> None:
        """Read every device; one of which the cloud knows nothing does not stop the others."""
        for device in self._devices.values():
            with suppress(*OF_A_DEVICE):
                await self._async_read(device)
        self._async_put(self._present.with_hub(online=True))

    async def _async_read(self, device: Device) -> None:
        """Read one device, and its history where something has happened."""
        try:
            status = await self._async_look(device.uuid)
        except OF_A_DEVICE as err:
            LOGGER.debug("%s: a device was not read: %s", self.name, err)
            self._async_lose(device.uuid)
            raise
        if self._quota.has_room():
            await self._chronicle.async_follow(device.uuid, status)

    async def _async_look(self, uuid: str) -> api.Status:
        try:
            status = await self._cloud.status(uuid)
        except api.QuotaError:
            self._notices.async_refused()
            raise
        self._notices.async_answered()
        self._seen[uuid] = status
        changes = status_changes(status)
        self._belief.async_renew(uuid, self._quota.held_for)
        if self._present.locks[uuid].state.is_moving:
            # How that ends, the command will say.
            del changes["state"]
        self._async_put(self._present.with_lock(uuid, **changes))
        return status

    @override
    async def _async_read_lock(self, lock_id: str) -> None:
        self._async_unwatch(lock_id)
        with suppress(api.SesameWebError):
            await self._async_look(lock_id)
        self.async_update_lock(lock_id, state=self._bolt(lock_id))

    def _bolt(self, uuid: str) -> LockState:
        """Return where a bolt was seen last; unknown when that is worth nothing."""
        status = self._seen.get(uuid)
        return LockState.UNKNOWN if status is None else bolt_state(status)

    @callback
    def _async_lose(self, uuid: str) -> None:
        """Take that the cloud knows nothing of a device."""
        self._seen.pop(uuid, None)
        self._belief.async_drop(uuid)
        self._async_put(self._present.with_lock(uuid, **SILENT))

    @callback
    def _async_silence(self) -> None:
        """Take that nothing is known of anything."""
        for uuid in self._devices:
            self._async_lose(uuid)
        self._async_put(self._present.with_hub(online=False))

    @callback
    def _async_doubt(self, uuid: str) -> None:
        """Take that a state is too old to be believed."""
        self._seen.pop(uuid, None)
        if not self._present.locks[uuid].state.is_moving:
            self._async_put(self._present.with_lock(uuid, state=LockState.UNKNOWN))

    @callback
    def _async_set_pace(self) -> None:
        self._notices.async_paced(is_out=self._quota.is_out)
        interval = self._quota.interval
        if interval is not None and self._failures:
            interval = min(interval, _SOON * 2 ** min(self._failures - 1, _DOUBLINGS))
        self.update_interval = interval or self._quota.until_next_month

    # Commands.

    @override
    async def _async_perform(self, target: str, action: Action) -> None:
        device = self._devices.get(target)
        if action is Action.REFRESH:
            await self._async_refresh_at_once(device)
        elif device is not None and action is Action.PRESS:
            await self._commander.press(device)
        elif device is not None:
            await self._async_turn(device, action)

    async def _async_refresh_at_once(self, device: Device | None) -> None:
        """Read what a person has asked for: beyond polling's share, within the budget."""
        needed = len(self._devices) if device is None else 1
        if self._quota.calls_left < needed:
            raise CommandError("sesame_web_budget_used", budget=str(self._quota.budget))
        try:
            if device is None:
                await self._async_round()
            else:
                await self._async_read(device)
        finally:
            self._async_set_pace()
        self.async_heard()

    async def _async_turn(self, device: Device, action: Action) -> None:
        uuid = device.uuid
        before = self._seen.pop(uuid, None)
        try:
            await self._commander.turn(device, action)
        except api.SesameWebError as err:
            # Nothing was done: what was seen before is still so, unless it is about the device.
            if before is not None:
                self._seen.setdefault(uuid, before)
            if isinstance(err, OF_A_DEVICE):
                with suppress(api.SesameWebError):
                    await self._async_look(uuid)
            raise
        finally:
            self.async_update_lock(uuid, state=self._bolt(uuid))
        if self._quota.has_room():
            with suppress(api.SesameWebError):
                await self._chronicle.async_follow(uuid, self._seen[uuid])

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {
            "budget": self._quota.budget,
            "calls": self._counter.calls,
            "seconds_between_rounds": _seconds(self._quota.interval),
            "seconds_believed": round(self._quota.held_for),
            "devices": sorted(device.product.model for device in self._devices.values()),
        }


def _seconds(interval: timedelta | None) -> int | None:
    return None if interval is None else round(interval.total_seconds())
