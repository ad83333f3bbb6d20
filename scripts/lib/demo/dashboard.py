"""The dashboard: a section for each maker, and the other side on a page of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from .devices import Device
from .home_assistant import Connection

URL_PATH = "smart-locks"
WHOLE_WIDTH = {"columns": "full"}
# Of the small things, those that a person wants to see beside the lock.
BADGES = (("sensor", "_battery"), ("binary_sensor", "_connectivity"))


async def save(
    connection: Connection, devices: Sequence[Device], makers: Mapping[str, str], other_side: str
) -> None:
    """Create the dashboard, and make it the page that Home Assistant opens with."""
    await connection.command(
        "lovelace/dashboards/create",
        url_path=URL_PATH,
        title="Smart Locks",
        icon="mdi:shield-lock",
        show_in_sidebar=True,
        require_admin=False,
    )
    views = [locks_view(devices, makers)]
    if other_side:
        views.append(other_side_view(other_side))
    await connection.command("lovelace/config/save", url_path=URL_PATH, config={"views": views})
    await connection.command(
        "frontend/set_system_data", key="core", value={"default_panel": URL_PATH}
    )


def locks_view(devices: Sequence[Device], makers: Mapping[str, str]) -> dict[str, Any]:
    """Return the page of the locks: a section for each maker, then what happened."""
    sections = []
    for vendor, maker in makers.items():
        own = [device for device in devices if device.vendor == vendor]
        cards = [card for device in own for card in cards_of(device)]
        sections.append({"type": "grid", "cards": [_heading(maker, "title"), *cards]})
    sections.append(_activity(devices))
    return {
        "type": "sections",
        "title": "Locks",
        "icon": "mdi:lock",
        "path": "locks",
        "max_columns": 3,
        "dense_section_placement": True,
        "sections": sections,
    }


def other_side_view(url: str) -> dict[str, Any]:
    """Return the page that shows what is true at the locks."""
    return {
        "type": "panel",
        "title": "The other side",
        "icon": "mdi:door-open",
        "path": "other-side",
        "cards": [{"type": "iframe", "url": url, "aspect_ratio": "100%"}],
    }


def cards_of(device: Device) -> list[dict[str, Any]]:
    """Return the cards of a device: its name with battery and connection, and what it does."""
    badges = [
        {"type": "entity", "entity": entity_id, "show_state": domain == "sensor"}
        for domain, suffix in BADGES
        for entity_id in device.entities
        if entity_id.startswith(f"{domain}.") and entity_id.rstrip("_0123456789").endswith(suffix)
    ]
    heading = _heading(device.name, "subtitle") | {"badges": badges}
    if device.lock:
        return [heading, _lock(device)]
    acts = [
        {
            "type": "tile",
            "entity": entity_id,
            "name": {"type": "entity"},
            "grid_options": WHOLE_WIDTH,
        }
        for entity_id in (*_bolts(device), *device.buttons)
    ]
    return [heading, *acts]


def _bolts(device: Device) -> list[str]:
    """Return what tells the bolt of a device that has no lock entity."""
    return [entity_id for entity_id in device.entities if entity_id.endswith("_lock")]


def _heading(text: str, style: str) -> dict[str, Any]:
    return {"type": "heading", "heading": text, "heading_style": style}


def _lock(device: Device) -> dict[str, Any]:
    features = [{"type": "lock-commands"}]
    if device.can_open:
        features.append({"type": "lock-open-door"})
    return {
        "type": "tile",
        "entity": device.lock,
        "name": " ",
        "state_content": ["state", "last_changed"],
        "features": features,
        "grid_options": WHOLE_WIDTH,
    }


def _activity(devices: Sequence[Device]) -> dict[str, Any]:
    shown = [
        entity_id
        for device in devices
        for entity_id in device.entities
        if entity_id.split(".")[0] in ("lock", "event")
    ]
    logbook = {
        "type": "logbook",
        "target": {"entity_id": shown},
        "hours_to_show": 24,
        "grid_options": WHOLE_WIDTH,
    }
    # Hidden until there is something to show.
    happened = [
        {"condition": "state", "entity": entity_id, "state_not": ["unknown", "unavailable"]}
        for entity_id in shown
        if entity_id.startswith("event.")
    ]
    return {
        "type": "grid",
        "cards": [_heading("Activity", "title"), logbook],
        "visibility": [{"condition": "or", "conditions": happened}],
    }
