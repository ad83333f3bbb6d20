"""A command, from the service call until its signed bytes have reached the device."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
import re
import tempfile
import time
from typing import Any, Final

from aiohttp import ClientSession, TCPConnector
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from the_keyspy.devices import TheKeysGateway
from yarl import URL

from tests.simulators import SIMULATORS, the_keys
from tests.simulators.base import Request, Simulator
from tests.simulators.loqed import LoqedSimulator
from tests.vendors.answers import ANSWERS

from .home import (
    QUIET,
    Home,
    addresses_of,
    begin_earlier,
    begun,
    core_bridge,
    running,
    use_clouds,
    walk,
)
from .peers import SESAME, redirect_sesame

# What carries a command, by vendor.
_COMMANDS: Final = {
    "loqed": re.compile("GET /to_lock"),
    "the_keys": re.compile("POST /(open|close)"),
    "sesame_v3": re.compile("POST .*/sesame/"),
    "sesame_web": re.compile("POST .*/cmd"),
}

type Way = Callable[[str], Awaitable[Any]]

# A device rests after a request; what a person does comes after such a rest.
_REST: Final = 2.5


async def measure(vendor: str, rounds: int) -> dict[str, list[float]]:
    """Command a lock by us, by a bare request, and by a peer where there is one."""
    simulator = SIMULATORS[vendor](pace=0.01)
    await simulator.start()
    addresses = addresses_of(simulator)
    use_clouds(vendor, addresses)
    if vendor == "sesame_v3":
        redirect_sesame(addresses["url"])
    more = SESAME if vendor == "sesame_v3" else ""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with running(Path(folder), more=more) as home:
            begin_earlier(QUIET)
            ways = await _ways(home, simulator, vendor, addresses)
            begun()
            took = await _compare(home.hass, simulator, vendor, ways, rounds)
    await simulator.stop()
    return took


async def _ways(
    home: Home, simulator: Simulator, vendor: str, addresses: Mapping[str, str]
) -> dict[str, Way]:
    hass = home.hass
    others = set(hass.states.async_entity_ids("lock"))
    await walk(hass, ANSWERS[vendor](addresses))
    ours = min(set(hass.states.async_entity_ids("lock")) - others)
    ways = {"ours": _service(hass, ours)}
    if isinstance(simulator, LoqedSimulator):
        await home.add(core_bridge(simulator.host))
        ways["peer"] = _service(hass, "lock.core_door_0")
    elif vendor == "sesame_v3":
        ways["peer"] = _service(hass, min(others))
    elif vendor == "the_keys":
        ways["peer"] = _keyspy(hass, addresses["url"])
    return ways


async def _compare(
    hass: HomeAssistant, simulator: Simulator, vendor: str, ways: Mapping[str, Way], rounds: int
) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {name: [] for name in (*ways, "floor")}
    for number in range(rounds):
        sent: Request | None = None
        for name, way in ways.items():
            await asyncio.sleep(_REST)
            job = way("unlock" if number % 2 else "lock")
            request, seconds = await _timed(simulator, vendor, job)
            took[name].append(seconds)
            sent = sent or request
        assert sent is not None
        await asyncio.sleep(_REST)
        bare = _bare(hass, simulator, sent, is_cloud=vendor.startswith("sesame"))
        took["floor"].append((await _timed(simulator, vendor, bare))[1])
    return took


async def _timed(simulator: Simulator, vendor: str, job: Awaitable[Any]) -> tuple[Request, float]:
    before, began = len(simulator.requests), time.time()
    # That it arrived is what is measured; the bare requests have moved the lock meanwhile.
    with suppress(HomeAssistantError):
        await job
    sent = next(
        request
        for request in simulator.requests[before:]
        if _COMMANDS[vendor].match(f"{request.method} {request.path}")
    )
    return sent, sent.at - began


def _service(hass: HomeAssistant, entity_id: str) -> Callable[[str], Awaitable[Any]]:
    def call(service: str) -> Awaitable[Any]:
        return hass.services.async_call("lock", service, {"entity_id": entity_id}, blocking=True)

    return call


def _keyspy(hass: HomeAssistant, url: str) -> Callable[[str], Awaitable[Any]]:
    gateway = TheKeysGateway(1, url.removeprefix("http://").rstrip("/"))

    def call(service: str) -> Awaitable[Any]:
        send = gateway.locker_open if service == "unlock" else gateway.locker_close
        return hass.async_add_executor_job(send, the_keys.FRONT_ID, the_keys.FRONT_CODE)

    return call


async def _bare(
    hass: HomeAssistant, simulator: Simulator, sent: Request, *, is_cloud: bool
) -> None:
    """Send the bytes of a command again: to a cloud on an open connection, to a device not."""
    headers = {name: value for name, value in sent.headers.items() if name != "Content-Length"}
    url = simulator.url.with_path(sent.path).with_query(sent.query)
    if is_cloud:
        await _send(async_get_clientsession(hass), sent, url, headers)
        return
    async with ClientSession(connector=TCPConnector(force_close=True)) as session:
        await _send(session, sent, url, headers)


async def _send(
    session: ClientSession, sent: Request, url: URL, headers: Mapping[str, str]
) -> None:
    async with session.request(sent.method, url, data=sent.body, headers=headers) as response:
        await response.read()
