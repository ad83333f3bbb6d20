"""A cloud that is played, with a lock of each generation, a Bot and a Bike."""

from collections.abc import AsyncIterator, Iterator
from unittest.mock import PropertyMock, patch

from homeassistant.helpers.entity import Entity
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


@pytest.fixture
def all_enabled() -> Iterator[None]:
    """Enable entities that are disabled by default."""
    enabled = PropertyMock(return_value=True)
    with patch.object(Entity, "entity_registry_enabled_default", enabled):
        yield
