"""The queue in front of a small device."""

import asyncio

import pytest

from custom_components.smartlocks.request_queue import RequestQueue


async def test_one_at_a_time_and_urgent_first() -> None:
    queue = RequestQueue()
    order: list[str] = []
    inside = 0

    async def caller(name: str, *, urgent: bool = False) -> None:
        nonlocal inside
        async with queue.turn(urgent=urgent):
            inside += 1
            assert inside == 1
            await asyncio.sleep(0)
            order.append(name)
            inside -= 1

    async with queue.turn():
        callers = [
            asyncio.create_task(caller("poll 1")),
            asyncio.create_task(caller("poll 2")),
            asyncio.create_task(caller("person", urgent=True)),
        ]
        await asyncio.sleep(0.01)
        assert order == []
    await asyncio.gather(*callers)
    assert order == ["person", "poll 1", "poll 2"]


async def test_the_device_rests_and_who_is_urgent_meanwhile_goes_first() -> None:
    queue = RequestQueue()
    loop = asyncio.get_running_loop()
    order: list[str] = []

    async def caller(name: str, *, urgent: bool = False) -> None:
        async with queue.turn(urgent=urgent):
            order.append(name)

    async with queue.turn(rest=0.05):
        pass
    ended = loop.time()
    poll = asyncio.create_task(caller("poll"))
    await asyncio.sleep(0.01)
    await caller("person", urgent=True)
    assert loop.time() - ended >= 0.04
    await poll
    assert order == ["person", "poll"]


@pytest.mark.parametrize("urgent", [False, True])
async def test_who_gives_up_holds_nobody(urgent: bool) -> None:
    queue = RequestQueue()
    holder = queue.turn()
    await holder.__aenter__()

    async def wait() -> None:
        async with queue.turn(urgent=urgent):
            pass

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await holder.__aexit__(None, None, None)
    async with asyncio.timeout(1), queue.turn():
        pass


async def test_who_gives_up_at_the_gate_lets_the_next_in() -> None:
    queue = RequestQueue()
    waiting = asyncio.create_task(queue.turn().__aenter__())
    await asyncio.sleep(0)
    # The gate opens with the next turn of the loop; the caller is gone by then.
    asyncio.get_running_loop().call_soon(waiting.cancel)
    await asyncio.wait([waiting])
    if waiting.cancelled():
        async with asyncio.timeout(1), queue.turn():
            pass


async def test_a_failing_turn_ends_too() -> None:
    queue = RequestQueue()
    with pytest.raises(ValueError, match="no"):
        async with queue.turn():
            raise ValueError("no")
    async with asyncio.timeout(1), queue.turn():
        pass


async def test_rest_when_everybody_has_given_up_then_no_timer_is_left() -> None:
    queue = RequestQueue()
    async with queue.turn(rest=0.05):
        pass
    ended = asyncio.get_running_loop().time()
    waiting = asyncio.create_task(queue.turn().__aenter__())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert queue._opening is None
    # The rest is kept nevertheless.
    async with asyncio.timeout(1), queue.turn():
        assert asyncio.get_running_loop().time() - ended >= 0.04
