"""Ordinary and hostile months with fixed seeds: `scripts/simulate-months`."""

import argparse
from collections.abc import Iterator
from math import ceil
from pathlib import Path
from random import Random
from typing import Final, override

from custom_components.smartlocks.models import Action, LockState
from custom_components.smartlocks.state_tracker import Timing

from .acts import DAY
from .timings import ROWS, Row
from .world import POSITIONS, Answers, Carriage, Fate, Weather, World

PAGE: Final = Path(__file__).parents[2] / "docs" / "state-tracker.md"
_EVENTS: Final = 20
_FAULTS: Final = 2
_AFTER_OUTAGE: Final = 70.0
_SECONDS: Final = 1 / 4

_HEAD: Final = (
    "| | month | false *locked*, s a day | needless *unknown*, s a day | flickers a day "
    "| wrongly called done, a month | wrongly called unconfirmed, a month | reads a day |\n"
    "|---|---|---|---|---|---|---|---|"
)


class Month(World):
    """A world that measures what is shown."""

    def __init__(self, row: Row) -> None:
        self.false_locked = self.needless_unknown = 0.0
        self.flickers = 0
        self.outage_ended = -_AFTER_OUTAGE
        self._seen = LockState.UNKNOWN
        self._position = LockState.UNKNOWN
        self._left_at = 0.0
        super().__init__(row, is_checked=False)

    @override
    def watch(self, seconds: float) -> None:
        shown = self.shown
        if shown is LockState.LOCKED and self.bolt is not LockState.LOCKED:
            self.false_locked += seconds
        if self.weather.answers is not Answers.GOOD:
            self.outage_ended = self.now + seconds
        is_outage = self.now < self.outage_ended + _AFTER_OUTAGE
        if shown is LockState.UNKNOWN and self.bolt in POSITIONS and not is_outage:
            self.needless_unknown += seconds
        if shown is not self._seen:
            self._turned_to(shown)

    def _turned_to(self, shown: LockState) -> None:
        """Count a state that was left and came back though nothing had moved."""
        if shown is self._position and self.changed_at < self._left_at:
            self.flickers += 1
        if self._seen in POSITIONS:
            self._position, self._left_at = self._seen, self.now
        self._seen = shown


class Life:
    """What happens in a month, drawn from a seed."""

    def __init__(self, row: Row, *, is_hostile: bool) -> None:
        self.random = Random(f"{row.name} {is_hostile}")  # noqa: S311
        self.world = Month(row)
        self.is_hostile = is_hostile
        self.world.weather = self._good()

    def live(self, days: float) -> None:
        """Let so many days pass."""
        end = self.world.now + days * DAY
        happenings = sorted(self._happenings(days))
        for at, what in happenings:
            self.world.wait(max(at - self.world.now, 0.0))
            getattr(self, what)()
        self.world.wait(max(end - self.world.now, 0.0))

    def _happenings(self, days: float) -> Iterator[tuple[float, str]]:
        faults = _FAULTS * (10 if self.is_hostile else 1)
        kinds = [("event", _EVENTS), ("fault", faults)]
        if self.is_hostile:
            kinds += [("attack", 200), ("hints", 500)]
        for what, often in kinds:
            for _ in range(int(often * days)):
                yield round(self.random.uniform(0, days * DAY) / _SECONDS) * _SECONDS, what

    def _good(self) -> Weather:
        choice = self.random.choice
        return Weather(
            behind=2.0,
            motor_waits=choice((0.5, 1.0, 2.0)),
            motor_takes=choice((3.0, 4.0, 6.0)),
        )

    def event(self) -> None:
        """Let somebody use the lock: by hand, or by a command."""
        world = self.world
        is_locked = world.bolt is LockState.LOCKED
        if self.random.random() < 0.5:
            world.turn(LockState.UNLOCKED if is_locked else LockState.LOCKED)
        else:
            action = Action.UNLOCK if is_locked else Action.LOCK
            world.command(action, Fate.DONE, self.random.choice((0.25, 0.5, 1.0)))

    def fault(self) -> None:
        """Let something fail for a while."""
        world, choice = self.world, self.random.choice
        kind = self.random.randrange(5)
        is_locked = world.bolt is LockState.LOCKED
        action = Action.UNLOCK if is_locked else Action.LOCK
        if kind == 0:
            world.weather.answers = choice((Answers.FAILS, Answers.HANGS))
            world.wait(choice((30.0, 120.0, 600.0)))
        elif kind == 1:
            world.weather.carriage = choice((Carriage.DROPPED, Carriage.HELD))
            self.event()
            world.wait(choice((10.0, 60.0)))
        elif kind == 2:
            world.hear(0.0)
            world.weather.behind = choice((10.0, 20.0, 60.0, world.timing.lag))
            self.event()
            world.wait(choice((60.0, 600.0)))
        elif kind == 3:
            world.command(action, choice((Fate.LOST, Fate.JAMS, Fate.NOT_SENT)), 5.0)
            world.wait(40)
            world.turn(LockState.UNLOCKED if is_locked else LockState.LOCKED)
        else:
            world.command(action, Fate.ANSWER_LOST, 10.0)
        world.weather = self._good()

    def attack(self) -> None:
        """Let a recorded or a held push come."""
        if self.random.random() < 0.3:
            self.world.release(0)
        elif self.world.row.signed or self.world.row.told:
            self.world.replay(self.random.randrange(20))

    def hints(self) -> None:
        """Let somebody call in vain."""
        if self.world.row.signed or self.world.row.told or self.world.row.paid:
            self.world.hint()


def line(row: Row, days: float, *, is_hostile: bool) -> str:
    """Return the line of a month in the table."""
    life = Life(row, is_hostile=is_hostile)
    life.live(days)
    world, happened = life.world, life.world.happened
    ended = happened["CONFIRMED"] or 1
    worked = happened["worked"] or 1
    cells = (
        row.label,
        "hostile" if is_hostile else "ordinary",
        f"{world.false_locked / days:.1f}",
        f"{world.needless_unknown / days:.1f}",
        f"{world.flickers / days:.1f}",
        f"{happened['wrongly done']} of {ended}",
        f"{happened['wrongly unconfirmed']} of {worked}",
        f"{happened['reads'] / days:.0f}",
    )
    return f"| {' | '.join(cells)} |"


def bounds() -> str:
    """Return the table of the bounds."""
    lines = ["| | while reads are answered | in an outage |", "|---|---|---|"]
    for row in ROWS:
        bounds_of = (bound(row.timing), row.timing.outage_bound)
        lines.append(f"| {' | '.join([row.label, *map(duration, bounds_of)])} |")
    return "\n".join(lines)


def bound(timing: Timing) -> float:
    """Return how long a false *locked* can last while reads are answered, in seconds."""
    # What is believed for less than an interval is never wrong for longer.
    return min(timing.bound, timing.outage_bound)


def duration(seconds: float) -> str:
    """Return a time for people, rounded up."""
    if seconds < 120:
        return f"{ceil(seconds)} s"
    if seconds < 7200:
        return f"{ceil(seconds / 60)} min"
    return f"{ceil(seconds / 360) / 10:g} h"


def section(name: str) -> str:
    """Return what stands between the markers of a section."""
    text = PAGE.read_text("utf-8")
    return text.split(f"<!-- {name}: begin -->\n")[1].split(f"<!-- {name}: end -->")[0]


def write(name: str, table: str) -> None:
    """Put a table between the markers of its section."""
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
    text = PAGE.read_text("utf-8")
    before, rest = text.split(begin)
    PAGE.write_text(before + begin + table + "\n" + end + rest.split(end)[1], "utf-8")


def main() -> None:
    """Play every row's months, print the table and write it down."""
    parser = argparse.ArgumentParser(prog="scripts/simulate-months")
    parser.add_argument("days", nargs="?", type=float, default=30.0)
    days = parser.parse_args().days
    lines = [_HEAD]
    for row in ROWS:
        for is_hostile in (False, True):
            lines.append(line(row, days, is_hostile=is_hostile))
            print(lines[-1], flush=True)  # noqa: T201
    write("months", "\n".join(lines))
    write("bounds", bounds())


if __name__ == "__main__":
    main()
