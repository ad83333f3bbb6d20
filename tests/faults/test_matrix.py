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

from tests.clock import MONOTONIC

from .matrix import CASES, Case, sample
from .phases import PHASES
from .world import READ, World

# A cloud that was asked too often is left alone for a while, and says so.
PAUSES: Final = frozenset(
    {
        "loqed_blocked",
        "loqed_busy",
        "loqed_cloud_unread",
        "sesame_v3_blocked",
        "sesame_v3_throttled",
        "sesame_web_quota",
        "sesame_web_unread",
    }
)
AGAIN: Final = 300.0

_WANTED: Final = os.environ.get("SMARTLOCKS_FAULTS", "")
CHOSEN: Final = [
    case for case in CASES if _WANTED == "all" or case.vendor in _WANTED.split(",")
] or sample()
_PLAY: Final = {phase.name: phase.play for phase in PHASES}


async def _recover(world: World) -> float:
    """Wait until the truth is shown and a command is carried out; returns the seconds."""
    began = MONOTONIC()
    assert await world.wait_for_truth(world.patience) is not None, f"still {world.shown}"
    while True:
        asked_at, bolt = MONOTONIC(), "unlocked" if world.bolt == "locked" else "locked"
        error = await world.during(world.ask("unlock" if bolt == "unlocked" else "lock"))
        if error is None:
            break
        assert error in PAUSES, f"no command afterwards: {error}"
        assert asked_at - began < world.patience, error
        await world.wait(AGAIN)
    assert world.bolt == bolt, "called done and was not"
    assert world.is_true
    return asked_at - began + world.waited


async def _is_read(world: World) -> bool:
    """Turn the lock by hand, and return whether that is noticed."""
    await world.turn("locked" if world.bolt == "unlocked" else "unlocked")
    return await world.wait_for_truth(world.patience) is not None


def _bound(world: World, case: Case) -> float:
    """Return how long *locked* may be shown of a lock that is not."""
    if case.fault.strict is not None and case.phase == "push" and case.vendor == "loqed":
        return case.fault.strict
    is_harmless = case.vendor in case.fault.harmless
    return READ + (world.timing.bound if is_harmless else world.timing.outage_bound)


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
        recovered = await _recover(world)
        assert world.entry is not None
        assert world.entry.state is ConfigEntryState.LOADED
    result = {
        "case": case,
        "vendor": case.vendor,
        "told": told,
        "recovered": "" if recovered is None else round(recovered),
        "untrue": round(world.untrue),
        "asked": asked,
    }
    for name, value in result.items():
        record_property(name, str(value))
    assert world.untrue <= _bound(world, case)
    assert world.false <= world.timing.outage_bound + READ
    if case.phase != "removal":
        assert await _is_read(world), "not read afterwards"
    await world.remove()
    assert world.leftovers() == []
    assert world.complaints() == []
