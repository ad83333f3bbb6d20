"""The coordinators of the first edition, for the vendors that do not use the tracker yet."""

from abc import ABC, abstractmethod
import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import (
    ConfigEntryAuthFailed,
    HomeAssistantError,
    ServiceValidationError,
)
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.issue_registry import (
    IssueSeverity,
    async_create_issue,
    async_delete_issue,
)
from homeassistant.helpers.update_coordinator import (
    REQUEST_REFRESH_DEFAULT_COOLDOWN,
    REQUEST_REFRESH_DEFAULT_IMMEDIATE,
    DataUpdateCoordinator,
    UpdateFailed,
)

from .const import DOMAIN, LOGGER
from .coordinator import PushPolicy
from .exceptions import CommandError, Remedy, Trouble
from .helpers import async_pause
from .models import MOVEMENT, Action, LockEvent, LockState, PushCall, Snapshot

type SmartLocksConfigEntry = ConfigEntry[SmartLocksCoordinator]
type EventListener = Callable[[LockEvent], None]


class Issues:
    """What a person must look after; `key` names title and text in the translations."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._raised: set[str] = set()
        entry.async_on_unload(self._async_clear_all)

    @callback
    def async_raise(
        self, key: str, *, is_fixable: bool = False, is_error: bool = False, **placeholders: str
    ) -> None:
        """Raise an issue, or bring its text up to date.

        A fixable one offers "try again" once the person has seen to it.
        """
        self._raised.add(key)
        async_create_issue(
            self._hass,
            DOMAIN,
            self._issue_id(key),
            is_fixable=is_fixable,
            severity=IssueSeverity.ERROR if is_error else IssueSeverity.WARNING,
            translation_key=key,
            translation_placeholders={"name": self._entry.title, **placeholders},
            data={"entry_id": self._entry.entry_id},
        )

    @callback
    def async_clear(self, *keys: str) -> None:
        """Take issues back; those not raised are none."""
        for key in self._raised.intersection(keys):
            async_delete_issue(self._hass, DOMAIN, self._issue_id(key))
        self._raised.difference_update(keys)

    @callback
    def _async_clear_all(self) -> None:
        self.async_clear(*self._raised)

    def _issue_id(self, key: str) -> str:
        return f"{key}_{self._entry.entry_id}"


class SmartLocksCoordinator(DataUpdateCoordinator[Snapshot], ABC):
    """One config entry's locks: read, commanded, and always told truthfully.

    A vendor says in `troubles` what its api's errors mean, and supplies `_async_fetch`
    and `_async_perform`. A movement that was begun always ends: by what the vendor
    reports, by failure, or by a timeout that reads the state.
    """

    config_entry: SmartLocksConfigEntry
    # What is known while the first read is still under way; a vendor that tells what it
    # learns in the middle of a read sets it before.
    _draft: Snapshot
    api_error: ClassVar[type[Exception]]
    troubles: ClassVar[Mapping[type[Exception], Trouble]]
    transition_timeout: ClassVar[float] = 30.0

    def __init__(self, hass: HomeAssistant, entry: SmartLocksConfigEntry) -> None:
        """Prepare; nothing is asked of the vendor yet."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=entry.title,
            # In the background: a read of many locks does not hold Home Assistant's ending.
            request_refresh_debouncer=Debouncer(
                hass,
                LOGGER,
                cooldown=REQUEST_REFRESH_DEFAULT_COOLDOWN,
                immediate=REQUEST_REFRESH_DEFAULT_IMMEDIATE,
                background=True,
            ),
            always_update=False,
        )
        self.hub_device_id: str | None = None
        self._entry_locks = {key: (lock.title, lock.data) for key, lock in entry.subentries.items()}
        self.issues = Issues(hass, entry)
        self._event_listeners: dict[str, set[EventListener]] = defaultdict(set)
        self._commands: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._deadlines: dict[str, CALLBACK_TYPE] = {}
        entry.async_on_unload(self._async_cancel_deadlines)

    # What a vendor supplies.

    @abstractmethod
    async def _async_fetch(self) -> Snapshot:
        """Read everything once."""

    @abstractmethod
    async def _async_perform(self, target: str, action: Action) -> None:
        """Do something with a lock (or the hub, by its id), and see that it happened."""

    async def _async_read_lock(self, lock_id: str) -> None:
        """Read one lock's state, now, whatever it was doing; the default reads everything."""
        self._async_unwatch(lock_id)
        await self.async_refresh()

    def _trouble(self, err: Exception) -> Trouble:
        """Tell what an error of the api means."""
        if isinstance(err, CommandError):
            return err.trouble
        return next(self.troubles[kind] for kind in type(err).__mro__ if kind in self.troubles)

    # Reading.

    @property
    def _is_first(self) -> bool:
        """Whether nothing was read yet."""
        return self.data is None

    @property
    def _present(self) -> Snapshot:
        """What is known at this moment, be it in the middle of a read."""
        return self._draft if self._is_first else self.data

    @callback
    def _async_put(self, snapshot: Snapshot) -> None:
        """Take what was learnt, at once; for the first read there is nobody to tell yet."""
        if self._is_first:
            self._draft = snapshot
        else:
            self.async_publish(snapshot)

    @override
    async def _async_update_data(self) -> Snapshot:
        try:
            fetched = await self._async_fetch()
        except self.api_error as err:
            trouble = self._trouble(err)
            if trouble.remedy is Remedy.REAUTH:
                raise ConfigEntryAuthFailed(**_words(trouble)) from err
            raise UpdateFailed(retry_after=trouble.retry_after, **_words(trouble)) from err
        return self._keep_moving(fetched)

    def _keep_moving(self, fetched: Snapshot) -> Snapshot:
        """A poll does not end a movement that still has time: the device reports late."""
        for lock_id in self._deadlines:
            if lock_id in fetched.locks and lock_id in self.data.locks:
                fetched = fetched.with_lock(lock_id, state=self.data.locks[lock_id].state)
        return fetched

    @callback
    def async_update_lock(self, lock_id: str, **changes: Any) -> None:
        """Tell a change of one lock; a state ends the movement that led to it."""
        if (state := changes.get("state")) is not None:
            self._async_watch(lock_id, state)
        self.async_publish(self.data.with_lock(lock_id, **changes))

    @callback
    def async_publish(self, data: Snapshot) -> None:
        """Tell the listeners of what was learnt between two polls, if it is news."""
        if data != self.data:
            self.data = data
            self.async_update_listeners()

    @callback
    def async_heard(self) -> None:
        """Take that the device has told its state by itself, though the last poll failed."""
        if not self.last_update_success:
            self.last_update_success = True
            LOGGER.info("%s is heard of again", self.name)
            self.async_update_listeners()

    # Moving.

    async def async_execute(self, target: str, action: Action) -> None:
        """Do what a person asked for; HomeAssistantError with a sentence if it did not happen."""
        self._require(target, action)
        movement = MOVEMENT.get(action)
        try:
            if movement is None:
                await self._async_perform(target, action)
            else:
                async with self._commands[target]:
                    await self._async_move(target, action, movement)
        except (self.api_error, CommandError) as err:
            trouble = self._trouble(err)
            if trouble.remedy is Remedy.REAUTH:
                self.config_entry.async_start_reauth(self.hass)
            raise HomeAssistantError(**_words(trouble)) from err

    def _require(self, target: str, action: Action) -> None:
        device = self.data.device(target)
        if device is None or action not in device.actions:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key=f"cannot_{action}"
            )

    async def _async_move(self, lock_id: str, action: Action, movement: LockState) -> None:
        self.async_update_lock(lock_id, state=movement)
        try:
            await self._async_perform(lock_id, action)
        except self.api_error, CommandError:
            await self._async_settle(lock_id)
            raise
        await self._async_settle(lock_id)

    async def _async_settle(self, lock_id: str) -> None:
        """End a movement nobody has ended: by a read, and by "unknown" if that fails."""
        if self._is_moving(lock_id):
            await self._async_read_lock(lock_id)
        if self._is_moving(lock_id):
            self.async_update_lock(lock_id, state=LockState.UNKNOWN)

    def _is_moving(self, lock_id: str) -> bool:
        lock = self.data.locks.get(lock_id)
        return lock is not None and lock.state.is_moving

    @callback
    def _async_watch(self, lock_id: str, state: LockState) -> None:
        """Give a movement its time; any other state ends the watch."""
        self._async_unwatch(lock_id)
        if state.is_moving:

            async def overdue(_: datetime) -> None:
                await self._async_settle(lock_id)

            self._deadlines[lock_id] = async_call_later(self.hass, self.transition_timeout, overdue)

    @callback
    def _async_unwatch(self, lock_id: str) -> None:
        if cancel := self._deadlines.pop(lock_id, None):
            cancel()

    @callback
    def _async_cancel_deadlines(self) -> None:
        for lock_id in tuple(self._deadlines):
            self._async_unwatch(lock_id)

    async def _async_pause(self, seconds: float) -> None:
        """Wait, by Home Assistant's clock; given up when the caller is."""
        await async_pause(self.hass, seconds)

    def is_answering(self, lock_id: str) -> bool:
        """Whether the last poll succeeded."""
        return self.last_update_success

    @property
    def is_account_answering(self) -> bool:
        """Whether the last poll succeeded."""
        return self.last_update_success

    @callback
    def async_create_issue(
        self, key: str, *, is_fixable: bool = False, is_error: bool = False, **placeholders: str
    ) -> None:
        """Raise a repair issue."""
        self.issues.async_raise(key, is_fixable=is_fixable, is_error=is_error, **placeholders)

    @callback
    def async_clear_issue(self, *keys: str) -> None:
        """Take repair issues back."""
        self.issues.async_clear(*keys)

    @callback
    def async_announced(self, host: str) -> None:
        """Follow a device to another address."""
        entry = self.config_entry
        if self.hass.config_entries.async_update_entry(entry, data={**entry.data, "host": host}):
            self.hass.config_entries.async_schedule_reload(entry.entry_id)

    @callback
    def async_entry_changed(self) -> None:
        """Start anew when a lock was added, changed or removed."""
        entry = self.config_entry
        now = {key: (lock.title, lock.data) for key, lock in entry.subentries.items()}
        if now != self._entry_locks:
            self._entry_locks = now
            self.hass.config_entries.async_schedule_reload(entry.entry_id)

    # What happened.

    @callback
    def async_subscribe_events(self, lock_id: str, listener: EventListener) -> CALLBACK_TYPE:
        """Be told what happens at a lock; returns the undo."""
        self._event_listeners[lock_id].add(listener)
        return lambda: self._event_listeners[lock_id].discard(listener)

    @callback
    def async_report(self, event: LockEvent) -> None:
        """Tell the listeners what happened at a lock."""
        for listener in tuple(self._event_listeners[event.lock_id]):
            listener(event)

    # Diagnostics.

    def diagnostics(self) -> dict[str, Any]:
        """Tell what helps to find a fault, and no secret."""
        return {}


def _words(trouble: Trouble) -> dict[str, Any]:
    return {
        "translation_domain": DOMAIN,
        "translation_key": trouble.key,
        "translation_placeholders": dict(trouble.placeholders) or None,
    }


class PushCoordinator(SmartLocksCoordinator):
    """A coordinator whose vendor can call us when something happens."""

    push_policy: ClassVar[PushPolicy]

    @abstractmethod
    async def async_subscribe(self, url: str) -> None:
        """See to it that the vendor calls this address, and no older one of ours.

        May be called again and again. Trouble is the coordinator's to tell and to mend
        later: this raises nothing.
        """

    @abstractmethod
    async def async_unsubscribe(self) -> None:
        """Take our address from the vendor where it can be reached; raises nothing."""

    @abstractmethod
    async def async_receive(self, call: PushCall) -> None:
        """Take a call; PushNotVerifiedError or PushNotUnderstoodError, without waiting for I/O."""
