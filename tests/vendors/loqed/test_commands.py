"""A command happens and is seen to have happened, or fails with a message that says what to do."""

import asyncio

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.loqed.api import client
from tests.api.loqed_helpers import not_accepting
from tests.clock import MONOTONIC, WallClock
from tests.simulators.loqed import LoqedSimulator
from tests.vendors.home import call, issues, record, state, take_turns

from .conftest import (
    LOCK,
    activity,
    changed_by,
    command,
    during,
    refresh,
    refused,
    set_up,
    turn,
    wait,
)


@pytest.mark.parametrize(
    ("service", "moving", "ends"),
    [("unlock", "unlocking", "unlocked"), ("open", "opening", "open")],
)
async def test_command_shows_the_movement_and_its_end(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, service: str, moving: str, ends: str
) -> None:
    await set_up(hass, loqed)
    seen = record(hass, LOCK)
    began = MONOTONIC.ahead
    await command(hass, service)
    assert state(hass, LOCK) == ends == loqed.bolt()
    assert seen == [moving, ends]
    # The motor's 4.6 seconds, and not the 9 of the first read.
    assert MONOTONIC.ahead - began < 8
    assert (activity(hass)["user"], changed_by(hass)) == ("Home Assistant", "Home Assistant")
    await during(hass, loqed.settle())


async def test_open_ends_unlocked_because_the_latch_falls_back(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await command(hass, "open")
    await during(hass, loqed.settle())
    assert state(hass, LOCK) == "unlocked" == loqed.bolt()
    assert activity(hass)["event_type"] == "opened"


async def test_open_is_offered_only_where_the_lock_can(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed, can_open=False)
    with pytest.raises(ServiceValidationError):
        await command(hass, "open")
    assert loqed.server.sent("/to_lock") == []


async def test_command_to_the_state_it_is_in_is_sent_and_succeeds_soon(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    began = MONOTONIC.ahead
    await command(hass, "lock")
    assert MONOTONIC.ahead - began < 5
    assert len(loqed.server.sent("/to_lock")) == 1
    assert state(hass, LOCK) == "locked"
    assert issues(hass) == set()


async def test_command_to_the_state_it_is_in_succeeds_without_pushes(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.stop_pushing()
    await command(hass, "lock")
    assert state(hass, LOCK) == "locked"


async def test_command_to_a_jammed_lock_fails_at_once_and_shows_jammed(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.jam()
    began = MONOTONIC.ahead
    assert await refused(hass, "unlock") == "lock_jammed"
    assert MONOTONIC.ahead - began < 10
    assert state(hass, LOCK) == "jammed"
    loqed.jam(jammed=False)
    await wait(hass, seconds=2)
    await command(hass, "unlock")
    assert state(hass, LOCK) == "unlocked"


async def test_command_to_a_jammed_lock_without_signed_calls_does_not_blame_the_key(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.set_generation("2s")
    await set_up(hass, loqed)
    loqed.jam()
    assert await refused(hass, "unlock") == "loqed_position_unknown"
    assert state(hass, LOCK) == "unknown"


async def test_command_to_a_jammed_lock_ends_early_with_details_of_unsigned_calls(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.set_generation("2s")
    await set_up(hass, loqed, unsigned_details=True)
    loqed.jam()
    began = MONOTONIC.ahead
    assert await refused(hass, "unlock") == "lock_jammed"
    assert MONOTONIC.ahead - began < 15
    assert state(hass, LOCK) == "jammed"


async def test_command_with_a_deleted_key_is_told_and_the_state_is_not_guessed(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.delete_key()
    assert await refused(hass, "unlock") == "loqed_not_confirmed"
    assert state(hass, LOCK) == "unknown"
    assert len(loqed.server.sent("/to_lock")) == 1
    # It may still have arrived late: a report of "locked" counts only after the lag.
    await wait(hass, seconds=140)
    assert state(hass, LOCK) == "locked" == loqed.bolt()


async def test_command_without_pushes_is_confirmed_by_a_read(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.stop_pushing()
    await command(hass, "unlock")
    assert state(hass, LOCK) == "unlocked" == loqed.bolt()


@pytest.mark.parametrize("uses_details", [False, True])
async def test_command_to_a_newest_bridge_is_confirmed_by_a_read(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, uses_details: bool
) -> None:
    loqed.set_generation("2s", signs=False)
    await set_up(hass, loqed, unsigned_details=uses_details)
    await command(hass, "unlock")
    assert state(hass, LOCK) == "unlocked" == loqed.bolt()
    # What we did ourselves needs no call to explain it.
    assert activity(hass)["user"] == "Home Assistant"
    assert "verified" not in activity(hass)


async def test_command_whose_answer_is_lost_is_not_sent_again(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.fail_endpoint("to_lock", "drop_after")
    await command(hass, "unlock")
    assert len(loqed.server.sent("/to_lock")) == 1
    assert state(hass, LOCK) == "unlocked" == loqed.bolt()


async def test_command_that_nothing_confirms_leaves_the_state_unknown(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.stop_pushing()
    loqed.drop_connections(after=True)
    assert await refused(hass, "unlock") == "loqed_no_answer"
    assert loqed.bolt() == "unlocked"
    assert state(hass, LOCK) == "unknown"
    assert len(loqed.server.sent("/to_lock")) == 1


async def test_command_to_a_bridge_without_power_fails_in_seconds_and_blames_no_key(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    async with not_accepting() as nowhere:
        entry.runtime_data._bridge.url = nowhere
        began = MONOTONIC.ahead
        assert await refused(hass, "unlock") == "loqed_bridge_unreachable"
        assert MONOTONIC.ahead - began < 10
        # Nothing was sent, so nothing has changed.
        assert state(hass, LOCK) == "locked"


async def test_command_to_an_address_where_nobody_listens_fails_at_once(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await loqed.stop()
    with pytest.raises(HomeAssistantError) as caught:
        await command(hass, "unlock")
    assert caught.value.translation_key == "loqed_bridge_unreachable"
    assert state(hass, LOCK) == "locked"


async def test_commands_are_signed_apart_and_sent_one_after_the_other(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)

    async def lock_soon() -> None:
        await asyncio.sleep(1)
        await call(hass, "lock", LOCK)

    await during(hass, asyncio.gather(call(hass, "unlock", LOCK), lock_soon()))
    messages = [sent.query["command_signed_base64"] for sent in loqed.server.sent("/to_lock")]
    assert len(set(messages)) == 2
    assert loqed.busiest == 1
    assert loqed.refusals == []
    assert state(hass, LOCK) == "locked" == loqed.bolt()


async def test_command_that_was_not_sent_is_replaced_by_a_later_one(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    commands = (call(hass, "unlock", LOCK), call(hass, "lock", LOCK))
    first, second = await during(hass, asyncio.gather(*commands, return_exceptions=True))
    assert isinstance(first, HomeAssistantError)
    assert first.translation_key == "command_replaced"
    assert second is None
    assert len(loqed.server.sent("/to_lock")) == 1


@pytest.mark.parametrize("service", ["unlock", "open"])
async def test_command_when_a_read_before_it_is_not_answered_then_given_up_after_15_seconds(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    monkeypatch: pytest.MonkeyPatch,
    service: str,
) -> None:
    monkeypatch.setattr(client, "BRIDGE_TIMEOUT", 100.0)
    await set_up(hass, loqed)
    loqed.never_answer()
    reading = asyncio.ensure_future(refresh(hass))
    await take_turns()
    began = MONOTONIC.ahead
    # Time passes because of the read.
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, service, LOCK)
    assert caught.value.translation_key == "command_expired"
    assert 14 < MONOTONIC.ahead - began < 16
    loqed.never_answer(silent=False)
    await reading
    assert loqed.server.sent("/to_lock") == []
    assert state(hass, LOCK) == "locked"


async def test_secret_is_never_sent(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await command(hass, "unlock")
    assert not loqed.insecure_calls


async def test_command_after_the_clock_was_ahead_is_signed_with_the_right_time(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, wall: WallClock
) -> None:
    await set_up(hass, loqed)
    loqed.send_date()
    wall.step = 3600
    await wait(hass, minutes=11)
    assert await refused(hass, "unlock") == "loqed_clock"
    assert loqed.refusals == ["timestamp"]
    wall.step = 0
    await wait(hass, minutes=11)
    await command(hass, "unlock")
    assert state(hass, LOCK) == "unlocked"


async def test_hand_that_turns_the_lock_during_a_command_has_the_last_word(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.delete_key()

    async def by_hand() -> None:
        await asyncio.sleep(1)
        await loqed.turn_by_hand("unlocked")
        await loqed.turn_by_hand("locked")

    await during(hass, asyncio.gather(call(hass, "unlock", LOCK), by_hand()))
    assert state(hass, LOCK) == "locked" == loqed.bolt()


async def test_unlock_that_is_confirmed_late_never_shows_locked_again(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.delay_pushes(60)
    loqed.lag_status(60)
    seen = record(hass, LOCK)
    await refused(hass, "unlock")
    assert loqed.bolt() == "unlocked"
    await wait(hass, seconds=240, step=1)
    assert "locked" not in seen
    assert state(hass, LOCK) == "unlocked"


async def test_lock_on_a_stale_status_of_a_newest_bridge_is_no_success(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.set_generation("2s")
    await set_up(hass, loqed)
    loqed.lag_status(100)
    await refused(hass, "unlock")
    assert loqed.bolt() == "unlocked"
    loqed.delete_key()
    seen = record(hass, LOCK)
    await refused(hass, "lock")
    assert "locked" not in seen
    await wait(hass, seconds=240, step=1)
    assert "locked" not in seen
    assert state(hass, LOCK) == "unlocked"


async def test_turning_by_hand_while_a_command_is_refused_shows_where_it_is(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    await wait(hass, minutes=3)
    loqed.delete_key()
    assert await refused(hass, "lock") == "loqed_not_confirmed"
    assert state(hass, LOCK) == "unlocked"
