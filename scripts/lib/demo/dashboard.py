"""The dashboard a person clicks on: one section for each lock, and for what is none."""

from collections.abc import Sequence
from typing import Any

from .live import Live
from .locks import Lock
from .others import Other

URL_PATH = "smart-locks"


async def save(live: Live, locks: Sequence[Lock], others: Sequence[Other]) -> None:
    """Make the dashboard, and make it the page Home Assistant opens with."""
    await live.command(
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
        "sections": [*map(_section, locks), *map(_other_section, others)],
    }
    await live.command("lovelace/config/save", url_path=URL_PATH, config={"views": [view]})
    await live.command("frontend/set_system_data", key="core", value={"default_panel": URL_PATH})


def _section(lock: Lock) -> dict[str, Any]:
    heading = _heading(lock, "mdi:door")
    tiles = [_tile(entity_id) for entity_id in lock.siblings if entity_id != lock.entity_id]
    cards = [heading, _lock_tile(lock), *tiles, _history(lock), _logbook(lock)]
    return {"type": "grid", "cards": cards}


def _other_section(other: Other) -> dict[str, Any]:
    heading = _heading(other, "mdi:gesture-tap-button")
    return {"type": "grid", "cards": [heading, *map(_tile, other.entities)]}


def _heading(device: Lock | Other, icon: str) -> dict[str, Any]:
    return {"type": "heading", "heading": f"{device.name} · {device.maker}", "icon": icon}


def _lock_tile(lock: Lock) -> dict[str, Any]:
    features = [{"type": "lock-commands"}]
    if lock.can_open:
        features.append({"type": "lock-open-door"})
    return {
        "type": "tile",
        "entity": lock.entity_id,
        "features": features,
        "grid_options": {"columns": "full"},
    }


def _tile(entity_id: str) -> dict[str, Any]:
    return {"type": "tile", "entity": entity_id, "name": {"type": "entity"}}


def _history(lock: Lock) -> dict[str, Any]:
    return {
        "type": "history-graph",
        "entities": [lock.entity_id],
        "hours_to_show": 0.25,
        "grid_options": {"columns": "full"},
    }


def _logbook(lock: Lock) -> dict[str, Any]:
    shown = [entity for entity in lock.siblings if entity.split(".")[0] in ("lock", "event")]
    return {
        "type": "logbook",
        "target": {"entity_id": shown},
        "hours_to_show": 24,
        "grid_options": {"columns": "full"},
    }
