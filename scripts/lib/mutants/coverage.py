"""Which tests run which lines, and how long each takes; kept from one time to the next.

The time is the processor's, so that a busy machine does not make tests seem long.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
import json
from pathlib import Path
import time
from typing import Any, Final

from coverage import Coverage
import pytest

from .processes import run_and_return
from .targets import ROOT, TARGETS

KEPT: Final = ROOT / ".mutants"
_OPTIONS: Final = ("-q", "-p", "no:cacheprovider", "-W", "ignore")


class _Contexts:
    """A plugin of pytest's: names the running test to coverage, and takes its time."""

    def __init__(self, coverage: Coverage) -> None:
        self._coverage = coverage
        self.seconds: dict[str, float] = {}
        self.failed: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        """Name the test, and take the time of set-up, test and clean-up together."""
        self._coverage.switch_context(item.nodeid)
        began = time.process_time()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.process_time() - began
            self._coverage.switch_context("")

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note a test that fails."""
        if report.failed:
            self.failed.append(report.nodeid)


@dataclass(slots=True)
class Covered:
    """The tests by file and line, and their seconds."""

    lines: dict[str, dict[int, set[str]]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, found: dict[str, Any]) -> None:
        """Add what one file of tests covers."""
        self.seconds.update(found["seconds"])
        for path, lines in found["lines"].items():
            known = self.lines.setdefault(path, {})
            for line, tests in lines.items():
                known.setdefault(int(line), set()).update(tests)

    def tests(self, path: str, lines: Iterable[int] | None = None) -> set[str]:
        """Return the tests that run one of the lines, or any line of the file."""
        known = self.lines.get(path, {})
        wanted: Iterable[int] = known if lines is None else lines
        return {test for line in wanted for test in known.get(line, ())}


def measure(files: Sequence[str], *, is_fresh: bool) -> Covered:
    """Return what the tests cover; a file that was measured before is not run again."""
    KEPT.mkdir(exist_ok=True)
    covered = Covered()
    sources = "".join((ROOT / target.path).read_text() for target in TARGETS)
    for file in files:
        digest = sha256((sources + (ROOT / file).read_text()).encode()).hexdigest()[:24]
        kept = KEPT / f"{file.replace('/', '_')}.json"
        found = json.loads(kept.read_text()) if kept.exists() else {}
        if is_fresh or found.get("digest") != digest:
            print(f"→ {file}", flush=True)
            found = run_and_return(lambda file=file: _measure(file)) or {}  # type: ignore[misc]
            if not found:
                raise SystemExit(f"✗ {file} could not be run")
            kept.write_text(json.dumps({**found, "digest": digest}))
        if found["failed"]:
            raise SystemExit(f"✗ fails without any mutant: {found['failed'][0]}")
        covered.add(found)
    return covered


def _measure(file: str) -> dict[str, Any]:
    paths = [str(ROOT / target.path) for target in TARGETS]
    # Python's own monitoring, the default, cannot tell the tests apart.
    coverage = Coverage(data_file=None, include=paths, config_file=False)
    coverage.set_option("run:core", "ctrace")
    plugin = _Contexts(coverage)
    coverage.start()
    pytest.main([*_OPTIONS, file], plugins=[plugin])
    coverage.stop()
    data = coverage.get_data()
    lines = {
        Path(path).relative_to(ROOT).as_posix(): {
            line: sorted(name for name in names if name)
            for line, names in data.contexts_by_lineno(path).items()
        }
        for path in data.measured_files()
    }
    return {"lines": lines, "seconds": plugin.seconds, "failed": plugin.failed}
