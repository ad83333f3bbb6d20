"""Tests of the README: the table of bounds is the one that follows from the numbers."""

from math import ceil
from pathlib import Path
import re
from typing import Final

import pytest

from custom_components.smartlocks.vendors import VENDORS

from .state_tracker.timings import ROWS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")

LABELS: Final = {
    "loqed": "LOQED, signed calls arrive",
    "loqed-degraded": "LOQED, signed calls do not arrive",
    "loqed-2s": "LOQED, calls are unsigned (2S)",
    "the-keys": "The Keys, lock firmware 57 or later",
    "the-keys-no-sign": "The Keys, older lock firmware",
    "sesame-v3-1": "SESAME, first generation, 1 lock",
    "sesame-v3-20": "SESAME, first generation, 20 locks",
    "sesame-web-1": "Sesame 3 and later, free plan, 1 device",
    "sesame-web-10": "Sesame 3 and later, free plan, 10 devices",
}


def duration(seconds: float) -> str:
    """Return a time for people, rounded up."""
    if seconds < 120:
        return f"{ceil(seconds)} s"
    if seconds < 7200:
        return f"{ceil(seconds / 60)} min"
    return f"{ceil(seconds / 360) / 10:g} h"


def section(name: str) -> str:
    """Return what stands between the markers of a section."""
    return README.split(f"<!-- {name}: begin -->\n")[1].split(f"<!-- {name}: end -->")[0]


def test_bounds_in_the_readme_are_those_of_the_numbers() -> None:
    lines = ["| | while reads are answered | in an outage |", "|---|---|---|"]
    for row in ROWS:
        cells = (LABELS[row.name], duration(row.timing.bound), duration(row.timing.outage_bound))
        lines.append(f"| {' | '.join(cells)} |")
    assert section("bounds").strip() == "\n".join(lines)


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).is_file()] == []


@pytest.mark.parametrize("key", VENDORS)
def test_readme_links_the_page_of_each_vendor(key: str) -> None:
    assert f"](docs/{key.replace('_', '-')}.md)" in README
