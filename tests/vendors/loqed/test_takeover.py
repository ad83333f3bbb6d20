"""A lock that Home Assistant's own LOQED integration has, taken over in one form."""

from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    mock_integration,
)
from yarl import URL

from tests.simulators.loqed import (
    API_TOKEN,
    BRIDGE_KEY,
    BRIDGE_MAC_WIFI,
    KEY_SECRET,
    LOCAL_ID,
    LOCK_ID,
    LoqedSimulator,
)
from tests.vendors.home import Page, answer, begin, settle, state

from .conftest import LOCK, discover, found, paste, reload, set_up

OLD_LOCK = "lock.voordeur"
OLD_BATTERY = "sensor.voordeur_accu"


@pytest.fixture(autouse=True)
def removed(hass: HomeAssistant) -> list[str]:
    """Play the other integration; return the entries that it was told to forget."""
    entries: list[str] = []

    async def remove(_: HomeAssistant, entry: ConfigEntry) -> None:
        entries.append(entry.title)

    mock_integration(hass, MockModule("loqed", async_remove_entry=remove))
    return entries


def other_entry(hass: HomeAssistant, loqed: LoqedSimulator, **data: Any) -> MockConfigEntry:
    """Add the entry that the other integration makes of the simulator's lock."""
    entry = MockConfigEntry(
        domain="loqed",
        title="Voordeur",
        unique_id=BRIDGE_MAC_WIFI,
        data={
            "api_token": API_TOKEN,
            "webhook_id": "made-up",
            "lock_key_key": KEY_SECRET,
            "bridge_key": BRIDGE_KEY,
            "lock_key_local_id": LOCAL_ID,
            "bridge_mdns_hostname": f"LOQED-{BRIDGE_MAC_WIFI}.local",
            "bridge_ip": loqed.host,
            "name": "Voordeur",
            "id": LOCK_ID,
            **data,
        },
    )
    entry.add_to_hass(hass)
    return entry


def other_entities(hass: HomeAssistant, other: ConfigEntry) -> None:
    """Register what the other integration has of the lock, as a person has changed it."""
    area = ar.async_get(hass).async_create("Hal")
    devices, entities = dr.async_get(hass), er.async_get(hass)
    device = devices.async_get_or_create(
        config_entry_id=other.entry_id, identifiers={("loqed", BRIDGE_MAC_WIFI)}, name="Voordeur"
    )
    devices.async_update_device(device.id, area_id=area.id, name_by_user="Mijn voordeur")
    for domain, ending, object_id in (
        ("lock", "", "voordeur"),
        ("sensor", "_battery_percentage", "voordeur_accu"),
        ("sensor", "_ble_strength", "voordeur_ble"),
    ):
        entities.async_get_or_create(
            domain,
            "loqed",
            f"{BRIDGE_MAC_WIFI}{ending}",
            suggested_object_id=object_id,
            config_entry=other,
            device_id=device.id,
        )
    entities.async_update_entity(OLD_LOCK, name="De deur", icon="mdi:door")


async def take_over(hass: HomeAssistant, fate: str | None = None, **answers: Any) -> Page:
    """Take the lock over from the start of the flow."""
    page = await begin(hass, "loqed", "loqed_takeover")
    chosen = {} if fate is None else {"other_entry": fate}
    return await answer(hass, page, **(chosen | answers))


def entity(hass: HomeAssistant, entity_id: str) -> er.RegistryEntry:
    """Return a registered entity."""
    registered = er.async_get(hass).async_get(entity_id)
    assert registered is not None, entity_id
    return registered


# What is offered.


async def test_takeover_when_the_other_integration_has_no_lock_is_not_offered(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    page = await begin(hass, "loqed")
    assert page["menu_options"] == ["loqed_token", "loqed_paste", "loqed_web"]


async def test_takeover_when_the_lock_is_set_up_here_is_not_offered(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    other_entry(hass, loqed)
    page = await begin(hass, "loqed")
    assert page["menu_options"] == ["loqed_token", "loqed_paste", "loqed_web"]


@pytest.mark.parametrize("fields", [{"id": "else", "bridge_mdns_hostname": 7}, {}])
async def test_takeover_when_the_lock_was_discovered_is_offered_for_that_one_only(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, fields: dict[str, Any]
) -> None:
    other_entry(hass, loqed, **fields)
    page = await discover(hass, found(loqed))
    assert page["menu_options"][0] == "loqed_takeover"
    page = await discover(hass, found(loqed, name="loqed-0123456789ab", host="192.0.2.7"))
    assert page["menu_options"] == ["loqed_token", "loqed_paste"]


async def test_takeover_when_a_newer_bridge_has_another_name_is_offered_by_its_address(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    other_entry(hass, loqed, bridge_ip="192.0.2.7")
    page = await discover(hass, found(loqed, name="loqed-0123456789ab", host="192.0.2.7"))
    assert page["menu_options"][0] == "loqed_takeover"


async def test_takeover_for_new_keys_is_not_offered(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    other = other_entry(hass, loqed, id="another", bridge_mdns_hostname="LOQED-0123456789ab.local")
    hass.config_entries.async_update_entry(other, unique_id="0123456789ab")
    flows = hass.config_entries.flow
    page = await flows.async_init(
        "smartlocks", context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    assert page["menu_options"] == ["loqed_address", "loqed_token", "loqed_paste"]


async def test_takeover_when_there_are_several_asks_which(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    second = MockConfigEntry(domain="loqed", title="Shed", unique_id="0123456789ab")
    second.add_to_hass(hass)
    other = other_entry(hass, loqed)
    page = await begin(hass, "loqed", "loqed_takeover")
    assert page["description_placeholders"] == {"locks": "Shed, Voordeur"}
    page = await answer(hass, page, lock=other.entry_id)
    assert (page["type"], page["title"]) == (FlowResultType.CREATE_ENTRY, "Voordeur")


# What is read.


@pytest.mark.parametrize(
    "fields",
    [
        {"lock_key_key": None},
        {"lock_key_key": "no base64!"},
        {"bridge_key": 7},
        {"lock_key_local_id": "first"},
        {"lock_key_local_id": 999},
        {"id": None},
    ],
    ids=str,
)
async def test_takeover_when_the_data_is_odd_says_so(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, fields: dict[str, Any]
) -> None:
    other_entry(hass, loqed, **fields)
    page = await take_over(hass)
    assert page["errors"] == {"base": "loqed_takeover_unreadable"}
    assert page["description_placeholders"]["name"] == "Voordeur"
    assert loqed.requests == []


async def test_takeover_when_the_bridge_refuses_the_key_adds_and_removes_nothing(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    other = other_entry(hass, loqed)
    loqed.refuse_credentials()
    page = await take_over(hass, "remove")
    assert page["errors"] == {"base": "loqed_bridge_key_refused"}
    assert hass.config_entries.async_get_entry(other.entry_id) is other


async def test_takeover_when_the_bridge_has_moved_asks_for_its_address(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    other_entry(hass, loqed, bridge_ip="127.0.0.1:1")
    page = await take_over(hass)
    assert (page["step_id"], page["errors"]) == (
        "loqed_bridge",
        {"host": "loqed_bridge_unreachable"},
    )
    page = await answer(hass, page, host=loqed.host)
    assert page["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("can_open", [False, True])
async def test_takeover_then_the_lock_works_here_as_a_person_has_said(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, can_open: bool
) -> None:
    other_entry(hass, loqed)
    page = await take_over(hass, can_open=can_open)
    entry = page["result"]
    assert entry.unique_id == f"loqed_{BRIDGE_MAC_WIFI}"
    assert API_TOKEN not in str(dict(entry.data))
    lock = hass.states.get(OLD_LOCK)
    assert lock is not None
    assert lock.state == "locked"
    assert lock.attributes["supported_features"] == int(can_open)


# What becomes of the other entry.


async def test_takeover_when_nothing_is_selected_keeps_the_other_entry(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    other = other_entry(hass, loqed)
    other_entities(hass, other)
    page = await take_over(hass)
    assert page["description"] == "loqed_takeover_kept"
    assert other in hass.config_entries.async_entries("loqed")
    assert other.disabled_by is None
    assert entity(hass, OLD_LOCK).platform == "loqed"
    assert state(hass, "lock.voordeur_2") == "locked"


async def test_takeover_when_the_other_entry_is_to_be_disabled_disables_it(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    other = other_entry(hass, loqed)
    other_entities(hass, other)
    page = await take_over(hass, "disable")
    assert page["description"] == "loqed_taken_over"
    assert other.disabled_by is ConfigEntryDisabler.USER
    assert entity(hass, OLD_LOCK).platform == "loqed"
    assert "replaces" not in page["result"].data


async def test_takeover_when_the_other_entry_is_to_be_removed_takes_its_entity_ids(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, removed: list[str]
) -> None:
    other = other_entry(hass, loqed)
    other_entities(hass, other)
    page = await take_over(hass, "remove")
    entry = page["result"]
    assert removed == ["Voordeur"]
    assert hass.config_entries.async_get_entry(other.entry_id) is None
    assert (state(hass, OLD_LOCK), state(hass, OLD_BATTERY)) == ("locked", "64")
    lock = entity(hass, OLD_LOCK)
    assert (lock.config_entry_id, lock.platform) == (entry.entry_id, "smartlocks")
    assert (lock.name, lock.icon) == ("De deur", "mdi:door")
    assert er.async_get(hass).async_get("sensor.voordeur_ble") is None
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    (device,) = (device for device in devices if device.via_device_id is not None)
    assert device.id == lock.device_id
    assert (device.name, device.name_by_user, device.model) == (
        "Voordeur",
        "Mijn voordeur",
        "Touch",
    )
    assert device.area_id == "hal"
    assert "replaces" not in entry.data


async def test_takeover_when_removed_is_done_once(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, removed: list[str]
) -> None:
    other_entry(hass, loqed)
    page = await take_over(hass, "remove")
    again = other_entry(hass, loqed)
    await reload(hass, page["result"])
    assert hass.config_entries.async_get_entry(again.entry_id) is again
    assert removed == ["Voordeur"]


async def test_takeover_when_the_lock_was_here_before_renames_its_entities(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    other = other_entry(hass, loqed)
    other_entities(hass, other)
    await take_over(hass, "remove")
    assert state(hass, OLD_LOCK) == "locked"
    assert hass.states.get(LOCK) is None


async def test_takeover_when_an_old_entity_id_is_not_free_uses_another(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    other = other_entry(hass, loqed)
    other_entities(hass, other)
    hass.states.async_set(OLD_LOCK, "locked")
    page = await take_over(hass, "remove")
    assert page["type"] is FlowResultType.CREATE_ENTRY
    assert state(hass, "lock.voordeur_2") == "locked"


async def test_takeover_when_the_first_read_fails_waits_until_the_lock_works(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    other = other_entry(hass, loqed)
    other_entities(hass, other)
    page = await take_over(hass, "remove")
    entry = page["result"]
    # As after a start of Home Assistant without the bridge.
    again = other_entry(hass, loqed)
    replaces = {"entry_id": again.entry_id, "fate": "remove"}
    hass.config_entries.async_update_entry(entry, data={**entry.data, "replaces": replaces})
    loqed.drop_connections()
    await reload(hass, entry)
    assert hass.config_entries.async_entries("loqed") == [again]
    loqed.drop_connections(drop=False)
    await reload(hass, entry)
    assert hass.config_entries.async_entries("loqed") == []


@pytest.mark.parametrize("domain", [None, "demo"])
async def test_takeover_when_the_other_entry_is_gone_touches_no_other(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, domain: str | None
) -> None:
    entry = (await paste(hass, loqed))["result"]
    stranger = MockConfigEntry(domain=domain or "loqed", entry_id="stranger")
    if domain is not None:
        stranger.add_to_hass(hass)
    replaces = {"entry_id": "stranger", "fate": "remove"}
    hass.config_entries.async_update_entry(entry, data={**entry.data, "replaces": replaces})
    await reload(hass, entry)
    assert "replaces" not in entry.data
    assert (hass.config_entries.async_get_entry("stranger") is None) == (domain is None)


async def test_takeover_when_the_other_integration_cannot_be_loaded_is_done_all_the_same(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail() -> None:
        raise ImportError("no such library")

    other = other_entry(hass, loqed)
    other_entities(hass, other)
    hass.data["integrations"].pop("loqed")
    broken = mock_integration(hass, MockModule("loqed"))
    broken.async_get_component = fail
    page = await take_over(hass, "remove")
    assert state(hass, OLD_LOCK) == "locked"
    assert entity(hass, OLD_LOCK).platform == "smartlocks"
    assert "the other integration has failed" in caplog.text
    assert "replaces" not in page["result"].data
    assert hass.config_entries.async_get_entry(other.entry_id) is None
