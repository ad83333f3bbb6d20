"""The Keys' battery: percentage and volts, against what the vendor's app shows."""

import pytest

from custom_components.smartlocks.vendors.the_keys.api import percentage, volts


@pytest.mark.parametrize(
    ("millivolts", "shown"), [(7783, 76), (7951, 87), (8030, 91), (8131, 95), (7235, 45)]
)
def test_percentage_value_of_the_app_is_near(millivolts: int, shown: int) -> None:
    assert percentage(millivolts) == pytest.approx(shown, abs=1.5)


@pytest.mark.parametrize(
    ("millivolts", "expected"),
    [
        (None, None),
        (0, None),
        (-1, None),
        (2500, None),
        (2501, 0),
        (3100, 0),
        (3550, 50),
        (4000, 100),
        (4065, 100),
        (5000, 100),
        (5001, 0),
        (6400, 0),
        (7044, 36),
        (7300, 50),
        (8200, 100),
        (9000, 100),
    ],
)
def test_percentage_both_scales(millivolts: int | None, expected: int | None) -> None:
    assert percentage(millivolts) == expected


@pytest.mark.parametrize(
    ("millivolts", "expected"), [(None, None), (0, None), (-5, None), (4065, 4.065), (7044, 7.044)]
)
def test_volts(millivolts: int | None, expected: float | None) -> None:
    assert volts(millivolts) == expected
