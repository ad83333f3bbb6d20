"""A real Home Assistant in this process, and the entries that are measured in it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
import json
import logging
import os
from pathlib import Path
import shutil
import socket
import sys
import time
from typing import Any, Final

from homeassistant import bootstrap
from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.runner import RuntimeConfig
from homeassistant.setup import async_setup_component

from custom_components.smartlocks import helpers
from custom_components.smartlocks.const import CONF_VENDOR, DOMAIN
from tests.clock import MONOTONIC
from tests.simulators import loqed
from tests.simulators.base import Simulator
from tests.vendors.answers import Answers, Forms

_FLOOR: Final = Path(__file__).parent / "floor"
# Longer than any vendor's calls are only hints after a start.
QUIET: Final = 100.0
CORE: Final = "loqed"

_CONFIGURATION: Final = """\
homeassistant:
  name: Bench
  country: NL
  language: en
  time_zone: Europe/Amsterdam
  unit_system: metric
  internal_url: {url}
  external_url: {url}

webhook:
{more}
"""


class Home:
    """A Home Assistant that runs and listens on 127.0.0.1."""

    def __init__(self, hass: HomeAssistant, port: int) -> None:
        """Remember where it listens."""
        self.hass = hass
        self.port = port

    async def settle(self) -> None:
        """Wait until it has done all it has to do."""
        await self.hass.async_block_till_done(wait_background_tasks=True)

    async def add(self, *entries: ConfigEntry) -> None:
        """Add entries and wait until they are loaded."""
        await asyncio.gather(*(self.hass.config_entries.async_add(entry) for entry in entries))
        await self.settle()
        for entry in entries:
            if entry.state is not ConfigEntryState.LOADED:
                raise RuntimeError(f"{entry.title} is not loaded: {entry.state} {entry.reason}")


@asynccontextmanager
async def running(folder: Path, *, more: str = "", is_new: bool = True) -> AsyncIterator[Home]:
    """Start a Home Assistant whose configuration is made in a folder, or is there already."""
    port = free_port()
    if is_new:
        write_configuration(folder, port, more=more)
    # Ours is imported from where it lies, and stays the same when it is patched here.
    sys.path.insert(0, str(folder))
    config = RuntimeConfig(config_dir=str(folder), skip_pip=True, log_no_color=True)
    hass = await bootstrap.async_setup_hass(config)
    if hass is None:
        raise RuntimeError("Home Assistant does not start")
    # What is measured is not how much is logged.
    logging.getLogger().setLevel(logging.ERROR)
    if not await async_setup_component(hass, "webhook", {}):
        raise RuntimeError("no webhooks")
    await hass.async_start()
    home = Home(hass, port)
    await home.settle()
    try:
        yield home
    finally:
        await hass.async_stop(force=True)


def write_configuration(folder: Path, port: int, *, more: str = "") -> None:
    """Write the configuration of a Home Assistant whose onboarding is done."""
    url = f"http://127.0.0.1:{port}"
    (folder / "configuration.yaml").write_text(_CONFIGURATION.format(url=url, more=more))
    shutil.copytree(_FLOOR, folder / "custom_components" / "bench_floor", dirs_exist_ok=True)
    done = {"done": ["user", "core_config", "analytics", "integration"]}
    store(folder, "onboarding", 4, done)
    store(folder, "http", 1, {"server_host": ["127.0.0.1"], "server_port": port})


def store(folder: Path, key: str, version: int, data: Mapping[str, Any]) -> None:
    """Write a file of Home Assistant's storage."""
    content = {"version": version, "minor_version": 1, "key": key, "data": data}
    (folder / ".storage").mkdir(exist_ok=True)
    (folder / ".storage" / key).write_text(json.dumps(content))


def addresses_of(simulator: Simulator) -> dict[str, str]:
    """Return the addresses of a simulator: "url" and, if there is a cloud, "cloud_url"."""
    urls = {name: getattr(simulator, name, None) for name in ("url", "cloud_url")}
    return {name: str(url) for name, url in urls.items() if url is not None}


def use_clouds(vendor: str, addresses: Mapping[str, str]) -> None:
    """Let the integration call a simulator in place of a vendor's cloud."""
    for variable in (f"SMARTLOCKS_{vendor.upper()}_URL", f"SMARTLOCKS_{vendor.upper()}_CLOUD_URL"):
        os.environ[variable] = addresses.get("cloud_url", addresses["url"])


def free_port() -> int:
    """Return a port that nothing uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


async def walk(hass: HomeAssistant, answers: Answers, *, is_settled: bool = True) -> ConfigEntry:
    """Set a vendor up through its config flow, as a person does, and wait for all it does."""
    flows = hass.config_entries.flow
    page: Any = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
    page = await _fill_in(flows, page, answers, answers.forms)
    entry: ConfigEntry = page["result"]
    for forms in answers.locks:
        subflows = hass.config_entries.subentries
        page = await subflows.async_init((entry.entry_id, "lock"), context={"source": SOURCE_USER})
        await _fill_in(subflows, page, answers, forms)
    await hass.async_block_till_done(wait_background_tasks=is_settled)
    return entry


async def _fill_in(flows: Any, page: Any, answers: Answers, forms: Forms) -> Any:
    while page["type"] is not FlowResultType.CREATE_ENTRY:
        if page.get("errors") or page["type"] is FlowResultType.ABORT:
            raise RuntimeError(f"{answers.vendor}: {page.get('errors')} {page.get('reason')}")
        if page["type"] is FlowResultType.MENU:
            (choice,) = answers.choices.intersection(page["menu_options"])
            filled: Mapping[str, Any] = {"next_step_id": choice}
        else:
            filled = forms[page["step_id"]]
        page = await flows.async_configure(page["flow_id"], dict(filled))
    return page


def begin_earlier(seconds: float) -> None:
    """Let the integration begin as if it had begun so much earlier, until `begun`."""
    MONOTONIC.ahead = -seconds
    helpers.monotonic = MONOTONIC


def begun() -> None:
    """Give the integration the clock that it has in life."""
    helpers.monotonic = time.monotonic


def our_bridge(address: str, number: int = 0) -> ConfigEntry:
    """Return an entry of ours for a LOQED bridge, as the config flow makes it."""
    return _entry(
        DOMAIN,
        title=f"Door {number}",
        unique_id=f"loqed_{number:012x}",
        data={
            CONF_VENDOR: "loqed",
            "host": address,
            "ids": [loqed.BRIDGE_MAC_WIFI],
            "lock_id": loqed.LOCK_ID,
            "key_id": loqed.LOCAL_ID,
            "key_secret": loqed.KEY_SECRET,
            "bridge_key": loqed.BRIDGE_KEY,
            "can_open": True,
            "host_is_typed": True,
            CONF_WEBHOOK_ID: f"ours{number}",
        },
    )


def core_bridge(address: str, number: int = 0) -> ConfigEntry:
    """Return an entry of Home Assistant's own `loqed` for a bridge."""
    return _entry(
        CORE,
        title=f"Core door {number}",
        unique_id=f"{number:012x}",
        data={
            "id": loqed.LOCK_ID,
            "name": f"Core door {number}",
            "bridge_ip": address,
            "bridge_mdns_hostname": f"LOQED-{number:012x}.local",
            "bridge_key": loqed.BRIDGE_KEY,
            "lock_key_local_id": loqed.LOCAL_ID,
            "lock_key_key": loqed.KEY_SECRET,
            "api_token": loqed.API_TOKEN,
            CONF_WEBHOOK_ID: f"core{number}",
        },
    )


def floor_bridge(address: str, number: int = 0, *, locks: int = 0) -> ConfigEntry:
    """Return an entry of the floor for a bridge, or for an account with so many locks."""
    return _entry(
        "bench_floor",
        title=f"Floor door {number}",
        unique_id=f"{number:012x}",
        data={"host": address, "locks": locks},
    )


DOMAINS: Final = {"ours": DOMAIN, "core": CORE, "floor": "bench_floor"}
BRIDGES: Final = {"ours": our_bridge, "core": core_bridge, "floor": floor_bridge}


def _entry(domain: str, *, title: str, unique_id: str, data: Mapping[str, Any]) -> ConfigEntry:
    return ConfigEntry(
        domain=domain,
        title=title,
        unique_id=unique_id,
        data=dict(data),
        options={},
        version=1,
        minor_version=1,
        source="user",
        discovery_keys={},  # type: ignore[arg-type]
        subentries_data=(),
    )
