"""What a person finds around the lock: devices, diagnostics, repairs, and leaving again."""

from unittest.mock import AsyncMock, patch

from homeassistant.components.cloud import CloudNotAvailable
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)
from yarl import URL

from custom_components.smartlocks.const import DOMAIN
from custom_components.smartlocks.repairs import async_create_fix_flow
from tests.simulators.loqed import BRIDGE_KEY, KEY_SECRET, LoqedSimulator
from tests.vendors.home import call, issues, let_pass, settle, state
from tests.vendors.loqed.home import LOCK, set_up

CLOUD = "homeassistant.components.cloud"
HOOK = "https://hooks.example.com/abcdef"

ENTITIES = {
    "binary_sensor.front_door_connectivity": "on",
    "binary_sensor.front_door_push": "unknown",
    "button.front_door_refresh": "unknown",
    "event.front_door_activity": "unknown",
    "lock.front_door": "locked",
    "sensor.front_door_battery": "64",
    "sensor.front_door_battery_type": "nickel_metal_hydride",
    "sensor.front_door_battery_voltage": "10.814",
    "sensor.front_door_bluetooth_strength": "60",
    "sensor.front_door_wi_fi_strength": "77",
}


async def test_every_entity_shows_what_the_bridge_says(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    registry = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
        registry.async_update_entity(entity.entity_id, disabled_by=None)
    await loqed.set_battery(64, 1, 10.814, push=False)
    await loqed.set_signal(wifi=77, ble=60)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert {name: state(hass, name) for name in ENTITIES} == ENTITIES
    assert state(hass, "sensor.front_door_last_contact") not in ("unknown", "unavailable")


async def test_the_refresh_button_reads_now(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.stop_pushing()
    await loqed.turn_by_hand("unlocked")
    await call(hass, "press", "button.front_door_refresh")
    assert state(hass, LOCK) == "unlocked"


async def test_opening_is_offered_only_where_the_lock_can(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed, can_open=False)
    with pytest.raises(ServiceValidationError):
        await call(hass, "open", LOCK)
    assert loqed.server.sent("/to_lock") == []


async def test_diagnostics_help_and_tell_no_secret(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    loqed.set_generation("2s")
    entry = await set_up(hass, loqed, key_names=[{"number": 3, "name": "Anna"}])
    await loqed.turn_by_hand("unlocked")
    told = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert told["vendor"]["calls"]["unsigned"] >= 1
    assert "hash" in told["vendor"]["calls"]["unsigned_headers"]
    assert told["locks"][0]["state"] == "locked"
    assert told["locks"][0]["name"] == "**REDACTED**"
    for secret in (KEY_SECRET, BRIDGE_KEY, "Anna", loqed.host, entry.data["webhook_id"]):
        assert secret not in str(told)


async def test_a_repair_that_was_seen_to_is_tried_again(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_client: ClientSessionGenerator,
) -> None:
    loqed.fill_webhooks()
    entry = await set_up(hass, loqed)
    assert await async_setup_component(hass, "repairs", {})
    loqed.lose_webhooks()
    flow = await async_create_fix_flow(hass, "bridge_full", {"entry_id": entry.entry_id})
    flow.hass = hass
    flow.issue_id = f"bridge_full_{entry.entry_id}"
    flow.handler = DOMAIN
    shown = await flow.async_step_init()  # type: ignore[attr-defined]
    assert shown["step_id"] == "confirm"
    await flow.async_step_confirm({})  # type: ignore[attr-defined]
    await settle(hass)
    assert "bridge_full" not in issues(hass)
    assert len(loqed.webhook_urls) == 1


async def test_a_device_that_is_there_cannot_be_deleted(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    entry = await set_up(hass, loqed)
    registry = dr.async_get(hass)
    (device,) = dr.async_entries_for_config_entry(registry, entry.entry_id)
    assert device.manufacturer == "LOQED"
    assert device.serial_number
    stale = registry.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, "loqed_gone")}
    )
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert registry.async_get(stale.id) is None
    assert registry.async_get(device.id) is not None


async def test_through_home_assistant_cloud(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    with (
        patch(f"{CLOUD}.async_active_subscription", return_value=True),
        patch(f"{CLOUD}.async_get_or_create_cloudhook", AsyncMock(return_value=HOOK)),
        patch(f"{CLOUD}.async_delete_cloudhook", AsyncMock()) as delete,
    ):
        entry = await set_up(hass, loqed, push_route="cloud")
        assert loqed.webhook_urls == [HOOK]
        await hass.config_entries.async_remove(entry.entry_id)
        assert loqed.webhook_urls == []
        delete.assert_awaited_once()


@pytest.mark.parametrize("subscribed", [False, True])
async def test_without_home_assistant_cloud_an_issue_says_so(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, subscribed: bool
) -> None:
    with (
        patch(f"{CLOUD}.async_active_subscription", return_value=subscribed),
        patch(f"{CLOUD}.async_get_or_create_cloudhook", AsyncMock(side_effect=CloudNotAvailable)),
    ):
        entry = await set_up(hass, loqed, push_route="cloud")
        assert "no_push_url_cloud" in issues(hass)
        assert loqed.webhook_urls == []
        await hass.config_entries.async_remove(entry.entry_id)


async def test_https_without_an_address_in_the_house_is_told(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    hass.config.internal_url = None
    hass.config.external_url = "https://home.example"
    assert hass.config.api is not None
    hass.config.api.use_ssl = True
    await set_up(hass, loqed)
    assert "no_push_url_direct" in issues(hass)
    assert loqed.webhook_urls == []


async def test_a_call_that_came_through_the_cloud_is_verified_as_any_other(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    entry = await set_up(hass, loqed)
    await loqed.turn_by_hand("unlocked")
    await settle(hass)
    last = loqed.deliveries[-1]
    client = await hass_ws_client(hass)
    call_of_cloud = {
        "type": "webhook/handle",
        "webhook_id": entry.data["webhook_id"],
        "method": "POST",
        "headers": dict(last.headers),
        "query": "",
    }
    for body, status in ((last.body.decode(), 200), ("{}", 401), ("x" * 5000, 413)):
        await client.send_json_auto_id({**call_of_cloud, "body": body})
        answer = await client.receive_json()
        assert answer["result"]["status"] == status


async def test_an_entry_of_a_vendor_nobody_knows_fails_with_a_sentence(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await hass.config_entries.async_unload(entry.entry_id)
    hass.config_entries.async_update_entry(entry, data={**entry.data, "vendor": "tomorrow"})
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.error_reason_translation_key == "vendor_unknown"


async def test_the_lock_is_never_left_moving_when_reading_fails(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await loqed.send_event("GO_TO_STATE_MANUAL_LOCK_REMOTE_LATCH", {"go_to_state": "DAY_LOCK"})
    await settle(hass)
    loqed.drop_connections()
    await let_pass(hass, seconds=31)
    assert state(hass, LOCK) in ("unknown", "unavailable")
