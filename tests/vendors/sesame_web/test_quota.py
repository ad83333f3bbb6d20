"""The month's calls: counted, kept over restarts, and spread so that they are enough."""

from itertools import cycle
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
import pytest
from yarl import URL

from tests.simulators.base import Bolt
from tests.simulators.sesame_web import BOT, SESAME_4, SESAME_5, SesameWebSimulator
from tests.vendors.home import (
    Clock,
    call,
    issues,
    let_pass,
    refresh,
    refused,
    run_ahead,
    settle,
    state,
)
from tests.vendors.sesame_web.helpers import (
    CALLS,
    CALLS_LEFT,
    LOCK,
    REFRESH,
    add_rooms,
    asked,
    gone,
    live,
    local,
    reload,
    set_up,
)

SHARE = 750
HOUR = 3_600


def kept(hass_storage: dict[str, Any], entry: ConfigEntry) -> Any:
    """Return what is on disk of an account's count."""
    return hass_storage[f"smartlocks.sesame_web.{entry.entry_id}"]["data"]


async def restart(hass: HomeAssistant, entry: ConfigEntry, *, is_clean: bool) -> None:
    """Start Home Assistant anew: what is not on disk is lost."""
    await hass.config_entries.async_unload(entry.entry_id)
    if is_clean:
        hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
        await settle(hass)
    hass.data["smartlocks_sesame_web_counters"].clear()
    hass.data["smartlocks_memories"].clear()
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)


# Counting.


async def test_calls_when_made_are_counted_and_shown(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, SESAME_4)
    await refresh(hass, entry)
    assert state(hass, CALLS) == str(cloud.calls)
    assert state(hass, CALLS_LEFT) == str(1000 - cloud.calls)


async def test_call_when_never_sent_is_not_counted(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    before = entry.runtime_data.data.hub.calls
    await gone(cloud)
    await refresh(hass, entry)
    assert entry.runtime_data.data.hub.calls == before


@pytest.mark.parametrize("is_clean", [True, False])
async def test_count_after_a_restart_misses_no_call(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameWebSimulator,
    hass_storage: dict[str, Any],
    *,
    is_clean: bool,
) -> None:
    entry = await set_up(hass)
    for _ in range(9):
        await refresh(hass, entry)
        # What is on disk is ahead of what was called: the next call is on it, too.
        assert kept(hass_storage, entry)["calls"] > cloud.calls
    await restart(hass, entry, is_clean=is_clean)
    counted = int(state(hass, CALLS))
    assert counted == cloud.calls if is_clean else cloud.calls <= counted <= cloud.calls + 6


async def test_count_when_home_assistant_stops_is_saved_as_it_is(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, hass_storage: dict[str, Any]
) -> None:
    entry = await set_up(hass)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await settle(hass)
    assert kept(hass_storage, entry)["calls"] == cloud.calls


async def test_count_when_reloaded_is_kept(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    await reload(hass, entry)
    assert state(hass, CALLS) == str(cloud.calls)


async def test_count_when_the_clock_reads_1970_after_a_restart_goes_on(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameWebSimulator,
    clock: Clock,
    hass_storage: dict[str, Any],
) -> None:
    clock.set(local(2027, 3, 20))
    entry = await set_up(hass)
    for _ in range(5):
        await refresh(hass, entry)
    clock.set(local(1970, 1, 1))
    await restart(hass, entry, is_clean=True)
    await refresh(hass, entry)
    assert kept(hass_storage, entry)["month"] == "2027-03"
    clock.set(local(2027, 3, 20, 1))
    await refresh(hass, entry)
    assert state(hass, CALLS) == str(cloud.calls) == "10"


async def test_count_when_the_clock_was_ahead_starts_anew_next_month(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, clock: Clock
) -> None:
    clock.set(local(2031, 1, 1))
    entry = await set_up(hass)
    clock.set(local(2027, 3, 30))
    await live(hass, clock, until=local(2027, 4, 1, 3), step=HOUR)
    await refresh(hass, entry)
    assert int(state(hass, CALLS)) < 8 < cloud.calls


async def test_count_when_the_entry_is_removed_goes_too(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, hass_storage: dict[str, Any]
) -> None:
    entry = await set_up(hass)
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await settle(hass)
    assert [key for key in hass_storage if key.startswith("smartlocks.")] == []


async def test_count_when_the_entry_is_removed_during_a_press_is_not_written_again(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, hass_storage: dict[str, Any]
) -> None:
    entry = await set_up(hass, BOT)
    # A press is four calls, and the third of them needs more to be reserved.
    while kept(hass_storage, entry)["calls"] - cloud.calls != 5:
        await call(hass, "press", REFRESH)
    press = hass.async_create_task(call(hass, "press", "button.gate_press"))
    while not cloud.received:
        await cloud.rest(1)
    await hass.config_entries.async_remove(entry.entry_id)
    calls = cloud.calls
    await run_ahead(hass, press)
    assert cloud.calls > calls
    assert [key for key in hass_storage if key.startswith("smartlocks.")] == []


# Spreading.


async def test_reading_when_its_share_is_used_stops_and_commands_go_on(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, clock: Clock
) -> None:
    clock.set(local(2027, 1, 2))
    entry = await set_up(hass, budget=10)
    # A share of seven calls: two were used for setting it up.
    for _ in range(6):
        await refresh(hass, entry)
    used = cloud.calls
    assert issues(hass) == {"sesame_web_budget"}
    await live(hass, clock, until=local(2027, 1, 2, 20), step=HOUR)
    assert cloud.calls == used
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"
    await let_pass(hass, seconds=40)
    assert cloud.calls == used + 3
    # Nothing is read by itself any more: what was seen is shown for a while only.
    await live(hass, clock, until=local(2027, 1, 31), step=24 * HOUR)
    assert state(hass, LOCK) == "unknown"
    assert cloud.calls == used + 3
    await live(hass, clock, until=local(2027, 2, 1, 2), step=HOUR)
    assert state(hass, LOCK) == "unlocked"
    assert (state(hass, CALLS), issues(hass)) == ("1", set())


async def test_commands_within_their_quarter_do_not_slow_reading(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, clock: Clock
) -> None:
    clock.set(local(2027, 1, 1))
    entry = await set_up(hass, budget=400)
    pace = entry.runtime_data.diagnostics()["seconds_between_reads"]
    used = cloud.calls
    for service in ("unlock", "lock"):
        await run_ahead(hass, call(hass, service, LOCK))
        await let_pass(hass, seconds=40)
    assert cloud.calls >= used + 6
    assert entry.runtime_data.diagnostics()["seconds_between_reads"] == pytest.approx(
        pace, rel=0.004
    )
    await restart(hass, entry, is_clean=True)
    await refresh(hass, entry)
    slower = entry.runtime_data.diagnostics()["seconds_between_reads"]
    # The restart and the refresh have read the lock. Calls for commands count nothing still.
    assert slower == pytest.approx(pace * 299 / 297, rel=0.004)


async def test_reads_when_a_command_is_long_done_are_no_calls_of_it(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameWebSimulator,
    clock: Clock,
    hass_storage: dict[str, Any],
) -> None:
    clock.set(local(2027, 1, 1))
    entry = await set_up(hass)
    used = cloud.calls
    await run_ahead(hass, call(hass, "unlock", LOCK))
    await let_pass(hass, seconds=40)
    await live(hass, clock, until=local(2027, 1, 2), step=HOUR)
    assert cloud.calls > used + 13
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await settle(hass)
    assert kept(hass_storage, entry)["calls"] == cloud.calls
    # The command, the read that has confirmed it, and one when the cloud has caught up.
    assert kept(hass_storage, entry)["commands"] == 3


async def test_restart_when_the_share_is_used_asks_nothing(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, clock: Clock
) -> None:
    clock.set(local(2027, 1, 2))
    entry = await set_up(hass, SESAME_4, budget=10)
    for _ in range(3):
        await refresh(hass, entry)
    used = cloud.calls
    await restart(hass, entry, is_clean=True)
    await live(hass, clock, until=local(2027, 1, 2, 6), step=HOUR)
    assert cloud.calls == used
    assert state(hass, LOCK) == "unknown"


async def test_refresh_when_the_share_is_used_takes_from_the_commands(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, budget=8)
    for _ in range(4):
        await refresh(hass, entry)
    await cloud.turn_by_hand("unlocked")
    while cloud.calls < 8:
        await call(hass, "press", REFRESH)
    assert state(hass, LOCK) == "unlocked"
    assert await refused(hass, "press", REFRESH) == "sesame_web_budget_used"
    account = "button.sesame_web_api_refresh"
    assert await refused(hass, "press", account) == "sesame_web_budget_used"
    assert cloud.calls == 8


async def test_budget_of_no_calls_asks_nothing(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, clock: Clock
) -> None:
    clock.set(local(2027, 1, 5))
    await set_up(hass, budget=0)
    before = cloud.calls
    await live(hass, clock, until=local(2027, 1, 7), step=6 * HOUR)
    assert cloud.calls == before
    assert issues(hass) == {"sesame_web_budget"}


async def test_day_on_the_free_plan_costs_a_call_an_hour(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, clock: Clock
) -> None:
    clock.set(local(2027, 1, 1, 0, 5))
    await set_up(hass)
    before = cloud.calls
    await live(hass, clock, until=local(2027, 1, 2, 0, 5), step=600)
    assert 20 <= cloud.calls - before <= 24


@pytest.mark.parametrize(("devices", "step"), [(1, HOUR), (10, 2 * HOUR)])
async def test_month_of_reading_stays_within_the_share_and_reaches_its_end(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameWebSimulator,
    clock: Clock,
    devices: int,
    step: float,
) -> None:
    clock.set(local(2027, 2, 1, 0, 5))
    entry = await set_up(hass)
    await add_rooms(hass, cloud, entry, devices - 1)
    await live(hass, clock, until=local(2027, 2, 26), step=step)
    before = cloud.calls
    await live(hass, clock, until=local(2027, 3, 1), step=step)
    assert cloud.calls > before
    assert SHARE * 3 // 4 < cloud.calls <= SHARE
    assert issues(hass) == set()


async def test_month_of_commands_stays_within_the_budget(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, clock: Clock
) -> None:
    cloud.hub.travel = 0.0
    clock.set(local(2027, 1, 25, 0, 5))
    await set_up(hass, budget=200)
    for day in range(25, 31):
        for service in ("unlock", "lock", "unlock", "lock", "unlock", "lock"):
            await run_ahead(hass, call(hass, service, LOCK))
            await let_pass(hass, seconds=40)
        await live(hass, clock, until=local(2027, 1, 1 + day), step=6 * HOUR)
        clock.set(local(2027, 1, 1 + day, 0, 5))
    # Each is sent once and read twice; what that takes beyond its quarter, reading gives.
    assert len(cloud.received) == 36
    assert 3 * 36 < cloud.calls <= 200
    assert state(hass, LOCK) == "locked"


async def test_month_of_histories_stays_within_the_share(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, clock: Clock
) -> None:
    clock.set(local(2027, 1, 1, 0, 5))
    await set_up(hass, history=True)
    bolts: cycle[Bolt] = cycle(("unlocked", "locked"))

    async def turn() -> None:
        # Its clock shows whole seconds: between two rounds there are many.
        cloud.clock = cloud.hub.clock = lambda: clock.now().timestamp()
        await cloud.turn_by_hand(next(bolts))

    # The last step ends before midnight: what is read after it is another month's.
    await live(hass, clock, until=local(2027, 1, 31, 22), step=1.5 * HOUR, meanwhile=turn)
    assert asked(cloud, SESAME_5, "history") > 200
    assert cloud.calls <= SHARE


async def test_month_that_begins_is_counted_anew(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, clock: Clock
) -> None:
    clock.set(local(2027, 1, 5, 12))
    entry = await set_up(hass, BOT, budget=12)
    for _ in range(4):
        await refresh(hass, entry)
    assert cloud.calls == 9
    before = asked(cloud, SESAME_5)
    await live(hass, clock, until=local(2027, 1, 31), step=6 * HOUR)
    assert asked(cloud, SESAME_5) == before
    await live(hass, clock, until=local(2027, 2, 1, 1), step=HOUR)
    assert asked(cloud, SESAME_5) - before == 1
    assert state(hass, CALLS) == "2"
    assert issues(hass) == set()


# Used up at the vendor.


async def test_reading_when_the_plan_is_used_up_is_tried_again_each_hour(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, clock: Clock
) -> None:
    clock.set(local(2027, 1, 10))
    await set_up(hass, SESAME_4)
    cloud.use_up_quota()
    await live(hass, clock, until=local(2027, 1, 10, 3), step=300)
    assert issues(hass) == {"sesame_web_quota"}
    assert await refused(hass, "press", REFRESH) == "sesame_web_quota"
    # One device asks for both.
    before = asked(cloud, SESAME_5) + asked(cloud, SESAME_4)
    await live(hass, clock, until=local(2027, 1, 10, 7), step=300)
    assert 3 <= asked(cloud, SESAME_5) + asked(cloud, SESAME_4) - before <= 4
    cloud.begin_month()
    await live(hass, clock, until=local(2027, 1, 10, 9), step=300)
    assert (state(hass, LOCK), issues(hass)) == ("locked", set())


async def test_command_when_the_plan_is_used_up_raises_a_repair_issue(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, BOT)
    cloud.use_up_quota()
    assert await refused(hass, "unlock", LOCK) == "sesame_web_quota"
    assert issues(hass) == {"sesame_web_quota"}
    assert state(hass, LOCK) == "locked"
    cloud.begin_month()
    await let_pass(hass, seconds=6)
    await call(hass, "press", REFRESH)
    assert issues(hass) == set()
    cloud.use_up_quota()
    assert await refused(hass, "press", "button.gate_press") == "sesame_web_quota"
    assert issues(hass) == {"sesame_web_quota"}
