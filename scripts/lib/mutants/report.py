"""The page that the command writes: figures by module, and each survivor with its judgement."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
import re
from typing import Final

from .targets import REQUIRED, ROOT, TARGETS, Target

PAGE: Final = ROOT / "docs" / "mutants.md"
NOT_JUDGED: Final = "not judged yet"
# A judgement begins with it where a change cannot be noticed by anything.
EQUAL: Final = "Equal"
_FIGURES: Final = re.compile(
    r"^\| `(?P<name>[^`]+)` \| `(?P<version>\w+)`[^|]* \| (?P<mutants>\d+) \| (?P<caught>\d+) \|"
)
_ROW: Final = re.compile(r"^\| `(?P<where>[^`]*)` \| `(?P<change>.+?)` \| (?P<judged>.*) \|$")
_HEADING: Final = re.compile(r"^### (?P<name>\S+)$")
_INTRODUCTION: Final = """# Mutants

Tests are worth what they notice. `scripts/mutants` changes one thing at a time in the
modules that decide what to believe and what to send (a comparison, a condition, a number,
a return value, a call that is left out, an argument that is left out, an entry of a table)
and runs the tests that cover the changed line. A mutant is *caught* when a test fails or
hangs. What survives is listed below with a judgement; this page is written by the command,
and the judgements in it are kept. One that begins with *Equal* says that nothing could
notice the change; such mutants do not count for the share.

Each is tried against the tests that are named for its module in
`scripts/lib/mutants/targets.py` and run its line, for a limited time: a survivor may still
be noticed by another test. *Version* is the beginning of the SHA-256 hash of the file that
was tried; what is only in the table has not been tried again since. `scripts/mutants
--sample` tries a fixed handful, all of which must be caught.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What became of one mutant."""

    path: str
    where: str
    change: str
    outcome: str

    @property
    def is_caught(self) -> bool:
        """Whether a test failed or did not end."""
        return self.outcome in {"caught", "timed out"}

    @property
    def cells(self) -> tuple[str, str]:
        """Where and what, as a table can show them."""
        # A bar would end the cell, and a backtick the code.
        return self.where or "module", self.change.replace("|", "¦").replace("`", "'")


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What was found of one module; `survivors` are function, change and judgement."""

    version: str
    mutants: int
    caught: int
    survivors: tuple[tuple[str, str, str], ...]

    @property
    def equal(self) -> int:
        """How many nothing could notice."""
        return sum(judged.startswith(EQUAL) for *_, judged in self.survivors)

    @property
    def share(self) -> float:
        """How many in a hundred were caught of those that something could notice."""
        return 100 * self.caught / max(self.mutants - self.equal, 1)

    def row(self, target: Target) -> str:
        """Return the row of the table."""
        since = "" if self.version == version(target) else ", changed since"
        required = f"{REQUIRED} %" if target.is_core else ""
        cells = (
            f"`{target.name}`",
            f"`{self.version}`{since}",
            self.mutants,
            self.caught,
            self.equal,
            f"{self.share:.1f} %",
            required,
        )
        return f"| {' | '.join(map(str, cells))} |"

    def list(self, name: str) -> list[str]:
        """Return the table of the survivors."""
        if not self.survivors:
            return []
        rows = [
            f"| `{where}` | `{change}` | {judged} |" for where, change, judged in self.survivors
        ]
        return [f"### {name}", "", "| Where | Change | Judgement |", "|---|---|---|", *rows, ""]


def version(target: Target) -> str:
    """Return the beginning of the hash of a module as it is now."""
    return sha256((ROOT / target.path).read_bytes()).hexdigest()[:8]


def on_page() -> Mapping[str, Figures]:
    """Return what the page says, by module."""
    name = ""
    numbers: dict[str, re.Match[str]] = {}
    survivors: dict[str, list[tuple[str, str, str]]] = {}
    for line in PAGE.read_text().splitlines() if PAGE.exists() else ():
        if heading := _HEADING.match(line):
            name = heading["name"]
        elif found := _FIGURES.match(line):
            numbers[found["name"]] = found
        elif row := _ROW.match(line):
            one = (row["where"], row["change"], row["judged"])
            survivors.setdefault(name, []).append(one)
    return {
        name: Figures(
            version=found["version"],
            mutants=int(found["mutants"]),
            caught=int(found["caught"]),
            survivors=tuple(survivors.get(name, ())),
        )
        for name, found in numbers.items()
    }


def write(results: Iterable[Result]) -> list[str]:
    """Write the page; returns the core modules in which too few were caught.

    What was not tried stays as the page has it.
    """
    before, found = on_page(), list(results)
    figures = dict(before)
    for target in TARGETS:
        if mine := [result for result in found if result.path == target.path]:
            figures[target.name] = _figures(target, mine, before.get(target.name))
    known = [(target, figures[target.name]) for target in TARGETS if target.name in figures]
    table = [
        "| Module | Version | Mutants | Caught | Equal | Share | Required |",
        "|---|---|---|---|---|---|---|",
        *(found.row(target) for target, found in known),
    ]
    lists = [line for target, found in known for line in found.list(target.name)]
    text = [_INTRODUCTION, "\n".join(table), "\n## Survivors\n", "\n".join(lists)]
    PAGE.write_text("\n".join(text).rstrip() + "\n")
    return [target.name for target, found in known if target.is_core and found.share < REQUIRED]


def _figures(target: Target, results: Iterable[Result], before: Figures | None) -> Figures:
    judgements = (
        {(where, change): judged for where, change, judged in before.survivors} if before else {}
    )
    found = list(results)
    return Figures(
        version=version(target),
        mutants=len(found),
        caught=sum(result.is_caught for result in found),
        survivors=tuple(
            (*result.cells, judgements.get(result.cells, NOT_JUDGED))
            for result in found
            if not result.is_caught
        ),
    )
