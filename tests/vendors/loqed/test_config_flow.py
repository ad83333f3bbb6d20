"""Every way to set a LOQED lock up and to change it, and what is said when it does not work."""

import json
import socket
from typing import Any, override

from aiohttp.abc import AbstractResolver, ResolveResult
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.aiohttp_client import DATA_RESOLVER
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from tests.api.loqed_helpers import DEEPLY_NESTED, serving
from tests.clock import WallClock
from tests.simulators.loqed import (
    API_TOKEN,
    BRIDGE_MAC_BLE,
    BRIDGE_MAC_WIFI,
    LOCK_ID,
    LoqedSimulator,
)
from tests.vendors.home import (
    Page,
    answer,
    begin,
    choose,
    open_options,
    reauth_flows,
    settle,
    state,
)

from .conftest import (
    EVENT,
    LOCK,
    activity,
    changed_by,
    command,
    discover,
    during,
    found,
    ours,
    paste,
    reads,
    reload,
    set_up,
    turn,
    wait,
)


@pytest.fixture(autouse=True)
def _cloud(loqed: LoqedSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the cloud's address at the simulator."""
    monkeypatch.setenv("SMARTLOCKS_LOQED_CLOUD_URL", str(loqed.cloud_url))


async def reconfigure(hass: HomeAssistant, entry: ConfigEntry, choice: str) -> Page:
    """Open the reconfiguration of an entry and take a menu option."""
    page: Any = await hass.config_entries.flow.async_init(
        "smartlocks", context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    return await choose(hass, page, choice)


# By token.


async def test_token_with_one_lock_sets_it_up(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    page = await begin(hass, "loqed", "loqed_token")
    page = await answer(hass, page, api_token=API_TOKEN)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    assert page["title"] == "Front door"
    assert API_TOKEN not in json.dumps(dict(page["result"].data))
    assert page["result"].data["host_is_typed"] is False
    assert state(hass, LOCK) == "locked"
    assert loqed.server.sent("/webhooks")


async def test_token_with_several_locks_offers_those_not_set_up(
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


async def test_token_when_all_locks_are_set_up_ends(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    page = await begin(hass, "loqed", "loqed_token")
    page = await answer(hass, page, api_token=API_TOKEN)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "all_locks_configured")


async def test_address_that_is_stale_in_the_cloud_is_asked_for(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.stale_address()
    page = await begin(hass, "loqed", "loqed_token")
    page = await answer(hass, page, api_token=API_TOKEN)
    assert page["step_id"] == "loqed_bridge"
    assert page["errors"] == {"host": "loqed_bridge_unreachable"}
    page = await answer(hass, page, host=loqed.host)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    assert page["result"].data["host_is_typed"] is True


async def test_address_that_nobody_knows_is_asked_for(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.cloud_fields(without=["bridge_ip", "bridge_hostname"])
    page = await begin(hass, "loqed", "loqed_token")
    page = await answer(hass, page, api_token=API_TOKEN)
    assert (page["step_id"], page["errors"]) == ("loqed_bridge", {})
    page = await answer(hass, page, host=loqed.host)
    assert page["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("spoil", "errors"),
    [
        (lambda loqed: loqed.revoke_token(), {"api_token": "loqed_token_refused"}),
        (lambda loqed: loqed.empty_account(), {"base": "loqed_no_locks"}),
        (lambda loqed: loqed.cloud_fields(without=["key_secret"]), {"base": "loqed_no_locks"}),
        (lambda loqed: loqed.break_cloud(drop=True), {"base": "loqed_cloud_unreachable"}),
        (lambda loqed: loqed.break_cloud(nonsense="html"), {"base": "loqed_cloud_unreachable"}),
    ],
)
async def test_cloud_that_does_not_give_the_keys_is_told(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, spoil: Any, errors: dict[str, str]
) -> None:
    spoil(loqed)
    page = await begin(hass, "loqed", "loqed_token")
    page = await answer(hass, page, api_token=API_TOKEN)
    assert page["errors"] == errors


# By the integration information.


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "{}",
        '{"lock_id": "x"}',
        '{"lock_id":1,"lock_key_key":7}',
        "[" * 100_000,
        '{"lock_id":' * 50_000,
    ],
    ids=["empty", "text", "list", "object", "no keys", "odd key", "nested lists", "nested"],
)
async def test_text_that_is_not_the_information_is_told(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, text: str
) -> None:
    page = await paste(hass, loqed, integration_information=text)
    assert page["errors"] == {"integration_information": "loqed_not_an_information"}
    information = json.dumps(loqed.integration_information())
    page = await answer(hass, page, integration_information=information, can_open=False)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    assert page["result"].data["host_is_typed"] is False


@pytest.mark.parametrize(
    ("spoil", "errors"),
    [
        (lambda loqed: loqed.drop_connections(), {"host": "loqed_bridge_unreachable"}),
        (lambda loqed: loqed.talk_nonsense("html"), {"host": "loqed_not_a_bridge"}),
    ],
)
async def test_bridge_that_does_not_answer_as_one_is_told(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, spoil: Any, errors: dict[str, str]
) -> None:
    spoil(loqed)
    page = await paste(hass, loqed)
    assert page["errors"] == errors
    loqed.drop_connections(drop=False)
    loqed.talk_nonsense(None)
    page = await answer(hass, page, host=loqed.host)
    assert page["type"] is FlowResultType.CREATE_ENTRY


async def test_bridge_that_answers_with_deep_nesting_is_told(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    async with serving(DEEPLY_NESTED) as server:
        page = await paste(hass, loqed, host=f"127.0.0.1:{server.url.port}")
    assert page["errors"] == {"host": "loqed_not_a_bridge"}


async def test_address_that_is_none_is_told(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    page = await paste(hass, loqed, host="not an address")
    assert page["errors"] == {"host": "not_an_address"}


@pytest.mark.parametrize("sends_date", [False, True])
async def test_clock_that_is_wrong_is_told_with_the_difference(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, wall: WallClock, sends_date: bool
) -> None:
    wall.step = -3600 if sends_date else -2 * 86400
    loqed.send_date(on=sends_date)
    page = await paste(hass, loqed)
    assert page["errors"] == {"base": "loqed_clock"}
    assert page["description_placeholders"]["seconds"].startswith("-")


async def test_bridge_that_is_set_up_is_not_set_up_again(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    page = await paste(hass, loqed)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "loqed_configured")
    assert page["description_placeholders"] == {"name": "Front door"}


# From the network.


async def test_bridge_that_was_discovered_is_set_up(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    page = await discover(hass, found(loqed))
    flow = hass.config_entries.flow.async_progress_by_handler("smartlocks")[0]
    assert flow["context"]["title_placeholders"]["name"].startswith("LOQED ")
    page = await choose(hass, page, "loqed_token")
    page = await answer(hass, page, api_token=API_TOKEN)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    assert page["result"].data["host_is_typed"] is False
    page = await discover(hass, found(loqed))
    assert page["reason"] == "already_configured"


async def test_discovery_asks_nobody(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await discover(hass, found(loqed))
    assert loqed.requests == []


async def test_newest_bridge_is_not_discovered_again_though_it_has_another_name(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.set_generation("2s")
    assert BRIDGE_MAC_WIFI not in found(loqed).name
    page = await discover(hass, found(loqed))
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_newest_bridge_set_up_from_the_network_is_known_by_that_name(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.set_generation("2s")
    loqed.cloud_fields(without=["bridge_hostname"])
    page = await discover(hass, found(loqed))
    page = await choose(hass, page, "loqed_token")
    page = await answer(hass, page, api_token=API_TOKEN, host=f"127.0.0.1:{loqed.url.port}")
    assert page["type"] is FlowResultType.CREATE_ENTRY
    page = await discover(hass, found(loqed, host="192.0.2.77"))
    assert page["reason"] == "already_configured"


async def test_newest_bridge_when_set_up_in_another_way_is_offered_no_more(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.set_generation("2s")
    await discover(hass, found(loqed))
    other = await discover(hass, found(loqed, name="loqed-0123456789ab", host="192.0.2.7"))
    page = await paste(hass, loqed)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    left = hass.config_entries.flow.async_progress_by_handler("smartlocks")
    assert [flow["flow_id"] for flow in left] == [other["flow_id"]]


@pytest.mark.parametrize("name", ["printer", "LOQED-", "LOQEDISH"])
async def test_something_else_that_was_discovered_is_left_alone(
    hass: HomeAssistant, loqed: LoqedSimulator, name: str
) -> None:
    page = await discover(hass, found(loqed, name=name))
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "not_a_lock")


async def test_announcement_without_a_usable_address_is_left_alone(
    hass: HomeAssistant, loqed: LoqedSimulator
) -> None:
    page = await discover(hass, found(loqed, port=70000))
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "not_a_lock")


# New keys, another address.


async def test_new_keys_are_taken(hass: HomeAssistant, address: URL, loqed: LoqedSimulator) -> None:
    entry = await set_up(hass, loqed)
    loqed.refuse_credentials()
    await reload(hass, entry)
    page: Any = await hass.config_entries.flow.async_configure(reauth_flows(hass)[0]["flow_id"])
    page = await choose(hass, page, "loqed_paste")
    information = json.dumps(loqed.integration_information())
    page = await answer(hass, page, integration_information=information, can_open=True)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    await settle(hass)
    assert len(ours(loqed)) == 1
    await turn(hass, loqed, "unlocked")
    assert state(hass, LOCK) == "unlocked"
    assert reauth_flows(hass) == []
    assert entry.title == "Front door"


@pytest.mark.parametrize("sends_host", [False, True])
async def test_keys_are_renewed_by_token_and_what_was_typed_stays_typed(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, sends_host: bool
) -> None:
    entry = await set_up(hass, loqed)
    data = {**entry.data, "host_is_typed": True, "key_secret": entry.data["bridge_key"]}
    hass.config_entries.async_update_entry(entry, data=data)
    page = await reconfigure(hass, entry, "loqed_token")
    host = {"host": loqed.host} if sends_host else {}
    page = await answer(hass, page, api_token=API_TOKEN, **host)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await settle(hass)
    assert entry.data["key_secret"] != entry.data["bridge_key"]
    assert entry.data["host_is_typed"] is True
    assert entry.data["model"] == "LOQED Touch"


@pytest.mark.parametrize("way", ["loqed_token", "loqed_paste"])
async def test_keys_of_another_lock_are_not_taken(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, way: str
) -> None:
    entry = await set_up(hass, loqed)
    hass.config_entries.async_update_entry(entry, data={**entry.data, "ids": ["somebody"]})
    page = await reconfigure(hass, entry, way)
    information = json.dumps(loqed.integration_information())
    answers = (
        {"api_token": API_TOKEN}
        if way == "loqed_token"
        else {"integration_information": information, "can_open": True}
    )
    page = await answer(hass, page, **answers)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "unique_id_mismatch")


async def test_address_that_a_person_types_is_taken_and_remembered_as_typed(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    hass.config_entries.async_update_entry(entry, data={**entry.data, "host": "127.0.0.1:1"})
    page = await reconfigure(hass, entry, "loqed_address")
    page = await answer(hass, page, host="127.0.0.1:1")
    assert page["errors"] == {"host": "loqed_bridge_unreachable"}
    page = await answer(hass, page, host=loqed.host)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await settle(hass)
    assert entry.data["host"] == loqed.host
    assert entry.data["host_is_typed"] is True
    assert state(hass, LOCK) == "locked"


async def test_address_when_it_stays_the_same_is_taken_as_it_was(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    page = await reconfigure(hass, entry, "loqed_address")
    page = await answer(hass, page, host=loqed.host)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert entry.data["host_is_typed"] is False


class NameServer(AbstractResolver):
    """Knows every name at the usual port as one address."""

    def __init__(self, url: URL) -> None:
        self._url = url

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        assert port == 80
        ip, port = self._url.host or "", self._url.port or 0
        return [ResolveResult(hostname=host, host=ip, port=port, family=family, proto=0, flags=0)]

    @override
    async def close(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize(
    ("entered", "is_typed"), [("bridge.test", False), ("bridge.test:80", True)]
)
async def test_address_when_it_stays_the_same_is_taken_as_typed_with_its_port(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, entered: str, is_typed: bool
) -> None:
    entry = await set_up(hass, loqed)
    name_server: Any = NameServer(loqed.url)
    hass.data[DATA_RESOLVER] = name_server
    hass.config_entries.async_update_entry(entry, data={**entry.data, "host": "bridge.test"})
    page = await reconfigure(hass, entry, "loqed_address")
    page = await answer(hass, page, host=entered)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await settle(hass)
    assert entry.data["host"] == "bridge.test"
    assert entry.data["host_is_typed"] is is_typed


async def test_address_of_a_bridge_that_another_entry_has_is_not_taken(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    data = {"vendor": "loqed", "ids": [BRIDGE_MAC_BLE], "host": "192.0.2.7"}
    MockConfigEntry(domain="smartlocks", title="Back door", data=data).add_to_hass(hass)
    page = await reconfigure(hass, entry, "loqed_address")
    page = await answer(hass, page, host=loqed.host)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "loqed_configured")
    assert page["description_placeholders"] == {"name": "Back door"}


async def test_address_of_another_bridge_is_not_taken(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    loqed.status_fields({"bridge_mac_wifi": "02c0ffee0b01", "bridge_mac_ble": "02c0ffee0b03"})
    page = await reconfigure(hass, entry, "loqed_address")
    page = await answer(hass, page, host=loqed.host)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "unique_id_mismatch")


# Options.


async def test_options_are_checked_and_applied(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    page: Any = await open_options(hass, entry, "loqed_options")
    chosen: dict[str, Any] = {
        "key_names": [{"number": 12, "name": "Anna"}, {"number": 12, "name": "Bob"}],
        "can_open": False,
        "unsigned_details": True,
        "window": 60,
        "push_route": "custom",
    }
    page = await hass.config_entries.options.async_configure(page["flow_id"], chosen)
    assert page["errors"] == {"key_names": "loqed_key_named_twice"}
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
    await during(hass, loqed.use_key(12))
    await during(hass, loqed.settle())
    assert state(hass, EVENT) != "unknown"
    assert activity(hass)["user"] == "Anna"


async def test_name_of_a_key_when_emptied_is_none(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    page: Any = await open_options(hass, entry, "loqed_options")
    rows = [{"number": 12, "name": "  "}, {"number": 13, "name": " Bob "}]
    await hass.config_entries.options.async_configure(
        page["flow_id"],
        {
            "key_names": rows,
            "can_open": True,
            "unsigned_details": False,
            "window": 30,
            "push_route": "direct",
        },
    )
    await settle(hass)
    assert entry.options["key_names"] == [{"number": 13, "name": "Bob"}]
    await wait(hass, seconds=130)
    await during(hass, loqed.use_key(12))
    await during(hass, loqed.settle())
    assert changed_by(hass) == "Key 12"


async def test_options_ask_the_bridge_for_nothing(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    before = reads(loqed)
    await open_options(hass, entry, "loqed_options")
    assert reads(loqed) == before


def shown_fields(page: Any) -> list[str]:
    """Return the fields of a form."""
    return [str(field) for field in page["data_schema"].schema]


async def test_key_without_a_name_when_used_is_offered_to_be_named(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    options = hass.config_entries.options
    page: Any = await open_options(hass, entry, "loqed_options")
    assert "last_key_name" not in shown_fields(page)
    await during(hass, loqed.use_key(7, "unlocked"))
    await wait(hass, seconds=10)
    await during(hass, loqed.use_key(12, "locked"))
    await wait(hass, seconds=10)
    # Known from then on, also after a reload.
    await reload(hass, entry)
    page = await open_options(hass, entry, "loqed_options")
    assert shown_fields(page)[0] == "last_key_name"
    assert page["description_placeholders"]["key"] == "12"
    kept = {"can_open": True, "unsigned_details": False, "window": 30, "push_route": "direct"}
    named = {**kept, "key_names": [{"number": 7, "name": "Bob"}], "last_key_name": " Anna "}
    page = await options.async_configure(page["flow_id"], named)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)
    assert entry.options["key_names"] == [
        {"number": 7, "name": "Bob"},
        {"number": 12, "name": "Anna"},
    ]
    assert "last_key_name" not in entry.options
    page = await open_options(hass, entry, "loqed_options")
    assert "last_key_name" not in shown_fields(page)


async def test_key_without_a_name_when_no_name_is_given_is_offered_again(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await during(hass, loqed.use_key(12))
    await during(hass, loqed.settle())
    options = hass.config_entries.options
    page: Any = await open_options(hass, entry, "loqed_options")
    kept = {"can_open": True, "unsigned_details": False, "window": 45, "push_route": "direct"}
    await options.async_configure(page["flow_id"], {**kept, "last_key_name": " "})
    await settle(hass)
    assert entry.options["key_names"] == []
    page = await open_options(hass, entry, "loqed_options")
    assert page["description_placeholders"]["key"] == "12"


async def test_key_of_home_assistant_itself_when_used_is_not_offered(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await command(hass, "unlock")
    page: Any = await open_options(hass, entry, "loqed_options")
    assert "last_key_name" not in shown_fields(page)


async def test_token_and_information_when_pasted_with_line_breaks_are_taken(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    page = await begin(hass, "loqed", "loqed_token")
    page = await answer(hass, page, api_token=f" {API_TOKEN[:9]}\n{API_TOKEN[9:]}\r\n")
    assert page["type"] is FlowResultType.CREATE_ENTRY
    await hass.config_entries.async_remove(page["result"].entry_id)
    information = json.dumps(loqed.integration_information())
    wrapped = "\n".join(information[at : at + 20] for at in range(0, len(information), 20))
    page = await paste(hass, loqed, integration_information=wrapped)
    assert page["type"] is FlowResultType.CREATE_ENTRY
