"""The dashboard: one section for each device."""

from collections.abc import Sequence
from typing import Any

from .devices import Device
from .home_assistant import Connection

URL_PATH = "smart-locks"
WIDE = {"columns": "full"}


async def save(connection: Connection, devices: Sequence[Device]) -> None:
    """Create the dashboard, and make it the page that Home Assistant opens with."""
    await connection.command(
        "lovelace/dashboards/create",
        url_path=URL_PATH,
        title="Smart Locks",
        icon="mdi:shield-lock",
        show_in_sidebar=True,
        require_admin=False,
    )
    view = {
        "type": "sections",
        "title": "Smart Locks",
        "path": "locks",
        "max_columns": 4,
        "sections": [section(device) for device in devices],
    }
    config = {"views": [view]}
    await connection.command("lovelace/config/save", url_path=URL_PATH, config=config)
    await connection.command(
        "frontend/set_system_data", key="core", value={"default_panel": URL_PATH}
    )


def section(device: Device) -> dict[str, Any]:
    """Return the cards of a device."""
    heading = {
        "type": "heading",
        "heading": f"{device.name} · {device.maker}",
        "icon": "mdi:door" if device.lock else "mdi:gesture-tap-button",
    }
    tiles = [
        {"type": "tile", "entity": entity_id, "name": {"type": "entity"}}
        for entity_id in device.entities
        if entity_id != device.lock
    ]
    if not device.lock:
        return {"type": "grid", "cards": [heading, *tiles]}
    cards = [heading, _lock(device), *tiles, _history(device), _logbook(device)]
    return {"type": "grid", "cards": cards}


def _lock(device: Device) -> dict[str, Any]:
    features = [{"type": "lock-commands"}]
    if device.can_open:
        features.append({"type": "lock-open-door"})
    return {"type": "tile", "entity": device.lock, "features": features, "grid_options": WIDE}


def _history(device: Device) -> dict[str, Any]:
    entities = [device.lock]
    return {
        "type": "history-graph",
        "entities": entities,
        "hours_to_show": 0.25,
        "grid_options": WIDE,
    }


def _logbook(device: Device) -> dict[str, Any]:
    shown = [entity for entity in device.entities if entity.split(".")[0] in ("lock", "event")]
    target = {"entity_id": shown}
    return {"type": "logbook", "target": target, "hours_to_show": 24, "grid_options": WIDE}
