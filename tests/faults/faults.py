"""The faults: how each begins and ends, and where it can happen."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
import json
from typing import Any, Final

from tests.simulators.base import Nonsense, Server, Simulator
from tests.simulators.loqed import LoqedSimulator
from tests.simulators.loqed.const import SPARE
from tests.simulators.the_keys import TheKeysSimulator
from tests.simulators.the_keys.lock import Lock
from tests.simulators.the_keys.settings import SPARE_ID, SPARE_PORTAL_ID

from .world import VENDORS, World

type Act = Callable[[World], Awaitable[object] | object]

_ALL: Final = frozenset(VENDORS)
_LOCAL: Final = frozenset(key for key, vendor in VENDORS.items() if vendor.is_local)
_CALLED: Final = frozenset({"loqed", "loqed_web", "sesame_v3"})

# The connection to the cloud can fail while a local device is set up, too.
_SERVER: Final = (
    "set-up",
    "account",
    "poll",
    "unlock",
    "lock",
    "push",
    "reload",
    "removal",
    "restart",
    "reboot",
)
_DEVICE: Final = tuple(phase for phase in _SERVER if phase != "account")
# What happens to pushes happens once somebody is called.
_PUSH: Final = tuple(phase for phase in _DEVICE if phase not in ("set-up", "poll"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """Something that goes wrong, from `begin` until `end`.

    `vendors` and `phases` are where it can happen. For the `harmless` vendors reads are
    answered as ever: the truth is shown while it lasts. `strict` is for how many seconds
    signed pushes may show something false. Where it is `unanswered`, a command may
    have arrived, and must not be sent again. `except_at` is a vendor and a phase in which
    it is no fault.
    """

    name: str
    begin: Act
    end: Act
    vendors: frozenset[str] = _ALL
    phases: tuple[str, ...] = _DEVICE
    harmless: frozenset[str] = frozenset()
    strict: float | None = None
    except_at: tuple[str, str] | None = None
    unanswered: bool = False


# The connection, and what comes over it.


def _server(name: str, field: str, *, on: Any = True, off: Any = False) -> Fault:
    def begin(world: World) -> None:
        setattr(world.faulty.faults, field, on)

    def end(world: World) -> None:
        setattr(world.faulty.faults, field, off)

    return Fault(name=name, begin=begin, end=end, phases=_SERVER)


def _nonsense(name: str, kind: Nonsense) -> Fault:
    return _server(name, "nonsense", on=kind, off=None)


def _status(status: int) -> Fault:
    return _server(f"status {status}", "status", on=status, off=None)


async def _refuse(world: World) -> None:
    await world.faulty.switch_off()
    _close_all(world.faulty)


def _close_all(server: Server) -> None:
    """Close the connections that are kept open, which stopping to listen does not."""
    assert server.runner is not None
    assert server.runner.server is not None
    for connection in server.runner.server.connections:
        if connection.transport is not None:
            connection.transport.abort()


# One lock of several.

_ERRORS: Final[Mapping[str, Any]] = {
    "loqed": "error",
    "the_keys": 500,
    "sesame_v3": "INTERNAL_ERROR",
    "sesame_web": "error",
}
_SEVERAL: Final = frozenset({"the_keys", "sesame_v3", "sesame_web"})


def _one_lock(name: str, number: int, vendors: frozenset[str], **kind: Any) -> Fault:
    def begin(world: World) -> None:
        world.fail_lock(number, _ERRORS[world.vendor])

    def end(world: World) -> None:
        world.fail_lock(number, None)

    return Fault(name=name, begin=begin, end=end, vendors=vendors, **kind)


# Clocks.


def _clock(name: str, seconds: float) -> Fault:
    def begin(world: World) -> None:
        world.wall.step = seconds

    def end(world: World) -> None:
        world.wall.step = 0.0

    harmless = _ALL - {"the_keys", "loqed_web"}
    return Fault(name=name, begin=begin, end=end, harmless=harmless)


def _set_device_clock(world: World, seconds: float) -> None:
    simulator: Any = world.simulator
    if world.vendor == "loqed":
        simulator.skew_clock(seconds, lock_too=True)
    else:
        simulator.set_clock_offset(seconds)


# Addresses, and another device.


async def _move(world: World) -> None:
    await world.simulator.switch_off()
    await world.simulator.switch_on(elsewhere=True)


async def _follow(world: World) -> None:
    if world.entry is not None:
        await world.tell_address()


async def _change_our_address(world: World) -> None:
    await world.hass.config.async_update(internal_url="http://127.0.0.1:9")


async def _change_our_address_back(world: World) -> None:
    await world.hass.config.async_update(internal_url=str(world.address))


def _stranger(world: World) -> Simulator:
    """Return another device of the same kind, with another lock, which is locked."""
    if world.vendor == "loqed":
        return LoqedSimulator(pace=1.0, clock=world.wall.right, identity=SPARE)
    lock = Lock(identifier=SPARE_ID, portal_id=SPARE_PORTAL_ID, name="Cellar")
    return TheKeysSimulator(pace=1.0, clock=world.wall.right, locks=[lock])


async def _swap(world: World) -> None:
    simulator: Any = world.simulator
    if world.vendor == "sesame_web":
        simulator.change_secret("00" * 16)
    elif world.vendor == "sesame_v3":
        simulator.hide_lock()
        simulator.fail_lock(None, "BAD_PARAMS")
        simulator.add_lock("Cellar")
    elif world.vendor == "loqed_web":
        simulator.cloud_fields({"id": 20999})
    else:
        if world.vendor == "loqed":
            simulator.stop_pushing()
        port = world.device.port
        await _refuse(world)
        stranger = _stranger(world)
        world.others.append(stranger)
        await stranger.start(port)
        assert stranger.server.port == port


async def _swap_back(world: World) -> None:
    simulator: Any = world.simulator
    if world.vendor == "sesame_web":
        simulator.change_secret(world.secret)
    elif world.vendor == "sesame_v3":
        simulator.remove_lock(simulator.lock_ids[-1])
        simulator.fail_lock(None, None)
        simulator.hide_lock(hidden=False)
    elif world.vendor == "loqed_web":
        simulator.cloud_fields()
    else:
        await world.others.pop().stop()
        await world.device.switch_on()
        if world.vendor == "loqed":
            simulator.resume_pushing()


# Pushes.


def _pushes(
    name: str, on: Mapping[str, tuple[Any, ...]], off: Mapping[str, tuple[Any, ...]], **kind: Any
) -> Fault:
    """Return a fault of the pushes: the verb that begins it for each vendor, and that ends it."""

    def act(verbs: Mapping[str, tuple[Any, ...]]) -> Act:
        def acts(world: World) -> object:
            verb, *arguments = verbs[world.vendor]
            named = arguments.pop() if arguments and isinstance(arguments[-1], dict) else {}
            return getattr(world.simulator, verb)(*arguments, **named)

        return acts

    return Fault(
        name=name, begin=act(on), end=act(off), vendors=frozenset(on), phases=_PUSH, **kind
    )


async def _replay_all(world: World) -> None:
    """Record what is pushed when the lock is turned and back, and send it again and again."""
    before = world.bolt
    await world.turn("unlocked" if before == "locked" else "locked")
    await world.turn(before)
    if world.phase == "lock":
        # What was recorded must not pass for what the command has done.
        world.simulator.jam()
    world.attack = asyncio.create_task(_keep_replaying(world))


async def _keep_replaying(world: World) -> None:
    simulator: Any = world.simulator
    replays: list[Callable[[], Awaitable[object]]]
    match world.vendor:
        case "loqed":
            numbers = range(len(simulator.recorded))
            replays = [partial(simulator.replay_push, number) for number in numbers]
        case "loqed_web":
            calls = tuple(simulator.cloud_caller.calls)
            replays = [partial(simulator.forge_cloud_call, json.loads(one.body)) for one in calls]
        case _:
            replays = [partial(simulator.fire_webhook, simulator.lock_ids[0], locked=True)]
    while True:
        for replay in replays:
            await replay()
        await asyncio.sleep(7)


async def _stop_replaying(world: World) -> None:
    assert world.attack is not None
    world.attack.cancel()
    with suppress(asyncio.CancelledError):
        await world.attack
    if world.phase == "lock":
        world.simulator.jam(jammed=False)
        # Where the bolt stopped half way, somebody turns it.
        await world.turn("unlocked")


FAULTS: Final = (
    Fault(
        name="connection refused",
        begin=_refuse,
        end=lambda world: world.faulty.switch_on(),
        phases=_SERVER,
    ),
    replace(_server("connection reset", "drop"), unanswered=True),
    replace(_server("reset after it was done", "drop_after"), unanswered=True),
    replace(_server("no answer (black hole)", "silent"), unanswered=True),
    replace(_server("slow (8 s)", "delay", on=8.0, off=0.0), unanswered=True),
    replace(_server("closed when used again", "close_late"), harmless=_ALL, unanswered=True),
    replace(_server("half of a body", "cut"), unanswered=True),
    _nonsense("oversized", "oversized"),
    _nonsense("compressed", "compressed"),
    _nonsense("deeply nested", "deeply_nested"),
    _nonsense("wrong types", "wrong_types"),
    _nonsense("another document", "html"),
    _nonsense("another JSON", "array"),
    _nonsense("cut JSON", "truncated"),
    _nonsense("empty", "empty"),
    replace(
        _server("another content type", "content_type", on="text/html", off=None), harmless=_ALL
    ),
    _status(401),
    _status(403),
    _status(404),
    _status(429),
    _status(500),
    _one_lock("this lock fails", 0, _SEVERAL | {"loqed"}),
    _one_lock("another lock fails", 1, _SEVERAL, harmless=_SEVERAL),
    _clock("clock 2 h ahead", 7200.0),
    _clock("clock 2 h behind", -7200.0),
    _clock("clock 40 s ahead", 40.0),
    _clock("clock 40 s behind", -40.0),
    _clock("clock 3 years behind", -3 * 365 * 86_400.0),
    Fault(
        name="device's clock 1 h ahead",
        begin=lambda world: _set_device_clock(world, 3600.0),
        end=lambda world: _set_device_clock(world, 0.0),
        vendors=frozenset({"loqed", "the_keys", "sesame_web"}),
    ),
    Fault(
        name="device's address changed",
        begin=_move,
        end=_follow,
        vendors=_LOCAL,
    ),
    Fault(
        name="Home Assistant's address changed",
        begin=_change_our_address,
        end=_change_our_address_back,
        vendors=frozenset({"loqed"}),
        harmless=frozenset({"loqed"}),
    ),
    Fault(
        name="another device in its place",
        begin=_swap,
        end=_swap_back,
        # A lock like any other is what an account may list.
        except_at=("loqed_web", "set-up"),
    ),
    _pushes(
        "pushes lost",
        {
            "loqed": ("stop_pushing",),
            "loqed_web": ("lose_cloud_calls",),
            "sesame_v3": ("lose_webhooks",),
        },
        {
            "loqed": ("resume_pushing",),
            "loqed_web": ("lose_cloud_calls", {"lost": False}),
            "sesame_v3": ("lose_webhooks", {"lose": False}),
        },
        harmless=_CALLED,
    ),
    _pushes(
        "pushes twice",
        {
            "loqed": ("repeat_pushes", 2),
            "loqed_web": ("repeat_cloud_calls",),
            "sesame_v3": ("repeat_webhooks", 2),
        },
        {
            "loqed": ("repeat_pushes", 1),
            "loqed_web": ("repeat_cloud_calls", {"on": False}),
            "sesame_v3": ("repeat_webhooks", 1),
        },
        harmless=_CALLED,
        strict=5.0,
    ),
    _pushes(
        "pushes 20 s late",
        {
            "loqed": ("delay_pushes", 20.0),
            "loqed_web": ("delay_cloud_calls", 20.0),
            "sesame_v3": ("delay_webhooks", 20.0),
        },
        {
            "loqed": ("delay_pushes", 0.0),
            "loqed_web": ("delay_cloud_calls", 0.0),
            "sesame_v3": ("delay_webhooks", 0.0),
        },
        harmless=_CALLED,
        strict=25.0,
    ),
    _pushes(
        "pushes in reverse",
        {"loqed": ("hold_pushes",), "sesame_v3": ("delay_webhooks", None)},
        {
            "loqed": ("release_pushes", {"reverse": True}),
            "sesame_v3": ("release_webhooks", {"newest_first": True}),
        },
        harmless=frozenset({"loqed", "sesame_v3"}),
        strict=5.0,
    ),
    Fault(
        name="pushes replayed",
        begin=_replay_all,
        end=_stop_replaying,
        vendors=_CALLED,
        phases=_PUSH,
        harmless=_CALLED,
        strict=5.0,
    ),
)
