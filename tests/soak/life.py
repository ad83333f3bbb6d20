"""What happens in a month, drawn from a seed: ordinary life, faults, and an attacker."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from random import Random
from typing import Any, Final

from tests.simulators.loqed import UNVERIFIABLE
from tests.simulators.sesame_v3 import FRONT_DOOR

from .house import SLOW, House

DAY: Final = 86_400.0
EVENTS: Final = 20
FAULTS: Final = 2
# As often as in a hostile month.
HOSTILE: Final = 10
REPLAYS: Final = 200
FORGERIES: Final = 500

# What an answer takes at all.
LATENCY: Final = 0.1

type Act = Callable[[], Awaitable[None]]


class Life:
    """Lets a vendor's devices live; the same seed makes the same life."""

    def __init__(self, house: House, *, is_hostile: bool) -> None:
        self.house = house
        self.is_hostile = is_hostile
        self._random = Random(f"{house.row.name} {is_hostile}")  # noqa: S311 - repeats by its seed
        self._running: set[asyncio.Task[None]] = set()
        # One fault at a time; an attacker does not wait for it.
        self._turn = asyncio.Lock()
        self._attack = asyncio.Lock()
        vendor = house.simulator.key
        self._faults = self._faults_of(vendor)
        self._replay, self._forge = self._attacks_of(house.row.name, vendor)

    async def live(self, days: float) -> None:
        """Let so many days pass, and what is under way then come to its end."""
        house = self.house
        house.simulator.server.faults.delay = LATENCY
        began = house.now
        for at, act in sorted(self._happenings(days), key=lambda one: one[0]):
            await asyncio.sleep(max(began + at - house.now, 0.0))
            self._start(act())
        await asyncio.sleep(max(began + days * DAY - house.now, 0.0))
        while self._running:
            await asyncio.gather(*self._running)

    def _start(self, act: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(act)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def _happenings(self, days: float) -> Iterator[tuple[float, Callable[[], Any]]]:
        often: list[tuple[Callable[[], Any], int]] = [
            (self._event, EVENTS),
            (self._fault, FAULTS * (HOSTILE if self.is_hostile else 1)),
        ]
        if self.is_hostile:
            often += [(self._replayed, REPLAYS), (self._forged, FORGERIES)]
        for act, count in often:
            for _ in range(int(count * days)):
                yield self._random.uniform(0, days * DAY), act
        for day in range(int(days)):
            yield day * DAY, self._new_day

    async def _new_day(self) -> None:
        self.house.trim()

    async def _event(self) -> None:
        """Let somebody use the lock: by hand, or in Home Assistant."""
        if self._random.random() < self.house.row.by_command:
            await self.house.command()
        else:
            await self.house.turn()

    # Faults.

    async def _fault(self) -> None:
        async with self._turn:
            fault = self._random.choice(self._faults)
            is_command = fault in (self._jam, self._lost_answer)
            if is_command and self._random.random() >= 2 * self.house.row.by_command:
                # Not so often where each command is paid for.
                fault = self._outage
            await fault()

    def _faults_of(self, vendor: str) -> tuple[Act, ...]:
        common: tuple[Act, ...] = (
            self._outage,
            self._jam,
            self._lost_answer,
            self._slow,
            self._wrong_clock,
            self._restart,
            self._offline,
        )
        more: Mapping[str, tuple[Act, ...]] = {
            "loqed": (self._lost_calls, self._lag, self._reboot),
            "the_keys": (self._reboot,),
            "sesame_v3": (self._lost_calls, self._lag),
            "sesame_web": (self._lag,),
        }
        return common + more[vendor]

    async def _outage(self) -> None:
        """Nothing gets through, in either direction."""
        house, simulator = self.house, self.house.simulator
        faults = simulator.server.faults
        kind = self._random.choice(("drop", "silent", "status"))
        with house.outage():
            setattr(faults, kind, 500 if kind == "status" else True)
            undo = self._lose_calls()
            await asyncio.sleep(self._random.choice((30.0, 120.0, 600.0)))
            setattr(faults, kind, None if kind == "status" else False)
            undo()

    def _lose_calls(self) -> Callable[[], None]:
        """Let what the vendor calls be lost; returns the undo."""
        simulator = self.house.simulator
        if simulator.key == "loqed" and not simulator.pusher.is_losing:
            simulator.stop_pushing()
            return lambda: simulator.resume_pushing()  # noqa: PLW0108 - a verb may return something
        if simulator.key == "sesame_v3":
            simulator.lose_webhooks()
            return lambda: simulator.lose_webhooks(lose=False)
        return lambda: None

    async def _lost_calls(self) -> None:
        undo = self._lose_calls()
        await self._event()
        await asyncio.sleep(self._random.choice((10.0, 60.0)))
        undo()

    async def _lag(self) -> None:
        """The bridge or the cloud learns late what happens."""
        simulator, row = self.house.simulator, self.house.row
        is_web = simulator.key == "sesame_web"
        change = simulator.delay_status if is_web else simulator.lag_status
        change(self._random.choice((10.0, 20.0, 60.0, row.timing.lag)))
        await self._event()
        await asyncio.sleep(self._random.choice((60.0, 600.0)))
        change(1.0 if simulator.key == "loqed" else 0.0)

    async def _jam(self) -> None:
        """A command jams; somebody frees the bolt and turns it by hand."""
        house, simulator = self.house, self.house.simulator
        simulator.jam()
        is_locked = simulator.bolt() == "locked"
        with house.outage():
            # A device that does not know where its bolt is tells nobody.
            await house.command("unlock" if is_locked else "lock")
            await asyncio.sleep(40)
            simulator.jam(jammed=False)
            await house.turn("unlocked" if is_locked else "locked")

    async def _lost_answer(self) -> None:
        """A command is carried out, and its answer is lost."""
        faults = self.house.simulator.server.faults
        with self.house.outage():
            faults.drop_after = True
            task = asyncio.ensure_future(self.house.command())
            await asyncio.sleep(self._random.choice((2.0, 20.0)))
            faults.drop_after = False
        await task

    async def _slow(self) -> None:
        faults = self.house.simulator.server.faults
        faults.delay = SLOW
        await self._event()
        await asyncio.sleep(120)
        faults.delay = LATENCY

    async def _wrong_clock(self) -> None:
        """The host's time of day is wrong; signatures are refused meanwhile."""
        self.house.jumps.step = self._random.choice((-7200.0, -40.0, 40.0, 7200.0))
        with self.house.outage():
            await asyncio.sleep(self._random.choice((60.0, 600.0)))
            self.house.jumps.step = 0.0

    async def _restart(self) -> None:
        with self.house.outage():
            await self.house.restart()

    async def _offline(self) -> None:
        """The lock is out of its bridge's reach, which its bridge tells."""
        simulator = self.house.simulator
        with self.house.outage():
            await simulator.take_offline()
            await self._event()
            await asyncio.sleep(120)
            await simulator.bring_online()

    async def _reboot(self) -> None:
        """The bridge or the gateway starts anew."""
        simulator = self.house.simulator
        with self.house.outage():
            if simulator.key == "loqed":
                await simulator.restart_bridge()
            else:
                await simulator.reboot()
            await asyncio.sleep(15)

    # An attacker, who has no key: records and repeats, holds back, makes calls up.

    def _attacks_of(self, row: str, vendor: str) -> tuple[Act, Act]:
        if row == "loqed-web-called":
            return self._replay_cloud_call, self._forge_cloud_call
        attacks: Mapping[str, tuple[Act, Act]] = {
            "loqed": (self._replay_push, self._forge_push),
            "sesame_v3": (self._hold_webhooks, self._forge_webhook),
        }
        # Nobody calls us: there is nothing to record, and nowhere to call.
        return attacks.get(vendor, (_idle, _idle)) if row != "loqed-web" else (_idle, _idle)

    async def _replayed(self) -> None:
        if not self._attack.locked():
            async with self._attack:
                await self._replay()

    async def _forged(self) -> None:
        await self._forge()

    async def _replay_push(self) -> None:
        simulator, random = self.house.simulator, self._random
        if random.random() >= 0.3:
            if simulator.recorded:
                await simulator.replay_push(random.randrange(len(simulator.recorded)))
            return
        simulator.hold_pushes()
        await asyncio.sleep(random.choice((5.0, 20.0, 40.0, 90.0)))
        if random.random() < 0.5:
            # Of those that were held back, some never come.
            del simulator.pusher.held[random.randrange(3) :]
        await simulator.release_pushes(reverse=random.random() < 0.5)

    async def _forge_push(self) -> None:
        await self.house.simulator.forge_push(self._random.choice(UNVERIFIABLE))

    async def _hold_webhooks(self) -> None:
        simulator, random = self.house.simulator, self._random
        simulator.delay_webhooks(None)
        await asyncio.sleep(random.choice((5.0, 20.0, 40.0, 90.0)))
        if random.random() < 0.5:
            del simulator.cloud.webhook.held[random.randrange(3) :]
        await simulator.release_webhooks(newest_first=random.random() < 0.5)
        simulator.delay_webhooks(0.0)

    async def _forge_webhook(self) -> None:
        await self.house.simulator.fire_webhook(FRONT_DOOR, locked=self._random.random() < 0.7)

    async def _replay_cloud_call(self) -> None:
        caller = self.house.simulator.cloud_caller
        if caller.calls:
            await caller.post(self._claim(self._random.randrange(20)))

    async def _forge_cloud_call(self) -> None:
        await self.house.simulator.forge_cloud_call(self._claim(self._random.randrange(10**9)))

    def _claim(self, number: int) -> dict[str, Any]:
        return {
            "event_type": "STATE_CHANGED_NIGHT_LOCK",
            "requested_state": "NIGHT_LOCK",
            "number": number,
        }


async def _idle() -> None:
    """Do nothing."""
