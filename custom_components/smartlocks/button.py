"""Buttons: press, refresh, synchronize, calibrate, and unlock where nothing can lock."""

from dataclasses import dataclass
from typing import override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import SmartLocksConfigEntry
from .entity import HubDeviceEntity, LockDeviceEntity, async_follow_devices
from .models import Action

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class ActionButtonDescription(ButtonEntityDescription):
    """A button and the action it stands for.

    `lock_translation_key` is what it is called on a lock, where that makes a difference.
    Where a device knows `unless`, too, an entity of its own stands for both.
    """

    action: Action
    needs_lock: bool = True
    lock_translation_key: str | None = None
    unless: Action | None = None

    def fits(self, actions: frozenset[Action]) -> bool:
        """Return whether a device that knows these actions needs the button."""
        return self.action in actions and self.unless not in actions


BUTTONS = (
    ActionButtonDescription(key="press", translation_key="press", action=Action.PRESS),
    ActionButtonDescription(
        key="unlock", translation_key="unlock", action=Action.UNLOCK, unless=Action.LOCK
    ),
    ActionButtonDescription(
        key="refresh",
        translation_key="refresh",
        action=Action.REFRESH,
        needs_lock=False,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    ActionButtonDescription(
        key="read_cloud",
        translation_key="read_cloud",
        action=Action.READ_CLOUD,
        needs_lock=False,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    ActionButtonDescription(
        key="synchronize",
        translation_key="synchronize",
        action=Action.SYNCHRONIZE,
        needs_lock=False,
        # Of a gateway it costs nothing; a lock is woken by it.
        lock_translation_key="synchronize_lock",
        entity_category=EntityCategory.CONFIG,
    ),
    ActionButtonDescription(
        key="calibrate",
        translation_key="calibrate",
        action=Action.CALIBRATE,
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SmartLocksConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a button for every action a device knows."""
    coordinator = entry.runtime_data
    await async_follow_devices(
        entry,
        async_add_entities,
        lock_entities=lambda lock: [
            LockButton(coordinator, lock, description)
            for description in BUTTONS
            if description.fits(lock.actions)
        ],
        hub_entities=lambda hub: [
            HubButton(coordinator, hub, description)
            for description in BUTTONS
            if description.fits(hub.actions)
        ],
    )


class LockButton(LockDeviceEntity, ButtonEntity):
    """A button of a lock."""

    _shows = frozenset({"online"})
    entity_description: ActionButtonDescription

    @property
    @override
    def translation_key(self) -> str | None:
        return self.entity_description.lock_translation_key or super().translation_key

    @property
    @override
    def available(self) -> bool:
        """What must reach the lock itself is away with it; asking for news never is."""
        if not self.entity_description.needs_lock:
            return True
        return super().available and self.snapshot.online is not False

    @override
    async def async_press(self) -> None:
        await self.coordinator.async_execute(
            self.snapshot.id, self.entity_description.action, context=self._context
        )


class HubButton(HubDeviceEntity, ButtonEntity):
    """A button of a hub."""

    _shows = frozenset()
    entity_description: ActionButtonDescription

    @property
    @override
    def available(self) -> bool:
        """A hub that does not answer is what asking again is for."""
        return not self.entity_description.needs_lock or super().available

    @override
    async def async_press(self) -> None:
        await self.coordinator.async_execute(self.snapshot.id, self.entity_description.action)
