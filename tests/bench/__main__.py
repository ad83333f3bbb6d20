"""Measure everything in one run and write the table: `scripts/bench`."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
import tempfile
from typing import Final, override

from . import push
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
    vendors: Sequence[str]
    bridges: Sequence[int]
    starts: int
    hours: float
    days: Sequence[str]


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
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        at = {kind: sorted(values)[int(share * len(values))] * 1e6 for kind, values in took.items()}
        is_middle = name == "p50"
        yield Row(
            what=f"signed push until state and event are written, {name} (peer: core `loqed`)",
            ours=at["ours"],
            peer=at["core"],
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


def commands(size: Size) -> Iterator[Row]:
    """Measure service calls beside a bare request, and the peers' way."""
    peers = {
        "loqed": " (peer: core `loqed`)",
        "the_keys": " (peer: the_keyspy)",
        "sesame_v3": " (peer: core `sesame`)",
    }
    for vendor in size.vendors:
        took = result("command", vendor, size.commands)
        middle = {way: median(values) * 1e3 for way, values in took.items()}
        yield Row(
            what=f"{vendor}: service call until the device has it{peers.get(vendor, '')}",
            ours=middle["ours"],
            peer=middle.get("peer"),
            floor=middle["floor"],
            unit="ms",
            wanted="1.3",
        )


def set_ups(size: Size) -> Iterator[Row]:
    """Measure the set-up of more and more bridges, and of locks in one account."""
    figures = (
        ("processor", "time of the processor each", 1e3, "ms"),
        ("memory", "memory each", 1.0, "kB"),
        ("block", "longest block at set-up", 1e3, "ms"),
        ("reload_block", "longest block at reload", 1e3, "ms"),
    )
    for count in size.bridges:
        with running("bridges", count + 1) as addresses:
            found = {
                kind: result("set_up_bridges", kind, addresses)
                for kind in ("floor", "core", "ours")
            }
        locks = result("set_up_locks", count)
        for name, what, scale, unit in figures:
            yield Row(
                what=f"{count} bridges: {what} (peer: core `loqed`)",
                ours=found["ours"][name] * scale,
                peer=found["core"][name] * scale,
                floor=found["floor"][name] * scale,
                unit=unit,
            )
        for name, what, scale, unit in figures:
            yield Row(what=f"{count} locks: {what}", ours=locks[name] * scale, unit=unit)


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


def lived(size: Size) -> Iterator[Row]:
    """Count calls and rows of whole days."""
    limits = {
        "LOQED, healthy": "150",
        "LOQED, silent": "150",
        "The Keys, two locks": "48 signed reads a lock, and one for each change",
        "The Keys, two locks, silent": "48 signed reads a lock",
        "Sesame V3, two locks": "at most one a second",
    }
    for name in size.days:
        found = result("day", name, size.hours)
        yield Row(what=f"{name}: calls a day", ours=found["calls"], wanted=limits.get(name, ""))
        if name.startswith("The Keys"):
            yield Row(what=f"{name}: signed reads a day", ours=found["signed"])
        if name.startswith("Sesame V3"):
            yield Row(what=f"{name}: most calls in a second", ours=found["most_a_second"])
        yield Row(what=f"{name}: rows of the recorder a day", ours=found["rows"])


FIGURES: Final[Sequence[Callable[[Size], Iterator[Row]]]] = (
    pushes,
    commands,
    set_ups,
    starts,
    lived,
)


def write(lines: Sequence[str]) -> None:
    """Put the table between the markers of the page."""
    text = PAGE.read_text("utf-8")
    before, rest = text.split(_BEGIN)
    PAGE.write_text(before + _BEGIN + "\n".join(lines) + "\n" + _END + rest.split(_END)[1], "utf-8")


def sizes() -> tuple[Size, Size]:
    """Return the whole, and the sample that only shows that everything works."""
    names = (
        "LOQED, healthy",
        "LOQED, silent",
        "LOQED, degraded: calls are lost",
        "core `loqed`, healthy",
        "The Keys, two locks",
        "The Keys, two locks, silent",
        "Sesame V3, two locks",
        "core `sesame`, two locks",
        "Sesame Web, 1 device",
        "Sesame Web, 1 device, restarts, wrong clock",
        "Sesame Web, 3 devices",
    )
    whole = Size(
        calls=2000,
        commands=7,
        vendors=("loqed", "the_keys", "sesame_v3", "sesame_web"),
        bridges=(1, 10, 100, 300),
        starts=3,
        hours=24.0,
        days=names,
    )
    sample = Size(
        calls=20,
        commands=1,
        vendors=("loqed",),
        bridges=(2,),
        starts=1,
        hours=0.25,
        days=names[:1],
    )
    return whole, sample


def main() -> None:
    """Measure, print, and write down what was measured whole."""
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--sample", action="store_true", help="a little of everything, unwritten")
    options = parser.parse_args()
    whole, sample = sizes()
    lines = [_HEAD]
    print(_HEAD)  # noqa: T201
    for figure in FIGURES:
        for row in figure(sample if options.sample else whole):
            lines.append(str(row))
            print(lines[-1], flush=True)  # noqa: T201
    if not options.sample:
        write(lines)


if __name__ == "__main__":
    main()
