"""A lock without its bridge: the state of few reads, unknown in between, commands confirmed."""

from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
import pytest
from yarl import URL

from tests.clock import WallClock
from tests.simulators.loqed import API_TOKEN, LOCK_ID, NOBODY, LoqedSimulator
from tests.vendors.home import answer, begin, call, choose, issues, reauth_flows, record, state

from .conftest import (
    LOCK,
    activity,
    choose_options,
    command,
    discover,
    during,
    found,
    lists,
    open_options,
    refresh,
    refused,
    reload,
    set_up,
    set_up_without_bridge,
    wait,
)

LEFT = "sensor.front_door_cloud_reads_left"

pytestmark = pytest.mark.usefixtures("cloud")


async def open_webhook(
    hass: HomeAssistant, entry: ConfigEntry, address: URL, loqed: LoqedSimulator
) -> None:
    """Let the cloud call."""
    hass.config.external_url = "https://home.example.com"
    page = await open_options(hass, entry, "loqed_hints")
    page = await choose_options(hass, page, use_names=True)
    (field,) = page["data_schema"].schema
    told: str = field.description["suggested_value"]
    await choose_options(hass, page, address=told)
    loqed.add_cloud_webhook(told.replace("https://home.example.com", str(address)))


async def turn(hass: HomeAssistant, loqed: LoqedSimulator, bolt: Any) -> None:
    """Turn the lock by hand."""
    await during(hass, loqed.turn_by_hand(bolt))
    await during(hass, loqed.settle())


# Set-up.


async def test_set_up_by_the_account_asks_the_bridge_for_nothing_and_reads_once(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_without_bridge(hass, loqed)
    assert entry.state is ConfigEntryState.LOADED
    assert state(hass, LOCK) == "locked"
    assert state(hass, "switch.front_door_twist_assist") == "on"
    assert state(hass, "sensor.front_door_battery") == "64"
    assert loqed.server.requests == []
    assert lists(loqed) == 1
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert (device.model, device.serial_number) == ("Touch", LOCK_ID)


async def test_set_up_works_without_the_keys_of_the_lock_and_keeps_none(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_without_bridge(hass, loqed)
    assert "key_secret" not in entry.data
    await hass.config_entries.async_remove(entry.entry_id)
    loqed.cloud_fields(without=["key_secret", "bridge_key", "local_id"])
    await set_up_without_bridge(hass, loqed)
    assert state(hass, LOCK) == "locked"


async def test_set_up_with_several_locks_offers_those_not_set_up(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.add_cloud_lock("Back door")
    page = await begin(hass, "loqed", "loqed_web")
    page = await answer(hass, page, api_token=API_TOKEN)
    assert page["step_id"] == "loqed_pick"
    page = await answer(hass, page, lock=LOCK_ID)
    assert (page["type"], page["title"]) == (FlowResultType.CREATE_ENTRY, "Front door")


async def test_set_up_while_the_account_is_blocked_says_until_when(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.block_account()
    page = await begin(hass, "loqed", "loqed_web")
    page = await answer(hass, page, api_token=API_TOKEN)
    assert page["errors"] == {"base": "loqed_blocked"}


async def test_set_up_of_a_lock_that_is_there_through_its_bridge_ends(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    page = await begin(hass, "loqed", "loqed_web")
    page = await answer(hass, page, api_token=API_TOKEN)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "all_locks_configured")


async def test_bridge_that_is_discovered_is_known(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_without_bridge(hass, loqed)
    page = await discover(hass, found(loqed))
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_bridge_that_is_discovered_when_the_cloud_is_away_raises_no_question(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await set_up_without_bridge(hass, loqed)
    await hass.config_entries.async_unload(entry.entry_id)
    hass.data.pop("smartlocks_loqed_accounts")
    hass.data.pop("smartlocks_memories")
    monkeypatch.setenv("SMARTLOCKS_LOQED_CLOUD_URL", f"http://{NOBODY}")
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    page = await discover(hass, found(loqed))
    assert page["reason"] == "already_configured"
    assert issues(hass) == set()


async def test_reconfigure_connects_to_the_bridge(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_without_bridge(hass, loqed)
    page: Any = await hass.config_entries.flow.async_init(
        "smartlocks", context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    page = await choose(hass, page, "loqed_token")
    page = await answer(hass, page, api_token=API_TOKEN, keep_token=True)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await wait(hass, seconds=130)
    assert loqed.server.sent("/status")
    assert state(hass, LOCK) == "locked"
    await command(hass, "unlock")
    assert loqed.account.commands == []


async def test_reconfigure_takes_another_token(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_without_bridge(hass, loqed)
    page: Any = await hass.config_entries.flow.async_init(
        "smartlocks", context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    page = await choose(hass, page, "loqed_web_token")
    token = loqed.create_token()
    page = await answer(hass, page, api_token=token)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert entry.data["api_token"] == token


async def test_token_of_another_account_is_not_taken(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_without_bridge(hass, loqed)
    entry.async_start_reauth(hass)
    await wait(hass, seconds=1)
    (flow,) = reauth_flows(hass)
    assert flow["step_id"] == "loqed_web_reauth"
    loqed.cloud_fields({"id": 5, "bridge_hostname": "x", "bridge_mac_wifi": "02c0ffee0fff"})
    await wait(hass, minutes=11)
    page = await answer(hass, {**flow, "type": FlowResultType.FORM}, api_token=API_TOKEN)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "unique_id_mismatch")


# State.


async def test_state_is_believed_for_two_hours_and_read_every_six(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_without_bridge(hass, loqed)
    await wait(hass, hours=1.9, step=60)
    assert state(hass, LOCK) == "locked"
    await wait(hass, hours=0.2, step=60)
    assert state(hass, LOCK) == "unknown"
    assert lists(loqed) == 1
    await wait(hass, hours=4, step=60)
    assert state(hass, LOCK) == "locked"
    assert lists(loqed) == 2


async def test_false_locked_lasts_two_hours_at_most(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_without_bridge(hass, loqed)
    await turn(hass, loqed, "unlocked")
    wrong = 0
    for _ in range(8 * 12):
        await wait(hass, minutes=5, step=60)
        wrong += state(hass, LOCK) == "locked"
    assert 0 < wrong <= 24
    assert state(hass, LOCK) in ("unlocked", "unknown")


async def test_restart_shows_nothing_that_was_kept_in_a_file(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, wall: WallClock
) -> None:
    entry = await set_up_without_bridge(hass, loqed)
    for _ in range(3):
        await refresh(hass)
    await hass.config_entries.async_unload(entry.entry_id)
    hass.data.pop("smartlocks_loqed_accounts")
    hass.data.pop("smartlocks_memories")
    # As on a board without a clock of its own.
    wall.step = -86_400 * 30
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert state(hass, LOCK) == "unknown"
    assert state(hass, LEFT) == "0"
    assert state(hass, "switch.front_door_twist_assist") == "on"
    assert lists(loqed) == 4
    # The clock that was wrong made no read older, nor one of the future.
    await wait(hass, hours=11.9, step=300)
    assert state(hass, LEFT) == "0"
    await wait(hass, hours=0.4, step=300)
    assert state(hass, LOCK) == "locked"


async def test_reloads_cost_no_read_and_keep_the_state(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_without_bridge(hass, loqed)
    for _ in range(5):
        await reload(hass, entry)
    assert lists(loqed) == 1
    assert state(hass, LOCK) == "locked"


async def test_refresh_reads_until_none_is_left_and_says_so(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_without_bridge(hass, loqed)
    await turn(hass, loqed, "unlocked")
    await refresh(hass)
    assert state(hass, LOCK) == "unlocked"
    for _ in range(4):
        await refresh(hass)
    assert lists(loqed) == 4
    assert state(hass, LEFT) == "0"
    assert state(hass, LOCK) == "unlocked"
    await wait(hass, minutes=30, step=30)
    assert state(hass, LOCK) == "unlocked"


async def test_lock_that_the_cloud_calls_offline_is_unavailable(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_without_bridge(hass, loqed)
    await during(hass, loqed.take_offline())
    await refresh(hass)
    assert state(hass, LOCK) == "unavailable"
    assert state(hass, "binary_sensor.front_door_connectivity") == "off"


@pytest.mark.parametrize("spoil", [{"status": 500}, {"nonsense": "html"}, {"drop": True}])
async def test_set_up_when_the_cloud_fails_reads_once_and_is_unknown(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, spoil: dict[str, Any]
) -> None:
    entry = await set_up_without_bridge(hass, loqed)
    await hass.config_entries.async_unload(entry.entry_id)
    hass.data.pop("smartlocks_loqed_accounts")
    hass.data.pop("smartlocks_memories")
    loqed.break_cloud(**spoil)
    before = lists(loqed)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert state(hass, LOCK) == "unknown"
    await wait(hass, minutes=30, step=10)
    assert lists(loqed) == before + 1
    loqed.break_cloud()
    await wait(hass, minutes=40, step=30)
    assert state(hass, LOCK) == "locked"


async def test_set_up_when_the_cloud_refuses_or_does_not_list_the_lock_reads_once(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_without_bridge(hass, loqed)
    for spoil in ({"status": 404}, {"id": 5}):
        await hass.config_entries.async_unload(entry.entry_id)
        hass.data.pop("smartlocks_memories")
        await wait(hass, hours=12.5, step=600)
        hass.data.pop("smartlocks_loqed_accounts")
        loqed.break_cloud(status=spoil.get("status"))
        loqed.cloud_fields({"id": spoil["id"]} if "id" in spoil else {})
        before = lists(loqed)
        await hass.config_entries.async_setup(entry.entry_id)
        assert entry.state is ConfigEntryState.LOADED
        assert state(hass, LOCK) == "unknown"
        await wait(hass, minutes=50, step=10)
        assert lists(loqed) == before + 1


async def test_set_up_when_the_cloud_cannot_be_reached_is_tried_again(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await set_up_without_bridge(hass, loqed)
    await hass.config_entries.async_unload(entry.entry_id)
    hass.data.pop("smartlocks_loqed_accounts")
    hass.data.pop("smartlocks_memories")
    monkeypatch.setenv("SMARTLOCKS_LOQED_CLOUD_URL", f"http://{NOBODY}")
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert lists(loqed) == 1


async def test_token_that_is_refused_asks_for_another(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_without_bridge(hass, loqed)
    loqed.revoke_token()
    await refresh(hass)
    await wait(hass, seconds=1)
    (flow,) = reauth_flows(hass)
    assert flow["step_id"] == "loqed_web_reauth"
    token = loqed.create_token()
    loqed.revoke_token(revoked=False)
    page = await answer(hass, {**flow, "type": FlowResultType.FORM}, api_token=token)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert entry.data["api_token"] == token


async def test_block_is_told_and_commands_are_still_sent(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_without_bridge(hass, loqed)
    loqed.block_account()
    await refresh(hass)
    assert issues(hass) == {"loqed_blocked"}
    assert await refused(hass, "unlock") == "loqed_cloud_unread"
    assert loqed.bolt() == "unlocked"
    assert state(hass, LOCK) == "unknown"
    loqed.block_account(blocked=False)
    await wait(hass, hours=12.5, step=120)
    assert issues(hass) == set()
    assert state(hass, LOCK) == "unlocked"


async def test_locks_of_one_account_share_every_list(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.add_cloud_lock("Back door")
    for name in ("Front door", "Back door"):
        page = await begin(hass, "loqed", "loqed_web")
        page = await answer(hass, page, api_token=API_TOKEN)
        (field,) = page["data_schema"].schema.values()
        ids = {option["label"]: option["value"] for option in field.config["options"]}
        page = await answer(hass, page, lock=ids[name])
        assert page["type"] is FlowResultType.CREATE_ENTRY
    # One list serves the set-up of all of them.
    assert lists(loqed) == 1
    await turn(hass, loqed, "unlocked")
    await during(hass, call(hass, "press", "button.back_door_refresh"))
    assert state(hass, LOCK) == "unlocked"
    assert lists(loqed) == 2
    await wait(hass, hours=5.9, step=60)
    assert lists(loqed) == 2
    await wait(hass, hours=0.2, step=60)
    assert state(hass, "lock.back_door") != "unknown"
    assert lists(loqed) in (3, 4)


# Commands.


@pytest.mark.parametrize(("service", "ends"), [("unlock", "unlocked"), ("open", "unlocked")])
async def test_command_is_confirmed_by_one_read(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, service: str, ends: str
) -> None:
    await set_up_without_bridge(hass, loqed)
    await wait(hass, minutes=5)
    seen = record(hass, LOCK)
    await command(hass, service)
    assert state(hass, LOCK) == ends
    assert seen[0] in ("unlocking", "opening")
    assert lists(loqed) == 2
    assert loqed.server.sent("/to_lock") == []
    assert activity(hass)["user"] == "Home Assistant"


async def test_command_that_is_not_carried_out_says_so(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_without_bridge(hass, loqed)
    loqed.jam()
    assert await refused(hass, "unlock") == "loqed_cloud_not_confirmed"
    assert state(hass, LOCK) == "unknown"
    assert len(loqed.account.commands) == 1
    assert lists(loqed) == 2


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        (lambda loqed: loqed.delete_key(), "loqed_key_deleted"),
        (lambda loqed: loqed.revoke_token(), "loqed_token_refused"),
        (lambda loqed: setattr(loqed.account, "is_busy", True), "loqed_busy"),
    ],
)
async def test_command_that_is_refused_says_why_and_changes_nothing(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, spoil: Any, key: str
) -> None:
    await set_up_without_bridge(hass, loqed)
    spoil(loqed)
    assert await refused(hass, "unlock") == key
    assert state(hass, LOCK) == "locked"
    assert loqed.bolt() == "locked"


async def test_two_commands_have_a_read_whatever_else_was_read(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up_without_bridge(hass, loqed)
    for _ in range(5):
        await refresh(hass)
    await command(hass, "unlock")
    await wait(hass, minutes=5)
    await command(hass, "lock")
    await wait(hass, minutes=5)
    assert lists(loqed) == 6
    assert await refused(hass, "unlock") == "loqed_cloud_unread"
    assert state(hass, LOCK) == "unknown"


# Hints.


async def test_call_of_the_cloud_leads_to_a_read_and_says_nothing_itself(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_without_bridge(hass, loqed)
    await open_webhook(hass, entry, address, loqed)
    await wait(hass, minutes=5)
    await turn(hass, loqed, "unlocked")
    await wait(hass, seconds=10)
    assert state(hass, LOCK) == "unlocked"
    claim = {"event_type": "STATE_CHANGED_NIGHT_LOCK", "requested_state": "NIGHT_LOCK"}
    await during(hass, loqed.forge_cloud_call(claim))
    await wait(hass, seconds=10)
    assert state(hass, LOCK) == "unlocked"


async def test_flood_of_calls_costs_two_reads(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_without_bridge(hass, loqed)
    await open_webhook(hass, entry, address, loqed)
    await wait(hass, minutes=5)
    for number in range(60):
        claim = {"event_type": f"X{number}", "requested_state": "NIGHT_LOCK"}
        assert await during(hass, loqed.forge_cloud_call(claim)) == [200]
        await wait(hass, minutes=1)
    assert lists(loqed) == 1 + 2
    await wait(hass, hours=5.5, step=300)
    assert lists(loqed) == 1 + 2 + 1


async def test_month_without_a_bridge_never_reads_more_than_six_times_in_twelve_hours(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up_without_bridge(hass, loqed)
    await open_webhook(hass, entry, address, loqed)
    for day in range(30):
        for part in range(4):
            await turn(hass, loqed, "unlocked" if part % 2 == 0 else "locked")
            await wait(hass, hours=6, step=1200)
        if day % 3 == 0:
            await during(hass, call(hass, "toggle", "switch.front_door_twist_assist"))
            await refresh(hass)
        if day % 5 == 0:
            await reload(hass, entry)
            hass.data.pop("smartlocks_loqed_accounts")
    limit = loqed.account.limit
    assert limit.most_in_a_window() <= 6
    assert limit.blocked_until == 0
    assert len(limit.times) >= 4 * 30
