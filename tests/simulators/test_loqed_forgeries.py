"""What a LOQED bridge never sent is what its forger says it is."""

from collections.abc import AsyncGenerator
import time

from aiohttp import ClientSession
import pytest

from .loqed import (
    BRIDGE_KEY,
    FORGERIES,
    WELL_SIGNED,
    LoqedSimulator,
)
from .loqed_client import BridgeClient, Receiver, receiving


@pytest.fixture
async def sim(socket_enabled: None) -> AsyncGenerator[LoqedSimulator]:
    simulator = LoqedSimulator(pace=0.01)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def client(sim: LoqedSimulator) -> AsyncGenerator[BridgeClient]:
    async with ClientSession() as session:
        yield BridgeClient(session=session, url=sim.url, key=BRIDGE_KEY)


@pytest.fixture
async def receiver(client: BridgeClient) -> AsyncGenerator[Receiver]:
    async with receiving(client) as receiver:
        assert await client.create(receiver.url) == 200
        yield receiver


async def test_lost_and_replayed_pushes(
    sim: LoqedSimulator, client: BridgeClient, receiver: Receiver
) -> None:
    sim.stop_pushing()
    await sim.turn_by_hand("unlocked")
    assert receiver.bodies == []
    assert (await client.status())["bolt_state"] == "day_lock"
    with pytest.raises(ValueError, match="nothing arrived"):
        await sim.replay_last_push()
    sim.resume_pushing()
    await sim.turn_by_hand("locked")
    assert await sim.replay_last_push() == [200]
    assert receiver.requests[0] == receiver.requests[1]
    assert [each.kind for each in sim.deliveries] == ["genuine", "replay"]


def is_genuine(receiver: Receiver) -> bool:
    """Whether the last push has one hash and one present timestamp, and they are right."""
    names = [name for name, _ in receiver.requests[-1][0]]
    if (names.count("HASH"), names.count("TIMESTAMP")) != (1, 1):
        return False
    stamp = dict(receiver.requests[-1][0])["TIMESTAMP"]
    is_plain = stamp.isascii() and stamp.isdecimal() and len(stamp) < 15
    return is_plain and abs(int(stamp) - time.time()) < 60 and receiver.is_signed()


@pytest.mark.parametrize("kind", FORGERIES)
async def test_forgeries_are_what_they_say(
    sim: LoqedSimulator, receiver: Receiver, kind: str
) -> None:
    assert await sim.forge_push(kind) == [200]
    assert sim.deliveries[0].kind == kind
    if kind in WELL_SIGNED:
        assert receiver.is_signed()
    else:
        assert not is_genuine(receiver)
        assert receiver.bodies[0]["requested_state"] == "DAY_LOCK"
    assert sim.bolt() == "locked"
