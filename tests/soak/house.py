"""A Home Assistant with one vendor's devices, and how true what it shows of the first lock is."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
import json
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
import pytest
from yarl import URL

from custom_components.smartlocks.const import EVENT_COMMAND_FAILED
from custom_components.smartlocks.polling import async_forget_entry
from tests.faults.world import is_complaint
from tests.simulators.base import Bolt, Simulator
from tests.vendors.contract import Installation
from tests.vendors.home import call, settle

from .jumps import Jumps
from .rows import Row

# After an outage, what it was that nobody could know is read again within this.
AFTER_OUTAGE: Final = 70.0
# What slow answers take. In front of a gateway that is asked one thing at a time, a read may
# wait for a list, for its status twice, and for the list that tells of the change.
SLOW: Final = 8.0
_SLOW_READ: Final = 5 * SLOW
# Of what the simulators record, so much is kept from day to day.
_KEPT: Final = 200

_TARGETS: Final[dict[str, frozenset[Bolt]]] = {
    "lock": frozenset({"locked"}),
    "unlock": frozenset({"unlocked", "open"}),
    "open": frozenset({"unlocked", "open"}),
}
_UNKNOWN: Final = frozenset({None, "unknown", "unavailable"})


@dataclass(kw_only=True, slots=True)
class Measures:
    """What was seen, in seconds; `longest` and `longest_in_outage` are of false *locked*.

    `outcomes` counts the commands by how they ended.
    """

    false_locked: float = 0.0
    longest: float = 0.0
    longest_in_outage: float = 0.0
    needless: float = 0.0
    seconds: float = 0.0
    requests: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)

    def as_properties(self) -> dict[str, str]:
        """Return all of it by name, as text."""
        named = {name: str(getattr(self, name)) for name in self.__slots__}
        return {**named, "outcomes": json.dumps(self.outcomes)}


class House:
    """Lives with a lock, and measures what is shown of it from `begin` on."""

    def __init__(
        self,
        hass: HomeAssistant,
        row: Row,
        installation: Installation,
        jumps: Jumps,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        self.hass = hass
        self.row = row
        self.installation = installation
        self.jumps = jumps
        self.measures = Measures()
        self.people = asyncio.Lock()
        self._caplog = caplog
        self._entry: ConfigEntry | None = None
        self._outages = 0
        self._outage_ended = 0.0
        self._running = 0.0
        self._is_of_outage = self._is_of_slow = False
        # Where the bolt was, from when on.
        self._bolts: list[tuple[float, Bolt]] = []
        self._reasons: list[str] = []

    @property
    def simulator(self) -> Any:
        """The devices."""
        return self.installation.simulator

    @property
    def now(self) -> float:
        """The seconds since the month began."""
        return self.jumps.ahead

    @property
    def shown(self) -> str | None:
        """What is shown of the lock."""
        found = self.hass.states.get(self.installation.lock)
        return None if found is None else found.state

    async def set_up(self, address: URL) -> None:
        """Set everything up, wait until all is as usual, and begin to measure."""
        self._entry = await self.installation.set_up(self.hass)
        if self.row.enter is not None:
            await self.row.enter(self.hass, self._entry, self.simulator, address)
        self.hass.bus.async_listen(EVENT_COMMAND_FAILED, self._failed)
        # The first report is read again, and the first calls are only hints.
        await asyncio.sleep(150)
        self._bolts = [(self.now, self.simulator.bolt())]
        self.trim()
        self.measures = Measures()
        self.jumps.passing = self._look

    async def remove(self) -> None:
        """Stop to measure, and delete the entry."""
        self.jumps.passing = lambda _: None
        self.trim()
        if self._entry is not None:
            entry, self._entry = self._entry, None
            await self.hass.config_entries.async_remove(entry.entry_id)
        await settle(self.hass)

    # Measuring.

    def _look(self, seconds: float) -> None:
        """Count what is shown for so long."""
        measures, shown, bolt = self.measures, self.shown, self.simulator.bolt()
        if bolt != self._bolts[-1][1]:
            self._bolts.append((self.now, bolt))
        measures.seconds += seconds
        if shown == "locked" and bolt != "locked":
            self._count_false(seconds)
        else:
            self._running, self._is_of_outage, self._is_of_slow = 0.0, False, False
        if shown in _UNKNOWN and bolt != "unknown" and not self._is_outage:
            measures.needless += seconds

    def _count_false(self, seconds: float) -> None:
        measures = self.measures
        measures.false_locked += seconds
        self._running += seconds
        self._is_of_outage |= self._is_outage
        self._is_of_slow |= self.simulator.server.faults.delay >= SLOW
        running = self._running - _SLOW_READ * self._is_of_slow
        if self._is_of_outage:
            measures.longest_in_outage = max(measures.longest_in_outage, running)
        else:
            measures.longest = max(measures.longest, running)

    @property
    def _is_outage(self) -> bool:
        return self._outages > 0 or self.now < self._outage_ended + AFTER_OUTAGE

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Call it an outage: nobody can know where the lock is."""
        self._outages += 1
        try:
            yield
        finally:
            self._outages -= 1
            self._outage_ended = self.now

    def trim(self) -> None:
        """Forget what the simulators and the log have recorded, but for the last of it."""
        simulator, measures = self.simulator, self.measures
        measures.complaints += [
            f"{record.name}: {record.getMessage()}"
            for record in self._caplog.records
            if is_complaint(record)
        ]
        self._caplog.clear()
        for owner in (simulator, getattr(simulator, "cloud", None)):
            server = getattr(owner, "server", None)
            if server is not None:
                measures.requests += len(server.requests)
                server.requests.clear()
        pusher = getattr(simulator, "pusher", None)
        for records in (
            getattr(simulator, "deliveries", []),
            getattr(simulator, "recorded", []),
            getattr(pusher, "lost", []),
            getattr(getattr(simulator, "cloud_caller", None), "calls", []),
            getattr(simulator, "received", []),
            self._bolts,
        ):
            del records[:-_KEPT]

    # What people do.

    async def turn(self, bolt: Bolt | None = None) -> None:
        """Turn the lock by hand: to the other side, if not told where."""
        other: Bolt = "unlocked" if self.simulator.bolt() == "locked" else "locked"
        async with self.people:
            await self.simulator.turn_by_hand(bolt or other)

    async def command(self, service: str | None = None) -> None:
        """Tell the lock something in Home Assistant, and count how that ends."""
        async with self.people:
            service = service or ("unlock" if self.simulator.bolt() == "locked" else "lock")
            self.measures.outcomes[await self._ended(service)] += 1

    async def _ended(self, service: str) -> str:
        if self.shown in (None, "unavailable"):
            return "unavailable"
        began = self.now
        was_there = self.simulator.bolt() in _TARGETS[service]
        self._reasons.clear()
        try:
            await call(self.hass, service, self.installation.lock)
        except HomeAssistantError:
            reason = self._reasons[-1] if self._reasons else "failed"
            is_done = not was_there and self._was_at(_TARGETS[service], began)
            return f"{reason}, done" if is_done else reason
        return "true" if was_there or self._was_at(_TARGETS[service], began) else "false"

    @callback
    def _failed(self, event: Event[Any]) -> None:
        self._reasons.append(event.data["reason"])

    def _was_at(self, targets: frozenset[Bolt], began: float) -> bool:
        """Return whether the bolt was at one of the positions since a moment."""
        return self.simulator.bolt() in targets or any(
            at >= began and bolt in targets for at, bolt in self._bolts
        )

    async def restart(self) -> None:
        """Start Home Assistant anew, as far as the integration can tell."""
        assert self._entry is not None
        async with self.people:
            await self.hass.config_entries.async_unload(self._entry.entry_id)
            async_forget_entry(self.hass, self._entry)
            await self.hass.config_entries.async_setup(self._entry.entry_id)


def devices_of(row: Row, jumps: Jumps) -> Simulator:
    """Return the devices of a row, at their real pace."""
    simulator = row.simulator(pace=1.0, clock=jumps.right)
    if row.prepare is not None:
        row.prepare(simulator)
    return simulator
