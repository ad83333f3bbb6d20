"""Run every case and write what happened into docs/faults.md: `scripts/fault-matrix`."""

from collections import defaultdict
import os
from pathlib import Path
import subprocess
import sys
from tempfile import TemporaryDirectory
from typing import Final
from xml.etree import ElementTree as ET

from .matrix import CASES, FAULTS, PHASES

PAGE: Final = Path(__file__).parents[2] / "docs" / "faults.md"
NAMES: Final = {
    "loqed": "LOQED",
    "the_keys": "The Keys",
    "sesame_web": "Sesame 3 and later",
    "sesame_v3": "SESAME, first generation",
}


type Cells = dict[str, dict[str, str]]


def recorded(report: Path) -> Cells:
    """Return what the tests have recorded, by case."""
    cells = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - our own
        found = {one.get("name", ""): one.get("value", "") for one in case.iter("property")}
        if "case" in found:
            cells[found["case"]] = found
    return cells


def _time(seconds: float) -> str:
    if seconds < 1:
        return "at once"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"


def _cell(found: dict[str, str] | None) -> str:
    if found is None:
        return ""
    if found["recovered"] == "":
        return "removed"
    mark = " ¹" if found["asked"] == "True" else ""
    return f"{_time(float(found['recovered']))}{mark}"


def table(vendor: str, cells: Cells) -> str:
    """Return a vendor's table: faults by phases."""
    by_place: dict[str, dict[str, str]] = defaultdict(dict)
    for case in CASES:
        if case.vendor == vendor:
            by_place[case.fault.name][case.phase] = _cell(cells.get(str(case)))
    phases = [phase for phase in PHASES if any(phase in row for row in by_place.values())]
    lines = [f"| | {' | '.join(phases)} |", f"|---|{'---|' * len(phases)}"]
    for fault in FAULTS:
        if fault.name in by_place:
            row = by_place[fault.name]
            lines.append(f"| {fault.name} | {' | '.join(row.get(phase, '') for phase in phases)} |")
    return "\n".join(lines)


def page(cells: Cells) -> str:
    """Return what stands between the markers."""
    parts = []
    for vendor, name in NAMES.items():
        mine = [found for found in cells.values() if found["vendor"] == vendor]
        longest = max((float(found["untrue"]) for found in mine), default=0.0)
        parts.append(
            f"### {name}\n\n{len(mine)} cases; the longest false *locked*: "
            f"{_time(longest)}.\n\n{table(vendor, cells)}"
        )
    return "\n\n".join(parts)


def main() -> int:
    """Run the cases, all of them, and write the page."""
    tests = Path(__file__).with_name("test_matrix.py")
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ("-q", "--show-capture=no", "--tb=line", f"--junitxml={report}")
        code = subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, "-m", "pytest", *options, str(tests), *sys.argv[1:]],
            env={**os.environ, "SMARTLOCKS_FAULTS": "all"},
            check=False,
        ).returncode
        cells = recorded(report)
    begin, end = "<!-- faults: begin -->\n", "<!-- faults: end -->"
    before, rest = PAGE.read_text("utf-8").split(begin)
    PAGE.write_text(f"{before}{begin}{page(cells)}\n{end}{rest.split(end)[1]}", "utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
