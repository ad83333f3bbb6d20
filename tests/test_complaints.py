"""What Home Assistant says about us is noticed, and nothing else is."""

import logging
import warnings

import pytest

from custom_components.smartlocks import helpers
from tests.complaints import complaints


def record(name: str, text: str, level: int = logging.WARNING) -> logging.LogRecord:
    return logging.LogRecord(name, level, __file__, 1, text, None, None)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("homeassistant.helpers.frame", "Detected that custom integration 'smartlocks' calls"),
        ("homeassistant.helpers.translation", "Validation of component.smartlocks.title failed"),
        ("homeassistant.config_entries", "Platforms of smartlocks were not forwarded"),
        ("asyncio", "Task exception was never retrieved: custom_components/smartlocks/lock.py"),
    ],
)
def test_complaint_when_it_names_us_is_noticed(name: str, text: str) -> None:
    assert complaints([record(name, text)]) == [f"{name}: {text}"]


@pytest.mark.parametrize(
    ("name", "text", "level"),
    [
        ("homeassistant.helpers.frame", "Detected that integration 'hue' calls", logging.WARNING),
        ("homeassistant.setup", "Setting up smartlocks", logging.INFO),
        ("custom_components.smartlocks", "Front door of smartlocks is away", logging.WARNING),
        (
            "homeassistant.loader",
            "We found a custom integration smartlocks which has not been tested by Home Assistant",
            logging.WARNING,
        ),
        (
            "homeassistant.config_entries",
            "Config entry 'Front door' for smartlocks integration not ready yet: no answer",
            logging.WARNING,
        ),
    ],
)
def test_log_when_it_is_no_complaint_is_left_alone(name: str, text: str, level: int) -> None:
    assert complaints([record(name, text, level)]) == []


def test_warning_when_our_code_causes_it_is_an_error() -> None:
    with pytest.raises(DeprecationWarning):
        warnings.warn_explicit(
            "old", DeprecationWarning, helpers.__file__, 1, module=helpers.__name__
        )
