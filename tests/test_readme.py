"""Tests of the README and the pages: their figures are those that follow from the numbers."""

from collections.abc import Callable
from pathlib import Path
import re
from typing import Final

import pytest

from custom_components.smartlocks.state_tracker import Timing
from custom_components.smartlocks.vendors import VENDORS

from .state_tracker import months
from .state_tracker.timings import ROWS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

# A line of the README's matrix: what it says of each vendor, by rows of numbers.
CELLS: Final = (
    "{loqed}; newest bridges: {loqed-2s}",
    "{the-keys}; older locks: {the-keys-no-sign}",
    "{sesame-web-1} on the free plan, 1 device",
    "{sesame-v3-1}",
)


def line(label: str, seconds: Callable[[Timing], float]) -> str:
    """Return the line of the matrix that says how long a false *locked* can last."""
    times = {row.name: months.duration(seconds(row.timing)) for row in ROWS}
    # A brace's content is a key of the mapping, not a Python name.
    cells = [re.sub(r"{([^}]+)}", lambda name: times[name[1]], cell) for cell in CELLS]
    return f"| {' | '.join([label, *cells])} |"


def test_bounds_in_the_readme_are_those_of_the_numbers() -> None:
    lines = README.splitlines()
    assert line("A false *locked* lasts at most¹", lambda timing: timing.bound) in lines
    assert line("… in an outage", lambda timing: timing.outage_bound) in lines


def test_bounds_in_the_documentation_are_those_of_the_numbers() -> None:
    assert months.section("bounds").strip() == months.bounds()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).is_file()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_headings_lead_to_one(page: Path) -> None:
    text = page.read_text("utf-8")
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", text):
        there = (page.parent / target).read_text("utf-8") if target else text
        headings = re.findall(r"(?m)^#+ (.+)$", there)
        assert anchor in {_anchor(heading) for heading in headings}, anchor


def _anchor(heading: str) -> str:
    """Return the anchor that GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("key", VENDORS)
def test_readme_links_the_page_of_each_vendor(key: str) -> None:
    assert f"](docs/{key.replace('_', '-')}.md)" in README
