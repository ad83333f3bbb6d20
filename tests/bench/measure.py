"""One measurement in a process of its own: `python -m tests.bench.measure NAME [ARGUMENTS]`.

It prints what it found as one line of JSON, and what only serves ends with its input.
"""

import asyncio
from collections.abc import Awaitable, Callable
import json
import sys
from typing import Any

from . import commands, days, push, setup


def say(found: Any) -> None:
    """Print what was found."""
    print(json.dumps(found), flush=True)  # noqa: T201


async def until_left() -> None:
    """Serve until whoever started this closes our input."""
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def _bridges(count: int) -> None:
    async with setup.bridges(count) as addresses:
        say(addresses)
        await until_left()


async def _push() -> None:
    await push.serve(say, until_left)


MEASUREMENTS: dict[str, Callable[..., Awaitable[Any]]] = {
    "command": commands.measure,
    "day": days.measure,
    "prepare_start": setup.prepare_start,
    "set_up_bridges": setup.measure_bridges,
    "set_up_locks": setup.measure_locks,
    "start": setup.measure_start,
}
SERVERS: dict[str, Callable[..., Awaitable[None]]] = {"bridges": _bridges, "push": _push}


async def main(name: str, arguments: list[Any]) -> None:
    """Measure, or serve."""
    if name in SERVERS:
        await SERVERS[name](*arguments)
    else:
        say(await MEASUREMENTS[name](*arguments))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
