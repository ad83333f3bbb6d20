"""What is shown of a LOQED lock: pushes, reads, doubts, and what happens when there are none."""

from collections.abc import Callable
from typing import Any, Literal

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from custom_components.smartlocks.polling import async_forget_entry
from tests.clock import WallClock
from tests.simulators.base import Bolt
from tests.simulators.loqed import BRIDGE_KEY, FORGERIES, KEY_SECRET, LoqedSimulator
from tests.vendors.home import call, issues, reauth_flows, record, settle, state

from .conftest import (
    EVENT,
    LOCK,
    activity,
    changed_by,
    during,
    paste,
    reads,
    refresh,
    refused,
    reload,
    set_up,
    turn,
    wait,
)

# Rightly signed content that is an object with fields of the right types: it is taken,
# and it says nothing of the state (or that it is unknown).
HARMLESS = {"other_bridge", "unknown_state", "all_null", "nothing_known", "empty_object"}

ODD_FIELDS = {
    "key_local_id": "none",
    "wifi_strength": 77.5,
    "battery_percentage": "n/a",
    "ble_strength": [],
    "battery_type": {"a": 1},
}

type Spoil = Callable[[LoqedSimulator, WallClock], Any]


# Pushes.


@pytest.mark.parametrize("bolt", ["unlocked", "open", "locked"])
async def test_push_when_turned_by_hand_shows_the_state_at_once(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, bolt: Bolt
) -> None:
    await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked" if bolt == "locked" else "locked")
    before = reads(loqed)
    await turn(hass, loqed, bolt)
    assert state(hass, LOCK) == bolt
    assert state(hass, "binary_sensor.front_door_push") == "on"
    assert reads(loqed) == before


@pytest.mark.parametrize("kind", FORGERIES)
async def test_push_that_is_forged_changes_nothing(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, kind: str
) -> None:
    await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    before = reads(loqed)
    answers = await during(hass, loqed.forge_push(kind))
    await wait(hass, seconds=5)
    assert state(hass, LOCK) == "unlocked"
    if kind not in HARMLESS:
        assert all(status in (400, 401, 413, None) for status in answers), answers
    if kind in ("wrong_hash", "wrong_key", "changed_body", "bad_timestamp"):
        assert reads(loqed) == before


async def test_read_when_another_bridge_answers_shows_nothing_that_it_says(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    loqed.status_fields(
        {
            "bridge_mac_wifi": "02c0ffee0b01",
            "bridge_mac_ble": "02c0ffee0b03",
            "bolt_state": "night_lock",
            "bolt_state_numeric": 3,
        }
    )
    seen = record(hass, LOCK)
    await refresh(hass)
    with pytest.raises(HomeAssistantError) as caught:
        await during(hass, call(hass, "press", "button.front_door_refresh"))
    assert caught.value.translation_key == "loqed_other_bridge"
    await wait(hass, minutes=40)
    assert seen == ["unavailable"]
    await reload(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    loqed.status_fields()
    await reload(hass, entry)
    assert state(hass, LOCK) == "unlocked"


async def test_command_when_another_bridge_has_the_address_says_so(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    # It passes everything on to its own lock, which does not know the key.
    loqed.status_fields({"bridge_mac_wifi": "02c0ffee0b01", "bridge_mac_ble": "02c0ffee0b03"})
    loqed.delete_key()
    assert await refused(hass, "unlock") == "loqed_other_bridge"
    loqed.status_fields()
    await refresh(hass)
    assert await refused(hass, "unlock") == "loqed_not_confirmed"


async def test_push_that_is_repeated_is_answered_and_changes_nothing(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    await turn(hass, loqed, "locked")
    loqed.stop_pushing()
    await turn(hass, loqed, "unlocked")
    loqed.resume_pushing()
    seen = record(hass, LOCK)
    assert await during(hass, loqed.replay_last_push()) == [200]
    await wait(hass, seconds=3)
    # It is a reason to read, and the read tells the truth.
    assert seen == ["unknown"]
    await wait(hass, seconds=130)
    assert state(hass, LOCK) == "unlocked"


@pytest.mark.parametrize("is_restart", [False, True])
async def test_push_recorded_before_a_reload_or_restart_is_not_taken_again(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, is_restart: bool
) -> None:
    entry = await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    await turn(hass, loqed, "locked")
    recording = len(loqed.recorded) - 1
    await turn(hass, loqed, "unlocked")
    assert await hass.config_entries.async_unload(entry.entry_id)
    if is_restart:
        async_forget_entry(hass, entry)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert state(hass, LOCK) == "unlocked"
    seen = record(hass, LOCK)
    assert await during(hass, loqed.replay_push(recording)) == [200]
    await wait(hass, seconds=140, step=1)
    assert "locked" not in seen
    assert state(hass, LOCK) == "unlocked"
    repeated = entry.runtime_data.diagnostics()["calls"]["repeated"]
    assert repeated == (0 if is_restart else 1)


async def test_push_older_than_the_newest_is_only_a_hint(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    loqed.hold_pushes()
    await turn(hass, loqed, "locked")
    await turn(hass, loqed, "unlocked")
    seen = record(hass, LOCK)
    await during(hass, loqed.release_pushes(reverse=True))
    await wait(hass, seconds=140, step=1)
    assert "locked" not in seen
    assert state(hass, LOCK) == "unlocked"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda loqed, _: loqed.skew_clock(-45),
        lambda loqed, _: loqed.skew_clock(45),
        lambda loqed, _: loqed.delay_pushes(40),
        lambda loqed, _: loqed.set_generation("2s"),
        lambda loqed, _: loqed.set_generation("2s", signs=False),
        lambda _, wall: setattr(wall, "step", -3600.0),
    ],
    ids=["bridge behind", "bridge ahead", "late", "unsigned", "no hash", "host set back"],
)
async def test_read_that_an_unproven_call_asks_for_is_believed_right_after_a_push(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, wall: WallClock, spoil: Spoil
) -> None:
    await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    await turn(hass, loqed, "locked")
    assert state(hass, LOCK) == "locked"
    spoil(loqed, wall)
    await turn(hass, loqed, "unlocked")
    await wait(hass, seconds=4)
    assert state(hass, LOCK) != "locked"
    await wait(hass, seconds=130)
    assert state(hass, LOCK) == "unlocked"


async def test_clocks_that_differ_a_little_do_not_delay_pushes(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.skew_clock(-25)
    await turn(hass, loqed, "unlocked")
    assert state(hass, LOCK) == "unlocked"
    await turn(hass, loqed, "locked")
    assert state(hass, LOCK) == "locked"


@pytest.mark.parametrize("offset", [-90, -200_000, 200_000])
async def test_clocks_that_differ_are_told_until_a_push_is_in_time(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, offset: float
) -> None:
    await set_up(hass, loqed)
    loqed.skew_clock(offset)
    await turn(hass, loqed, "unlocked")
    await wait(hass, seconds=3)
    assert "loqed_clock_differs" in issues(hass)
    assert state(hass, LOCK) == "unlocked"
    loqed.skew_clock(0)
    await wait(hass, seconds=130)
    await turn(hass, loqed, "locked")
    assert state(hass, LOCK) == "locked"
    assert "loqed_clock_differs" not in issues(hass)


async def test_late_push_when_it_comes_without_a_change_tells_that_clocks_differ(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.skew_clock(-3600)
    body = {"requested_state": "NIGHT_LOCK", "key_local_id": 255}
    await during(hass, loqed.send_event("STATE_CHANGED_NIGHT_LOCK", body))
    await wait(hass, seconds=3)
    assert "loqed_clock_differs" in issues(hass)


async def test_old_recording_is_not_told_as_clocks_that_differ(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    await turn(hass, loqed, "locked")
    entry.runtime_data._calls._verifier._memory._taken.clear()
    await wait(hass, hours=2)
    assert await during(hass, loqed.replay_push(-2)) == [401]
    assert "loqed_clock_differs" not in issues(hass)


async def test_recording_from_before_a_restart_when_it_comes_is_not_told_as_clocks_that_differ(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    await turn(hass, loqed, "locked")
    await wait(hass, hours=30, step=300)
    await hass.config_entries.async_unload(entry.entry_id)
    # As a restart does.
    async_forget_entry(hass, entry)
    assert await during(hass, hass.config_entries.async_setup(entry.entry_id))
    await wait(hass, seconds=130)
    assert await during(hass, loqed.replay_push(-2)) == [401]
    await wait(hass, seconds=160)
    assert "loqed_clock_differs" not in issues(hass)
    await turn(hass, loqed, "unlocked")
    assert state(hass, LOCK) == "unlocked"
    assert issues(hass) == set()


async def test_push_with_odd_side_fields_is_taken(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.extra_fields(ODD_FIELDS)
    before = reads(loqed)
    await turn(hass, loqed, "unlocked")
    assert state(hass, LOCK) == "unlocked"
    assert reads(loqed) == before


async def test_status_with_odd_side_fields_is_read(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.status_fields({**ODD_FIELDS, "webhooks_number": "many", "up_timestamp": "yesterday"})
    await set_up(hass, loqed)
    assert state(hass, LOCK) == "locked"
    assert state(hass, "sensor.front_door_battery") == "unknown"


async def test_push_not_understood_is_a_hint(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.stop_pushing()
    await turn(hass, loqed, "unlocked")
    assert await during(hass, loqed.forge_push("wrong_types")) == [400]
    await wait(hass, seconds=3)
    assert state(hass, LOCK) == "unlocked"


async def test_numbers_as_text_are_read(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.numbers_as_text(on=True)
    await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    await during(hass, loqed.set_battery(41))
    assert state(hass, LOCK) == "unlocked"
    assert state(hass, "sensor.front_door_battery") == "41"


async def test_event_that_is_not_documented_works_through_its_fields(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    new = {"requested_state": "DAY_LOCK", "key_local_id": 3}
    await during(hass, loqed.send_event("SOMETHING_NEW", new))
    assert state(hass, LOCK) == "unlocked"
    await wait(hass, seconds=1)
    await during(hass, loqed.send_event("SOMETHING_ELSE", {"go_to_state": "NIGHT_LOCK"}))
    assert state(hass, LOCK) == "locking"


async def test_push_when_its_event_and_its_state_disagree_does_not_show_locked(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    await wait(hass, seconds=1)
    body = {"requested_state": "DAY_LOCK", "key_local_id": 255}
    await during(hass, loqed.send_event("STATE_CHANGED_NIGHT_LOCK", body))
    assert state(hass, LOCK) == "unknown"
    await wait(hass, seconds=3)
    assert state(hass, LOCK) == "unlocked"


async def test_movement_that_does_not_end_is_ended_by_a_read(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    going = {"go_to_state": "DAY_LOCK"}
    await during(hass, loqed.send_event("GO_TO_STATE_MANUAL_LOCK_REMOTE_LATCH", going))
    assert state(hass, LOCK) == "unlocking"
    await wait(hass, seconds=31)
    assert state(hass, LOCK) == "unknown"
    await wait(hass, seconds=130)
    assert state(hass, LOCK) == "locked"


async def test_movement_that_does_not_end_is_ended_though_nothing_can_be_read(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    going = {"go_to_state": "DAY_LOCK"}
    await during(hass, loqed.send_event("GO_TO_STATE_MANUAL_LOCK_REMOTE_LATCH", going))
    loqed.drop_connections()
    await wait(hass, seconds=31)
    assert state(hass, LOCK) == "unknown"


# A status that lags.


async def test_refresh_while_the_status_lags_does_not_show_locked(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.lag_status(100)
    await turn(hass, loqed, "unlocked")
    seen = record(hass, LOCK)
    await refresh(hass)
    assert loqed.status()["bolt_state"] == "night_lock"
    assert state(hass, LOCK) == "unlocked"
    await wait(hass, seconds=200, step=1)
    assert "locked" not in seen
    assert state(hass, LOCK) == "unlocked"


async def test_lock_that_is_refused_while_the_status_lags_is_no_success(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.lag_status(100)
    await turn(hass, loqed, "unlocked")
    loqed.delete_key()
    seen = record(hass, LOCK)
    assert await refused(hass, "lock") == "loqed_not_confirmed"
    await wait(hass, seconds=200, step=1)
    assert "locked" not in seen
    assert state(hass, LOCK) == "unlocked"


async def test_hint_while_the_status_lags_shows_the_truth_within_the_lag(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.set_generation("2s")
    await set_up(hass, loqed)
    await turn(hass, loqed, "locked")
    await wait(hass, minutes=3)
    loqed.lag_status(110)
    await turn(hass, loqed, "unlocked")
    await wait(hass, seconds=180, step=1)
    assert state(hass, LOCK) == "unlocked"


# Failing reads.


async def test_read_that_fails_once_is_repeated_and_nothing_becomes_unavailable(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    seen = record(hass, LOCK)
    loqed.fail_endpoint("status", "error")
    await refresh(hass)
    before = reads(loqed)
    loqed.fail_endpoint("status", None)
    await wait(hass, seconds=4)
    assert reads(loqed) == before + 1
    assert seen == []


@pytest.mark.parametrize(
    ("fault", "key"),
    [("html", "loqed_bridge_not_understood"), ("drop", "loqed_bridge_unreachable")],
)
async def test_refresh_that_fails_says_why(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    fault: Literal["html", "drop"],
    key: str,
) -> None:
    await set_up(hass, loqed)
    loqed.fail_endpoint("status", fault)
    with pytest.raises(HomeAssistantError) as caught:
        await during(hass, call(hass, "press", "button.front_door_refresh"))
    assert caught.value.translation_key == key


async def test_connection_that_breaks_once_is_tried_again_at_once(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    before = reads(loqed)
    loqed.drop_connections()
    await refresh(hass)
    await wait(hass, seconds=0.5)
    assert reads(loqed) == before + 2


async def test_command_in_an_outage_is_tried_and_told_and_the_state_comes_back_soon(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.drop_connections()
    await refresh(hass)
    sent = len(loqed.server.sent("/to_lock"))
    assert await refused(hass, "unlock") == "loqed_no_answer"
    assert len(loqed.server.sent("/to_lock")) == sent + 1
    assert state(hass, LOCK) == "unknown"
    loqed.drop_connections(drop=False)
    await wait(hass, minutes=4)
    assert state(hass, LOCK) == "locked"


async def test_bridge_that_is_away_makes_the_lock_unavailable_after_two_minutes(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.drop_connections()
    await refresh(hass)
    await wait(hass, seconds=100)
    assert state(hass, LOCK) == "locked"
    await wait(hass, seconds=30)
    assert state(hass, LOCK) == "unavailable"
    assert state(hass, "binary_sensor.front_door_bridge_connectivity") == "off"
    loqed.drop_connections(drop=False)
    await wait(hass, seconds=65)
    assert state(hass, LOCK) == "locked"
    assert state(hass, "binary_sensor.front_door_bridge_connectivity") == "on"


async def test_push_is_believed_though_the_bridge_cannot_be_read(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.fail_endpoint("status", "drop")
    await refresh(hass)
    await wait(hass, seconds=130)
    assert state(hass, LOCK) == "unavailable"
    await during(hass, loqed.send_battery())
    assert state(hass, LOCK) == "unavailable"
    await turn(hass, loqed, "unlocked")
    assert state(hass, LOCK) == "unlocked"


async def test_bridge_that_is_away_at_the_start_is_tried_again(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    loqed.drop_connections()
    await reload(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    loqed.drop_connections(drop=False)
    await wait(hass, seconds=30)
    assert entry.state is ConfigEntryState.LOADED
    assert state(hass, LOCK) == "locked"


# A lock out of reach.


@pytest.mark.parametrize("announce", [True, False])
async def test_lock_out_of_reach_is_unavailable_and_comes_back(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, announce: bool
) -> None:
    await set_up(hass, loqed)
    await during(hass, loqed.take_offline())
    assert state(hass, LOCK) == "unavailable"
    assert state(hass, "binary_sensor.front_door_connectivity") == "off"
    assert state(hass, "sensor.front_door_battery") == "unknown"
    await wait(hass, minutes=10)
    await during(hass, loqed.bring_online(announce=announce))
    if not announce:
        await during(hass, loqed.send_battery())
    await wait(hass, seconds=3)
    assert state(hass, LOCK) == "locked"
    assert state(hass, "binary_sensor.front_door_connectivity") == "on"


async def test_lock_that_goes_out_of_reach_stays_unavailable_while_the_status_lags(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.lag_status(60)
    await during(hass, loqed.take_offline())
    seen = record(hass, LOCK)
    await refresh(hass)
    assert loqed.status()["lock_online"] == 1
    await wait(hass, minutes=5)
    assert seen == []
    assert state(hass, LOCK) == "unavailable"


# Jams.


async def test_stall_shows_jammed_until_a_position_is_known(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.stall()
    await during(hass, loqed.use_key(bolt="unlocked"))
    await during(hass, loqed.settle())
    assert state(hass, LOCK) == "jammed"
    await refresh(hass)
    assert state(hass, LOCK) == "jammed"
    await turn(hass, loqed, "locked")
    assert state(hass, LOCK) == "locked"


# Whether pushes come.


async def test_pushes_that_stay_away_are_told_and_reads_become_frequent(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    await turn(hass, loqed, "locked")
    loqed.stop_pushing()
    for bolt in ("unlocked", "locked"):
        await wait(hass, minutes=3)
        await turn(hass, loqed, bolt)
        await refresh(hass)
        assert state(hass, LOCK) == bolt
        await wait(hass, seconds=32)
    assert state(hass, "binary_sensor.front_door_push") == "off"
    assert "loqed_push_missing" in issues(hass)
    before = reads(loqed)
    await wait(hass, hours=2)
    assert reads(loqed) - before >= 110
    loqed.resume_pushing()
    await turn(hass, loqed, "unlocked")
    assert "loqed_push_missing" not in issues(hass)
    assert state(hass, "binary_sensor.front_door_push") == "on"
    await wait(hass, minutes=2)
    before = reads(loqed)
    await wait(hass, hours=2)
    assert reads(loqed) - before <= 5


async def test_one_push_that_is_lost_makes_reads_frequent_for_an_hour(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await turn(hass, loqed, "locked")
    loqed.lose_pushes(1)
    await turn(hass, loqed, "unlocked")
    await refresh(hass)
    await wait(hass, seconds=32)
    before = reads(loqed)
    await wait(hass, minutes=55)
    assert 50 <= reads(loqed) - before <= 60
    await wait(hass, minutes=6)
    before = reads(loqed)
    await wait(hass, minutes=55)
    assert reads(loqed) - before <= 3
    assert "loqed_push_missing" not in issues(hass)


async def test_bridge_without_our_webhook_is_read_every_minute(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.fail_endpoint("webhooks", "error")
    entry = await paste(hass, loqed)
    assert entry["errors"]
    loqed.fail_endpoint("webhooks", None)
    await set_up(hass, loqed)
    loqed.lose_webhooks()
    loqed.fill_webhooks()
    await wait(hass, hours=7)
    assert "loqed_bridge_full" in issues(hass)
    before = reads(loqed)
    await wait(hass, hours=1)
    assert reads(loqed) - before >= 55
    loqed.lose_webhooks()
    await wait(hass, minutes=7)
    assert issues(hass) == set()
    before = reads(loqed)
    await wait(hass, hours=1)
    assert reads(loqed) - before <= 7


# Unsigned calls.


async def test_unsigned_call_is_a_hint_that_leads_to_reads(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.set_generation("2s")
    await set_up(hass, loqed)
    loqed.stop_pushing()
    await turn(hass, loqed, "unlocked")
    loqed.resume_pushing()
    before = reads(loqed)
    assert await during(hass, loqed.forge_push("no_timestamp")) == [401]
    assert state(hass, LOCK) == "locked"
    assert "loqed_push_unsigned" in issues(hass)
    for _ in range(20):
        await during(hass, loqed.reporter.battery())
    await wait(hass, seconds=3)
    assert state(hass, LOCK) == "unlocked"
    assert reads(loqed) - before <= 4


@pytest.mark.parametrize("after", [9.7, 37.8])
async def test_unsigned_call_shortly_before_a_read_is_shown_within_seconds(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, after: float
) -> None:
    loqed.set_generation("2s")
    await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    await wait(hass, minutes=4)
    loqed.lag_status(2.2)
    await turn(hass, loqed, "locked")
    await wait(hass, seconds=after, step=0.1)
    await turn(hass, loqed, "unlocked")
    await wait(hass, seconds=6, step=0.1)
    assert state(hass, LOCK) == "unlocked"


async def test_signed_call_ends_what_unsigned_ones_have_raised(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.set_generation("2s", signs=False)
    await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    assert "loqed_push_unsigned" in issues(hass)
    await wait(hass, minutes=3)
    loqed.set_generation("1")
    await turn(hass, loqed, "locked")
    assert state(hass, LOCK) == "locked"
    assert "loqed_push_unsigned" not in issues(hass)


async def test_unsigned_calls_raise_nothing_where_the_bridge_signs(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    assert await during(hass, loqed.forge_push("no_timestamp")) == [401]
    assert issues(hass) == set()
    assert state(hass, "binary_sensor.front_door_push") == "on"


@pytest.mark.parametrize("uses_details", [False, True])
async def test_unsigned_call_explains_a_change_only_where_that_is_wanted(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, uses_details: bool
) -> None:
    loqed.set_generation("2s")
    names = [{"number": 12, "name": "Anna"}]
    await set_up(hass, loqed, key_names=names, unsigned_details=uses_details)
    await during(hass, loqed.use_key(12, "unlocked"))
    await during(hass, loqed.settle())
    await wait(hass, seconds=10)
    assert state(hass, LOCK) == "unlocked"
    told = activity(hass)
    assert told["event_type"] == "unlocked"
    expected = ("Anna", 12, "app", False) if uses_details else (None, None, None, None)
    assert tuple(map(told.get, ("user", "key", "method", "verified"))) == expected
    assert changed_by(hass) == ("Anna (not verified)" if uses_details else None)


@pytest.mark.parametrize(("is_called", "method"), [(True, "manual"), (False, None)])
async def test_unsigned_call_when_it_has_explained_a_change_explains_no_later_one(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, is_called: bool, method: str | None
) -> None:
    loqed.set_generation("2s")
    names = [{"number": 12, "name": "Anna"}]
    await set_up(hass, loqed, key_names=names, unsigned_details=True)
    await during(hass, loqed.use_key(12, "unlocked"))
    await during(hass, loqed.settle())
    await wait(hass, seconds=10)
    assert changed_by(hass) == "Anna (not verified)"
    await turn(hass, loqed, "locked")
    await wait(hass, seconds=5)
    assert state(hass, LOCK) == "locked"
    if not is_called:
        loqed.stop_pushing()
    await turn(hass, loqed, "unlocked")
    await wait(hass, seconds=70)
    assert state(hass, LOCK) == "unlocked"
    told = activity(hass)
    assert tuple(map(told.get, ("event_type", "user", "key"))) == ("unlocked", None, None)
    assert told.get("method") == method
    assert changed_by(hass) is None


async def test_unsigned_call_about_no_change_makes_no_event(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.set_generation("2s")
    await set_up(hass, loqed, unsigned_details=True)
    claim = {"requested_state": "NIGHT_LOCK", "event_type": "STATE_CHANGED_NIGHT_LOCK"}
    await during(hass, loqed.send_event(None, {**claim, "key_local_id": 12}))
    stall = {"requested_state": "UNKNOWN", "event_type": "MOTOR_STALL"}
    await during(hass, loqed.send_event(None, stall))
    await wait(hass, minutes=3)
    assert state(hass, EVENT) == "unknown"
    assert state(hass, LOCK) == "locked"


async def test_unsigned_stall_shows_jammed_where_that_is_wanted(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.set_generation("2s")
    await set_up(hass, loqed, unsigned_details=True)
    loqed.stall()
    await during(hass, loqed.use_key(bolt="unlocked"))
    await during(hass, loqed.settle())
    await wait(hass, seconds=10)
    assert state(hass, LOCK) == "jammed"
    assert activity(hass)["event_type"] == "jammed"
    assert activity(hass)["verified"] is False


# Who and how.


@pytest.mark.parametrize(
    ("verb", "arguments", "activity_type", "method"),
    [
        ("touch_to_lock", {"told": "both"}, "locked", "touch"),
        ("twist_assist", {"bolt": "unlocked"}, "unlocked", "twist_assist"),
        ("pin", {"key_id": 12}, "opened", "pin"),
        ("button", {}, "opened", "button"),
        ("auto_unlock", {"key_id": 12}, "unlocked", "automatic"),
        ("remote", {"bolt": "unlocked", "key_id": 12}, "unlocked", "remote"),
    ],
)
async def test_activity_tells_what_how_and_by_whom(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    verb: str,
    arguments: dict[str, object],
    activity_type: str,
    method: str,
) -> None:
    await set_up(hass, loqed, key_names=[{"number": 12, "name": "Anna"}])
    if activity_type == "locked":
        await turn(hass, loqed, "unlocked")
    await during(hass, getattr(loqed, verb)(**arguments))
    await during(hass, loqed.settle())
    told = activity(hass)
    assert (told["event_type"], told["method"]) == (activity_type, method)
    assert "verified" not in told
    if "key_id" in arguments:
        assert (told["key"], told["user"], changed_by(hass)) == (12, "Anna", "Anna")


async def test_who_opened_stays_readable_when_the_latch_falls_back(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed, key_names=[{"number": 12, "name": "Anna"}])
    await during(hass, loqed.pin(12))
    await during(hass, loqed.settle())
    await wait(hass, seconds=30)
    assert state(hass, LOCK) == "unlocked"
    assert activity(hass)["event_type"] == "opened"
    assert changed_by(hass) == "Anna"


async def test_who_used_a_lock_last_stays_known_over_a_reload(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed, key_names=[{"number": 12, "name": "Anna"}])
    await during(hass, loqed.use_key(12))
    await during(hass, loqed.settle())
    await reload(hass, entry)
    assert changed_by(hass) == "Anna"


async def test_who_used_a_lock_last_is_not_known_when_it_moved_while_unloaded(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed, key_names=[{"number": 12, "name": "Anna"}])
    await during(hass, loqed.use_key(12, "unlocked"))
    await during(hass, loqed.settle())
    await hass.config_entries.async_unload(entry.entry_id)
    loqed.stop_pushing()
    await turn(hass, loqed, "locked")
    await hass.config_entries.async_setup(entry.entry_id)
    await wait(hass, minutes=4)
    assert state(hass, LOCK) == "locked"
    assert changed_by(hass) is None


async def test_change_that_a_read_finds_is_nobodys(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed, key_names=[{"number": 12, "name": "Anna"}])
    await during(hass, loqed.use_key(12))
    await during(hass, loqed.settle())
    assert changed_by(hass) == "Anna"
    await wait(hass, minutes=3)
    loqed.stop_pushing()
    await turn(hass, loqed, "locked")
    await refresh(hass)
    assert state(hass, LOCK) == "locked"
    assert changed_by(hass) is None
    assert activity(hass)["event_type"] == "locked"
    assert "method" not in activity(hass)


async def test_key_without_a_name_is_told_by_number(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await during(hass, loqed.use_key(9))
    await during(hass, loqed.settle())
    assert changed_by(hass) == "Key 9"


# Diagnostics.


async def test_diagnostics_help_and_tell_no_secret(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    loqed.set_generation("2s")
    entry = await set_up(hass, loqed, key_names=[{"number": 3, "name": "Anna"}])
    await turn(hass, loqed, "unlocked")
    told = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert told["vendor"]["calls"]["unsigned"] >= 1
    assert "hash" in told["vendor"]["calls"]["unsigned_headers"]
    assert told["vendor"]["push"]["degraded"]
    assert told["locks"][0]["name"] == "**REDACTED**"
    for secret in (KEY_SECRET, BRIDGE_KEY, "Anna", loqed.host, entry.data["webhook_id"]):
        assert secret not in str(told)
    assert reauth_flows(hass) == []
