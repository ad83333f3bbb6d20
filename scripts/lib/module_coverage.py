"""Check that the tests reach enough of every module, and all of the flows."""

from collections.abc import Mapping
import json
from pathlib import Path
import subprocess
import sys
import tempfile
from typing import Any, Final

# As Home Assistant's quality scale wants it, in percent of lines and branches.
MODULE: Final = 95.0
FLOW: Final = 100.0


def limit(name: str) -> float:
    """Return how much of a file must be reached."""
    return FLOW if Path(name).name == "config_flow.py" else MODULE


def too_little(files: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the files of coverage's JSON report of which too little is reached."""
    reached = {name: file["summary"]["percent_covered"] for name, file in files.items()}
    return [
        f"{name}: {percent:.1f} %, and should be {limit(name):.0f} %"
        for name, percent in sorted(reached.items())
        if percent < limit(name)
    ]


def main() -> int:
    """Read what the tests have left in `.coverage`."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-m", "coverage", "json", "-q", "-o", str(report)], check=True
        )
        files = json.loads(report.read_text("utf-8"))["files"]
    problems = too_little(files)
    for problem in problems:
        print(f"Too little is tested of {problem}.")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
