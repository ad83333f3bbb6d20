"""One vendor's devices in a Home Assistant whose clocks a test moves, and what must hold."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
import logging
from typing import Any, Final

from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.smartlocks.const import DOMAIN
from custom_components.smartlocks.polling import async_forget_entry
from tests.clock import MONOTONIC, WallClock
from tests.simulators.base import Simulator
from tests.state_tracker.timings import ROWS, sesame_web
from tests.vendors.contract import Installation
from tests.vendors.home import call, reauth_flows, settle

# Virtual seconds that pass in one turn of the event loop while something is waited for.
TURN: Final = 0.02
# Beside the bound: how long a read may take that is under way, and the wait for a retry.
READ: Final = 75.0

_TIMINGS: Final = {row.name: row.timing for row in ROWS}
# How long "locked" may be shown of a lock that is not, in an outage, in seconds.
BOUNDS: Final[Mapping[str, float]] = {
    "loqed": _TIMINGS["loqed"].outage_bound,
    "the_keys": _TIMINGS["the-keys"].outage_bound,
    "sesame_v3": _TIMINGS["sesame-v3-20"].outage_bound,
    # The simulator's account has four devices.
    "sesame_web": sesame_web(4).outage_bound,
}


@dataclass(kw_only=True)
class World:
    """A vendor's simulator, the Home Assistant that uses it, and what was seen to go wrong.

    `untrue` is the longest time, in seconds, for which a lock was shown as locked that
    was not.
    """

    hass: HomeAssistant
    installation: Installation
    wall: WallClock
    caplog: pytest.LogCaptureFixture
    entry: ConfigEntry | None = None
    untrue: float = 0.0
    _untrue_since: float | None = None
    _undo: list[Any] = field(default_factory=list)

    @property
    def simulator(self) -> Simulator:
        """The devices."""
        return self.installation.simulator

    @property
    def vendor(self) -> str:
        """The vendor's key."""
        return self.simulator.key

    @property
    def bound(self) -> float:
        """How long a false *locked* may last, in seconds."""
        return BOUNDS[self.vendor] + READ

    @property
    def shown(self) -> str | None:
        """What Home Assistant shows of the first lock; None while there is no entity."""
        found = self.hass.states.get(self.installation.lock)
        return None if found is None else found.state

    @property
    def is_true(self) -> bool:
        """Whether the lock is shown as it is."""
        return self.shown == self.simulator.bolt()

    # Time.

    async def during[T](self, job: Awaitable[T], *, limit: float = 900.0) -> T:
        """Let time pass until something is done."""
        task = asyncio.ensure_future(job)
        began = MONOTONIC.ahead
        while not task.done():
            await asyncio.sleep(0)
            MONOTONIC.advance(TURN)
            self._look()
            if MONOTONIC.ahead - began > limit:
                task.cancel()
                raise TimeoutError("still waiting")
        await settle(self.hass)
        return await task

    async def wait(self, seconds: float, *, step: float = 5.0) -> None:
        """Let time pass."""
        while seconds > 0:
            MONOTONIC.advance(min(step, seconds))
            seconds -= step
            for _ in range(3):
                await asyncio.sleep(0)
            await self.during(settle(self.hass))
            self._look()

    async def wait_for_truth(self, limit: float) -> float | None:
        """Wait until the lock is shown as it is; returns the seconds it took, None if never."""
        began = MONOTONIC.ahead
        while not self.is_true:
            if MONOTONIC.ahead - began > limit:
                return None
            await self.wait(5.0)
        return MONOTONIC.ahead - began

    def _look(self) -> None:
        """Measure for how long something false is shown."""
        if self.shown != "locked" or self.simulator.bolt() == "locked":
            self._untrue_since = None
            return
        if self._untrue_since is None:
            self._untrue_since = MONOTONIC.ahead
        self.untrue = max(self.untrue, MONOTONIC.ahead - self._untrue_since)

    # What people do.

    async def set_up(self) -> str | None:
        """Go through the flow once; returns what was told instead of an entry."""
        flows = self.hass.config_entries.flow
        page: Any = await self.during(flows.async_init(DOMAIN, context={"source": SOURCE_USER}))
        answers = self.installation.answers
        while page["type"] in (FlowResultType.MENU, FlowResultType.FORM):
            if page.get("errors"):
                flows.async_abort(page["flow_id"])
                return str(next(iter(page["errors"].values())))
            if page["type"] is FlowResultType.MENU:
                (choice,) = answers.choices.intersection(page["menu_options"])
                filled: Mapping[str, Any] = {"next_step_id": choice}
            else:
                filled = answers.forms[page["step_id"]]
            page = await self.during(flows.async_configure(page["flow_id"], dict(filled)))
        if page["type"] is FlowResultType.ABORT:
            return str(page["reason"])
        self.entry = page["result"]
        await self.during(settle(self.hass))
        return None

    async def install(self) -> None:
        """Set everything up, and wait until everything is as usual."""
        assert await self.set_up() is None
        # The first report is read again, and the first calls are only hints.
        await self.wait(150)
        assert self.is_true

    async def turn(self, bolt: Any) -> None:
        """Turn the lock by hand, a moment after whatever was before."""
        MONOTONIC.advance(1.5)
        await self.during(self.simulator.turn_by_hand(bolt))

    async def command(self, service: str) -> str | None:
        """Tell the lock something; returns the key of the error, None if there was none."""
        if self.shown in (None, "unavailable"):
            return "unavailable"
        try:
            await self.during(call(self.hass, service, self.installation.lock))
        except HomeAssistantError as err:
            return err.translation_key or repr(err)
        return None

    async def reload(self) -> None:
        """Reload the entry, as an option does."""
        assert self.entry is not None
        await self.during(self.hass.config_entries.async_reload(self.entry.entry_id))

    async def restart(self) -> None:
        """Start Home Assistant anew, as far as the integration can tell."""
        assert self.entry is not None
        await self.during(self.hass.config_entries.async_unload(self.entry.entry_id))
        async_forget_entry(self.hass, self.entry)
        await self.during(self.hass.config_entries.async_setup(self.entry.entry_id))

    async def remove(self) -> None:
        """Delete the entry; afterwards nothing may be sent to the device any more."""
        if self.entry is None:
            return
        await self.during(self.hass.config_entries.async_remove(self.entry.entry_id))
        self.entry = None
        before = len(self.simulator.requests)
        await self.wait(300, step=30)
        assert len(self.simulator.requests) == before, "asked after it was removed"

    async def log_in_again(self) -> bool:
        """Answer a request for new credentials, if there is one, with those that are right."""
        if self.entry is None or not reauth_flows(self.hass):
            return False
        for flow in reauth_flows(self.hass):
            self.hass.config_entries.flow.async_abort(flow["flow_id"])
        await self.reload()
        return True

    # What must hold.

    def complaints(self) -> list[str]:
        """Return what the log holds that it must not: exceptions and errors of ours."""
        return [
            f"{record.name}: {record.getMessage()}"
            for record in self.caplog.records
            if is_ours(record)
        ]


def is_ours(record: logging.LogRecord) -> bool:
    text = record.getMessage() + str(record.exc_text or "")
    if record.exc_info and record.exc_info[1] is not None:
        is_told = isinstance(record.exc_info[1], HomeAssistantError)
        return not is_told and "smartlocks" in text
    return "Traceback" in text and "smartlocks" in text
