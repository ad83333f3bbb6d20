"""Events of a lock: what happened, how, and by whom."""

from functools import cache
from typing import override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import SmartLocksConfigEntry
from .entity import LockActivityEntity, async_follow_devices
from .models import Activity, LockEvent, LockSnapshot

PARALLEL_UPDATES = 0

ACTIVITY = EventEntityDescription(key="activity", translation_key="activity")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SmartLocksConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add an event entity for every lock that reports events."""

    def entities(lock: LockSnapshot) -> list[LockActivity]:
        return [LockActivity(entry.runtime_data, lock, ACTIVITY)] if lock.activities else []

    await async_follow_devices(entry, async_add_entities, lock_entities=entities)


class LockActivity(LockActivityEntity, EventEntity):
    """The last thing that happened: `method`, `user`, `key` and `at` say how, by whom and when.

    `verified` is false where nothing proves how and by whom. `via` is the way a command
    took, where it was not the usual one.
    """

    # What has happened is written when it happens.
    _shows = frozenset({"activities"})

    @property
    @override
    def _is_reachable(self) -> bool:
        # A command that takes another way has its event, too.
        return self.coordinator.is_commandable(self._device_id)

    @property
    @override
    def event_types(self) -> list[str]:
        """The events this lock can report."""
        return _event_types(self.snapshot.activities)

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(
            self.coordinator.async_subscribe_events(self.snapshot.id, self._async_happened)
        )

    @callback
    def _async_happened(self, event: LockEvent, context: Context) -> None:
        told = {
            "method": event.method,
            "user": event.who,
            "key": event.key,
            "at": None if event.at is None else event.at.isoformat(),
            "verified": None if event.is_verified else False,
            "via": event.via,
        }
        self._trigger_event(
            event.activity, {name: value for name, value in told.items() if value is not None}
        )
        self.async_set_context(context)
        self.async_write_ha_state()


@cache
def _event_types(activities: frozenset[Activity]) -> list[str]:
    return [kind.value for kind in Activity if kind in activities]
