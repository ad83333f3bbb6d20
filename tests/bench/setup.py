"""What entries cost when they are set up and reloaded, and what they add to a start."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
import gc
import os
from pathlib import Path
import tempfile
import time

from homeassistant.config_entries import ConfigEntry, ConfigEntryState

from tests.simulators.loqed import LoqedSimulator
from tests.simulators.sesame_v3 import SesameV3Simulator
from tests.vendors.answers import ANSWERS

from .home import BRIDGES, DOMAINS, Home, floor_bridge, running, use_clouds, walk


class Block:
    """The longest time that one callback kept the event loop, in seconds of the processor.

    Other programs on the machine do not count, nor does the collection of garbage, which
    falls on whoever is there.
    """

    def __init__(self) -> None:
        self.longest = 0.0
        self._is_watching = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Measure every callback that the loop begins meanwhile."""
        run = asyncio.Handle._run

        def measured(handle: asyncio.Handle) -> None:
            began = time.thread_time()
            run(handle)
            if self._is_watching:
                self.longest = max(self.longest, time.thread_time() - began)

        asyncio.Handle._run = measured  # type: ignore[assignment, method-assign]
        gc.disable()
        self._is_watching = True
        try:
            yield
        finally:
            # The callback that goes on now has other things to do, too.
            self._is_watching = False
            gc.enable()
            asyncio.Handle._run = run  # type: ignore[method-assign]


def memory() -> float:
    """Return the memory of this process in kilobytes."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024


async def measure_bridges(kind: str, addresses: Sequence[str]) -> dict[str, float]:
    """Set up so many bridges in a Home Assistant that has had one, and reload them."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with running(Path(folder)) as home:
            make = BRIDGES[kind]
            # What is imported and allocated once is not a bridge's.
            await home.add(make(addresses[0], 0))
            entries = [make(address, number) for number, address in enumerate(addresses[1:], 1)]

            async def set_up() -> list[ConfigEntry]:
                await home.add(*entries)
                return entries

            return await _measured(home, set_up, len(entries))


async def measure_locks(kind: str, count: int, address: str) -> dict[str, float]:
    """Set up one account with so many locks in a Home Assistant that has had one, and reload it.

    The floor reads the bridge at `address` instead of an account.
    """
    cloud = SesameV3Simulator(pace=0.01)
    await cloud.start()
    use_clouds("sesame_v3", {"url": str(cloud.url)})
    cloud.add_locks(count - len(cloud.lock_ids))
    answers = ANSWERS["sesame_v3"]({"url": str(cloud.url)})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with running(Path(folder)) as home:
            # What is imported and allocated once is not a lock's.
            await home.add(BRIDGES[kind](address))

            async def set_up() -> list[ConfigEntry]:
                if kind == "floor":
                    entry = floor_bridge(address, 1, locks=count)
                    await home.add(entry)
                    return [entry]
                return [await walk(home.hass, answers, is_settled=False)]

            found = await _measured(home, set_up, count, is_settled=False)
    await cloud.stop()
    return found


async def _measured(
    home: Home,
    set_up: Callable[[], Awaitable[list[ConfigEntry]]],
    count: int,
    *,
    is_settled: bool = True,
) -> dict[str, float]:
    set_up_block, reload_block, before = Block(), Block(), memory()
    wall, processor = time.perf_counter(), time.process_time()
    with set_up_block.watched():
        entries = await set_up()
    seconds, processor = time.perf_counter() - wall, time.process_time() - processor
    grown = memory() - before
    with reload_block.watched():
        reloads = (home.hass.config_entries.async_reload(entry.entry_id) for entry in entries)
        await asyncio.gather(*reloads)
        if is_settled:
            await home.settle()
    return {
        "wall": seconds / count,
        "processor": processor / count,
        "memory": grown / count,
        "block": set_up_block.longest,
        "reload_block": reload_block.longest,
    }


async def prepare_start(kind: str, address: str, folder: str) -> None:
    """Make the configuration of a Home Assistant that has a bridge, and imported it once."""
    async with running(Path(folder)) as home:
        if kind in BRIDGES:
            await home.add(BRIDGES[kind](address))


async def measure_start(kind: str, folder: str) -> dict[str, float]:
    """Start a Home Assistant that was prepared; returns seconds until it runs."""
    wall, processor = time.perf_counter(), time.process_time()
    async with running(Path(folder), is_new=False) as home:
        took = {
            "wall": time.perf_counter() - wall,
            "processor": time.process_time() - processor,
        }
        if kind in BRIDGES:
            (entry,) = home.hass.config_entries.async_entries(DOMAINS[kind])
            if entry.state is not ConfigEntryState.LOADED:
                raise RuntimeError(f"{kind} is not loaded: {entry.reason}")
    return took


@asynccontextmanager
async def bridges(count: int) -> AsyncIterator[list[str]]:
    """Run so many LOQED bridges; gives their addresses."""
    simulators = [LoqedSimulator(pace=0.0) for _ in range(count)]
    for simulator in simulators:
        await simulator.start()
    yield [simulator.host for simulator in simulators]
    for simulator in simulators:
        await simulator.stop()
