"""Switches: the settings of a lock."""

from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import SmartLocksConfigEntry
from .entity import LockDeviceEntity, async_follow_devices
from .models import Feature, LockSnapshot, Setting

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class SettingDescription(SwitchEntityDescription):
    """A switch and the setting that it stands for, with the feature that calls for it."""

    feature: Feature
    setting: Setting


SETTINGS = (
    SettingDescription(
        key="open_house",
        translation_key="open_house",
        feature=Feature.OPEN_HOUSE,
        setting=Setting.OPEN_HOUSE,
        entity_category=EntityCategory.CONFIG,
    ),
    SettingDescription(
        key="twist_assist",
        translation_key="twist_assist",
        feature=Feature.TWIST_ASSIST,
        setting=Setting.TWIST_ASSIST,
        entity_category=EntityCategory.CONFIG,
    ),
    SettingDescription(
        key="touch_to_connect",
        translation_key="touch_to_connect",
        feature=Feature.TOUCH_TO_CONNECT,
        setting=Setting.TOUCH_TO_CONNECT,
        entity_category=EntityCategory.CONFIG,
    ),
    SettingDescription(
        key="guest_access",
        translation_key="guest_access",
        feature=Feature.GUEST_ACCESS,
        setting=Setting.GUEST_ACCESS,
        entity_category=EntityCategory.CONFIG,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SmartLocksConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a switch for every setting that a lock has."""

    def entities(lock: LockSnapshot) -> list[LockSetting]:
        return [
            LockSetting(entry.runtime_data, lock, description)
            for description in SETTINGS
            if description.feature in lock.features
        ]

    await async_follow_devices(entry, async_add_entities, lock_entities=entities)


class LockSetting(LockDeviceEntity, SwitchEntity):
    """A setting as it was read last; assumed from a change until it is read again."""

    _shows = frozenset({"settings", "assumed_settings"})
    entity_description: SettingDescription

    @property
    @override
    def available(self) -> bool:
        """A setting is known whether the lock can be reached now or not."""
        return self.is_on is not None

    @property
    @override
    def assumed_state(self) -> bool:
        return self.entity_description.setting in self.snapshot.assumed_settings

    @property
    @override
    def is_on(self) -> bool | None:
        return self.snapshot.settings.get(self.entity_description.setting)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self._async_change(is_on=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self._async_change(is_on=False)

    async def _async_change(self, *, is_on: bool) -> None:
        await self.coordinator.async_change_setting(
            self.snapshot.id, self.entity_description.setting, is_on=is_on
        )
