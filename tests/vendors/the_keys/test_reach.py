"""When entities say that a gateway cannot be reached, and that it can again."""

from functools import partial

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant

from custom_components.smartlocks.listeners import Interest
from tests.simulators.the_keys import FRONT_ID, TheKeysSimulator
from tests.vendors.home import call, let_pass, live_through, run_ahead, settle, state
from tests.vendors.the_keys.helpers import BACK, LOCK, poll

ONLINE = "binary_sensor.tk_gateway_connectivity"
BATTERY = "sensor.front_door_battery"


async def _switch_off(hass: HomeAssistant, gateway: TheKeysSimulator) -> None:
    """Let the gateway go, and Home Assistant notice it with the next list."""
    await gateway.switch_off()
    for _ in range(20):
        if state(hass, ONLINE) == "off":
            return
        await let_pass(hass, seconds=1)
    raise TimeoutError("not noticed")


async def test_gateway_when_it_is_away_then_its_locks_are_unavailable_after_two_minutes(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await _switch_off(hass, gateway)
    await live_through(hass, step=2.5, seconds=115)
    assert {state(hass, entity) for entity in (LOCK, BATTERY)} == {"locked", "77"}
    # The next list is asked for nearly a minute later.
    await live_through(hass, step=1, seconds=7)
    assert {state(hass, entity) for entity in (LOCK, BACK, BATTERY)} == {"unavailable"}


async def test_gateway_when_a_person_asks_it_again_in_time_then_everything_is_available(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    await _switch_off(hass, gateway)
    await live_through(hass, step=2.5, seconds=125)
    gateway.set_battery(5100)
    await gateway.switch_on()
    await run_ahead(hass, call(hass, "press", "button.tk_gateway_refresh"))
    assert state(hass, BATTERY) not in {"77", "unavailable"}
    assert (state(hass, LOCK), state(hass, BACK)) == ("locked", "unlocked")


async def test_lock_when_removed_and_added_again_then_its_entities_are_told_as_before(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    (lock,) = (one for one in entry.subentries.values() if one.unique_id == FRONT_ID)
    hass.config_entries.async_remove_subentry(entry, lock.subentry_id)
    await settle(hass)
    assert hass.states.get(LOCK) is None
    again = ConfigSubentry(
        data=lock.data, subentry_type="lock", title="Main door", unique_id=lock.unique_id
    )
    hass.config_entries.async_add_subentry(entry, again)
    await poll(hass)
    assert state(hass, LOCK) == "locked"
    await gateway.turn_by_hand("unlocked")
    await poll(hass)
    assert state(hass, LOCK) == "unlocked"
    await _switch_off(hass, gateway)
    await live_through(hass, step=2.5, seconds=125)
    assert state(hass, LOCK) == "unavailable" == state(hass, BACK)
    await gateway.switch_on()
    await poll(hass, 5)
    assert state(hass, LOCK) == "unlocked" == state(hass, BACK)


async def test_gateway_when_it_is_away_then_those_that_follow_names_of_all_locks_are_not_told(
    hass: HomeAssistant, entry: ConfigEntry, gateway: TheKeysSimulator
) -> None:
    names = frozenset({"name"})
    told: list[str] = []
    for who, interest in {
        "everything": None,
        "names": Interest(fields=names),
        "names of a lock": Interest(device_id=FRONT_ID, fields=names),
        "names of no lock of this gateway": Interest(device_id="1", fields=names),
    }.items():
        entry.runtime_data.async_add_listener(partial(told.append, who), interest)
    await _switch_off(hass, gateway)
    told.clear()
    await live_through(hass, step=2.5, seconds=125)
    assert state(hass, LOCK) == "unavailable"
    # They look at all locks: a hundred that are lost together would cost a hundred times that.
    assert set(told) == {"everything", "names of a lock"}
