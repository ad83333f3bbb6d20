"""The simulated devices: started in a program of their own, and driven over HTTP."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
import json
import sys
from typing import Any

from aiohttp import ClientSession
from yarl import URL

from .console import DemoError
from .processes import Processes

START_SECONDS = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Simulator:
    """One vendor's simulator; `addresses` has its "url" and, for some, its "cloud_url"."""

    session: ClientSession
    vendor: str
    addresses: Mapping[str, str]

    @property
    def url(self) -> URL:
        """Return the address of the device, or of the cloud for a cloud vendor."""
        return URL(self.addresses["url"])

    async def bolts(self) -> dict[str, str]:
        """Return the true positions of the bolts, by the locks' ids in the protocol."""
        async with self.session.get(self.url / "_simulator") as response:
            description = await response.json()
        locks: dict[str, str] = description["locks"]
        return locks

    async def call(self, method: str, **arguments: Any) -> None:
        """Call a method of the simulator; DemoError if it has none of this name."""
        async with self.session.post(self.url / "_simulator" / method, json=arguments) as response:
            if not response.ok:
                raise DemoError(f"{self.vendor}: {method} failed: {await response.text()}")


async def start_simulators(
    processes: Processes, session: ClientSession, pace: float
) -> dict[str, Simulator]:
    """Start a simulator for each vendor; they are ready when this returns."""
    program = await processes.start(
        "simulators", sys.executable, "-m", "tests.simulators", "--pace", str(pace), piped=True
    )
    if program.process.stdout is None:
        raise DemoError("The simulators have no output to read from.")
    try:
        line = await asyncio.wait_for(program.process.stdout.readline(), START_SECONDS)
    except TimeoutError as err:
        raise DemoError(f"The simulators did not start within {START_SECONDS} s.") from err
    if not line:
        raise DemoError(f"The simulators did not start:\n{program.end_of_log()}")
    return {
        vendor: Simulator(session=session, vendor=vendor, addresses=addresses)
        for vendor, addresses in json.loads(line).items()
    }
