"""Every way to set a LOQED lock up, and every sentence that says why it did not work."""

from ipaddress import ip_address
import json
from typing import Any

from homeassistant.config_entries import SOURCE_ZEROCONF
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import pytest
from yarl import URL

from custom_components.smartlocks.const import DOMAIN
from tests.simulators.loqed import API_TOKEN, BRIDGE_MAC_WIFI, LOCK_ID, LoqedSimulator
from tests.vendors.home import answer, begin, choose, reauth_flows, settle, state
from tests.vendors.loqed.home import LOCK, paste, set_up


@pytest.fixture(autouse=True)
def _cloud(loqed: LoqedSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the cloud's address at the simulator."""
    monkeypatch.setenv("SMARTLOCKS_LOQED_CLOUD_URL", str(loqed.cloud_url))


def found(loqed: LoqedSimulator, mac: str = BRIDGE_MAC_WIFI, port: int | None = None) -> Any:
    return ZeroconfServiceInfo(
        ip_address=ip_address("127.0.0.1"),
        ip_addresses=[ip_address("127.0.0.1")],
        hostname=f"LOQED-{mac}.local.",
        name=f"LOQED-{mac}._http._tcp.local.",
        port=port or loqed.url.port,
        type="_http._tcp.local.",
        properties={},
    )


async def discover(hass: HomeAssistant, info: Any) -> Any:
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_ZEROCONF}, data=info
    )


async def test_by_token_with_one_lock(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    page = await begin(hass, "loqed", "loqed_token")
    page = await answer(hass, page, api_token=API_TOKEN)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    assert page["title"] == "Front door"
    assert API_TOKEN not in json.dumps(dict(page["result"].data))
    assert state(hass, LOCK) == "locked"
    assert loqed.server.sent("/webhooks")


async def test_by_token_with_a_choice_of_the_locks_not_set_up(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.add_cloud_lock("Back door")
    loqed.add_cloud_lock("Garage")
    page = await begin(hass, "loqed", "loqed_token")
    page = await answer(hass, page, api_token=API_TOKEN)
    assert page["step_id"] == "loqed_pick"
    page = await answer(hass, page, lock=LOCK_ID)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    page = await begin(hass, "loqed", "loqed_token")
    page = await answer(hass, page, api_token=API_TOKEN)
    selector = next(iter(page["data_schema"].schema.values()))
    labels = [option["label"] for option in selector.config["options"]]
    assert labels == ["Back door", "Garage"]


async def test_by_token_when_all_are_set_up(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    page = await begin(hass, "loqed", "loqed_token")
    page = await answer(hass, page, api_token=API_TOKEN)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "all_locks_configured")


async def test_a_stale_address_in_the_cloud_is_asked_for(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.stale_address()
    page = await begin(hass, "loqed", "loqed_token")
    page = await answer(hass, page, api_token=API_TOKEN)
    assert page["step_id"] == "loqed_bridge"
    assert page["errors"] == {"host": "bridge_unreachable"}
    page = await answer(hass, page, host=loqed.host)
    assert page["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("spoil", "errors"),
    [
        (lambda bridge: bridge.revoke_token(), {"api_token": "token_refused"}),
        (lambda bridge: bridge.empty_account(), {"base": "no_locks"}),
        (lambda bridge: bridge.break_cloud(drop=True), {"base": "cloud_unreachable"}),
        (lambda bridge: bridge.break_cloud(nonsense="html"), {"base": "cloud_unreachable"}),
    ],
)
async def test_what_the_cloud_may_answer(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, spoil: Any, errors: dict[str, str]
) -> None:
    spoil(loqed)
    page = await begin(hass, "loqed", "loqed_token")
    page = await answer(hass, page, api_token=API_TOKEN)
    assert page["errors"] == errors


@pytest.mark.parametrize(
    "text", ["", "no json", "[]", "{}", '{"lock_id": "x"}', '{"lock_id":1,"lock_key_key":7}']
)
async def test_a_text_that_is_not_the_information(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, text: str
) -> None:
    page = await paste(hass, loqed, integration_information=text)
    assert page["errors"] == {"integration_information": "not_an_information"}
    information = json.dumps(loqed.integration_information())
    page = await answer(hass, page, integration_information=information, can_open=False)
    assert page["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("spoil", "errors"),
    [
        (lambda bridge: bridge.drop_connections(), {"host": "bridge_unreachable"}),
        (lambda bridge: bridge.talk_nonsense("html"), {"host": "not_a_bridge"}),
    ],
)
async def test_what_the_bridge_may_answer(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, spoil: Any, errors: dict[str, str]
) -> None:
    spoil(loqed)
    page = await paste(hass, loqed)
    assert page["errors"] == errors
    loqed.drop_connections(drop=False)
    loqed.talk_nonsense(None)
    page = await answer(hass, page, host=loqed.host)
    assert page["type"] is FlowResultType.CREATE_ENTRY


async def test_an_address_that_is_none(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    page = await paste(hass, loqed, host="not an address")
    assert page["errors"] == {"host": "not_an_address"}


async def test_a_key_the_bridge_refuses(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    information = json.dumps(loqed.integration_information())
    loqed.refuse_credentials()
    page = await paste(hass, loqed, integration_information=information)
    assert page["errors"] == {"base": "bridge_key_refused"}


async def test_a_clock_that_is_wrong(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.skew_clock(3600)
    loqed.send_date(on=True)
    page = await paste(hass, loqed)
    assert page["errors"] == {"base": "clock"}
    assert page["description_placeholders"]["seconds"] in ("-3600", "-3599", "-3601")


async def test_one_bridge_is_one_entry_whatever_it_is_called(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    page = await paste(hass, loqed)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "already_configured")
    page = await discover(hass, found(loqed, mac="02aabbccddee"))
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_found_on_the_network(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    page = await discover(hass, found(loqed))
    flow = hass.config_entries.flow.async_progress_by_handler(DOMAIN)[0]
    assert flow["context"]["title_placeholders"]["name"].startswith("LOQED ")
    page = await choose(hass, page, "loqed_token")
    page = await answer(hass, page, api_token=API_TOKEN)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    page = await discover(hass, found(loqed))
    assert page["reason"] == "already_configured"


async def test_something_else_is_left_alone(hass: HomeAssistant, loqed: LoqedSimulator) -> None:
    info = found(loqed)
    info.name = "printer._http._tcp.local."
    page = await discover(hass, info)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "not_a_lock")


async def test_a_found_device_that_does_not_answer(
    hass: HomeAssistant, loqed: LoqedSimulator
) -> None:
    loqed.drop_connections()
    page = await discover(hass, found(loqed))
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "cannot_connect")


async def test_new_keys_are_taken(hass: HomeAssistant, address: URL, loqed: LoqedSimulator) -> None:
    entry = await set_up(hass, loqed)
    loqed.refuse_credentials()
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    flow = reauth_flows(hass)[0]
    page: Any = await hass.config_entries.flow.async_configure(flow["flow_id"])
    page = await choose(hass, page, "loqed_paste")
    information = json.dumps(loqed.integration_information())
    page = await answer(hass, page, integration_information=information, can_open=True)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    await settle(hass)
    await loqed.turn_by_hand("unlocked")
    await settle(hass)
    assert state(hass, LOCK) == "unlocked"
    assert reauth_flows(hass) == []


async def test_the_keys_of_another_lock_are_not_taken(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    hass.config_entries.async_update_entry(entry, data={**entry.data, "ids": ["somebody"]})
    page: Any = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    page = await choose(hass, page, "loqed_token")
    page = await answer(hass, page, api_token=API_TOKEN)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "unique_id_mismatch")


async def test_the_address_is_changed(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    hass.config_entries.async_update_entry(entry, data={**entry.data, "host": "127.0.0.1:1"})
    page: Any = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    page = await choose(hass, page, "loqed_address")
    page = await answer(hass, page, host="127.0.0.1:1")
    assert page["errors"] == {"host": "bridge_unreachable"}
    page = await answer(hass, page, host=loqed.host)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await settle(hass)
    assert entry.data["host"] == loqed.host
    assert state(hass, LOCK) == "locked"


async def test_options(hass: HomeAssistant, address: URL, loqed: LoqedSimulator) -> None:
    entry = await set_up(hass, loqed)
    page: Any = await hass.config_entries.options.async_init(entry.entry_id)
    chosen: dict[str, Any] = {
        "key_names": [{"number": 12, "name": "Anna"}, {"number": 12, "name": "Bob"}],
        "can_open": False,
        "poll_minutes": 60,
        "window": 60,
        "push_route": "custom",
    }
    page = await hass.config_entries.options.async_configure(page["flow_id"], chosen)
    assert page["errors"] == {"key_names": "key_named_twice"}
    chosen["key_names"].pop()
    page = await hass.config_entries.options.async_configure(page["flow_id"], chosen)
    assert page["errors"] == {"push_base": "not_a_url"}
    chosen["push_route"] = "direct"
    page = await hass.config_entries.options.async_configure(page["flow_id"], chosen)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)
    lock = hass.states.get(LOCK)
    assert lock is not None
    assert lock.attributes["supported_features"] == 0
    await loqed.pin(12)
    await loqed.settle()
    await settle(hass)
    event = hass.states.get("event.front_door_activity")
    assert event is not None
    assert entry.options["key_names"] == [{"number": 12, "name": "Anna"}]
