"""The quota: every call counted, spread over the month, and never used up by reading."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from itertools import cycle
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.sesame_web import commander
from tests.simulators.base import Bolt
from tests.simulators.sesame_web import BOT, SESAME_4, SESAME_5, SesameWebSimulator
from tests.vendors.home import Clock, call, issues, let_pass, refresh, refused, settle, state
from tests.vendors.sesame_web.home import LOCK, add, asked, fill, gone, set_up

CALLS = "sensor.sesame_web_api_calls_this_month"
LEFT = "sensor.sesame_web_api_calls_left"
SHARE = 750


async def test_every_call_is_counted_and_shown(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, SESAME_4)
    await refresh(hass, entry)
    assert state(hass, CALLS) == str(cloud.calls)
    assert state(hass, LEFT) == str(1000 - cloud.calls)


async def test_the_count_outlives_a_restart(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, hass_storage: dict[str, Any]
) -> None:
    entry = await set_up(hass)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await settle(hass)
    (kept,) = (hass_storage[key] for key in hass_storage if key.startswith("smartlocks.sesame"))
    assert kept["data"]["calls"] == cloud.calls
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert state(hass, CALLS) == str(cloud.calls)


async def test_what_was_written_is_read(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, hass_storage: dict[str, Any]
) -> None:
    entry = await set_up(hass)
    await hass.config_entries.async_unload(entry.entry_id)
    month = f"{dt_util.now():%Y-%m}"
    key = f"smartlocks.sesame_web.{entry.entry_id}"
    hass_storage[key] = {"version": 1, "data": {"month": month, "calls": 500}}
    # As after a restart: nothing is left in memory.
    hass.data["smartlocks_sesame_web_counters"].clear()
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert state(hass, CALLS) == "501"


async def test_the_book_goes_with_the_entry(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, hass_storage: dict[str, Any]
) -> None:
    entry = await set_up(hass)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await settle(hass)
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert [key for key in hass_storage if key.startswith("smartlocks.")] == []


async def test_polling_stops_before_the_budget_does_and_commands_go_on(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameWebSimulator,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock.set(local(2027, 1, 2))
    monkeypatch.setattr(commander, "PAUSES", (0.02, 2.0))
    cloud.hub.travel = 0.0
    entry = await set_up(hass, budget=8)
    # A share of six calls: two of them were used for setting it up.
    for _ in range(8):
        await refresh(hass, entry)
    assert cloud.calls == 6
    assert issues(hass) == {"sesame_web_budget"}
    assert entry.runtime_data.update_interval.total_seconds() > 60
    await call(hass, "unlock", LOCK)
    assert state(hass, LOCK) == "unlocked"
    assert (state(hass, CALLS), state(hass, LEFT)) == ("8", "0")
    assert await refused(hass, "press", "button.front_door_refresh") == "sesame_web_budget_used"
    assert await refused(hass, "press", "button.sesame_web_api_refresh") == (
        "sesame_web_budget_used"
    )
    assert cloud.calls == 8
    await call(hass, "lock", LOCK)
    assert state(hass, LOCK) == "locked"
    # Nobody reads it any more: what was seen is believed for a while only.
    calls = cloud.calls
    await let_pass(hass, days=40)
    assert state(hass, LOCK) == "unknown"
    assert cloud.calls == calls


async def test_a_refresh_may_take_from_the_commands(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, budget=8)
    for _ in range(8):
        await refresh(hass, entry)
    await cloud.turn_by_hand("unlocked")
    await call(hass, "press", "button.front_door_refresh")
    assert state(hass, LOCK) == "unlocked"
    assert cloud.calls == 7


async def test_a_quota_that_is_used_up_elsewhere(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    cloud.use_up_quota()
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unavailable"
    assert issues(hass) == {"sesame_web_quota"}
    assert await refused(hass, "press", "button.front_door_refresh") == "sesame_web_quota"
    cloud.begin_month()
    await let_pass(hass, minutes=61)
    assert state(hass, LOCK) == "locked"
    assert issues(hass) == set()


async def test_a_call_that_never_left_is_not_counted(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    before = entry.runtime_data.data.hub.calls
    await gone(cloud)
    await refresh(hass, entry)
    assert entry.runtime_data.data.hub.calls == before


async def test_a_budget_without_a_call(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, clock: Clock
) -> None:
    clock.set(local(2027, 1, 5))
    await set_up(hass, budget=0)
    before = cloud.calls
    await let_pass(hass, hours=48)
    assert cloud.calls == before
    assert issues(hass) == {"sesame_web_budget"}


def local(*numbers: int) -> datetime:
    """Return a moment of the calendar on Home Assistant's wall."""
    year, month, day, hour, minute = (*numbers, 0, 0)[:5]
    return datetime(year, month, day, hour, minute, tzinfo=dt_util.get_default_time_zone())


def new_device(cloud: SesameWebSimulator, number: int) -> dict[str, str]:
    """Register one more lock; returns what a person types of it."""
    uuid, secret = f"5E5A0005-0B1E-4C57-8D3A-{number:012X}", f"{number:032x}"
    cloud.add_device("sesame_5", f"Room {number}", uuid, secret)
    return {"name": f"Room {number}", "product": "sesame_5", "uuid": uuid, "secret": secret}


async def populate(
    hass: HomeAssistant, cloud: SesameWebSimulator, devices: int, **options: Any
) -> ConfigEntry:
    entry = await set_up(hass, **options)
    for number in range(1, devices):
        page = await add(hass, entry, "sesame_web_add_uuid")
        await fill(hass, page, **new_device(cloud, number))
    assert len(entry.subentries) == devices
    return entry


async def live(
    hass: HomeAssistant,
    clock: Clock,
    entry: ConfigEntry,
    until: datetime,
    meanwhile: Callable[[], Awaitable[None]] | None = None,
) -> float:
    """Let the account poll as it wants to; returns the longest time between two rounds, in s."""
    longest = 0.0
    while True:
        interval = entry.runtime_data.update_interval.total_seconds()
        if clock.now().timestamp() + interval >= until.timestamp():
            return longest
        longest = max(longest, interval)
        clock.tick(seconds=interval)
        if meanwhile is not None:
            await meanwhile()
        await entry.runtime_data.async_refresh()


@pytest.mark.parametrize("devices", [1, 3, 10])
@pytest.mark.parametrize("year_and_month", [(2027, 1), (2027, 2)])
async def test_a_month_stays_within_the_budget(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameWebSimulator,
    clock: Clock,
    devices: int,
    year_and_month: tuple[int, int],
) -> None:
    year, month = year_and_month
    clock.set(local(year, month, 1, 0, 5))
    entry = await populate(hass, cloud, devices)
    end = local(year, month + 1, 1)
    longest = await live(hass, clock, entry, end)
    assert SHARE - 2 * devices <= cloud.calls <= SHARE
    # Evenly: no gap is much longer than the others.
    days = (end - local(year, month, 1)).days
    assert longest <= 1.2 * days * 86_400 * devices / SHARE
    assert issues(hass) == set()


@pytest.mark.parametrize("devices", [1, 3])
async def test_a_month_with_many_commands_stays_within_the_budget_too(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameWebSimulator,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    devices: int,
) -> None:
    monkeypatch.setattr(commander, "PAUSES", (0.02, 2.0))
    cloud.hub.travel = 0.0
    clock.set(local(2027, 1, 1, 0, 5))
    entry = await populate(hass, cloud, devices)
    for day in range(1, 31):
        for service in ("unlock", "lock", "unlock", "lock", "unlock", "lock"):
            await call(hass, service, LOCK)
        await live(hass, clock, entry, local(2027, 1, 1 + day))
        clock.set(local(2027, 1, 1 + day, 0, 5))
    commands = len(cloud.received)
    assert commands == 180
    # Each was posted and looked after once; what that took beyond its quarter, polling gave.
    assert cloud.calls <= 1000
    assert state(hass, LOCK) == "locked"


async def test_a_month_of_histories_stays_within_the_budget_too(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, clock: Clock
) -> None:
    clock.set(local(2027, 1, 1, 0, 5))
    entry = await populate(hass, cloud, 1, history=True)
    bolts: cycle[Bolt] = cycle(("unlocked", "locked"))

    async def turn() -> None:
        # Its clock shows whole seconds: between two rounds there are many.
        cloud.clock = cloud.hub.clock = lambda: clock.now().timestamp()
        await cloud.turn_by_hand(next(bolts))

    await live(hass, clock, entry, local(2027, 2, 1), turn)
    assert asked(cloud, SESAME_5, "history") > 300
    assert SHARE - 4 <= cloud.calls <= SHARE
    assert state(hass, LOCK) == cloud.bolt()


async def test_the_next_month_begins_anew(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, clock: Clock
) -> None:
    clock.set(local(2027, 1, 5, 12))
    entry = await set_up(hass, BOT, budget=12)
    for _ in range(8):
        await refresh(hass, entry)
    assert issues(hass) == {"sesame_web_budget"}
    wait = entry.runtime_data.update_interval.total_seconds()
    assert wait == pytest.approx(26.5 * 86_400, abs=120)
    clock.tick(seconds=wait)
    before = asked(cloud, SESAME_5)
    await refresh(hass, entry)
    assert asked(cloud, SESAME_5) - before == 1
    assert state(hass, CALLS) == "2"
    assert issues(hass) == set()
