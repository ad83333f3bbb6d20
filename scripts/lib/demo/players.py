"""The simulators' side of the demo: their program, and the truth they tell about the locks."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
import json
import sys
from typing import Any

from aiohttp import ClientSession
from yarl import URL

from .crew import Crew
from .errors import DemoError

START_SECONDS = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Player:
    """One vendor's simulator, seen through its control interface.

    `addresses` is what it said when it started: "url", and what else the vendor has.
    """

    session: ClientSession
    vendor: str
    addresses: Mapping[str, str]

    @property
    def url(self) -> URL:
        """Where the device (for a cloud vendor: the cloud) listens."""
        return URL(self.addresses["url"])

    async def bolts(self) -> dict[str, str]:
        """Where the bolts really are, by the lock's id on the wire."""
        async with self.session.get(self.url / "_simulator") as response:
            description = await response.json()
        locks: dict[str, str] = description["locks"]
        return locks

    async def play(self, verb: str, **arguments: Any) -> None:
        """Let something happen to the device.

        Raises:
            DemoError: The simulator does not know how.
        """
        async with self.session.post(self.url / "_simulator" / verb, json=arguments) as response:
            if not response.ok:
                raise DemoError(f"{self.vendor}: {verb} was answered {await response.text()}")


async def start_players(crew: Crew, session: ClientSession, pace: float) -> dict[str, Player]:
    """Start every simulator there is; they are ready when this returns."""
    child = await crew.start(
        "simulators", sys.executable, "-m", "tests.simulators", "--pace", str(pace), piped=True
    )
    if child.process.stdout is None:
        raise DemoError("The simulators have no output to read from.")
    try:
        line = await asyncio.wait_for(child.process.stdout.readline(), START_SECONDS)
    except TimeoutError as err:
        raise DemoError(f"The simulators did not start within {START_SECONDS} s.") from err
    if not line:
        raise DemoError(f"The simulators did not start:\n{child.last_words()}")
    return {
        vendor: Player(session=session, vendor=vendor, addresses=addresses)
        for vendor, addresses in json.loads(line).items()
    }
