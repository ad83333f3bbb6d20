"""The phases of a vendor's life in which a fault can begin; each returns what was told."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from inspect import iscoroutinefunction
import re
from typing import Any, Final, cast

from .faults import Act, Fault
from .world import READ, VENDORS, World

_ALL: Final = frozenset(VENDORS)
# How long a cloud may block an account, and when it is tried again.
_BLOCKED: Final = 13 * 3600.0
_AGAIN: Final = 600.0
# What is said of a command that may have been carried out has one of these in its key.
_OPEN: Final = ("not_confirmed", "unanswered", "no_answer", "unread")


@dataclass(frozen=True, kw_only=True, slots=True)
class Phase:
    """What happens while a fault lasts, and to whom it can."""

    name: str
    play: Callable[[World, Fault], Awaitable[str]]
    vendors: frozenset[str] = _ALL


async def _act(world: World, act: Act) -> None:
    result = act(world)
    if iscoroutinefunction(act):
        # It lets time pass by itself, where that is wanted.
        await cast("Awaitable[object]", result)
    elif isinstance(result, Awaitable):
        await world.during(result)


async def _set_up(world: World, fault: Fault) -> str:
    """Go through the flow while there is the fault, and once more if that was in vain."""
    installation = world.installation
    await _act(world, fault.begin)
    told = await world.set_up(installation)
    await world.wait(30)
    await _act(world, fault.end)
    while world.entry is None and (error := await world.set_up()) is not None:
        # A cloud that was asked too often is left alone for a while.
        assert world.waited < _BLOCKED, error
        world.waited += _AGAIN
        await world.wait(_AGAIN)
    return told or "set up"


async def _account(world: World, fault: Fault) -> str:
    """Set up as before; it is the account that has the fault, not the device."""
    world.faulty = world.servers[1]
    return await _set_up(world, fault)


async def _poll(world: World, fault: Fault) -> str:
    """Turn the lock, and wait until nothing false may be shown any more; nothing calls."""
    await world.install()
    world.call_nobody()
    await _act(world, fault.begin)
    await world.turn("unlocked")
    is_harmless = world.vendor in fault.harmless
    timing = world.timing
    await world.wait((timing.bound if is_harmless else timing.outage_bound) + READ)
    told = str(world.shown)
    if is_harmless:
        assert world.is_true, told
    else:
        assert told != "locked"
    await _act(world, fault.end)
    return told


async def _unlock(world: World, fault: Fault) -> str:
    await world.install()
    return await _command(world, fault, "unlock", "unlocked")


async def _lock(world: World, fault: Fault) -> str:
    await world.install()
    await world.turn("unlocked")
    assert await world.wait_for_truth(world.timing.bound + READ) is not None
    return await _command(world, fault, "lock", "locked")


async def _command(world: World, fault: Fault, service: str, bolt: str) -> str:
    """Give a command: it is done, and seen to be, or a person is told that it is not."""
    await _act(world, fault.begin)
    assert world.shown not in (None, "unavailable"), "would be swallowed"
    before = world.commands
    error = await world.during(world.ask(service))
    if error is None:
        assert world.bolt == bolt, "called done and was not"
        assert world.is_true
    else:
        assert re.fullmatch("[a-z0-9_]+", error), error
    if fault.unanswered:
        assert world.commands - before <= 1, "sent again"
    if error is not None:
        is_open = any(word in error for word in _OPEN)
        assert is_open or world.bolt != bolt, f"done, and a person was told {error}"
    await world.wait(60)
    await _act(world, fault.end)
    return error or "done"


async def _push(world: World, fault: Fault) -> str:
    """Turn the lock and back, and let the device or its cloud call."""
    await world.install()
    await world.turn("unlocked")
    assert await world.wait_for_truth(world.timing.bound + READ) is not None
    world.look_anew()
    await _act(world, fault.begin)
    await world.turn("locked")
    await world.turn("unlocked")
    await world.wait(60)
    told = str(world.shown)
    await _act(world, fault.end)
    return told


async def _reload(world: World, fault: Fault) -> str:
    """Reload the entry while a command is under way, then turn the lock."""
    await world.install()
    await _act(world, fault.begin)
    return await _during_command(world, fault, world.reload)


async def _restart(world: World, fault: Fault) -> str:
    """Restart Home Assistant while a command is under way, then turn the lock."""
    await world.install()
    await _act(world, fault.begin)
    return await _during_command(world, fault, world.restart)


async def _during_command(world: World, fault: Fault, happens: Callable[[], Awaitable[Any]]) -> str:
    command = asyncio.ensure_future(world.ask("unlock"))
    await world.wait(0.5)
    await happens()
    error = await world.during(command)
    if error is None:
        assert world.bolt == "unlocked", "called done and was not"
    await world.turn("unlocked")
    await world.wait(120)
    told = str(world.shown)
    await _act(world, fault.end)
    return told


async def _removal(world: World, fault: Fault) -> str:
    """Remove the entry while a command is under way."""
    await world.install()
    await _act(world, fault.begin)
    command = asyncio.ensure_future(world.ask("unlock"))
    await world.wait(0.5)
    await world.remove()
    error = await world.during(command)
    if error is None:
        assert world.bolt == "unlocked", "called done and was not"
    assert world.leftovers() == []
    await _act(world, fault.end)
    return error or "done"


async def _reboot(world: World, fault: Fault) -> str:
    """Cut the device's power for half a minute; when it is back, it has the fault."""
    await world.install()
    await world.reboot("unlocked")
    await _act(world, fault.begin)
    await world.wait(120)
    told = str(world.shown)
    await _act(world, fault.end)
    return told


PHASES: Final = (
    Phase(name="set-up", play=_set_up),
    Phase(
        name="account",
        play=_account,
        vendors=frozenset(key for key, vendor in VENDORS.items() if vendor.is_local),
    ),
    Phase(name="poll", play=_poll),
    Phase(name="unlock", play=_unlock),
    Phase(name="lock", play=_lock),
    Phase(name="push", play=_push, vendors=frozenset({"loqed", "loqed_web", "sesame_v3"})),
    Phase(name="reload", play=_reload),
    Phase(name="removal", play=_removal),
    Phase(name="restart", play=_restart),
    Phase(name="reboot", play=_reboot),
)
