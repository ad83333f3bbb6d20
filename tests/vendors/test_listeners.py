"""Who is told of changes: everybody whom they concern, and nobody any more after unloading."""

import gc
import weakref

from homeassistant.core import HomeAssistant
import pytest
from yarl import URL

from tests.clock import MONOTONIC
from tests.vendors.contract import Installation
from tests.vendors.home import next_second, settle, state

EVENT = "event.front_door_activity"


@pytest.mark.parametrize("installation", ["loqed"], indirect=True)
async def test_listener_when_it_fails_then_the_others_are_told_and_it_is_logged(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    caplog: pytest.LogCaptureFixture,
) -> None:
    entry = await installation.set_up(hass)
    MONOTONIC.advance(120)
    await next_second()
    await installation.simulator.turn_by_hand("unlocked")
    await settle(hass)
    told = 0

    def fail() -> None:
        nonlocal told
        told += 1
        raise ZeroDivisionError

    forget = entry.runtime_data.async_add_listener(fail)
    before = state(hass, EVENT)
    await next_second()
    await installation.simulator.turn_by_hand("locked")
    await settle(hass)
    assert state(hass, installation.lock) == "locked"
    assert state(hass, EVENT) != before
    failures = [one for one in caplog.records if one.exc_info and one.exc_info[0]]
    assert [one.exc_info[0] for one in failures if one.exc_info] == told * [ZeroDivisionError]
    assert told
    forget()
    caplog.clear()
    await next_second()
    await installation.simulator.turn_by_hand("unlocked")
    await settle(hass)
    assert not [one for one in caplog.records if one.exc_info]


async def test_coordinator_when_unloaded_then_nobody_holds_it(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    coordinator = weakref.ref(entry.runtime_data)
    assert coordinator() is not None
    await hass.config_entries.async_unload(entry.entry_id)
    await settle(hass)
    for _ in range(3):
        gc.collect()
    assert coordinator() is None
