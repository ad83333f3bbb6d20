"""Calls of LOQED's cloud beside the bridge: a hint and a name at most, never a state."""

import json
import logging
from typing import Any
from unittest.mock import AsyncMock, patch

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.translation import async_load_integrations
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)
from yarl import URL

from custom_components.smartlocks.const import DOMAIN
from tests.clock import MONOTONIC
from tests.simulators.loqed import PEOPLE, LoqedSimulator
from tests.vendors.home import record, state

from .conftest import (
    LOCK,
    activity,
    changed_by,
    choose_options,
    during,
    open_options,
    reads,
    reload,
    set_up,
    turn,
    wait,
)

CLOUD = "homeassistant.components.cloud"
CLOUDHOOK = "https://hooks.nabu.casa/made-up"
EXTERNAL = "https://home.example.com"


async def open_webhook(
    hass: HomeAssistant,
    entry: ConfigEntry,
    address: URL,
    loqed: LoqedSimulator,
    shape: Any = "seen",
) -> str:
    """Ask for the address in the options and enter it on LOQED's pages; the address."""
    hass.config.external_url = EXTERNAL
    page = await open_options(hass, entry, "loqed_names")
    page = await choose_options(hass, page, use_names=True)
    assert page["step_id"] == "loqed_cloud_webhook"
    (field,) = page["data_schema"].schema
    told: str = field.description["suggested_value"]
    page = await choose_options(hass, page, address=told)
    assert page["type"] is FlowResultType.CREATE_ENTRY
    assert told.startswith(f"{EXTERNAL}/api/webhook/")
    loqed.add_cloud_webhook(told.replace(EXTERNAL, str(address)), shape)
    # After a start the calls of the bridge are hints for a while.
    await wait(hass, seconds=130)
    return told


def statuses(loqed: LoqedSimulator) -> set[int | None]:
    return {call.status for call in loqed.cloud_caller.calls}


async def use_key(hass: HomeAssistant, loqed: LoqedSimulator, key: int, bolt: Any) -> None:
    MONOTONIC.advance(1.0)
    await during(hass, loqed.use_key(key, bolt))
    await during(hass, loqed.settle())


# Names.


@pytest.mark.parametrize("shape", ["seen", "documented"])
async def test_name_of_an_early_call_is_in_the_event_of_the_bridge(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, shape: Any
) -> None:
    entry = await set_up(hass, loqed)
    await open_webhook(hass, entry, address, loqed, shape)
    loqed.delay_pushes(0.8)
    told = async_capture_events(hass, "smartlocks_activity")
    await use_key(hass, loqed, 12, "unlocked")
    assert statuses(loqed) == {200}
    assert [(one.data["activity"], one.data["who"]) for one in told] == [("unlocked", "Anna")]
    assert (activity(hass)["user"], changed_by(hass)) == ("Anna", "Anna")
    assert activity(hass)["key"] == 12


async def test_name_of_a_late_call_is_shown_afterwards_and_remembered(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await open_webhook(hass, entry, address, loqed)
    loqed.delay_cloud_calls(5)
    await use_key(hass, loqed, 12, "unlocked")
    assert "user" not in activity(hass)
    assert changed_by(hass) == "Anna"
    loqed.cloud_caller.urls.clear()
    await reload(hass, entry)
    await wait(hass, seconds=130)
    await use_key(hass, loqed, 12, "locked")
    assert (activity(hass)["user"], state(hass, LOCK)) == ("Anna", "locked")


async def test_name_of_a_late_call_in_another_language_is_shown_afterwards(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await hass.config.async_update(language="nl")
    entry = await set_up(hass, loqed)
    await open_webhook(hass, entry, address, loqed)
    await async_load_integrations(hass, {DOMAIN})
    loqed.delay_cloud_calls(5)
    seen: list[str | None] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        seen.append(None if new is None else new.attributes.get("changed_by"))

    async_track_state_change_event(hass, LOCK, note)
    await use_key(hass, loqed, 12, "unlocked")
    assert "Sleutel 12" in seen
    assert changed_by(hass) == "Anna"


async def test_name_of_a_late_call_when_somebody_else_had_the_key_before_is_shown_afterwards(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = await set_up(hass, loqed)
    await open_webhook(hass, entry, address, loqed)
    await use_key(hass, loqed, 12, "unlocked")
    assert changed_by(hass) == "Anna"
    # Her key was deleted, and the next one has got its number.
    monkeypatch.setitem(PEOPLE, 12, "Carol")
    await wait(hass, minutes=5)
    loqed.delay_cloud_calls(5)
    await use_key(hass, loqed, 12, "locked")
    assert changed_by(hass) == "Carol"


async def test_name_given_by_a_person_outweighs_the_clouds(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed, can_open=True, key_names=[{"number": 12, "name": "Ann"}])
    await open_webhook(hass, entry, address, loqed)
    loqed.delay_pushes(0.8)
    await use_key(hass, loqed, 12, "unlocked")
    assert activity(hass)["user"] == "Ann"


@pytest.mark.parametrize("seconds", [10.5, 60])
async def test_name_of_a_call_that_is_too_far_away_is_not_taken(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, seconds: float
) -> None:
    entry = await set_up(hass, loqed)
    await open_webhook(hass, entry, address, loqed)
    loqed.delay_cloud_calls(seconds)
    await use_key(hass, loqed, 12, "unlocked")
    assert changed_by(hass) == "Key 12"
    assert "learnt_names" not in entry.data


@pytest.mark.parametrize(
    "fields",
    [
        {"event_type": "STATE_CHANGED_LATCH", "key_local_id": "13"},
        {"event_type": "STATE_CHANGED_NIGHT_LOCK", "key_local_id": "12"},
        {"key_local_id": "12"},
        {"event_type": "STATE_CHANGED_LATCH"},
    ],
)
async def test_name_of_another_key_or_event_is_not_taken(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, fields: dict[str, Any]
) -> None:
    entry = await set_up(hass, loqed)
    await open_webhook(hass, entry, address, loqed)
    calling, loqed.cloud_caller.urls = loqed.cloud_caller.urls, []
    await use_key(hass, loqed, 12, "unlocked")
    loqed.cloud_caller.urls = calling
    claim = {"requested_state": "DAY_LOCK", "key_name_user": "Mallory", **fields}
    assert await during(hass, loqed.forge_cloud_call(claim)) == [200]
    assert changed_by(hass) == "Key 12"
    assert "learnt_names" not in entry.data


async def test_call_that_names_a_key_and_nobody_is_taken_and_teaches_nothing(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    entry = await set_up(hass, loqed)
    await open_webhook(hass, entry, address, loqed)
    calling, loqed.cloud_caller.urls = loqed.cloud_caller.urls, []
    await use_key(hass, loqed, 12, "unlocked")
    loqed.cloud_caller.urls = calling
    claim = {"event_type": "STATE_CHANGED_LATCH", "key_local_id": "12"}
    assert await during(hass, loqed.forge_cloud_call(claim)) == [200]
    assert changed_by(hass) == "Key 12"
    assert "learnt_names" not in entry.data
    # Home Assistant answers 200 to what fails, too.
    assert "Error processing webhook" not in caplog.text


async def test_name_that_would_pass_for_us_is_not_taken(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await open_webhook(hass, entry, address, loqed)
    calling, loqed.cloud_caller.urls = loqed.cloud_caller.urls, []
    await use_key(hass, loqed, 12, "unlocked")
    loqed.cloud_caller.urls = calling
    claim = {"event_type": "STATE_CHANGED_LATCH", "key_local_id": "12"}
    await during(hass, loqed.forge_cloud_call({**claim, "key_name_user": "Home assistant"}))
    assert changed_by(hass) == "Key 12"
    await during(hass, loqed.forge_cloud_call({**claim, "key_name_user": "Anna"}))
    assert changed_by(hass) == "Anna"


@pytest.mark.parametrize(
    "name", ["[Update now](//example.com)", "https://example.com", "<a>Anna</a>", "Anna\u202e"]
)
async def test_name_that_a_message_would_make_a_link_of_is_not_taken(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, name: str
) -> None:
    entry = await set_up(hass, loqed)
    await open_webhook(hass, entry, address, loqed)
    calling, loqed.cloud_caller.urls = loqed.cloud_caller.urls, []
    await use_key(hass, loqed, 12, "unlocked")
    loqed.cloud_caller.urls = calling
    claim = {"event_type": "STATE_CHANGED_LATCH", "key_local_id": "12", "key_name_user": name}
    assert await during(hass, loqed.forge_cloud_call(claim)) == [200]
    assert changed_by(hass) == "Key 12"
    assert "learnt_names" not in entry.data


async def test_name_needs_a_signed_call(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.set_generation("2s")
    entry = await set_up(hass, loqed)
    await open_webhook(hass, entry, address, loqed)
    await use_key(hass, loqed, 12, "unlocked")
    await wait(hass, minutes=2)
    assert state(hass, LOCK) == "unlocked"
    assert "learnt_names" not in entry.data


async def test_email_address_is_nowhere(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    caplog: pytest.LogCaptureFixture,
    hass_storage: dict[str, Any],
) -> None:
    entry = await set_up(hass, loqed)
    told = await open_webhook(hass, entry, address, loqed)
    caplog.clear()
    await use_key(hass, loqed, 12, "unlocked")
    claim = {"event_type": "STATE_CHANGED_LATCH", "key_local_id": "12"}
    await loqed.forge_cloud_call({**claim, "key_name_user": "anna@example.com"})
    sent = [json.loads(call.body) for call in loqed.cloud_caller.calls]
    assert any("anna@example.com" in call.values() for call in sent)
    shown = str([entry.as_dict(), hass_storage, hass.states.async_all(), hass.data.get("x")])
    ours = [one.getMessage() for one in caplog.records if "smartlocks" in one.name]
    assert "example.com" not in shown.replace(EXTERNAL, "")
    assert not any("@" in line or told.rsplit("/", 1)[-1] in line for line in ours)


# Bridge and cloud tell different stories.


@pytest.mark.parametrize("kind", ["early", "late", "twice", "without the bridge"])
async def test_state_is_always_the_bridges(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, kind: str
) -> None:
    entry = await set_up(hass, loqed)
    await open_webhook(hass, entry, address, loqed)
    if kind == "early":
        loqed.delay_pushes(3)
    elif kind == "late":
        loqed.delay_cloud_calls(30)
    elif kind == "twice":
        loqed.repeat_cloud_calls()
    seen = record(hass, LOCK)
    if kind == "without the bridge":
        loqed.hold_pushes()
        loqed.lag_status(3600)
        claim = {"event_type": "STATE_CHANGED_LATCH", "requested_state": "DAY_LOCK"}
        assert await during(hass, loqed.forge_cloud_call(claim)) == [200]
        await wait(hass, minutes=5)
        assert state(hass, LOCK) == "locked"
        assert seen == []
        return
    for key, bolt in ((12, "unlocked"), (13, "locked"), (12, "unlocked")):
        await use_key(hass, loqed, key, bolt)
        await wait(hass, seconds=40)
        assert state(hass, LOCK) == bolt == loqed.bolt()
    moves = ["unlocking", "unlocked", "locking", "locked", "unlocking", "unlocked"]
    assert [one for one in seen if one != "unknown"] == moves


@pytest.mark.parametrize(
    "fields",
    [
        {"event_type": "STATE_CHANGED_NIGHT_LOCK", "requested_state": "NIGHT_LOCK"},
        {"event_type": "GO_TO_STATE_MANUAL_LOCK_REMOTE_NIGHT_LOCK", "go_to_state": "NIGHT_LOCK"},
        {"event_type": "MOTOR_STALL", "requested_state": "UNKNOWN"},
        {"online": 0},
        {"battery_percentage": 1},
        {"ble_strength": -1, "wifi_strength": 1},
    ],
)
async def test_forged_call_changes_nothing_that_is_shown(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, fields: dict[str, Any]
) -> None:
    entry = await set_up(hass, loqed)
    await open_webhook(hass, entry, address, loqed)
    await turn(hass, loqed, "unlocked")
    await wait(hass, minutes=3)
    loqed.cloud_caller.calls.clear()
    seen, before = record(hass, LOCK), activity(hass)
    for number in range(20):
        claim = {"key_local_id": "12", "key_name_user": "Mallory", "n": number, **fields}
        assert await during(hass, loqed.forge_cloud_call(claim)) == [200]
        await wait(hass, seconds=20)
    assert state(hass, LOCK) == "unlocked"
    assert "locked" not in seen
    assert activity(hass) == before
    assert loqed.server.sent("/to_lock") == []
    assert state(hass, "sensor.front_door_battery") == "64"


async def test_call_is_a_hint_and_the_bridge_is_read(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await open_webhook(hass, entry, address, loqed)
    loqed.lose_pushes(9)
    await turn(hass, loqed, "unlocked")
    await wait(hass, seconds=60)
    assert state(hass, LOCK) == "unlocked"


async def test_flood_of_calls_reads_the_bridge_no_more_than_its_tokens(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await open_webhook(hass, entry, address, loqed)
    before = reads(loqed)
    for number in range(120):
        claim = {"event_type": f"X{number}", "requested_state": "NIGHT_LOCK"}
        await during(hass, loqed.forge_cloud_call(claim))
        await wait(hass, seconds=30, step=15)
    assert reads(loqed) - before <= 6 + 8 + 2


async def test_repeated_call_is_no_second_hint(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await open_webhook(hass, entry, address, loqed)
    await wait(hass, minutes=1)
    before = reads(loqed)
    await turn(hass, loqed, "unlocked")
    claim = {
        "event_type": "STATE_CHANGED_LATCH",
        "requested_state": "DAY_LOCK",
        **loqed.cloud_caller.person(None),
    }
    for _ in range(3):
        await during(hass, loqed.forge_cloud_call(claim))
    await wait(hass, seconds=50)
    assert reads(loqed) == before


async def test_repeated_call_that_the_bridge_does_not_confirm_is_no_second_hint(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    await open_webhook(hass, entry, address, loqed)
    await wait(hass, minutes=5)
    claim = {"event_type": "STATE_CHANGED_LATCH", "requested_state": "DAY_LOCK"}
    before = reads(loqed)
    await during(hass, loqed.forge_cloud_call(claim))
    await wait(hass, seconds=45)
    hinted = reads(loqed)
    assert hinted > before
    await during(hass, loqed.forge_cloud_call(claim))
    await wait(hass, seconds=45)
    assert reads(loqed) == hinted


# The webhook.


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"[]", 400), (b"\xff", 400), (b"{}", 200), (b'{"x":"' + b"x" * 5000, 413)],
)
async def test_call_that_is_none_is_answered_and_changes_nothing(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_client_no_auth: ClientSessionGenerator,
    body: bytes,
    status: int,
) -> None:
    entry = await set_up(hass, loqed)
    told = await open_webhook(hass, entry, address, loqed)
    client = await hass_client_no_auth()
    answer = await client.post(URL(told).path, data=body)
    assert answer.status == status
    assert state(hass, LOCK) == "locked"


async def test_webhook_of_the_cloud_is_not_the_bridges_and_goes_when_switched_off(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    entry = await set_up(hass, loqed)
    told = await open_webhook(hass, entry, address, loqed)
    assert entry.data["hint_webhook_id"] != entry.data["webhook_id"]
    assert not any(entry.data["hint_webhook_id"] in url for url in loqed.webhook_urls)
    loqed.delay_pushes(0.8)
    await use_key(hass, loqed, 12, "unlocked")
    assert entry.data["learnt_names"] == {"12": "Anna"}
    page = await open_options(hass, entry, "loqed_names")
    await choose_options(hass, page, use_names=False)
    assert not {"hint_webhook_id", "hint_cloudhook", "learnt_names"} & entry.data.keys()
    client = await hass_client_no_auth()
    # Home Assistant answers 200 to whoever calls a webhook that is not there.
    await client.post(URL(told).path, data=b"[]")
    await wait(hass, seconds=130)
    await use_key(hass, loqed, 12, "locked")
    assert changed_by(hass) == "Key 12"


async def test_webhook_of_the_cloud_is_open_to_the_internet_and_gone_when_unloaded(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    entry = await set_up(hass, loqed)
    await open_webhook(hass, entry, address, loqed)
    client = await hass_ws_client(hass)

    async def listed() -> list[Any]:
        await client.send_json_auto_id({"type": "webhook/list"})
        known = (await client.receive_json())["result"]
        return [one for one in known if one["webhook_id"] == entry.data["hint_webhook_id"]]

    (found,) = await listed()
    assert (found["domain"], found["name"]) == (DOMAIN, entry.title)
    assert found["local_only"] is False
    await during(hass, hass.config_entries.async_unload(entry.entry_id))
    assert await listed() == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
async def test_call_of_the_cloud_by_another_method_is_refused_and_not_logged(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_client_no_auth: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
    method: str,
) -> None:
    told = await open_webhook(hass, await set_up(hass, loqed), address, loqed)
    client = await hass_client_no_auth()
    caplog.clear()
    answer = await client.request(method, URL(told).path)
    assert answer.status == 405
    assert [one.getMessage() for one in caplog.records if one.levelno > logging.INFO] == []


async def test_address_without_internet_is_said(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    page = await open_options(hass, entry, "loqed_names")
    page = await choose_options(hass, page, use_names=True)
    assert page["errors"] == {"base": "loqed_no_address"}


async def test_address_at_home_assistant_cloud_is_made_and_taken_back(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    with (
        patch(f"{CLOUD}.async_active_subscription", return_value=True),
        patch(f"{CLOUD}.async_get_or_create_cloudhook", AsyncMock(return_value=CLOUDHOOK)),
        patch(f"{CLOUD}.async_delete_cloudhook", AsyncMock()) as delete,
    ):
        for remove in (False, True):
            page = await open_options(hass, entry, "loqed_names")
            page = await choose_options(hass, page, use_names=True)
            (field,) = page["data_schema"].schema
            assert field.description["suggested_value"] == CLOUDHOOK
            await choose_options(hass, page, address=CLOUDHOOK)
            known = entry.data["hint_webhook_id"]
            if remove:
                await during(hass, hass.config_entries.async_remove(entry.entry_id))
            else:
                page = await open_options(hass, entry, "loqed_names")
                await choose_options(hass, page, use_names=False)
            delete.assert_awaited_once_with(hass, known)
            delete.reset_mock()


async def test_address_at_home_assistant_cloud_when_another_is_shown_later_is_still_taken_back(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    with (
        patch(f"{CLOUD}.async_active_subscription", return_value=True),
        patch(f"{CLOUD}.async_get_or_create_cloudhook", AsyncMock(return_value=CLOUDHOOK)),
        patch(f"{CLOUD}.async_delete_cloudhook", AsyncMock()) as delete,
    ):
        for shown in (CLOUDHOOK, EXTERNAL):
            page = await open_options(hass, entry, "loqed_names")
            page = await choose_options(hass, page, use_names=True)
            (field,) = page["data_schema"].schema
            told = field.description["suggested_value"]
            assert told.startswith(shown)
            await choose_options(hass, page, address=told)
            hass.config.external_url = EXTERNAL
        known = entry.data["hint_webhook_id"]
        await during(hass, hass.config_entries.async_remove(entry.entry_id))
        delete.assert_awaited_once_with(hass, known)
