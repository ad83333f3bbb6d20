"""What hangs on the accounts of the demo and is no lock: buttons, and bolts one can but watch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .live import Live
from .locks import Lock, all_devices, maker
from .vendors import Answers


@dataclass(frozen=True, kw_only=True, slots=True)
class Other:
    """One device without a lock entity, and the entities of it that are switched on.

    `buttons` are those that it is there for, not those that look after it.
    """

    vendor: str
    name: str
    maker: str
    entities: tuple[str, ...]
    buttons: tuple[str, ...]


async def find_others(
    live: Live, locks: Sequence[Lock], entries: Mapping[str, Answers]
) -> tuple[Other, ...]:
    """Every device of our entries that is neither a lock nor what the locks hang on."""
    devices = await all_devices(live)
    hubs = {device["via_device_id"] for device in devices}
    shown = {entity_id for lock in locks for entity_id in lock.siblings}
    rows = [
        row
        for row in await live.command("config/entity_registry/list")
        if row["config_entry_id"] in entries
        and row["disabled_by"] is None
        and row["device_id"] not in hubs
        and row["entity_id"] not in shown
    ]
    return tuple(
        Other(
            vendor=entries[there[0]["config_entry_id"]].vendor,
            name=device["name_by_user"] or device["name"],
            maker=maker(device),
            entities=tuple(sorted(row["entity_id"] for row in there)),
            buttons=tuple(
                row["entity_id"]
                for row in there
                if row["entity_id"].startswith("button.") and row["entity_category"] is None
            ),
        )
        for device in devices
        if (there := [row for row in rows if row["device_id"] == device["id"]])
    )
