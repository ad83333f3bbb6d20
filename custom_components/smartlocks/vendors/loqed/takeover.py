"""Taking a lock over from Home Assistant's own LOQED integration.

Its entries are only read, until a person has said in the form what shall become of one.
That is done when our entry has been read for the first time, and only once: by then the
lock works here.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigEntryDisabler
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ...const import DOMAIN, LOGGER
from ..base import vendor_entries
from . import api
from .const import CONF_REPLACES, KEY, MANUFACTURER
from .mapping import lock_snapshot

_OTHER_DOMAIN: Final = "loqed"
_ENTRY_ID: Final = "entry_id"
_FATE: Final = "fate"
# Entities that mean the same: what their unique ids end with there, and the key of ours.
_COUNTERPARTS: Final[Mapping[tuple[str, str], str]] = {
    (Platform.LOCK, ""): "lock",
    (Platform.SENSOR, "_battery_percentage"): "battery",
}


class Fate(StrEnum):
    """What becomes of the entry that a lock is taken over from."""

    KEEP = "keep"
    DISABLE = "disable"
    REMOVE = "remove"


@callback
def async_other_entries(hass: HomeAssistant) -> list[ConfigEntry[Any]]:
    """Return the entries of the other integration whose locks are not set up here."""
    ours = {name for entry in vendor_entries(hass, KEY) for name in entry.data["ids"]}
    return [
        entry
        for entry in hass.config_entries.async_entries(_OTHER_DOMAIN, include_ignore=False)
        if ours.isdisjoint(names_of(entry))
    ]


def names_of(entry: ConfigEntry[Any]) -> frozenset[str]:
    """Return the names by which an entry of the other integration knows its lock and bridge."""
    texts = (entry.data.get("bridge_mdns_hostname"), entry.unique_id)
    bridges = {api.bridge_id(text) for text in texts if isinstance(text, str)}
    lock = entry.data.get("id")
    return frozenset({str(lock) if lock else None, *bridges}) - {None}  # type: ignore[return-value]


def is_at(entry: ConfigEntry[Any], host: str) -> bool:
    """Return whether an entry of the other integration has its bridge at an address."""
    return entry.data.get("bridge_ip") == host.partition(":")[0]


def read_keys(entry: ConfigEntry[Any]) -> api.LockInformation:
    """Return the keys in an entry of the other integration; LoqedInformationError if unusable."""
    return api.parse_other_entry({**entry.data, "bridge_mac_wifi": entry.unique_id})


def replacement(entry: ConfigEntry[Any], fate: Fate) -> dict[str, Any]:
    """Return what our entry's data remembers of the one that it replaces."""
    return {CONF_REPLACES: {_ENTRY_ID: entry.entry_id, _FATE: fate.value}}


async def async_replace(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Do with the other entry what a person has chosen, once; take over the ids of its entities."""
    if (chosen := entry.data.get(CONF_REPLACES)) is None:
        return
    data = {name: value for name, value in entry.data.items() if name != CONF_REPLACES}
    hass.config_entries.async_update_entry(entry, data=data)
    other = hass.config_entries.async_get_entry(chosen[_ENTRY_ID])
    if other is None or other.domain != _OTHER_DOMAIN:
        return
    known = _remember(hass, other)
    try:
        if chosen[_FATE] == Fate.REMOVE:
            await hass.config_entries.async_remove(other.entry_id)
        else:
            await hass.config_entries.async_set_disabled_by(
                other.entry_id, ConfigEntryDisabler.USER
            )
    except (HomeAssistantError, ImportError) as err:
        # The lock works here all the same; what is left can be removed by hand.
        LOGGER.warning("%s: the other integration has failed: %s", entry.title, type(err).__name__)
    if hass.config_entries.async_get_entry(other.entry_id) is None:
        # An integration that cannot be loaded leaves its entities behind.
        er.async_get(hass).async_clear_config_entry(other.entry_id)
        dr.async_get(hass).async_clear_config_entry(other.entry_id)
        _adopt(hass, entry, known)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    """What people and dashboards know of a lock: its entities, and its device's area and name."""

    entities: Mapping[str, er.RegistryEntry]
    area_id: str | None
    name: str | None


@callback
def _remember(hass: HomeAssistant, other: ConfigEntry[Any]) -> _Known:
    entities = {
        key: known
        for known in er.async_entries_for_config_entry(er.async_get(hass), other.entry_id)
        for (domain, ending), key in _COUNTERPARTS.items()
        if known.domain == domain and known.unique_id.endswith(ending)
    }
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), other.entry_id)
    return _Known(
        entities=entities,
        area_id=next((device.area_id for device in devices if device.area_id), None),
        name=next((device.name_by_user for device in devices if device.name_by_user), None),
    )


@callback
def _adopt(hass: HomeAssistant, entry: ConfigEntry[Any], known: _Known) -> None:
    """Register our entities under the ids that are free now, before they are added."""
    identifier = f"{KEY}_{lock_snapshot(entry).id}"
    devices, registry = dr.async_get(hass), er.async_get(hass)
    device = devices.async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, identifier)},
        manufacturer=MANUFACTURER,
        name=entry.title,
    )
    devices.async_update_device(device.id, area_id=known.area_id, name_by_user=known.name)
    for key, old in known.entities.items():
        ours = registry.async_get_or_create(
            old.domain,
            DOMAIN,
            f"{identifier}_{key}",
            suggested_object_id=old.entity_id.partition(".")[2],
            config_entry=entry,
            device_id=device.id,
        )
        ours = registry.async_update_entity(
            ours.entity_id,
            area_id=old.area_id,
            icon=old.icon,
            labels=old.labels,
            name=old.name,
        )
        if ours.entity_id != old.entity_id:
            # Registered before under another id; or the old one is not free after all.
            with suppress(ValueError):
                registry.async_update_entity(ours.entity_id, new_entity_id=old.entity_id)
