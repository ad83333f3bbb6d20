"""The simulated devices: started in a program of their own, and driven over HTTP."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """One vendor's simulator; `addresses` has its "url" and, for some, its "cloud_url".

    `spare` is what a person enters to add the lock that nobody has set up, and `spare_url`
    the address of its simulator, if that is another.
    """

    session: ClientSession
    vendor: str
    addresses: Mapping[str, str]
    spare: Mapping[str, str] = field(default_factory=dict)
    spare_url: str | None = None

    @property
    def url(self) -> URL:
        """Return the address of the device, or of the cloud for a cloud vendor."""
        return URL(self.addresses["url"])

    async def describe(self, *, at: URL | None = None) -> dict[str, Any]:
        """Return the locks, by their ids in the protocol, and what can happen to them."""
        async with self.session.get((at or self.url) / "_simulator") as response:
            description: dict[str, Any] = await response.json()
        return description

    async def bolts(self) -> dict[str, str]:
        """Return the true positions of the bolts, by the locks' ids in the protocol."""
        locks: dict[str, str] = (await self.describe())["locks"]
        return locks

    async def call(self, method: str, *, at: URL | None = None, **arguments: Any) -> Any:
        """Call a method of the simulator and return its result; DemoError if it fails."""
        address = (at or self.url) / "_simulator" / method
        async with self.session.post(address, json=arguments) as response:
            if not response.ok:
                raise DemoError(f"{self.vendor}: {method} failed: {await response.text()}")
            return (await response.json())["result"]


async def start_simulators(
    processes: Processes,
    session: ClientSession,
    pace: float,
    *,
    first_port: int = 0,
    spare: bool = False,
) -> dict[str, Simulator]:
    """Start a simulator for each vendor; they are ready when this returns.

    They take the ports from the first one on, as far as they are free.
    """
    options = ["--pace", str(pace), "--ports", str(first_port), *(["--spare"] if spare else [])]
    program = await processes.start(
        "simulators", sys.executable, "-m", "tests.simulators", *options, piped=True
    )
    if program.process.stdout is None:
        raise DemoError("The simulators have no output to read from.")
    try:
        line = await asyncio.wait_for(program.process.stdout.readline(), START_SECONDS)
    except TimeoutError as err:
        raise DemoError(f"The simulators did not start within {START_SECONDS} s.") from err
    if not line:
        raise DemoError(f"The simulators did not start:\n{program.end_of_log()}")
    return {vendor: _simulator(session, vendor, told) for vendor, told in json.loads(line).items()}


def _simulator(session: ClientSession, vendor: str, told: dict[str, Any]) -> Simulator:
    spare = told.pop("spare", {"enter": {}, "url": None})
    return Simulator(
        session=session,
        vendor=vendor,
        addresses=told,
        spare=spare["enter"],
        spare_url=spare["url"],
    )
