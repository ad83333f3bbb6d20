"""Tries one lock: every command through Home Assistant, then a turn by hand."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
import time

from .errors import DemoError
from .home import Home
from .live import Live, Seen
from .locks import Lock
from .report import Row

# The slowest real lock needs 16 s; a polled one is seen at the next poll after that.
SETTLE_SECONDS = 60.0
# A turn by hand that is pushed shows at once; one that is not is asked for after this.
SELF_SECONDS = 5.0
GONE = frozenset({"unavailable", "unknown"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectation:
    """What must be seen after a command: the goal, and then one of `ending` to stay."""

    command: str
    goal: str
    ending: frozenset[str]


LOCK = Expectation(command="lock", goal="locked", ending=frozenset({"locked"}))
UNLOCK = Expectation(command="unlock", goal="unlocked", ending=frozenset({"unlocked"}))
# The latch springs back by itself on some locks.
OPEN = Expectation(command="open", goal="open", ending=frozenset({"open", "unlocked"}))


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One lock on trial."""

    home: Home
    live: Live
    lock: Lock

    async def run(self) -> list[Row]:
        """Everything that is tried, in order."""
        commands = [LOCK, UNLOCK, *([OPEN] if self.lock.can_open else []), LOCK]
        rows = [await self._command(expectation) for expectation in commands]
        rows += [await self._turn_by_hand(bolt) for bolt in ("unlocked", "locked")]
        return rows

    async def _command(self, expected: Expectation) -> Row:
        """Give a command and see it happen, on the dashboard and at the lock."""
        started = time.monotonic()
        refusal = await self._call(f"lock.{expected.command}")
        settled = refusal is None and await self._settled(started, expected)
        return await self._row(expected.command, started, expected, refusal, settled=settled)

    async def _call(self, service: str) -> str | None:
        """Call a service; gives what it was refused with."""
        try:
            await self.home.call(service, self.lock.entity_id)
        except DemoError as err:
            return str(err)
        return None

    async def _turn_by_hand(self, bolt: str) -> Row:
        """Turn the lock itself; the dashboard follows, asked for where nothing is pushed."""
        expected = Expectation(command=f"by hand: {bolt}", goal=bolt, ending=frozenset({bolt}))
        started = time.monotonic()
        await self.lock.player.play("turn_by_hand", bolt=bolt, lock_id=self.lock.lock_id)
        settled = await self._settled(started, expected, SELF_SECONDS)
        remark, refusal = "", None
        if not settled and not self.lock.answers.pushes:
            remark = "(after a refresh)"
            refusal = await self._call("homeassistant.update_entity")
            settled = await self._settled(started, expected)
        return await self._row(
            expected.command, started, expected, refusal, settled=settled, remark=remark
        )

    async def _settled(
        self, started: float, expected: Expectation, seconds: float = SETTLE_SECONDS
    ) -> bool:
        """Wait until what is shown is what was expected, and is the truth."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if not await self.live.until(lambda: self._shown(started, expected), left):
                return False
            if await self.lock.bolt() == self._state():
                return True
            # The latch is about to spring back, and the news of it on the way.
            await asyncio.sleep(0.1)
        return False

    def _shown(self, started: float, expected: Expectation) -> bool:
        """The right state stands there, and the goal was seen.

        Where the lock was in this state before, no change is there to be seen.
        """
        passed = [seen.state for seen in self._seen(started)] or [self._state()]
        return self._state() in expected.ending and expected.goal in passed

    def _state(self) -> str:
        seen = self.live.now(self.lock.entity_id)
        return seen.state if seen else "unavailable"

    def _seen(self, started: float) -> Sequence[Seen]:
        return self.live.since(self.lock.entity_id, started)

    async def _row(
        self,
        command: str,
        started: float,
        expected: Expectation,
        refusal: str | None,
        *,
        settled: bool,
        remark: str = "",
    ) -> Row:
        seen = self._seen(started)
        arrived = next((one.at for one in seen if one.state == expected.goal), None)
        states = _distinct(seen)
        problem = refusal
        if problem is None and not settled:
            problem = f"not settled: Home Assistant says {self._state()}"
        if problem is None and (gone := GONE.intersection(states)):
            problem = f"was {', '.join(sorted(gone))} on the way"
        return Row(
            vendor=self.lock.vendor,
            lock=self.lock.name,
            command=command,
            seen=states or ((f"{self._state()} already",) if settled else ()),
            bolt=await self.lock.bolt(),
            seconds=None if arrived is None else arrived - started,
            problem=problem,
            remark=remark,
        )


def _distinct(seen: Sequence[Seen]) -> tuple[str, ...]:
    """The states in order, each once where only attributes changed."""
    states = [one.state for one in seen]
    return tuple(
        state for number, state in enumerate(states) if not number or states[number - 1] != state
    )
