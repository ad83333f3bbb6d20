"""Send the forged and odd input, and write how that went into docs/forgeries.md: `scripts/fuzz`."""

import argparse
from collections import defaultdict
from dataclasses import dataclass
import os
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
import subprocess
import sys
from tempfile import TemporaryDirectory
from typing import Final
from xml.etree import ElementTree as ET

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "forgeries.md"
TESTS: Final = (
    "tests/fuzz",
    "tests/vendors/loqed/test_forgeries.py",
    "tests/vendors/test_odd_calls.py",
)
# The form of report that knows what a test has recorded.
_JUNIT: Final = ("-o", "junit_family=xunit1")
_BEGIN: Final = "<!-- forgeries: begin -->\n"
_END: Final = "<!-- forgeries: end -->"

# What a test sends, by the beginning of its name.
KINDS: Final = {
    "test_call_when_forged": "LOQED: calls forged from recorded ones, verified",
    "test_memory_when": "LOQED: the same, with the memory watched (less than 64 kB more)",
    "test_calls_when_forged": "LOQED in Home Assistant: forged calls to a lock, with its log",
    "test_hints_when_they_flood": "LOQED's cloud webhook: a flood of hints, with the reads counted",
    "test_calls_when_odd_on_the_wire": "Webhooks of all vendors, through HTTP: odd headers, "
    "encodings, framing, half-sent bodies",
    "test_calls_when_there_are_many": "Webhooks of all vendors: floods, with tasks, timers and "
    "writes counted",
    "test_reply_when_odd": "Replies to every request of every vendor",
    "test_pasted_text": "Texts that a person pastes, tokens, share links, calls of LOQED's cloud",
}


@dataclass(kw_only=True, slots=True)
class Sum:
    """What the tests of a kind sent, how long that took, and how many of them failed."""

    calls: int = 0
    seconds: float = 0.0
    failed: int = 0


def recorded(report: Path) -> dict[str, Sum]:
    """Return what the tests have recorded, by kind."""
    found: dict[str, Sum] = defaultdict(Sum)
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - our own
        name = case.get("name", "")
        kind = next((told for start, told in KINDS.items() if name.startswith(start)), None)
        counts = {one.get("value", "") for one in case.iter("property") if one.get("name")}
        if kind is not None and counts:
            # A test with examples tells the same number for each of them.
            found[kind].calls += int(counts.pop())
            found[kind].seconds += float(case.get("time", 0))
            found[kind].failed += case.find("failure") is not None
    return found


def table(sums: dict[str, Sum]) -> str:
    """Return what stands between the markers."""
    lines = ["| | sent | seconds | tests that failed |", "|---|---|---|---|"]
    lines += [
        f"| {kind} | {one.calls:,} | {one.seconds:.0f} | {one.failed} |"
        for kind in KINDS.values()
        if (one := sums.get(kind)) is not None
    ]
    peak = getrusage(RUSAGE_CHILDREN).ru_maxrss / 1024
    total = sum(one.calls for one in sums.values())
    lines.append(f"\n{total:,} in all; {peak:.0f} MB at most, with Home Assistant and the tests.")
    return "\n".join(lines)


def main() -> int:
    """Run the tests with so many calls, and write the page."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz")
    parser.add_argument("calls", nargs="?", type=int, default=1_000_000)
    calls = parser.parse_args().calls
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ("-m", "fuzz", "-q", "-p", "no:cacheprovider", "--show-capture=no", *_JUNIT)
        code = subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, "-m", "pytest", *options, f"--junitxml={report}", *TESTS],
            env={**os.environ, "SMARTLOCKS_FUZZ": str(calls)},
            cwd=ROOT,
            check=False,
        ).returncode
        before, rest = PAGE.read_text("utf-8").split(_BEGIN)
        text = f"{before}{_BEGIN}{table(recorded(report))}\n{_END}{rest.split(_END)[1]}"
        PAGE.write_text(text, "utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
