"""One gateway: its list polled gently, its locks asked seldom, commands confirmed by a read."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, override

from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ...const import LOGGER
from ...exceptions import CommandError, Remedy
from ...first_edition import SmartLocksConfigEntry, SmartLocksCoordinator
from ...helpers import parse_address
from ...models import REACHED, Action, HubStatus, LockState, Snapshot
from ..events import Story
from . import api
from .commander import Commander
from .const import CONF_POLL_SECONDS, DEFAULT_POLL_SECONDS
from .notices import Notices
from .reader import Reader
from .setting import Door, doors_of, gateway_snapshot, lock_snapshots
from .stations import Station, async_station
from .troubles import TROUBLES
from .watch import Watch
from .words import absence, gateway_changes, locker_changes, status_changes

# What the gateway is busy with changes within a minute or so.
_STATUS_EVERY = timedelta(seconds=60)
# A busy gateway has no list for us: so many polls it may keep us waiting.
_BUSY_POLLS = 4
# The bolt travels for about five seconds; then it is looked at, a few times.
_TRAVEL = 6.0
_LOOKS = 3
_CALIBRATION = 15.0


class TheKeysCoordinator(SmartLocksCoordinator):
    """The locks behind one gateway."""

    api_error = api.TheKeysError
    troubles = TROUBLES
    # A busy gateway is waited for, then the bolt.
    transition_timeout = 120.0

    _station: Station
    _commander: Commander
    _reader: Reader

    def __init__(self, hass: HomeAssistant, entry: SmartLocksConfigEntry) -> None:
        """Take everything from the entry; nothing is asked of the gateway yet."""
        super().__init__(hass, entry)
        seconds = entry.options.get(CONF_POLL_SECONDS, DEFAULT_POLL_SECONDS)
        self.update_interval = timedelta(seconds=seconds)
        self._doors = doors_of(entry)
        self._watches = {lock_id: Watch() for lock_id in self._doors}
        self._story = Story()
        self._notices = Notices(hass, entry, self.issues)
        self._draft = Snapshot(locks=lock_snapshots(entry), hub=gateway_snapshot(entry))
        self._status_at: datetime | None = None
        self._busy_polls = 0

    @override
    async def _async_setup(self) -> None:
        url = parse_address(self.config_entry.data[CONF_HOST])
        self._station = await async_station(self.hass, url)
        self._commander = Commander(self._station, self._async_pause)
        self._reader = Reader(self._station, self._commander, self._notices)

    # Reading.

    @override
    async def _async_fetch(self) -> Snapshot:
        try:
            await self._async_poll()
        except api.TheKeysConnectionError:
            self._notices.async_silent(dt_util.utcnow())
            raise
        except api.TheKeysBusyError:
            self._notices.async_answered()
            self._busy_polls += 1
            if self._is_first or self._busy_polls >= _BUSY_POLLS:
                raise
        return self._present

    async def _async_poll(self) -> None:
        await self._async_look_at_gateway(dt_util.utcnow())
        lockers = {locker.identifier: locker for locker in await self._station.gateway.lockers()}
        self._notices.async_answered()
        self._busy_polls = 0
        for door in self._doors.values():
            await self._async_visit(door, lockers.get(door.identifier))

    async def _async_look_at_gateway(self, now: datetime) -> None:
        is_fresh = self._status_at is not None and now - self._status_at < _STATUS_EVERY
        if is_fresh and not self._is_synchronizing:
            return
        try:
            status = await self._station.gateway.status()
        except api.TheKeysGatewayError:
            status = None
        self._status_at = now
        self._async_put(self._present.with_hub(**gateway_changes(status)))

    @property
    def _is_synchronizing(self) -> bool:
        hub = self._present.hub
        return hub is not None and hub.status is HubStatus.SYNCHRONIZING

    async def _async_visit(self, door: Door, locker: api.Locker | None) -> None:
        """Take a lock's line of the list, and ask the lock itself where that is due."""
        watch = self._watches[door.id]
        if locker is None:
            watch.missed()
            self._async_learn(door, absence(is_away=watch.is_away))
            return
        watch.listed()
        self._async_learn(door, locker_changes(locker))
        is_moving = self._present.locks[door.id].state.is_moving
        if is_moving or not watch.is_due(dt_util.utcnow(), locker.last_log):
            return
        if self._is_synchronizing:
            # Its radio is taken. What is known may be so no longer.
            self._async_learn(
                door, absence(is_away=watch.is_away, has_news=watch.has_news(locker.last_log))
            )
            return
        await self._async_poll_lock(door, locker.last_log)

    async def _async_poll_lock(self, door: Door, log: int | None) -> None:
        watch = self._watches[door.id]
        has_news = watch.has_news(log)
        try:
            status = await self._reader.read(door, watch, log)
        except api.TheKeysConnectionError:
            raise
        except api.TheKeysError as err:
            LOGGER.debug("%s: state of a lock not read: %s", self.name, err)
            self._async_learn(door, absence(is_away=watch.is_away, has_news=has_news))
            return
        self._async_learn(door, status_changes(status), has_news=has_news)

    async def _async_ask(self, door: Door) -> api.LockerStatus:
        return await self._reader.read_now(door, self._watches[door.id])

    @callback
    def _async_learn(
        self,
        door: Door,
        changes: Mapping[str, Any],
        *,
        has_news: bool = False,
        is_last: bool = False,
        is_ours: bool = False,
    ) -> None:
        """Take changes of a lock; `is_last` ends a movement, which otherwise goes on."""
        if self._present.locks[door.id].state.is_moving and not is_last:
            changes = {name: value for name, value in changes.items() if name != "state"}
        if changes.get("online") is False:
            self._story.lose(door.id)
        event = self._story.arrive(
            door.id, changes.get("state"), has_news=has_news, is_ours=is_ours
        )
        if event is not None:
            changes = {**changes, "changed_by": event.who, "last_change": dt_util.utcnow()}
            self.async_report(event)
        self._async_put(self._present.with_lock(door.id, **changes))

    @override
    async def _async_read_lock(self, lock_id: str) -> None:
        self._async_unwatch(lock_id)
        door = self._doors[lock_id]
        try:
            status = await self._async_ask(door)
        except api.TheKeysError as err:
            LOGGER.debug("%s: state of a lock not read: %s", self.name, err)
            return
        self._async_learn(door, status_changes(status), is_last=True)

    # Commands.

    @override
    async def _async_perform(self, target: str, action: Action) -> None:
        door = self._doors.get(target)
        if door is None:
            await self._async_perform_at_gateway(action)
            return
        match action:
            case Action.REFRESH:
                status = await self._async_ask(door)
                self._async_learn(door, status_changes(status))
            case Action.SYNCHRONIZE:
                await self._commander.synchronize_lock(door.identifier)
                await self._async_read_lock(door.id)
            case Action.CALIBRATE:
                await self._async_send(door, self._station.gateway.calibrate)
                await self._async_pause(_CALIBRATION)
                await self._async_read_lock(door.id)
            case _:
                await self._async_move_bolt(door, action)

    async def _async_perform_at_gateway(self, action: Action) -> None:
        if action is Action.SYNCHRONIZE:
            await self._commander.synchronize()
        self._status_at = None
        for watch in self._watches.values():
            watch.forget()
        await self.async_refresh()

    async def _async_move_bolt(self, door: Door, action: Action) -> None:
        gateway = self._station.gateway
        doubt: api.TheKeysError | None = None
        try:
            await self._async_send(door, gateway.close if action is Action.LOCK else gateway.open)
        except api.TheKeysError as err:
            if not err.may_have_arrived:
                self._notices.async_failed(door, err)
                raise
            doubt = err
        if not await self._async_confirm(door, REACHED[action]):
            if isinstance(doubt, api.TheKeysGatewayError):
                raise doubt
            key = "the_keys_not_confirmed" if doubt is None else "the_keys_unanswered"
            raise CommandError(key, Remedy.RETRY) from doubt

    async def _async_send(self, door: Door, request: Callable[[int, str], Awaitable[None]]) -> None:
        await self._commander.ask(door.identifier, lambda: request(door.identifier, door.code))

    async def _async_confirm(self, door: Door, wanted: LockState) -> bool:
        """Look until the bolt is where it should be; what was seen last stands."""
        for _ in range(_LOOKS):
            await self._async_pause(_TRAVEL)
            try:
                changes = status_changes(await self._async_ask(door))
            except api.TheKeysError as err:
                LOGGER.debug("%s: state of a lock not read: %s", self.name, err)
                changes = {"state": LockState.UNKNOWN}
            if changes["state"] is wanted:
                self._async_unwatch(door.id)
                self._async_learn(door, changes, is_last=True, is_ours=True)
                return True
        self._async_unwatch(door.id)
        self._async_learn(door, changes, is_last=True)
        return False

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {
            "signed_reads": self._reader.reads,
            "refused": self._notices.refused,
            "seconds_ahead": max(0, round(self._station.timestamps.ahead)),
        }
