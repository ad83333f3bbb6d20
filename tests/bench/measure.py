"""One measurement in a process of its own: what runs there, and how it tells what it found."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from multiprocessing.connection import Connection
import os
from typing import Any

from . import commands, days, push, setup

type Say = Callable[[Any], None]
type UntilLeft = Callable[[], Awaitable[None]]


async def _bridges(say: Say, until_left: UntilLeft, count: int) -> None:
    async with setup.bridges(count) as addresses:
        say(addresses)
        await until_left()


MEASUREMENTS: dict[str, Callable[..., Awaitable[Any]]] = {
    "command": commands.measure,
    "day": days.measure,
    "prepare_start": setup.prepare_start,
    "set_up_bridges": setup.measure_bridges,
    "set_up_locks": setup.measure_locks,
    "start": setup.measure_start,
}
SERVERS: dict[str, Callable[..., Awaitable[None]]] = {
    "bridges": _bridges,
    "device": commands.serve,
    "push": push.serve,
}


async def _measure(name: str, arguments: tuple[Any, ...], pipe: Connection) -> None:
    async def until_left() -> None:
        with suppress(EOFError):
            await asyncio.get_running_loop().run_in_executor(None, pipe.recv)

    if name in SERVERS:
        await SERVERS[name](pipe.send, until_left, *arguments)
    else:
        pipe.send(await MEASUREMENTS[name](*arguments))


def run(name: str, arguments: tuple[Any, ...], pipe: Connection, log: str) -> None:
    """Measure, or serve until whoever has the other end of the pipe closes it."""
    with open(log, "ab", buffering=0) as file:  # noqa: PTH123 - a descriptor is all we want
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    asyncio.run(_measure(name, arguments, pipe))
