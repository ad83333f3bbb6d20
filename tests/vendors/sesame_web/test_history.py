"""Events: changes that reads find, and who and how from the history where that is wanted."""

import asyncio
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events
from yarl import URL

from custom_components.smartlocks.const import EVENT_ACTIVITY
from tests.clock import MONOTONIC
from tests.simulators.sesame_web import BOT, SESAME_5, SesameWebSimulator
from tests.vendors.home import call, next_second, refresh, refused, run_ahead, state
from tests.vendors.sesame_web.helpers import ACTIVITY, LOCK, PRESS, REFRESH, asked, reload, set_up


def listen(hass: HomeAssistant, entity_id: str = ACTIVITY) -> list[tuple[str, Any, Any]]:
    """Return a list that will hold what happens: what, how, and who."""
    told: list[tuple[str, Any, Any]] = []

    @callback
    def happened(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new is not None and new.state not in {"unknown", "unavailable"}:
            what = new.attributes
            told.append((what["event_type"], what.get("method"), what.get("user")))

    async_track_state_change_event(hass, entity_id, happened)
    return told


async def told_of(hass: HomeAssistant, entry: ConfigEntry, cloud: SesameWebSimulator) -> None:
    """Let the device report anew, and the account be read."""
    cloud.set_battery(cloud.device().battery - 1)
    await refresh(hass, entry)


def changed_by(hass: HomeAssistant) -> Any:
    found = hass.states.get(LOCK)
    assert found is not None
    return found.attributes.get("changed_by")


async def test_history_when_read_makes_each_event_once_and_in_order(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, history=True)
    told = listen(hass)
    cloud.add_history(2, text="Anna", ago=60)
    cloud.add_history(11, ago=58)
    cloud.add_history(6, ago=30)
    cloud.add_history(10, ago=28)
    await told_of(hass, entry, cloud)
    await refresh(hass, entry)
    assert told == [("unlocked", "app", "Anna"), ("locked", "automatic", None)]
    assert changed_by(hass) is None
    event = hass.states.get(ACTIVITY)
    assert event is not None
    assert event.attributes["at"].startswith("20")


async def test_history_when_read_first_makes_no_events(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, history=True)
    assert asked(cloud, SESAME_5, "history") == 1
    assert state(hass, ACTIVITY) == "unknown"
    await refresh(hass, entry)
    assert asked(cloud, SESAME_5, "history") == 1


async def test_history_when_read_tells_who_was_the_last(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, history=True)
    cloud.add_history(1, text="Berta")
    await told_of(hass, entry, cloud)
    assert changed_by(hass) == "Berta"


async def test_own_command_when_in_the_history_makes_one_event(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, history=True)
    told = listen(hass)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    await refresh(hass, entry)
    assert told == [("unlocked", "remote", "Home Assistant")]
    assert changed_by(hass) == "Home Assistant"


async def test_changed_by_when_history_cannot_be_read_names_nobody(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, history=True)
    cloud.add_history(1, text="Berta")
    await told_of(hass, entry, cloud)
    assert changed_by(hass) == "Berta"
    cloud.fail_lock(SESAME_5, "error", endpoint="history")
    await cloud.turn_by_hand("unlocked")
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unlocked"
    assert changed_by(hass) is None


async def test_changed_by_when_the_history_is_behind_names_nobody_until_it_tells(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, history=True)
    cloud.add_history(1, text="Berta")
    await told_of(hass, entry, cloud)
    assert changed_by(hass) == "Berta"
    told = listen(hass)
    cloud.delay_history(200)
    await cloud.turn_by_hand("unlocked")
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unlocked"
    assert changed_by(hass) is None
    assert told == []
    await cloud.rest(220)
    # Nothing has changed since, but the change was not told yet.
    await refresh(hass, entry)
    assert told == [("unlocked", "manual", None)]


async def test_change_when_the_history_never_tells_it_is_asked_for_twice(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, history=True)
    cloud.add_history(1, text="Berta")
    await told_of(hass, entry, cloud)
    before = asked(cloud, SESAME_5, "history")
    cloud.delay_history(1e7)
    await cloud.turn_by_hand("unlocked")
    for _ in range(4):
        await refresh(hass, entry)
    assert asked(cloud, SESAME_5, "history") == before + 2


async def test_second_of_two_moves_when_the_history_is_behind_is_told_by_the_next_read(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, history=True)
    told = listen(hass)
    await cloud.turn_by_hand("unlocked")
    # Two changes of one second cannot be told from one.
    await next_second()
    cloud.delay_history(200)
    await cloud.turn_by_hand("locked")
    await refresh(hass, entry)
    assert state(hass, LOCK) == "locked"
    assert told == [("unlocked", "manual", None)]
    await cloud.rest(220)
    await refresh(hass, entry)
    assert told[1:] == [("locked", "manual", None)]


async def test_history_of_a_bot_when_nothing_is_missing_is_read_once_for_a_change(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, BOT, history=True)
    await refresh(hass, entry)
    assert asked(cloud, BOT, "history") == 1
    await run_ahead(hass, call(hass, "press", PRESS))
    before = asked(cloud, BOT, "history")
    for _ in range(3):
        await refresh(hass, entry)
    assert asked(cloud, BOT, "history") == before + 1


@pytest.mark.parametrize("name", ["Home Assistant", "home assistant", "Home Assistant\u200b"])
async def test_guest_when_named_like_us_is_not_taken_for_us(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, name: str
) -> None:
    entry = await set_up(hass, history=True)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    await refresh(hass, entry)
    fired, told = async_capture_events(hass, EVENT_ACTIVITY), listen(hass)
    # Two changes of one second cannot be told from one.
    await next_second()
    cloud.add_history(2, text=name)
    await told_of(hass, entry, cloud)
    assert told == [("unlocked", "app", None)]
    assert [one.data["who"] for one in fired] == [None]


async def test_turn_by_hand_when_in_the_history_makes_an_event(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, history=True)
    told = listen(hass)
    await cloud.turn_by_hand("unlocked")
    await refresh(hass, entry)
    await cloud.turn_by_hand("unknown")
    await refresh(hass, entry)
    assert told == [("unlocked", "manual", None), ("changed", "manual", None)]


async def test_motor_when_it_fails_makes_a_jam(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, history=True)
    told = listen(hass)
    cloud.add_history(1, text="Anna", ago=5)
    cloud.add_history(12)
    await told_of(hass, entry, cloud)
    assert told == [("jammed", "app", "Anna")]


async def test_door_sensor_when_it_changes_makes_events(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, history=True)
    told = listen(hass)
    cloud.add_history(90, ago=3)
    cloud.add_history(91)
    await told_of(hass, entry, cloud)
    assert [what for what, _, _ in told] == ["door_opened", "door_closed"]


@pytest.mark.parametrize("kind", [0, 3, 4, 5, 13, 23, 99, 250, -1])
async def test_entry_when_of_unknown_kind_is_left_out(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, kind: int
) -> None:
    entry = await set_up(hass, history=True)
    told = listen(hass)
    cloud.add_history(kind, ago=9)
    cloud.add_history(8)
    cloud.add_history(kind)
    await told_of(hass, entry, cloud)
    assert told == [("unlocked", "manual", None)]


@pytest.mark.parametrize(
    ("text", "who"),
    [("\u202eAnna", "Anna"), ("[a](//example.com)", None), ("www.example.com", None)],
)
async def test_name_of_a_guest_when_it_is_a_link_or_turned_around_then_it_is_not_shown(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, text: str, who: str | None
) -> None:
    entry = await set_up(hass, history=True)
    told = listen(hass)
    cloud.add_history(1, text=text)
    await told_of(hass, entry, cloud)
    assert told == [("locked", "app", who)]


async def test_tag_when_no_text_names_nobody(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, history=True)
    told = listen(hass)
    cloud.add_history(1, tag="AAxeWru7Cx5MV40=")
    await told_of(hass, entry, cloud)
    assert told == [("locked", "app", None)]


async def test_history_when_the_lock_was_restarted_goes_on(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, history=True)
    told = listen(hass)
    cloud.restart_lock()
    cloud.add_history(7)
    await told_of(hass, entry, cloud)
    assert told == [("locked", "manual", None)]


@pytest.mark.parametrize("kind", ["object", "missing_fields", "wrong_fields", "html", "empty"])
async def test_history_when_unreadable_is_read_the_next_time(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, kind: str
) -> None:
    entry = await set_up(hass, history=True)
    cloud.malform("history", kind)
    await cloud.turn_by_hand("unlocked")
    await refresh(hass, entry)
    assert state(hass, LOCK) == "unlocked"
    cloud.malform("history", None)
    told = listen(hass)
    await refresh(hass, entry)
    assert told == [("unlocked", "manual", None)]


async def test_change_when_found_by_a_read_makes_an_event_without_the_option(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, BOT)
    told = listen(hass)
    await cloud.turn_by_hand("unlocked")
    await refresh(hass, entry)
    assert told == [("unlocked", None, None)]
    await run_ahead(hass, call(hass, "lock", LOCK))
    assert told[1:] == [("locked", "remote", "Home Assistant")]
    assert changed_by(hass) == "Home Assistant"
    assert asked(cloud, SESAME_5, "history") == 0
    assert hass.states.get("event.gate_activity") is None


async def test_option_when_turned_off_leaves_what_reads_find(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, BOT, history=True)
    kinds = hass.states.get(ACTIVITY)
    assert kinds is not None
    assert "door_opened" in kinds.attributes["event_types"]
    assert state(hass, "event.gate_activity") == "unknown"
    hass.config_entries.async_update_entry(entry, options={"history": False})
    await reload(hass, entry)
    kinds = hass.states.get(ACTIVITY)
    assert kinds is not None
    assert kinds.attributes["event_types"] == ["locked", "unlocked"]
    assert hass.states.get("event.gate_activity") is None


async def test_change_when_the_history_cannot_be_paid_makes_an_event(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, history=True, budget=6)
    told = listen(hass)
    before = asked(cloud, SESAME_5, "history")
    # Set-up took four calls, which is what is for reading.
    assert cloud.calls == 4
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert told == [("unlocked", "remote", "Home Assistant")]
    assert asked(cloud, SESAME_5, "history") == before


async def test_change_when_the_history_was_never_read_makes_an_event(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    cloud.fail_lock(SESAME_5, "error", endpoint="history")
    entry = await set_up(hass, history=True)
    told = listen(hass)
    cloud.fail_lock(SESAME_5, None)
    await cloud.turn_by_hand("unlocked")
    await refresh(hass, entry)
    await refresh(hass, entry)
    assert told == [("unlocked", None, None)]
    await cloud.turn_by_hand("locked")
    await refresh(hass, entry)
    assert told[1:] == [("locked", "manual", None)]


async def test_press_when_in_the_history_makes_an_event(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, BOT, history=True)
    told = listen(hass, "event.gate_activity")
    await run_ahead(hass, call(hass, "press", PRESS))
    await refresh(hass, entry)
    assert told == [("pressed", "remote", "Home Assistant")]


async def test_two_commands_when_between_two_reads_make_two_events(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, history=True)
    told = listen(hass)
    # The first was overtaken by the second before the motor had done it.
    cloud.add_history(2, text="Anna", ago=9)
    cloud.add_history(1, text="Berta", ago=8)
    cloud.add_history(10, ago=5)
    await told_of(hass, entry, cloud)
    assert told == [("unlocked", "app", "Anna"), ("locked", "app", "Berta")]


async def test_motor_when_nobody_commanded_it_makes_an_event(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, history=True)
    told = listen(hass)
    cloud.add_history(10, ago=9)
    await told_of(hass, entry, cloud)
    assert told == [("locked", None, None)]


async def test_command_when_its_result_is_missing_waits_for_it(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, history=True)
    told = listen(hass)
    cloud.add_history(2, text="Anna", ago=9)
    await told_of(hass, entry, cloud)
    assert told == []
    # The cloud's clock shows whole seconds.
    await asyncio.sleep(1.1)
    cloud.add_history(11)
    await told_of(hass, entry, cloud)
    assert told == [("unlocked", "app", "Anna")]


async def test_own_command_when_told_by_the_history_is_in_the_name_of_its_caller(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, BOT, history=True)
    fired = async_capture_events(hass, EVENT_ACTIVITY)
    unlocking, pressing = Context(), Context()
    await run_ahead(hass, call(hass, "unlock", LOCK, context=unlocking))
    await run_ahead(hass, call(hass, "press", PRESS, context=pressing))
    await refresh(hass, entry)
    for entity_id, context in ((ACTIVITY, unlocking), ("event.gate_activity", pressing)):
        found = hass.states.get(entity_id)
        assert found is not None
        assert found.context.id == context.id
    assert fired == []


async def test_change_when_the_history_names_somebody_is_told_before_it_is_shown(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass, history=True)
    shown: list[Any] = []
    fired = async_capture_events(hass, EVENT_ACTIVITY)
    hass.bus.async_listen(EVENT_ACTIVITY, callback(lambda _: shown.append(changed_by(hass))))
    cloud.add_history(2, text="Anna", ago=2)
    cloud.add_history(11, ago=1)
    await told_of(hass, entry, cloud)
    assert changed_by(hass) == "Anna"
    assert shown == [None]
    assert [(one.data["who"], one.data["method"]) for one in fired] == [("Anna", "app")]
    assert fired[0].data["at"].startswith("20")
    found = hass.states.get(ACTIVITY)
    assert found is not None
    assert found.context.id == fired[0].context.id


async def test_change_during_an_outage_when_told_by_the_history_is_shown_with_who_it_was(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, history=True)
    cloud.fail_lock(None, "error")
    for _ in range(2):
        assert await refused(hass, "press", REFRESH) is not None
        MONOTONIC.advance(150)
    assert await refused(hass, "press", REFRESH) is not None
    assert state(hass, LOCK) == state(hass, ACTIVITY) == "unavailable"
    fired = async_capture_events(hass, EVENT_ACTIVITY)
    cloud.fail_lock(None, None)
    cloud.add_history(2, text="Anna", ago=2)
    cloud.add_history(11, ago=1)
    cloud.set_battery(cloud.device().battery - 1)
    await run_ahead(hass, call(hass, "press", REFRESH))
    for entity_id in (LOCK, ACTIVITY):
        found = hass.states.get(entity_id)
        assert found is not None
        assert found.state != "unavailable"
        assert found.context.id == fired[0].context.id
