"""Whole days with a LOQED lock: how long something false is shown, and how often is asked."""

from typing import Literal

from homeassistant.core import HomeAssistant
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.loqed.mapping import TIMING, TIMING_DEGRADED
from tests.simulators.base import Bolt
from tests.simulators.loqed import LoqedSimulator
from tests.vendors.home import record, state

from .conftest import LOCK, Watch, ours, refused, set_up, turn, wait

DAY = 24


async def live(
    hass: HomeAssistant, loqed: LoqedSimulator, *, turns: int, hours: float = DAY
) -> int:
    """Live so long, with people who turn the lock; returns the requests it took."""
    before = len(loqed.requests)
    step = 20.0
    pause = hours / max(turns, 1)
    for number in range(max(turns, 1)):
        if turns:
            # Locked for most of the day.
            await turn(hass, loqed, "unlocked" if number % 2 == 0 else "locked")
        short, long = pause * 0.2, pause * 1.8
        span = pause if turns < 2 else short if number % 2 == 0 else long
        await wait(hass, hours=span, step=step)
    return len(loqed.requests) - before


# How often is asked, in a day.


@pytest.mark.parametrize("turns", [0, 20])
async def test_day_with_pushes_or_silent_asks_at_most_150_times(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, turns: int
) -> None:
    await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    await turn(hass, loqed, "locked")
    await wait(hass, minutes=5)
    assert await live(hass, loqed, turns=turns) <= 150


@pytest.mark.parametrize("kind", ["no_timestamp", "wrong_hash", "replay"])
async def test_day_with_two_forged_calls_a_second_asks_at_most_200_times(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, kind: str
) -> None:
    await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    await turn(hass, loqed, "locked")
    await wait(hass, minutes=5)
    before = len(loqed.requests)
    for number in range(20 * DAY):
        # Two a second at first; then one in three minutes finds every token that there is.
        calls = 60 if number < 2 else 1
        for _ in range(calls):
            await (loqed.replay_last_push() if kind == "replay" else loqed.forge_push(kind))
            await wait(hass, seconds=0.5)
        await wait(hass, seconds=180 - calls / 2, step=20)
    assert len(loqed.requests) - before <= 200
    assert state(hass, LOCK) == "locked"


async def test_day_of_a_newest_bridge_asks_once_a_minute(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.set_generation("2s")
    await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    await turn(hass, loqed, "locked")
    asked = await live(hass, loqed, turns=5, hours=DAY / 4)
    assert 4 * asked <= 1600


async def test_day_with_a_lost_push_asks_more_often_for_an_hour(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    loqed.lose_pushes(1)
    assert await live(hass, loqed, turns=1) <= 150 + 60


# How long "locked" is shown of an open lock.


@pytest.mark.parametrize("degraded", [False, True])
async def test_lost_push_is_found_within_the_bound(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, degraded: bool
) -> None:
    if degraded:
        loqed.set_generation("2s")
    await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    await turn(hass, loqed, "locked")
    await wait(hass, minutes=5)
    watch = Watch()
    loqed.stop_pushing()
    await turn(hass, loqed, "unlocked")
    bound = (TIMING_DEGRADED if degraded else TIMING).bound
    await watch.over(hass, loqed, seconds=bound + 200)
    assert watch.longest <= bound
    assert state(hass, LOCK) == "unlocked"


async def test_turn_in_a_short_outage_is_found_within_the_bound(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await turn(hass, loqed, "locked")
    watch = Watch()
    loqed.drop_connections()
    loqed.stop_pushing()
    await turn(hass, loqed, "unlocked")
    await watch.over(hass, loqed, seconds=23)
    loqed.drop_connections(drop=False)
    loqed.resume_pushing()
    await watch.over(hass, loqed, seconds=TIMING.bound)
    assert watch.longest <= TIMING.bound
    assert state(hass, LOCK) == "unlocked"


async def test_turn_in_an_outage_that_was_noticed_is_found_when_it_ends(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await turn(hass, loqed, "locked")
    await wait(hass, minutes=9)
    watch = Watch()
    loqed.stop_pushing()
    loqed.drop_connections()
    await wait(hass, minutes=2)
    await turn(hass, loqed, "unlocked")
    loqed.drop_connections(drop=False)
    await watch.over(hass, loqed, seconds=70)
    assert watch.longest <= 61
    assert state(hass, LOCK) == "unlocked"


async def test_outage_that_lasts_does_not_show_locked_for_long(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await turn(hass, loqed, "locked")
    watch = Watch()
    loqed.drop_connections()
    loqed.stop_pushing()
    await turn(hass, loqed, "unlocked")
    await watch.over(hass, loqed, seconds=3600, step=10)
    assert watch.longest <= TIMING.poll_locked + 130  # type: ignore[operator]
    assert state(hass, LOCK) == "unavailable"


async def test_bridge_that_loses_its_webhooks_is_found_within_the_bound(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await turn(hass, loqed, "locked")
    await wait(hass, minutes=3)
    watch = Watch()
    loqed.lose_webhooks()
    await turn(hass, loqed, "unlocked")
    await watch.over(hass, loqed, seconds=TIMING.bound)
    assert watch.longest <= TIMING.bound
    assert state(hass, LOCK) == "unlocked"
    assert len(ours(loqed)) == 1
    await turn(hass, loqed, "locked")
    assert state(hass, LOCK) == "locked"


@pytest.mark.parametrize("late", [45, 90])
async def test_unlock_whose_pushes_are_late_does_not_show_locked(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, late: int
) -> None:
    await set_up(hass, loqed)
    await turn(hass, loqed, "locked")
    await wait(hass, minutes=3)
    seen = record(hass, LOCK)
    loqed.delay_pushes(late)
    assert await refused(hass, "unlock") == "loqed_not_confirmed"
    assert loqed.bolt() == "unlocked"
    await wait(hass, seconds=300, step=1)
    assert "locked" not in seen
    assert state(hass, LOCK) == "unlocked"


async def test_status_that_lags_after_a_hint_stays_within_the_bound(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.set_generation("2s")
    await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    await turn(hass, loqed, "locked")
    await wait(hass, minutes=5)
    watch = Watch()
    loqed.lag_status(115)
    await turn(hass, loqed, "unlocked")
    await watch.over(hass, loqed, seconds=TIMING_DEGRADED.bound + 60)
    assert watch.longest <= TIMING_DEGRADED.bound
    assert state(hass, LOCK) == "unlocked"


@pytest.mark.parametrize("generation", ["1", "2s"])
async def test_ordinary_hours_show_nothing_false_and_hardly_anything_unknown(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, generation: Literal["1", "2s"]
) -> None:
    loqed.set_generation(generation)
    await set_up(hass, loqed)
    watch = Watch()
    bolts: tuple[Bolt, ...] = ("unlocked", "locked")
    for number in range(6):
        await turn(hass, loqed, bolts[number % 2])
        await watch.over(hass, loqed, seconds=3600, step=5)
    assert watch.longest <= (0 if generation == "1" else 5)
    assert watch.unknown <= 15


def test_bounds_are_those_that_the_documentation_states() -> None:
    assert (TIMING.bound, TIMING.outage_bound) == (720, 3000)
    assert (TIMING_DEGRADED.bound, TIMING_DEGRADED.outage_bound) == (180, 420)
