"""Both ways to a device, and every message that says why it did not work."""

from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from yarl import URL

from custom_components.smartlocks.const import DOMAIN
from tests.simulators.sesame_web import (
    API_KEY,
    BIKE,
    BOT,
    SECRETS,
    SESAME_4,
    SESAME_5,
    SesameWebSimulator,
)
from tests.vendors.home import answer, choose, open_options, reauth_flows, refresh, settle, state
from tests.vendors.sesame_web.helpers import (
    BACK,
    LOCK,
    add,
    asked,
    edit,
    fill,
    filled,
    give_key,
    open_edit,
    set_up,
)

NEW_KEY = "another0made0up0SesameWebKey0another0ma1"
STRANGER = "5E5A9999-0B1E-4C57-8D3A-9F62E1A7C999"


async def by_uuid(hass: HomeAssistant, device: str = SESAME_5, /, **changes: Any) -> Any:
    """Fill in key and device."""
    page = await choose(hass, await give_key(hass), "sesame_web_device_uuid")
    return await answer(hass, page, **filled(device, **changes))


async def by_link(hass: HomeAssistant, link: str, **name: str) -> Any:
    """Fill in key and share link."""
    page = await choose(hass, await give_key(hass), "sesame_web_device_link")
    return await answer(hass, page, link=link, **name)


async def test_account_by_uuid_and_secret_is_created(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    page = await by_uuid(hass, uuid=f" {SESAME_5.lower()} ", name=" Front door ")
    assert page["type"] is FlowResultType.CREATE_ENTRY
    assert page["title"] == "Sesame Web API"
    entry = page["result"]
    assert entry.unique_id == f"sesame_web_account_{SESAME_5}"
    (device,) = entry.subentries.values()
    assert (device.title, device.unique_id) == ("Front door", SESAME_5)
    assert device.data["secret"] == SECRETS[SESAME_5]
    assert state(hass, LOCK) == "locked"
    # One read of the form, one of the entry: both are on its account.
    assert cloud.calls == 2
    assert state(hass, "sensor.sesame_web_api_calls_this_month") == "2"


@pytest.mark.parametrize("form", ["quoted", "raw", "plus_to_space"])
@pytest.mark.parametrize("uuid", [SESAME_5, SESAME_4])
async def test_account_by_share_link_is_created(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, uuid: str, form: Any
) -> None:
    page = await by_link(hass, cloud.share_link(uuid, form=form))
    assert page["type"] is FlowResultType.CREATE_ENTRY, page
    (device,) = page["result"].subentries.values()
    assert device.data["secret"] == SECRETS[uuid]
    assert device.title == cloud.device(uuid).name
    assert state(hass, LOCK if uuid == SESAME_5 else BACK) == "locked"


async def test_link_of_a_manager_with_a_name_takes_the_name(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    page = await by_link(hass, cloud.share_link(level=1), name=" Main door ")
    (device,) = page["result"].subentries.values()
    assert device.title == "Main door"


@pytest.mark.parametrize(
    ("link", "error"),
    [
        ("https://example.com", "sesame_web_not_a_link"),
        ("", "sesame_web_not_a_link"),
        ("ssm://UI?t=friend&friend=abc", "sesame_web_friend_link"),
        ("ssm://UI?t=sk&sk=AAAA&l=0&n=x", "sesame_web_damaged_link"),
        ("ssm://UI?t=sk&l=0&n=x", "sesame_web_damaged_link"),
        ("ssm://UI?t=sk&sk=" + "QUFB" * 20 + "&l=0&n=x", "sesame_web_encrypted_link"),
    ],
)
async def test_link_when_unusable_says_why(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, link: str, error: str
) -> None:
    page = await by_link(hass, link)
    assert page["errors"] == {"link": error}
    assert cloud.calls == 0


async def test_link_of_a_guest_is_refused(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    page = await by_link(hass, cloud.share_link(level=2))
    assert page["errors"] == {"link": "sesame_web_guest_key"}


@pytest.mark.parametrize(
    ("number", "error"), [(13, "sesame_web_not_usable"), (99, "sesame_web_product_unknown")]
)
async def test_link_of_another_product_is_refused(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, number: int, error: str
) -> None:
    device = cloud.device()
    object.__setattr__(device.model, "number", number)
    try:
        page = await by_link(hass, cloud.share_link())
    finally:
        object.__setattr__(device.model, "number", 5)
    assert page["errors"] == {"link": error}


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"uuid": "front door"}, {"uuid": "sesame_web_not_a_uuid"}),
        ({"uuid": SESAME_5.replace("-", "")}, {"uuid": "sesame_web_not_a_uuid"}),
        ({"secret": "1234"}, {"secret": "sesame_web_not_a_secret"}),
        ({"secret": SESAME_5}, {"secret": "sesame_web_not_a_secret"}),
    ],
)
async def test_uuid_or_secret_when_malformed_is_refused_without_a_call(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameWebSimulator,
    changes: dict[str, str],
    errors: dict[str, str],
) -> None:
    page = await by_uuid(hass, **changes)
    assert page["errors"] == errors
    assert cloud.calls == 0
    page = await answer(hass, page, **filled(SESAME_5))
    assert page["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("is_wrong", [True, False])
async def test_key_when_refused_is_asked_for_again(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, *, is_wrong: bool
) -> None:
    if is_wrong:
        cloud.refuse_credentials()
    else:
        cloud.exceed_plan()
    page = await by_uuid(hass)
    assert page["step_id"] == "sesame_web"
    assert page["errors"] == {"api_key": "sesame_web_forbidden"}


async def test_key_when_empty_is_refused(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    assert (await give_key(hass, " "))["errors"] == {"api_key": "sesame_web_key_missing"}


async def test_key_when_no_header_can_carry_it_is_refused_without_a_call(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    page = await choose(hass, await give_key(hass, "schlüssel"), "sesame_web_device_uuid")
    page = await answer(hass, page, **filled(SESAME_5))
    assert page["errors"] == {"api_key": "sesame_web_forbidden"}
    assert cloud.requests == []


@pytest.mark.parametrize(
    ("verb", "error"),
    [
        ("use_up_quota", "sesame_web_quota"),
        ("never_online", "sesame_web_never_online"),
        ("break_down", "sesame_web_never_online"),
        ("drop_connections", "sesame_web_no_answer"),
    ],
)
async def test_cloud_when_it_fails_says_why(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, verb: str, error: str
) -> None:
    getattr(cloud, verb)()
    assert (await by_uuid(hass))["errors"] == {"base": error}


async def test_cloud_when_gone_says_so(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await cloud.stop()
    assert (await by_uuid(hass))["errors"] == {"base": "sesame_web_no_answer"}


@pytest.mark.parametrize(
    ("status", "error"), [(500, "sesame_web_never_online"), (404, "sesame_web_not_found")]
)
async def test_device_when_unknown_says_so(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, status: Any, error: str
) -> None:
    cloud.answer_unknown_devices(status)
    page = await by_uuid(hass, STRANGER, name="Nobody", product="sesame_5")
    assert page["errors"] == {"base": error}


@pytest.mark.parametrize(
    ("status", "error"), [(503, "sesame_web_server"), (418, "sesame_web_not_understood")]
)
async def test_status_when_of_another_kind_says_so(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, status: int, error: str
) -> None:
    cloud.server.faults.status = status
    assert (await by_uuid(hass))["errors"] == {"base": error}


async def test_device_without_a_secret_is_only_read_until_it_has_one(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    page = await by_uuid(hass, secret="")
    entry = page["result"]
    assert hass.states.get(LOCK) is None
    assert state(hass, "binary_sensor.front_door_lock") == "off"
    await cloud.turn_by_hand("unlocked")
    await refresh(hass, entry)
    assert state(hass, "binary_sensor.front_door_lock") == "on"
    # With a secret it becomes a lock, and the other entity goes.
    page = await edit(
        hass, entry, name="Front door", product="sesame_5", secret=SECRETS[SESAME_5].upper()
    )
    assert page["reason"] == "reconfigure_successful"
    assert state(hass, LOCK) == "unlocked"
    registered = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    assert "binary_sensor.front_door_lock" not in {one.entity_id for one in registered}


@pytest.mark.parametrize("links", [True, False])
async def test_device_when_added_to_an_entry_that_is_not_loaded_is_read_at_set_up(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, *, links: bool
) -> None:
    entry = await set_up(hass)
    await hass.config_entries.async_unload(entry.entry_id)
    if links:
        page = await add(hass, entry, "sesame_web_add_link")
        await fill(hass, page, link=cloud.share_link(SESAME_4))
    else:
        page = await add(hass, entry, "sesame_web_add_uuid")
        await fill(hass, page, **filled(SESAME_4))
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert state(hass, BACK) == "locked"


async def test_key_when_used_twice_is_refused(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    page = await give_key(hass)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "sesame_web_key_known")
    assert page["description_placeholders"]["name"] == "Sesame Web API"


async def test_device_when_added_twice_is_refused(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    page = await fill(hass, await add(hass, entry, "sesame_web_add_uuid"), **filled(SESAME_5))
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "sesame_web_device_configured")
    page = await choose(hass, await give_key(hass, NEW_KEY), "sesame_web_device_uuid")
    page = await answer(hass, page, **filled(SESAME_5))
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "sesame_web_device_configured")


async def test_first_device_of_an_account_when_removed_from_it_belongs_to_it_still(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    (device,) = entry.subentries
    hass.config_entries.async_remove_subentry(entry, device)
    await settle(hass)
    cloud.cloud.account.api_key = NEW_KEY
    page = await choose(hass, await give_key(hass, NEW_KEY), "sesame_web_device_uuid")
    page = await answer(hass, page, **filled(SESAME_5))
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "sesame_web_configured")
    assert page["description_placeholders"] == {"name": "Sesame Web API"}


async def test_devices_when_added_are_shown(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, SESAME_4, BOT, BIKE)
    page = await add(hass, entry, "sesame_web_add_link")
    page = await fill(hass, page, link=cloud.share_link(SESAME_4))
    assert page["reason"] == "sesame_web_device_configured"
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "locked")
    assert state(hass, "button.gate_press") == "unknown"
    assert state(hass, "button.bicycle_unlock") == "unknown"
    assert state(hass, "binary_sensor.bicycle_lock") == "off"
    locks = {one.entity_id for one in hass.states.async_all("lock")}
    assert locks == {LOCK, BACK}


@pytest.mark.parametrize(
    ("link", "error"),
    [
        ("https://example.com", "sesame_web_not_a_link"),
        ("ssm://UI?t=friend&friend=abc", "sesame_web_friend_link"),
        ("ssm://UI?t=sk&sk=AAAA&l=0&n=x", "sesame_web_damaged_link"),
        ("ssm://UI?t=sk&sk=" + "QUFB" * 20 + "&l=0&n=x", "sesame_web_encrypted_link"),
    ],
)
async def test_link_of_a_further_device_when_unusable_says_why(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, link: str, error: str
) -> None:
    entry = await set_up(hass)
    page = await fill(hass, await add(hass, entry, "sesame_web_add_link"), link=link)
    assert page["errors"] == {"link": error}
    page = await fill(hass, page, link=cloud.share_link(SESAME_4, level=2))
    assert page["errors"] == {"link": "sesame_web_guest_key"}
    assert len(entry.subentries) == 1


async def test_further_device_when_the_cloud_fails_says_why(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    page = await add(hass, entry, "sesame_web_add_uuid")
    page = await fill(hass, page, **{**filled(SESAME_4), "uuid": "front door"})
    assert page["errors"] == {"uuid": "sesame_web_not_a_uuid"}
    await cloud.stop()
    page = await fill(hass, page, **filled(SESAME_4))
    assert page["errors"] == {"base": "sesame_web_no_answer"}
    assert len(entry.subentries) == 1


async def test_device_when_unreadable_is_not_added(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    cloud.never_online(SESAME_4)
    page = await fill(hass, await add(hass, entry, "sesame_web_add_uuid"), **filled(SESAME_4))
    assert page["errors"] == {"base": "sesame_web_never_online"}
    cloud.exceed_plan()
    page = await fill(hass, page, **filled(SESAME_4))
    assert page["errors"] == {"base": "sesame_web_forbidden"}
    assert len(entry.subentries) == 1


async def test_device_when_changed_has_its_new_name_and_model(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    page = await edit(hass, entry, name="Main door", product="sesame_5_pro", secret="nonsense")
    assert page["errors"] == {"secret": "sesame_web_not_a_secret"}
    page = await fill(hass, page, name="Main door", product="sesame_5_pro")
    assert page["reason"] == "reconfigure_successful"
    (device,) = entry.subentries.values()
    assert device.data["secret"] == SECRETS[SESAME_5]
    found = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, f"sesame_web_{SESAME_5}"), entry.entry_id
    )
    assert found is not None
    assert (found.name, found.model) == ("Main door", "Sesame 5 Pro")


async def test_reauth_with_a_new_key_goes_on(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    cloud.cloud.account.api_key = NEW_KEY
    await refresh(hass, entry)
    (flow,) = reauth_flows(hass)
    page: Any = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert page["step_id"] == "sesame_web_reauth"
    page = await answer(hass, page, api_key=API_KEY)
    assert page["errors"] == {"base": "sesame_web_forbidden"}
    page = await answer(hass, page, api_key=" ")
    assert page["errors"] == {"api_key": "sesame_web_key_missing"}
    page = await answer(hass, page, api_key=f" {NEW_KEY} ")
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert entry.data["api_key"] == NEW_KEY
    assert state(hass, LOCK) == "locked"


async def test_reauth_when_the_first_device_is_dead_reads_another(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, SESAME_4)
    cloud.cloud.account.api_key = NEW_KEY
    cloud.fail_lock(SESAME_5, "error")
    await refresh(hass, entry)
    (flow,) = reauth_flows(hass)
    page: Any = await hass.config_entries.flow.async_configure(flow["flow_id"])
    before = asked(cloud, SESAME_5), asked(cloud, SESAME_4)
    page = await answer(hass, page, api_key=API_KEY)
    assert page["errors"] == {"base": "sesame_web_forbidden"}
    page = await answer(hass, page, api_key=NEW_KEY)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert asked(cloud, SESAME_5) > before[0]
    assert asked(cloud, SESAME_4) > before[1]
    assert state(hass, BACK) == "locked"


async def test_reconfigure_when_every_device_is_dead_says_why(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, SESAME_4)
    cloud.fail_lock(SESAME_5, "error")
    cloud.fail_lock(SESAME_4, "error")
    page: Any = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    )
    page = await answer(hass, page, api_key=API_KEY)
    assert page["errors"] == {"base": "sesame_web_never_online"}


async def test_reconfigure_with_a_new_key_changes_it(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    cloud.cloud.account.api_key = NEW_KEY
    page: Any = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    )
    assert page["step_id"] == "sesame_web_reconfigure"
    page = await answer(hass, page, api_key=NEW_KEY)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert entry.data["api_key"] == NEW_KEY


async def test_reconfigure_when_no_device_is_left_takes_the_key(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    (device,) = entry.subentries
    hass.config_entries.async_remove_subentry(entry, device)
    await settle(hass)
    before = cloud.calls
    page: Any = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    )
    page = await answer(hass, page, api_key=NEW_KEY)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert entry.data["api_key"] == NEW_KEY
    assert cloud.calls == before


async def test_reconfigure_with_a_key_of_another_entry_is_refused(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    cloud.cloud.account.api_key = NEW_KEY
    page: Any = await choose(hass, await give_key(hass, NEW_KEY), "sesame_web_device_uuid")
    page = await answer(hass, page, **filled(SESAME_4))
    before = cloud.calls
    page = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": page["result"].entry_id}
    )
    page = await answer(hass, page, api_key=API_KEY)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "sesame_web_key_known")
    assert cloud.calls == before


async def test_device_with_triggers_keeps_them_until_they_are_taken_away(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    page = await by_uuid(hass, triggers=["binary_sensor.hall", "binary_sensor.gate"])
    entry = page["result"]
    page = await open_edit(hass, entry)
    suggested = {key: key.description for key in page["data_schema"].schema}
    assert suggested["triggers"] == {
        "suggested_value": ["binary_sensor.hall", "binary_sensor.gate"]
    }
    page = await fill(hass, page, name="Front door", product="sesame_5")
    assert page["reason"] == "reconfigure_successful"
    (device,) = entry.subentries.values()
    assert "triggers" not in device.data
    page = await add(hass, entry, "sesame_web_add_link")
    link = cloud.share_link(SESAME_4)
    await fill(hass, page, link=link, triggers=["binary_sensor.hall"])
    assert list(entry.subentries.values())[1].data["triggers"] == ["binary_sensor.hall"]


async def test_options_when_changed_take_effect(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    page: Any = await open_options(hass, entry, "sesame_web_options")
    filled_in = {"budget": 30_000.0, "history": True}
    page = await hass.config_entries.options.async_configure(page["flow_id"], filled_in)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)
    assert entry.options == {"budget": 30_000, "history": True}
    assert state(hass, "event.front_door_activity") == "unknown"
    assert 60 < entry.runtime_data.diagnostics()["seconds_between_reads"] < 200
    assert asked(cloud, SESAME_5, "history") == 1
