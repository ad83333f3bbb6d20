"""Automations that start when somebody used the lock, or when a command has failed."""

from pathlib import Path
from typing import Any

from homeassistant.core import Event, HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    mock_restore_cache_with_extra_data,
)
import yaml
from yarl import URL

from custom_components.smartlocks.const import EVENT_ACTIVITY
from tests.simulators.loqed import LOCAL_ID, LoqedSimulator
from tests.vendors.home import record, state

from .conftest import EVENT, LOCK, command, during, reload, set_up, turn, wait

ANNA = [{"number": 12, "name": "Anna"}]
STARTED = "started"
TRIGGERS = Path(__file__).parents[3] / "custom_components" / "smartlocks" / "triggers.yaml"


async def automate(hass: HomeAssistant, *automations: dict[str, Any]) -> list[Event]:
    """Write automations; returns what they will have said."""
    said = {"event": STARTED, "event_data": {"message": "{{ trigger.name }} {{ trigger.message }}"}}
    rules = [
        {"id": str(number), "alias": f"Rule {number}", "actions": [said], **one}
        for number, one in enumerate(automations)
    ]
    assert await async_setup_component(hass, "automation", {"automation": rules})
    await hass.async_block_till_done()
    started: list[Event] = async_capture_events(hass, STARTED)
    return started


def used(*, target: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    """Return the trigger of somebody who uses the lock."""
    return {
        "trigger": "smartlocks.used",
        "target": target or {"entity_id": LOCK},
        "options": options,
    }


def failed(**options: Any) -> dict[str, Any]:
    """Return the trigger of a command that fails."""
    return {
        "trigger": "smartlocks.command_failed",
        "target": {"entity_id": LOCK},
        "options": options,
    }


async def unlock_as_anna(hass: HomeAssistant, loqed: LoqedSimulator) -> None:
    """Let Anna unlock in the vendor's app."""
    await during(hass, loqed.use_key(12, "unlocked"))
    await during(hass, loqed.settle())
    await wait(hass, seconds=10)
    assert state(hass, LOCK) == "unlocked"


def is_valid(hass: HomeAssistant) -> bool:
    """Tell whether Home Assistant has taken the first automation."""
    return state(hass, "automation.rule_0") == "on"


@pytest.mark.parametrize(
    ("options", "starts"),
    [
        ({}, True),
        ({"who": ["Anna"]}, True),
        ({"who": " anna "}, True),
        ({"who": ["Berta", "12"]}, True),
        ({"who": ["Berta"]}, False),
        ({"who": []}, True),
        ({"activity": ["unlocked", "opened"]}, True),
        ({"activity": ["locked"]}, False),
        ({"method": ["app"]}, True),
        ({"method": ["pin"]}, False),
        ({"who": ["Anna"], "activity": ["unlocked"], "method": ["pin"]}, False),
        ({"unverified": True}, True),
    ],
)
async def test_used_when_the_lock_is_used_starts_what_is_asked_for(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    options: dict[str, Any],
    starts: bool,
) -> None:
    await set_up(hass, loqed, key_names=ANNA)
    started = await automate(hass, {"triggers": [used(**options)]})
    assert is_valid(hass)
    await unlock_as_anna(hass, loqed)
    assert [one.data["message"] for one in started] == (
        ["Front door unlocked by Anna in the app"] if starts else []
    )


async def test_triggers_when_every_choice_is_selected_are_taken(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    choices: dict[str, Any] = {
        name: {
            field: told["selector"]["select"]["options"]
            for field, told in description["fields"].items()
            if "select" in told["selector"]
        }
        for name, description in yaml.safe_load(TRIGGERS.read_text("utf-8")).items()
    }
    await automate(
        hass, {"triggers": [used(**choices["used"]), failed(**choices["command_failed"])]}
    )
    assert is_valid(hass)


@pytest.mark.parametrize("kind", ["lock", "event", "device", "area"])
async def test_used_when_meant_in_another_way_starts(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, kind: str
) -> None:
    await set_up(hass, loqed, key_names=ANNA)
    entity = er.async_get(hass).async_get(LOCK)
    assert entity is not None
    assert entity.device_id is not None
    area = ar.async_get(hass).async_create("Hall")
    dr.async_get(hass).async_update_device(entity.device_id, area_id=area.id)
    targets: dict[str, dict[str, Any]] = {
        "lock": {"entity_id": [LOCK]},
        "event": {"entity_id": EVENT},
        "device": {"device_id": entity.device_id},
        "area": {"area_id": area.id},
    }
    started = await automate(hass, {"triggers": [used(target=targets[kind])]})
    await unlock_as_anna(hass, loqed)
    assert len(started) == 1


async def test_used_when_lock_entity_is_hidden_or_disabled_starts(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed, key_names=ANNA)
    registry = er.async_get(hass)
    entity = registry.async_update_entity(LOCK, hidden_by=er.RegistryEntryHider.USER)
    assert entity.device_id is not None
    area = ar.async_get(hass).async_create("Hall")
    dr.async_get(hass).async_update_device(entity.device_id, area_id=area.id)
    targets = ({"device_id": entity.device_id}, {"area_id": area.id})
    started = await automate(hass, *({"triggers": [used(target=one)]} for one in targets))
    fired = async_capture_events(hass, EVENT_ACTIVITY)
    await during(hass, loqed.use_key(12, "unlocked"))
    await during(hass, loqed.settle())
    # What is hidden is not meant by an area: that is Home Assistant's rule.
    assert len(started) == 1
    registry.async_update_entity(LOCK, disabled_by=er.RegistryEntryDisabler.USER)
    await reload(hass, entry)
    await wait(hass, seconds=130)
    await during(hass, loqed.use_key(12, "locked"))
    await during(hass, loqed.settle())
    await wait(hass, seconds=2)
    assert [one.data["entity_id"] for one in fired] == [LOCK, EVENT]
    assert len(started) == 3


async def test_used_when_another_entity_is_meant_does_not_start(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    away = ar.async_get(hass).async_create("Garage")
    others = [{"entity_id": "lock.garage"}, {"area_id": away.id}]
    started = await automate(hass, {"triggers": [used(target=target) for target in others]})
    await unlock_as_anna(hass, loqed)
    assert started == []


@pytest.mark.parametrize("unverified", [False, True])
async def test_used_when_nothing_proves_it_starts_only_where_that_is_wanted(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, unverified: bool
) -> None:
    loqed.set_generation("2s")
    await set_up(hass, loqed, key_names=ANNA, unsigned_details=True)
    last = {
        "condition": "smartlocks.last_used_by",
        "target": {"entity_id": LOCK},
        "options": {"who": "Anna"},
    }
    started = await automate(
        hass,
        {"triggers": [used(who="Anna", unverified=unverified)]},
        {
            "triggers": [{"trigger": "lock.unlocked", "target": {"entity_id": LOCK}}],
            "conditions": [last],
            "actions": [{"event": "by_anna"}],
        },
    )
    by_anna = async_capture_events(hass, "by_anna")
    await unlock_as_anna(hass, loqed)
    assert [one.data["message"] for one in started] == (
        ["Front door unlocked by Anna in the app (not verified)"] if unverified else []
    )
    assert by_anna == []


async def test_used_when_home_assistant_does_it_does_not_start(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    started = await automate(hass, {"triggers": [used()]})
    await command(hass, "unlock")
    await command(hass, "lock")
    assert started == []
    await turn(hass, loqed, "unlocked")
    assert [one.data["message"] for one in started] == ["Front door unlocked by hand"]


async def test_used_when_our_own_key_was_given_a_name_is_still_not_started_by_us(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed, key_names=[{"number": LOCAL_ID, "name": "Anna"}])
    started = await automate(hass, {"triggers": [used(who="Anna")]})
    await command(hass, "unlock")
    assert state(hass, LOCK) == "unlocked"
    assert started == []


async def test_used_when_something_else_happens_does_not_start(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    happened = async_capture_events(hass, EVENT_ACTIVITY)
    started = await automate(hass, {"triggers": [used()]})
    loqed.jam()
    await during(hass, loqed.use_key(12, "unlocked"))
    await during(hass, loqed.settle())
    await wait(hass, seconds=5)
    assert [one.data["activity"] for one in happened] == ["jammed"]
    assert started == []


async def test_used_when_several_automations_wait_starts_each_once(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed, key_names=ANNA)
    rules = [{"triggers": [used()]}, {"triggers": [used(who="Anna")]}]
    started = await automate(hass, *rules)
    await unlock_as_anna(hass, loqed)
    assert len(started) == 2
    assert len({one.context.id for one in started}) == 2


async def test_used_when_restarted_or_reloaded_does_not_start(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    attributes = {"event_type": "unlocked", "method": "app", "user": "Anna"}
    kept = {"last_event_type": "unlocked", "last_event_attributes": attributes}
    restored = State(EVENT, "2026-11-01T12:00:00.000+00:00", attributes)
    mock_restore_cache_with_extra_data(hass, [(restored, kept)])
    started = await automate(hass, {"triggers": [used()]})
    assert is_valid(hass)
    entry = await set_up(hass, loqed, key_names=ANNA)
    assert state(hass, EVENT).startswith("2026-11-01")
    await reload(hass, entry)
    await wait(hass, seconds=130)
    assert started == []
    await unlock_as_anna(hass, loqed)
    assert len(started) == 1


async def test_used_when_started_sees_what_the_lock_shows_and_by_whom(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed, key_names=ANNA)
    last = {"condition": "smartlocks.last_used_by", "target": {"entity_id": LOCK}}
    is_unlocked = {"condition": "lock.is_unlocked", "target": {"entity_id": LOCK}}
    by_anna = {
        "triggers": [used()],
        "conditions": [{**last, "options": {"who": ["Berta", "anna"]}}, is_unlocked],
    }
    by_nine = {"triggers": [used()], "conditions": [{**last, "options": {"who": "9"}}]}
    started = await automate(hass, by_anna, by_nine)
    seen = record(hass, "automation.rule_1")
    await unlock_as_anna(hass, loqed)
    assert len(started) == 1
    await during(hass, loqed.use_key(9, "locked"))
    await during(hass, loqed.settle())
    await wait(hass, seconds=2)
    assert len(started) == 2
    # By hand, nobody is named.
    await turn(hass, loqed, "unlocked")
    assert len(started) == 2
    assert set(seen) == {"on"}


async def test_used_when_started_finds_the_event_written(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed, key_names=ANNA)
    by_anna = f"{{{{ state_attr('{EVENT}', 'user') == 'Anna' }}}}"
    template = {"condition": "template", "value_template": by_anna}
    started = await automate(hass, {"triggers": [used()], "conditions": [template]})
    await unlock_as_anna(hass, loqed)
    assert len(started) == 1


async def test_last_used_by_when_the_lock_is_not_ours_is_never_true(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    er.async_get(hass).async_get_or_create("lock", "demo", "1", suggested_object_id="other")
    hass.states.async_set("lock.other", "unlocked", {"changed_by": "Anna"})
    last = {
        "condition": "smartlocks.last_used_by",
        "target": {"entity_id": ["lock.other", "lock.gone"]},
        "options": {"who": "Anna"},
    }
    started = await automate(hass, {"triggers": [used()], "conditions": [last]})
    assert is_valid(hass)
    await turn(hass, loqed, "unlocked")
    assert started == []


@pytest.mark.parametrize(
    ("options", "starts"),
    [
        ({}, True),
        ({"action": ["unlock"], "reason": ["jammed"]}, True),
        ({"action": ["lock"]}, False),
        ({"reason": ["not_confirmed", "failed"]}, False),
    ],
)
async def test_command_failed_when_the_lock_jams_starts_what_is_asked_for(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    options: dict[str, Any],
    starts: bool,
) -> None:
    await set_up(hass, loqed)
    started = await automate(hass, {"triggers": [failed(**options)]})
    loqed.jam()
    with pytest.raises(HomeAssistantError):
        await command(hass, "unlock")
    await hass.async_block_till_done()
    assert [one.data["message"] for one in started] == (
        ["Front door jammed on the unlock command"] if starts else []
    )


async def test_command_failed_when_nothing_confirms_it_starts(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    started = await automate(hass, {"triggers": [failed(reason="not_confirmed")]})
    loqed.delete_key()
    with pytest.raises(HomeAssistantError):
        await command(hass, "unlock")
    await hass.async_block_till_done()
    assert len(started) == 1
    await wait(hass, seconds=140)
    loqed.restore_key()
    await command(hass, "unlock")
    assert len(started) == 1


@pytest.mark.parametrize(
    "rule",
    [
        {"triggers": [used(activity=["jammed"])]},
        {"triggers": [used(method=["magic"])]},
        {"triggers": [failed(reason=["tired"])]},
        {"triggers": [failed(action=["refresh"])]},
        {
            "triggers": [used()],
            "conditions": [
                {
                    "condition": "smartlocks.last_used_by",
                    "target": {"entity_id": LOCK},
                    "options": {"who": []},
                }
            ],
        },
    ],
)
async def test_automation_when_it_asks_for_what_there_is_not_is_refused(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, rule: dict[str, Any]
) -> None:
    await automate(hass, rule)
    assert not is_valid(hass)
