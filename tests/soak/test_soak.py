"""Some hours or days of every vendor's life, a sample of `scripts/soak`."""

from collections.abc import Callable
import os

import pytest

from .house import House
from .life import Life
from .rows import ROWS

DAYS = float(os.environ.get("SMARTLOCKS_SOAK", "0"))
# Of an ordinary day, so much may be unknown or unavailable though nothing was in the way.
NEEDLESS = 0.001


@pytest.mark.no_fail_on_log_exception
@pytest.mark.parametrize("is_hostile", [False, True], ids=["ordinary", "hostile"])
@pytest.mark.parametrize("house", ROWS, indirect=True)
async def test_life_when_lived_then_false_locked_is_short_and_what_is_confirmed_is_true(
    house: House, is_hostile: bool, record_property: Callable[[str, object], None]
) -> None:
    await Life(house, is_hostile=is_hostile).live(DAYS or house.row.sample)
    await house.remove()
    measures, row = house.measures, house.row
    month = "hostile" if is_hostile else "ordinary"
    for name, value in {"row": row.name, "month": month, **measures.as_properties()}.items():
        record_property(name, value)
    assert measures.longest <= row.bound + row.read_seconds
    assert measures.longest_in_outage <= row.outage_bound + row.read_seconds
    assert measures.outcomes["false"] == 0
    assert measures.outcomes["failed, done"] == 0
    assert is_hostile or row.is_polled or measures.needless <= NEEDLESS * measures.seconds
    assert measures.complaints == []
