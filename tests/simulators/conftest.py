"""What the tests of the simulators share; the simulators themselves are in the root's."""

from collections.abc import AsyncIterator

from aiohttp import ClientSession
import pytest

from .loqed import BRIDGE_KEY, LoqedSimulator
from .loqed_client import BridgeClient, Receiver, receiving


@pytest.fixture
async def client(loqed: LoqedSimulator) -> AsyncIterator[BridgeClient]:
    """Call the LOQED bridge as an integration would."""
    async with ClientSession() as session:
        yield BridgeClient(session=session, url=loqed.url, key=BRIDGE_KEY)


@pytest.fixture
async def receiver(client: BridgeClient) -> AsyncIterator[Receiver]:
    """Receive the LOQED bridge's pushes."""
    async with receiving(client) as receiver:
        assert await client.create(receiver.url) == 200
        yield receiver
