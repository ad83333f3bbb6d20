"""What Activity says: who used the lock and how, what failed, and whose command it was."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from homeassistant.auth.models import User
from homeassistant.components.recorder.core import Recorder
from homeassistant.core import Context, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator
from yarl import URL

from custom_components.smartlocks.const import EVENT_ACTIVITY, EVENT_COMMAND_FAILED
from tests.api.loqed_helpers import not_accepting
from tests.clock import MONOTONIC, WallClock
from tests.simulators.base import Bolt
from tests.simulators.loqed import LoqedSimulator
from tests.vendors.home import call, state, take_turns

from .conftest import EVENT, LOCK, changed_by, during, reload, set_up, turn, wait

ANNA = [{"number": 12, "name": "Anna"}]

NONE = ("unknown", "unavailable")

type Act = Callable[[LoqedSimulator], Awaitable[Any]]
type Rows = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def _use_custom_integrations(recorder_mock: Recorder, enable_custom_integrations: None) -> None:
    """Start the recorder before Home Assistant."""


@pytest.fixture(autouse=True)
async def _logbook(
    hass: HomeAssistant,
    hass_admin_user: User,
    wall: WallClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Have a person, one clock, and the pages that Home Assistant serves before it does."""
    monkeypatch.setattr("homeassistant.helpers.entity.timer", wall)
    # The frontend itself is not needed.
    hass.config.components.add("frontend")
    assert await async_setup_component(hass, "logbook", {})


@pytest.fixture
async def rows(hass: HomeAssistant, hass_ws_client: WebSocketGenerator) -> Callable[..., Any]:
    """Ask for the rows of Activity, as its page does."""

    async def ask(*entity_ids: str) -> Rows:
        await async_wait_recording_done(hass)
        # A connection would be closed while the tests let time pass.
        client = await hass_ws_client()
        start = dt_util.utcnow() - timedelta(days=1)
        entities = {"entity_ids": list(entity_ids)} if entity_ids else {}
        await client.send_json_auto_id(
            {"type": "logbook/get_events", "start_time": start.isoformat(), **entities}
        )
        answer: Any = await client.receive_json()
        assert answer["success"], answer
        found: Rows = answer["result"]
        return found

    return ask


def ours(rows: Rows) -> list[tuple[str, str]]:
    """Return what our rows say, and of which entity."""
    return [(row["message"], row["entity_id"]) for row in rows if row.get("domain") == "smartlocks"]


def contexts(hass: HomeAssistant) -> list[tuple[str, str, str]]:
    """Return a list that will hold what the lock and its events take: entity, value, context."""
    seen: list[tuple[str, str, str]] = []

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new is not None:
            value = new.attributes.get("event_type", new.state)
            seen.append((new.domain, value, new.context.id))

    async_track_state_change_event(hass, [LOCK, EVENT], changed)
    return seen


async def use(hass: HomeAssistant, loqed: LoqedSimulator, act: Awaitable[Any]) -> None:
    """Let somebody use the lock, and let it come to its end."""
    await during(hass, act)
    await during(hass, loqed.settle())
    await wait(hass, seconds=1)


async def person(hass: HomeAssistant) -> User:
    """Return who uses Home Assistant."""
    return next(user for user in await hass.auth.async_get_users() if user.is_admin)


async def command(hass: HomeAssistant, service: str) -> Context:
    """Tell the lock something, as a person does; returns the context of the call."""
    context = Context(user_id=(await person(hass)).id)
    await during(
        hass,
        hass.services.async_call(
            "lock", service, {"entity_id": LOCK}, blocking=True, context=context
        ),
    )
    return context


@pytest.mark.parametrize(
    ("act", "message", "via"),
    [
        (lambda one: one.use_key(12, "unlocked"), "unlocked by Anna in the app", "Anna"),
        (lambda one: one.use_key(9, "unlocked"), "unlocked by key 9 in the app", "Key 9"),
        (lambda one: one.pin(12), "opened by Anna with PIN", "Anna"),
        (lambda one: one.button(), "opened with the button", "Front door"),
        (lambda one: one.turn_by_hand("unlocked"), "unlocked by hand", "Front door"),
    ],
)
async def test_activity_when_the_lock_is_used_says_who_and_how(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    rows: Callable[..., Any],
    act: Act,
    message: str,
    via: str,
) -> None:
    await set_up(hass, loqed, key_names=ANNA)
    await use(hass, loqed, act(loqed))
    assert ours(await rows()) == [(message, LOCK)]
    reached = [row for row in await rows(LOCK) if row.get("state") in ("unlocked", "open")]
    (event,) = [row for row in await rows(EVENT) if row["state"] not in NONE]
    for row in (reached[0], event):
        assert (row["context_name"], row["context_message"]) == (via, message)


async def test_activity_when_a_movement_is_turned_back_by_hand_names_nobody(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, rows: Callable[..., Any]
) -> None:
    await set_up(hass, loqed, key_names=ANNA)
    await use(hass, loqed, loqed.turn_by_hand("unlocked"))
    going = {"go_to_state": "NIGHT_LOCK", "key_local_id": 12}
    await use(hass, loqed, loqed.send_event("GO_TO_STATE_MANUAL_LOCK_BLE_NIGHT_LOCK", going))
    assert state(hass, LOCK) == "locking"
    await use(hass, loqed, loqed.turn_by_hand("unlocked"))
    assert state(hass, LOCK) == "unlocked"
    assert ours(await rows()) == [("unlocked by hand", LOCK)] * 2
    assert changed_by(hass) is None


async def test_activity_when_nothing_proves_it_says_so(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, rows: Callable[..., Any]
) -> None:
    loqed.set_generation("2s")
    await set_up(hass, loqed, key_names=ANNA, unsigned_details=True)
    await use(hass, loqed, loqed.use_key(12, "unlocked"))
    await wait(hass, seconds=10)
    assert ours(await rows()) == [("unlocked by Anna in the app (not verified)", LOCK)]
    assert changed_by(hass) == "Anna (not verified)"


async def test_activity_when_the_language_is_not_loaded_is_english(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, rows: Callable[..., Any]
) -> None:
    await set_up(hass, loqed)
    hass.config.language = "fy"
    await use(hass, loqed, loqed.use_key(9, "unlocked"))
    assert ours(await rows()) == [("unlocked by key 9 in the app", LOCK)]
    assert changed_by(hass) == "Key 9"


async def test_activity_when_commanded_names_the_call_and_nothing_twice(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, rows: Callable[..., Any]
) -> None:
    await set_up(hass, loqed)
    fired = async_capture_events(hass, EVENT_ACTIVITY)
    context = await command(hass, "unlock")
    assert fired == []
    told = await rows()
    assert ours(told) == []
    own = [row for row in told if row.get("context_service") == "unlock"]
    assert [row["state"] for row in own if row["entity_id"] == LOCK] == ["unlocking", "unlocked"]
    assert [row["entity_id"] for row in own].count(EVENT) == 1
    assert {row["context_user_id"] for row in own} == {context.user_id}


async def test_context_when_the_end_is_late_is_that_of_the_call(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.stop_pushing()
    seen, began = contexts(hass), MONOTONIC.ahead
    context = await command(hass, "unlock")
    # Home Assistant has dropped it by itself.
    assert MONOTONIC.ahead - began > 5
    assert seen == [
        ("lock", "unlocking", context.id),
        ("lock", "unlocked", context.id),
        ("event", "unlocked", context.id),
    ]


async def test_context_when_reloaded_before_the_end_is_that_of_the_call(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    fired, context = async_capture_events(hass, EVENT_ACTIVITY), Context()
    unlock = asyncio.ensure_future(call(hass, "unlock", LOCK, context=context))
    await asyncio.sleep(0.3)
    assert state(hass, LOCK) == "unlocking"
    await reload(hass, entry)
    with pytest.raises(HomeAssistantError):
        await unlock
    await during(hass, loqed.settle())
    await wait(hass, seconds=30)
    found = hass.states.get(LOCK)
    assert found is not None
    assert (found.state, found.context.id) == ("unlocked", context.id)
    # Nobody else has used the lock.
    assert fired == []


async def test_context_when_the_latch_falls_back_is_that_of_whoever_opened(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed, key_names=ANNA)
    fired, seen = async_capture_events(hass, EVENT_ACTIVITY), contexts(hass)
    context = await command(hass, "open")
    await during(hass, loqed.settle())
    assert [one for one in seen if one[2] == context.id] == seen
    assert [one[:2] for one in seen][-1] == ("lock", "unlocked")
    seen.clear()
    await use(hass, loqed, loqed.pin(12))
    (opened,) = fired
    assert seen[-1] == ("lock", "unlocked", opened.context.id)


async def test_context_when_somebody_else_comes_soon_after_is_not_that_of_the_call(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    fired = async_capture_events(hass, EVENT_ACTIVITY)
    context = await command(hass, "unlock")
    seen = contexts(hass)
    await turn(hass, loqed, "locked")
    (locked,) = fired
    assert locked.context.id != context.id
    assert seen == [("lock", "locked", locked.context.id), ("event", "locked", locked.context.id)]


async def test_context_when_our_key_is_used_long_after_is_not_that_of_the_call(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    fired = async_capture_events(hass, EVENT_ACTIVITY)
    context = await command(hass, "unlock")
    await wait(hass, minutes=6)
    # Another who has the same key: the keys of a bridge can be copied.
    await use(hass, loqed, loqed.use_key(bolt="locked"))
    (locked,) = fired
    assert locked.data["who"] == "Home Assistant"
    assert locked.context.id != context.id


async def test_context_when_anybody_says_that_it_was_us_is_not_that_of_the_call(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.set_generation("2s")
    await set_up(hass, loqed, unsigned_details=True)
    fired, seen = async_capture_events(hass, EVENT_ACTIVITY), contexts(hass)
    context = await command(hass, "unlock")
    await wait(hass, seconds=60)
    seen.clear()
    await use(hass, loqed, loqed.use_key(bolt="locked"))
    await wait(hass, seconds=60)
    assert [(one.data["activity"], one.data["verified"]) for one in fired] == [("locked", False)]
    assert seen
    assert all(one[2] != context.id for one in seen)


async def test_context_when_the_state_goes_soon_after_is_not_that_of_the_call(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    context = await command(hass, "unlock")
    seen = contexts(hass)
    await loqed.take_offline()
    await wait(hass, seconds=10)
    assert state(hass, LOCK) == "unavailable"
    assert seen
    assert all(one[2] != context.id for one in seen)


@pytest.mark.parametrize(
    ("bolt", "activity", "shown"),
    [("open", "opened", "open"), ("unlocked", "unlocked", "unlocked")],
)
async def test_context_when_somebody_else_uses_the_lock_in_between_is_theirs(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    bolt: Bolt,
    activity: str,
    shown: str,
) -> None:
    await set_up(hass, loqed, key_names=ANNA)
    fired, seen = async_capture_events(hass, EVENT_ACTIVITY), contexts(hass)
    # The command gets lost on its way to the lock.
    loqed.delete_key()
    context = Context()

    async def use_it_meanwhile() -> None:
        await asyncio.sleep(1)
        await loqed.use_key(12, bolt)

    command = hass.services.async_call(
        "lock", "unlock", {"entity_id": LOCK}, blocking=True, context=context
    )
    ended, _ = await during(
        hass, asyncio.gather(command, use_it_meanwhile(), return_exceptions=True)
    )
    # Whoever unlocks it, it is unlocked.
    assert bolt == "open" or ended is None
    await during(hass, loqed.settle())
    (acted,) = [one for one in fired if one.data["activity"] == activity]
    assert acted.data["who"] == "Anna"
    assert acted.context.id != context.id
    assert ("lock", "unlocking", context.id) in seen
    assert ("event", activity, acted.context.id) in seen
    assert ("lock", shown, acted.context.id) in seen


@pytest.mark.parametrize(
    ("service", "before", "after"),
    [("lock", "locked", "unlocked"), ("unlock", "unlocked", "locked")],
)
async def test_activity_when_a_command_is_not_received_tells_what_happened_meanwhile(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    rows: Callable[..., Any],
    service: str,
    before: Bolt,
    after: Bolt,
) -> None:
    entry = await set_up(hass, loqed)
    await turn(hass, loqed, before)
    known = len(ours(await rows()))
    async with not_accepting() as nowhere:
        entry.runtime_data._bridge.url = nowhere
        task = asyncio.ensure_future(command(hass, service))
        await take_turns()
        assert state(hass, LOCK) == f"{service}ing"
        # Ends when the command has ended.
        await turn(hass, loqed, after)
        with pytest.raises(HomeAssistantError):
            await task
    assert state(hass, LOCK) == after
    told = ours(await rows())[known:]
    assert told.count((f"{after} by hand", LOCK)) == 1


async def test_activity_when_a_command_fails_says_how(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, rows: Callable[..., Any]
) -> None:
    await set_up(hass, loqed)
    failed = async_capture_events(hass, EVENT_COMMAND_FAILED)
    loqed.jam()
    with pytest.raises(HomeAssistantError):
        await command(hass, "unlock")
    loqed.jam(jammed=False)
    await turn(hass, loqed, "locked")
    loqed.delete_key()
    with pytest.raises(HomeAssistantError):
        await command(hass, "unlock")
    await loqed.stop()
    with pytest.raises(HomeAssistantError):
        await command(hass, "open")
    assert [message for message, entity in ours(await rows()) if entity == LOCK] == [
        "jammed on the unlock command",
        "locked by hand",
        "did not confirm the unlock command",
        "did not carry out the open command",
    ]
    assert {one.context.user_id for one in failed} == {(await person(hass)).id}


@pytest.mark.parametrize("is_lost", [False, True])
async def test_command_when_its_caller_is_gone_still_tells_that_it_failed(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, is_lost: bool
) -> None:
    await set_up(hass, loqed)
    failed = async_capture_events(hass, EVENT_COMMAND_FAILED)
    if is_lost:
        loqed.delete_key()
    context = Context()
    call = asyncio.ensure_future(
        hass.services.async_call(
            "lock", "unlock", {"entity_id": LOCK}, blocking=True, context=context
        )
    )
    await asyncio.sleep(0.3)
    assert state(hass, LOCK) == "unlocking"
    call.cancel()
    await asyncio.wait([call])
    await wait(hass, minutes=3)
    told = [("unlock", "not_confirmed", context.id)] if is_lost else []
    assert [(one.data["action"], one.data["reason"], one.context.id) for one in failed] == told


async def test_context_when_the_lock_jams_and_nothing_names_a_key_is_that_of_the_call(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.set_generation("2s")
    await set_up(hass, loqed, unsigned_details=True)
    fired, seen = async_capture_events(hass, EVENT_ACTIVITY), contexts(hass)
    loqed.jam()
    with pytest.raises(HomeAssistantError):
        await command(hass, "unlock")
    assert fired == []
    assert [one[:2] for one in seen][-2:] == [("lock", "jammed"), ("event", "jammed")]
    assert len({one[2] for one in seen}) == 1


@pytest.mark.parametrize(("bolt", "who"), [("locked", None), ("unlocked", "Anna")])
async def test_changed_by_when_lock_comes_back_is_kept_only_where_it_was_left(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, bolt: Bolt, who: str | None
) -> None:
    await set_up(hass, loqed, key_names=ANNA)
    await use(hass, loqed, loqed.use_key(12, "unlocked"))
    await loqed.take_offline()
    await wait(hass, seconds=10)
    assert state(hass, LOCK) == "unavailable"
    await loqed.turn_by_hand(bolt)
    await loqed.bring_online()
    await wait(hass, minutes=12)
    assert state(hass, LOCK) == bolt
    assert changed_by(hass) == who


async def test_event_on_the_bus_when_fired_tells_all_and_comes_before_the_state(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed, key_names=ANNA)
    shown: list[str] = []

    @callback
    def happened(event: Event) -> None:
        shown.append(state(hass, LOCK))

    hass.bus.async_listen(EVENT_ACTIVITY, happened)
    fired = async_capture_events(hass, EVENT_ACTIVITY)
    await use(hass, loqed, loqed.use_key(12, "unlocked"))
    assert shown == ["unlocking"]
    (event,) = fired
    device_id = event.data["device_id"]
    assert device_id
    assert dict(event.data) == {
        "device_id": device_id,
        "entity_id": LOCK,
        "activity": "unlocked",
        "method": "app",
        "who": "Anna",
        "key": 12,
        "verified": True,
        "at": None,
    }
    await reload(hass, entry)
    await wait(hass, seconds=130)
    assert len(fired) == 1
