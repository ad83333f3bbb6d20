"""The faults and the phases: which can meet, and how each begins and ends."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, override

from tests.simulators.base import Nonsense

from .world import World

type Act = Callable[[World], Awaitable[object] | object]

LOCAL: Final = frozenset({"loqed", "the_keys"})
CLOUD: Final = frozenset({"sesame_v3", "sesame_web"})
ALL: Final = LOCAL | CLOUD
PUSHING: Final = frozenset({"loqed"})

PHASES: Final = ("set-up", "read", "command", "push", "reload", "removal", "restart", "reboot")


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """Something that goes wrong, from `begin` until `end`.

    `vendors` and `phases` are where it can happen.
    """

    name: str
    begin: Act
    end: Act
    vendors: frozenset[str] = ALL
    phases: tuple[str, ...] = PHASES


def _server(name: str, field: str, *, on: Any = True, off: Any = False) -> Fault:
    def begin(world: World) -> None:
        setattr(world.simulator.server.faults, field, on)

    def end(world: World) -> None:
        setattr(world.simulator.server.faults, field, off)

    return Fault(name=name, begin=begin, end=end)


def _nonsense(name: str, kind: Nonsense) -> Fault:
    return _server(name, "nonsense", on=kind, off=None)


def _status(status: int) -> Fault:
    return _server(f"status {status}", "status", on=status, off=None)


def _clock(name: str, seconds: float) -> Fault:
    def begin(world: World) -> None:
        world.wall.step = seconds

    def end(world: World) -> None:
        world.wall.step = 0.0

    return Fault(name=name, begin=begin, end=end)


_ONE_LOCK: Mapping[str, Any] = {
    "loqed": "error",
    "the_keys": 500,
    "sesame_v3": "INTERNAL_ERROR",
    "sesame_web": "status_500",
}


def _fail_other_lock(world: World) -> None:
    world.simulator.fail_lock(world.simulator.lock_ids[1], _ONE_LOCK[world.vendor])  # type: ignore[attr-defined]


def _mend_other_lock(world: World) -> None:
    world.simulator.fail_lock(world.simulator.lock_ids[1], None)  # type: ignore[attr-defined]


def _pushes(name: str, verb: str, *arguments: Any, end: str, undo: tuple[Any, ...] = ()) -> Fault:
    return Fault(
        name=name,
        begin=lambda world: getattr(world.simulator, verb)(*arguments),
        end=lambda world: getattr(world.simulator, end)(*undo),
        vendors=PUSHING,
        phases=("push",),
    )


async def _release_in_reverse(world: World) -> None:
    await world.simulator.release_pushes(reverse=True)  # type: ignore[attr-defined]


async def _replay(world: World) -> None:
    await world.simulator.replay_push(-1)  # type: ignore[attr-defined]


FAULTS: Final = (
    Fault(
        name="connection refused",
        begin=lambda world: world.simulator.switch_off(),
        end=lambda world: world.simulator.switch_on(),
    ),
    _server("connection reset", "drop"),
    _server("reset after it was done", "drop_after"),
    _server("no answer (black hole)", "silent"),
    _server("slow (8 s)", "delay", on=8.0, off=0.0),
    _server("closed when used again", "close_late"),
    _server("half of a body", "cut"),
    _nonsense("oversized", "oversized"),
    _nonsense("compressed", "compressed"),
    _nonsense("deeply nested", "deeply_nested"),
    _nonsense("wrong types", "wrong_types"),
    _nonsense("another document", "html"),
    _nonsense("another JSON", "array"),
    _nonsense("cut JSON", "truncated"),
    _nonsense("empty", "empty"),
    _server("another content type", "content_type", on="text/html", off=None),
    _status(401),
    _status(403),
    _status(404),
    _status(429),
    _status(500),
    Fault(
        name="another lock fails",
        begin=_fail_other_lock,
        end=_mend_other_lock,
        vendors=frozenset({"the_keys", "sesame_v3", "sesame_web"}),
    ),
    _clock("clock 2 h ahead", 7200.0),
    _clock("clock 2 h behind", -7200.0),
    _clock("clock 40 s ahead", 40.0),
    _clock("clock 40 s behind", -40.0),
    _pushes("pushes lost", "stop_pushing", end="resume_pushing"),
    _pushes("pushes twice", "repeat_pushes", 2, end="repeat_pushes", undo=(1,)),
    _pushes("pushes 20 s late", "delay_pushes", 20.0, end="delay_pushes", undo=(0.0,)),
    Fault(
        name="pushes in reverse",
        begin=lambda world: world.simulator.hold_pushes(),  # type: ignore[attr-defined]
        end=_release_in_reverse,
        vendors=PUSHING,
        phases=("push",),
    ),
    Fault(
        name="pushes replayed",
        begin=lambda _: None,
        end=_replay,
        vendors=PUSHING,
        phases=("push",),
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One vendor in one phase with one fault."""

    vendor: str
    phase: str
    fault: Fault

    @override
    def __str__(self) -> str:
        """Name it, for the list of tests."""
        return f"{self.vendor}-{self.phase}-{self.fault.name.replace(' ', '_')}"


CASES: Final = tuple(
    Case(vendor=vendor, phase=phase, fault=fault)
    for fault in FAULTS
    for phase in fault.phases
    for vendor in sorted(fault.vendors)
    # Without pushes it is what a read is.
    if phase != "push" or vendor in PUSHING
)
