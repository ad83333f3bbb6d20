"""The locks."""

from typing import Any, override

from homeassistant.components.lock import LockEntity, LockEntityDescription
from homeassistant.components.lock.const import LockEntityFeature
from homeassistant.const import ATTR_CODE
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .codes import CODE_FORMAT
from .coordinator import SmartLocksConfigEntry
from .entity import LOCK_KEY, LockActivityEntity, async_follow_devices
from .models import Action, LockSnapshot, LockState

# The coordinator lets commands through: one at a time to a lock, and gently to what many
# locks share. Two locks need not wait for each other here.
PARALLEL_UPDATES = 0

LOCK = LockEntityDescription(key=LOCK_KEY, translation_key="lock")

_NO_FEATURE = LockEntityFeature(0)

_SECURE: dict[LockState, bool | None] = {
    LockState.LOCKED: True,
    LockState.UNKNOWN: None,
    LockState.JAMMED: None,
}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SmartLocksConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a lock for everything that can be told to lock."""

    def entities(lock: LockSnapshot) -> list[SmartLock]:
        return [SmartLock(entry.runtime_data, lock, LOCK)] if Action.LOCK in lock.actions else []

    await async_follow_devices(entry, async_add_entities, lock_entities=entities)


class SmartLock(LockActivityEntity, LockEntity):
    """One lock. What is not known for certain is never shown as locked."""

    _attr_name = None
    _shows = frozenset({"state", "changed_by", "online", "actions"})

    @property
    @override
    def supported_features(self) -> LockEntityFeature:
        """Opening is offered only where the lock can."""
        return LockEntityFeature.OPEN if Action.OPEN in self.snapshot.actions else _NO_FEATURE

    @property
    @override
    def _is_reachable(self) -> bool:
        # What is unavailable cannot be commanded at all, by whichever way.
        return self.coordinator.is_commandable(self._device_id)

    @property
    @override
    def available(self) -> bool:
        """A lock its bridge cannot reach may have been turned by hand meanwhile."""
        return super().available and self.snapshot.online is not False

    @property
    @override
    def is_locked(self) -> bool | None:
        return _SECURE.get(self.snapshot.state, False)

    @property
    @override
    def is_locking(self) -> bool:
        return self.snapshot.state is LockState.LOCKING

    @property
    @override
    def is_unlocking(self) -> bool:
        return self.snapshot.state is LockState.UNLOCKING

    @property
    @override
    def is_open(self) -> bool:
        return self.snapshot.state is LockState.OPEN

    @property
    @override
    def is_opening(self) -> bool:
        return self.snapshot.state is LockState.OPENING

    @property
    @override
    def is_jammed(self) -> bool:
        return self.snapshot.state is LockState.JAMMED

    @property
    @override
    def code_format(self) -> str | None:
        """The empty code, too, is of this format: locking needs none."""
        return CODE_FORMAT if self.coordinator.codes.has_code(self.snapshot.id) else None

    @property
    @override
    def changed_by(self) -> str | None:
        return self.snapshot.changed_by

    @override
    async def async_lock(self, **kwargs: Any) -> None:
        await self._async_execute(Action.LOCK)

    @override
    async def async_unlock(self, **kwargs: Any) -> None:
        await self._async_execute(Action.UNLOCK, kwargs.get(ATTR_CODE))

    @override
    async def async_open(self, **kwargs: Any) -> None:
        await self._async_execute(Action.OPEN, kwargs.get(ATTR_CODE))

    async def _async_execute(self, action: Action, code: str | None = None) -> None:
        await self.coordinator.async_execute(self.snapshot.id, action, code, context=self._context)
