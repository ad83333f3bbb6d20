"""The cloud's calls: in every form a reason to read, and never more than that."""

import asyncio

from aiohttp import ClientSession
from homeassistant.core import HomeAssistant
import pytest
from yarl import URL

from tests.simulators.sesame_v3 import BACK_DOOR, FRONT_DOOR, SesameV3Simulator
from tests.vendors.home import Clock, call, reauth_flows, settle, state
from tests.vendors.sesame_v3.helpers import (
    BACK,
    LOCK,
    asked,
    command,
    during,
    pass_time,
    reads,
    set_up,
    until,
)

LAST = "sensor.sesame_account_last_webhook_call"


async def listen(hass: HomeAssistant, cloud: SesameV3Simulator, **how: object) -> str:
    """Set up, wait until the first reads are done, and enter the address in the dashboard."""
    entry = await set_up(hass)
    await pass_time(hass, 61)
    hook: str = entry.runtime_data.hook
    cloud.set_webhook(hook, **how)  # type: ignore[arg-type]
    return hook


@pytest.mark.parametrize(
    "how",
    [
        {"method": "GET", "words": "locked"},
        {"method": "GET", "words": "lock"},
        {"method": "POST", "words": "locked"},
        {"method": "POST", "words": "lock", "names_locked": False},
    ],
)
async def test_call_in_every_form_then_its_lock_is_read_within_seconds(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator, how: dict[str, object]
) -> None:
    await listen(hass, cloud, **how)
    assert state(hass, LAST) == "unknown"
    before, others = reads(cloud, FRONT_DOOR), reads(cloud, BACK_DOOR)
    await cloud.turn_by_hand("unlocked")
    await pass_time(hass, 3)
    assert cloud.deliveries[-1].status == 200
    assert state(hass, LOCK) == "unlocked"
    assert reads(cloud, FRONT_DOOR) == before + 1
    assert reads(cloud, BACK_DOOR) == others
    assert state(hass, LAST) not in ("unknown", "unavailable")


async def test_call_with_a_body_alone_then_its_lock_is_read(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    hook = await listen(hass, cloud)
    cloud.set_webhook(hook.partition("?")[0], "POST")
    await cloud.turn_by_hand("unlocked")
    await pass_time(hass, 3)
    assert state(hass, LOCK) == "unlocked"


async def test_call_when_it_lies_then_state_stays(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    await listen(hass, cloud)
    await cloud.fire_webhook(BACK_DOOR, locked=True)
    await settle(hass)
    assert state(hass, BACK) == "unlocked"
    await pass_time(hass, 3)
    assert state(hass, BACK) == "unlocked"


async def test_call_when_id_is_in_the_other_case_then_it_is_the_same_lock(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    await listen(hass, cloud)
    before = reads(cloud, FRONT_DOOR)
    await cloud.fire_webhook(FRONT_DOOR.upper(), locked=True)
    await pass_time(hass, 3)
    assert reads(cloud, FRONT_DOOR) == before + 1


async def test_call_about_an_unknown_lock_then_nothing_is_read_or_shown(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    await listen(hass, cloud)
    before = asked(cloud)
    await cloud.fire_webhook("5e5a00ff-7d1c-4b7e-9c52-0d6f6c2a1bff", locked=False)
    await pass_time(hass, 3)
    assert cloud.deliveries[-1].status == 200
    assert asked(cloud) == before
    assert state(hass, LAST) == "unknown"


@pytest.mark.parametrize("query", ["", "?device_id={device_id}&state={state}"])
async def test_call_without_a_lock_then_all_are_read(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator, query: str
) -> None:
    hook = await listen(hass, cloud)
    cloud.set_webhook(None)
    await cloud.turn_by_hand("unlocked")
    before = reads(cloud, BACK_DOOR)
    async with ClientSession() as session:
        for _ in range(5):
            async with session.get(URL(hook.partition("?")[0] + query)) as response:
                assert response.status == 200
    await pass_time(hass, 3)
    assert state(hass, LOCK) == "unlocked"
    assert reads(cloud, BACK_DOOR) == before + 1
    (entry,) = hass.config_entries.async_entries("smartlocks")
    counts = {"get": 5, "post": 0, "unknown": 0, "unclear": 5, "stateless": 5}
    assert entry.runtime_data.diagnostics()["calls"] == counts


async def test_call_too_large_then_it_is_refused(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    hook = await listen(hass, cloud)
    async with ClientSession() as session, session.post(hook, data=b"x" * 5000) as response:
        assert response.status == 413


async def test_empty_calls_when_there_are_many_locks_then_they_cost_no_more_than_one(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    cloud.add_locks(98)
    hook = await listen(hass, cloud)
    (entry,) = hass.config_entries.async_entries("smartlocks")
    coordinator = entry.runtime_data
    await pass_time(hass, 100, step=10)
    written = 0

    def listener() -> None:
        nonlocal written
        written += 1

    coordinator.async_add_listener(listener)
    before = asked(cloud)
    async with ClientSession() as session:
        for number in range(300):
            async with session.get(hook.partition("?")[0]) as response:
                assert response.status == 200
            if number == 199:
                # Routine reads may be due while a slow machine makes the calls.
                assert asked(cloud) - before <= 5
            if number >= 200 and number % 25 == 0:
                await pass_time(hass, 3)
    # That they came is shown once a minute, however many they are.
    assert written == 1


async def test_calls_when_they_never_end_then_reads_are_bounded(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    hook = await listen(hass, cloud)
    before = reads(cloud, FRONT_DOOR)
    async with ClientSession() as session:
        for _ in range(180):
            for path in (hook.partition("?")[0], hook.replace("{device_id}", FRONT_DOOR)):
                async with session.get(URL(path)) as response:
                    assert response.status == 200
            await pass_time(hass, 10)
    # Half an hour: a burst of 16, one each 30 seconds, and the routine read each minute at most.
    assert reads(cloud, FRONT_DOOR) - before <= 16 + 60 + 31
    assert state(hass, LOCK) == "locked"


async def test_call_when_cloud_fails_for_a_moment_then_the_read_is_tried_again(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    await listen(hass, cloud)
    cloud.answer_error("INTERNAL_ERROR")
    await cloud.turn_by_hand("unlocked")
    await pass_time(hass, 10)
    assert state(hass, LOCK) == "locked"
    cloud.answer_error(None)
    await pass_time(hass, 16)
    assert state(hass, LOCK) == "unlocked"


async def test_call_when_status_lags_then_truth_within_the_lag(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    await listen(hass, cloud)
    cloud.lag_status(None)
    await cloud.turn_by_hand("unlocked")
    await pass_time(hass, 40)
    cloud.lag_status(0)
    await pass_time(hass, 25)
    assert state(hass, LOCK) == "unlocked"


@pytest.mark.parametrize("error", ["UNAUTHORIZED", "INTERNAL_ERROR"])
async def test_call_when_the_read_is_refused_then_reauthentication_only_for_the_key(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator, error: str
) -> None:
    await listen(hass, cloud)
    cloud.answer_error(error)
    await cloud.turn_by_hand("unlocked")
    await pass_time(hass, 3)
    assert cloud.deliveries[-1].status == 200
    assert bool(reauth_flows(hass)) is (error == "UNAUTHORIZED")


async def test_lock_when_turned_by_hand_right_after_a_command_then_truth_is_shown(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    await listen(hass, cloud)
    job = asyncio.ensure_future(call(hass, "unlock", LOCK))
    await until(lambda: cloud.bolt() == "unlocked")
    # The task has ended well, and nobody has asked for it yet.
    await cloud.turn_by_hand("locked")
    await during(_result(job))
    await pass_time(hass, 70)
    assert state(hass, LOCK) == "locked"


async def _result(task: asyncio.Future[None]) -> None:
    await task


async def test_calls_when_they_come_with_changes_then_health_says_so(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    await listen(hass, cloud)
    (entry,) = hass.config_entries.async_entries("smartlocks")
    push = entry.runtime_data.diagnostics()["push"]
    assert push == {"proven": None, "missed": 0, "has_address": True}
    await command(hass, "unlock")
    assert entry.runtime_data.diagnostics()["push"]["proven"] is True
    cloud.lose_webhooks()
    await cloud.turn_by_hand("locked", BACK_DOOR)
    await pass_time(hass, 100)
    push = entry.runtime_data.diagnostics()["push"]
    assert (push["proven"], push["missed"]) == (False, 1)
    # A lost call does not make the lock wrong for longer than the poll.
    assert state(hass, BACK) == "locked"


async def test_poll_when_calls_come_then_it_stays_as_often(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    await listen(hass, cloud)
    await cloud.turn_by_hand("unlocked")
    await pass_time(hass, 70)
    cloud.lose_webhooks()
    await cloud.turn_by_hand("locked")
    await cloud.turn_by_hand("unlocked", FRONT_DOOR)
    await cloud.turn_by_hand("locked", BACK_DOOR)
    await pass_time(hass, 62)
    assert state(hass, BACK) == "locked"


async def test_unloaded_when_called_then_nothing_is_read(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    await listen(hass, cloud)
    (entry,) = hass.config_entries.async_entries("smartlocks")
    await cloud.fire_webhook(FRONT_DOOR, locked=True)
    await cloud.fire_webhook(FRONT_DOOR, locked=True)
    assert await hass.config_entries.async_unload(entry.entry_id)
    before = asked(cloud)
    await cloud.turn_by_hand("unlocked")
    await pass_time(hass, 70)
    assert asked(cloud) == before


async def test_call_when_another_came_a_moment_ago_then_its_time_is_shown_once_a_minute(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator, clock: Clock
) -> None:
    await listen(hass, cloud)
    shown = []
    for seconds in (0, 30, 15, 15):
        await pass_time(hass, seconds, step=5)
        clock.tick(seconds=seconds)
        await cloud.fire_webhook(FRONT_DOOR, locked=True)
        await pass_time(hass, 3)
        shown.append(state(hass, LAST))
    assert shown[0] == shown[1] == shown[2] != "unknown"
    assert shown[3] != shown[2]
