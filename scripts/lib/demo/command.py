"""The demo, from the command line."""

import argparse
import asyncio
import signal
import time

from aiohttp import ClientError, ClientSession

from .check import (
    drive_devices,
    find_problems,
    find_problems_in_log,
    find_secrets,
    table,
)
from .console import DemoError, complain, say
from .dashboard import URL_PATH
from .home_assistant import PASSWORD, USERNAME
from .other_side import OtherSide
from .processes import Processes, ProgramEndedError
from .setup import (
    HOME_ASSISTANT,
    OTHER_SIDE,
    Demo,
    chosen_port,
    free_port,
    new_folder,
    set_up,
    start,
    start_home_assistant,
)

CHECK_SECONDS = 300
# As the devices are; the check need not wait for a motor as long as a person does.
DEMO_PACE, CHECK_PACE = 1.0, 0.5
RESTART_CODE = 100
# A value of more letters is printed on a line of its own, whole: it is there to be copied.
LONG = 40
INTERRUPTED = 130


async def serve() -> int:
    """Run until somebody stops it."""
    port = chosen_port()
    with new_folder("demo") as folder:
        async with ClientSession() as session, Processes(folder=folder) as processes:
            demo = await start(processes, session, port=port, pace=DEMO_PACE, for_person=True)
            page = OtherSide(home_assistant=demo.home_assistant, simulators=demo.simulators)
            await page.start(port + OTHER_SIDE)
            try:
                demo = await set_up(demo, processes, other_side=str(page.url))
                _print_addresses(demo, page)
                await _until_stopped(processes, demo)
            except asyncio.CancelledError:
                say("Stopping …")
                raise
            finally:
                await page.stop()
    return 0


def _print_addresses(demo: Demo, page: OtherSide) -> None:
    print(f"\n  The locks:      {demo.home_assistant.url / URL_PATH}")
    print(f"  Log in with:    {USERNAME} / {PASSWORD}")
    print(f"  The other side: {page.url}")
    print("\n  To add one more lock of each maker yourself, enter:")
    for vendor, simulator in demo.simulators.items():
        print(f"\n  {vendor}, at {simulator.url}")
        for name, value in simulator.spare.items():
            print(f"    {name}:\n      {value}" if len(value) > LONG else f"    {name}: {value}")
    print("\n  Ctrl-C ends all of it.\n", flush=True)


async def _until_stopped(processes: Processes, demo: Demo) -> None:
    """Wait; a Home Assistant that was restarted in its own settings is started again."""
    while True:
        try:
            await processes.while_running(asyncio.Event().wait())
        except ProgramEndedError as err:
            ended = err.program
            if (ended.name, ended.process.returncode) != (HOME_ASSISTANT, RESTART_CODE):
                raise
            say("Home Assistant restarts …")
            processes.programs.remove(ended)
            await start_home_assistant(processes, demo.simulators)


async def check() -> int:
    """Drive every lock without a person, and print how it went."""
    started = time.monotonic()
    with new_folder("check") as folder:
        async with (
            asyncio.timeout(CHECK_SECONDS),
            ClientSession() as session,
            Processes(folder=folder) as processes,
        ):
            demo = await start(
                processes, session, port=free_port(), pace=CHECK_PACE, for_person=False
            )
            demo = await set_up(demo, processes)
            rows = await processes.while_running(drive_devices(demo))
            secrets = await processes.while_running(find_secrets(demo))
            problems = await processes.while_running(find_problems(demo, secrets))
            say("Stopping, and reading the logs …")
        # Read when all has ended: unloading is logged, too.
        for name in (HOME_ASSISTANT, "simulators"):
            log = (folder / f"{name}.log").read_text(errors="replace")
            problems += find_problems_in_log(log, secrets)
    print(table(rows))
    for problem in problems:
        complain(problem)
    failed = len(problems) + sum(row.problem is not None for row in rows)
    outcome = f"{failed} problem(s)." if failed else "All is well."
    print(f"\n{len(rows)} steps in {time.monotonic() - started:.0f} s. {outcome}")
    return 1 if failed else 0


async def _until_signalled(*, checking: bool) -> int:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - asyncio.run made it
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await (check() if checking else serve())


def main() -> int:
    """Run what was asked for; return 0 if all went well, or a person ended the demo."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo", description="A real Home Assistant with simulated locks."
    )
    parser.add_argument("--check", action="store_true", help="drive every lock and end")
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
        complain(f"Home Assistant or a simulator closed a connection: {err}; see .demo/")
    return 1
