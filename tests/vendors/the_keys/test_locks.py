"""Locks added and changed later, new codes, another address: the pages of an entry that runs."""

from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
import pytest
from yarl import URL

from custom_components.smartlocks.const import DOMAIN
from tests.simulators.the_keys import (
    BACK_CODE,
    BACK_ID,
    FRONT_CODE,
    FRONT_ID,
    PASSWORD,
    PHONE,
    TheKeysSimulator,
)
from tests.vendors.home import (
    Page,
    answer,
    begin,
    choose,
    issues,
    reauth_flows,
    refresh,
    run_ahead,
    settle,
    state,
)
from tests.vendors.the_keys.home import BACK, LOCK, host, set_up

NEW_CODE = "Another16Letters"


async def add(hass: HomeAssistant, entry: ConfigEntry, *choices: str) -> Page:
    """Press "Add lock"."""
    page: Any = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "lock"), context={"source": SOURCE_USER}
    )
    return await fill(hass, page, *choices)


async def fill(hass: HomeAssistant, page: Any, *choices: str, **answers: Any) -> Page:
    """Take menu options, then fill in a form if there are answers; waits for busy gateways."""
    flows = hass.config_entries.subentries
    for choice in choices:
        assert page["type"] is FlowResultType.MENU, page
        page = await flows.async_configure(page["flow_id"], {"next_step_id": choice})
    if answers:
        page = await run_ahead(hass, flows.async_configure(page["flow_id"], answers))
    result: Page = page
    return result


async def edit(hass: HomeAssistant, entry: ConfigEntry, **answers: str) -> Page:
    """Change the first lock."""
    lock = next(iter(entry.subentries))
    page: Any = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "lock"), context={"source": SOURCE_RECONFIGURE, "subentry_id": lock}
    )
    return await fill(hass, page, **answers) if answers else page


def device_of(hass: HomeAssistant, entry: ConfigEntry, lock: str) -> dr.DeviceEntry | None:
    """Return a lock's device."""
    identifier = (DOMAIN, f"the_keys_{lock}")
    return dr.async_get(hass).async_get_device_by_identifier(identifier, entry.entry_id)


async def test_a_lock_is_added_with_the_account(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    page = await add(hass, entry, "the_keys_add_account")
    page = await fill(hass, page, phone=PHONE, password=PASSWORD)
    assert page["step_id"] == "the_keys_add_pick"
    page = await fill(hass, page, lock=BACK_ID)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)
    assert state(hass, BACK) == "unlocked"
    page = await add(hass, entry)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "all_locks_configured")


async def test_a_lock_is_added_by_its_code(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    gateway.take_cloud_down()
    page = await add(hass, entry, "the_keys_add_code")
    page = await fill(hass, page, lock=BACK_ID, code="nobodyscode")
    assert page["errors"] == {"code": "the_keys_code_refused"}
    page = await fill(hass, page, lock=BACK_ID, code=BACK_CODE, name="Back door")
    assert page["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")


async def test_a_lock_is_not_added_while_the_gateway_is_gone(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    await gateway.switch_off()
    page = await add(hass, entry)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "the_keys_unreachable")


async def test_a_lock_is_not_added_from_another_account(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    gateway.remove_gateways()
    gateway.add_gateway(7001, "TKGW0000002", ip="192.0.2.1")
    page = await add(hass, entry, "the_keys_add_account")
    page = await fill(hass, page, phone=PHONE, password=PASSWORD)
    assert page["errors"] == {"base": "the_keys_other_account"}


@pytest.mark.parametrize("knows_address", [True, False])
async def test_a_gateway_set_up_by_hand_is_found_in_the_account(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, *, knows_address: bool
) -> None:
    page = await begin(hass, "the_keys", "the_keys_hand")
    page = await answer(hass, page, host=host(gateway))
    page = await answer(hass, page, lock=FRONT_ID, code=FRONT_CODE, name="Front door")
    if knows_address:
        gateway.add_gateway(7001, "TKGW0000002", ip="192.0.2.1")
    else:
        gateway.set_gateway_ip(None)
    page = await add(hass, page["result"], "the_keys_add_account")
    page = await fill(hass, page, phone=PHONE, password=PASSWORD)
    assert page["step_id"] == "the_keys_add_pick"


async def test_a_lock_gets_another_name_and_code(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    page = await edit(hass, entry)
    assert page["description_placeholders"]["identifier"] == FRONT_ID
    page = await fill(hass, page, name="Front door", code="nobodyscode")
    assert page["errors"] == {"code": "the_keys_code_refused"}
    page = await fill(hass, page, name="Main door", code=FRONT_CODE)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await settle(hass)
    (lock,) = entry.subentries.values()
    assert (lock.title, lock.data["code"]) == ("Main door", FRONT_CODE)
    device = device_of(hass, entry, FRONT_ID)
    assert device is not None
    assert device.name == "Main door"


async def test_a_lock_out_of_reach_is_not_changed(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    await gateway.take_offline()
    page = await edit(hass, entry, name="Main door", code=FRONT_CODE)
    assert page["errors"] == {"base": "the_keys_not_seen"}


async def test_a_lock_is_removed(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    (back,) = (key for key, lock in entry.subentries.items() if lock.unique_id == BACK_ID)
    hass.config_entries.async_remove_subentry(entry, back)
    await settle(hass)
    assert hass.states.get(BACK) is None
    assert state(hass, LOCK) == "locked"
    assert device_of(hass, entry, BACK_ID) is None
    assert (await add(hass, entry))["type"] is FlowResultType.MENU


async def test_codes_that_were_changed_are_renewed_with_the_account(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    gateway.refuse_credentials("deleted", login=False)
    await gateway.turn_by_hand("unlocked")
    await gateway.turn_by_hand("locked", BACK_ID)
    await run_ahead(hass, refresh(hass, entry))
    assert issues(hass) == {"the_keys_share_gone"}
    assert state(hass, LOCK) == "unknown"
    (flow,) = reauth_flows(hass)
    page: Any = await hass.config_entries.flow.async_configure(flow["flow_id"])
    page = await choose(hass, page, "the_keys_reauth_account")
    page = await answer(hass, page, phone=PHONE, password="wrong")
    assert page["errors"] == {"password": "the_keys_login_refused"}
    page = await run_ahead(hass, answer(hass, page, phone=PHONE, password=PASSWORD))
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert (state(hass, LOCK), state(hass, BACK)) == ("unlocked", "locked")
    assert issues(hass) == set()


async def test_one_code_is_renewed_by_hand(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    gateway.refuse_credentials("changed")
    await gateway.turn_by_hand("unlocked")
    await run_ahead(hass, refresh(hass, entry))
    assert issues(hass) == {"the_keys_code_refused"}
    (flow,) = reauth_flows(hass)
    page: Any = await hass.config_entries.flow.async_configure(flow["flow_id"])
    page = await choose(hass, page, "the_keys_reauth_code")
    (lock,) = entry.subentries
    page = await answer(hass, page, lock=lock, code="nobodyscode")
    assert page["errors"] == {"code": "the_keys_code_refused"}
    gateway.add_share("By hand", code=NEW_CODE)
    page = await answer(hass, page, lock=lock, code=NEW_CODE)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert state(hass, LOCK) == "unlocked"
    assert issues(hass) == set()


async def test_reconfigure_follows_the_gateway(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    page = await reconfigure(hass, entry, host="192.0.2.1 nonsense")
    assert page["errors"] == {"host": "not_an_address"}
    await gateway.switch_off()
    await gateway.switch_on(elsewhere=True)
    moved = host(gateway)
    assert moved != entry.data["host"]
    page = await answer(hass, page, host=moved)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert entry.data["host"] == moved
    assert state(hass, LOCK) == "locked"


async def test_another_gateway_is_not_taken_for_ours(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    await gateway.take_offline()
    page = await reconfigure(hass, entry, host=host(gateway))
    assert page["errors"] == {"host": "the_keys_other_gateway"}


async def reconfigure(hass: HomeAssistant, entry: ConfigEntry, **answers: str) -> Page:
    page: Any = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    )
    assert page["step_id"] == "the_keys_reconfigure"
    return await answer(hass, page, **answers)


async def test_the_interval_is_an_option(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    assert entry.runtime_data.update_interval.total_seconds() == 15
    page: Any = await hass.config_entries.options.async_init(entry.entry_id)
    page = await hass.config_entries.options.async_configure(
        page["flow_id"], {"poll_seconds": 40.0}
    )
    assert page["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)
    assert entry.options == {"poll_seconds": 40}
    assert entry.runtime_data.update_interval.total_seconds() == 40
