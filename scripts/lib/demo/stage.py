"""A set-up demo: Home Assistant, the simulators, and every vendor's locks in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
import sys

from aiohttp import ClientSession
from yarl import URL

from . import dashboard, flows
from .console import say
from .crew import Crew
from .errors import DemoError
from .folder import write_configuration
from .home import Home
from .live import Live
from .locks import Lock, find_locks
from .others import Other, find_others
from .players import Player, start_players
from .vendors import ANSWERS, CLOUD_VARIABLES, Answers

HOME_ASSISTANT = "home-assistant"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """Everything that runs, ready to be played on. `entries`: config entry id -> answers."""

    home: Home
    players: Mapping[str, Player]
    entries: Mapping[str, Answers]
    locks: tuple[Lock, ...]
    others: tuple[Other, ...]


async def start_home_assistant(crew: Crew, players: Mapping[str, Player]) -> None:
    """Start Home Assistant on the configuration folder, the clouds replaced by the simulators."""
    hass = Path(sys.executable).with_name("hass")
    config = crew.folder / "config"
    clouds = {
        CLOUD_VARIABLES[vendor]: player.addresses.get("cloud_url", player.addresses["url"])
        for vendor, player in players.items()
        if vendor in CLOUD_VARIABLES
    }
    command = (str(hass), "--skip-pip", "--log-no-color", "-c", str(config))
    await crew.start(HOME_ASSISTANT, *command, env=clouds)


async def set_stage(crew: Crew, session: ClientSession, *, port: int, pace: float) -> Stage:
    """Start everything and set every vendor up; the programs belong to the crew."""
    if not (manifest := Path("custom_components/smartlocks/manifest.json")).is_file():
        raise DemoError(f"There is no {manifest}: is this a whole checkout?")
    write_configuration(crew.folder / "config", port)
    say("Starting the simulators …")
    players = await start_players(crew, session, pace)
    say(f"Starting Home Assistant on port {port} …")
    await start_home_assistant(crew, players)
    home = Home(session=session, url=URL.build(scheme="http", host="127.0.0.1", port=port))
    return await crew.while_alive(_furnish(home, players))


async def _furnish(home: Home, players: Mapping[str, Player]) -> Stage:
    await home.create_user()
    await home.log_in()
    await home.wait_until_running()
    entries: dict[str, Answers] = {}
    for vendor in await flows.known_vendors(home):
        say(f"Setting up {vendor} …")
        if vendor not in ANSWERS or vendor not in players:
            raise DemoError(
                f"The demo does not know {vendor}: it needs a simulator in tests/simulators "
                "and its answers in scripts/lib/demo/vendors.py"
            )
        answers = ANSWERS[vendor](players[vendor].addresses)
        entries[await flows.add_entry(home, answers)] = answers
    async with Live(home=home) as live:
        locks = await find_locks(live, players, entries)
        others = await find_others(live, locks, entries)
        await dashboard.save(live, locks, others)
    return Stage(home=home, players=players, entries=entries, locks=locks, others=others)
