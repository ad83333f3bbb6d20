"""A command, from the service call until its signed bytes have reached the device."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
import re
import tempfile
import time
from typing import Any, Final

from aiohttp import ClientSession, TCPConnector, web
from aiohttp.test_utils import TestServer
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from multidict import CIMultiDict, CIMultiDictProxy
from the_keyspy.devices import TheKeysGateway
from yarl import URL

from tests.simulators import SIMULATORS, the_keys
from tests.simulators.base import Request
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


class Device:
    """A simulated device in a process of its own, and what it has read."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        """Take its addresses, and that at which it tells what it has read."""
        self.addresses = {name: url for name, url in addresses.items() if name != "told"}
        self.url = URL(addresses["url"])
        self._told = addresses["told"]

    async def read(self) -> list[Request]:
        """Return what it has read since it was asked last."""
        async with ClientSession() as session, session.get(self._told) as response:
            requests = await response.json()
        return [
            Request(
                at=one["at"],
                method=one["method"],
                path=one["path"],
                query=one["query"],
                headers=CIMultiDictProxy(CIMultiDict(one["headers"])),
                body=b64decode(one["body"]),
            )
            for one in requests
        ]


async def serve(
    say: Callable[[Any], None], until_left: Callable[[], Awaitable[None]], vendor: str
) -> None:
    """Run the simulated device of a vendor, until told to end."""
    simulator = SIMULATORS[vendor](pace=0.01)

    async def told(_: web.Request) -> web.Response:
        requests = [
            {
                "at": one.at,
                "method": one.method,
                "path": one.path,
                "query": dict(one.query),
                "headers": dict(one.headers),
                "body": b64encode(one.body).decode(),
            }
            for one in simulator.requests
        ]
        simulator.requests.clear()
        return web.json_response(requests)

    app = web.Application()
    app.router.add_get("/", told)
    await simulator.start()
    async with TestServer(app) as server:
        say({**addresses_of(simulator), "told": str(server.make_url("/"))})
        await until_left()
    await simulator.stop()


async def measure(vendor: str, rounds: int, addresses: Mapping[str, str]) -> dict[str, list[float]]:
    """Command a lock by us, by a bare request, and by a peer where there is one."""
    device = Device(addresses)
    use_clouds(vendor, device.addresses)
    if vendor == "sesame_v3":
        redirect_sesame(addresses["url"])
    more = SESAME if vendor == "sesame_v3" else ""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with running(Path(folder), more=more) as home:
            begin_earlier(QUIET)
            ways = await _ways(home, device, vendor)
            begun()
            return await _compare(home.hass, device, vendor, ways, rounds)


async def _ways(home: Home, device: Device, vendor: str) -> dict[str, Way]:
    hass = home.hass
    others = set(hass.states.async_entity_ids("lock"))
    await walk(hass, ANSWERS[vendor](device.addresses))
    ours = min(set(hass.states.async_entity_ids("lock")) - others)
    ways = {"ours": _service(hass, ours)}
    if vendor == "loqed":
        await home.add(core_bridge(device.url.authority))
        ways["peer"] = _service(hass, "lock.core_door_0")
    elif vendor == "sesame_v3":
        ways["peer"] = _service(hass, min(others))
    elif vendor == "the_keys":
        ways["peer"] = _keyspy(hass, device.url)
    return ways


async def _compare(
    hass: HomeAssistant, device: Device, vendor: str, ways: Mapping[str, Way], rounds: int
) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {name: [] for name in (*ways, "floor")}
    for number in range(rounds):
        sent: Request | None = None
        for name, way in ways.items():
            await asyncio.sleep(_REST)
            command = partial(way, "unlock" if number % 2 else "lock")
            request, seconds = await _timed(device, vendor, command)
            took[name].append(seconds)
            sent = sent or request
        assert sent is not None
        await asyncio.sleep(_REST)
        bare = partial(_bare, hass, device.url, sent, is_cloud=vendor.startswith("sesame"))
        took["floor"].append((await _timed(device, vendor, bare))[1])
    return took


async def _timed(
    device: Device, vendor: str, command: Callable[[], Awaitable[Any]]
) -> tuple[Request, float]:
    await device.read()
    began, failed = time.time(), "no error"
    try:
        await command()
    except HomeAssistantError as err:
        # That it arrived is what is measured; the bare requests have moved the lock meanwhile.
        failed = repr(err)
    for sent in await device.read():
        if _COMMANDS[vendor].match(f"{sent.method} {sent.path}"):
            return sent, sent.at - began
    raise RuntimeError(f"{vendor}: a command has not arrived: {failed}")


def _service(hass: HomeAssistant, entity_id: str) -> Callable[[str], Awaitable[Any]]:
    def call(service: str) -> Awaitable[Any]:
        return hass.services.async_call("lock", service, {"entity_id": entity_id}, blocking=True)

    return call


def _keyspy(hass: HomeAssistant, url: URL) -> Callable[[str], Awaitable[Any]]:
    gateway = TheKeysGateway(1, url.authority)

    def call(service: str) -> Awaitable[Any]:
        send = gateway.locker_open if service == "unlock" else gateway.locker_close
        return hass.async_add_executor_job(send, the_keys.FRONT_ID, the_keys.FRONT_CODE)

    return call


async def _bare(hass: HomeAssistant, device: URL, sent: Request, *, is_cloud: bool) -> None:
    """Send the bytes of a command again: to a cloud on an open connection, to a device not."""
    headers = {name: value for name, value in sent.headers.items() if name != "Content-Length"}
    url = device.with_path(sent.path).with_query(sent.query)
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
