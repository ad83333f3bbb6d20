"""A cloud that is played, with a lock of each generation, a Bot and a Bike."""

from collections.abc import AsyncIterator

import pytest

from tests.simulators.sesame_web import SesameWebSimulator

PACE = 0.01


@pytest.fixture
async def cloud(
    socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[SesameWebSimulator]:
    """Play the cloud; its devices move a hundred times as fast."""
    simulator = SesameWebSimulator(pace=PACE)
    await simulator.start()
    monkeypatch.setenv("SMARTLOCKS_SESAME_WEB_URL", str(simulator.cloud_url))
    yield simulator
    await simulator.stop()
