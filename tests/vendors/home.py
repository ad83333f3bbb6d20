"""A Home Assistant as a person uses it: flows filled in, services called, time that passes."""

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
import time
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.core import Context, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.entity_platform import async_get_platforms
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util
from homeassistant.util.async_ import get_scheduled_timer_handles
import pytest
from pytest_homeassistant_custom_component import common
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.smartlocks.const import DOMAIN
from tests.clock import MONOTONIC

type Page = Mapping[str, Any]


class Clock:
    """A clock that runs, and that a test can move on."""

    def __init__(self) -> None:
        """Show the true time."""
        self._ahead = timedelta()

    def utcnow(self) -> datetime:
        """Return what it shows."""
        return datetime.now(UTC) + self._ahead

    def now(self, time_zone: tzinfo | None = None) -> datetime:
        """Return what it shows, in Home Assistant's time zone."""
        return self.utcnow().astimezone(time_zone or dt_util.get_default_time_zone())

    def set(self, moment: datetime) -> None:
        """Set it to a moment."""
        self._ahead = moment - datetime.now(UTC)

    def tick(self, **time: float) -> None:
        """Move it on: `seconds=`, `minutes=`, `hours=`."""
        self._ahead += timedelta(**time)


async def begin(hass: HomeAssistant, *choices: str) -> Page:
    """Open the flow and take these menu options; returns the page then shown."""
    page: Any = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    return await choose(hass, page, *choices)


async def choose(hass: HomeAssistant, page: Any, *choices: str) -> Page:
    """Take menu options, one page after the other."""
    for choice in choices:
        assert page["type"] is FlowResultType.MENU, page
        assert choice in page["menu_options"]
        page = await hass.config_entries.flow.async_configure(
            page["flow_id"], {"next_step_id": choice}
        )
    result: Page = page
    return result


async def answer(hass: HomeAssistant, page: Page, **answers: Any) -> Page:
    """Fill in the form that is shown."""
    assert page["type"] is FlowResultType.FORM, page
    result: Any = await hass.config_entries.flow.async_configure(page["flow_id"], answers)
    await settle(hass)
    found: Page = result
    return found


async def open_options(hass: HomeAssistant, entry: ConfigEntry, choice: str) -> Page:
    """Open the options and take a page of them."""
    page: Any = await hass.config_entries.options.async_init(entry.entry_id)
    assert page["type"] is FlowResultType.MENU, page
    page = await hass.config_entries.options.async_configure(
        page["flow_id"], {"next_step_id": choice}
    )
    found: Page = page
    return found


async def answer_options(hass: HomeAssistant, page: Page, **answers: Any) -> Page:
    """Fill in the page of options that is shown."""
    result: Any = await hass.config_entries.options.async_configure(page["flow_id"], answers)
    await settle(hass)
    found: Page = result
    return found


async def settle(hass: HomeAssistant) -> None:
    """Wait until Home Assistant has done all it has to do."""
    await hass.async_block_till_done(wait_background_tasks=True)


def out_of_date(hass: HomeAssistant) -> list[str]:
    """Return our entities that would show something else if they were written now."""
    return [
        f"{entity.entity_id}: {shown.state}, and not {now.state}"
        for platform in async_get_platforms(hass, DOMAIN)
        for entity in platform.entities.values()
        if (shown := hass.states.get(entity.entity_id)) is not None
        and (now := entity._async_calculate_state())
        and (now.state, dict(now.attributes)) != (shown.state, dict(shown.attributes))
    ]


async def next_second() -> None:
    """Wait until the clocks show another second: two calls of one second have no order."""
    await asyncio.sleep(1.02 - time.time() % 1)


async def let_pass(hass: HomeAssistant, **time: float) -> None:
    """Let time pass for everything that waits for it: `seconds=`, `minutes=`, `hours=`."""
    span = timedelta(**time)
    MONOTONIC.advance(span.total_seconds())
    if hass.loop.time is MONOTONIC:
        # Its timers are due by themselves, each at its own moment.
        await asyncio.sleep(0.001)
    else:
        async_fire_time_changed(hass, datetime.now(UTC) + span)
    await settle(hass)


async def live_through(hass: HomeAssistant, *, step: float = 1.0, **time: float) -> None:
    """Let time pass step by step (seconds), so that each timer finds its own moment."""
    left = timedelta(**time).total_seconds()
    while left > 0:
        await let_pass(hass, seconds=min(step, left))
        left -= step


async def take_turns() -> None:
    """Let what is under way go on, also on a machine that has much else to do."""
    for _ in range(20):
        await asyncio.sleep(0)


async def run_ahead[T](hass: HomeAssistant, job: Awaitable[T], *, seconds: float = 300.0) -> T:
    """Run something that waits by Home Assistant's clock, with that clock run ahead.

    Whatever else waits (a request for its answer, a device for its motor) takes its time.
    """
    task = asyncio.ensure_future(job)
    ahead = 0.0
    while not task.done():
        await asyncio.wait([task], timeout=0.03)
        await take_turns()
        ahead += 1.0
        MONOTONIC.advance(1.0)
        if ahead > seconds:
            task.cancel()
            raise TimeoutError("still waiting")
        if not task.done() and hass.loop.time is not MONOTONIC:
            with patch.object(common, "get_scheduled_timer_handles", _home_assistants_timers):
                async_fire_time_changed(hass, datetime.now(UTC) + timedelta(seconds=ahead))
    await settle(hass)
    return await task


def _home_assistants_timers(loop: asyncio.AbstractEventLoop) -> list[asyncio.TimerHandle]:
    return [
        timer
        for timer in get_scheduled_timer_handles(loop)
        if getattr(timer._callback, "__module__", "").startswith("homeassistant.")  # type: ignore[attr-defined]
    ]


async def call(
    hass: HomeAssistant,
    service: str,
    entity_id: str,
    *,
    context: Context | None = None,
    **data: Any,
) -> None:
    """Call a service of an entity's own domain, and wait for what it says."""
    domain = entity_id.partition(".")[0]
    data["entity_id"] = entity_id
    await hass.services.async_call(domain, service, data, blocking=True, context=context)


async def refused(hass: HomeAssistant, service: str, entity_id: str, **data: Any) -> str | None:
    """Call a service that must fail; returns the key of the sentence."""
    with pytest.raises(HomeAssistantError) as caught:
        await run_ahead(hass, call(hass, service, entity_id, **data), seconds=200)
    return caught.value.translation_key


async def refresh(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Let the coordinator poll now."""
    await entry.runtime_data.async_refresh()
    await settle(hass)


def state(hass: HomeAssistant, entity_id: str) -> str:
    """Return what an entity shows."""
    found = hass.states.get(entity_id)
    assert found is not None, entity_id
    return found.state


def record(hass: HomeAssistant, entity_id: str) -> list[str]:
    """Return a list that will hold every state an entity takes from now on."""
    seen: list[str] = []

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        if (new := event.data["new_state"]) is not None:
            seen.append(new.state)

    async_track_state_change_event(hass, entity_id, changed)
    return seen


def reauth_flows(hass: HomeAssistant) -> list[Any]:
    """Return the flows that ask a person for new credentials."""
    return [
        flow
        for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        if flow["context"]["source"] == "reauth"
    ]


def issues(hass: HomeAssistant) -> set[str | None]:
    """Return the kinds of repair issue that stand."""
    registry = ir.async_get(hass)
    return {issue.translation_key for issue in registry.issues.values() if issue.domain == DOMAIN}
