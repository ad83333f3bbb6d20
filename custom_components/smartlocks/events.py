"""What happens at the locks, on Home Assistant's event bus and in words."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.const import ATTR_DEVICE_ID, ATTR_ENTITY_ID
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .const import DOMAIN, EVENT_ACTIVITY, EVENT_COMMAND_FAILED
from .coordinator import SmartLocksConfigEntry
from .entity import device_identifier, target_of
from .helpers import localize, name_of
from .models import Activity, CommandFailure, Feature, LockEvent

# Of the data of both events, besides device and entity.
ATTR_ACTION: Final = "action"
ATTR_ACTIVITY: Final = "activity"
ATTR_KEY: Final = "key"
ATTR_METHOD: Final = "method"
ATTR_REASON: Final = "reason"
ATTR_VERIFIED: Final = "verified"
ATTR_WHO: Final = "who"

# What somebody does, and may have done by name.
USES: Final = (Activity.LOCKED, Activity.UNLOCKED, Activity.OPENED, Activity.PRESSED)

# The entity that stands for a lock is the first of these that it has.
_STAND_FOR_A_LOCK: Final = (
    ("lock", "lock"),
    ("binary_sensor", "bolt"),
    ("event", "activity"),
    ("button", "unlock"),
    ("button", "press"),
)

type Words = Callable[[HomeAssistant, Mapping[str, Any]], str]


# On the event bus.


@callback
def async_announce(hass: HomeAssistant, entry: SmartLocksConfigEntry) -> None:
    """Fire an event for what others do at the locks of an entry, and for commands that fail.

    What a command of ours causes is told by its call.
    """

    @callback
    def happened(event: LockEvent, context: Context) -> None:
        data = {
            **_whereabouts(hass, entry, event.lock_id),
            ATTR_ACTIVITY: event.activity.value,
            ATTR_METHOD: None if event.method is None else event.method.value,
            ATTR_WHO: event.who,
            ATTR_KEY: event.key,
            ATTR_VERIFIED: event.is_verified,
            "at": None if event.at is None else event.at.isoformat(),
        }
        hass.bus.async_fire(EVENT_ACTIVITY, data, context=context)

    @callback
    def failed(failure: CommandFailure, context: Context | None) -> None:
        data = {
            **_whereabouts(hass, entry, failure.lock_id),
            ATTR_ACTION: failure.action.value,
            ATTR_REASON: failure.reason.value,
        }
        hass.bus.async_fire(EVENT_COMMAND_FAILED, data, context=context)

    entry.async_on_unload(entry.runtime_data.async_subscribe_all(happened, failed))


def _whereabouts(
    hass: HomeAssistant, entry: SmartLocksConfigEntry, lock_id: str
) -> dict[str, str | None]:
    """Return the device of a lock, and the entity that stands for it: the lock, if any.

    One that is disabled stands for it only where no other can.
    """
    registry, identifier = er.async_get(hass), device_identifier(entry, lock_id)
    stands: er.RegistryEntry | None = None
    for platform, key in _STAND_FOR_A_LOCK:
        entity_id = registry.async_get_entity_id(platform, DOMAIN, f"{identifier}_{key}")
        if entity_id is None:
            continue
        entity = registry.entities[entity_id]
        if entity.disabled_by is None:
            stands = entity
            break
        stands = stands or entity
    if stands is None:
        return {ATTR_DEVICE_ID: None, ATTR_ENTITY_ID: None}
    return {ATTR_DEVICE_ID: stands.device_id, ATTR_ENTITY_ID: stands.entity_id}


# In words.


def name_of_lock(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Return what a person calls the lock of an event."""
    device = dr.async_get(hass).async_get(data.get(ATTR_DEVICE_ID) or "")
    if device is None:
        return str(data.get(ATTR_ENTITY_ID) or "")
    return device.name_by_user or device.name or ""


def name_of_cause(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Return what changes are said to come from: somebody by name, or else the lock."""
    told = data.get(ATTR_WHO), data.get(ATTR_KEY)
    name = name_of(hass, *told, is_verified=data.get(ATTR_VERIFIED, True))
    return name or name_of_lock(hass, data)


def activity_in_words(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Return what has happened, by whom and how: "unlocked by Anna with PIN"."""
    key, placeholders = f"activity_{data[ATTR_ACTIVITY]}", {}
    if data[ATTR_ACTIVITY] in USES:
        who, method = data.get(ATTR_WHO), data.get(ATTR_METHOD)
        if who is None and data.get(ATTR_KEY) is not None:
            who = localize(hass, "by_key", number=str(data[ATTR_KEY]))
        if who is not None:
            key, placeholders["who"] = f"{key}_by", who
        if method is not None:
            key, placeholders["how"] = f"{key}_how", localize(hass, f"how_{method}")
    message = localize(hass, key, **placeholders)
    if data.get(ATTR_VERIFIED, True):
        return message
    return localize(hass, "not_verified", message=message)


def failure_in_words(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Return what became of a command: "did not confirm the unlock command"."""
    return localize(hass, f"command_{data[ATTR_ACTION]}_{data[ATTR_REASON]}")


# Which locks can tell.


@callback
def async_require_names(hass: HomeAssistant, target: Mapping[str, Any]) -> None:
    """Refuse locks, named one by one, that never tell who used them.

    ServiceValidationError with a message. Of those that are not loaded nothing is known.
    """
    entities, devices = er.async_get(hass), dr.async_get(hass)
    named = {*_listed(target, ATTR_DEVICE_ID)}
    for entity_id in _listed(target, ATTR_ENTITY_ID):
        entity = entities.async_get(entity_id)
        if entity is None or entity.platform != DOMAIN or entity.device_id is None:
            continue
        named.add(entity.device_id)
    for device_id in named:
        device = devices.async_get(device_id)
        if isinstance(device, dr.DeviceEntry) and _never_tells_who(hass, device):
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="never_tells_who",
                translation_placeholders={"name": device.name_by_user or device.name or ""},
            )


def _listed(target: Mapping[str, Any], kind: str) -> list[str]:
    named = target.get(kind) or []
    return [named] if isinstance(named, str) else list(named)


def _never_tells_who(hass: HomeAssistant, device: dr.DeviceEntry) -> bool:
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        target = target_of(entry, device)
        if target is not None:
            lock = entry.runtime_data.data.locks.get(target)
            return lock is not None and Feature.WHO not in lock.features
    return False
