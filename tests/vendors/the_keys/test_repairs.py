"""Repair issues of a gateway: submitted, kept over a reload, and gone by themselves."""

from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.simulators.the_keys import FRONT_ID, PASSWORD, PHONE, TheKeysSimulator
from tests.vendors.home import (
    answer,
    choose,
    issues,
    let_pass,
    live_through,
    reauth_flows,
    refused,
    run_ahead,
    settle,
    state,
)
from tests.vendors.repairs import ignore, is_ignored, issue_of, opened, submit

from .helpers import LOCK, poll


async def reload(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Reload an entry, and wait until that is done."""
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)


async def test_silent_gateway_when_submitted_is_tried_again(
    hass: HomeAssistant,
    entry: ConfigEntry,
    gateway: TheKeysSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    await gateway.switch_off()
    await live_through(hass, step=15, seconds=375)
    assert issues(hass) == {"the_keys_frozen"}
    await submit(hass, hass_client, "the_keys_frozen")
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert issues(hass) == {"the_keys_frozen"}
    await gateway.switch_on()
    await submit(hass, hass_client, "the_keys_frozen")
    await let_pass(hass, seconds=3)
    assert entry.state is ConfigEntryState.LOADED
    assert issues(hass) == set()
    assert state(hass, LOCK) == "locked"


async def test_silent_gateway_when_entry_is_disabled_is_no_issue(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await gateway.switch_off()
    await reload(hass, entry)
    for _ in range(4):
        await let_pass(hass, seconds=90)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert issues(hass) == {"the_keys_frozen"}
    await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    await settle(hass)
    assert issues(hass) == set()


async def test_lost_clock_when_submitted_is_synchronized_again(
    hass: HomeAssistant,
    entry: ConfigEntry,
    gateway: TheKeysSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    gateway.lose_clock(for_good=True)
    await gateway.turn_by_hand("unlocked")
    await poll(hass)
    assert issues(hass) == {"the_keys_clock"}
    ignore(hass, "the_keys_clock")
    await reload(hass, entry)
    assert is_ignored(hass, "the_keys_clock")
    gateway.lose_clock()
    await submit(hass, hass_client, "the_keys_clock")
    await live_through(hass, step=5, minutes=2)
    assert issues(hass) == set()
    assert state(hass, LOCK) == "unlocked"


async def test_deleted_share_when_submitted_leads_to_the_one_reauthentication(
    hass: HomeAssistant,
    entry: ConfigEntry,
    gateway: TheKeysSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    gateway.refuse_credentials("deleted", login=False)
    await gateway.turn_by_hand("unlocked")
    await poll(hass)
    assert issue_of(hass, "the_keys_share_gone").translation_placeholders == {
        "name": entry.title,
        "locks": "Front door",
    }
    (flow,) = reauth_flows(hass)
    ended = await submit(hass, hass_client, "the_keys_share_gone")
    assert opened(ended, "config_flow") == flow["flow_id"]
    assert issues(hass) == {"the_keys_share_gone"}
    page: Any = await hass.config_entries.flow.async_configure(flow["flow_id"])
    page = await choose(hass, page, "the_keys_reauth_account")
    page = await run_ahead(hass, answer(hass, page, phone=PHONE, password=PASSWORD))
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert issues(hass) == set()


async def test_refused_code_when_only_a_command_was_refused_then_it_is_no_issue_for_long(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    # Another program has used a later timestamp.
    gateway.answer_code(33, times=2, endpoint="/open")
    assert await refused(hass, "unlock", LOCK) == "the_keys_refused"
    assert (issues(hass), len(reauth_flows(hass))) == ({"the_keys_code_refused"}, 1)
    await live_through(hass, step=1, seconds=5)
    assert (issues(hass), reauth_flows(hass)) == (set(), [])
    assert state(hass, LOCK) == "locked"


async def test_refused_code_when_reauthentication_was_closed_opens_it_again(
    hass: HomeAssistant,
    entry: ConfigEntry,
    gateway: TheKeysSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    gateway.refuse_credentials("changed")
    gateway.lock().last_log += 1
    await poll(hass)
    assert issues(hass) == {"the_keys_code_refused"}
    (flow,) = reauth_flows(hass)
    hass.config_entries.flow.async_abort(flow["flow_id"])
    ended = await submit(hass, hass_client, "the_keys_code_refused")
    (flow,) = reauth_flows(hass)
    assert opened(ended, "config_flow") == flow["flow_id"]


async def test_refused_code_when_its_lock_is_removed_while_unloaded_is_no_issue(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.fail_lock(FRONT_ID, 32)
    gateway.lock().last_log += 1
    await poll(hass)
    assert issues(hass) == {"the_keys_share_gone"}
    await hass.config_entries.async_unload(entry.entry_id)
    lock = next(one for one in entry.subentries.values() if one.unique_id == FRONT_ID)
    hass.config_entries.async_remove_subentry(entry, lock.subentry_id)
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert issues(hass) == set()
