"""Forged calls to a LOQED lock in Home Assistant: nothing is taken, shown, logged or kept."""

from collections.abc import Mapping
import logging

from homeassistant.core import HomeAssistant
import pytest
from yarl import URL

from custom_components.smartlocks.exceptions import PushNotVerifiedError
from custom_components.smartlocks.models import PushCall
from tests.fuzz import COUNT, share
from tests.fuzz.forgery import Call, Forger
from tests.simulators.loqed import LoqedSimulator
from tests.vendors.home import issues, state

from .conftest import LOCK, reads, set_up, turn, wait

pytestmark = pytest.mark.fuzz


async def test_calls_when_forged_then_the_lock_shows_and_logs_nothing_of_them(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
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
