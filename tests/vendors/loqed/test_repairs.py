"""Repair issues of a bridge: submitted, ignored, kept over a reload, and gone by themselves."""

from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from tests.simulators.loqed import LoqedSimulator
from tests.vendors.home import answer, issues, settle, state
from tests.vendors.repairs import ignore, is_ignored, issue_of, opened, submit

from .conftest import (
    LOCK,
    choose_options,
    discover,
    during,
    found,
    ours,
    reads,
    refresh,
    reload,
    set_up,
    set_up_with_web,
    set_up_without_bridge,
    turn,
    wait,
)
from .test_discovery import go_away


async def test_issue_when_reloaded_then_stays_ignored_until_its_cause_is_gone(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.fill_webhooks()
    entry = await set_up(hass, loqed)
    ignore(hass, "loqed_bridge_full")
    await reload(hass, entry)
    assert is_ignored(hass, "loqed_bridge_full")
    loqed.lose_webhooks()
    await reload(hass, entry)
    assert issues(hass) == set()


async def test_issue_when_entry_is_disabled_or_removed_is_gone(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.fill_webhooks()
    entry = await set_up(hass, loqed)
    assert issues(hass) == {"loqed_bridge_full"}
    entries = hass.config_entries
    await entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    await settle(hass)
    assert issues(hass) == set()
    await entries.async_set_disabled_by(entry.entry_id, None)
    await settle(hass)
    assert issues(hass) == {"loqed_bridge_full"}
    await entries.async_remove(entry.entry_id)
    await settle(hass)
    assert issues(hass) == set()


async def test_full_bridge_when_submitted_is_tried_again(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    loqed.fill_webhooks()
    await set_up(hass, loqed)
    ended = await submit(hass, hass_client, "loqed_bridge_full")
    assert ended["type"] == "create_entry"
    # Still full.
    assert issues(hass) == {"loqed_bridge_full"}
    assert ours(loqed) == []
    loqed.lose_webhooks()
    await submit(hass, hass_client, "loqed_bridge_full")
    assert issues(hass) == set()
    assert len(ours(loqed)) == 1


async def test_missing_pushes_when_submitted_are_registered_again(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    entry = await set_up(hass, loqed)
    loqed.stop_pushing()
    for bolt in ("unlocked", "locked", "unlocked"):
        await wait(hass, minutes=3)
        await turn(hass, loqed, bolt)
        await refresh(hass)
        await wait(hass, seconds=32)
    assert issues(hass) == {"loqed_push_missing"}
    await reload(hass, entry)
    assert issues(hass) == {"loqed_push_missing"}
    loqed.lose_webhooks()
    await submit(hass, hass_client, "loqed_push_missing")
    assert len(ours(loqed)) == 1
    assert issues(hass) == set()


async def test_clocks_that_differ_when_reloaded_stay_told_until_a_call_is_in_time(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    loqed.skew_clock(-90)
    await turn(hass, loqed, "unlocked")
    await wait(hass, seconds=3)
    ignore(hass, "loqed_clock_differs")
    # A bridge that takes any time: that the webhook is registered says nothing of its clock.
    loqed.change_webhook_window(None)
    await reload(hass, entry)
    assert is_ignored(hass, "loqed_clock_differs")
    assert not issue_of(hass, "loqed_clock_differs").is_fixable
    loqed.skew_clock(0)
    await wait(hass, seconds=130)
    await turn(hass, loqed, "locked")
    assert issues(hass) == set()


async def test_unsigned_calls_when_reloaded_stay_known_and_reads_frequent(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.set_generation("2s", signs=False)
    entry = await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    ignore(hass, "loqed_push_unsigned")
    await reload(hass, entry)
    assert is_ignored(hass, "loqed_push_unsigned")
    assert entry.runtime_data._is_unsigned
    await wait(hass, minutes=3)
    before = reads(loqed)
    await wait(hass, hours=1)
    assert reads(loqed) - before >= 55


async def test_own_address_that_is_missing_when_submitted_opens_the_options(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    entry = await set_up(hass, loqed, push_route="custom")
    ended = await submit(hass, hass_client, "no_push_url_custom")
    flow_id = opened(ended, "options_flow")
    # Nothing is mended by looking at the form.
    assert issues(hass) == {"no_push_url_custom"}
    options: Any = hass.config_entries.options
    assert options.async_get(flow_id)["handler"] == entry.entry_id
    await options.async_configure(flow_id, {"next_step_id": "loqed_options"})
    filled = {"can_open": True, "window": 30, "unsigned_details": False, "key_names": []}
    way = {"push_route": "custom", "push_base": str(address)}
    page = await options.async_configure(flow_id, filled | way)
    assert page["type"] == "create_entry", page
    await settle(hass)
    assert issues(hass) == set()
    assert len(ours(loqed)) == 1


async def test_own_address_that_is_missing_when_another_way_is_chosen_is_no_issue(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed, push_route="custom")
    assert issues(hass) == {"no_push_url_custom"}
    options = {**entry.options, "push_route": "direct"}
    hass.config_entries.async_update_entry(entry, options=options)
    await reload(hass, entry)
    assert issues(hass) == set()


@pytest.mark.parametrize("route", ["cloud", "direct"])
async def test_address_that_home_assistant_lacks_when_submitted_is_looked_for_again(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_client: ClientSessionGenerator,
    route: str,
) -> None:
    internal, hass.config.internal_url = hass.config.internal_url, None
    hass.config.external_url = "https://home.example"
    assert hass.config.api is not None
    hass.config.api.use_ssl = True
    entry = await set_up(hass, loqed, push_route=route)
    ended = await submit(hass, hass_client, f"no_push_url_{route}")
    assert ended["type"] == "create_entry"
    assert issues(hass) == {f"no_push_url_{route}"}
    hass.config.internal_url = internal
    if route == "cloud":
        options = {**entry.options, "push_route": "direct"}
        hass.config_entries.async_update_entry(entry, options=options)
    await submit(hass, hass_client, f"no_push_url_{route}")
    assert issues(hass) == set()
    assert len(ours(loqed)) == 1


async def test_move_when_submitted_opens_one_form_that_ends_it(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    entry = await set_up(hass, loqed)
    await go_away(hass, entry)
    await discover(hass, found(loqed))
    await wait(hass, seconds=130)
    ended = await submit(hass, hass_client, "loqed_moved")
    flow_id = opened(ended, "config_flow")
    again = await submit(hass, hass_client, "loqed_moved")
    assert opened(again, "config_flow") == flow_id
    flows: Any = hass.config_entries.flow
    page = flows.async_get(flow_id)
    assert page["context"]["entry_id"] == entry.entry_id
    page = await flows.async_configure(flow_id, {"next_step_id": "loqed_address"})
    page = await answer(hass, page, host=loqed.host)
    assert page["reason"] == "reconfigure_successful"
    await settle(hass)
    assert issues(hass) == set()
    assert state(hass, LOCK) == "locked"


async def test_issue_when_its_entry_is_removed_meanwhile_can_be_submitted(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    loqed.fill_webhooks()
    entry = await set_up(hass, loqed)
    client = await hass_client()
    issue_id = issue_of(hass, "loqed_bridge_full").issue_id
    path = "/api/repairs/issues/fix"
    shown = await (
        await client.post(path, json={"handler": "smartlocks", "issue_id": issue_id})
    ).json()
    await during(hass, hass.config_entries.async_remove(entry.entry_id))
    ended = await (await client.post(f"{path}/{shown['flow_id']}", json={})).json()
    assert ended["type"] == "create_entry"
    assert issues(hass) == set()


# The token of the web API.


async def test_token_that_expires_when_submitted_is_renewed_in_the_options(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    cloud: LoqedSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    await set_up_with_web(hass, loqed, token=loqed.create_token(days=10))
    ended = await submit(hass, hass_client, "loqed_token_expires")
    flow_id = opened(ended, "options_flow")
    options = hass.config_entries.options
    page: Any = await options.async_configure(flow_id, {"next_step_id": "loqed_web_options"})
    token = loqed.create_token(number=3)
    await choose_options(hass, page, use_web_api=True, cloud_commands=False, api_token=token)
    assert issues(hass) == set()


async def test_token_that_expires_when_submitted_without_a_bridge_is_renewed_there(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    cloud: LoqedSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    await set_up_without_bridge(hass, loqed, token=loqed.create_token(days=10))
    ended = await submit(hass, hass_client, "loqed_token_expires")
    flow_id = opened(ended, "config_flow")
    flows = hass.config_entries.flow
    page: Any = await flows.async_configure(flow_id, {"next_step_id": "loqed_web_token"})
    page = await answer(hass, page, api_token=loqed.create_token(number=3))
    assert page["reason"] == "reconfigure_successful"
    assert issues(hass) == set()
