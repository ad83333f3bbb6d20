"""Entries of any vendor: one that cannot be set up, and locks added while one is."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import (
    ConfigEntryNotReady,
    HomeAssistantError,
    ServiceValidationError,
)
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)
from yarl import URL

from custom_components.smartlocks.const import DOMAIN, SUBENTRY_LOCK
from tests.simulators.loqed import LoqedSimulator
from tests.simulators.the_keys import TheKeysSimulator
from tests.vendors.contract import Installation
from tests.vendors.home import call, let_pass, settle, state


@pytest.fixture
def unknown(hass: HomeAssistant) -> MockConfigEntry:
    """Return an entry that a newer version has made, for a vendor that is not known here."""
    entry = MockConfigEntry(
        domain=DOMAIN, title="Acme", data={"vendor": "acme", "ids": ["1"]}, unique_id="acme_1"
    )
    entry.add_to_hass(hass)
    return entry


async def test_entry_of_an_unknown_vendor_is_listed_and_cannot_be_set_up(
    hass: HomeAssistant, unknown: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    assert not await hass.config_entries.async_setup(unknown.entry_id)
    assert unknown.state is ConfigEntryState.SETUP_ERROR
    assert unknown.error_reason_translation_key == "vendor_unknown"
    assert await async_setup_component(hass, "config", {})
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "config_entries/get"})
    listed = (await client.receive_json())["result"]
    assert [entry["title"] for entry in listed if entry["domain"] == DOMAIN] == ["Acme"]


async def test_entry_of_an_unknown_vendor_has_diagnostics_and_can_be_deleted(
    hass: HomeAssistant, unknown: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    assert await async_setup_component(hass, "diagnostics", {})
    await hass.config_entries.async_setup(unknown.entry_id)
    told: Any = await get_diagnostics_for_config_entry(hass, hass_client, unknown)
    assert told["entry"]["vendor"] == "acme"
    assert "locks" not in told
    await hass.config_entries.async_remove(unknown.entry_id)
    assert hass.config_entries.async_entries(DOMAIN) == []


async def test_forms_of_an_unknown_vendor_end_with_a_message(
    hass: HomeAssistant, unknown: MockConfigEntry
) -> None:
    await hass.config_entries.async_setup(unknown.entry_id)
    options = await hass.config_entries.options.async_init(unknown.entry_id)
    assert (options["type"], options["reason"]) == (FlowResultType.ABORT, "vendor_unknown")
    changed = await unknown.start_reconfigure_flow(hass)
    assert (changed["type"], changed["reason"]) == (FlowResultType.ABORT, "vendor_unknown")


async def test_device_of_an_entry_that_is_not_loaded_can_be_deleted(
    hass: HomeAssistant, unknown: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    await hass.config_entries.async_setup(unknown.entry_id)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=unknown.entry_id, identifiers={(DOMAIN, "acme_1")}
    )
    assert await async_setup_component(hass, "config", {})
    client = await hass_ws_client(hass)
    await client.send_json_auto_id(
        {
            "type": "config/device_registry/remove_config_entry",
            "config_entry_id": unknown.entry_id,
            "device_id": device.id,
        }
    )
    assert (await client.receive_json())["success"]
    assert dr.async_get(hass).async_get(device.id) is None


@pytest.fixture
async def gateway(
    socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[TheKeysSimulator]:
    """Play a gateway with two locks."""
    simulator = TheKeysSimulator(pace=0.01)
    await simulator.start()
    for name in ("SIGNED_REST", "UNSIGNED_REST", "SYNCHRONIZE_REST"):
        monkeypatch.setattr(
            f"custom_components.smartlocks.vendors.the_keys.api.client.{name}", 0.01
        )
    monkeypatch.setenv("SMARTLOCKS_THE_KEYS_CLOUD_URL", str(simulator.cloud_url))
    simulator.allow_haste()
    yield simulator
    await simulator.stop()


async def test_lock_that_is_added_while_its_entry_is_set_up_is_loaded(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await Installation.of(gateway).set_up(hass)
    locks = dict(entry.subentries)
    added = locks.popitem()[1]
    assert locks
    hass.config_entries.async_remove_subentry(entry, added.subentry_id)
    await settle(hass)
    assert await hass.config_entries.async_unload(entry.entry_id)
    setting_up = asyncio.ensure_future(hass.config_entries.async_setup(entry.entry_id))
    await asyncio.sleep(0)
    again = ConfigSubentry(
        data=added.data,
        subentry_type=SUBENTRY_LOCK,
        title=added.title,
        unique_id=added.unique_id,
    )
    hass.config_entries.async_add_subentry(entry, again)
    assert await setting_up
    await settle(hass)
    await let_pass(hass, seconds=20)
    assert len(entry.runtime_data.data.locks) == len(locks) + 1
    assert len(hass.states.async_entity_ids("lock")) == len(locks) + 1


async def test_lock_that_is_removed_while_its_entry_is_set_up_is_not_loaded(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await Installation.of(gateway).set_up(hass)
    locks = len(entry.subentries)
    assert await hass.config_entries.async_unload(entry.entry_id)
    setting_up = asyncio.ensure_future(hass.config_entries.async_setup(entry.entry_id))
    await asyncio.sleep(0)
    hass.config_entries.async_remove_subentry(entry, next(iter(entry.subentries)))
    assert await setting_up
    await settle(hass)
    assert len(entry.runtime_data.data.locks) == locks - 1
    assert len(hass.states.async_entity_ids("lock")) == locks - 1
    # Nothing is half loaded.
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_refresh_button_of_a_hub_is_there_when_the_hub_does_not_answer(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await Installation.of(gateway).set_up(hass)
    button = next(
        one for one in hass.states.async_entity_ids("button") if one.endswith("gateway_refresh")
    )
    gateway.drop_connections()
    await let_pass(hass, seconds=20)
    await let_pass(hass, seconds=130)
    assert state(hass, button) != "unavailable"
    with pytest.raises(HomeAssistantError):
        await call(hass, "press", button)
    gateway.drop_connections(drop=False)
    await call(hass, "press", button)
    await settle(hass)
    assert "unavailable" not in [state(hass, one) for one in hass.states.async_entity_ids("lock")]


async def test_refresh_reads_what_it_can_when_another_entry_is_not_loaded(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, unknown: MockConfigEntry
) -> None:
    installation = Installation.of(gateway)
    await installation.set_up(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=unknown.entry_id, identifiers={(DOMAIN, "acme_1")}
    )
    await gateway.turn_by_hand("unlocked")
    with pytest.raises(ServiceValidationError) as caught:
        await hass.services.async_call(
            DOMAIN,
            "refresh",
            {"entity_id": installation.lock, "device_id": device.id},
            blocking=True,
        )
    assert caught.value.translation_key == "entry_not_loaded"
    assert caught.value.translation_placeholders == {"name": "Acme"}
    assert state(hass, installation.lock) == "unlocked"


async def test_refresh_when_an_entry_is_reloaded_before_its_turn_reads_it_nevertheless(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    gateway: TheKeysSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SMARTLOCKS_LOQED_CLOUD_URL", str(loqed.cloud_url))
    slow = Installation.of(loqed)
    await slow.set_up(hass)
    entry = await Installation.of(gateway).set_up(hass)
    (reloaded,) = hass.states.async_entity_ids("lock")[1:2]
    loqed.answer_after(2)
    refresh = hass.async_create_task(
        hass.services.async_call(
            DOMAIN, "refresh", {"entity_id": [slow.lock, reloaded]}, blocking=True
        )
    )
    await asyncio.sleep(0.1)
    await hass.config_entries.async_reload(entry.entry_id)
    await gateway.turn_by_hand("unlocked")
    await refresh
    assert state(hass, reloaded) == "unlocked"


async def test_entry_when_it_is_set_up_after_a_late_failure_shows_what_it_has_read(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await Installation.of(gateway).set_up(hass)
    (lock,) = hass.states.async_entity_ids("lock")[:1]

    async def fail(*_: object) -> None:
        raise ConfigEntryNotReady

    with monkeypatch.context() as patched:
        patched.setattr(hass.config_entries, "async_forward_entry_setups", fail)
        await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    await gateway.turn_by_hand("unlocked")
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert state(hass, lock) == "unlocked"
    # Told to the one whose set-up has failed, it would be lost.
    assert state(hass, "sensor.front_door_last_change") != "unknown"
