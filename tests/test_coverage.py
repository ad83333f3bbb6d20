"""The limits of coverage, which scripts/test holds for each module."""

from pathlib import Path
from typing import Any

import pytest

from scripts.lib.module_coverage import too_little

ROOT = Path(__file__).parents[1]


def reached(name: str, percent: float) -> dict[str, Any]:
    return {name: {"summary": {"percent_covered": percent}}}


@pytest.mark.parametrize(
    ("name", "percent", "fails"),
    [
        ("custom_components/smartlocks/lock.py", 95.0, False),
        ("custom_components/smartlocks/lock.py", 94.9, True),
        ("custom_components/smartlocks/config_flow.py", 100.0, False),
        ("custom_components/smartlocks/vendors/acme/config_flow.py", 99.9, True),
    ],
)
def test_module_when_below_its_limit_fails_the_run(
    name: str, percent: float, *, fails: bool
) -> None:
    assert bool(too_little(reached(name, percent))) is fails


def test_limits_are_checked_when_the_whole_suite_has_run() -> None:
    script = (ROOT / "scripts" / "test").read_text("utf-8")
    assert "-m scripts.lib.module_coverage" in script
