"""Fail a test during which Home Assistant complains about us: a warning, a deprecation.

A pytest plugin. What our own code logs is not looked at, nor what Home Assistant says of
every custom integration or of an account that cannot be set up.
"""

from collections.abc import Iterable, Iterator
import logging
import re
from typing import override

import pytest

DOMAIN = "smartlocks"
OURS = f"custom_components.{DOMAIN}"

# What Home Assistant says where nothing of ours is wrong: logger, and what is said.
EXPECTED = (
    ("homeassistant.loader", r"We found a custom integration smartlocks which has not been tested"),
    ("homeassistant.config_entries", r"Config entry .* for smartlocks integration not ready yet"),
    ("homeassistant.config_entries", r"Config entry .* for smartlocks integration could not auth"),
    ("homeassistant.config_entries", r"Error setting up entry .* for smartlocks"),
    # The machine is slow: said in asyncio's debug mode, which the tests run in.
    ("asyncio", r"(?s)Executing .* took [\d.]+ seconds"),
    ("homeassistant.helpers.entity", r"Updating state for .* took [\d.]+ seconds"),
)


class Listener(logging.Handler):
    """Keeps what is said at the level of a warning or above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def complaints(records: Iterable[logging.LogRecord]) -> list[str]:
    """Return what Home Assistant says about us and should not have to."""
    return [
        f"{record.name}: {text}"
        for record in records
        if record.levelno >= logging.WARNING and not record.name.startswith(OURS)
        if DOMAIN in (text := record.getMessage())
        if not any(record.name == name and re.match(pattern, text) for name, pattern in EXPECTED)
    ]


@pytest.fixture(autouse=True)
def _no_complaints() -> Iterator[None]:
    """Listen to everything that is logged during a test."""
    listener, root = Listener(), logging.getLogger()
    root.addHandler(listener)
    yield
    root.removeHandler(listener)
    assert complaints(listener.records) == []
