"""How long a command waits for its turn at the gateway, and whose time that is."""

import asyncio

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.smartlocks.vendors.the_keys.api import client
from tests.clock import MONOTONIC
from tests.simulators.the_keys import BACK_ID, TheKeysSimulator
from tests.vendors.home import call, live_through, record, refused, run_ahead, state
from tests.vendors.the_keys.helpers import BACK, LOCK, asked, drive, tick, until_asked

SYNCHRONIZE_LOCK = "button.front_door_synchronize_lock"


@pytest.mark.parametrize(("service", "limit"), [("unlock", 15), ("lock", 60)])
async def test_command_that_waited_for_a_read_in_vain_is_never_sent(
    hass: HomeAssistant,
    entry: ConfigEntry,
    gateway: TheKeysSimulator,
    monkeypatch: pytest.MonkeyPatch,
    service: str,
    limit: float,
) -> None:
    monkeypatch.setattr(client, "UNSIGNED_TIMEOUT", 200.0)
    gateway.freeze()
    MONOTONIC.advance(15)
    await until_asked(gateway, "/lockers", asked(gateway, "/lockers") + 1)
    began = MONOTONIC()
    with pytest.raises(HomeAssistantError) as caught:
        await drive(call(hass, service, LOCK))
    assert caught.value.translation_key == "command_expired"
    assert limit <= MONOTONIC() - began < 2 * limit
    gateway.unfreeze()
    await live_through(hass, step=5, seconds=60)
    assert asked(gateway, "/open") == asked(gateway, "/close") == 0
    assert state(hass, LOCK) == "locked"


async def test_command_when_it_is_refused_and_somebody_turns_the_lock_then_that_is_not_ours(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.fail_endpoint("/close", 500)
    seen, happened = record(hass, BACK), record(hass, "event.back_door_activity")
    locking = asyncio.ensure_future(refused(hass, "lock", BACK))
    await until_asked(gateway, "/close")
    await gateway.turn_by_hand("locked", BACK_ID)
    assert await locking == "the_keys_busy"
    await live_through(hass, step=1, seconds=20)
    # Where it was, and where it is: nothing that the command has not done is shown as its end.
    assert seen[0] == "locking"
    assert seen.count("locked") == len(happened) == 1
    told, shown = hass.states.get("event.back_door_activity"), hass.states.get(BACK)
    assert told is not None
    assert shown is not None
    assert (told.attributes["event_type"], told.attributes.get("user")) == ("locked", None)
    assert (shown.state, shown.attributes.get("changed_by")) == ("locked", None)


@pytest.mark.parametrize(
    ("service", "entity_id", "seconds", "path"),
    [("unlock", LOCK, 20, "/open"), ("press", SYNCHRONIZE_LOCK, 70, "/locker/synchronize")],
)
async def test_time_that_another_locks_command_takes_does_not_count(
    hass: HomeAssistant,
    entry: ConfigEntry,
    gateway: TheKeysSimulator,
    monkeypatch: pytest.MonkeyPatch,
    service: str,
    entity_id: str,
    seconds: float,
    path: str,
) -> None:
    monkeypatch.setattr(client, "ACTION_TIMEOUT", 200.0)
    # Commands that have ended count no more.
    await run_ahead(hass, call(hass, "unlock", BACK))
    before = asked(gateway, path)
    gateway.freeze()
    other = hass.async_create_task(call(hass, "lock", BACK))
    await until_asked(gateway, "/close")
    task = hass.async_create_task(call(hass, service, entity_id))
    await tick(1)
    await tick(seconds)
    assert asked(gateway, path) == before
    assert not task.done()
    gateway.unfreeze()
    ended, _ = await run_ahead(hass, asyncio.gather(task, other, return_exceptions=True))
    assert ended is None
    assert asked(gateway, path) == before + 1


async def test_time_that_a_command_before_it_takes_does_not_count(
    hass: HomeAssistant,
    entry: ConfigEntry,
    gateway: TheKeysSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "ACTION_TIMEOUT", 200.0)
    gateway.freeze()
    first = hass.async_create_task(call(hass, "lock", LOCK))
    await until_asked(gateway, "/close")
    second = hass.async_create_task(call(hass, "unlock", LOCK))
    await tick(1)
    await tick(20)
    assert not second.done()
    gateway.unfreeze()
    ended, _ = await run_ahead(hass, asyncio.gather(second, first, return_exceptions=True))
    assert ended is None
    assert asked(gateway, "/open") == 1
    assert state(hass, LOCK) == "unlocked"


async def test_time_after_another_locks_command_has_ended_counts_again(
    hass: HomeAssistant,
    entry: ConfigEntry,
    gateway: TheKeysSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "UNSIGNED_TIMEOUT", 200.0)
    # What was waited for before does not count for what comes later.
    before = [call(hass, "lock", BACK), call(hass, "unlock", LOCK)]
    await run_ahead(hass, asyncio.gather(*before))
    acted = len(gateway.acted)
    gateway.freeze()
    MONOTONIC.advance(15)
    await until_asked(gateway, "/lockers", asked(gateway, "/lockers") + 1)
    other = hass.async_create_task(call(hass, "lock", BACK))
    await tick(5)
    task = hass.async_create_task(call(hass, "unlock", LOCK))
    # It begins to wait before the time passes.
    await tick(0)
    await tick(10)
    other.cancel()
    seconds = 0
    while not task.done() and seconds < 60:
        await tick()
        seconds += 1
    gateway.unfreeze()
    assert 14 <= seconds <= 16
    with pytest.raises(HomeAssistantError) as caught:
        await task
    assert caught.value.translation_key == "command_expired"
    await live_through(hass, step=5, seconds=60)
    assert len(gateway.acted) == acted
