"""The devices that the integration has made: their entities, and the simulated lock of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.vendors.answers import Answers

from .console import DemoError
from .home_assistant import Connection
from .simulators import Simulator

OPEN_FEATURE = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """One device that is not only what others hang on, with the entities that are enabled.

    `lock` is its lock entity and `lock_id` that lock in the protocol; both are empty for a
    device without one. `buttons` are those that the device is there for.
    """

    name: str
    maker: str
    answers: Answers
    simulator: Simulator
    entities: tuple[str, ...]
    buttons: tuple[str, ...]
    lock: str = ""
    lock_id: str = ""
    can_open: bool = False

    @property
    def vendor(self) -> str:
        """Return the vendor's key."""
        return self.answers.vendor

    async def bolt(self) -> str:
        """Return the true position of its bolt."""
        return (await self.simulator.bolts())[self.lock_id]


async def find_devices(
    connection: Connection,
    simulators: Mapping[str, Simulator],
    entries: Mapping[str, Answers],
) -> tuple[Device, ...]:
    """Return the devices of our entries, those with a lock first.

    Raises DemoError if a vendor has no lock.
    """
    rows = [
        row
        for row in await connection.command("config/entity_registry/list")
        if row["config_entry_id"] in entries and row["disabled_by"] is None
    ]
    registry = await connection.command("config/device_registry/list")
    hubs = {device["via_device_id"] for device in registry}
    found = []
    for device in registry:
        own = [row for row in rows if row["device_id"] == device["id"]]
        if own and device["id"] not in hubs:
            answers = entries[own[0]["config_entry_id"]]
            simulator = simulators[answers.vendor]
            found.append(await _device(connection, device, own, answers, simulator))
    for answers in entries.values():
        if not any(device.lock for device in found if device.answers is answers):
            raise DemoError(f"{answers.vendor} is set up, but has no lock entity.")
    return tuple(sorted(found, key=lambda device: (not device.lock, device.lock, device.name)))


async def _device(
    connection: Connection,
    device: Any,
    rows: Sequence[Any],
    answers: Answers,
    simulator: Simulator,
) -> Device:
    lock = next((row for row in rows if row["entity_id"].startswith("lock.")), None)
    state = connection.now(lock["entity_id"]) if lock else None
    if lock and state is None:
        raise DemoError(f"{lock['entity_id']} is registered, but has no state.")
    told = [device[name] for name in ("manufacturer", "model") if device[name]]
    return Device(
        name=device["name_by_user"] or device["name"],
        maker=" ".join(dict.fromkeys(told)),
        answers=answers,
        simulator=simulator,
        entities=tuple(sorted(row["entity_id"] for row in rows)),
        buttons=tuple(
            row["entity_id"]
            for row in rows
            if row["entity_id"].startswith("button.") and row["entity_category"] is None
        ),
        lock=lock["entity_id"] if lock else "",
        lock_id=match_lock(lock["unique_id"], list(await simulator.bolts())) if lock else "",
        can_open=bool(state and state.attributes["supported_features"] & OPEN_FEATURE),
    )


def match_lock(unique_id: str, lock_ids: Sequence[str]) -> str:
    """Return which of the ids in the protocol is contained in a unique id."""
    if len(lock_ids) == 1:
        return lock_ids[0]
    found = [lock_id for lock_id in lock_ids if _bare(lock_id) in _bare(unique_id)]
    if len(found) != 1:
        raise DemoError(f"{len(found)} of the simulated locks match {unique_id}, not one.")
    return found[0]


def _bare(identifier: str) -> str:
    return "".join(letter for letter in identifier.casefold() if letter.isalnum())
