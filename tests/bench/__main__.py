"""Measure everything in one run and write the table: `scripts/bench`."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
import tempfile
from typing import Final, override

from tests.simulators import SIMULATORS

from . import push
from .days import DAYS
from .programs import result, running

PAGE: Final = Path(__file__).parents[2] / "docs" / "benchmarks.md"
_BEGIN, _END = "<!-- table: begin -->\n", "<!-- table: end -->"
_HEAD: Final = (
    "| | ours | peer | floor | ours / floor | peer / floor | wanted |\n"
    "|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """How much is measured."""

    calls: int
    commands: int
    bridges: Sequence[int]
    starts: int
    hours: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One figure; `peer` and `floor` where there is one."""

    what: str
    ours: float
    peer: float | None = None
    floor: float | None = None
    unit: str = ""
    wanted: str = ""

    @override
    def __str__(self) -> str:
        """Return the line of the table."""
        cells = (
            self.what,
            *(_number(value, self.unit) for value in (self.ours, self.peer, self.floor)),
            _ratio(self.ours, self.floor),
            _ratio(self.peer, self.floor),
            self.wanted,
        )
        return f"| {' | '.join(cells)} |"


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value:.3g} {unit}".strip() if value < 1000 else f"{value:.0f} {unit}".strip()


def _ratio(value: float | None, floor: float | None) -> str:
    return "" if value is None or not floor else f"{value / floor:.2f}"


def pushes(size: Size) -> Iterator[Row]:
    """Measure webhook calls beside core's `loqed`."""
    with running("push") as port:
        took = push.measure(port, size.calls)
    moments = {
        ": state": "signed push until the state is written",
        "": "signed push until it is answered",
        ": all": "signed push until state and event are written and it is answered",
    }
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        at = {kind: sorted(values)[int(share * len(values))] * 1e6 for kind, values in took.items()}
        is_middle = name == "p50"
        for moment, what in moments.items():
            yield Row(
                what=f"{what}, {name} (peer: core `loqed`)",
                ours=at[f"ours{moment}"],
                peer=at[f"core{moment}"],
                floor=at["floor"],
                unit="µs",
                wanted="below the peer, at best 1.35" if is_middle else "",
            )
        yield Row(
            what=f"forged push, {name} (floor: a webhook that reads and hashes the call)",
            ours=at["forged"],
            floor=at["hash"],
            unit="µs",
            wanted="1" if is_middle else "",
        )


def commands(vendor: str, size: Size) -> Iterator[Row]:
    """Measure service calls beside a bare request, and the peers' way."""
    peers = {
        "loqed": " (peer: core `loqed`)",
        "the_keys": " (peer: the_keyspy)",
        "sesame_v3": " (peer: core `sesame`)",
    }
    with running("device", vendor) as addresses:
        took = result("command", vendor, size.commands, addresses)
    middle = {way: median(values) * 1e3 for way, values in took.items()}
    yield Row(
        what=f"{vendor}: service call until the device has it{peers.get(vendor, '')}",
        ours=middle["ours"],
        peer=middle.get("peer"),
        floor=middle["floor"],
        unit="ms",
        wanted="1.3",
    )


_SET_UP: Final = (
    ("processor", "time of the processor each", 1e3, "ms"),
    ("memory", "memory each", 1.0, "kB"),
    ("block", "longest block at set-up", 1e3, "ms"),
    ("reload_block", "longest block at reload", 1e3, "ms"),
)


def set_up_bridges(count: int, _: Size) -> Iterator[Row]:
    """Measure the set-up of more and more bridges."""
    with running("bridges", count + 1) as addresses:
        found = {
            kind: result("set_up_bridges", kind, addresses) for kind in ("floor", "core", "ours")
        }
    for name, what, scale, unit in _SET_UP:
        yield Row(
            what=f"{count} bridges: {what} (peer: core `loqed`)",
            ours=found["ours"][name] * scale,
            peer=found["core"][name] * scale,
            floor=found["floor"][name] * scale,
            unit=unit,
        )


def set_up_locks(count: int, _: Size) -> Iterator[Row]:
    """Measure the set-up of more and more locks in one account."""
    with running("bridges", 1) as (address,):
        found = {kind: result("set_up_locks", kind, count, address) for kind in ("floor", "ours")}
    for name, what, scale, unit in _SET_UP:
        yield Row(
            what=f"{count} locks of one account: {what}",
            ours=found["ours"][name] * scale,
            floor=found["floor"][name] * scale,
            unit=unit,
        )


def starts(size: Size) -> Iterator[Row]:
    """Measure the start of Home Assistant without us, with us, and with core's `loqed`."""
    kinds = ("none", "core", "ours")
    took: dict[str, list[float]] = {kind: [] for kind in kinds}
    with running("bridges", 1) as (address,), tempfile.TemporaryDirectory() as folder:
        for kind in kinds:
            (Path(folder) / kind).mkdir()
            result("prepare_start", kind, address, str(Path(folder) / kind))
        for _ in range(size.starts):
            for kind in kinds:
                found = result("start", kind, str(Path(folder) / kind))
                took[kind].append(found["processor"])
    middle = {kind: median(values) for kind, values in took.items()}
    yield Row(
        what="start of Home Assistant with one bridge, time of the processor (floor: without)",
        ours=middle["ours"],
        peer=middle["core"],
        floor=middle["none"],
        unit="s",
    )


_LIMITS: Final = {
    "LOQED, healthy": "150",
    "LOQED, silent": "150",
    "The Keys, two locks": "48 signed reads a lock, and one for each change",
    "The Keys, two locks, silent": "48 signed reads a lock",
    "Sesame V3, two locks": "at most one a second",
}


def lived(name: str, size: Size) -> Iterator[Row]:
    """Count the calls and rows of a whole day."""
    found = result("day", name, size.hours)
    yield Row(what=f"{name}: calls a day", ours=found["calls"], wanted=_LIMITS.get(name, ""))
    if name.startswith(("The Keys", "the_keyspy")):
        yield Row(what=f"{name}: signed reads a day", ours=found["signed"])
    if name.startswith("Sesame V3"):
        yield Row(what=f"{name}: most calls in a second", ours=found["most_a_second"])
    if name != "the_keyspy, two locks, read each minute":
        yield Row(what=f"{name}: rows of the recorder a day", ours=found["rows"])


def figures(size: Size) -> list[Callable[[], Sequence[Row]]]:
    """Return the measurements, each in processes of its own."""
    jobs: list[Callable[[], Iterator[Row]]] = [
        partial(pushes, size),
        *(partial(commands, vendor, size) for vendor in SIMULATORS),
        *(partial(set_up_bridges, count, size) for count in size.bridges),
        *(partial(set_up_locks, count, size) for count in size.bridges),
        partial(starts, size),
        *(partial(lived, name, size) for name in DAYS),
    ]
    return [lambda job=job: [*job()] for job in jobs]  # type: ignore[misc]


def write(lines: Sequence[str]) -> None:
    """Put the table between the markers of the page."""
    text = PAGE.read_text("utf-8")
    before, rest = text.split(_BEGIN)
    PAGE.write_text(before + _BEGIN + "\n".join(lines) + "\n" + _END + rest.split(_END)[1], "utf-8")


WHOLE: Final = Size(calls=2000, commands=7, bridges=(1, 10, 100, 300), starts=3, hours=24.0)
SAMPLE: Final = Size(calls=20, commands=1, bridges=(2,), starts=1, hours=0.25)
# A sample shows only that everything works: there, it does not matter what else runs.
_AT_ONCE: Final = 4


def main() -> None:
    """Measure, print, and write down what was measured whole."""
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--sample", action="store_true", help="a little of everything, unwritten")
    options = parser.parse_args()
    lines = [_HEAD]
    print(_HEAD)  # noqa: T201
    jobs = figures(SAMPLE if options.sample else WHOLE)
    with ThreadPoolExecutor(_AT_ONCE if options.sample else 1) as pool:
        for rows in pool.map(lambda job: job(), jobs):
            for row in rows:
                lines.append(str(row))
                print(lines[-1], flush=True)  # noqa: T201
    if not options.sample:
        write(lines)


if __name__ == "__main__":
    main()
