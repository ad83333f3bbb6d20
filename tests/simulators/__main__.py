"""Run the simulators until told to stop.

Usage: python -m tests.simulators [--pace PACE] [VENDOR[=PORT] ...]

All vendors on free ports if none is named. When all listen, one line of JSON is printed:
{"loqed": {"url": "http://127.0.0.1:40001", "cloud_url": "http://127.0.0.1:40002"}, ...}
"""

import argparse
import asyncio
from collections.abc import Sequence
import json
import signal

from . import SIMULATORS
from .base import Simulator


async def run(wanted: Sequence[str], pace: float) -> None:
    """Start the simulators, print their addresses, and wait for a signal."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    simulators: list[Simulator] = []
    try:
        for one in wanted or SIMULATORS:
            key, _, port = one.partition("=")
            simulator = SIMULATORS[key](pace=pace)
            await simulator.start(int(port or 0))
            simulators.append(simulator)
        print(json.dumps({made.key: addresses(made) for made in simulators}), flush=True)  # noqa: T201
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
    parser.add_argument("vendors", nargs="*", metavar="VENDOR[=PORT]", help=", ".join(SIMULATORS))
    options = parser.parse_args()
    asyncio.run(run(options.vendors, options.pace))


if __name__ == "__main__":
    main()
