"""Forms: both ways to set a gateway up, and what is changed later."""

from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
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
    GATEWAY_ACCESSORY,
    PASSWORD,
    PHONE,
    Lock,
    TheKeysSimulator,
)
from tests.vendors.home import (
    answer,
    choose,
    issues,
    let_pass,
    open_options,
    reauth_flows,
    record,
    run_ahead,
    settle,
    state,
)
from tests.vendors.the_keys.helpers import (
    BACK,
    LOCK,
    asked,
    by_hand,
    fill,
    give_code,
    host,
    log_in,
    pick,
    poll,
    reconfigure,
    set_up,
    start_subentry,
)

NEW_CODE = "Another16Letters"


# With the account.


async def test_account_adds_the_gateway_and_its_locks(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    page = await log_in(hass)
    assert page["step_id"] == "the_keys_pick"
    page = await pick(hass, page, gateway)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    assert page["title"] == "TK Gateway"
    entry = page["result"]
    assert entry.unique_id == f"the_keys_{GATEWAY_ACCESSORY}"
    assert {lock.unique_id: lock.title for lock in entry.subentries.values()} == {
        FRONT_ID: "Front door",
        BACK_ID: "Back door",
    }
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")
    assert issues(hass) == set()


async def test_account_is_not_stored(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    kept = str(entry.as_dict())
    assert PHONE not in kept
    assert PASSWORD not in kept


async def test_account_then_each_lock_has_our_share_and_others_stay(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    before = gateway.shares()
    entry = await set_up(hass, gateway, FRONT_ID)
    (ours,) = [share for share in gateway.shares() if share not in before]
    assert ours["name"] == "Home Assistant"
    (lock,) = entry.subentries.values()
    assert lock.data["code"] == ours["code"]
    assert [share for share in gateway.shares() if share in before] == before
    assert len(gateway.shares(BACK_ID)) == len(before)


async def test_account_then_our_share_is_found_again(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    shares = gateway.shares()
    await hass.config_entries.async_remove(entry.entry_id)
    await set_up(hass, gateway)
    assert gateway.shares() == shares


async def test_account_when_the_gateway_synchronizes_for_long_then_it_is_added_afterwards(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    gateway.configure(synchronises_for=1e6)
    page = await run_ahead(hass, pick(hass, await log_in(hass), gateway))
    assert page["errors"] == {"base": "the_keys_busy"}
    gateway.stop_synchronising()
    before = asked(gateway, "/synchronize")
    page = await run_ahead(hass, pick(hass, page, gateway))
    assert page["type"] is FlowResultType.CREATE_ENTRY
    # What the gateway has by now is not brought to it again.
    assert asked(gateway, "/synchronize") == before


async def test_address_is_suggested_when_the_cloud_knows_it(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    assert suggested(await log_in(hass)) == host(gateway)
    gateway.set_gateway_ip(None)
    assert suggested(await log_in(hass)) == "thekeys.local"


def suggested(page: Any) -> str:
    (field,) = [field for field in page["data_schema"].schema if field == "host"]
    shown: str = field.description["suggested_value"]
    return shown


async def test_account_with_several_gateways_then_one_is_chosen(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    gateway.add_gateway(7001, "TKGW0000002", ip="192.0.2.1")
    page = await log_in(hass)
    assert page["step_id"] == "the_keys_gateway"
    page = await pick(hass, await answer(hass, page, gateway=GATEWAY_ACCESSORY), gateway)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    # The other one is left, but its locks are set up.
    page = await log_in(hass)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "all_locks_configured")


async def test_gateway_that_is_set_up_is_not_added_again(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    for page in (await log_in(hass), await by_hand(hass, host(gateway))):
        kind, reason = page["type"], page["reason"]
        assert (kind, reason) == (FlowResultType.ABORT, "the_keys_gateway_configured")
        assert page["description_placeholders"] == {"name": entry.title}


@pytest.mark.parametrize(
    "answers", [{"password": "wrong"}, {"phone": "+33700000000"}, {"phone": "0612345678"}]
)
async def test_login_that_is_refused_is_an_error(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, answers: dict[str, str]
) -> None:
    page = await log_in(hass, **answers)
    assert page["errors"] == {"password": "the_keys_login_refused"}
    page = await answer(hass, page, phone=PHONE, password=PASSWORD)
    assert page["step_id"] == "the_keys_pick"


async def test_phone_number_with_gaps_is_understood(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    page = await log_in(hass, phone=f" {PHONE[:3]} {PHONE[3:6]} {PHONE[6:]} ")
    assert page["step_id"] == "the_keys_pick"


async def test_cloud_that_does_not_answer_is_an_error(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    gateway.take_cloud_down()
    assert (await log_in(hass))["errors"] == {"base": "the_keys_cloud_unreachable"}


async def test_cloud_that_answers_as_something_else_is_an_error(
    hass: HomeAssistant,
    address: URL,
    gateway: TheKeysSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SMARTLOCKS_THE_KEYS_CLOUD_URL", str(gateway.url))
    assert (await log_in(hass))["errors"] == {"base": "the_keys_cloud_not_understood"}


async def test_address_of_a_gateway_without_locks_is_taken(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    (lock,) = entry.subentries
    hass.config_entries.async_remove_subentry(entry, lock)
    await settle(hass)
    page: Any = await hass.config_entries.flow.async_init(
        "smartlocks", context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    page = await answer(hass, page, host=host(gateway))
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")


async def test_second_gateway_set_up_by_hand_has_a_title_of_its_own(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await give_code(hass, await by_hand(hass, host(gateway)))
    entry = hass.config_entries.async_entries("smartlocks")[0]
    assert entry.title == "The Keys gateway"
    data = {**entry.data, "host": "192.0.2.7"}
    hass.config_entries.async_update_entry(entry, data=data)
    (lock,) = entry.subentries
    hass.config_entries.async_remove_subentry(entry, lock)
    page = await give_code(hass, await by_hand(hass, host(gateway)))
    assert page["title"] == "The Keys gateway 2"


@pytest.mark.parametrize(
    ("verb", "error"),
    [("remove_locks", "the_keys_no_locks"), ("remove_gateways", "the_keys_no_gateway")],
)
async def test_account_without_locks_or_gateways_is_an_error(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, verb: str, error: str
) -> None:
    getattr(gateway, verb)()
    assert (await log_in(hass))["errors"] == {"base": error}


async def test_gateway_that_is_paired_with_no_lock_is_an_error(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    for accessory in gateway.account.accessories:
        accessory.locks.clear()
    page = await log_in(hass)
    assert page["errors"] == {"base": "the_keys_no_gateway"}


async def test_choosing_no_lock_is_an_error(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    page = await answer(hass, await log_in(hass), locks=[], host=host(gateway))
    assert page["errors"] == {"locks": "the_keys_none_chosen"}


async def test_share_that_the_account_may_not_create_is_an_error(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    gateway.configure_cloud(may_share=False)
    page = await pick(hass, await log_in(hass), gateway, FRONT_ID)
    assert page["errors"] == {"base": "the_keys_share_refused"}
    assert page["description_placeholders"]["lock"] == "Front door"


@pytest.mark.parametrize("is_gone", [True, False])
async def test_login_that_ends_before_the_share_is_an_error(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, *, is_gone: bool
) -> None:
    page = await log_in(hass)
    if is_gone:
        gateway.take_cloud_down()
    else:
        gateway.expire_tokens()
    page = await pick(hass, page, gateway, FRONT_ID)
    error = "the_keys_cloud_unreachable" if is_gone else "the_keys_share_refused"
    assert page["errors"] == {"base": error}


async def test_lock_that_the_gateway_does_not_see_is_an_error(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await gateway.take_offline(BACK_ID)
    page = await pick(hass, await log_in(hass), gateway)
    assert page["errors"] == {"base": "the_keys_not_seen"}
    assert page["description_placeholders"]["lock"] == "Back door"
    page = await pick(hass, page, gateway, FRONT_ID)
    assert page["type"] is FlowResultType.CREATE_ENTRY


# The gateway's address.


@pytest.mark.parametrize("written", ["", "a b", "ftp://gateway", "gateway:99999", "::1:80:x"])
async def test_address_that_is_none_is_an_error(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, written: str
) -> None:
    page = await by_hand(hass, written)
    assert page["errors"] == {"host": "not_an_address"}


async def test_address_where_nothing_answers_is_an_error(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await gateway.switch_off()
    page = await by_hand(hass, host(gateway))
    assert page["errors"] == {"host": "the_keys_unreachable"}
    await gateway.switch_on()
    page = await answer(hass, page, host=host(gateway))
    assert page["step_id"] == "the_keys_code"


@pytest.mark.parametrize(("body", "status"), [("<html>", 200), ("{}", 200), ("gone", 404)])
async def test_address_of_something_else_is_an_error(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, body: str, status: int
) -> None:
    gateway.force_reply("/lockers", body, status=status)
    page = await by_hand(hass, host(gateway))
    assert page["errors"] == {"host": "the_keys_not_a_gateway"}


async def test_gateway_that_sees_no_lock_is_an_error(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    for lock in (FRONT_ID, BACK_ID):
        await gateway.take_offline(lock)
    page = await by_hand(hass, host(gateway))
    assert page["errors"] == {"host": "the_keys_sees_nothing"}


async def test_address_as_a_link_is_understood(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    page = await by_hand(hass, f"http://{host(gateway)}/")
    page = await give_code(hass, page)
    assert page["result"].data["host"] == host(gateway)


# By hand.


async def test_address_and_code_add_the_gateway_without_the_cloud(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    gateway.take_cloud_down()
    page = await by_hand(hass, host(gateway))
    assert page["step_id"] == "the_keys_code"
    page = await give_code(hass, page, name=" Front door ")
    assert page["type"] is FlowResultType.CREATE_ENTRY
    # An address can change, and is in no log.
    assert page["title"] == "The Keys gateway"
    assert host(gateway) not in page["result"].unique_id
    (lock,) = page["result"].subentries.values()
    assert (lock.title, lock.unique_id) == ("Front door", FRONT_ID)
    assert state(hass, LOCK) == "locked"


async def test_lock_without_a_name_is_named_by_its_number(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    page = await give_code(hass, await by_hand(hass, host(gateway)))
    (lock,) = page["result"].subentries.values()
    assert lock.title == f"The Keys {FRONT_ID}"


async def test_code_that_is_wrong_is_an_error(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    page = await by_hand(hass, host(gateway))
    page = await give_code(hass, page, code="nobodyscode")
    assert page["errors"] == {"code": "the_keys_code_refused"}
    page = await give_code(hass, page, code=f" {FRONT_CODE}\n")
    assert page["type"] is FlowResultType.CREATE_ENTRY


async def test_lock_that_is_not_shared_is_an_error(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    gateway.refuse_credentials("deleted")
    page = await give_code(hass, await by_hand(hass, host(gateway)))
    assert page["errors"] == {"code": "the_keys_not_shared"}


async def test_gateway_without_the_time_is_an_error(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    page = await by_hand(hass, host(gateway))
    gateway.lose_clock(for_good=True)
    page = await give_code(hass, page)
    assert page["errors"] == {"base": "the_keys_clock"}
    gateway.lose_clock()
    page = await give_code(hass, page)
    assert page["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("code", "times", "error"),
    [
        (2, 1, "the_keys_not_compatible"),
        (34, 1, "the_keys_not_detected"),
        (35, 1, "the_keys_not_compatible"),
        (36, 2, "the_keys_key_unknown"),
        (37, 1, "the_keys_failed"),
    ],
)
async def test_refusal_has_its_message(
    hass: HomeAssistant,
    address: URL,
    gateway: TheKeysSimulator,
    code: int,
    times: int,
    error: str,
) -> None:
    page = await by_hand(hass, host(gateway))
    gateway.answer_code(code, times=times, endpoint="/locker_status")
    page = await give_code(hass, page)
    assert page["errors"] == {"base": error}
    page = await give_code(hass, page)
    assert page["type"] is FlowResultType.CREATE_ENTRY


async def test_busy_gateway_is_waited_for_a_little(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    page = await by_hand(hass, host(gateway))
    gateway.set_busy(4)
    page = await give_code(hass, page)
    assert page["errors"] == {"base": "the_keys_busy"}
    gateway.set_busy(0)
    gateway.set_busy(2)
    page = await give_code(hass, page)
    assert page["type"] is FlowResultType.CREATE_ENTRY


async def test_gateway_that_is_off_before_the_code_is_an_error(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    page = await by_hand(hass, host(gateway))
    await gateway.switch_off()
    page = await give_code(hass, page)
    assert page["errors"] == {"base": "the_keys_unreachable"}


async def test_address_and_code_ask_nobody_but_the_gateway(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await give_code(hass, await by_hand(hass, host(gateway)))
    assert gateway.cloud_server.requests == []
    assert asked(gateway, "/synchronize") == 0


async def test_account_with_a_gateway_that_was_added_by_hand_is_not_added_again(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await give_code(hass, await by_hand(hass, host(gateway)))
    page: Any = await log_in(hass)
    # The account does not name the address; only the form does.
    page = await pick(hass, page, gateway, BACK_ID)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "the_keys_gateway_configured")


# Locks of an entry.


async def test_lock_is_added_with_the_account_and_only_it_is_read(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    seen, before = record(hass, LOCK), gateway.signed_reads[FRONT_ID]
    page = await fill(hass, await start_subentry(hass, entry), "the_keys_add_account")
    page = await fill(hass, page, phone=PHONE, password=PASSWORD)
    assert page["step_id"] == "the_keys_add_pick"
    page = await fill(hass, page, lock=BACK_ID)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)
    await let_pass(hass, seconds=1)
    assert state(hass, BACK) == "unlocked"
    assert (seen, gateway.signed_reads[FRONT_ID]) == ([], before)
    page = await start_subentry(hass, entry)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "all_locks_configured")


async def test_lock_is_added_by_its_code(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    gateway.take_cloud_down()
    page = await fill(hass, await start_subentry(hass, entry), "the_keys_add_code")
    page = await fill(hass, page, lock=BACK_ID, code="nobodyscode")
    assert page["errors"] == {"code": "the_keys_code_refused"}
    page = await fill(hass, page, lock=BACK_ID, code=BACK_CODE, name="Back door")
    assert page["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)
    await let_pass(hass, seconds=1)
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")


async def test_lock_that_is_set_up_meanwhile_is_not_added_again(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    pages = [
        await fill(hass, await start_subentry(hass, entry), "the_keys_add_code") for _ in range(2)
    ]
    await fill(hass, pages[0], lock=BACK_ID, code=BACK_CODE)
    page = await fill(hass, pages[1], lock=BACK_ID, code=BACK_CODE)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_lock_is_not_added_while_the_gateway_is_off(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    await gateway.switch_off()
    page = await start_subentry(hass, entry)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "the_keys_unreachable")


@pytest.mark.parametrize(
    ("body", "status"), [("<html>", 200), ("gone", 404)], ids=["text", "missing"]
)
async def test_lock_is_not_added_when_something_else_answers(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, body: str, status: int
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    gateway.force_reply("/lockers", body, status=status)
    page = await start_subentry(hass, entry)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "the_keys_not_a_gateway")


async def test_lock_is_not_added_when_the_gateway_sees_none(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    for lock in (FRONT_ID, BACK_ID):
        await gateway.take_offline(lock)
    page = await start_subentry(hass, entry)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "the_keys_sees_nothing")


async def test_lock_is_not_added_when_the_account_cannot_be_asked(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    page = await fill(hass, await start_subentry(hass, entry), "the_keys_add_account")
    page = await fill(hass, page, phone=PHONE, password="wrong")
    assert page["errors"] == {"password": "the_keys_login_refused"}
    gateway.take_cloud_down()
    page = await fill(hass, page, phone=PHONE, password=PASSWORD)
    assert page["errors"] == {"base": "the_keys_cloud_unreachable"}


async def test_lock_is_not_added_from_another_account(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    gateway.remove_gateways()
    gateway.add_gateway(7001, "TKGW0000002", ip="192.0.2.1")
    page = await fill(hass, await start_subentry(hass, entry), "the_keys_add_account")
    page = await fill(hass, page, phone=PHONE, password=PASSWORD)
    assert page["errors"] == {"base": "the_keys_other_account"}


@pytest.mark.parametrize("knows_address", [True, False])
async def test_gateway_that_was_added_by_hand_is_found_in_the_account(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, *, knows_address: bool
) -> None:
    page = await give_code(hass, await by_hand(hass, host(gateway)), name="Front door")
    if knows_address:
        gateway.add_gateway(7001, "TKGW0000002", ip="192.0.2.1")
    else:
        gateway.set_gateway_ip(None)
    page = await fill(hass, await start_subentry(hass, page["result"]), "the_keys_add_account")
    page = await fill(hass, page, phone=PHONE, password=PASSWORD)
    assert page["step_id"] == "the_keys_add_pick"


def device_of(hass: HomeAssistant, entry: ConfigEntry, lock: str) -> dr.DeviceEntry | None:
    """Return a lock's device."""
    identifier = (DOMAIN, f"the_keys_{lock}")
    return dr.async_get(hass).async_get_device_by_identifier(identifier, entry.entry_id)


async def test_lock_is_renamed_without_its_code_and_without_a_request(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    (lock,) = entry.subentries.values()
    code, seen, sent = lock.data["code"], record(hass, LOCK), len(gateway.requests)
    page = await start_subentry(hass, entry, lock.subentry_id)
    assert page["description_placeholders"]["identifier"] == FRONT_ID
    page = await fill(hass, page, name="Main door")
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await settle(hass)
    (lock,) = entry.subentries.values()
    assert (lock.title, lock.data["code"]) == ("Main door", code)
    device = device_of(hass, entry, FRONT_ID)
    assert device is not None
    assert device.name == "Main door"
    assert len(gateway.requests) == sent
    assert "unavailable" not in seen


async def test_lock_gets_another_code_that_works(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    page = await start_subentry(hass, entry, next(iter(entry.subentries)))
    page = await fill(hass, page, name="Front door", code="nobodyscode")
    assert page["errors"] == {"code": "the_keys_code_refused"}
    page = await fill(hass, page, name="Front door", code=FRONT_CODE)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    (lock,) = entry.subentries.values()
    assert lock.data["code"] == FRONT_CODE
    await gateway.turn_by_hand("unlocked")
    await poll(hass)
    assert state(hass, LOCK) == "unlocked"


async def test_lock_that_is_not_reached_keeps_its_code(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    await gateway.take_offline()
    page = await start_subentry(hass, entry, next(iter(entry.subentries)))
    page = await fill(hass, page, name="Main door", code=FRONT_CODE)
    assert page["errors"] == {"base": "the_keys_not_detected"}


async def test_lock_is_removed(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    seen = record(hass, LOCK)
    (back,) = (key for key, lock in entry.subentries.items() if lock.unique_id == BACK_ID)
    hass.config_entries.async_remove_subentry(entry, back)
    await settle(hass)
    assert hass.states.get(BACK) is None
    assert (state(hass, LOCK), seen) == ("locked", [])
    assert device_of(hass, entry, BACK_ID) is None
    assert (await start_subentry(hass, entry))["type"] is FlowResultType.MENU


# New codes.


async def reauthenticate(hass: HomeAssistant, choice: str) -> Any:
    """Open the form that asks for new codes."""
    (flow,) = reauth_flows(hass)
    page = await hass.config_entries.flow.async_configure(flow["flow_id"])
    return await choose(hass, page, choice)


async def test_codes_are_renewed_with_the_account(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.refuse_credentials("deleted", login=False)
    await gateway.turn_by_hand("unlocked")
    await gateway.turn_by_hand("locked", BACK_ID)
    await poll(hass)
    assert issues(hass) == {"the_keys_share_gone"}
    assert state(hass, LOCK) == "unknown"
    page = await reauthenticate(hass, "the_keys_reauth_account")
    page = await answer(hass, page, phone=PHONE, password="wrong")
    assert page["errors"] == {"password": "the_keys_login_refused"}
    page = await run_ahead(hass, answer(hass, page, phone=PHONE, password=PASSWORD))
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert (state(hass, LOCK), state(hass, BACK)) == ("unlocked", "locked")
    assert issues(hass) == set()


async def test_codes_of_locks_that_are_seen_are_renewed_when_another_is_away(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.refuse_credentials("deleted", login=False)
    await gateway.turn_by_hand("unlocked")
    await gateway.take_offline(BACK_ID)
    await poll(hass)
    page = await reauthenticate(hass, "the_keys_reauth_account")
    page = await run_ahead(hass, answer(hass, page, phone=PHONE, password=PASSWORD))
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert state(hass, LOCK) == "unlocked"


async def test_code_is_renewed_with_the_account_when_another_lock_is_not_reached(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    gateway.refuse_credentials("deleted", login=False)
    gateway.configure(lists_offline=True)
    await gateway.take_offline(BACK_ID)
    await gateway.turn_by_hand("unlocked")
    await gateway.turn_by_hand("locked", BACK_ID)
    await poll(hass)
    page = await reauthenticate(hass, "the_keys_reauth_account")
    page = await run_ahead(hass, answer(hass, page, phone=PHONE, password=PASSWORD))
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert state(hass, LOCK) == "unlocked"
    # The other one's is still to be renewed.
    assert issues(hass) == {"the_keys_share_gone"}
    await gateway.bring_online(BACK_ID)
    await let_pass(hass, minutes=2)
    page = await reauthenticate(hass, "the_keys_reauth_account")
    page = await run_ahead(hass, answer(hass, page, phone=PHONE, password=PASSWORD))
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert (state(hass, LOCK), state(hass, BACK)) == ("unlocked", "locked")
    assert issues(hass) == set()


async def test_codes_are_not_renewed_when_no_lock_is_seen(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await set_up(hass, gateway, FRONT_ID)
    gateway.refuse_credentials("deleted", login=False)
    await gateway.turn_by_hand("unlocked")
    await poll(hass)
    await gateway.take_offline()
    page = await reauthenticate(hass, "the_keys_reauth_account")
    page = await run_ahead(hass, answer(hass, page, phone=PHONE, password=PASSWORD))
    assert page["errors"] == {"base": "the_keys_not_seen"}


async def test_code_of_one_lock_is_renewed_by_hand(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    gateway.refuse_credentials("changed")
    await gateway.turn_by_hand("unlocked")
    await poll(hass)
    assert issues(hass) == {"the_keys_code_refused"}
    page = await reauthenticate(hass, "the_keys_reauth_code")
    (lock,) = entry.subentries
    page = await run_ahead(hass, answer(hass, page, lock=lock, code="nobodyscode"))
    assert page["errors"] == {"code": "the_keys_code_refused"}
    gateway.add_share("By hand", code=NEW_CODE)
    page = await run_ahead(hass, answer(hass, page, lock=lock, code=NEW_CODE))
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reauth_successful")
    assert state(hass, LOCK) == "unlocked"
    assert issues(hass) == set()


# Another address.


@pytest.fixture
async def other(gateway: TheKeysSimulator) -> Any:
    """Simulate a second gateway that sees the same locks, and a third one of its own."""
    simulator = TheKeysSimulator(
        pace=gateway.pace,
        locks=[
            *(
                Lock(identifier=one, portal_id=index, name=one)
                for index, one in enumerate((FRONT_ID, BACK_ID), 1)
            ),
            Lock(identifier="777", portal_id=3, name="Cellar"),
        ],
    )
    simulator.allow_haste()
    await simulator.start()
    yield simulator
    await simulator.stop()


async def test_reconfigure_follows_the_gateway_to_another_address(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    page = await reconfigure(hass, entry, host="192.0.2.1 nonsense")
    assert page["errors"] == {"host": "not_an_address"}
    await gateway.switch_off()
    page = await run_ahead(hass, answer(hass, page, host=host(gateway)))
    assert page["errors"] == {"host": "the_keys_unreachable"}
    await gateway.switch_on(elsewhere=True)
    moved = host(gateway)
    assert moved != entry.data["host"]
    page = await run_ahead(hass, answer(hass, page, host=moved))
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert entry.data["host"] == moved
    assert state(hass, LOCK) == "locked"


async def test_reconfigure_goes_on_after_the_timestamps_of_the_old_address(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await gateway.switch_off()
    await gateway.switch_on(elsewhere=True)
    before = asked(gateway, "/locker_status")
    await reconfigure(hass, entry, host=host(gateway))
    # One for the form, and one for each lock: none was refused and sent again.
    assert asked(gateway, "/locker_status") - before == 3


async def test_reconfigure_does_not_take_a_gateway_that_sees_none_of_the_locks(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    await gateway.take_offline()
    page = await reconfigure(hass, entry, host=host(gateway))
    assert page["errors"] == {"host": "the_keys_other_gateway"}


async def test_reconfigure_does_not_take_a_gateway_that_refuses_the_codes(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator, other: TheKeysSimulator
) -> None:
    before = entry.data["host"]
    page = await reconfigure(hass, entry, host=host(other))
    assert page["errors"] == {"host": "the_keys_other_gateway"}
    assert entry.data["host"] == before


async def test_reconfigure_does_not_take_a_gateway_that_cannot_be_asked(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway, FRONT_ID)
    gateway.fail_lock(FRONT_ID, 34)
    page = await reconfigure(hass, entry, host=host(gateway))
    assert page["errors"] == {"base": "the_keys_not_detected"}


async def test_reconfigure_does_not_take_the_gateway_of_another_entry(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator, other: TheKeysSimulator
) -> None:
    page = await by_hand(hass, host(other))
    page = await give_code(hass, page, "777", other.share_code("777"))
    assert page["type"] is FlowResultType.CREATE_ENTRY
    page = await reconfigure(hass, entry, host=host(other))
    assert (page["type"], page["reason"]) == (
        FlowResultType.ABORT,
        "the_keys_gateway_configured",
    )


async def test_address_that_a_gateway_has_left_is_free_for_another(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, other: TheKeysSimulator
) -> None:
    page = await give_code(hass, await by_hand(hass, host(gateway)))
    entry, left = page["result"], gateway.server.port
    await gateway.switch_off()
    await gateway.switch_on(elsewhere=True)
    page = await reconfigure(hass, entry, host=host(gateway))
    assert page["reason"] == "reconfigure_successful"
    assert host(gateway) not in entry.title
    await other.stop()
    another = TheKeysSimulator(
        pace=gateway.pace, locks=[Lock(identifier="777", portal_id=3, name="Cellar")]
    )
    another.allow_haste()
    await another.start(left)
    page = await give_code(hass, await by_hand(hass, host(another)), "777", another.share_code())
    assert page["type"] is FlowResultType.CREATE_ENTRY
    assert page["result"].unique_id != entry.unique_id
    await hass.config_entries.async_unload(page["result"].entry_id)
    await another.stop()


# Options.


async def test_interval_of_the_list_is_an_option(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    page: Any = await open_options(hass, entry, "the_keys_options")
    page = await hass.config_entries.options.async_configure(
        page["flow_id"], {"poll_seconds": 40.0}
    )
    assert page["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)
    assert entry.options == {"poll_seconds": 40}
    assert entry.state is ConfigEntryState.LOADED
    before = asked(gateway, "/lockers")
    for _ in range(4):
        await let_pass(hass, seconds=30)
    assert asked(gateway, "/lockers") - before == 2
