"""Whole days in seconds: how often a vendor is called, and how many rows the recorder gets."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
import tempfile
import time
from typing import Any, Final

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util
from the_keyspy.devices import TheKeysGateway
from the_keyspy.errors import GatewayActionError

from custom_components.smartlocks import helpers
from tests.clock import MONOTONIC
from tests.simulators import SIMULATORS, the_keys
from tests.simulators.base import Bolt, Simulator
from tests.simulators.loqed import LoqedSimulator
from tests.simulators.sesame_v3 import SesameV3Simulator
from tests.simulators.sesame_web import SesameWebSimulator
from tests.vendors.answers import ANSWERS, Answers

from .home import Home, addresses_of, core_bridge, running, use_clouds, walk
from .peers import SESAME, redirect_sesame

HOUR: Final = 3600.0
# Virtual seconds that pass in one turn of the loop while something is waited for.
_TURN: Final = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """A day that is lived: whose lock, how often it is turned by hand, and what is amiss.

    `devices` are those of the account. `is_restarted`: Home Assistant restarts three times,
    the first time with a clock that is hours wrong. `is_out`: nobody can connect;
    `is_failing`: every request is answered by an error.
    """

    vendor: str
    turns: int = 20
    peer: str | None = None
    loses_calls: bool = False
    devices: int = 1
    is_restarted: bool = False
    is_out: bool = False
    is_failing: bool = False


class Time:
    """The time of the loop, of the integration and of the day, moved on together."""

    def __init__(self) -> None:
        """Take the place of all clocks."""
        loop = asyncio.get_running_loop()
        self.wrong = 0.0
        self._true: Callable[[], float] = time.time
        real: Callable[[], float] = loop.time
        loop.time = lambda: real() + MONOTONIC.ahead  # type: ignore[method-assign]
        loop.slow_callback_duration = inf
        time.time = self.now
        dt_util.utcnow = self._utcnow  # type: ignore[assignment]
        helpers.monotonic = MONOTONIC

    def right(self) -> float:
        """Return the right unix time."""
        return self._true() + MONOTONIC.ahead

    def now(self) -> float:
        """Return what the host's clock shows."""
        return self.right() + self.wrong

    def _utcnow(self) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC)

    async def during[T](self, hass: HomeAssistant, job: Awaitable[T]) -> T:
        """Let time pass until something is done."""
        result = await self._pass_until_done(job)
        await self._pass_until_done(hass.async_block_till_done(wait_background_tasks=True))
        return result

    async def _pass_until_done[T](self, job: Awaitable[T]) -> T:
        task = asyncio.ensure_future(job)
        while not task.done():
            await asyncio.sleep(0)
            MONOTONIC.advance(_TURN)
        return await task

    async def let_pass(self, hass: HomeAssistant, seconds: float, *, step: float = 30.0) -> None:
        """Let so many seconds pass."""
        while seconds > 0:
            MONOTONIC.advance(min(step, seconds))
            seconds -= step
            for _ in range(3):
                await asyncio.sleep(0)
            # Devices rest, too: without a real pause.
            await self._pass_until_done(hass.async_block_till_done(wait_background_tasks=True))


async def measure(name: str, hours: float) -> dict[str, float]:
    """Live a day, or some hours of it; returns what a whole day would count."""
    day = DAYS[name]
    clock = Time()
    simulator = SIMULATORS[day.vendor](pace=1.0, clock=clock.right)
    await simulator.start()
    simulator.allow_haste()
    addresses = addresses_of(simulator)
    use_clouds(day.vendor, addresses)
    more = SESAME if day.peer == "sesame" else ""
    if day.peer == "sesame":
        redirect_sesame(str(simulator.url))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with running(Path(folder), more=more) as home:
            known = set(home.hass.states.async_entity_ids())
            await _add(home, clock, simulator, day, addresses)
            rows = _count_rows(home.hass, known if day.peer != "sesame" else set())
            before = len(_requests(simulator))
            await _live(home.hass, clock, simulator, day, hours)
            requests = _requests(simulator)[before:]
    seconds = Counter(int(request.at) for request in requests)
    return {
        "calls": len(requests) * 24 / hours,
        "signed": sum("locker_status" in request.path for request in requests) * 24 / hours,
        "most_a_second": max(seconds.values(), default=0),
        "rows": sum(rows.values()) * 24 / hours,
    }


async def _add(
    home: Home, clock: Time, simulator: Simulator, day: Day, addresses: Mapping[str, str]
) -> None:
    if day.peer == "loqed":
        assert isinstance(simulator, LoqedSimulator)
        await clock.during(home.hass, home.add(core_bridge(simulator.host)))
    elif day.peer is None:
        clock.wrong = -5 * HOUR if day.is_restarted else 0.0
        answers = _limited(ANSWERS[day.vendor](addresses), simulator, day.devices)
        await clock.during(home.hass, walk(home.hass, answers))
    elif day.peer == "the_keyspy":
        _read_each_minute(home.hass, addresses["url"])
    # The first report is read again, and the first calls are only hints.
    await clock.let_pass(home.hass, 130, step=1)
    clock.wrong = 0.0


def _read_each_minute(hass: HomeAssistant, url: str) -> None:
    """Read two locks by the_keyspy as often as the integration that uses it does."""
    gateway = TheKeysGateway(1, url.removeprefix("http://").rstrip("/"))
    locks = ((the_keys.FRONT_ID, the_keys.FRONT_CODE), (the_keys.BACK_ID, the_keys.BACK_CODE))

    def read() -> None:
        for lock in locks:
            with suppress(GatewayActionError):
                gateway.locker_status(*lock)

    async def due(_: datetime) -> None:
        await hass.async_add_executor_job(read)

    async_track_time_interval(hass, due, timedelta(minutes=1), cancel_on_shutdown=True)


def _limited(answers: Answers, simulator: Simulator, devices: int) -> Answers:
    """Return the answers with so many devices, where they are added one by one."""
    if not answers.locks:
        return answers
    fields = {name: getattr(answers, name) for name in answers.__slots__}
    locks = [*answers.locks[: devices - 1]]
    for number in range(len(locks) + 1, devices):
        assert isinstance(simulator, SesameWebSimulator)
        uuid, secret = f"00000000-0000-0000-0000-{number:012X}", f"{number:032x}"
        simulator.add_device("sesame_5", f"Room {number}", uuid, secret)
        form = {"name": f"Room {number}", "product": "sesame_5", "uuid": uuid, "secret": secret}
        locks.append({"sesame_web_add_uuid": form})
    return Answers(**{**fields, "locks": tuple(locks)})


async def _live(
    hass: HomeAssistant, clock: Time, simulator: Simulator, day: Day, hours: float
) -> None:
    if day.loses_calls:
        assert isinstance(simulator, LoqedSimulator)
        simulator.stop_pushing()
    if day.is_out:
        simulator.drop_connections()
    if day.is_failing:
        assert isinstance(simulator, SesameV3Simulator)
        simulator.answer_error("INTERNAL_ERROR")
    turns = round(day.turns * hours / 24)
    pause = hours * HOUR / max(turns, 1)
    for number in range(max(turns, 1)):
        if turns:
            bolt: Bolt = "locked" if number % 2 else "unlocked"
            await clock.during(hass, simulator.turn_by_hand(bolt))
        # Locked for most of the day.
        span = pause if turns < 2 else pause * (1.8 if number % 2 else 0.2)
        await clock.let_pass(hass, span)
        if day.is_restarted and number % 7 == 3:
            for entry in hass.config_entries.async_entries("smartlocks"):
                await clock.during(hass, hass.config_entries.async_reload(entry.entry_id))


def _requests(simulator: Simulator) -> list[Any]:
    cloud = getattr(simulator, "cloud", None)
    server = getattr(cloud, "server", None)
    return [*simulator.requests, *(getattr(server, "requests", ()))]


def _count_rows(hass: HomeAssistant, known: set[str]) -> Counter[str]:
    """Count the changes of state, each of which is a row of the recorder, by entity."""
    rows: Counter[str] = Counter()

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        entity_id = event.data["entity_id"]
        if entity_id not in known and "backup" not in entity_id:
            rows[entity_id] += 1

    hass.bus.async_listen(EVENT_STATE_CHANGED, changed)
    return rows


DAYS: Final[Mapping[str, Day]] = {
    "LOQED, healthy": Day(vendor="loqed"),
    "LOQED, silent": Day(vendor="loqed", turns=0),
    "LOQED, degraded: calls are lost": Day(vendor="loqed", loses_calls=True),
    "core `loqed`, healthy": Day(vendor="loqed", peer="loqed"),
    "The Keys, two locks": Day(vendor="the_keys", devices=2),
    "The Keys, two locks, silent": Day(vendor="the_keys", turns=0, devices=2),
    "The Keys, two locks, outage": Day(vendor="the_keys", devices=2, is_out=True),
    "the_keyspy, two locks, read each minute": Day(vendor="the_keys", peer="the_keyspy"),
    "Sesame V3, two locks": Day(vendor="sesame_v3", devices=2),
    "Sesame V3, two locks, silent": Day(vendor="sesame_v3", turns=0, devices=2),
    "Sesame V3, two locks, degraded: only errors": Day(
        vendor="sesame_v3", devices=2, is_failing=True
    ),
    "Sesame V3, two locks, outage": Day(vendor="sesame_v3", devices=2, is_out=True),
    "core `sesame`, two locks": Day(vendor="sesame_v3", peer="sesame", devices=2),
    "Sesame Web, 1 device": Day(vendor="sesame_web"),
    "Sesame Web, 1 device, restarts, wrong clock": Day(vendor="sesame_web", is_restarted=True),
    "Sesame Web, 3 devices": Day(vendor="sesame_web", devices=3),
    "Sesame Web, 10 devices": Day(vendor="sesame_web", devices=10),
    "Sesame Web, 10 devices, restarts, wrong clock": Day(
        vendor="sesame_web", devices=10, is_restarted=True
    ),
}
