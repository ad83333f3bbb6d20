"""Codes to unlock: set in the options, asked for by the lock, with pauses after wrong ones."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
import json
import re
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from yarl import URL

from tests.clock import MONOTONIC
from tests.simulators.loqed import LoqedSimulator
from tests.simulators.the_keys import BACK_ID, FRONT_ID, TheKeysSimulator
from tests.vendors.contract import Installation
from tests.vendors.home import (
    answer_options,
    call,
    open_options,
    refresh,
    refused,
    run_ahead,
    settle,
    state,
)

FRONT = "lock.front_door"
BACK = "lock.back_door"
CODE = "2580"
WRONG = "1111"


@pytest.fixture
async def gateway(
    socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[TheKeysSimulator]:
    """Simulate a gateway with two locks that can be calibrated."""
    simulator = TheKeysSimulator(pace=0.01)
    simulator.allow_haste()
    await simulator.start()
    monkeypatch.setenv("SMARTLOCKS_THE_KEYS_CLOUD_URL", str(simulator.cloud_url))
    for rest in Installation.of(simulator).answers.rests:
        monkeypatch.setattr(rest, 0.01)
    yield simulator
    await simulator.stop()


@pytest.fixture
async def entry(hass: HomeAssistant, address: URL, gateway: TheKeysSimulator) -> ConfigEntry:
    """Set both locks up; neither has a code."""
    return await Installation.of(gateway).set_up(hass)


@pytest.fixture
async def coded(hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator) -> ConfigEntry:
    """Give the front door a code."""
    await set_code(hass, entry, FRONT_ID, CODE)
    gateway.acted.clear()
    return entry


async def set_code(hass: HomeAssistant, entry: ConfigEntry, lock: str, code: str) -> None:
    """Set the code of a lock; an empty one removes it."""
    page = await open_options(hass, entry, "code")
    typed = {"code": code, "code_again": code} if code else {}
    page = await answer_options(hass, page, lock=lock, **typed)
    assert page["type"] is FlowResultType.CREATE_ENTRY, page


async def try_codes(hass: HomeAssistant, *codes: str, lock: str = FRONT) -> list[str | None]:
    """Try to unlock with wrong codes, one after the other; returns what is said to each."""
    keys = []
    for code in codes:
        with pytest.raises(ServiceValidationError) as caught:
            await call(hass, "unlock", lock, code=code)
        keys.append(caught.value.translation_key)
    return keys


async def unlock(hass: HomeAssistant, lock: str = FRONT, code: str = CODE) -> None:
    """Unlock with the right code, and lock again."""
    await run_ahead(hass, call(hass, "unlock", lock, code=code))
    assert state(hass, lock) == "unlocked"
    await run_ahead(hass, call(hass, "lock", lock))


# The page of the options.


async def test_options_when_there_are_locks_then_menu_offers_settings_and_code(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    page: Any = await hass.config_entries.options.async_init(entry.entry_id)
    assert page["type"] is FlowResultType.MENU
    assert page["menu_options"] == ["the_keys_options", "code"]


async def test_options_when_there_is_no_lock_then_settings_are_shown_at_once(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    registry = er.async_get(hass)
    await hass.config_entries.async_unload(entry.entry_id)
    for lock in (FRONT, BACK):
        registry.async_remove(lock)
    page: Any = await hass.config_entries.options.async_init(entry.entry_id)
    assert (page["type"], page["step_id"]) == (FlowResultType.FORM, "the_keys_options")


async def test_code_and_settings_when_saved_then_keep_each_other(
    hass: HomeAssistant, coded: ConfigEntry
) -> None:
    page = await open_options(hass, coded, "the_keys_options")
    await answer_options(hass, page, poll_seconds=40.0)
    assert coded.options["poll_seconds"] == 40
    assert coded.options["codes"].keys() == {FRONT_ID}
    await set_code(hass, coded, BACK_ID, "123456")
    assert coded.options["poll_seconds"] == 40
    assert coded.options["codes"].keys() == {FRONT_ID, BACK_ID}


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"code": "123", "code_again": "123"}, {"code": "code_format"}),
        ({"code": "12345678901", "code_again": "12345678901"}, {"code": "code_format"}),
        ({"code": "12a4", "code_again": "12a4"}, {"code": "code_format"}),
        ({"code": "１２３４", "code_again": "１２３４"}, {"code": "code_format"}),
        ({"code": "1234\n", "code_again": "1234\n"}, {"code": "code_format"}),
        ({"code": "1234", "code_again": "1235"}, {"code_again": "codes_differ"}),
        ({"code": "1234"}, {"code_again": "codes_differ"}),
        ({"code_again": "1234"}, {"code_again": "codes_differ"}),
    ],
)
async def test_code_page_when_input_is_bad_then_says_why_and_keeps_the_old_code(
    hass: HomeAssistant, coded: ConfigEntry, typed: dict[str, str], errors: dict[str, str]
) -> None:
    before = coded.options
    page = await open_options(hass, coded, "code")
    page = await answer_options(hass, page, lock=BACK_ID, **typed)
    assert page["errors"] == errors
    suggested = {
        field.schema: (field.description or {}).get("suggested_value")
        for field in page["data_schema"].schema
    }
    assert suggested == {"lock": BACK_ID, "code": None, "code_again": None}
    assert coded.options == before


async def test_code_page_then_names_the_locks_that_have_one(
    hass: HomeAssistant, coded: ConfigEntry
) -> None:
    page = await open_options(hass, coded, "code")
    assert page["description_placeholders"]["with_code"] == "Front door"
    options = page["data_schema"].schema["lock"].config["options"]
    assert [option["label"] for option in options] == ["Back door", "Front door"]


async def test_code_when_page_is_left_empty_is_removed(
    hass: HomeAssistant, coded: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await set_code(hass, coded, FRONT_ID, "")
    assert "codes" not in coded.options
    await run_ahead(hass, call(hass, "unlock", FRONT))
    assert gateway.bolt() == "unlocked"


async def test_code_when_entry_is_not_loaded_can_be_removed(
    hass: HomeAssistant, coded: ConfigEntry
) -> None:
    await hass.config_entries.async_unload(coded.entry_id)
    await set_code(hass, coded, FRONT_ID, "")
    assert "codes" not in coded.options


async def test_code_of_a_lock_that_is_gone_is_removed(
    hass: HomeAssistant, coded: ConfigEntry
) -> None:
    await set_code(hass, coded, BACK_ID, "123456")
    front = er.async_get(hass).async_get(FRONT)
    assert front is not None
    assert front.config_subentry_id is not None
    hass.config_entries.async_remove_subentry(coded, front.config_subentry_id)
    await settle(hass)
    page = await open_options(hass, coded, "the_keys_options")
    await answer_options(hass, page, poll_seconds=40.0)
    assert coded.options["codes"].keys() == {BACK_ID}


async def test_code_of_a_lock_without_lock_entity_stays_until_it_is_removed(
    hass: HomeAssistant, coded: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    front = er.async_get(hass).async_get(FRONT)
    assert front is not None
    lock = coded.subentries[front.config_subentry_id or ""]
    data = {**lock.data, "unlock_only": True}
    hass.config_entries.async_update_subentry(coded, lock, data=data)
    await settle(hass)
    assert hass.states.get(FRONT) is None
    page = await open_options(hass, coded, "the_keys_options")
    await answer_options(hass, page, poll_seconds=40.0)
    assert await refused(hass, "press", "button.front_door_unlock") == "code_missing"
    assert gateway.acted == []
    await set_code(hass, coded, FRONT_ID, "")
    await run_ahead(hass, call(hass, "press", "button.front_door_unlock"))
    assert gateway.bolt() == "unlocked"


async def test_code_of_a_lock_that_the_vendor_does_not_list_for_a_while_is_kept(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SMARTLOCKS_LOQED_CLOUD_URL", str(loqed.cloud_url))
    entry = await Installation.of(loqed).set_up(hass)
    page = await open_options(hass, entry, "code")
    await answer_options(hass, page, code=CODE, code_again=CODE)
    await hass.config_entries.async_unload(entry.entry_id)
    dr.async_get(hass).async_clear_config_entry(entry.entry_id)
    await settle(hass)
    assert er.async_get(hass).async_get(FRONT) is None
    page = await open_options(hass, entry, "loqed_options")
    await answer_options(hass, page, can_open=True)
    assert await refused(hass, "unlock", FRONT) == "code_missing"


async def test_code_is_kept_as_a_salted_hash_and_told_nowhere(
    hass: HomeAssistant,
    coded: ConfigEntry,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await set_code(hass, coded, BACK_ID, CODE)
    front, back = coded.options["codes"][FRONT_ID], coded.options["codes"][BACK_ID]
    assert front["salt"] != back["salt"]
    assert front["hash"] != back["hash"]
    assert len(bytes.fromhex(front["salt"])) == 16
    assert int(front["cost"]) >= 2**15
    await try_codes(hass, "97531")
    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, coded)
    ours = "\n".join(
        record.getMessage() for record in caplog.records if "smartlocks" in record.name
    )
    told = [json.dumps(diagnostics), json.dumps(dict(coded.options)), ours]
    states = str([(one.state, one.attributes) for one in hass.states.async_all()])
    for text in (*told, states):
        assert f'"{CODE}"' not in text
        assert f"'{CODE}'" not in text
        assert "97531" not in text
    for secret in (front["salt"], front["hash"]):
        assert secret not in (told[0] + ours + states)


# What the lock asks for.


async def test_lock_without_a_code_is_as_before(
    hass: HomeAssistant, coded: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    back = hass.states.get(BACK)
    assert back is not None
    assert "code_format" not in back.attributes
    await run_ahead(hass, call(hass, "unlock", BACK))
    assert gateway.bolt(BACK_ID) == "unlocked"


async def test_lock_with_a_code_then_format_takes_the_code_and_none(
    hass: HomeAssistant, coded: ConfigEntry
) -> None:
    front = hass.states.get(FRONT)
    assert front is not None
    code_format = front.attributes["code_format"]
    assert all(re.match(code_format, code) for code in ("", "1234", "1234567890"))
    assert not any(re.match(code_format, code) for code in ("12a4", "code", " 1234"))
    assert await try_codes(hass, "123") == ["code_wrong"]


async def test_unlock_when_code_is_missing_then_nothing_is_sent_and_it_is_no_attempt(
    hass: HomeAssistant, coded: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    for _ in range(7):
        assert await refused(hass, "unlock", FRONT) == "code_missing"
        assert await refused(hass, "unlock", FRONT, code="") == "code_missing"
    assert gateway.acted == []
    await unlock(hass)


async def test_open_when_lock_has_a_code_then_only_with_it(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMARTLOCKS_LOQED_CLOUD_URL", str(loqed.cloud_url))
    entry = await Installation.of(loqed).set_up(hass)
    page = await open_options(hass, entry, "code")
    assert "lock" not in page["data_schema"].schema
    await answer_options(hass, page, code=CODE, code_again=CODE)
    assert await refused(hass, "open", FRONT) == "code_missing"
    assert await refused(hass, "open", FRONT, code=WRONG) == "code_wrong"
    assert loqed.bolt() == "locked"
    await run_ahead(hass, call(hass, "open", FRONT, code=CODE))
    assert loqed.bolt() != "locked"


async def test_calibration_when_lock_has_a_code_is_refused(
    hass: HomeAssistant, coded: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    button = "button.front_door_calibrate"
    er.async_get(hass).async_update_entity(button, disabled_by=None)
    await hass.config_entries.async_reload(coded.entry_id)
    await settle(hass)
    assert await refused(hass, "press", button) == "code_forbids_calibration"
    assert gateway.acted == []


async def test_unlock_when_home_assistant_has_a_default_code_then_nobody_is_asked(
    hass: HomeAssistant, coded: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    options = {"default_code": CODE}
    er.async_get(hass).async_update_entity_options(FRONT, "lock", options)
    await settle(hass)
    await run_ahead(hass, call(hass, "unlock", FRONT))
    assert gateway.bolt() == "unlocked"


# Wrong codes.


async def test_fifth_wrong_code_then_pause_that_also_refuses_the_right_one(
    hass: HomeAssistant, coded: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    assert await try_codes(hass, *[WRONG] * 4) == ["code_wrong"] * 4
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "unlock", FRONT, code=WRONG)
    assert (caught.value.translation_domain, caught.value.translation_key) == (
        "smartlocks",
        "code_paused",
    )
    told = caught.value.translation_placeholders or {}
    ends = (dt_util.now() + timedelta(seconds=left) for left in range(25, 32))
    assert told["time"] in {end.strftime("%H:%M:%S") for end in ends}
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "unlock", FRONT, code=CODE)
    assert caught.value.translation_key == "code_paused"
    assert gateway.acted == []
    MONOTONIC.advance(30.5)
    await unlock(hass)


async def test_pause_then_each_further_wrong_code_doubles_it_up_to_a_quarter_of_an_hour(
    hass: HomeAssistant, coded: ConfigEntry
) -> None:
    await try_codes(hass, *[WRONG] * 5)
    for pause in (30, 60, 120, 240, 480, 900, 900):
        await pass_and_read(hass, coded, pause - 5)
        with pytest.raises(ServiceValidationError) as caught:
            await call(hass, "unlock", FRONT, code=CODE)
        assert caught.value.translation_key == "code_paused"
        await pass_and_read(hass, coded, 5.5)
        with pytest.raises(ServiceValidationError):
            await call(hass, "unlock", FRONT, code=WRONG)
    await pass_and_read(hass, coded, 900)
    await unlock(hass)


async def pass_and_read(hass: HomeAssistant, entry: ConfigEntry, seconds: float) -> None:
    """Let time pass; Home Assistant calls no lock that it does not know to be there."""
    MONOTONIC.advance(seconds)
    await refresh(hass, entry)
    assert state(hass, FRONT) == "locked"


async def test_right_code_then_wrong_ones_before_are_forgotten(
    hass: HomeAssistant, coded: ConfigEntry
) -> None:
    await try_codes(hass, *[WRONG] * 4)
    await unlock(hass)
    assert await try_codes(hass, *[WRONG] * 4) == ["code_wrong"] * 4


async def test_pause_when_entry_is_reloaded_goes_on(
    hass: HomeAssistant, coded: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await try_codes(hass, *[WRONG] * 5)
    await hass.config_entries.async_reload(coded.entry_id)
    await settle(hass)
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "unlock", FRONT, code=CODE)
    assert caught.value.translation_key == "code_paused"
    assert gateway.acted == []


async def test_pause_of_one_lock_leaves_the_other_alone(
    hass: HomeAssistant, coded: ConfigEntry
) -> None:
    await set_code(hass, coded, BACK_ID, "864200")
    await try_codes(hass, *[WRONG] * 6)
    MONOTONIC.advance(30.5)
    await try_codes(hass, WRONG)
    await call(hass, "unlock", BACK, code="864200")
    assert await try_codes(hass, CODE) == ["code_paused"]


async def test_pause_when_a_new_code_is_set_is_over(
    hass: HomeAssistant, coded: ConfigEntry
) -> None:
    await try_codes(hass, *[WRONG] * 5)
    await set_code(hass, coded, FRONT_ID, "0000000001")
    await unlock(hass, code="0000000001")
    assert await try_codes(hass, CODE) == ["code_wrong"]


async def test_codes_that_come_at_once_are_counted_as_if_one_after_the_other(
    hass: HomeAssistant, coded: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    codes = [*[WRONG] * 12, CODE]
    ends = await asyncio.gather(
        *(call(hass, "unlock", FRONT, code=code) for code in codes), return_exceptions=True
    )
    keys = [getattr(end, "translation_key", None) for end in ends]
    assert keys == ["code_wrong"] * 4 + ["code_paused"] * 9
    assert gateway.acted == []


async def test_codes_whose_calls_are_given_up_are_counted(
    hass: HomeAssistant, coded: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    for _ in range(5):
        task = asyncio.ensure_future(call(hass, "unlock", FRONT, code=WRONG))
        await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "unlock", FRONT, code=CODE)
    assert caught.value.translation_key == "code_paused"


async def test_wrong_code_when_lock_is_locking_does_not_stop_it(
    hass: HomeAssistant, coded: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await run_ahead(hass, call(hass, "unlock", FRONT, code=CODE))
    locking = hass.async_create_task(call(hass, "lock", FRONT))
    with pytest.raises(ServiceValidationError):
        await call(hass, "unlock", FRONT, code=WRONG)
    await run_ahead(hass, locking)
    assert state(hass, FRONT) == "locked" == gateway.bolt()
