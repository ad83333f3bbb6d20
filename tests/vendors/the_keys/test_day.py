"""A day of two locks: how often they are asked themselves, which costs their battery."""

from datetime import timedelta

from homeassistant.core import HomeAssistant
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.the_keys.api import client
from tests.simulators.the_keys import BACK_ID, FRONT_ID, TheKeysSimulator
from tests.vendors.home import Clock, call, run_ahead, state
from tests.vendors.the_keys.home import BACK, LOCK, asked, set_up

HOURS = 24
TURNS = {7: "unlocked", 8: "locked", 12: "unlocked", 13: "locked", 17: "unlocked", 22: "locked"}
COMMANDS = {18: "lock", 20: "unlock"}


async def test_a_day(
    hass: HomeAssistant,
    address: URL,
    gateway: TheKeysSimulator,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "SIGNED_REST", 0.0)
    monkeypatch.setattr(client, "SYNCHRONIZE_REST", 0.0)
    monkeypatch.setattr(client, "UNSIGNED_REST", 0.0)
    gateway.pace = 0.0
    entry = await set_up(hass, gateway, poll_seconds=60)
    coordinator = entry.runtime_data
    assert coordinator.update_interval is not None
    polls = timedelta(hours=HOURS) // coordinator.update_interval
    before, listed = gateway.signed_reads, asked(gateway, "/lockers")
    for poll in range(polls):
        clock.tick(seconds=coordinator.update_interval.total_seconds())
        hour, rest = divmod(poll * coordinator.update_interval.seconds, 3600)
        if rest == 0 and hour in TURNS:
            await gateway.turn_by_hand(TURNS[hour])  # type: ignore[arg-type]
        if rest == 0 and hour in COMMANDS:
            await run_ahead(hass, call(hass, COMMANDS[hour], LOCK))
        await coordinator.async_refresh()
    reads = {lock: gateway.signed_reads[lock] - before[lock] for lock in before}
    # Every half hour, and once for whatever happened; that starts the half hour anew.
    assert reads[BACK_ID] == HOURS * 2
    assert HOURS * 2 - 8 <= reads[FRONT_ID] <= HOURS * 2 + len(TURNS) + len(COMMANDS)
    # The list, which costs the locks nothing: with every poll, and before a read in haste.
    assert polls <= asked(gateway, "/lockers") - listed <= polls + len(COMMANDS)
    assert gateway.overlaps == 0
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")
