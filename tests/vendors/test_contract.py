"""What every vendor owes a person, proven against its simulator."""

import asyncio
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
import json
from logging import INFO, WARNING
from pathlib import Path
import time
from typing import Any, get_args

from homeassistant.config_entries import ConfigEntry, ConfigEntryDisabler, ConfigEntryState
from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED
from homeassistant.core import Context, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import (
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.helpers.condition import async_validate_condition_config
from homeassistant.helpers.entity_platform import async_get_platforms
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.trigger import async_validate_trigger_config
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)
from yarl import URL

from custom_components.smartlocks.const import DOMAIN, EVENT_ACTIVITY, EVENT_COMMAND_FAILED
from custom_components.smartlocks.coordinator import PushCoordinator
from custom_components.smartlocks.entity import SmartLocksEntity
from custom_components.smartlocks.models import FailureReason, Feature, Setting, Snapshot
from custom_components.smartlocks.vendors import VENDORS
from tests.clock import MONOTONIC
from tests.simulators import SIMULATORS
from tests.simulators.base import Nonsense
from tests.vendors.answers import ANSWERS
from tests.vendors.contract import Installation
from tests.vendors.home import (
    answer_options,
    call,
    let_pass,
    next_second,
    open_options,
    reauth_flows,
    refresh,
    refused,
    run_ahead,
    settle,
    state,
)

TRANSLATIONS = Path(__file__).parents[2] / "custom_components" / DOMAIN / "translations" / "en.json"


def test_vendor_has_simulator_and_answers() -> None:
    assert set(VENDORS) <= set(SIMULATORS)
    assert set(VENDORS) == set(ANSWERS)
    assert all(vendor.key == key for key, vendor in VENDORS.items())


async def test_set_up_shows_the_truth(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert state(hass, installation.lock) == installation.simulator.bolt()
    assert entry.unique_id is not None
    assert entry.unique_id.startswith(entry.data["vendor"])


async def test_every_entity_has_a_name_and_an_id_and_a_device(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    devices = {
        device.id
        for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    }
    assert entities
    for entity in entities:
        assert entity.unique_id.startswith(entry.data["vendor"])
        assert entity.device_id in devices
        assert entity.original_name is not None or entity.domain == "lock"


async def test_every_device_has_a_model_and_a_page_of_its_maker_and_a_lock_its_hub(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    (hub,) = (device for device in devices if device.via_device_id is None)
    has_hub = entry.runtime_data.data.hub is not None
    assert {device.via_device_id for device in devices} == {None, *([hub.id] if has_hub else [])}
    for device in devices:
        assert device.manufacturer
        assert device.model
        # Pages show both, side by side.
        assert not device.model.startswith(device.manufacturer)
        assert URL(device.configuration_url or "").scheme == "https"


async def test_entry_of_an_account_or_gateway_is_not_named_after_its_locks(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    locks = [lock.name for lock in entry.runtime_data.data.locks.values()]
    assert [entry.title] == locks or not [name for name in locks if name in entry.title]


async def test_ids_of_entities_have_no_traces_of_brackets(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    for entity in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id):
        assert not set(entity.original_name or "") & set("()[]{}")


async def test_a_poll_follows_the_lock(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    for bolt in ("unlocked", "locked"):
        await installation.simulator.turn_by_hand(bolt)
        await refresh(hass, entry)
        assert state(hass, installation.lock) == bolt


async def test_a_command_happens_and_is_seen(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    await installation.set_up(hass)
    for service, bolt in (("unlock", "unlocked"), ("lock", "locked")):
        await next_second()
        await run_ahead(hass, call(hass, service, installation.lock))
        assert state(hass, installation.lock) == bolt == installation.simulator.bolt()


async def test_unlock_when_lock_has_a_code_then_only_with_it(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    page = await open_options(hass, entry, "code")
    picked = dict.fromkeys(page["data_schema"].schema.keys() & {"lock"}, _lock_id(hass, entry))
    await answer_options(hass, page, **picked, code="2580", code_again="2580")
    lock = installation.lock
    assert await refused(hass, "unlock", lock) == "code_missing"
    assert await refused(hass, "unlock", lock, code="2581") == "code_wrong"
    assert installation.simulator.bolt() == "locked"
    await run_ahead(hass, call(hass, "unlock", lock, code="2580"))
    assert installation.simulator.bolt() == "unlocked"
    await next_second()
    await run_ahead(hass, call(hass, "lock", lock))
    assert state(hass, lock) == "locked" == installation.simulator.bolt()


def _lock_id(hass: HomeAssistant, entry: ConfigEntry) -> str:
    front = er.async_get(hass).async_get("lock.front_door")
    assert front is not None
    return front.unique_id.removeprefix(f"{entry.data['vendor']}_").removesuffix("_lock")


async def test_command_when_lock_does_not_move_fails(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    await installation.set_up(hass)
    installation.simulator.jam()
    with pytest.raises(HomeAssistantError) as caught:
        await run_ahead(hass, call(hass, "unlock", installation.lock))
    assert caught.value.translation_key
    assert state(hass, installation.lock) not in ("unlocked", "unlocking")
    assert installation.simulator.bolt() != "unlocked"


class _EntityClock:
    """Home Assistant's clock for the contexts of entities, run far ahead with the tests'."""

    @staticmethod
    def time() -> float:
        """Return unix seconds."""
        return time.time() + 10 * MONOTONIC.ahead


@pytest.fixture
def contexts(
    hass: HomeAssistant, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, str, str]]:
    """Give every change of the first lock and its events: entity, value, context."""
    # Home Assistant drops a context after five seconds.
    monkeypatch.setattr("homeassistant.helpers.entity.time", _EntityClock)
    monkeypatch.setattr("homeassistant.helpers.entity.timer", _EntityClock.time)
    seen: list[tuple[str, str, str]] = []

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        new, old = event.data["new_state"], event.data["old_state"]
        if new is not None and old is not None and new.state != old.state:
            seen.append((new.entity_id, new.state, new.context.id))

    events = installation.lock.replace("lock.", "event.") + "_activity"
    async_track_state_change_event(hass, [installation.lock, events], changed)
    return seen


async def test_command_when_it_takes_long_is_in_the_name_of_its_caller_to_the_end(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    contexts: list[tuple[str, str, str]],
) -> None:
    entry = await installation.set_up(hass)
    for service, bolt in (("unlock", "unlocked"), ("lock", "locked")):
        contexts.clear()
        context = Context()
        await run_ahead(hass, call(hass, service, installation.lock, context=context))
        own = [value for name, value, _ in contexts if name == installation.lock]
        assert own == [f"{service}ing", bolt]
        assert len(contexts) == 3
        assert {one for _, _, one in contexts} == {context.id}
    contexts.clear()
    # Somebody else, right after it.
    await installation.simulator.turn_by_hand("unlocked")
    await refresh(hass, entry)
    assert contexts
    assert all(one != context.id for _, _, one in contexts)


async def test_command_when_it_fails_is_told_in_the_name_of_its_caller(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    await installation.set_up(hass)
    failed = async_capture_events(hass, EVENT_COMMAND_FAILED)
    used = async_capture_events(hass, EVENT_ACTIVITY)
    installation.simulator.jam()
    context = Context()
    with pytest.raises(HomeAssistantError):
        await run_ahead(hass, call(hass, "unlock", installation.lock, context=context))
    (told,) = failed
    assert told.context is context
    assert told.data["entity_id"] == installation.lock
    assert told.data["action"] == "unlock"
    assert told.data["reason"] in {reason.value for reason in FailureReason}
    assert used == []


async def test_used_trigger_when_the_lock_names_nobody_is_refused(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    locks = entry.runtime_data.data.locks.values()
    names_people = all(Feature.WHO in lock.features for lock in locks)
    entity = er.async_get(hass).async_get(installation.lock)
    assert entity is not None
    for target in ({"entity_id": installation.lock}, {"device_id": [entity.device_id]}):
        used = cv.TRIGGER_SCHEMA([{"trigger": "smartlocks.used", "target": target}])
        last = cv.CONDITION_SCHEMA(
            {
                "condition": "smartlocks.last_used_by",
                "target": target,
                "options": {"who": ["Anna"]},
            }
        )
        if names_people:
            await async_validate_trigger_config(hass, used)
            await async_validate_condition_config(hass, last)
            continue
        with pytest.raises(HomeAssistantError) as caught:
            await async_validate_trigger_config(hass, used)
        assert caught.value.translation_key == "never_tells_who"
        with pytest.raises(HomeAssistantError) as caught:
            await async_validate_condition_config(hass, last)
        assert caught.value.translation_key == "never_tells_who"
    # Of what is not loaded nothing is known: it may come later.
    await hass.config_entries.async_unload(entry.entry_id)
    await async_validate_trigger_config(hass, used)


async def test_lost_credentials_ask_for_new_ones(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    installation.simulator.refuse_credentials()
    await hass.config_entries.async_reload(entry.entry_id)
    await let_pass(hass, seconds=1)
    # Where reads are few, a reload costs none.
    await refresh(hass, entry)
    assert len(reauth_flows(hass)) == 1


async def test_a_lock_out_of_reach_is_not_shown_as_locked(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    await installation.simulator.take_offline()
    for _ in range(5):
        await refresh(hass, entry)
    assert state(hass, installation.lock) in ("unavailable", "unknown")
    await installation.simulator.bring_online()
    # What a bridge or a cloud reports may be this far behind.
    await let_pass(hass, seconds=130)
    await refresh(hass, entry)
    # What a cloud says right after that may be what it heard before.
    await let_pass(hass, seconds=35)
    await refresh(hass, entry)
    assert state(hass, installation.lock) == installation.simulator.bolt()


@pytest.mark.parametrize("kind", get_args(Nonsense.__value__))
async def test_state_when_response_is_nonsense_is_not_wrong(
    hass: HomeAssistant, address: URL, installation: Installation, kind: Nonsense
) -> None:
    entry = await installation.set_up(hass)
    installation.simulator.talk_nonsense(kind)
    await refresh(hass, entry)
    await let_pass(hass, seconds=130)
    bolt = installation.simulator.bolt()
    assert state(hass, installation.lock) in ("unavailable", "unknown", bolt)
    installation.simulator.talk_nonsense(None)
    await refresh(hass, entry)
    assert state(hass, installation.lock) == installation.simulator.bolt()


async def test_a_lost_connection_is_told_and_comes_back(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    installation.simulator.drop_connections()
    await refresh(hass, entry)
    await let_pass(hass, minutes=3)
    await refresh(hass, entry)
    assert state(hass, installation.lock) == "unavailable"
    installation.simulator.drop_connections(drop=False)
    # Where each question is paid for, the next one is a while away.
    await let_pass(hass, minutes=10)
    await refresh(hass, entry)
    assert state(hass, installation.lock) == installation.simulator.bolt()


async def test_outage_is_logged_once_and_so_is_its_end(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def said(level: int) -> list[str]:
        return [
            record.getMessage()
            for record in caplog.records
            if record.name == f"custom_components.{DOMAIN}" and record.levelno >= level
        ]

    entry = await installation.set_up(hass)
    caplog.clear()
    installation.simulator.drop_connections()
    for _ in range(4):
        await refresh(hass, entry)
        await let_pass(hass, minutes=3)
    assert said(WARNING)
    assert len(said(WARNING)) == len(set(said(WARNING)))
    installation.simulator.drop_connections(drop=False)
    caplog.clear()
    for _ in range(2):
        await let_pass(hass, minutes=10)
        await refresh(hass, entry)
    assert said(WARNING) == []
    assert [text for text in said(INFO) if "can be reached again" in text] == said(INFO)[:1]


async def test_unload_when_device_is_dead_is_not_delayed(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    await installation.simulator.stop()
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert not er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)


async def told_of_devices(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, entry: ConfigEntry
) -> list[dict[str, Any]]:
    """Return the diagnostics of every device of an entry."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert devices
    return [
        dict(await get_diagnostics_for_device(hass, hass_client, entry, device))
        for device in devices
    ]


async def test_diagnostics_of_a_device_tell_of_it_alone(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    hass_client: ClientSessionGenerator,
) -> None:
    entry = await installation.set_up(hass)
    data = entry.runtime_data.data
    told = await told_of_devices(hass, hass_client, entry)
    assert all(one["entry"]["state"] == "loaded" and one["update"] for one in told)
    # One of each, told as what it is: only a hub counts calls, only a lock has a state.
    devices = [one["device"] for one in told]
    assert len([device for device in devices if "state" in device]) == len(data.locks)
    assert len([device for device in devices if "state" not in device]) == (data.hub is not None)
    assert {device["id"] for device in devices} == {"**REDACTED**"}
    texts = json.dumps([told, await get_diagnostics_for_config_entry(hass, hass_client, entry)])
    # Anybody may read what is attached to a bug report.
    names = {entry.title, str(entry.data.get("host", entry.title))}
    names |= {lock.name for lock in data.locks.values()}
    assert not [name for name in names if name in texts]


@pytest.mark.parametrize("how", ["disabled", "retried", "refused"])
async def test_diagnostics_when_entry_is_not_loaded_tell_why(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    hass_client: ClientSessionGenerator,
    how: str,
) -> None:
    entry = await installation.set_up(hass)
    if how == "disabled":
        await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    elif how == "retried":
        installation.simulator.drop_connections()
        await hass.config_entries.async_reload(entry.entry_id)
    else:
        installation.simulator.refuse_credentials()
        await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    told = dict(await get_diagnostics_for_config_entry(hass, hass_client, entry))
    assert told["entry"]["vendor"] == entry.data["vendor"]
    assert told["entry"]["state"] == entry.state.value
    assert told["entry"]["disabled"] is (how == "disabled")
    assert ("update" in told) is (entry.state is ConfigEntryState.LOADED)
    if entry.state is ConfigEntryState.SETUP_RETRY:
        assert told["entry"]["reason"]
    for one in await told_of_devices(hass, hass_client, entry):
        assert one["entry"] == told["entry"]
        assert one["registered"]["disabled"] is (how == "disabled")
    texts = json.dumps([told, await told_of_devices(hass, hass_client, entry)])
    assert not [secret for secret in installation.answers.secrets if secret in texts]


async def system_health(hass: HomeAssistant, hass_ws_client: WebSocketGenerator) -> dict[str, Any]:
    """Return what the page shows of us in the end."""
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "system_health/info"})
    assert (await client.receive_json())["success"]
    told: dict[str, Any] = {}
    while (event := (await client.receive_json())["event"])["type"] != "finish":
        if event["type"] == "initial":
            told = event["data"][DOMAIN]["info"]
        elif event["domain"] == DOMAIN:
            told[event["key"]] = event["data"]
    return told


async def test_system_health_counts_and_reaches_the_cloud_without_a_request(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    hass_ws_client: WebSocketGenerator,
) -> None:
    entry = await installation.set_up(hass)
    asked = len(installation.simulator.requests)
    told = await system_health(hass, hass_ws_client)
    locks = len(entry.runtime_data.data.locks)
    assert (told["entries"], told["locks"]) == ("1 / 1", f"{locks} / {locks}")
    assert told["last_contact"]["type"] == "date"
    assert told["push"].endswith(f"/ {int(isinstance(entry.runtime_data, PushCoordinator))}")
    assert told[f"{entry.data['vendor']}_cloud"] == "ok"
    assert len(installation.simulator.requests) == asked
    texts = json.loads(TRANSLATIONS.read_text("utf-8"))["system_health"]["info"]
    assert told.keys() <= texts.keys()


async def test_system_health_when_all_is_gone_says_so(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    hass_ws_client: WebSocketGenerator,
) -> None:
    entry = await installation.set_up(hass)
    await installation.simulator.stop()
    await hass.config_entries.async_unload(entry.entry_id)
    told = await system_health(hass, hass_ws_client)
    assert (told["entries"], told["locks"], told["last_contact"]) == ("0 / 1", "0 / 0", "-")
    cloud = told[f"{entry.data['vendor']}_cloud"]
    assert cloud == {"type": "failed", "error": "unreachable"}
    await hass.config_entries.async_set_disabled_by(entry.entry_id, ConfigEntryDisabler.USER)
    assert f"{entry.data['vendor']}_cloud" not in await system_health(hass, hass_ws_client)


async def test_secrets_in_logs_and_diagnostics_are_absent(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    entry = await installation.set_up(hass)
    await run_ahead(hass, call(hass, "unlock", installation.lock))
    installation.simulator.jam()
    with pytest.raises(HomeAssistantError) as caught:
        await run_ahead(hass, call(hass, "lock", installation.lock))
    diagnostics = json.dumps(
        [
            await get_diagnostics_for_config_entry(hass, hass_client, entry),
            await told_of_devices(hass, hass_client, entry),
        ]
    )
    told = [caplog.text, str(caught.value), diagnostics, str(hass.states.async_all())]
    secrets = [*installation.answers.secrets, entry.data.get("webhook_id", "no webhook")]
    assert secrets
    ours = "\n".join(
        record.getMessage() for record in caplog.records if "smartlocks" in record.name
    )
    for secret in secrets:
        assert secret not in ours
        assert not any(secret in text for text in told[1:])


def _others(value: Any) -> list[Any]:
    """Return values that a field of a snapshot may have instead."""
    if isinstance(value, Mapping):
        return [dict.fromkeys(Setting, is_on) for is_on in (True, False)]
    if isinstance(value, Enum):
        return [other for other in type(value) if other is not value]
    if isinstance(value, frozenset):
        return [value - {one} for one in value] or [frozenset(Setting)]
    if isinstance(value, bool | None):
        return [not value, 1, "now", datetime(2026, 1, 1, tzinfo=UTC)]
    if isinstance(value, datetime):
        return [value + timedelta(hours=1)]
    return [f"{value} now"] if isinstance(value, str) else [value + 1]


async def test_fields_that_an_entity_shows_when_they_change_are_those_it_is_told_of(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    coordinator = entry.runtime_data
    entities = [
        entity
        for platform in async_get_platforms(hass, DOMAIN)
        for entity in platform.entities.values()
        if isinstance(entity, SmartLocksEntity)
    ]
    assert entities
    known = coordinator.data
    for entity in entities:
        device = entity.snapshot
        shown = entity._async_calculate_state()
        for field in fields(device):
            if field.name in {"id", "battery_type", "status"}:
                # An id stays; words of a list that is not the entity's are no states.
                continue
            for value in _others(getattr(device, field.name)):
                other = replace(device, **{field.name: value})
                is_hub = known.hub is not None and device.id == known.hub.id
                locks = known.locks if is_hub else {**known.locks, device.id: other}
                coordinator.data = Snapshot(locks=locks, hub=other if is_hub else known.hub)
                try:
                    is_same = entity._async_calculate_state() == shown
                except AttributeError, TypeError, ValueError:
                    # It tried to show what is no value of this field.
                    is_same = False
                finally:
                    coordinator.data = known
                assert is_same or field.name in entity._shows, (entity.entity_id, field.name)


async def test_push_that_turns_a_lock_writes_the_lock_and_its_event_once_and_nothing_else(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    if not installation.answers.pushes:
        pytest.skip("does not push what it says of itself")
    await installation.set_up(hass)
    MONOTONIC.advance(120)
    simulator = installation.simulator
    for bolt in ("unlocked", "locked"):
        await asyncio.sleep(1.1)
        await simulator.turn_by_hand(bolt)
        await settle(hass)
    written: list[str] = []

    @callback
    def note(event: Event[Any]) -> None:
        written.append(event.data["entity_id"])

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    hass.bus.async_listen(EVENT_STATE_REPORTED, note, event_filter=callback(lambda _: True))
    await asyncio.sleep(1.1)
    await simulator.turn_by_hand("unlocked")
    await settle(hass)
    assert sorted(written) == ["event.front_door_activity", "lock.front_door"]
