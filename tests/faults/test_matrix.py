"""Every vendor, phase and fault: a sample, or all of them with SMARTLOCKS_FAULTS=all.

After each: no exception of ours, nothing false for longer than the bound, no command
called done that was not, none swallowed, nothing left behind, and the truth again when
the fault is over.
"""

from collections.abc import Awaitable, Callable
import os
from random import Random
from typing import Final

from homeassistant.config_entries import ConfigEntryState
import pytest

from .matrix import CASES, Case
from .world import World

# So many of the cases in the ordinary suite, always the same.
SAMPLE: Final = 60
LONGEST: Final = 4 * 3600.0

CHOSEN = (
    CASES if os.environ.get("SMARTLOCKS_FAULTS") == "all" else Random(7).sample(CASES, SAMPLE)  # noqa: S311 - a sample
)


async def _act(world: World, act: Callable[[World], Awaitable[object] | object]) -> None:
    result = act(world)
    if isinstance(result, Awaitable):
        await world.during(result)


async def _set_up(world: World, case: Case) -> str:
    await _act(world, case.fault.begin)
    told = await world.set_up()
    await world.wait(30)
    await _act(world, case.fault.end)
    if world.entry is None:
        assert told is not None
        assert await world.set_up() is None, "set-up failed after the fault"
    return told or "set up"


async def _read(world: World, case: Case) -> str:
    await world.install()
    if world.vendor == "loqed":
        world.simulator.stop_pushing()  # type: ignore[attr-defined]
    await _act(world, case.fault.begin)
    await world.turn("unlocked")
    await world.wait(240)
    told = str(world.shown)
    await _act(world, case.fault.end)
    return told


async def _command(world: World, case: Case) -> str:
    await world.install()
    await _act(world, case.fault.begin)
    error = await world.command("unlock")
    if error is None:
        assert world.simulator.bolt() == "unlocked", "called done and was not"
        assert world.is_true
    await world.wait(60)
    await _act(world, case.fault.end)
    return error or "done"


async def _push(world: World, case: Case) -> str:
    await world.install()
    await world.turn("unlocked")
    await _act(world, case.fault.begin)
    await world.turn("locked")
    await world.turn("unlocked")
    await world.wait(60)
    told = str(world.shown)
    await _act(world, case.fault.end)
    return told


async def _reload(world: World, case: Case) -> str:
    await world.install()
    await _act(world, case.fault.begin)
    await world.reload()
    await world.turn("unlocked")
    await world.wait(120)
    told = str(world.shown)
    await _act(world, case.fault.end)
    return told


async def _removal(world: World, case: Case) -> str:
    await world.install()
    await _act(world, case.fault.begin)
    await world.remove()
    await _act(world, case.fault.end)
    return "removed"


async def _restart(world: World, case: Case) -> str:
    await world.install()
    await _act(world, case.fault.begin)
    await world.restart()
    await world.turn("unlocked")
    await world.wait(120)
    told = str(world.shown)
    await _act(world, case.fault.end)
    return told


async def _reboot(world: World, case: Case) -> str:
    """Cut the device's power for half a minute; when it is back, it has the fault."""
    await world.install()
    await world.during(world.simulator.switch_off())
    await world.turn("unlocked")
    await world.wait(30)
    await world.during(world.simulator.switch_on())
    await _act(world, case.fault.begin)
    await world.wait(120)
    told = str(world.shown)
    await _act(world, case.fault.end)
    return told


_PHASES: Final = {
    "set-up": _set_up,
    "read": _read,
    "command": _command,
    "push": _push,
    "reload": _reload,
    "removal": _removal,
    "restart": _restart,
    "reboot": _reboot,
}


@pytest.mark.no_fail_on_log_exception
@pytest.mark.parametrize(
    ("world", "case"),
    [pytest.param(case.vendor, case, id=str(case)) for case in CHOSEN],
    indirect=["world"],
)
async def test_fault_passes_and_nothing_false_was_shown(
    world: World, case: Case, record_property: Callable[[str, object], None]
) -> None:
    told = await _PHASES[case.phase](world, case)
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
        "asked": asked,
    }
    for name, value in result.items():
        record_property(name, str(value))
    await world.remove()
    assert world.untrue <= world.bound
    assert world.complaints() == []
