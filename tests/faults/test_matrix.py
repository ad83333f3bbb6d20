"""Every vendor, phase and fault: a sample, or all of the vendors that SMARTLOCKS_FAULTS names.

After each: no exception of ours, nothing false for longer than the bound, no command
called done that was not, none swallowed, nothing left behind, and the truth again when
the fault is over.
"""

from collections.abc import Callable
import os
from typing import Final

from homeassistant.config_entries import ConfigEntryState
import pytest

from .matrix import CASES, Case, sample
from .phases import PHASES
from .world import READ, World

LONGEST: Final = 4 * 3600.0
# What signed pushes show is never false for longer, whoever repeats or delays them.
STRICT: Final = 5.0

_WANTED: Final = os.environ.get("SMARTLOCKS_FAULTS", "")
CHOSEN: Final = [
    case for case in CASES if _WANTED == "all" or case.vendor in _WANTED.split(",")
] or sample()
_PLAY: Final = {phase.name: phase.play for phase in PHASES}


async def _works_as_before(world: World) -> None:
    """See that a command is carried out, and that the lock is shown when it is turned."""
    bolt = "unlocked" if world.bolt == "locked" else "locked"
    error = await world.during(world.ask("unlock" if bolt == "unlocked" else "lock"))
    assert error is None, f"no command afterwards: {error}"
    assert world.bolt == bolt, "called done and was not"
    assert world.is_true
    await world.turn("locked" if bolt == "unlocked" else "unlocked")
    found = await world.wait_for_truth(world.read_within)
    assert found is not None, "not read afterwards"


@pytest.mark.no_fail_on_log_exception
@pytest.mark.parametrize(
    ("world", "case"),
    [pytest.param(case.vendor, case, id=str(case)) for case in CHOSEN],
    indirect=["world"],
)
async def test_fault_passes_and_nothing_false_was_shown(
    world: World, case: Case, record_property: Callable[[str, object], None]
) -> None:
    world.phase = case.phase
    told = await _PLAY[case.phase](world, case.fault)
    recovered: float | None = None
    asked = False
    if case.phase != "removal":
        asked = await world.log_in_again()
        recovered = await world.wait_for_truth(LONGEST)
        assert recovered is not None, f"still {world.shown}"
        assert world.entry is not None
        assert world.entry.state is ConfigEntryState.LOADED
    result = {
        "case": case,
        "vendor": case.vendor,
        "told": told,
        "recovered": "" if recovered is None else round(recovered),
        "untrue": round(world.untrue),
        "false": round(world.false),
        "asked": asked,
        "done": world.is_done,
    }
    for name, value in result.items():
        record_property(name, str(value))
    is_harmless = case.vendor in case.fault.harmless
    bound = world.timing.bound if is_harmless else world.timing.outage_bound
    assert world.untrue <= bound + READ
    assert world.false <= world.timing.outage_bound + READ
    if case.phase != "removal":
        await _works_as_before(world)
    await world.remove()
    assert world.leftovers() == []
    assert world.complaints() == []
