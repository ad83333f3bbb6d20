"""Our webhook on the bridge: there, once, kept, moved, and gone with us."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from tests.simulators.loqed import LoqedSimulator
from tests.vendors.home import issues, let_pass, reauth_flows, refresh, settle, state
from tests.vendors.loqed.home import LOCK, set_up


def ours(loqed: LoqedSimulator) -> list[str]:
    return [url for url in loqed.webhook_urls if "/api/webhook/" in url]


async def test_it_is_registered_once_with_all_triggers_and_found_again_after_a_reload(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    assert len(ours(loqed)) == 1
    assert ours(loqed)[0].startswith(str(address))
    created = [one for one in loqed.server.sent("/webhooks") if one.method == "POST"]
    await entry.runtime_data.async_subscribe(ours(loqed)[0])
    assert len([one for one in loqed.server.sent("/webhooks") if one.method == "POST"]) == len(
        created
    )


async def test_a_hook_that_is_gone_is_put_back(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    before = ours(loqed)
    loqed.lose_webhooks()
    await refresh(hass, entry)
    assert ours(loqed) == before


async def test_the_slow_check_notices_what_the_number_does_not_tell(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    before = ours(loqed)
    loqed.lose_webhooks()
    loqed.add_foreign_webhooks(1)
    await let_pass(hass, hours=6, seconds=5)
    assert sorted(ours(loqed)) == sorted(before)
    assert len(loqed.webhook_urls) == 2


async def test_a_new_address_moves_it_and_leaves_others_alone(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.add_foreign_webhooks(2)
    await set_up(hass, loqed)
    hass.config.internal_url = "http://192.0.2.7:8123"
    hass.bus.async_fire(EVENT_CORE_CONFIG_UPDATE, {})
    await settle(hass)
    assert [url for url in ours(loqed) if url.startswith("http://192.0.2.7:8123/")] == ours(loqed)
    assert len(loqed.webhook_urls) == 3


async def test_a_full_bridge_is_told_and_polling_goes_on(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.fill_webhooks()
    entry = await set_up(hass, loqed)
    assert "bridge_full" in issues(hass)
    await loqed.turn_by_hand("unlocked")
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unlocked"
    loqed.lose_webhooks()
    await let_pass(hass, hours=6, seconds=5)
    assert "bridge_full" not in issues(hass)
    assert len(ours(loqed)) == 1


async def test_a_refused_key_asks_for_new_ones(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    loqed.refuse_credentials()
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert len(reauth_flows(hass)) == 1
    assert state(hass, LOCK) == "locked"


async def test_unloading_removes_it_and_removing_needs_no_bridge(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert ours(loqed) == []
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert len(ours(loqed)) == 1
    await loqed.stop()
    assert await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert entry.state is ConfigEntryState.NOT_LOADED


async def test_a_bridge_that_is_away_at_the_start_is_tried_again(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    loqed.drop_connections()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    loqed.drop_connections(drop=False)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert len(ours(loqed)) == 1


async def test_without_an_address_of_our_own_an_issue_says_so(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed, push_route="custom")
    assert "no_push_url_custom" in issues(hass)
    assert ours(loqed) == []


async def test_an_address_of_ones_own_is_used(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed, push_route="custom", push_base="http://proxy.example:81/ha")
    assert ours(loqed)[0].startswith("http://proxy.example:81/ha/api/webhook/")


@pytest.mark.parametrize(("method", "status"), [("GET", 405), ("PUT", 405)])
async def test_only_post_is_taken(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_client_no_auth: ClientSessionGenerator,
    method: str,
    status: int,
) -> None:
    await set_up(hass, loqed)
    client = await hass_client_no_auth()
    response = await client.request(method, URL(ours(loqed)[0]).path)
    assert response.status == status


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_large_body_is_refused_unread(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_client_no_auth: ClientSessionGenerator,
    chunked: bool,
) -> None:
    await set_up(hass, loqed)
    client = await hass_client_no_auth()
    response = await client.post(
        URL(ours(loqed)[0]).path, data=b"x" * 5000, chunked=chunked or None
    )
    assert response.status == 413
