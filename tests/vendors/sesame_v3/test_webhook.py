"""The cloud's calls: in every form a reason to read, and never more than that."""

import asyncio
from datetime import timedelta

from aiohttp import ClientSession
from homeassistant.core import HomeAssistant
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.sesame_v3 import health, hints
from tests.simulators.sesame_v3 import BACK_DOOR, FRONT_DOOR, SesameV3Simulator
from tests.vendors.home import call, let_pass, reauth_flows, refresh, run_ahead, settle, state
from tests.vendors.sesame_v3.home import BACK, LOCK, asked, reads, set_up

LAST = "sensor.sesame_front_door_back_door_last_webhook_call"


async def listen(hass: HomeAssistant, cloud: SesameV3Simulator, **how: object) -> str:
    """Set up, and paste the address in the dashboard; returns the address."""
    entry = await set_up(hass)
    hook: str = entry.runtime_data.hook
    cloud.set_webhook(hook, **how)  # type: ignore[arg-type]
    return hook


def interval(hass: HomeAssistant) -> float:
    (entry,) = hass.config_entries.async_entries("smartlocks")
    seconds: float = entry.runtime_data.update_interval.total_seconds()
    return seconds


@pytest.mark.parametrize(
    "how",
    [
        {"method": "GET", "words": "locked"},
        {"method": "GET", "words": "lock"},
        {"method": "POST", "words": "locked"},
        {"method": "POST", "words": "lock", "names_locked": False},
    ],
)
async def test_a_call_in_every_form_leads_to_one_read(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator, how: dict[str, object]
) -> None:
    await listen(hass, cloud, **how)
    assert state(hass, LAST) == "unknown"
    before, others = reads(cloud, FRONT_DOOR), reads(cloud, BACK_DOOR)
    await cloud.turn_by_hand("unlocked")
    await settle(hass)
    assert cloud.deliveries[-1].status == 200
    assert state(hass, LOCK) == "unlocked"
    assert reads(cloud, FRONT_DOOR) == before + 1
    assert reads(cloud, BACK_DOOR) == others
    assert state(hass, LAST) not in ("unknown", "unavailable")


async def test_a_body_alone_will_do(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    hook = await listen(hass, cloud)
    cloud.set_webhook(hook.partition("?")[0], "POST")
    await cloud.turn_by_hand("unlocked")
    await settle(hass)
    assert state(hass, LOCK) == "unlocked"


async def test_a_call_never_sets_the_state(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    await listen(hass, cloud)
    await cloud.fire_webhook(FRONT_DOOR, locked=False)
    await settle(hass)
    assert state(hass, LOCK) == "locked"
    assert interval(hass) == 60


async def test_the_other_case_of_an_id_is_the_same_lock(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    await listen(hass, cloud)
    before = reads(cloud, FRONT_DOOR)
    await cloud.fire_webhook(FRONT_DOOR.upper(), locked=True)
    await settle(hass)
    assert reads(cloud, FRONT_DOOR) == before + 1


async def test_a_strangers_lock_is_nothing_to_us(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    await listen(hass, cloud)
    before = asked(cloud)
    await cloud.fire_webhook("5e5a00ff-7d1c-4b7e-9c52-0d6f6c2a1bff", locked=False)
    await settle(hass)
    assert cloud.deliveries[-1].status == 200
    assert asked(cloud) == before
    assert state(hass, LAST) == "unknown"


async def test_many_calls_make_two_reads(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    await listen(hass, cloud)
    before = reads(cloud, FRONT_DOOR)
    for _ in range(20):
        await cloud.fire_webhook(FRONT_DOOR, locked=True)
    await let_pass(hass, seconds=hints.COOLDOWN + 1)
    assert reads(cloud, FRONT_DOOR) == before + 2


@pytest.mark.parametrize("query", ["", "?device_id={device_id}&state={state}"])
async def test_a_call_that_does_not_say_which_lock_leads_to_one_poll(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator, query: str
) -> None:
    hook = await listen(hass, cloud)
    await cloud.turn_by_hand("unlocked", FRONT_DOOR)
    await settle(hass)
    before = reads(cloud, BACK_DOOR)
    async with ClientSession() as session:
        for _ in range(5):
            url = URL(hook.partition("?")[0] + query)
            async with session.get(url) as response:
                assert response.status == 200
    await settle(hass)
    assert reads(cloud, BACK_DOOR) == before + 1


async def test_a_call_too_large_is_refused(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    hook = await listen(hass, cloud)
    async with ClientSession() as session, session.post(hook, data=b"x" * 5000) as response:
        assert response.status == 413


async def test_polls_are_rarer_while_calls_come(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    await listen(hass, cloud)
    assert interval(hass) == 60
    await cloud.turn_by_hand("unlocked")
    await settle(hass)
    assert interval(hass) == 300
    cloud.set_webhook(None)
    await cloud.turn_by_hand("locked", BACK_DOOR)
    await let_pass(hass, seconds=310)
    assert state(hass, BACK) == "locked"
    assert interval(hass) == 60


async def test_a_call_just_after_the_poll_counts_too(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    hook = await listen(hass, cloud)
    cloud.set_webhook(None)
    await cloud.turn_by_hand("unlocked")
    await let_pass(hass, seconds=65)
    assert interval(hass) == 60
    cloud.set_webhook(hook)
    await cloud.fire_webhook(FRONT_DOOR, locked=False)
    await settle(hass)
    assert interval(hass) == 300


async def test_a_command_that_is_not_called_about_shows_that_calls_stay_away(
    hass: HomeAssistant,
    outside: URL,
    cloud: SesameV3Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await listen(hass, cloud)
    await cloud.turn_by_hand("unlocked")
    await settle(hass)
    assert interval(hass) == 300
    cloud.set_webhook(None)
    monkeypatch.setattr(health, "WINDOW", timedelta(0))
    await run_ahead(hass, call(hass, "lock", LOCK))
    assert state(hass, LOCK) == "locked"
    await let_pass(hass, seconds=310)
    assert interval(hass) == 60


async def test_calls_about_our_own_command_prove_them(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    await listen(hass, cloud)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    await settle(hass)
    await refresh(hass, hass.config_entries.async_entries("smartlocks")[0])
    assert interval(hass) == 300


async def test_whoever_turns_the_lock_right_after_a_command_is_seen(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    await listen(hass, cloud)
    job = asyncio.create_task(call(hass, "unlock", LOCK))
    await asyncio.sleep(0.3)
    assert cloud.bolt() == "unlocked"
    # The task has ended well, and nobody has asked for it yet.
    await cloud.turn_by_hand("locked")
    before = reads(cloud, FRONT_DOOR)
    await run_ahead(hass, job)
    await settle(hass)
    assert reads(cloud, FRONT_DOOR) == before + 1
    assert state(hass, LOCK) == "locked"


async def test_a_call_ends_an_outage_early(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    await listen(hass, cloud)
    (entry,) = hass.config_entries.async_entries("smartlocks")
    cloud.answer_error("INTERNAL_ERROR")
    await refresh(hass, entry)
    assert state(hass, BACK) == "unavailable"
    cloud.answer_error(None)
    await cloud.turn_by_hand("unlocked")
    await settle(hass)
    assert (state(hass, LOCK), state(hass, BACK)) == ("unlocked", "unlocked")


@pytest.mark.parametrize("error", ["UNAUTHORIZED", "INTERNAL_ERROR"])
async def test_a_read_after_a_call_may_fail(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator, error: str
) -> None:
    await listen(hass, cloud)
    cloud.answer_error(error)
    await cloud.turn_by_hand("unlocked")
    await settle(hass)
    assert cloud.deliveries[-1].status == 200
    assert bool(reauth_flows(hass)) is (error == "UNAUTHORIZED")


async def test_after_unloading_nobody_listens(
    hass: HomeAssistant, outside: URL, cloud: SesameV3Simulator
) -> None:
    await listen(hass, cloud)
    (entry,) = hass.config_entries.async_entries("smartlocks")
    await cloud.fire_webhook(FRONT_DOOR, locked=True)
    await cloud.fire_webhook(FRONT_DOOR, locked=True)
    assert await hass.config_entries.async_unload(entry.entry_id)
    before = asked(cloud)
    await cloud.turn_by_hand("unlocked")
    await let_pass(hass, seconds=70)
    assert asked(cloud) == before
