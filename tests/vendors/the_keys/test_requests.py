"""A day of two locks: how often they are asked themselves, which costs their battery."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.the_keys.api import client
from tests.simulators.the_keys import BACK_ID, FRONT_ID, TheKeysSimulator
from tests.vendors.home import call, live_through, run_ahead, state
from tests.vendors.the_keys.helpers import BACK, LOCK, asked, set_up

HOURS = 24
TURNS = {7: "unlocked", 8: "locked", 12: "unlocked", 13: "locked", 17: "unlocked", 22: "locked"}
COMMANDS = {18: "lock", 20: "unlock"}


async def test_requests_of_a_day_are_few(
    hass: HomeAssistant,
    address: URL,
    gateway: TheKeysSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for rest in ("SIGNED_REST", "SYNCHRONIZE_REST", "UNSIGNED_REST"):
        monkeypatch.setattr(client, rest, 0.0)
    gateway.pace = 0.0
    await set_up(hass, gateway, poll_seconds=60)
    paths = ("/lockers", "/status", "/locker_status")
    before, asked_before = gateway.signed_reads, {path: asked(gateway, path) for path in paths}
    for hour in range(HOURS):
        if hour in TURNS:
            await gateway.turn_by_hand(TURNS[hour])  # type: ignore[arg-type]
        if hour in COMMANDS:
            await run_ahead(hass, call(hass, COMMANDS[hour], LOCK))
        await live_through(hass, step=60, hours=1)
    reads = {lock: gateway.signed_reads[lock] - before[lock] for lock in before}
    requests = {path: asked(gateway, path) - asked_before[path] for path in paths}
    # Every half hour, and once or twice for whatever happened.
    assert HOURS * 2 - 2 <= reads[BACK_ID] <= HOURS * 2
    assert HOURS * 2 - 8 <= reads[FRONT_ID] <= HOURS * 2 + len(TURNS) + 2 * len(COMMANDS)
    # What costs the locks nothing: the list, and the gateway's status with it.
    assert requests["/lockers"] <= HOURS * 60 + 4 * len(COMMANDS)
    assert requests["/status"] <= HOURS * 60 + sum(reads.values())
    assert requests["/locker_status"] == sum(reads.values())
    assert gateway.overlaps == 0
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")


async def test_requests_to_a_gateway_that_stays_busy_become_rare_until_it_answers_again(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    for path in ("/lockers", "/locker_status"):
        gateway.fail_endpoint(path, 500)
    # As long as a state is believed; from then on the locks are asked.
    await live_through(hass, step=3, minutes=10)
    assert (state(hass, LOCK), state(hass, BACK)) == ("unknown", "unknown")
    paths = ("/lockers", "/status", "/locker_status")
    before = {path: asked(gateway, path) for path in paths}
    await live_through(hass, step=3, minutes=10)
    requests = {path: asked(gateway, path) - before[path] for path in paths}
    assert 9 <= requests["/lockers"] <= 11
    assert 18 <= requests["/locker_status"] <= 22
    assert requests["/status"] <= 22
    for path in ("/lockers", "/locker_status"):
        gateway.fail_endpoint(path, None)
    await live_through(hass, step=3, seconds=66)
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")
    # Soon again, at first.
    gateway.answer_code(500, endpoint="/locker_status")
    before_last = asked(gateway, "/locker_status")
    await gateway.turn_by_hand("unlocked")
    await live_through(hass, step=1, seconds=30)
    assert state(hass, LOCK) == "unlocked"
    assert asked(gateway, "/locker_status") <= before_last + 3
