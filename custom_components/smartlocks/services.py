"""Actions of the integration."""

from collections.abc import Iterator

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import (
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.helpers.target import (
    TargetSelection,
    async_extract_referenced_entity_ids,
)

from .const import DOMAIN
from .coordinator import SmartLocksConfigEntry
from .entity import target_of
from .models import Action

SERVICE_REFRESH = "refresh"

_REFRESH = cv.make_entity_service_schema({})

type Target = tuple[SmartLocksConfigEntry, str]


@callback
def async_register_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    hass.services.async_register(DOMAIN, SERVICE_REFRESH, _async_refresh, schema=_REFRESH)


async def _async_refresh(call: ServiceCall) -> None:
    """Read the locks that are meant, each once; those that fail do not stop the others."""
    targets, not_loaded = _targets(call)
    if not targets and not not_loaded:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="nothing_to_refresh"
        )
    failure: HomeAssistantError | None = None
    for entry, target in targets:
        if entry.state is not ConfigEntryState.LOADED:
            # Since the others were read.
            not_loaded.append(entry.title)
            continue
        try:
            await entry.runtime_data.async_execute(target, Action.REFRESH)
        except HomeAssistantError as err:
            failure = failure or err
    if not_loaded:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="entry_not_loaded",
            translation_placeholders={"name": ", ".join(not_loaded)},
        )
    if failure is not None:
        raise failure


def _targets(call: ServiceCall) -> tuple[list[Target], list[str]]:
    """Return the devices that are meant, and the entries that are not loaded.

    A hub stands for all its locks.
    """
    targets: list[Target] = []
    not_loaded: dict[str, None] = {}
    for entry, device in _devices(call):
        if entry.state is not ConfigEntryState.LOADED:
            not_loaded[entry.title] = None
        elif (target := target_of(entry, device)) is not None:
            targets.append((entry, target))
    hubs = {entry.entry_id for entry, target in targets if _is_hub(entry, target)}
    kept = [
        (entry, target)
        for entry, target in targets
        if entry.entry_id not in hubs or _is_hub(entry, target)
    ]
    return kept, list(not_loaded)


def _is_hub(entry: SmartLocksConfigEntry, target: str) -> bool:
    hub = entry.runtime_data.data.hub
    return hub is not None and hub.id == target


def _devices(call: ServiceCall) -> Iterator[tuple[SmartLocksConfigEntry, dr.DeviceEntry]]:
    """Return our devices among those that are meant, each with its entry."""
    hass = call.hass
    meant = async_extract_referenced_entity_ids(hass, TargetSelection(call.data))
    entities = er.async_get(hass)
    device_ids = set(meant.referenced_devices)
    for entity_id in meant.referenced | meant.indirectly_referenced:
        entity = entities.async_get(entity_id)
        if entity is not None and entity.device_id is not None:
            device_ids.add(entity.device_id)
    for entry in hass.config_entries.async_entries(DOMAIN):
        for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id):
            if device.id in device_ids:
                yield entry, device
