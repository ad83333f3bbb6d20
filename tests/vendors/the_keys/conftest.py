"""A gateway that is played, whose locks move at once."""

from collections.abc import AsyncIterator

import pytest

from custom_components.smartlocks.vendors.the_keys.api import client, timestamps
from tests.simulators.the_keys import TheKeysSimulator

PACE = 0.01


@pytest.fixture
async def gateway(
    socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[TheKeysSimulator]:
    """Play the gateway with its two locks, and the cloud; rests are shortened."""
    simulator = TheKeysSimulator(pace=PACE)
    simulator.allow_haste()
    await simulator.start()
    monkeypatch.setenv("SMARTLOCKS_THE_KEYS_CLOUD_URL", str(simulator.cloud_url))
    monkeypatch.setattr(client, "SIGNED_REST", 0.011)
    monkeypatch.setattr(client, "SYNCHRONIZE_REST", 0.011)
    monkeypatch.setattr(client, "UNSIGNED_REST", 0.006)
    monkeypatch.setattr(timestamps, "MAX_WAIT", 0.0)
    yield simulator
    await simulator.stop()
