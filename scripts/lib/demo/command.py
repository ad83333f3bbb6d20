"""The demo, from the command line."""

import argparse
import asyncio
import signal

from aiohttp import ClientError, ClientSession

from . import log
from .check import find_problems, secrets, try_locks
from .console import complain, say
from .crew import ChildEndedError, Crew
from .dashboard import URL_PATH
from .errors import DemoError
from .folder import fresh
from .home import PASSWORD, USERNAME
from .ports import chosen_port, free_port
from .report import table
from .stage import HOME_ASSISTANT, Stage, set_stage, start_home_assistant

CHECK_SECONDS = 300
# As the devices are; the check need not wait for a motor as long as a person does.
DEMO_PACE, CHECK_PACE = 1.0, 0.5
RESTART_CODE = 100
INTERRUPTED = 130


async def serve() -> int:
    """Run until somebody stops it."""
    port = chosen_port()
    with fresh("demo") as folder:
        async with ClientSession() as session, Crew(folder=folder) as crew:
            stage = await set_stage(crew, session, port=port, pace=DEMO_PACE)
            _welcome(stage)
            try:
                await _until_stopped(crew, stage)
            except asyncio.CancelledError:
                say("Stopping …")
                raise
    return 0


def _welcome(stage: Stage) -> None:
    print(f"\n  The locks:   {stage.home.url / URL_PATH}")
    print(f"  Log in with: {USERNAME} / {PASSWORD}\n")
    for lock in stage.locks:
        print(
            f"  {lock.name} ({lock.vendor}): its simulator is at {lock.player.url / '_simulator'}"
        )
    print("\n  Ctrl-C ends all of it.\n", flush=True)


async def _until_stopped(crew: Crew, stage: Stage) -> None:
    """Wait; a Home Assistant that was told to restart in its own settings is started again."""
    while True:
        try:
            await crew.while_alive(asyncio.Event().wait())
        except ChildEndedError as err:
            child = err.child
            if (child.name, child.process.returncode) != (HOME_ASSISTANT, RESTART_CODE):
                raise
            say("Home Assistant restarts …")
            crew.children.remove(child)
            await start_home_assistant(crew, stage.players)


async def check() -> int:
    """Try every lock without a person, and say how it went."""
    with fresh("check") as folder:
        async with (
            asyncio.timeout(CHECK_SECONDS),
            ClientSession() as session,
            Crew(folder=folder) as crew,
        ):
            stage = await set_stage(crew, session, port=free_port(), pace=CHECK_PACE)
            say(f"Trying {len(stage.locks)} locks …")
            rows = await crew.while_alive(try_locks(stage))
            problems = await crew.while_alive(find_problems(stage))
            words = await crew.while_alive(secrets(stage))
        # Read when all has ended: unloading has its say, too.
        for name in (HOME_ASSISTANT, "simulators"):
            problems += log.problems((folder / f"{name}.log").read_text(errors="replace"), words)
    print(table(rows))
    for problem in problems:
        complain(problem)
    failed = len(problems) + sum(row.problem is not None for row in rows)
    print(f"\n{failed} problem(s)." if failed else "\nAll is well.")
    return 1 if failed else 0


async def _until_signalled(*, checking: bool) -> int:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - asyncio.run made it
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await (check() if checking else serve())


def main() -> int:
    """Run what was asked for; 0 when all went well, or when the person ended the demo."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo", description="A real Home Assistant with simulated locks."
    )
    parser.add_argument("--check", action="store_true", help="try every lock and end")
    options = parser.parse_args()
    try:
        return asyncio.run(_until_signalled(checking=options.check))
    except asyncio.CancelledError:
        return INTERRUPTED if options.check else 0
    except DemoError as err:
        complain(str(err))
    except TimeoutError:
        complain(f"Not done within {CHECK_SECONDS} s; the logs are in .demo/")
    except ClientError as err:
        complain(f"Home Assistant or a simulator hung up: {err}; the logs are in .demo/")
    return 1
