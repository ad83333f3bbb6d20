"""Run the end-to-end test: python -m tests.e2e [--browser PROGRAM] [--pictures FOLDER]."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
import sys

from aiohttp import ClientSession

from scripts.lib.demo.console import DemoError, complain, say
from scripts.lib.demo.home_assistant import Connection
from scripts.lib.demo.other_side import OtherSide
from scripts.lib.demo.processes import Processes
from scripts.lib.demo.setup import free_port, new_folder, start

from . import stories
from .browser import DESKTOP, LOOKS, Look, Window, open_browser, open_window
from .pictures import FOLDER, Album
from .texts import Texts
from .world import World

type Story = Callable[[Window, World, Album], Awaitable[None]]

PACE = 0.5
LIMIT_SECONDS = 1200


async def run(browser_program: str | None, pictures: Path) -> None:
    """Play the stories one after the other; the first that fails ends it."""
    with new_folder("e2e") as folder:
        async with (
            asyncio.timeout(LIMIT_SECONDS),
            ClientSession() as session,
            Processes(folder=folder) as processes,
        ):
            demo = await start(processes, session, port=free_port(), pace=PACE, for_person=True)
            page = OtherSide(home_assistant=demo.home_assistant, simulators=demo.simulators)
            await page.start(free_port())
            try:
                async with Connection(home=demo.home_assistant) as connection:
                    world = World(
                        home_assistant=demo.home_assistant,
                        simulators=demo.simulators,
                        connection=connection,
                        other_side=str(page.url),
                    )
                    await processes.while_running(play(world, browser_program, pictures, folder))
            finally:
                await page.stop()


async def play(world: World, browser_program: str | None, pictures: Path, folder: Path) -> None:
    """Open the browser, and play every story."""
    album = Album(shown=pictures, others=folder / "pictures")
    problems: list[str] = []
    async with open_browser(browser_program) as browser:

        async def tell(look: Look, *told: Story) -> None:
            for story in told:
                say(f"{look.name}: {story.__name__.replace('_', ' ')}")
                async with open_window(browser, world.home_assistant, look, folder) as window:
                    await story(window, world, album)
                    problems.extend(window.problems)

        for vendor, story in stories.SET_UP.items():
            await tell(DESKTOP, story)
            await world.note_entry(vendor)
        await world.find_devices()
        await tell(DESKTOP, *stories.LIVE)
        if "code" in Texts.load("en").english["options"]["step"]:
            await tell(DESKTOP, stories.code_to_unlock)
        for look in LOOKS:
            await tell(look, stories.look_around)
    if problems:
        raise AssertionError("The frontend complains:\n" + "\n".join(problems))


def main() -> int:
    """Run it; 0 if all went well."""
    parser = argparse.ArgumentParser(
        prog="scripts/e2e", description="A person's way through the demo."
    )
    parser.add_argument("--browser", help="the program to use; without it, Playwright's own")
    parser.add_argument("--pictures", type=Path, default=FOLDER, help="where pictures go")
    options = parser.parse_args()
    try:
        asyncio.run(run(options.browser, options.pictures))
    except (DemoError, AssertionError) as err:
        complain(str(err))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
