"""Run the simulators until told to stop.

Usage: python -m tests.simulators [--pace PACE] [--ports FIRST] [--spare] [VENDOR ...]

All vendors if none is named, on free ports; with --ports on two each from FIRST on, where
they are free. When all listen, one line of JSON is printed:
{"loqed": {"url": "http://127.0.0.1:40001", "cloud_url": "http://127.0.0.1:40002"}, ...}
With --spare each has one more lock, and "spare" tells what to enter to add it.
"""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import asdict
import itertools
import json
import signal
from typing import Any

from . import SIMULATORS
from .base import Simulator


async def run(wanted: Sequence[str], pace: float, first_port: int, *, spare: bool) -> None:
    """Start the simulators, print their addresses, and wait for a signal."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    simulators = [SIMULATORS[key](pace=pace) for key in wanted or SIMULATORS]
    ports = itertools.count(first_port) if first_port else itertools.repeat(0)
    told: dict[str, dict[str, Any]] = {}
    try:
        for simulator in simulators:
            await simulator.start(next(ports), next(ports))
            told[simulator.key] = {**addresses(simulator)}
        for simulator in simulators if spare else ():
            added = await simulator.add_spare(next(ports), next(ports))
            told[simulator.key]["spare"] = asdict(added)
        print(json.dumps(told), flush=True)  # noqa: T201
        await stopped.wait()
    finally:
        for simulator in simulators:
            await simulator.stop()


def addresses(simulator: Simulator) -> dict[str, str]:
    """Return the addresses of a simulator: "url" and, if there is a cloud, "cloud_url"."""
    urls = {name: getattr(simulator, name, None) for name in ("url", "cloud_url")}
    return {name: str(url) for name, url in urls.items() if url is not None}


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulators")
    parser.add_argument("--pace", type=float, default=1.0, help="1.0 is as slow as the devices")
    parser.add_argument("--ports", type=int, default=0, help="the first port; 0: any")
    parser.add_argument("--spare", action="store_true", help="one more lock each")
    parser.add_argument("vendors", nargs="*", metavar="VENDOR", help=", ".join(SIMULATORS))
    options = parser.parse_args()
    asyncio.run(run(options.vendors, options.pace, options.ports, spare=options.spare))


if __name__ == "__main__":
    main()
