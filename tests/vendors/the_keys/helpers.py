"""Set a gateway up as a person would, and let time pass for it."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntry,
    SubentryFlowContext,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.smartlocks.const import DOMAIN
from tests.clock import MONOTONIC
from tests.simulators.the_keys import (
    BACK_ID,
    FRONT_CODE,
    FRONT_ID,
    PASSWORD,
    PHONE,
    TheKeysSimulator,
)
from tests.vendors.home import Page, answer, begin, let_pass, run_ahead, settle

LOCK = "lock.front_door"
BACK = "lock.back_door"
EVENT = "event.front_door_activity"
STATUS = "sensor.tk_gateway_status"


def host(gateway: TheKeysSimulator) -> str:
    """Return where the gateway is, as a person would write it."""
    return f"{gateway.url.host}:{gateway.url.port}"


def asked(gateway: TheKeysSimulator, path: str) -> int:
    """Return how often a path was asked for."""
    return len(gateway.server.sent(path))


async def log_in(hass: HomeAssistant, **answers: str) -> Page:
    """Fill in phone and password."""
    page = await begin(hass, "the_keys", "the_keys_account")
    return await answer(hass, page, **{"phone": PHONE, "password": PASSWORD, **answers})


async def pick(hass: HomeAssistant, page: Page, gateway: TheKeysSimulator, *locks: str) -> Page:
    """Choose locks (all when none is named), and give the gateway's address."""
    return await answer(hass, page, locks=list(locks or (FRONT_ID, BACK_ID)), host=host(gateway))


async def set_up(
    hass: HomeAssistant, gateway: TheKeysSimulator, *locks: str, **options: Any
) -> ConfigEntry:
    """Set the gateway up with the account; `options` are the entry's."""
    page = await pick(hass, await log_in(hass), gateway, *locks)
    assert page["type"] is FlowResultType.CREATE_ENTRY, page
    entry: ConfigEntry = page["result"]
    if options:
        hass.config_entries.async_update_entry(entry, options=options)
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
    return entry


async def by_hand(hass: HomeAssistant, address: str) -> Page:
    """Give the address of a gateway that is set up by hand."""
    return await answer(hass, await begin(hass, "the_keys", "the_keys_hand"), host=address)


async def give_code(
    hass: HomeAssistant, page: Page, lock: str = FRONT_ID, code: str = FRONT_CODE, **name: str
) -> Page:
    """Choose a lock and give its code; busy gateways are waited for."""
    return await run_ahead(hass, answer(hass, page, lock=lock, code=code, **name))


async def poll(hass: HomeAssistant, times: int = 1) -> None:
    """Let the gateway's list be asked for, and what follows from it be read."""
    for _ in range(times):
        await let_pass(hass, seconds=15)
        await let_pass(hass, seconds=1.5)


async def tick(seconds: float = 1.0) -> None:
    """Let time pass while something is under way that is not waited for."""
    MONOTONIC.advance(seconds)
    await asyncio.sleep(0.08)


async def drive[T](job: Awaitable[T]) -> T:
    """Run something to its end by the clock, while other things hang."""
    task = asyncio.ensure_future(job)
    for _ in range(200):
        if not task.done():
            MONOTONIC.advance(1.0)
            await asyncio.wait([task], timeout=0.03)
    return await task


async def until_asked(gateway: TheKeysSimulator, path: str, times: int = 1) -> None:
    """Wait until a path was asked for so often."""
    for _ in range(400):
        if asked(gateway, path) >= times:
            return
        await asyncio.sleep(0.005)
    raise TimeoutError(path)


async def start_subentry(hass: HomeAssistant, entry: ConfigEntry, lock: str | None = None) -> Any:
    """Press "Add lock", or open the form of a lock that is there (by its subentry id)."""
    context = SubentryFlowContext(source=SOURCE_USER)
    if lock is not None:
        context = SubentryFlowContext(source=SOURCE_RECONFIGURE, subentry_id=lock)
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "lock"), context=context
    )


async def fill(hass: HomeAssistant, page: Any, *choices: str, **answers: Any) -> Page:
    """Take a subentry's menu options, then fill in its form if there are answers."""
    flows = hass.config_entries.subentries
    for choice in choices:
        assert page["type"] is FlowResultType.MENU, page
        page = await flows.async_configure(page["flow_id"], {"next_step_id": choice})
    if answers:
        page = await run_ahead(hass, flows.async_configure(page["flow_id"], answers))
    result: Page = page
    return result


async def reconfigure(hass: HomeAssistant, entry: ConfigEntry, **answers: str) -> Page:
    """Give a gateway another address."""
    page: Any = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    )
    assert page["step_id"] == "the_keys_reconfigure"
    return await run_ahead(hass, answer(hass, page, **answers))
