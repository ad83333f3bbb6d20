"""Both ways to set a gateway up, and every sentence that says why it did not work."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from yarl import URL

from tests.simulators.the_keys import (
    BACK_ID,
    FRONT_CODE,
    FRONT_ID,
    GATEWAY_ACCESSORY,
    PASSWORD,
    PHONE,
    TheKeysSimulator,
)
from tests.vendors.home import Page, answer, begin, issues, run_ahead, state
from tests.vendors.the_keys.home import BACK, LOCK, asked, host, log_in, pick, set_up


async def by_hand(hass: HomeAssistant, address: str) -> Page:
    """Say where the gateway is."""
    return await answer(hass, await begin(hass, "the_keys", "the_keys_hand"), host=address)


async def give_code(
    hass: HomeAssistant, page: Page, lock: str = FRONT_ID, code: str = FRONT_CODE, **name: str
) -> Page:
    """Say which lock it is, and its code; busy gateways are waited for."""
    filled = answer(hass, page, lock=lock, code=code, **name)
    return await run_ahead(hass, filled)


# With the account.


async def test_with_the_account(
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


async def test_the_account_is_not_kept(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    kept = str(entry.as_dict())
    assert PHONE not in kept
    assert PASSWORD not in kept


async def test_each_lock_gets_a_share_of_our_own_and_others_stay(
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


async def test_our_share_is_found_again(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    entry = await set_up(hass, gateway)
    shares = gateway.shares()
    await hass.config_entries.async_remove(entry.entry_id)
    await set_up(hass, gateway)
    assert gateway.shares() == shares


async def test_the_address_is_suggested_where_the_cloud_knows_it(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    assert suggested(await log_in(hass)) == host(gateway)
    gateway.set_gateway_ip(None)
    assert suggested(await log_in(hass)) == "thekeys.local"


def suggested(page: Page) -> str:
    (field,) = [field for field in page["data_schema"].schema if field == "host"]
    shown: str = field.description["suggested_value"]
    return shown


async def test_one_of_several_gateways_is_chosen(
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


async def test_the_same_gateway_twice(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await set_up(hass, gateway)
    page = await log_in(hass)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "already_configured")
    page = await by_hand(hass, host(gateway))
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "already_configured")


@pytest.mark.parametrize(
    "answers", [{"password": "wrong"}, {"phone": "+33700000000"}, {"phone": "0612345678"}]
)
async def test_a_login_that_is_refused(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, answers: dict[str, str]
) -> None:
    page = await log_in(hass, **answers)
    assert page["errors"] == {"password": "the_keys_login_refused"}
    page = await answer(hass, page, phone=PHONE, password=PASSWORD)
    assert page["step_id"] == "the_keys_pick"


async def test_a_phone_number_with_gaps(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    page = await log_in(hass, phone=f" {PHONE[:3]} {PHONE[3:6]} {PHONE[6:]} ")
    assert page["step_id"] == "the_keys_pick"


async def test_a_cloud_that_does_not_answer(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    gateway.take_cloud_down()
    assert (await log_in(hass))["errors"] == {"base": "the_keys_cloud_unreachable"}


@pytest.mark.parametrize(
    ("verb", "error"),
    [("remove_locks", "the_keys_no_locks"), ("remove_gateways", "the_keys_no_gateway")],
)
async def test_an_account_that_has_nothing(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, verb: str, error: str
) -> None:
    getattr(gateway, verb)()
    assert (await log_in(hass))["errors"] == {"base": error}


async def test_a_gateway_without_a_lock(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    for accessory in gateway.account.accessories:
        accessory.locks.clear()
    page = await log_in(hass)
    assert page["errors"] == {"base": "the_keys_no_gateway"}


async def test_at_least_one_lock_is_chosen(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    page = await answer(hass, await log_in(hass), locks=[], host=host(gateway))
    assert page["errors"] == {"locks": "the_keys_none_chosen"}


async def test_a_share_the_account_may_not_make(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    gateway.configure_cloud(may_share=False)
    page = await pick(hass, await log_in(hass), gateway, FRONT_ID)
    assert page["errors"] == {"base": "the_keys_share_refused"}
    assert page["description_placeholders"]["lock"] == "Front door"


@pytest.mark.parametrize("is_gone", [True, False])
async def test_a_login_that_ends_before_the_share(
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


async def test_a_lock_the_gateway_does_not_see(
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
async def test_what_is_no_address(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, written: str
) -> None:
    page = await by_hand(hass, written)
    assert page["errors"] == {"host": "not_an_address"}


async def test_nobody_at_the_address(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await gateway.switch_off()
    page = await by_hand(hass, host(gateway))
    assert page["errors"] == {"host": "the_keys_unreachable"}
    await gateway.switch_on()
    page = await answer(hass, page, host=host(gateway))
    assert page["step_id"] == "the_keys_code"


@pytest.mark.parametrize(("body", "status"), [("<html>", 200), ("{}", 200), ("gone", 404)])
async def test_something_else_at_the_address(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator, body: str, status: int
) -> None:
    gateway.force_reply("/lockers", body, status=status)
    page = await by_hand(hass, host(gateway))
    assert page["errors"] == {"host": "the_keys_not_a_gateway"}


async def test_a_gateway_that_sees_nothing(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    for lock in (FRONT_ID, BACK_ID):
        await gateway.take_offline(lock)
    page = await by_hand(hass, host(gateway))
    assert page["errors"] == {"host": "the_keys_sees_nothing"}


async def test_the_address_as_a_link(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    page = await by_hand(hass, f"http://{host(gateway)}/")
    page = await give_code(hass, page)
    assert page["result"].data["host"] == host(gateway)


# By hand.


async def test_by_hand(hass: HomeAssistant, address: URL, gateway: TheKeysSimulator) -> None:
    gateway.take_cloud_down()
    page = await by_hand(hass, host(gateway))
    assert page["step_id"] == "the_keys_code"
    page = await give_code(hass, page, name=" Front door ")
    assert page["type"] is FlowResultType.CREATE_ENTRY
    assert page["title"] == f"The Keys {host(gateway)}"
    (lock,) = page["result"].subentries.values()
    assert (lock.title, lock.unique_id) == ("Front door", FRONT_ID)
    assert state(hass, LOCK) == "locked"


async def test_a_lock_without_a_name(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    page = await give_code(hass, await by_hand(hass, host(gateway)))
    (lock,) = page["result"].subentries.values()
    assert lock.title == f"The Keys {FRONT_ID}"


async def test_a_code_of_nobody(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    page = await by_hand(hass, host(gateway))
    page = await give_code(hass, page, code="nobodyscode")
    assert page["errors"] == {"code": "the_keys_code_refused"}
    page = await give_code(hass, page, code=f" {FRONT_CODE}\n")
    assert page["type"] is FlowResultType.CREATE_ENTRY


async def test_a_lock_that_is_not_shared(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    gateway.refuse_credentials("deleted")
    page = await give_code(hass, await by_hand(hass, host(gateway)))
    assert page["errors"] == {"code": "the_keys_not_shared"}


async def test_a_gateway_without_the_time(
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
async def test_every_refusal_has_its_sentence(
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


async def test_a_busy_gateway_is_waited_for_a_little(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    page = await by_hand(hass, host(gateway))
    gateway.set_busy(3)
    page = await give_code(hass, page)
    assert page["errors"] == {"base": "the_keys_busy"}
    gateway.set_busy(2)
    page = await give_code(hass, page)
    assert page["type"] is FlowResultType.CREATE_ENTRY


async def test_a_gateway_that_goes_away_before_the_code(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    page = await by_hand(hass, host(gateway))
    await gateway.switch_off()
    page = await give_code(hass, page)
    assert page["errors"] == {"base": "the_keys_unreachable"}


async def test_nothing_leaves_the_house_by_hand(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await give_code(hass, await by_hand(hass, host(gateway)))
    assert gateway.cloud_server.requests == []
    assert asked(gateway, "/synchronize") == 0


async def test_the_second_way_to_a_gateway_that_was_set_up_by_hand(
    hass: HomeAssistant, address: URL, gateway: TheKeysSimulator
) -> None:
    await give_code(hass, await by_hand(hass, host(gateway)))
    page: Any = await log_in(hass)
    # The account does not name the address; only the form does.
    page = await pick(hass, page, gateway, BACK_ID)
    assert (page["type"], page["reason"]) == (FlowResultType.ABORT, "already_configured")
