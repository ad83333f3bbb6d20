"""Play the months and write what they showed into docs/soak.md: `scripts/soak`."""

import argparse
import json
import os
from pathlib import Path
import subprocess
import sys
from tempfile import TemporaryDirectory
from typing import Final
from xml.etree import ElementTree as ET

from tests.state_tracker.months import duration

from .rows import ROWS

PAGE: Final = Path(__file__).parents[2] / "docs" / "soak.md"
_BEGIN: Final = "<!-- soak: begin -->\n"
_END: Final = "<!-- soak: end -->"
_HEAD: Final = (
    "| | life | days | false *locked*, s a day | longest (bound) | longest in an outage (bound) "
    "| needless *unknown*, s a day | commands called done | of these wrongly "
    "| not confirmed, though done | not confirmed, not done | jammed | refused | not offered "
    "| requests a day |\n"
    f"|---|{'---|' * 14}"
)
_MONTHS: Final = ("ordinary", "hostile")

type Seen = dict[str, str]


def recorded(report: Path) -> dict[tuple[str, str], Seen]:
    """Return what the tests have recorded, by row and month."""
    found = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - our own
        seen = {one.get("name", ""): one.get("value", "") for one in case.iter("property")}
        if seen:
            found[seen["row"], seen["month"]] = seen
    return found


def line(name: str, month: str, seen: Seen) -> str:
    """Return the line of a month in the table."""
    row, days = ROWS[name], float(seen["seconds"]) / 86_400
    count = json.loads(seen["outcomes"])
    done = count.get("true", 0) + count.get("false", 0)
    needless = float(seen["needless"])
    cells = (
        row.label,
        month,
        f"{days:.3g}",
        f"{float(seen['false_locked']) / days:.1f}",
        f"{_time(seen['longest'])} ({duration(row.bound)})",
        f"{_time(seen['longest_in_outage'])} ({duration(row.outage_bound)})",
        f"{needless / days:.1f} ({needless / float(seen['seconds']):.3%})",
        str(done),
        str(count.get("false", 0)),
        str(count.get("not_confirmed, done", 0)),
        str(count.get("not_confirmed", 0)),
        str(count.get("jammed", 0) + count.get("jammed, done", 0)),
        str(count.get("failed", 0)),
        str(count.get("unavailable", 0)),
        f"{int(seen['requests']) / days:.0f}",
    )
    return f"| {' | '.join(cells)} |"


def _time(text: str) -> str:
    seconds = float(text)
    return f"{seconds:.0f} s" if 0 < seconds < 120 else duration(seconds) if seconds else "–"


def write(seen: dict[tuple[str, str], Seen]) -> None:
    """Put the lines between the markers; those of months that were not played stay."""
    before, rest = PAGE.read_text("utf-8").split(_BEGIN)
    old, after = rest.split(_END)
    known = {tuple(text.split(" | ")[:2]): text for text in old.splitlines()[2:]}
    lines = []
    for name, row in ROWS.items():
        for month in _MONTHS:
            if (name, month) in seen:
                lines.append(line(name, month, seen[name, month]))
            elif (text := known.get((f"| {row.label}", month))) is not None:
                lines.append(text)
    table = "\n".join([_HEAD, *lines])
    PAGE.write_text(f"{before}{_BEGIN}{table}\n{_END}{after}", "utf-8")


def main() -> int:
    """Play the months of these vendors, or of all, two at a time."""
    parser = argparse.ArgumentParser(prog="scripts/soak")
    parser.add_argument("days", nargs="?", type=float, default=30.0)
    parser.add_argument("vendors", nargs="*", choices=[[], *ROWS], metavar="vendor")
    asked = parser.parse_args()
    names = asked.vendors or list(ROWS)
    tests = Path(__file__).with_name("test_soak.py")
    chosen = [f"{tests}::{{}}[{name}-{month}]" for month in _MONTHS for name in names]
    test = "test_life_when_lived_then_false_locked_is_short_and_what_is_confirmed_is_true"
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ("-q", "-n", "2", "--show-capture=no", "-o", "junit_family=xunit1")
        code = subprocess.run(  # noqa: S603 - ourselves
            [
                sys.executable,
                "-m",
                "pytest",
                *options,
                f"--junitxml={report}",
                *(one.format(test) for one in chosen),
            ],
            env={**os.environ, "SMARTLOCKS_SOAK": str(asked.days)},
            check=False,
        ).returncode
        write(recorded(report))
    return code


if __name__ == "__main__":
    sys.exit(main())
