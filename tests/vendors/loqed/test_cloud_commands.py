"""A command that provably did not reach the bridge goes through the cloud, if that is wanted."""

import asyncio
from contextlib import suppress
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_state_change_event
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events
from yarl import URL

from tests.api.loqed_helpers import not_accepting
from tests.clock import MONOTONIC
from tests.simulators.loqed import API_TOKEN, LOCAL_ID, LoqedSimulator
from tests.vendors.home import call, issues, reauth_flows, record, settle, state, take_turns

from .conftest import (
    EVENT,
    LOCK,
    activity,
    changed_by,
    choose_options,
    command,
    during,
    lists,
    open_options,
    refused,
    reload,
    set_up,
    set_up_with_web,
    turn,
    wait,
)

pytestmark = pytest.mark.usefixtures("cloud")


async def leave(hass: HomeAssistant, loqed: LoqedSimulator, *, pushes: bool = False) -> None:
    """Let the bridge leave the network, and Home Assistant notice it."""
    await loqed.leave_network()
    if not pushes:
        loqed.stop_pushing()
    await wait(hass, minutes=15, step=20)


async def test_command_when_the_bridge_is_out_of_reach_goes_through_the_cloud_once(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed, cloud_commands=True)
    await leave(hass, loqed)
    assert state(hass, LOCK) == "unknown"
    reads = lists(loqed)
    others = async_capture_events(hass, "smartlocks_activity")
    await command(hass, "unlock")
    assert loqed.account.commands == ["day_lock"]
    # It is the end of a call, which tells of it.
    assert others == []
    assert loqed.bolt() == "unlocked" == state(hass, LOCK)
    assert lists(loqed) == reads + 1
    told = activity(hass)
    assert (told["event_type"], told["via"], told["user"]) == (
        "unlocked",
        "cloud",
        "Home Assistant",
    )


async def test_command_through_the_cloud_is_confirmed_by_the_bridges_push_without_a_read(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed, cloud_commands=True)
    await loqed.leave_network()
    reads = lists(loqed)
    await command(hass, "unlock")
    assert state(hass, LOCK) == "unlocked"
    assert lists(loqed) == reads
    assert activity(hass)["via"] == "cloud"
    await loqed.join_network()
    await during(hass, loqed.settle())
    await wait(hass, seconds=60)
    await command(hass, "lock")
    assert "via" not in activity(hass)
    assert loqed.account.commands == ["day_lock"]


async def test_command_through_the_cloud_when_somebody_was_faster_stays_its_callers(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_with_web(hass, loqed, cloud_commands=True)
    others, seen = async_capture_events(hass, "smartlocks_activity"), list[tuple[str, bool]]()
    context = Context()

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        if (new := event.data["new_state"]) is not None:
            seen.append((new.state, new.context.id == context.id))

    async_track_state_change_event(hass, LOCK, changed)
    async with not_accepting() as nowhere:
        entry.runtime_data._bridge.url = nowhere
        task = asyncio.ensure_future(during(hass, call(hass, "lock", LOCK, context=context)))
        await take_turns()
        assert state(hass, LOCK) == "locking"
        # Ends when the command has ended.
        await turn(hass, loqed, "unlocked")
        await task
    assert loqed.account.commands == ["night_lock"]
    assert len(others) == 1
    assert seen[-2:] == [("locking", True), ("locked", True)]


async def test_command_through_the_cloud_is_confirmed_by_the_status_when_the_bridge_is_back(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed, cloud_commands=True)
    await leave(hass, loqed)
    reads = lists(loqed)
    sending = hass.async_create_task(call(hass, "unlock", LOCK))
    while not loqed.account.commands:
        await asyncio.sleep(0)
        MONOTONIC.advance(0.01)
    await loqed.join_network()
    await during(hass, sending)
    assert state(hass, LOCK) == "unlocked"
    assert lists(loqed) == reads


async def test_command_after_a_restart_without_the_bridge_goes_through_the_cloud(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_with_web(hass, loqed, cloud_commands=True)
    await loqed.leave_network()
    loqed.stop_pushing()
    await hass.config_entries.async_unload(entry.entry_id)
    hass.data.pop("smartlocks_memories")
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert state(hass, LOCK) == "unknown"
    await wait(hass, minutes=5, step=10)
    await command(hass, "unlock")
    assert state(hass, LOCK) == "unlocked" == loqed.bolt()
    assert loqed.account.commands == ["day_lock"]
    await loqed.join_network()
    loqed.resume_pushing()
    await wait(hass, minutes=15, step=10)
    await turn(hass, loqed, "locked")
    assert state(hass, LOCK) == "locked"


async def test_command_with_another_key_than_the_bridges_is_still_ours(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    page = await open_options(hass, entry, "loqed_web_options")
    page = await choose_options(
        hass, page, use_web_api=True, cloud_commands=True, api_token=API_TOKEN
    )
    data = {**entry.data, "key_id": LOCAL_ID + 1}
    hass.config_entries.async_update_entry(entry, data=data)
    await reload(hass, entry)
    await wait(hass, seconds=130)
    await loqed.leave_network()
    await command(hass, "unlock")
    assert changed_by(hass) == "Home Assistant" == activity(hass)["user"]


async def test_command_that_is_not_carried_out_is_not_called_done(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed, cloud_commands=True)
    await leave(hass, loqed)
    loqed.jam()
    reads = lists(loqed)
    assert await refused(hass, "unlock") == "loqed_cloud_not_confirmed"
    assert state(hass, LOCK) == "unknown"
    assert loqed.account.commands == ["day_lock"]
    assert lists(loqed) == reads + 1


async def test_command_that_the_list_contradicts_is_not_called_done(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed, cloud_commands=True)
    await leave(hass, loqed)
    loqed.cloud_fields({"bolt_state": "night_lock"})
    assert await refused(hass, "unlock") == "loqed_cloud_not_confirmed"
    assert state(hass, LOCK) == "unknown"


async def test_command_when_no_read_is_left_is_not_called_done(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed, cloud_commands=True)
    await leave(hass, loqed)
    loqed.block_account()
    assert await refused(hass, "unlock") == "loqed_cloud_not_confirmed"
    assert loqed.bolt() == "unlocked"
    assert state(hass, LOCK) == "unknown"


async def test_two_reads_are_kept_for_commands(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed, cloud_commands=True)
    for _ in range(6):
        with suppress(HomeAssistantError):
            await during(hass, call(hass, "press", "button.front_door_read_from_the_cloud"))
    await leave(hass, loqed)
    await command(hass, "unlock")
    await wait(hass, minutes=3)
    await command(hass, "lock")
    assert lists(loqed) == 6
    await wait(hass, minutes=3)
    assert await refused(hass, "unlock") == "loqed_cloud_not_confirmed"
    assert lists(loqed) == 6


async def test_command_is_off_by_default(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed)
    await loqed.leave_network()
    assert await refused(hass, "unlock") == "loqed_bridge_unreachable"
    assert loqed.account.commands == []
    assert state(hass, LOCK) == "locked"
    await wait(hass, minutes=15, step=20)
    assert state(hass, LOCK) == "unavailable"


@pytest.mark.parametrize("fault", ["drop", "drop_after", "error"])
async def test_command_that_the_bridge_may_have_is_never_sent_again(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, fault: Any
) -> None:
    await set_up_with_web(hass, loqed, cloud_commands=True)
    loqed.fail_endpoint("to_lock", fault)
    loqed.stop_pushing()
    if fault == "drop_after":
        await command(hass, "unlock")
    else:
        assert await refused(hass, "unlock") == "loqed_no_answer"
    assert loqed.account.commands == []


async def test_command_that_somebody_answers_with_a_refusal_is_not_sent_through_the_cloud(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed, cloud_commands=True)
    # Whoever answers in the bridge's place may have passed it on.
    loqed.server.faults.status = 401
    assert await refused(hass, "unlock") is not None
    assert loqed.account.commands == []


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        (lambda loqed: loqed.delete_key(), "loqed_key_deleted"),
        (lambda loqed: loqed.fit_handle(), "loqed_unsupported"),
        (lambda loqed: setattr(loqed.account, "is_busy", True), "loqed_busy"),
        (lambda loqed: loqed.break_cloud(status=404), "loqed_cloud_not_understood"),
    ],
)
async def test_command_that_the_cloud_refuses_says_why_and_changes_nothing(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, spoil: Any, key: str
) -> None:
    await set_up_with_web(hass, loqed, cloud_commands=True)
    await turn(hass, loqed, "unlocked")
    await wait(hass, minutes=3)
    await loqed.leave_network()
    spoil(loqed)
    assert await refused(hass, "open") == key
    assert state(hass, LOCK) == "unlocked"
    assert loqed.account.commands == []


async def test_command_with_a_refused_token_asks_for_another(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed, cloud_commands=True)
    await loqed.leave_network()
    loqed.revoke_token()
    assert await refused(hass, "unlock") == "loqed_token_refused"
    await settle(hass)
    assert [flow["step_id"] for flow in reauth_flows(hass)] == ["loqed_cloud_reauth"]
    await wait(hass, minutes=15, step=20)
    # There is no way left.
    assert state(hass, LOCK) == "unavailable"


async def test_command_without_bridge_and_cloud_speaks_of_the_bridge(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed, cloud_commands=True)
    await loqed.leave_network()
    await loqed.cloud.server.stop()
    assert await refused(hass, "unlock") == "loqed_bridge_unreachable"
    assert state(hass, LOCK) == "locked"


async def test_command_whose_answer_from_the_cloud_is_lost_is_not_sent_again(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed, cloud_commands=True)
    await leave(hass, loqed)
    loqed.cloud.server.faults.drop_after = True
    assert await refused(hass, "unlock") == "loqed_cloud_no_answer"
    assert loqed.account.commands == ["day_lock"]
    assert state(hass, LOCK) == "unknown"


async def test_turn_by_hand_after_a_command_through_the_cloud_has_no_way(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed, cloud_commands=True)
    await loqed.leave_network()
    loqed.jam()
    assert await refused(hass, "unlock") == "lock_jammed"
    loqed.jam(jammed=False)
    await loqed.join_network()
    await wait(hass, seconds=60)
    await during(hass, loqed.remote("unlocked", 12))
    await during(hass, loqed.settle())
    assert activity(hass)["event_type"] == "unlocked"
    assert "via" not in activity(hass)


async def test_turn_by_hand_during_a_command_through_the_cloud_has_no_way(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed, cloud_commands=True)
    await loqed.leave_network()
    loqed.lose_cloud_commands()
    sending = hass.async_create_task(call(hass, "unlock", LOCK))
    while not loqed.account.commands:
        await asyncio.sleep(0)
        MONOTONIC.advance(0.01)
    MONOTONIC.advance(2.0)
    await during(hass, loqed.turn_by_hand("unlocked"))
    await during(hass, sending)
    assert (activity(hass)["event_type"], activity(hass)["method"]) == ("unlocked", "manual")
    assert "via" not in activity(hass)


async def test_lock_out_of_reach_is_never_shown_locked_though_it_stays_available(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed, cloud_commands=True)
    assert state(hass, LOCK) == "locked"
    await loqed.leave_network()
    loqed.stop_pushing()
    await during(hass, loqed.turn_by_hand("unlocked"))
    for _ in range(30):
        await wait(hass, minutes=1, step=10)
    assert state(hass, LOCK) == "unknown"
    assert state(hass, "binary_sensor.front_door_bridge_connectivity") == "off"
    await loqed.join_network()
    await wait(hass, minutes=5, step=10)
    assert state(hass, LOCK) != "locked"
    assert issues(hass) == set()


async def test_without_the_web_api_the_option_changes_nothing(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed, cloud_commands=True)
    await loqed.leave_network()
    assert await refused(hass, "unlock") == "loqed_bridge_unreachable"
    assert loqed.cloud.server.requests == []


async def test_command_that_is_not_wanted_any_more_does_not_go_through_the_cloud(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_with_web(hass, loqed, cloud_commands=True)
    async with not_accepting() as nobody:
        host = f"{nobody.host}:{nobody.port}"
        hass.config_entries.async_update_entry(entry, data={**entry.data, "host": host})
        entry.runtime_data._bridge.url = nobody
        sending = hass.async_create_task(call(hass, "unlock", LOCK))
        for _ in range(20):
            await asyncio.sleep(0)
            MONOTONIC.advance(0.02)
        assert await hass.config_entries.async_unload(entry.entry_id)
        with pytest.raises(HomeAssistantError) as caught:
            await during(hass, sending)
    assert caught.value.translation_key == "command_removed"
    assert loqed.account.commands == []


async def test_command_through_the_cloud_when_somebody_else_moves_the_lock_names_nobody(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed, cloud_commands=True)
    await loqed.leave_network()
    loqed.lose_cloud_commands()
    sending = hass.async_create_task(call(hass, "unlock", LOCK))
    while not loqed.account.commands:
        await asyncio.sleep(0)
        MONOTONIC.advance(0.01)
    MONOTONIC.advance(2.0)
    await during(hass, loqed.remote("unlocked", 12))
    await during(hass, sending)
    told = activity(hass)
    assert (told["event_type"], told["key"]) == ("unlocked", 12)
    assert "user" not in told
    assert "via" not in told
    assert changed_by(hass) == "Key 12"


async def test_lock_locked_through_the_cloud_is_not_shown_locked_for_long(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed, cloud_commands=True)
    await leave(hass, loqed)
    assert state(hass, LOCK) == "unknown"
    await command(hass, "lock")
    assert state(hass, LOCK) == "locked"
    await during(hass, loqed.turn_by_hand("unlocked"))
    await wait(hass, minutes=4, step=10)
    assert state(hass, LOCK) == "unknown"


async def test_read_of_the_cloud_when_its_command_has_ended_meanwhile_sets_no_state(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed, cloud_commands=True)
    await leave(hass, loqed)
    loqed.cloud_fields({"bolt_state": "night_lock"})
    before = lists(loqed)
    sending = hass.async_create_task(refused(hass, "lock"))
    while not loqed.account.commands:
        await asyncio.sleep(0)
        MONOTONIC.advance(0.01)
    loqed.cloud.server.faults.delay = 0.2
    while lists(loqed) == before:
        await asyncio.sleep(0)
        MONOTONIC.advance(0.02)
    seen = record(hass, LOCK)
    # It is given up before the answer comes.
    MONOTONIC.advance(19.0)
    assert await during(hass, sending) == "loqed_cloud_not_confirmed"
    await asyncio.sleep(0.4)
    await settle(hass)
    assert "locked" not in seen
    assert state(hass, LOCK) == "unknown"


async def test_lock_without_its_bridge_when_the_token_is_refused_then_unavailable_at_once(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_with_web(hass, loqed, cloud_commands=True)
    await leave(hass, loqed)
    assert state(hass, LOCK) == "unknown"
    loqed.revoke_token()
    assert await refused(hass, "unlock") == "loqed_token_refused"
    assert state(hass, LOCK) == "unavailable"
    assert state(hass, EVENT) == "unavailable"
    loqed.revoke_token(revoked=False)
    await during(hass, call(hass, "press", "button.front_door_read_from_the_cloud"))
    assert state(hass, LOCK) == "unknown"
    assert state(hass, EVENT) != "unavailable"
