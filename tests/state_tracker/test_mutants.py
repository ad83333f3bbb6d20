"""Every tracker that is broken on purpose is caught, in each row where it can show."""

import pytest

from custom_components.smartlocks.state_tracker import StateTracker

from .mutants import (
    MUTANTS,
    Mutant,
    applies,
)
from .timings import ROWS, Row

CASES = [(name, row) for name in MUTANTS for row in ROWS if applies(name, row)]


@pytest.mark.parametrize(("name", "row"), CASES, ids=lambda value: getattr(value, "name", value))
def test_broken_tracker_in_hostile_histories_is_caught(name: str, row: Row) -> None:
    assert MUTANTS[name].caught_by(row, seeds=range(1500), steps=100) is not None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_good_tracker_in_the_known_histories_is_not_caught(row: Row) -> None:
    assert Mutant(StateTracker).caught_at_once(row) is None
