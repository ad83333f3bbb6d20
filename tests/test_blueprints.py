"""The blueprints: valid, and driven by a simulated lock through the real integration."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import re
import shutil
from typing import Any

from homeassistant.components.blueprint.models import Blueprint
from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_DOMAIN, EVENT_CALL_SERVICE, EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, Event, HomeAssistant, ServiceCall, callback
from homeassistant.helpers import event
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import parse_yaml
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service
from yarl import URL

from tests.clock import MONOTONIC, move_clocks_together
from tests.simulators.loqed import LoqedSimulator
from tests.vendors.home import state
from tests.vendors.loqed.conftest import TURN, during, set_up, turn, wait

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "blueprints" / "automation" / "smartlocks"
BLUEPRINTS = sorted(FOLDER.glob("*.yaml"))
LOCK = "lock.front_door"
ACTIVITY = "event.front_door_activity"
BATTERY = "sensor.front_door_battery"
TELL = [{"action": "test.tell", "data": {"message": "{{ message }}"}}]
type Automate = Callable[..., Awaitable[None]]
REPOSITORY = json.loads(
    (ROOT / "custom_components" / "smartlocks" / "manifest.json").read_text("utf-8")
)["documentation"]


@pytest.fixture
async def loqed(
    socket_enabled: None, monkeypatch: pytest.MonkeyPatch, _movable_clock: None
) -> AsyncIterator[LoqedSimulator]:
    """Play a LOQED lock; all clocks move together, as the tests move them."""
    wall = move_clocks_together(monkeypatch)
    monkeypatch.setattr(event, "time_tracker_timestamp", wall)
    monkeypatch.setattr(event, "time_tracker_utcnow", lambda: datetime.fromtimestamp(wall(), UTC))
    simulator = LoqedSimulator(pace=1.0, clock=wall)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def address(hass: HomeAssistant, hass_client_no_auth: Any) -> URL:
    """Let Home Assistant listen, and know its own address."""
    assert await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    origin: URL = client.make_url("/").origin()
    hass.config.internal_url = str(origin)
    return origin


@pytest.fixture
async def entry(hass: HomeAssistant, address: URL, loqed: LoqedSimulator) -> ConfigEntry:
    """Set the lock up; two of its keys have names."""
    names = [{"number": 12, "name": "Anna"}, {"number": 13, "name": "Bob"}]
    entry = await set_up(hass, loqed, key_names=names)
    assert state(hass, LOCK) == "locked"
    return entry


@pytest.fixture
def told(hass: HomeAssistant) -> list[ServiceCall]:
    """Return what the automation tells people."""
    calls: list[ServiceCall] = async_mock_service(hass, "test", "tell")
    return calls


@pytest.fixture
async def automate(hass: HomeAssistant, tmp_path: Path) -> AsyncIterator[Automate]:
    """Install the blueprints; return what makes an automation of one."""
    hass.config.config_dir = str(tmp_path)
    shutil.copytree(FOLDER, tmp_path / "blueprints" / "automation" / "smartlocks")

    async def make(name: str, **inputs: Any) -> None:
        made = {"path": f"smartlocks/{name}.yaml", "input": inputs}
        config = [{"id": name, "alias": name, "use_blueprint": made}]
        assert await async_setup_component(hass, "automation", {"automation": config})
        await hass.async_block_till_done()
        assert state(hass, f"automation.{name}") == "on"

    yield make
    # Timers of its triggers must not be left.
    await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)


def messages(told: list[ServiceCall]) -> list[str]:
    """Return the messages so far."""
    return [call.data["message"] for call in told]


def in_a_minute(hass: HomeAssistant) -> str:
    """Return the time of day in one minute."""
    return dt_util.as_local(dt_util.utcnow() + timedelta(minutes=1)).strftime("%H:%M:%S")


async def live(**span: float) -> None:
    """Let time pass while an automation runs, which is not waited for."""
    end = MONOTONIC.ahead + timedelta(**span).total_seconds()
    while MONOTONIC.ahead < end:
        MONOTONIC.advance(TURN)
        await asyncio.sleep(0)


def before_each(hass: HomeAssistant, service: str, act: Callable[[int], None]) -> list[int]:
    """Do something immediately before each call of a lock service, which are counted."""
    calls: list[int] = []

    @callback
    def called(call: Event[Any]) -> None:
        if (call.data[ATTR_DOMAIN], call.data["service"]) == ("lock", service):
            calls.append(len(calls) + 1)
            act(len(calls))

    hass.bus.async_listen(EVENT_CALL_SERVICE, called)
    return calls


def content_of(path: Path) -> Any:
    """Return what a blueprint says, as Home Assistant reads it."""
    return parse_yaml(path.read_text("utf-8"))


# The files.


@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)
def test_blueprint_is_valid_and_uses_every_input(path: Path) -> None:
    content = content_of(path)
    blueprint = Blueprint(content, expected_domain="automation", schema=BLUEPRINT_SCHEMA)
    assert blueprint.validate() is None
    used = {name for name in blueprint.inputs if f"!input {name}\n" in path.read_text("utf-8")}
    assert used == blueprint.inputs.keys()
    assert all(
        {"name", "description", "selector"} <= one.keys() for one in blueprint.inputs.values()
    )
    told = blueprint.metadata
    assert told["source_url"] == f"{REPOSITORY}/blob/main/{path.relative_to(ROOT)}"
    oldest = json.loads((ROOT / "hacs.json").read_text("utf-8"))["homeassistant"]
    assert told["homeassistant"]["min_version"] == oldest


@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)
def test_blueprint_when_entities_are_chosen_then_only_ours_are_offered(path: Path) -> None:
    content = content_of(path)
    filters = [
        each
        for one in content["blueprint"]["input"].values()
        if "entity" in one["selector"]
        for each in one["selector"]["entity"]["filter"]
    ]
    assert filters
    assert all(each["integration"] == "smartlocks" for each in filters)


def test_there_are_three_blueprints() -> None:
    assert [path.stem for path in BLUEPRINTS] == ["lock_at_night", "warn", "who_came_home"]


def test_blueprint_then_only_the_locks_must_be_chosen() -> None:
    for path in BLUEPRINTS:
        inputs = content_of(path)["blueprint"]["input"]
        needed = {name for name, one in inputs.items() if "default" not in one}
        assert needed in ({"locks"}, {"activities"})


# Who came home.


async def test_who_came_home_when_a_person_unlocks_then_name_door_and_method(
    hass: HomeAssistant, entry: ConfigEntry, loqed: LoqedSimulator, told: Any, automate: Automate
) -> None:
    inputs = {"activities": [ACTIVITY], "home_actions": TELL}
    await automate("who_came_home", **inputs)
    MONOTONIC.advance(1.0)
    await during(hass, loqed.use_key(12))
    await wait(hass, seconds=5)
    (message,) = messages(told)
    assert re.fullmatch(r"Anna unlocked Front door( \(\w[\w ]*\))?\.", message), message
    MONOTONIC.advance(1.0)
    await during(hass, loqed.use_key(12, "locked"))
    await wait(hass, seconds=5)
    assert len(told) == 1


async def test_who_came_home_when_people_are_named_then_only_for_them(
    hass: HomeAssistant, entry: ConfigEntry, loqed: LoqedSimulator, told: Any, automate: Automate
) -> None:
    inputs = {"activities": [ACTIVITY], "people": [" anna"], "home_actions": TELL}
    await automate("who_came_home", **inputs)
    for key in (13, 9, 12):
        MONOTONIC.advance(2.0)
        await during(hass, loqed.use_key(key))
        await wait(hass, seconds=5)
        await turn(hass, loqed, "locked")
        await wait(hass, seconds=5)
    assert [message.split()[0] for message in messages(told)] == ["Anna"]


async def test_who_came_home_when_key_has_no_name_then_its_number(
    hass: HomeAssistant, entry: ConfigEntry, loqed: LoqedSimulator, told: Any, automate: Automate
) -> None:
    inputs = {"activities": [ACTIVITY], "home_actions": TELL}
    await automate("who_came_home", **inputs)
    MONOTONIC.advance(1.0)
    await during(hass, loqed.use_key(9))
    await wait(hass, seconds=5)
    assert [message.split(" unl")[0] for message in messages(told)] == ["Key 9"]


@pytest.mark.parametrize("is_wanted", [True, False])
async def test_who_came_home_when_home_assistant_unlocks_then_only_if_wanted(
    hass: HomeAssistant,
    entry: ConfigEntry,
    loqed: LoqedSimulator,
    told: Any,
    automate: Automate,
    is_wanted: bool,
) -> None:
    inputs = {"activities": [ACTIVITY], "home_actions": TELL, "include_home_assistant": is_wanted}
    await automate("who_came_home", **inputs)
    data = {"entity_id": LOCK}
    await during(hass, hass.services.async_call("lock", "unlock", data, blocking=True))
    await wait(hass, seconds=5)
    assert bool(told) is is_wanted


async def test_who_came_home_when_nobody_is_known_or_entry_is_reloaded_then_nothing(
    hass: HomeAssistant, entry: ConfigEntry, loqed: LoqedSimulator, told: Any, automate: Automate
) -> None:
    inputs = {"activities": [ACTIVITY], "home_actions": TELL}
    await automate("who_came_home", **inputs)
    await turn(hass, loqed, "unlocked")
    await wait(hass, seconds=5)
    assert told == []
    await during(hass, loqed.use_key(12, "locked"))
    await during(hass, loqed.use_key(12, "unlocked"))
    await wait(hass, seconds=5)
    assert len(told) == 1
    await hass.config_entries.async_reload(entry.entry_id)
    await wait(hass, seconds=10)
    assert len(told) == 1


# Lock at night.


async def test_night_when_door_is_unlocked_then_it_is_locked_and_said(
    hass: HomeAssistant, entry: ConfigEntry, loqed: LoqedSimulator, told: Any, automate: Automate
) -> None:
    await turn(hass, loqed, "unlocked")
    done = [{"action": "test.tell", "data": {"message": "good night"}}]
    inputs = {"locks": [LOCK], "not_locked_actions": TELL, "locked_actions": done}
    await automate("lock_at_night", night_time=in_a_minute(hass), **inputs)
    calls = before_each(hass, "lock", lambda _: None)
    await live(minutes=3)
    assert state(hass, LOCK) == "locked" == loqed.bolt()
    assert len(calls) == 1
    assert messages(told) == ["good night"]


async def test_night_when_door_is_locked_then_nothing_is_sent(
    hass: HomeAssistant, entry: ConfigEntry, loqed: LoqedSimulator, told: Any, automate: Automate
) -> None:
    inputs = {"locks": [LOCK], "not_locked_actions": TELL}
    await automate("lock_at_night", night_time=in_a_minute(hass), **inputs)
    calls = before_each(hass, "lock", lambda _: None)
    await live(minutes=3)
    assert (calls, told) == ([], [])


async def test_night_when_refused_twice_then_third_attempt_locks(
    hass: HomeAssistant, entry: ConfigEntry, loqed: LoqedSimulator, told: Any, automate: Automate
) -> None:
    await turn(hass, loqed, "unlocked")
    inputs = {"locks": [LOCK], "not_locked_actions": TELL}
    await automate("lock_at_night", night_time=in_a_minute(hass), **inputs)
    calls = before_each(
        hass, "lock", lambda n: loqed.fail_endpoint("to_lock", "error" if n < 3 else None)
    )
    await live(minutes=9)
    assert len(calls) == 3
    assert state(hass, LOCK) == "locked" == loqed.bolt()
    assert told == []


async def test_night_when_it_never_locks_then_the_message_after_the_last_attempt(
    hass: HomeAssistant, entry: ConfigEntry, loqed: LoqedSimulator, told: Any, automate: Automate
) -> None:
    await turn(hass, loqed, "unlocked")
    loqed.fail_endpoint("to_lock")
    inputs = {"locks": [LOCK], "attempts": 2, "not_locked_actions": TELL}
    await automate("lock_at_night", night_time=in_a_minute(hass), **inputs)
    calls = before_each(hass, "lock", lambda _: None)
    await live(minutes=4.5)
    assert (len(calls), told) == (2, [])
    await live(minutes=4)
    assert len(calls) == 2
    assert messages(told) == ["Not locked: Front door (unlocked). Check the door."]


async def test_night_when_state_is_not_known_then_it_does_not_count_as_locked(
    hass: HomeAssistant, entry: ConfigEntry, loqed: LoqedSimulator, told: Any, automate: Automate
) -> None:
    hass.states.async_set("lock.shed", "unknown")
    hass.states.async_set("lock.gate", "unavailable")
    inputs = {"locks": [LOCK, "lock.shed", "lock.gate"], "not_locked_actions": TELL}
    await automate("lock_at_night", night_time=in_a_minute(hass), **inputs)
    await live(minutes=9)
    (message,) = messages(told)
    assert "lock.shed (unknown), lock.gate (unavailable)" in message
    assert "Front door" not in message


# Jammed, offline, low battery.


async def test_warning_when_lock_is_jammed_for_a_moment_then_nothing_and_for_longer_then_told(
    hass: HomeAssistant, entry: ConfigEntry, loqed: LoqedSimulator, told: Any, automate: Automate
) -> None:
    await automate("warn", locks=[LOCK], warn_actions=TELL)
    loqed.jam()
    with pytest.raises(Exception, match="jammed"):
        await during(hass, _call(hass, "unlock"))
    assert state(hass, LOCK) == "jammed"
    loqed.jam(jammed=False)
    await wait(hass, seconds=2)
    await during(hass, _call(hass, "lock"))
    await wait(hass, seconds=30)
    assert told == []
    loqed.jam()
    with pytest.raises(Exception, match="jammed"):
        await during(hass, _call(hass, "unlock"))
    await wait(hass, seconds=15)
    assert messages(told) == [
        "Jammed: Front door. Check that the door is closed and the bolt can move."
    ]


async def _call(hass: HomeAssistant, service: str) -> None:
    await hass.services.async_call("lock", service, {"entity_id": LOCK}, blocking=True)


@pytest.mark.parametrize(("minutes", "is_told"), [(10, False), (17, True)])
async def test_warning_when_lock_is_offline_then_told_only_after_the_time(
    hass: HomeAssistant,
    entry: ConfigEntry,
    loqed: LoqedSimulator,
    told: Any,
    automate: Automate,
    minutes: float,
    is_told: bool,
) -> None:
    await automate("warn", locks=[LOCK], warn_actions=TELL)
    await during(hass, loqed.take_offline())
    assert state(hass, LOCK) == "unavailable"
    await wait(hass, minutes=minutes, step=5)
    await during(hass, loqed.bring_online())
    await wait(hass, minutes=20, step=5)
    assert state(hass, LOCK) == "locked"
    expected = "Offline: Front door. Whether the door is locked is not known."
    assert messages(told) == ([expected] if is_told else [])


async def test_warning_when_lock_is_offline_since_the_start_then_told(
    hass: HomeAssistant, entry: ConfigEntry, loqed: LoqedSimulator, told: Any, automate: Automate
) -> None:
    await during(hass, loqed.take_offline())
    hass.set_state(CoreState.starting)
    await automate("warn", locks=[LOCK], warn_actions=TELL)
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await live(minutes=14)
    assert told == []
    await live(minutes=2)
    assert [message.split(".")[0] for message in messages(told)] == ["Offline: Front door"]


async def test_warning_when_battery_is_low_then_told_once_a_day_until_it_is_not(
    hass: HomeAssistant, entry: ConfigEntry, loqed: LoqedSimulator, told: Any, automate: Automate
) -> None:
    low = "binary_sensor.gate_low_battery"
    hass.states.async_set(low, "on")
    inputs = {"locks": [LOCK], "batteries": [BATTERY], "low_batteries": [low]}
    await automate("warn", battery_time=in_a_minute(hass), warn_actions=TELL, **inputs)
    await during(hass, loqed.set_battery(19))
    assert state(hass, BATTERY) == "19"
    await wait(hass, minutes=2)
    expected = f"Low battery: {low}, Front door. Replace the batteries soon."
    assert messages(told) == [expected]
    hass.states.async_set(low, "unknown")
    await wait(hass, hours=23.9, step=300)
    assert len(told) == 1
    await wait(hass, minutes=10, step=30)
    assert messages(told)[1:] == ["Low battery: Front door. Replace the batteries soon."]


async def test_warning_when_no_battery_is_low_then_nothing(
    hass: HomeAssistant, entry: ConfigEntry, loqed: LoqedSimulator, told: Any, automate: Automate
) -> None:
    hass.states.async_set("sensor.gone_battery", "unavailable")
    inputs = {"locks": [LOCK], "batteries": [BATTERY, "sensor.gone_battery"]}
    await automate("warn", battery_time=in_a_minute(hass), warn_actions=TELL, **inputs)
    await wait(hass, minutes=2)
    assert told == []
