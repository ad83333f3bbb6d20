"""A signed push moves the lock on the dashboard; nothing else does."""

from homeassistant.components.lock.const import LockState
from homeassistant.core import HomeAssistant
import pytest
from yarl import URL

from tests.simulators.base import Bolt
from tests.simulators.loqed import FORGERIES, LoqedSimulator
from tests.vendors.home import call, issues, let_pass, refresh, run_ahead, settle, state
from tests.vendors.loqed.home import LOCK, set_up

EVENT = "event.front_door_activity"
# Rightly signed content that is an object with fields of the right types: it is taken,
# and it says nothing of the state (or that it is unknown).
HARMLESS = {
    "other_bridge",
    "unknown_state",
    "all_null",
    "nothing_known",
    "empty_object",
}


@pytest.mark.parametrize("bolt", ["unlocked", "open", "locked"])
async def test_a_lock_turned_by_hand_shows_at_once(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, bolt: Bolt
) -> None:
    await set_up(hass, loqed)
    await loqed.turn_by_hand("unlocked" if bolt == "locked" else "locked")
    await loqed.turn_by_hand(bolt)
    await settle(hass)
    assert state(hass, LOCK) == bolt
    assert state(hass, "binary_sensor.front_door_push") == "on"


@pytest.mark.parametrize("kind", FORGERIES)
async def test_no_forgery_changes_the_state(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, kind: str
) -> None:
    await set_up(hass, loqed)
    await loqed.turn_by_hand("unlocked")
    answers = await loqed.forge_push(kind)
    await settle(hass)
    assert state(hass, LOCK) in ("unlocked", "unknown")
    if kind not in HARMLESS:
        assert state(hass, LOCK) == "unlocked"
        assert all(status in (400, 401, 413, None) for status in answers), answers


async def test_a_repeated_push_is_answered_and_changes_nothing(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await loqed.turn_by_hand("unlocked")
    await loqed.turn_by_hand("locked")
    loqed.stop_pushing()
    await loqed.turn_by_hand("unlocked")
    loqed.resume_pushing()
    assert await loqed.replay_last_push() == [200]
    await settle(hass)
    assert state(hass, LOCK) == "locked"
    await let_pass(hass, seconds=3)
    entry = hass.config_entries.async_entries("smartlocks")[0]
    assert entry.runtime_data.diagnostics()["calls"]["repeated"] == 1


async def test_the_newest_bridges_give_hints_that_lead_to_reads(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.set_generation("2s")
    await set_up(hass, loqed)
    await loqed.turn_by_hand("unlocked")
    await settle(hass)
    assert state(hass, LOCK) == "locked"
    assert "push_unsigned" in issues(hass)
    before = len(loqed.server.sent("/status"))
    for _ in range(20):
        await loqed.send_battery()
    await let_pass(hass, seconds=3)
    assert state(hass, LOCK) == "unlocked"
    assert len(loqed.server.sent("/status")) - before <= 2


async def test_a_command_to_a_newest_bridge_is_confirmed_by_reads(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.set_generation("2s", signs=False)
    await set_up(hass, loqed)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked" == loqed.bolt()
    loqed.set_generation("1")
    await loqed.turn_by_hand("locked")
    await settle(hass)
    assert state(hass, LOCK) == "locked"
    assert "push_unsigned" not in issues(hass)


async def test_clocks_that_differ_are_told_with_the_difference(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.skew_clock(-90)
    await loqed.turn_by_hand("unlocked")
    await settle(hass)
    assert state(hass, LOCK) == "locked"
    assert "clock_differs" in issues(hass)
    await let_pass(hass, seconds=3)
    assert state(hass, LOCK) == "unlocked"
    loqed.skew_clock(0)
    await loqed.turn_by_hand("locked")
    await settle(hass)
    assert state(hass, LOCK) == "locked"
    assert "clock_differs" not in issues(hass)


async def test_pushes_that_stay_away_are_noticed_and_polling_takes_over(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await loqed.turn_by_hand("unlocked")
    await loqed.turn_by_hand("locked")
    await settle(hass)
    healthy = entry.runtime_data.update_interval
    loqed.stop_pushing()
    entry.runtime_data._pushed_at = None
    for bolt in ("unlocked", "locked"):
        await loqed.turn_by_hand(bolt)
        await refresh(hass, entry)
        assert state(hass, LOCK) == bolt
    assert state(hass, "binary_sensor.front_door_push") == "off"
    assert "push_missing" in issues(hass)
    assert entry.runtime_data.update_interval < healthy
    loqed.resume_pushing()
    # Not the same bytes as the first time it was turned.
    loqed.skew_clock(5)
    await loqed.turn_by_hand("unlocked")
    await settle(hass)
    assert "push_missing" not in issues(hass)
    assert entry.runtime_data.update_interval == healthy


@pytest.mark.parametrize(
    ("story", "arguments", "activity", "method"),
    [
        ("touch_to_lock", {"told": "both"}, "locked", "touch"),
        ("twist_assist", {"bolt": "unlocked"}, "unlocked", "twist_assist"),
        ("pin", {"key_id": 12}, "opened", "pin"),
        ("button", {}, "opened", "button"),
        ("auto_unlock", {"key_id": 12}, "unlocked", "automatic"),
        ("remote", {"bolt": "unlocked", "key_id": 12}, "unlocked", "remote"),
    ],
)
async def test_the_activity_tells_what_how_and_by_whom(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    story: str,
    arguments: dict[str, object],
    activity: str,
    method: str,
) -> None:
    await set_up(hass, loqed, key_names=[{"number": 12, "name": "Anna"}])
    if activity == "locked":
        await loqed.turn_by_hand("unlocked")
    told: list[dict[str, object]] = []
    hass.bus.async_listen(
        "state_changed",
        lambda event: (
            told.append(dict(event.data["new_state"].attributes))
            if event.data["entity_id"] == EVENT and event.data["new_state"]
            else None
        ),
    )
    await getattr(loqed, story)(**arguments)
    await loqed.settle()
    await settle(hass)
    first = next(one for one in told if one["event_type"] == activity)
    assert first["method"] == method
    if "key_id" in arguments:
        assert (first["key"], first["user"]) == (12, "Anna")


async def test_a_stall_shows_jammed_until_it_is_over(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.stall()
    await loqed.use_key(bolt="unlocked")
    await loqed.settle()
    await settle(hass)
    assert state(hass, LOCK) == LockState.JAMMED
    entry = hass.config_entries.async_entries("smartlocks")[0]
    await refresh(hass, entry)
    assert state(hass, LOCK) == LockState.JAMMED
    await loqed.turn_by_hand("locked")
    await settle(hass)
    assert state(hass, LOCK) == LockState.LOCKED


@pytest.mark.parametrize("announce", [True, False])
async def test_a_lock_out_of_reach_is_away_and_comes_back(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, announce: bool
) -> None:
    await set_up(hass, loqed)
    await loqed.take_offline()
    await settle(hass)
    assert state(hass, LOCK) == "unavailable"
    assert state(hass, "binary_sensor.front_door_connectivity") == "off"
    assert state(hass, "sensor.front_door_battery") == "unknown"
    await loqed.bring_online(announce=announce)
    if not announce:
        await loqed.send_battery()
    await let_pass(hass, seconds=3)
    assert state(hass, LOCK) == "locked"
    assert state(hass, "binary_sensor.front_door_connectivity") == "on"


async def test_an_event_nobody_has_documented_works_through_its_fields(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await loqed.send_event("SOMETHING_NEW", {"requested_state": "DAY_LOCK", "key_local_id": 3})
    await settle(hass)
    assert state(hass, LOCK) == "unlocked"
    await loqed.send_event("SOMETHING_ELSE", {"go_to_state": "NIGHT_LOCK"})
    await settle(hass)
    assert state(hass, LOCK) == "locking"


async def test_a_movement_without_an_end_is_ended_by_a_read(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await loqed.send_event("GO_TO_STATE_MANUAL_LOCK_REMOTE_LATCH", {"go_to_state": "DAY_LOCK"})
    await settle(hass)
    assert state(hass, LOCK) == "unlocking"
    await let_pass(hass, seconds=31)
    assert state(hass, LOCK) == "locked" == loqed.bolt()


async def test_numbers_as_text_are_numbers(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.numbers_as_text(on=True)
    await set_up(hass, loqed)
    await loqed.turn_by_hand("unlocked")
    await loqed.set_battery(41)
    await settle(hass)
    assert state(hass, LOCK) == "unlocked"
    assert state(hass, "sensor.front_door_battery") == "41"


async def test_a_push_with_a_state_is_believed_though_the_bridge_cannot_be_read(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    loqed.drop_connections()
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unavailable"
    await loqed.send_battery()
    await settle(hass)
    assert state(hass, LOCK) == "unavailable"
    await loqed.turn_by_hand("unlocked")
    await settle(hass)
    assert state(hass, LOCK) == "unlocked"


async def test_a_status_that_lags_does_not_take_a_push_back(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    loqed.status_fields({"bolt_state": "night_lock"})
    await loqed.turn_by_hand("unlocked")
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unlocked"
