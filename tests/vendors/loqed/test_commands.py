"""A command happens and is seen to have happened, or fails with a sentence."""

import asyncio

from homeassistant.components.lock.const import LockState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from yarl import URL

from tests.simulators.loqed import LoqedSimulator
from tests.vendors.home import call, issues, record, run_ahead, settle, state
from tests.vendors.loqed.home import LOCK, set_up


@pytest.mark.parametrize(
    ("service", "moving", "ends"),
    [
        ("unlock", LockState.UNLOCKING, LockState.UNLOCKED),
        ("open", LockState.OPENING, LockState.OPEN),
    ],
)
async def test_a_command_is_shown_on_its_way_and_at_its_end(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    service: str,
    moving: LockState,
    ends: LockState,
) -> None:
    await set_up(hass, loqed)
    seen = record(hass, LOCK)
    await call(hass, service, LOCK)
    assert state(hass, LOCK) == ends
    assert loqed.bolt() == ends
    await settle(hass)
    assert moving in seen
    assert seen.index(moving) < seen.index(ends)
    await loqed.settle()


async def test_opening_ends_unlocked_because_the_latch_falls_back(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await call(hass, "open", LOCK)
    await loqed.settle()
    await settle(hass)
    assert state(hass, LOCK) == LockState.UNLOCKED == loqed.bolt()


async def test_a_command_to_the_present_state_is_sent_and_ends_well(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await run_ahead(hass, call(hass, "lock", LOCK))
    assert len(loqed.server.sent("/to_lock")) == 1
    assert state(hass, LOCK) == LockState.LOCKED
    assert issues(hass) == set()


async def test_a_stall_is_an_error_and_shows_jammed_until_the_lock_moves(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.jam()
    with pytest.raises(HomeAssistantError) as caught:
        await run_ahead(hass, call(hass, "unlock", LOCK))
    assert caught.value.translation_key == "lock_jammed"
    assert state(hass, LOCK) == LockState.JAMMED
    loqed.jam(jammed=False)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == LockState.UNLOCKED


async def test_a_key_deleted_in_the_app_is_told_and_changes_nothing(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.delete_key()
    with pytest.raises(HomeAssistantError) as caught:
        await run_ahead(hass, call(hass, "unlock", LOCK))
    assert caught.value.translation_key == "not_confirmed"
    assert state(hass, LOCK) == LockState.LOCKED == loqed.bolt()
    assert len(loqed.server.sent("/to_lock")) == 1


async def test_without_pushes_a_read_confirms(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.stop_pushing()
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == LockState.UNLOCKED == loqed.bolt()


async def test_an_answer_that_is_lost_is_not_asked_for_again(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    command = asyncio.ensure_future(call(hass, "unlock", LOCK))
    loqed.drop_connections(after=True)
    await asyncio.sleep(0.1)
    assert loqed.server.sent("/to_lock")
    loqed.drop_connections(drop=False)
    await run_ahead(hass, command)
    assert len(loqed.server.sent("/to_lock")) == 1
    assert state(hass, LOCK) == LockState.UNLOCKED == loqed.bolt()


async def test_a_bridge_that_is_away_is_told_at_once_and_the_state_is_not_guessed(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await loqed.stop()
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, "unlock", LOCK)
    assert caught.value.translation_key == "bridge_unreachable"
    assert state(hass, LOCK) in ("unknown", "unavailable")


async def test_two_commands_wait_for_each_other_and_are_signed_apart(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await asyncio.gather(call(hass, "unlock", LOCK), call(hass, "lock", LOCK))
    messages = [sent.query["command_signed_base64"] for sent in loqed.server.sent("/to_lock")]
    assert len(set(messages)) == 2
    assert loqed.busiest == 1
    assert state(hass, LOCK) == LockState.LOCKED == loqed.bolt()


async def test_the_secret_never_goes_into_an_address(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await call(hass, "unlock", LOCK)
    assert not loqed.insecure_calls


async def test_when_neither_a_push_nor_a_read_comes_nothing_is_guessed(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.stop_pushing()
    loqed.drop_connections(after=True)
    with pytest.raises(HomeAssistantError) as caught:
        await run_ahead(hass, call(hass, "unlock", LOCK))
    assert caught.value.translation_key == "not_confirmed"
    assert loqed.bolt() == "unlocked"
    assert state(hass, LOCK) in ("unknown", "unavailable")
    assert len(loqed.server.sent("/to_lock")) == 1


async def test_who_got_it_there_does_not_matter_and_the_last_word_counts(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.delete_key()
    command = asyncio.ensure_future(call(hass, "unlock", LOCK))
    await asyncio.sleep(0.1)
    await loqed.turn_by_hand("unlocked")
    await loqed.turn_by_hand("locked")
    await command
    await settle(hass)
    assert state(hass, LOCK) == "locked" == loqed.bolt()
