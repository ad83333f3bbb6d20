"""A LOQED lock in a Home Assistant, with a clock that the tests move.

Here time stands still unless a test lets it pass: `loop.time`, the integration's
monotonic clock and the wall clock move together, so that the bridge keeps its real
pace and a day takes seconds.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
import json
from typing import Any

from homeassistant.config_entries import SOURCE_ZEROCONF, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import pytest

from custom_components.smartlocks.const import DOMAIN
from tests.clock import MONOTONIC, WallClock, move_clocks_together
from tests.simulators.base import Bolt
from tests.simulators.loqed import API_TOKEN, LoqedSimulator
from tests.vendors.home import Page, answer, begin, call, settle, state

LOCK = "lock.front_door"
EVENT = "event.front_door_activity"

# Virtual seconds that pass in one turn of the event loop while something is waited for.
# A request takes some turns, so it seems to take a fraction of a second.
TURN = 0.02


@pytest.fixture
async def wall(monkeypatch: pytest.MonkeyPatch, _movable_clock: None) -> WallClock:
    """Let all clocks move together."""
    return move_clocks_together(monkeypatch)


@pytest.fixture
async def loqed(socket_enabled: None, wall: WallClock) -> AsyncIterator[LoqedSimulator]:
    """Play a LOQED bridge, its lock and the cloud, at their real pace."""
    simulator = LoqedSimulator(pace=1.0, clock=wall.right)
    await simulator.start()
    yield simulator
    await simulator.stop()


async def during[T](hass: HomeAssistant, job: Awaitable[T], *, limit: float = 600.0) -> T:
    """Let time pass until something is done."""
    task = asyncio.ensure_future(job)
    began = MONOTONIC.ahead
    while not task.done():
        await asyncio.sleep(0)
        MONOTONIC.advance(TURN)
        if MONOTONIC.ahead - began > limit:
            task.cancel()
            raise TimeoutError("still waiting")
    await settle(hass)
    return await task


async def wait(hass: HomeAssistant, *, step: float | None = None, **span: float) -> None:
    """Let time pass: `seconds=`, `minutes=`, `hours=`; `step` by step (seconds)."""
    left = span.get("seconds", 0.0) + 60 * span.get("minutes", 0.0) + 3600 * span.get("hours", 0.0)
    step = step or max(min(left / 20, 10.0), 0.5)
    while left > 0:
        MONOTONIC.advance(min(step, left))
        left -= step
        for _ in range(3):
            await asyncio.sleep(0)
        await settle(hass)


async def turn(hass: HomeAssistant, loqed: LoqedSimulator, bolt: Bolt) -> None:
    """Turn the lock by hand, some time after whatever was before, and let the bridge tell."""
    # Two pushes of one second cannot be put in order.
    MONOTONIC.advance(1.0)
    await during(hass, loqed.turn_by_hand(bolt))


async def command(hass: HomeAssistant, service: str) -> None:
    """Tell the lock to do something, and wait for what comes of it."""
    await during(hass, call(hass, service, LOCK))


async def refused(hass: HomeAssistant, service: str) -> str | None:
    """Tell the lock something that must fail; returns the key of the message."""
    with pytest.raises(HomeAssistantError) as caught:
        await command(hass, service)
    return caught.value.translation_key


async def refresh(hass: HomeAssistant) -> None:
    """Press the refresh button."""
    with suppress(HomeAssistantError):
        await during(hass, call(hass, "press", "button.front_door_refresh"))


async def paste(hass: HomeAssistant, loqed: LoqedSimulator, **answers: Any) -> Page:
    """Paste the integration information of the simulator's lock."""
    page = await begin(hass, "loqed", "loqed_paste")
    information = json.dumps(loqed.integration_information())
    filled = {"integration_information": information, "name": "Front door", "can_open": True}
    return await answer(hass, page, **(filled | answers))


async def reload(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Reload an entry, as an option does."""
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)


async def set_up(hass: HomeAssistant, loqed: LoqedSimulator, **options: Any) -> ConfigEntry:
    """Set the lock up by pasting, and wait until everything is as usual."""
    page = await paste(hass, loqed)
    assert page["type"] is FlowResultType.CREATE_ENTRY, page
    entry: ConfigEntry = page["result"]
    if options:
        hass.config_entries.async_update_entry(entry, options=options)
        await reload(hass, entry)
    # The first report is read again, and the first calls are only hints.
    await wait(hass, seconds=130)
    return entry


@pytest.fixture
def cloud(loqed: LoqedSimulator, monkeypatch: pytest.MonkeyPatch) -> LoqedSimulator:
    """Point the cloud's address at the simulator."""
    monkeypatch.setenv("SMARTLOCKS_LOQED_CLOUD_URL", str(loqed.cloud_url))
    return loqed


async def set_up_with_web(
    hass: HomeAssistant, loqed: LoqedSimulator, *, token: str = API_TOKEN, **options: Any
) -> ConfigEntry:
    """Set the lock up by a token that is kept, and wait until everything is as usual."""
    page = await begin(hass, "loqed", "loqed_token")
    page = await answer(hass, page, api_token=token, keep_token=True)
    assert page["type"] is FlowResultType.CREATE_ENTRY, page
    entry: ConfigEntry = page["result"]
    if options:
        hass.config_entries.async_update_entry(entry, options=options)
        await reload(hass, entry)
    await wait(hass, seconds=130)
    return entry


async def set_up_without_bridge(
    hass: HomeAssistant, loqed: LoqedSimulator, *, token: str = API_TOKEN
) -> ConfigEntry:
    """Set the lock up by its account alone."""
    page = await begin(hass, "loqed", "loqed_web")
    page = await answer(hass, page, api_token=token)
    assert page["type"] is FlowResultType.CREATE_ENTRY, page
    entry: ConfigEntry = page["result"]
    await settle(hass)
    return entry


async def open_options(hass: HomeAssistant, entry: ConfigEntry, *choices: str) -> Any:
    """Open the options of an entry and take menu options."""
    flows = hass.config_entries.options
    page: Any = await flows.async_init(entry.entry_id)
    for choice in choices:
        page = await flows.async_configure(page["flow_id"], {"next_step_id": choice})
    return page


async def choose_options(hass: HomeAssistant, page: Any, **answers: Any) -> Any:
    """Fill in a page of the options."""
    done = await hass.config_entries.options.async_configure(page["flow_id"], answers)
    await settle(hass)
    return done


def lists(loqed: LoqedSimulator) -> int:
    """Return how often the account was read."""
    return len(loqed.cloud.server.sent("/api/locks/"))


def found(
    loqed: LoqedSimulator, *, name: str | None = None, host: str = "127.0.0.1", port: int = 0
) -> ZeroconfServiceInfo:
    """Return an announcement on the network: the bridge's own, or a stranger's."""
    announced = loqed.mdns_announcement()
    name = name or announced["name"].partition(".")[0]
    return ZeroconfServiceInfo(
        ip_address=ip_address(host),
        ip_addresses=[ip_address(host)],
        hostname=f"{name}.local.",
        name=f"{name}._http._tcp.local.",
        port=port or loqed.url.port,
        type="_http._tcp.local.",
        properties={},
    )


async def discover(hass: HomeAssistant, info: ZeroconfServiceInfo) -> Any:
    """Let Home Assistant hear an announcement."""
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_ZEROCONF}, data=info
    )


def reads(loqed: LoqedSimulator) -> int:
    """Return how often the state was read."""
    return len(loqed.server.sent("/status"))


def ours(loqed: LoqedSimulator) -> list[str]:
    """Return our addresses on the bridge."""
    return [url for url in loqed.webhook_urls if "/api/webhook/" in url]


def activity(hass: HomeAssistant) -> dict[str, Any]:
    """Return what the last event says."""
    found = hass.states.get(EVENT)
    assert found is not None
    return dict(found.attributes)


def changed_by(hass: HomeAssistant) -> str | None:
    """Return who moved the lock last."""
    found = hass.states.get(LOCK)
    assert found is not None
    who: str | None = found.attributes.get("changed_by")
    return who


@dataclass(slots=True)
class Watch:
    """How long something untrue was shown, in virtual seconds."""

    false_locked: float = 0.0
    longest: float = 0.0
    unknown: float = 0.0

    async def over(
        self, hass: HomeAssistant, loqed: LoqedSimulator, *, seconds: float, step: float = 1.0
    ) -> None:
        """Watch for so long."""
        running = 0.0
        for _ in range(int(seconds / step)):
            await wait(hass, seconds=step, step=step)
            shown = state(hass, LOCK)
            self.unknown += step * (shown == "unknown")
            running = running + step if shown == "locked" and loqed.bolt() != "locked" else 0.0
            self.false_locked += step * (running > 0)
            self.longest = max(self.longest, running)
