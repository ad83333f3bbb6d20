"""The page that the command writes: figures by module, and each survivor with its judgement."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
import re
from typing import Final

from .targets import REQUIRED, ROOT, TARGETS

PAGE: Final = ROOT / "docs" / "mutants.md"
NOT_JUDGED: Final = "not judged yet"
# A judgement begins with it where a change cannot be noticed by anything.
EQUAL: Final = "Equal"
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
be noticed by another test.
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


def judgements() -> Mapping[tuple[str, str, str], str]:
    """Return what is written on the page, by module, function and change."""
    if not PAGE.exists():
        return {}
    name, found = "", {}
    for line in PAGE.read_text().splitlines():
        if heading := _HEADING.match(line):
            name = heading["name"]
        elif row := _ROW.match(line):
            found[name, row["where"], row["change"]] = row["judged"]
    return found


def write(results: Iterable[Result]) -> list[str]:
    """Write the page; returns the core modules in which too few were caught."""
    known, found = judgements(), list(results)
    rows, lists, short = [], [], []
    for target in TARGETS:
        mine = [result for result in found if result.path == target.path]
        if not mine:
            continue
        caught = sum(result.is_caught for result in mine)
        equal = sum(
            _judged(target.name, result, known).startswith(EQUAL)
            for result in mine
            if not result.is_caught
        )
        share = 100 * caught / max(len(mine) - equal, 1)
        if target.is_core and share < REQUIRED:
            short.append(target.name)
        required = f"{REQUIRED} %" if target.is_core else ""
        cells = (f"`{target.name}`", len(mine), caught, equal, f"{share:.1f} %", required)
        rows.append(f"| {' | '.join(map(str, cells))} |")
        lists += _survivors(target.name, mine, known)
    table = [
        "| Module | Mutants | Caught | Equal | Share | Required |",
        "|---|---|---|---|---|---|",
        *rows,
    ]
    text = [_INTRODUCTION, "\n".join(table), "\n## Survivors\n", "\n".join(lists)]
    PAGE.write_text("\n".join(text).rstrip() + "\n")
    return short


def _survivors(
    name: str, results: Iterable[Result], known: Mapping[tuple[str, str, str], str]
) -> list[str]:
    survivors = [result for result in results if not result.is_caught]
    if not survivors:
        return []
    lines = [f"### {name}", "", "| Where | Change | Judgement |", "|---|---|---|"]
    for result in survivors:
        where, change = _cells(result)
        lines.append(f"| `{where}` | `{change}` | {_judged(name, result, known)} |")
    return [*lines, ""]


def _cells(result: Result) -> tuple[str, str]:
    # A bar would end the cell, and a backtick the code.
    return result.where or "module", result.change.replace("|", "¦").replace("`", "'")


def _judged(name: str, result: Result, known: Mapping[tuple[str, str, str], str]) -> str:
    return known.get((name, *_cells(result)), NOT_JUDGED)
