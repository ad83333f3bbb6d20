"""The locks of the demo: each entity with the simulated lock behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import DemoError
from .live import Live
from .players import Player
from .vendors import Answers

OPEN_FEATURE = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """One lock entity, the entities of its device by kind, and the lock it stands for.

    `siblings` are entity ids of the same device that are switched on, the lock's own first.
    """

    entity_id: str
    name: str
    maker: str
    can_open: bool
    siblings: tuple[str, ...]
    answers: Answers
    player: Player
    lock_id: str

    @property
    def vendor(self) -> str:
        """The vendor's key."""
        return self.answers.vendor

    async def bolt(self) -> str:
        """Where the bolt really is."""
        return (await self.player.bolts())[self.lock_id]


async def find_locks(
    live: Live, players: Mapping[str, Player], entries: Mapping[str, Answers]
) -> tuple[Lock, ...]:
    """Every lock of our entries, in the order of their entity ids.

    Raises:
        DemoError: A vendor has no lock, or a lock cannot be told from the others.
    """
    registry = await live.command("config/entity_registry/list")
    makers = {device["id"]: maker(device) for device in await all_devices(live)}
    ours = [
        {**row, "maker": makers.get(row["device_id"], "")}
        for row in registry
        if row["config_entry_id"] in entries
    ]
    locks = [
        await _lock(row, ours, live, players, entries[row["config_entry_id"]])
        for row in sorted(ours, key=lambda row: str(row["entity_id"]))
        if row["entity_id"].startswith("lock.")
    ]
    for answers in entries.values():
        if not any(lock.answers is answers for lock in locks):
            raise DemoError(f"{answers.vendor} is set up, but has no lock entity.")
    return tuple(locks)


async def all_devices(live: Live) -> list[Any]:
    """Every row of the device registry."""
    rows: list[Any] = await live.command("config/device_registry/list")
    return rows


def maker(device: Any) -> str:
    """Who made a device, and what they call it."""
    told = [device[name] for name in ("manufacturer", "model") if device[name]]
    return " ".join(dict.fromkeys(told))


async def _lock(
    row: Any,
    rows: list[Any],
    live: Live,
    players: Mapping[str, Player],
    answers: Answers,
) -> Lock:
    entity_id: str = row["entity_id"]
    state = live.now(entity_id)
    if state is None:
        raise DemoError(f"{entity_id} is registered, but has no state.")
    player = players[answers.vendor]
    siblings = [
        other["entity_id"]
        for other in rows
        if other["device_id"] == row["device_id"] and other["disabled_by"] is None
    ]
    return Lock(
        entity_id=entity_id,
        name=state.attributes["friendly_name"],
        maker=row["maker"],
        can_open=bool(state.attributes["supported_features"] & OPEN_FEATURE),
        siblings=(entity_id, *sorted(other for other in siblings if other != entity_id)),
        answers=answers,
        player=player,
        lock_id=_lock_id(row["unique_id"], list(await player.bolts())),
    )


def _lock_id(unique_id: str, lock_ids: list[str]) -> str:
    """The id on the wire of the lock with this unique id, which contains it."""
    if len(lock_ids) == 1:
        return lock_ids[0]
    found = [lock_id for lock_id in lock_ids if _bare(lock_id) in _bare(unique_id)]
    if len(found) != 1:
        raise DemoError(f"{len(found)} of the simulated locks fit {unique_id}, not one.")
    return found[0]


def _bare(identifier: str) -> str:
    return "".join(letter for letter in identifier.casefold() if letter.isalnum())
