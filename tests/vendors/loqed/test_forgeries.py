"""Forged calls to a LOQED lock in Home Assistant: nothing is taken, shown, logged or kept."""

from collections.abc import Mapping
import logging

from homeassistant.core import HomeAssistant
import pytest
from yarl import URL

from custom_components.smartlocks.exceptions import PushNotVerifiedError
from custom_components.smartlocks.models import PushCall
from tests.fuzz import COUNT, Tell, share
from tests.fuzz.forgery import Call, Forger
from tests.simulators.loqed import LoqedSimulator
from tests.vendors.home import issues, state

from .conftest import (
    LOCK,
    choose_options,
    lists,
    open_options,
    reads,
    set_up,
    set_up_without_bridge,
    turn,
    wait,
)

pytestmark = pytest.mark.fuzz


async def test_calls_when_forged_then_the_lock_shows_and_logs_nothing_of_them(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    caplog: pytest.LogCaptureFixture,
    record_property: Tell,
) -> None:
    record_property("calls", share(20))
    entry = await set_up(hass, loqed)
    for bolt in ("unlocked", "open", "locked", "unlocked"):
        await turn(hass, loqed, bolt)
    recorded = [_recording(one.body, one.headers) for one in loqed.deliveries]
    now = int(recorded[-1].timestamps[0])
    coordinator = entry.runtime_data
    taken, read = coordinator.diagnostics()["calls"]["verified"], reads(loqed)
    assert state(hass, LOCK) == "unlocked"
    assert taken == len(recorded)
    caplog.clear()
    forger = Forger(COUNT, recorded, now)
    with caplog.at_level(logging.DEBUG):
        for number in range(share(20)):
            call = forger.call()
            try:
                await coordinator.async_receive(_push_call(call, number, now))
            except PushNotVerifiedError:
                continue
            # A repetition is answered as the call was, so that it is not sent again.
            assert call.is_recorded
        await wait(hass, seconds=300)
    assert coordinator.diagnostics()["calls"]["verified"] == taken
    assert state(hass, LOCK) == "unlocked"
    assert issues(hass) == set()
    assert not [one for one in caplog.records if one.levelno > logging.DEBUG]
    # A burst of hints of either kind, and what is due anyway.
    assert reads(loqed) - read <= 8 + 8 + 3


@pytest.mark.parametrize("has_bridge", [True, False])
async def test_hints_when_they_flood_for_half_a_day_then_few_of_them_are_read_for(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    cloud: LoqedSimulator,
    caplog: pytest.LogCaptureFixture,
    record_property: Tell,
    *,
    has_bridge: bool,
) -> None:
    record_property("calls", 12 * (share(400) + 11))
    entry = await (set_up if has_bridge else set_up_without_bridge)(hass, loqed)
    hass.config.external_url = str(address)
    page = await open_options(hass, entry, "loqed_names" if has_bridge else "loqed_hints")
    page = await choose_options(hass, page, use_names=True)
    await choose_options(hass, page, address=str(address))
    await turn(hass, loqed, "unlocked")
    await wait(hass, minutes=30, step=10)
    before = reads(loqed) + lists(loqed)
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        for hour in range(12):
            for number in range(share(400) + 11):
                body = b'{"requested_state":"NIGHT_LOCK","number":%d}' % (hour * COUNT + number)
                await entry.runtime_data.async_receive_hint(_hint(body))
                if number < 11:
                    # All at once lead to a few reads together, one after the other to many.
                    await wait(hass, minutes=5, step=60)
            await wait(hass, minutes=5, step=60)
    routine = 2 * 12 if has_bridge else 2
    # A burst of hints and one an hour; by the account, two in 12 hours.
    hinted = 8 + 12 if has_bridge else 2
    assert 0 < reads(loqed) + lists(loqed) - before <= routine + hinted + 2
    assert state(hass, LOCK) != "locked"
    assert not [one for one in caplog.records if one.levelno > logging.DEBUG]


def _hint(body: bytes) -> PushCall:
    return PushCall(
        method="POST", headers={}, query={}, body=body, received_at=0.0, peer="192.0.2.9"
    )


def _recording(body: bytes, headers: Mapping[str, str]) -> Call:
    return Call(
        body=body,
        timestamps=[headers["TIMESTAMP"]],
        hashes=[headers["HASH"]],
        is_recorded=True,
    )


def _push_call(call: Call, number: int, now: float) -> PushCall:
    headers: dict[str, tuple[str, ...]] = {f"x-{number}": ("odd",)}
    if call.timestamps:
        headers["timestamp"] = tuple(call.timestamps)
    if call.hashes:
        headers["hash"] = tuple(call.hashes)
    return PushCall(
        method="POST",
        headers=headers,
        query={},
        body=call.body,
        received_at=now + number % 5 - 2,
        peer="192.0.2.9",
    )
