"""The devices and entities of a LOQED lock."""

from collections.abc import Iterator
from datetime import UTC, datetime
from unittest.mock import PropertyMock, patch

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import snapshot_platform
from syrupy.assertion import SnapshotAssertion
from yarl import URL

from custom_components.smartlocks.const import DOMAIN, PLATFORMS
from tests.simulators.loqed import BRIDGE_MAC_WIFI, LOCK_ID, LoqedSimulator, make_token
from tests.vendors.home import call, record, state

from .conftest import (
    LOCK,
    command,
    during,
    reload,
    set_up,
    set_up_with_web,
    set_up_without_bridge,
    turn,
    wait,
)

_LASTING_TOKEN = make_token(4_000_000_000, number=9)


@pytest.fixture
def _all_enabled() -> Iterator[None]:
    """Enable every entity, also those that are off at first."""
    with patch(
        "homeassistant.helpers.entity.Entity.entity_registry_enabled_default",
        new_callable=PropertyMock(return_value=True),
    ):
        yield


@pytest.mark.usefixtures("_all_enabled")
@pytest.mark.parametrize(
    "platform",
    [
        Platform.BINARY_SENSOR,
        Platform.BUTTON,
        Platform.EVENT,
        Platform.LOCK,
        Platform.SENSOR,
    ],
)
async def test_entities_of_a_platform_match_their_snapshot(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    snapshot: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
    platform: Platform,
) -> None:
    monkeypatch.setattr(dt_util, "utcnow", lambda: datetime(2026, 1, 1, tzinfo=UTC))
    with patch("custom_components.smartlocks.PLATFORMS", [platform]):
        entry = await set_up(hass, loqed)
        await snapshot_platform(hass, er.async_get(hass), snapshot, entry.entry_id)


@pytest.mark.usefixtures("_all_enabled", "cloud")
@pytest.mark.parametrize("platform", [Platform.BUTTON, Platform.SENSOR, Platform.SWITCH])
async def test_entities_of_the_web_api_match_their_snapshot(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    snapshot: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
    platform: Platform,
) -> None:
    loqed.account.others.add(_LASTING_TOKEN)
    with patch("custom_components.smartlocks.PLATFORMS", [platform]):
        entry = await set_up_with_web(hass, loqed, token=_LASTING_TOKEN)
        monkeypatch.setattr(dt_util, "utcnow", lambda: datetime(2026, 1, 1, tzinfo=UTC))
        await reload(hass, entry)
        await snapshot_platform(hass, er.async_get(hass), snapshot, entry.entry_id)


@pytest.mark.usefixtures("_all_enabled", "cloud")
@pytest.mark.parametrize("platform", PLATFORMS)
async def test_entities_without_a_bridge_match_their_snapshot(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    snapshot: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
    platform: Platform,
) -> None:
    loqed.account.others.add(_LASTING_TOKEN)
    monkeypatch.setattr(dt_util, "utcnow", lambda: datetime(2026, 1, 1, tzinfo=UTC))
    with patch("custom_components.smartlocks.PLATFORMS", [platform]):
        entry = await set_up_without_bridge(hass, loqed, token=_LASTING_TOKEN)
        await snapshot_platform(hass, er.async_get(hass), snapshot, entry.entry_id)


async def test_lock_has_a_model_and_is_reached_through_its_bridge(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    lock, bridge = sorted(devices, key=lambda device: device.via_device_id is None)
    assert lock.identifiers == {(DOMAIN, f"loqed_{BRIDGE_MAC_WIFI}")}
    assert bridge.connections == {(dr.CONNECTION_NETWORK_MAC, dr.format_mac(BRIDGE_MAC_WIFI))}
    assert (lock.manufacturer, lock.model, lock.serial_number) == ("LOQED", "Touch", LOCK_ID)
    assert (bridge.manufacturer, bridge.model) == ("LOQED", "Bridge")
    assert lock.via_device_id == bridge.id


async def test_device_that_is_gone_is_removed_and_the_others_stay(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    registry = dr.async_get(hass)
    known = {one.id for one in dr.async_entries_for_config_entry(registry, entry.entry_id)}
    stale = registry.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, "loqed_gone")}
    )
    await hass.config_entries.async_reload(entry.entry_id)
    await wait(hass, seconds=1)
    assert registry.async_get(stale.id) is None
    left = {one.id for one in dr.async_entries_for_config_entry(registry, entry.entry_id)}
    assert left == known
    assert len(known) == 2


async def test_refresh_button_reads_now(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.stop_pushing()
    await turn(hass, loqed, "unlocked")
    await during(hass, call(hass, "press", "button.front_door_refresh"))
    assert state(hass, LOCK) == "unlocked"


@pytest.mark.usefixtures("_all_enabled")
async def test_last_contact_is_written_a_few_times_an_hour_at_most(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.set_generation("2s")
    await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    seen = record(hass, "sensor.front_door_last_contact")
    await wait(hass, hours=1)
    assert 3 <= len(seen) <= 4


async def test_last_contact_is_off_at_first(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    assert hass.states.get("sensor.front_door_last_contact") is None


async def test_entities_of_the_bridge_outlive_new_locks_and_reloads(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await hass.config_entries.async_reload(entry.entry_id)
    await wait(hass, seconds=1)
    assert state(hass, "binary_sensor.front_door_bridge_connectivity") == "on"
    await wait(hass, seconds=130)
    await command(hass, "unlock")
    assert state(hass, LOCK) == "unlocked"


async def test_push_while_reads_fail_brings_the_lock_and_its_bridge_back_at_once(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    await turn(hass, loqed, "locked")
    loqed.drop_connections()
    await wait(hass, minutes=25)
    connectivity = "binary_sensor.front_door_bridge_connectivity"
    assert state(hass, LOCK) == "unavailable"
    assert state(hass, connectivity) == "off"
    await turn(hass, loqed, "unlocked")
    assert state(hass, LOCK) == "unlocked"
    assert state(hass, connectivity) == "on"
