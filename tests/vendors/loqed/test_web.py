"""The web API beside the bridge: settings, its few reads, its token; nothing local waits for it."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
import pytest
from yarl import URL

from custom_components.smartlocks.models import Action
from tests.clock import MONOTONIC
from tests.faults.leftovers import timers
from tests.simulators.loqed import API_TOKEN, LoqedSimulator, make_token
from tests.vendors.home import answer, begin, call, issues, reauth_flows, refused, settle, state

from .conftest import (
    LOCK,
    choose_options,
    command,
    during,
    lists,
    open_options,
    reload,
    set_up,
    set_up_with_web,
    turn,
    wait,
)

TWIST = "switch.front_door_twist_assist"
OPEN_HOUSE = "switch.front_door_open_house_mode"
LEFT = "sensor.front_door_cloud_reads_left"
READ = "button.front_door_read_from_the_cloud"

pytestmark = pytest.mark.usefixtures("cloud")


def assumed(hass: HomeAssistant, entity_id: str) -> bool:
    found = hass.states.get(entity_id)
    assert found is not None
    return bool(found.attributes.get("assumed_state"))


async def read_now(hass: HomeAssistant) -> str | None:
    """Press the button; returns the key of the message if that fails."""
    try:
        await during(hass, call(hass, "press", READ))
    except HomeAssistantError as err:
        return err.translation_key
    return None


# Settings.


async def test_settings_of_the_list_are_switches(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed)
    assert state(hass, TWIST) == "on"
    assert state(hass, "switch.front_door_touch_to_connect") == "on"
    assert state(hass, OPEN_HOUSE) == "off"
    assert state(hass, "switch.front_door_guest_access") == "off"


async def test_settings_that_the_list_does_not_have_are_no_switches(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.cloud_fields(without=["open_house_mode", "guest_access_mode"])
    await set_up_with_web(hass, loqed)
    assert hass.states.get(OPEN_HOUSE) is None
    assert hass.states.get("switch.front_door_guest_access") is None
    assert state(hass, TWIST) == "on"


async def test_without_a_kept_token_there_is_nothing_of_the_web_api(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    assert hass.states.async_entity_ids("switch") == []
    assert hass.states.get(LEFT) is None
    assert lists(loqed) == 0


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("open_house_mode", "open_house_mode"),
        ("twist_assist", "twist_assist"),
        ("touch_to_connect", "touch_to_connect"),
        ("guest_access", "guest_access_mode"),
    ],
)
async def test_setting_when_changed_is_assumed_until_it_is_read(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, name: str, setting: str
) -> None:
    await set_up_with_web(hass, loqed)
    entity_id = f"switch.front_door_{name}"
    before = loqed.account.settings[setting]
    reads = lists(loqed)
    await during(hass, call(hass, "turn_off" if before else "turn_on", entity_id))
    assert loqed.account.settings[setting] is not before
    assert state(hass, entity_id) == ("off" if before else "on")
    assert assumed(hass, entity_id)
    await wait(hass, seconds=15)
    assert lists(loqed) == reads + 1
    assert not assumed(hass, entity_id)
    assert state(hass, entity_id) == ("off" if before else "on")


async def test_setting_when_the_lock_did_not_take_it_shows_what_the_list_says(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed)
    loqed.cloud_fields({"twist_assist": True})
    await during(hass, call(hass, "turn_off", TWIST))
    assert state(hass, TWIST) == "off"
    await wait(hass, seconds=15)
    assert state(hass, TWIST) == "on"


async def test_settings_changed_one_after_the_other_are_read_once(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed)
    reads = lists(loqed)
    for entity_id in (TWIST, OPEN_HOUSE, "switch.front_door_touch_to_connect"):
        await during(hass, call(hass, "toggle", entity_id))
    await wait(hass, minutes=5)
    assert lists(loqed) == reads + 1


async def test_setting_assumed_before_a_restart_is_still_assumed(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_with_web(hass, loqed)
    loqed.break_cloud(status=500)
    reads = lists(loqed)
    loqed.break_cloud()
    await during(hass, call(hass, "turn_off", TWIST))
    loqed.break_cloud(status=500)
    await reload(hass, entry)
    hass.data.pop("smartlocks_loqed_accounts")
    await reload(hass, entry)
    assert state(hass, TWIST) == "off"
    assert assumed(hass, TWIST)
    assert lists(loqed) == reads


async def test_setting_when_changed_while_the_last_list_is_read_does_not_fall_back(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed)
    for _ in range(2):
        await read_now(hass)
    assert state(hass, LEFT) == "1"
    # It was asked for before the change, and tells of it nothing.
    loqed.cloud.server.faults.delay = 3.0
    before = lists(loqed)
    reading = asyncio.ensure_future(call(hass, "press", READ))
    for _ in range(2000):
        if lists(loqed) > before:
            break
        await asyncio.sleep(0)
    loqed.cloud.server.faults.delay = 0.0
    await call(hass, "turn_on", OPEN_HOUSE)
    await during(hass, reading)
    assert lists(loqed) == before + 1
    await wait(hass, seconds=30)
    assert (state(hass, OPEN_HOUSE), assumed(hass, OPEN_HOUSE)) == ("on", True)
    assert (state(hass, TWIST), assumed(hass, TWIST)) == ("on", False)


async def test_setting_when_refused_is_told_and_nothing_is_assumed(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed)
    del loqed.account.settings["twist_assist"]
    with pytest.raises(HomeAssistantError) as caught:
        await during(hass, call(hass, "turn_off", TWIST))
    assert caught.value.translation_key == "loqed_unsupported"
    assert state(hass, TWIST) == "on"
    assert not assumed(hass, TWIST)


async def test_setting_when_its_answer_is_lost_shows_what_the_list_says(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed)
    loqed.cloud.server.faults.drop_after = True
    assert await refused(hass, "turn_off", TWIST) == "loqed_cloud_unreachable"
    loqed.cloud.server.faults.drop_after = False
    await wait(hass, seconds=15)
    assert state(hass, TWIST) == "off"
    assert not assumed(hass, TWIST)


async def test_setting_that_lets_people_in_when_the_lock_has_a_code_is_not_turned_on(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    guests = "switch.front_door_guest_access"
    loqed.change_setting("guest_access_mode", on=True)
    entry = await set_up_with_web(hass, loqed)
    page = await open_options(hass, entry, "code")
    await choose_options(hass, page, code="2580", code_again="2580")
    before = dict(loqed.account.settings)
    assert await refused(hass, "turn_on", OPEN_HOUSE) == "code_forbids_setting"
    assert await refused(hass, "turn_on", guests) == "code_forbids_setting"
    assert loqed.account.settings == before
    assert state(hass, OPEN_HOUSE) == "off"
    await during(hass, call(hass, "turn_off", guests))
    await during(hass, call(hass, "turn_off", TWIST))
    assert (state(hass, guests), state(hass, TWIST)) == ("off", "off")
    # The other pages of the options leave the code alone.
    page = await open_options(hass, entry, "loqed_web_options")
    await choose_options(hass, page, use_web_api=True, cloud_commands=True)
    page = await open_options(hass, entry, "loqed_options")
    await choose_options(hass, page, can_open=False, unsigned_details=False, window=30)
    assert entry.options["cloud_commands"] is True
    assert await refused(hass, "turn_on", OPEN_HOUSE) == "code_forbids_setting"


async def test_facts_of_the_list_are_diagnostics(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_with_web(hass, loqed)
    registry = er.async_get(hass)
    for name in ("locking_direction", "mortise_lock", "token_expires"):
        registry.async_update_entity(f"sensor.front_door_{name}", disabled_by=None)
    await reload(hass, entry)
    assert state(hass, "sensor.front_door_locking_direction") == "clockwise"
    assert state(hass, "sensor.front_door_mortise_lock") == "no_handle"
    assert state(hass, "sensor.front_door_token_expires").startswith("2027-")


# Reads.


async def test_set_up_and_restarts_cost_one_read(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_with_web(hass, loqed)
    for _ in range(4):
        hass.data.pop("smartlocks_loqed_accounts")
        await reload(hass, entry)
    await wait(hass, hours=1, step=60)
    assert lists(loqed) == 1
    assert state(hass, TWIST) == "on"
    assert state(hass, LEFT) == "3"


async def test_list_is_read_once_a_day(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed)
    loqed.change_setting("twist_assist", on=False)
    await wait(hass, hours=25, step=600)
    assert lists(loqed) == 2
    assert state(hass, TWIST) == "off"


async def test_button_reads_until_none_is_left_and_says_so(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed)
    assert [await read_now(hass) for _ in range(3)] == [None, None, None]
    assert state(hass, LEFT) == "0"
    assert await read_now(hass) == "loqed_no_reads_left"
    assert lists(loqed) == 4
    await wait(hass, hours=12.2, step=600)
    assert state(hass, LEFT) == "4"
    assert await read_now(hass) is None


async def test_reads_are_counted_over_restarts(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_with_web(hass, loqed)
    for _ in range(3):
        await read_now(hass)
    hass.data.pop("smartlocks_loqed_accounts")
    await reload(hass, entry)
    assert state(hass, LEFT) == "0"
    assert await read_now(hass) == "loqed_no_reads_left"


async def test_read_is_counted_in_the_file_before_it_is_made(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, hass_storage: dict[str, Any]
) -> None:
    await set_up_with_web(hass, loqed)
    (name,) = (name for name in hass_storage if name.startswith("smartlocks.loqed"))
    counted = len(hass_storage[name]["data"]["reads"])
    loqed.cloud.server.faults.silent = True
    reading = hass.async_create_task(call(hass, "press", READ))
    for _ in range(2000):
        if lists(loqed) == 2:
            break
        await asyncio.sleep(0.001)
    assert len(hass_storage[name]["data"]["reads"]) == counted + 1
    loqed.cloud.server.faults.silent = False
    with suppress(HomeAssistantError):
        await during(hass, reading)


async def test_set_up_that_is_tried_again_while_the_bridge_is_away_costs_no_read(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_with_web(hass, loqed)
    await hass.config_entries.async_unload(entry.entry_id)
    await wait(hass, hours=25, step=600)
    loqed.break_cloud(status=500)
    before = lists(loqed)
    await loqed.leave_network()
    for _ in range(3):
        await during(hass, hass.config_entries.async_setup(entry.entry_id))
        assert entry.state is ConfigEntryState.SETUP_RETRY
        await hass.config_entries.async_unload(entry.entry_id)
    assert lists(loqed) == before
    await loqed.join_network()
    for _ in range(3):
        await during(hass, hass.config_entries.async_setup(entry.entry_id))
        await hass.config_entries.async_unload(entry.entry_id)
    assert lists(loqed) == before + 1


@pytest.mark.parametrize(
    "kept",
    [
        {"reads": [["x", "other"]]},
        {"reads": [[0.0, "sauna"]]},
        {"locks": {"5": {"settings": {"sauna": True}}}},
        {"locks": []},
        {"listed_at": "x"},
    ],
)
async def test_file_that_is_damaged_does_not_keep_the_lock_from_loading(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_storage: dict[str, Any],
    kept: dict[str, Any],
) -> None:
    entry = await set_up_with_web(hass, loqed)
    (name,) = (name for name in hass_storage if name.startswith("smartlocks.loqed"))
    hass_storage[name]["data"] = kept
    await hass.config_entries.async_unload(entry.entry_id)
    hass.data.pop("smartlocks_loqed_accounts")
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert entry.state is ConfigEntryState.LOADED
    await wait(hass, seconds=15)
    assert state(hass, TWIST) == "on"


async def test_form_that_is_filled_in_again_costs_no_further_read(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    for token, read in ((API_TOKEN, 1), (API_TOKEN, 1), (loqed.create_token(), 2)):
        page = await begin(hass, "loqed", "loqed_token")
        page = await answer(hass, page, api_token=token, host="127.0.0.1:1")
        assert page["errors"]
        assert lists(loqed) == read


async def test_read_that_never_left_is_not_counted(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed)
    await loqed.cloud.server.stop()
    assert await read_now(hass) == "loqed_cloud_unreachable"
    assert state(hass, LEFT) == "3"


async def test_block_is_told_and_waited_for(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed)
    loqed.block_account()
    assert await read_now(hass) == "loqed_blocked"
    assert issues(hass) == {"loqed_blocked"}
    asked = lists(loqed)
    await turn(hass, loqed, "unlocked")
    assert state(hass, LOCK) == "unlocked"
    await wait(hass, hours=11, step=600)
    assert await read_now(hass) == "loqed_blocked"
    assert lists(loqed) == asked
    await wait(hass, hours=1.5, step=600)
    assert issues(hass) == set()
    assert await read_now(hass) is None


async def test_month_with_the_web_api_stays_far_below_the_limit(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed)
    for day in range(30):
        if day % 3 == 0:
            await during(hass, call(hass, "toggle", TWIST))
        if day % 7 == 0:
            for _ in range(8):
                await read_now(hass)
        await wait(hass, hours=24, step=1800)
    limit = loqed.account.limit
    assert limit.most_in_a_window() <= 4
    assert 30 <= len(limit.times) <= 90
    assert limit.blocked_until == 0


async def test_lock_that_was_given_away_is_told(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed)
    loqed.cloud_fields({"id": 5})
    assert await read_now(hass) == "loqed_not_listed"
    assert state(hass, LOCK) == "locked"


async def test_reading_the_cloud_without_the_web_api_is_refused(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    with pytest.raises(HomeAssistantError) as caught:
        await entry.runtime_data.async_execute(
            next(iter(entry.runtime_data.data.locks)), Action.READ_CLOUD
        )
    assert caught.value.translation_key == "cannot_read_cloud"


# The token.


async def test_token_that_expires_soon_is_told_two_weeks_before(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    token = loqed.create_token(days=15.5)
    entry = await set_up_with_web(hass, loqed, token=token)
    assert issues(hass) == set()
    await wait(hass, hours=36, step=1800)
    assert issues(hass) == {"loqed_token_expires"}
    await reload(hass, entry)
    assert issues(hass) == {"loqed_token_expires"}
    page = await open_options(hass, entry, "loqed_web_options")
    other = loqed.create_token(number=3)
    await choose_options(hass, page, use_web_api=True, cloud_commands=False, api_token=other)
    assert issues(hass) == set()


async def test_token_that_expires_soon_when_the_web_api_is_switched_off_is_not_told_any_more(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_with_web(hass, loqed, token=loqed.create_token(days=10))
    assert issues(hass) == {"loqed_token_expires"}
    page = await open_options(hass, entry, "loqed_web_options")
    await choose_options(hass, page, use_web_api=False, cloud_commands=False)
    assert issues(hass) == set()


async def test_token_that_is_refused_asks_for_another_and_the_lock_works_on(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_with_web(hass, loqed)
    loqed.revoke_token()
    assert await read_now(hass) == "loqed_token_refused"
    await settle(hass)
    (flow,) = reauth_flows(hass)
    assert flow["step_id"] == "loqed_cloud_reauth"
    await command(hass, "unlock")
    assert state(hass, LOCK) == "unlocked"
    # The bridge's key being right says nothing about the token.
    await entry.runtime_data.async_subscribe(entry.data["webhook_url"])
    assert len(reauth_flows(hass)) == 1
    token = loqed.create_token()
    loqed.revoke_token(revoked=False)
    page = await answer(hass, {**flow, "type": FlowResultType.FORM}, api_token=token)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert entry.data["api_token"] == token
    assert reauth_flows(hass) == []


async def test_token_that_is_refused_when_reloaded_is_still_asked_for(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_with_web(hass, loqed)
    loqed.revoke_token()
    assert await read_now(hass) == "loqed_token_refused"
    await reload(hass, entry)
    await wait(hass, seconds=30)
    assert [flow["step_id"] for flow in reauth_flows(hass)] == ["loqed_cloud_reauth"]


async def test_token_that_a_setting_was_refused_with_when_reloaded_is_still_asked_for(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_with_web(hass, loqed)
    loqed.revoke_token()
    assert await refused(hass, "turn_on", OPEN_HOUSE) == "loqed_token_refused"
    await reload(hass, entry)
    await wait(hass, seconds=30)
    assert [flow["step_id"] for flow in reauth_flows(hass)] == ["loqed_cloud_reauth"]


async def test_token_that_was_refused_by_mistake_is_used_again(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_with_web(hass, loqed, cloud_commands=True)
    loqed.break_cloud(status=403)
    assert await read_now(hass) == "loqed_token_refused"
    assert entry.runtime_data.diagnostics()["web"]["commands"] is False
    loqed.break_cloud()
    assert await read_now(hass) is None
    assert entry.runtime_data.diagnostics()["web"]["commands"] is True


async def test_token_that_was_refused_by_mistake_when_entered_again_is_asked_for_no_more(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_with_web(hass, loqed, cloud_commands=True)
    # As in maintenance: the cloud leads to the page where people log in.
    loqed.break_cloud(status=403)
    assert await read_now(hass) == "loqed_token_refused"
    await settle(hass)
    loqed.break_cloud()
    (flow,) = reauth_flows(hass)
    page = await answer(hass, {**flow, "type": FlowResultType.FORM}, api_token=API_TOKEN)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    await wait(hass, minutes=5)
    assert reauth_flows(hass) == []
    assert entry.runtime_data.diagnostics()["web"]["commands"] is True


async def test_token_that_is_refused_is_not_tried_again_and_again(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed)
    loqed.revoke_token()
    await wait(hass, hours=72, step=1800)
    assert lists(loqed) == 2


async def test_cloud_that_hangs_delays_nothing(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_with_web(hass, loqed)
    loqed.cloud.server.faults.silent = True
    hass.config_entries.async_update_entry(entry, options={"cloud_commands": True})
    began = MONOTONIC.ahead
    reading = hass.async_create_task(call(hass, "press", READ))
    await hass.config_entries.async_reload(entry.entry_id)
    assert state(hass, LOCK) in ("locked", "unknown")
    await during(hass, loqed.settle())
    await hass.services.async_call("lock", "unlock", {"entity_id": LOCK}, blocking=False)
    while loqed.bolt() != "unlocked":
        MONOTONIC.advance(0.05)
        await hass.async_block_till_done(wait_background_tasks=False)
        assert MONOTONIC.ahead - began < 12
    loqed.cloud.server.faults.silent = False
    reading.cancel()
    await wait(hass, seconds=60)


# Switching it on and off.


async def test_options_switch_it_on_and_off(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed, can_open=True, key_names=[{"number": 12, "name": "Anna"}])
    page = await open_options(hass, entry, "loqed_web_options")
    chosen: dict[str, Any] = {"use_web_api": True, "cloud_commands": True}
    page = await choose_options(hass, page, **chosen)
    assert page["errors"] == {"api_token": "loqed_token_needed"}
    page = await choose_options(hass, page, **chosen, api_token=API_TOKEN)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options["cloud_commands"] is True
    assert entry.options["key_names"] == [{"number": 12, "name": "Anna"}]
    assert state(hass, TWIST) == "on"
    page = await open_options(hass, entry, "loqed_options")
    page = await choose_options(
        hass, page, can_open=True, unsigned_details=False, window=30, push_route="direct"
    )
    assert entry.options["cloud_commands"] is True
    page = await open_options(hass, entry, "loqed_web_options")
    page = await choose_options(hass, page, use_web_api=False, cloud_commands=True)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    assert "api_token" not in entry.data
    assert API_TOKEN not in str(entry.as_dict())
    assert hass.states.get(TWIST) is None
    assert er.async_get(hass).async_get(TWIST) is None


async def test_options_with_a_new_token_alone_reload(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_with_web(hass, loqed, cloud_commands=False)
    token = loqed.create_token()
    before = entry.runtime_data
    page = await open_options(hass, entry, "loqed_web_options")
    await choose_options(hass, page, use_web_api=True, cloud_commands=False, api_token=token)
    assert entry.data["api_token"] == token
    assert entry.runtime_data is not before


@pytest.mark.parametrize(
    ("spoil", "errors"),
    [
        (lambda loqed: loqed.revoke_token(), {"api_token": "loqed_token_refused"}),
        (lambda loqed: loqed.block_account(), {"base": "loqed_blocked"}),
        (lambda loqed: loqed.break_cloud(drop=True), {"base": "loqed_cloud_unreachable"}),
        (lambda loqed: loqed.empty_account(), {"base": "loqed_no_locks"}),
        (
            lambda loqed: loqed.cloud_fields(
                {"id": 5, "bridge_hostname": "x", "bridge_mac_wifi": "02c0ffee0fff"}
            ),
            {"api_token": "loqed_not_listed"},
        ),
    ],
)
async def test_options_with_a_token_that_does_not_work_say_why(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, spoil: Any, errors: Any
) -> None:
    entry = await set_up(hass, loqed)
    spoil(loqed)
    page = await open_options(hass, entry, "loqed_web_options")
    page = await choose_options(
        hass, page, use_web_api=True, cloud_commands=False, api_token=API_TOKEN
    )
    assert page["errors"] == errors
    assert "api_token" not in entry.data


async def test_form_when_no_read_is_left_says_until_when(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    page = await begin(hass, "loqed", "loqed_token")
    for _ in range(4):
        page = await answer(hass, page, api_token=make_token(9e9, number=77))
        assert page["errors"] == {"api_token": "loqed_token_refused"}
    page = await answer(hass, page, api_token=API_TOKEN)
    assert page["errors"] == {"base": "loqed_no_reads_left"}
    assert lists(loqed) == 4
    entry = await set_up(hass, loqed)
    page = await open_options(hass, entry, "loqed_web_options")
    page = await choose_options(
        hass, page, use_web_api=True, cloud_commands=False, api_token=API_TOKEN
    )
    assert page["errors"] == {"base": "loqed_no_reads_left"}


async def test_entries_of_one_account_share_its_reads(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_with_web(hass, loqed)
    for _ in range(3):
        await read_now(hass)
    page = await open_options(hass, entry, "loqed_web_options")
    page = await choose_options(
        hass, page, use_web_api=True, cloud_commands=False, api_token=loqed.create_token()
    )
    assert page["errors"] == {"base": "loqed_no_reads_left"}


async def test_file_is_removed_with_the_last_entry_and_reads_still_count(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, hass_storage: dict[str, Any]
) -> None:
    entry = await set_up_with_web(hass, loqed)
    files = [name for name in hass_storage if name.startswith("smartlocks.loqed")]
    assert len(files) == 1
    assert API_TOKEN not in str(hass_storage[files[0]])
    assert "k/cPhCU9" not in str(hass_storage[files[0]])
    for _ in range(3):
        await read_now(hass)
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert files[0] not in hass_storage
    await wait(hass, minutes=11)
    page = await begin(hass, "loqed", "loqed_token")
    page = await answer(hass, page, api_token=API_TOKEN)
    assert page["errors"] == {"base": "loqed_no_reads_left"}


async def test_file_of_a_token_that_was_not_kept_when_its_entry_is_removed_later_is_removed(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_storage: dict[str, Any],
    tmp_path: Path,
) -> None:
    page = await begin(hass, "loqed", "loqed_token")
    page = await answer(hass, page, api_token=API_TOKEN)
    (name,) = (name for name in hass_storage if name.startswith("smartlocks.loqed"))
    # What is on the disk is all that is known after a restart.
    (tmp_path / ".storage").mkdir()
    (tmp_path / ".storage" / name).write_text("{}")
    (tmp_path / ".storage" / "smartlocks.another").write_text("{}")
    hass.config.config_dir = str(tmp_path)
    hass.data.pop("smartlocks_loqed_accounts")
    hass_storage["smartlocks.another"] = {}
    await during(hass, hass.config_entries.async_remove(page["result"].entry_id))
    assert name not in hass_storage
    assert "smartlocks.another" in hass_storage


@pytest.mark.parametrize("is_removed", [False, True])
async def test_setting_when_its_entry_is_reloaded_or_removed_meanwhile_is_read_by_whoever_is_left(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_storage: dict[str, Any],
    is_removed: bool,
) -> None:
    entry = await set_up_with_web(hass, loqed)
    loqed.cloud.server.faults.delay = 3.0
    changing = asyncio.ensure_future(call(hass, "turn_off", TWIST))
    for _ in range(2000):
        if any(one.path.endswith("/setting") for one in loqed.cloud.server.requests):
            break
        await asyncio.sleep(0)
    if is_removed:
        await hass.config_entries.async_remove(entry.entry_id)
    else:
        await hass.config_entries.async_reload(entry.entry_id)
    assert not changing.done()
    await during(hass, changing)
    loqed.cloud.server.faults.delay = 0.0
    before = lists(loqed)
    await wait(hass, seconds=20)
    assert lists(loqed) - before == (0 if is_removed else 1)
    assert timers(hass) == [] or not is_removed
    files = [name for name in hass_storage if name.startswith("smartlocks.loqed")]
    assert len(files) == (0 if is_removed else 1)
    if not is_removed:
        assert (state(hass, TWIST), assumed(hass, TWIST)) == ("off", False)
