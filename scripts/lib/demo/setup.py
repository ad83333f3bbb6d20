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
USUAL_PORTS = (8123, 8223, 8323)
# The ports that follow Home Assistant's: the page of the other side, then the simulators.
OTHER_SIDE, FIRST_SIMULATOR = 1, 2
CONFIG_FLOW = "/api/config/config_entries/flow"
OPTIONS_FLOW = "/api/config/config_entries/options/flow"
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


async def start(
    processes: Processes, session: ClientSession, *, port: int, pace: float, for_person: bool
) -> Demo:
    """Start everything. For a person the simulators have fixed ports, and locks to add."""
    write_configuration(processes.folder / "config", port)
    say("Starting the simulators …")
    simulators = await start_simulators(
        processes,
        session,
        pace,
        first_port=port + FIRST_SIMULATOR if for_person else 0,
        spare=for_person,
    )
    say(f"Starting Home Assistant on port {port} …")
    await start_home_assistant(processes, simulators)
    url = URL.build(scheme="http", host="127.0.0.1", port=port)
    home_assistant = HomeAssistant(session=session, url=url)
    await processes.while_running(_first_login(home_assistant))
    return Demo(home_assistant=home_assistant, simulators=simulators, entries={}, devices=())


async def set_up(demo: Demo, processes: Processes, *, other_side: str = "") -> Demo:
    """Set every vendor up, and make the dashboard; `other_side` is the address of that page."""
    return await processes.while_running(_add_vendors(demo, other_side))


async def _first_login(home_assistant: HomeAssistant) -> None:
    await home_assistant.create_user()
    await home_assistant.log_in()
    await home_assistant.wait_until_running()


async def start_home_assistant(processes: Processes, simulators: Mapping[str, Simulator]) -> None:
    """Start Home Assistant, with the simulators in place of the clouds."""
    hass = Path(sys.executable).with_name("hass")
    clouds = {
        CLOUD_VARIABLES[vendor]: simulator.addresses.get("cloud_url", simulator.addresses["url"])
        for vendor, simulator in simulators.items()
    }
    command = (str(hass), "--skip-pip", "--log-no-color", "-c", str(processes.folder / "config"))
    await processes.start(HOME_ASSISTANT, *command, env=clouds)


async def _add_vendors(demo: Demo, other_side: str) -> Demo:
    home_assistant, simulators = demo.home_assistant, demo.simulators
    makers = {
        vendor: str((await simulator.describe())["maker"])
        for vendor, simulator in simulators.items()
    }
    entries: dict[str, Answers] = {}
    for vendor in await _offered_vendors(home_assistant):
        say(f"Setting up {makers.get(vendor, vendor)} …")
        if vendor not in ANSWERS or vendor not in simulators:
            raise DemoError(
                f"The demo does not know {vendor}: it needs a simulator in tests/simulators "
                "and answers in tests/vendors/answers.py"
            )
        answers = ANSWERS[vendor](simulators[vendor].addresses)
        entry_id = await _add_entry(home_assistant, answers)
        entries[entry_id] = answers
        if answers.webhook is not None:
            await _enter_webhook(home_assistant, simulators[vendor], entry_id, *answers.webhook)
    async with Connection(home=home_assistant) as connection:
        devices = await find_devices(connection, simulators, entries)
        await dashboard.save(connection, devices, makers, other_side)
    return Demo(
        home_assistant=home_assistant, simulators=simulators, entries=entries, devices=devices
    )


async def _enter_webhook(
    home_assistant: HomeAssistant, simulator: Simulator, entry_id: str, field: str, method: str
) -> None:
    """Copy the address that the options of an entry show, to the vendor."""
    step = await home_assistant.post(OPTIONS_FLOW, {"handler": entry_id})
    if step["type"] == "menu":
        step = await home_assistant.post(
            f"{OPTIONS_FLOW}/{step['flow_id']}", {"next_step_id": f"{simulator.vendor}_options"}
        )
    shown = [row["default"] for row in step["data_schema"] if row["name"] == field]
    if not shown:
        raise DemoError(f"{simulator.vendor}: the options show no {field}.")
    await simulator.call(method, url=shown[0])


# The folder and the port


@contextmanager
def new_folder(name: str) -> Iterator[Path]:
    """Make an empty folder .demo/<name>, which no other demo uses at the same time."""
    folder = ROOT / ".demo" / name
    try:
        folder.parent.mkdir(exist_ok=True)
        folder.with_suffix(".lock").touch()
    except OSError as err:
        raise DemoError(
            "This folder cannot be written to: copy the checkout to one of your own and try "
            f"again ({ROOT})."
        ) from err
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
    """Return a free port: that of the environment variable, or the first of the usual ones.

    Raises DemoError if the variable names none, or one that cannot be used.
    """
    text = os.environ.get(PORT_VARIABLE)
    if text is None:
        return _usual_port()
    if not text.isdecimal() or not 0 < int(text) < 1 << 16:
        raise DemoError(f"{PORT_VARIABLE} must be a port between 1 and 65535, not '{text}'.")
    _try_port(int(text))
    return int(text)


def _usual_port() -> int:
    """Return Home Assistant's own port, or one further on if a Home Assistant runs there."""
    for port in USUAL_PORTS:
        try:
            _try_port(port)
        except DemoError:
            say(f"Port {port} is in use by another program …")
        else:
            return port
    return free_port()


def _try_port(port: int) -> None:
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
