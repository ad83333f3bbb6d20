"""Run every case and write what happened into docs/faults.md: `scripts/fault-matrix`."""

import argparse
from collections import defaultdict
from collections.abc import Iterable
import os
from pathlib import Path
import re
import subprocess
import sys
from tempfile import TemporaryDirectory
from typing import Final
from xml.etree import ElementTree as ET

from .faults import FAULTS
from .matrix import CASES
from .phases import PHASES
from .world import VENDORS

PAGE: Final = Path(__file__).parents[2] / "docs" / "faults.md"
BEGIN: Final = "<!-- faults: begin -->\n"
END: Final = "<!-- faults: end -->"

type Cells = dict[str, dict[str, str]]


def recorded(report: Path) -> Cells:
    """Return what the tests have recorded, by case, of those that passed."""
    cells = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - our own
        found = {one.get("name", ""): one.get("value", "") for one in case.iter("property")}
        if "case" in found and case.find("failure") is None and case.find("error") is None:
            cells[found["case"]] = found
    return cells


def _time(seconds: float) -> str:
    if seconds < 1:
        return "at once"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _cell(found: dict[str, str] | None) -> str:
    if found is None:
        return "**failed**"
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
    phases = [phase.name for phase in PHASES if vendor in phase.vendors]
    lines = [f"| | {' | '.join(phases)} |", f"|---|{'---|' * len(phases)}"]
    for fault in FAULTS:
        if fault.name in by_place:
            row = by_place[fault.name]
            lines.append(f"| {fault.name} | {' | '.join(row.get(phase, '') for phase in phases)} |")
    return "\n".join(lines)


def section(vendor: str, cells: Cells) -> str:
    """Return what stands under a vendor's heading."""
    mine = [found for found in cells.values() if found["vendor"] == vendor]
    untrue = max((float(found["untrue"]) for found in mine), default=0.0)
    recovered = max((float(found["recovered"] or 0) for found in mine), default=0.0)
    return (
        f"{len(mine)} cases passed. The longest false *locked* lasted {_time(untrue)}, the "
        f"longest wait for the truth after the end of a fault {_time(recovered)}.\n\n"
        f"{table(vendor, cells)}"
    )


def page(before: str, vendors: Iterable[str], cells: Cells) -> str:
    """Return what stands between the markers, with the sections of some vendors written anew."""
    known = dict(re.findall(r"(?ms)^### (.+?)\n\n(.+?)\n*(?=^### |\Z)", before))
    known |= {VENDORS[vendor].name: section(vendor, cells) for vendor in vendors}
    parts = [
        f"### {vendor.name}\n\n{known[vendor.name]}"
        for vendor in VENDORS.values()
        if vendor.name in known
    ]
    return "\n\n".join(parts)


def main() -> int:
    """Run the cases of all vendors, or of one, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vendor", choices=sorted(VENDORS), action="append")
    arguments, options = parser.parse_known_args()
    vendors = arguments.vendor or list(VENDORS)
    tests = Path(__file__).with_name("test_matrix.py")
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        told = ("-q", "--show-capture=no", "--tb=line", f"--junitxml={report}")
        code = subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, "-m", "pytest", *told, str(tests), *options],
            env={**os.environ, "SMARTLOCKS_FAULTS": ",".join(vendors)},
            check=False,
        ).returncode
        cells = recorded(report)
    before, rest = PAGE.read_text("utf-8").split(BEGIN)
    kept, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}{page(kept, vendors, cells)}\n{END}{after}", "utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
