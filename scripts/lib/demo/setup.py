"""Start Home Assistant and the simulators, and set every vendor up as a person would."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
import fcntl
import json
import os
from pathlib import Path
import shutil
import socket
import sys
from typing import Any

from aiohttp import ClientSession
from yarl import URL

from tests.vendors.answers import ANSWERS, Answers

from . import dashboard
from .console import DemoError, say
from .devices import Device, find_devices
from .home_assistant import Connection, HomeAssistant
from .processes import ROOT, Processes
from .simulators import Simulator, start_simulators

DOMAIN = "smartlocks"
HOME_ASSISTANT = "home-assistant"
PORT_VARIABLE = "SMARTLOCKS_DEMO_PORT"
DEFAULT_PORT = 8123
CONFIG_FLOW = "/api/config/config_entries/flow"
SUBENTRY_FLOW = "/api/config/config_entries/subentries/flow"
ENTRIES = "/api/config/config_entries/entry"
MOST_STEPS = 12
LOAD_SECONDS = 30

# Where the integration is told the address of a cloud.
CLOUD_VARIABLES: Mapping[str, str] = {
    "loqed": "SMARTLOCKS_LOQED_CLOUD_URL",
    "the_keys": "SMARTLOCKS_THE_KEYS_CLOUD_URL",
    "sesame_v3": "SMARTLOCKS_SESAME_V3_URL",
    "sesame_web": "SMARTLOCKS_SESAME_WEB_URL",
}
CONFIGURATION = """\
# Made anew by scripts/demo at every start.
homeassistant:
  name: Smart Locks
  country: NL
  language: en
  time_zone: Europe/Amsterdam
  unit_system: metric
  internal_url: {url}
  external_url: {url}

frontend:
history:
logbook:

logger:
  default: warning
  logs:
    custom_components.smartlocks: debug
"""

type Forms = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Demo:
    """A running demo. `entries`: the id of each config entry, and how it was set up."""

    home_assistant: HomeAssistant
    simulators: Mapping[str, Simulator]
    entries: Mapping[str, Answers]
    devices: tuple[Device, ...]


async def set_up(processes: Processes, session: ClientSession, *, port: int, pace: float) -> Demo:
    """Start everything and set every vendor up."""
    write_configuration(processes.folder / "config", port)
    say("Starting the simulators …")
    simulators = await start_simulators(processes, session, pace)
    say(f"Starting Home Assistant on port {port} …")
    await start_home_assistant(processes, simulators)
    url = URL.build(scheme="http", host="127.0.0.1", port=port)
    home_assistant = HomeAssistant(session=session, url=url)
    return await processes.while_running(_add_vendors(home_assistant, simulators))


async def start_home_assistant(processes: Processes, simulators: Mapping[str, Simulator]) -> None:
    """Start Home Assistant, with the simulators in place of the clouds."""
    hass = Path(sys.executable).with_name("hass")
    clouds = {
        CLOUD_VARIABLES[vendor]: simulator.addresses.get("cloud_url", simulator.addresses["url"])
        for vendor, simulator in simulators.items()
    }
    command = (str(hass), "--skip-pip", "--log-no-color", "-c", str(processes.folder / "config"))
    await processes.start(HOME_ASSISTANT, *command, env=clouds)


async def _add_vendors(home_assistant: HomeAssistant, simulators: Mapping[str, Simulator]) -> Demo:
    await home_assistant.create_user()
    await home_assistant.log_in()
    await home_assistant.wait_until_running()
    entries: dict[str, Answers] = {}
    for vendor in await _offered_vendors(home_assistant):
        say(f"Setting up {vendor} …")
        if vendor not in ANSWERS or vendor not in simulators:
            raise DemoError(
                f"The demo does not know {vendor}: it needs a simulator in tests/simulators "
                "and answers in tests/vendors/answers.py"
            )
        answers = ANSWERS[vendor](simulators[vendor].addresses)
        entries[await _add_entry(home_assistant, answers)] = answers
    async with Connection(home=home_assistant) as connection:
        devices = await find_devices(connection, simulators, entries)
        await dashboard.save(connection, devices)
    return Demo(
        home_assistant=home_assistant, simulators=simulators, entries=entries, devices=devices
    )


# The folder and the port


@contextmanager
def new_folder(name: str) -> Iterator[Path]:
    """Make an empty folder .demo/<name>, which no other demo uses at the same time."""
    folder = ROOT / ".demo" / name
    folder.parent.mkdir(exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            raise DemoError(
                f"Another scripts/demo of this checkout is using {folder.relative_to(ROOT)}: "
                "end that one first (Ctrl-C where it runs)."
            ) from err
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        yield folder


def write_configuration(config: Path, port: int) -> None:
    """Write the configuration of a Home Assistant that listens on 127.0.0.1 only.

    Of onboarding only the first user is left to do: the other steps would set up
    integrations that talk to the internet.
    """
    storage = config / ".storage"
    storage.mkdir(parents=True)
    (config / "configuration.yaml").write_text(CONFIGURATION.format(url=f"http://127.0.0.1:{port}"))
    _store(storage, "onboarding", 4, {"done": ["core_config", "analytics", "integration"]})
    # An address from YAML would be tried only, and taken back after five minutes.
    _store(storage, "http", 1, {"server_host": ["127.0.0.1"], "server_port": port})
    (config / "custom_components").mkdir()
    (config / "custom_components" / DOMAIN).symlink_to(ROOT / "custom_components" / DOMAIN)


def _store(storage: Path, key: str, version: int, data: dict[str, Any]) -> None:
    content = {"version": version, "minor_version": 1, "key": key, "data": data}
    (storage / key).write_text(json.dumps(content))


def chosen_port() -> int:
    """Return the port of the environment variable, or Home Assistant's usual one; it is free."""
    text = os.environ.get(PORT_VARIABLE, str(DEFAULT_PORT))
    if not text.isdecimal() or not 0 < int(text) < 1 << 16:
        raise DemoError(f"{PORT_VARIABLE} must be a port between 1 and 65535, not '{text}'.")
    port = int(text)
    with socket.socket() as probe:
        # Connections of a demo that ended a moment ago are no reason to refuse.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as err:
            raise DemoError(
                f"You may not use port {port}: choose one above 1023 "
                f"with {PORT_VARIABLE}=8124 scripts/demo"
            ) from err
        except OSError as err:
            raise DemoError(
                f"Port {port} is in use by another program: end that one, or choose another "
                f"port with {PORT_VARIABLE}={free_port()} scripts/demo"
            ) from err
    return port


def free_port() -> int:
    """Return a port that nothing uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


# The config flow, form by form


async def _offered_vendors(home_assistant: HomeAssistant) -> list[str]:
    step = await home_assistant.post(CONFIG_FLOW, {"handler": DOMAIN})
    if step["type"] != "menu":
        raise DemoError(f"The config flow began with a {step['type']}, not with a menu.")
    return list(step["menu_options"])


async def _add_entry(home_assistant: HomeAssistant, answers: Answers) -> str:
    """Set one vendor up, with its locks; return the id of the loaded entry."""
    step = await home_assistant.post(CONFIG_FLOW, {"handler": DOMAIN})
    result = await _finish(home_assistant, CONFIG_FLOW, step, answers, answers.forms)
    entry_id: str = result["result"]["entry_id"]
    await _wait_until_loaded(home_assistant, answers.vendor, entry_id)
    for forms in answers.locks:
        step = await home_assistant.post(SUBENTRY_FLOW, {"handler": [entry_id, "lock"]})
        await _finish(home_assistant, SUBENTRY_FLOW, step, answers, forms)
    await _wait_until_loaded(home_assistant, answers.vendor, entry_id)
    return entry_id


async def _finish(
    home_assistant: HomeAssistant, path: str, step: Any, answers: Answers, forms: Forms
) -> Any:
    """Answer step after step until an entry, or a lock of one, is created."""
    for _ in range(MOST_STEPS):
        if step["type"] == "create_entry":
            return step
        step = await home_assistant.post(
            f"{path}/{step['flow_id']}", answer_to(step, answers, forms)
        )
    raise DemoError(f"{answers.vendor}: no end after {MOST_STEPS} steps of the flow.")


def answer_to(step: Any, answers: Answers, forms: Forms) -> Mapping[str, Any]:
    """Return what a person enters at a step.

    Raises DemoError if the flow was aborted, refused an answer, or asks something unknown.
    """
    where = f"{answers.vendor}: step {step.get('step_id')} of the flow"
    if step["type"] == "abort":
        raise DemoError(f"{answers.vendor}: the flow was aborted ({step['reason']}).")
    if step.get("errors"):
        raise DemoError(f"{where} refused its answers: {step['errors']}")
    if step["type"] == "menu":
        for option in step["menu_options"]:
            if option in answers.choices:
                return {"next_step_id": option}
        raise DemoError(f"{where} offers {list(step['menu_options'])}, none of them known.")
    if step["type"] == "form" and step["step_id"] in forms:
        return forms[step["step_id"]]
    raise DemoError(f"{where} is a {step['type']} that tests/vendors/answers.py does not know.")


async def _wait_until_loaded(home_assistant: HomeAssistant, vendor: str, entry_id: str) -> None:
    for _ in range(LOAD_SECONDS * 10):
        entries = await home_assistant.get(ENTRIES)
        entry = next(entry for entry in entries if entry["entry_id"] == entry_id)
        if entry["state"] == "loaded":
            return
        await asyncio.sleep(0.1)
    raise DemoError(f"{vendor}: the entry is {entry['state']}, not loaded: {entry['reason']}")
