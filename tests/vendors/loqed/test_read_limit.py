"""The limit of reads by itself: moments that computers cannot add exactly."""

import pytest

from custom_components.smartlocks.vendors.loqed.account import WINDOW, Purpose, ReadLimit


@pytest.mark.parametrize("began", [0.1, 12345.678901234567, 40000.3, 1e6 + 0.7])
def test_wait_when_all_reads_are_used_then_there_is_one_when_it_is_over(began: float) -> None:
    for number in range(200):
        limit, first = ReadLimit(), began + number / 7
        for later in range(4):
            limit.count(Purpose.OTHER, first + later * 1.1)
        now = first + 5.0
        wait = limit.wait(Purpose.OTHER, now)
        assert wait == pytest.approx(WINDOW - 5.0, abs=1e-3)
        assert limit.left(Purpose.OTHER, first + WINDOW) == 1
