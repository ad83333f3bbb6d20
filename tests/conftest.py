"""What every test starts from: our integration, a device that is played, a Home Assistant."""

from collections.abc import AsyncIterator
import logging
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

# Imported before Home Assistant's own test folder takes the name of the package.
import custom_components.smartlocks
from custom_components.smartlocks import helpers
from tests.clock import MONOTONIC
from tests.simulators.loqed import LoqedSimulator

__all__ = ["MockConfigEntry", "custom_components"]

pytest_plugins = ["tests.complaints", "tests.shown_texts"]

PACE = 0.01

# The harness lets the recorder's database tell of every statement.
logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)


@pytest.fixture(autouse=True)
def _use_custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant load what lies in this folder."""


@pytest.fixture(autouse=True)
def _movable_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests move time on for the integration, too."""
    monkeypatch.setattr(MONOTONIC, "ahead", 0.0)
    monkeypatch.setattr(helpers, "monotonic", MONOTONIC)


@pytest.fixture(autouse=True)
def _keep_nothing_on_disk(hass_storage: dict[str, Any]) -> None:
    """Keep what is stored in memory, and each test's own."""


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Keep snapshots as Home Assistant does."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture
async def loqed(socket_enabled: None) -> AsyncIterator[LoqedSimulator]:
    """Play a LOQED bridge, its lock and the cloud."""
    simulator = LoqedSimulator(pace=PACE)
    await simulator.start()
    yield simulator
    await simulator.stop()
