"""The running demo that a story happens in."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
import time
from typing import Any

from scripts.lib.demo import dashboard
from scripts.lib.demo.devices import Device, find_devices
from scripts.lib.demo.home_assistant import Connection, HomeAssistant
from scripts.lib.demo.simulators import Simulator
from tests.vendors.answers import ANSWERS

ENTRIES = "/api/config/config_entries/entry"
SETTLE_SECONDS = 60.0


@dataclass(kw_only=True)
class World:
    """Home Assistant, the simulators, and a connection that sees every state.

    `entries` are the config entries that were added, by vendor; `devices` what came of them.
    """

    home_assistant: HomeAssistant
    simulators: Mapping[str, Simulator]
    connection: Connection
    other_side: str
    entries: dict[str, str] = field(default_factory=dict)
    devices: tuple[Device, ...] = ()

    async def note_entry(self, vendor: str) -> None:
        """Note the entry that a dialog has just added, when it is loaded."""
        known = set(self.entries.values())
        for _ in range(int(SETTLE_SECONDS)):
            for entry in await self._entries():
                if entry["entry_id"] not in known and entry["state"] == "loaded":
                    self.entries[vendor] = entry["entry_id"]
                    return
            await asyncio.sleep(1)
        raise AssertionError(f"no loaded entry for {vendor}")

    async def find_devices(self) -> None:
        """Find the devices of all entries, and put them on a dashboard."""
        answers = {
            entry_id: ANSWERS[vendor](self.simulators[vendor].addresses)
            for vendor, entry_id in self.entries.items()
        }
        self.devices = await find_devices(self.connection, self.simulators, answers)
        makers = {
            vendor: str((await simulator.describe())["maker"])
            for vendor, simulator in self.simulators.items()
        }
        await dashboard.save(self.connection, self.devices, makers, self.other_side)

    def lock(self, vendor: str) -> Device:
        """Return the first door of a vendor."""
        return next(
            device
            for device in self.devices
            if device.vendor == vendor and device.name == "Front door"
        )

    async def reload(self, vendor: str) -> None:
        """Reload the entry of a vendor."""
        await self.home_assistant.post(f"{ENTRIES}/{self.entries[vendor]}/reload", {})

    async def shows(self, entity_id: str, *states: str) -> None:
        """Wait until Home Assistant shows one of these states; AssertionError if it does not."""
        shown = None
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            state = self.connection.now(entity_id)
            shown = state.state if state else None
            if shown in states:
                return
            await asyncio.sleep(0.2)
        raise AssertionError(f"{entity_id} is {shown}, not {' or '.join(states)}")

    async def is_truly(self, device: Device, bolt: str) -> None:
        """See that the bolt of a door is where it should be."""
        found = await device.bolt()
        if found != bolt:
            raise AssertionError(f"{device.lock}: the bolt is {found}, not {bolt}")

    async def has_issue(self, key: str, *, is_there: bool = True) -> None:
        """Wait until a repair issue is there, or is gone."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            issues = (await self.connection.command("repairs/list_issues"))["issues"]
            if any(issue["translation_key"] == key for issue in issues) == is_there:
                return
            await asyncio.sleep(0.5)
        raise AssertionError(f"the repair issue {key} is {'not ' * is_there}there")

    async def _entries(self) -> list[dict[str, Any]]:
        return [
            entry
            for entry in await self.home_assistant.get(ENTRIES)
            if entry["domain"] == "smartlocks"
        ]
