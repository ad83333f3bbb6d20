"""What becomes of a command: done, refused, failed, or not known; never sent twice."""

import asyncio

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.sesame_v3 import commander
from tests.simulators.sesame_v3 import FRONT_DOOR, SesameV3Simulator
from tests.vendors.home import (
    call,
    issues,
    let_pass,
    reauth_flows,
    record,
    refused,
    run_ahead,
    settle,
    state,
)
from tests.vendors.sesame_v3.home import LOCK, SYNC, asked, reads, set_up


async def test_a_command_is_on_its_way_and_then_done(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    seen = record(hass, LOCK)
    before = reads(cloud, FRONT_DOOR)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert seen[:2] == ["unlocking", "unlocked"]
    assert cloud.bolt() == "unlocked"
    assert cloud.lock().commands == ["unlock"]
    assert reads(cloud, FRONT_DOOR) == before
    found = hass.states.get(LOCK)
    assert found is not None
    assert found.attributes["changed_by"] == "Home Assistant"
    event = hass.states.get("event.front_door_activity")
    assert event is not None
    assert event.attributes["event_type"] == "unlocked"
    assert event.attributes["method"] == "remote"
    assert event.attributes["user"] == "Home Assistant"


async def test_a_task_that_takes_its_time(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.take_time(30)
    cloud.show_tasks_late(10)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"
    assert cloud.lock().commands == ["unlock"]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("BAD_PARAMS", "sesame_v3_bad_params"),
        ("CLOUD_INTEGRATION_NOT_ENABLED", "sesame_v3_integration_off"),
        ("LOW_BATTERY", "sesame_v3_low_battery"),
        ("DEVICE_IS_BUSY 90", "sesame_v3_busy_for"),
        ("UNAUTHORIZED", "sesame_v3_key_refused"),
        ("THROTTLED", "sesame_v3_throttled"),
        ("INTERNAL_ERROR", "sesame_v3_server"),
        ("NEVER_SEEN", "sesame_v3_not_understood"),
    ],
)
async def test_every_refusal_has_its_sentence_and_is_followed_by_one_read(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, error: str, sentence: str
) -> None:
    await set_up(hass)
    before = reads(cloud, FRONT_DOOR)
    cloud.answer_error(error, endpoint="command")
    assert await refused(hass, "unlock", LOCK) == sentence
    assert asked(cloud, "/action-result") == 0
    assert len([one for one in cloud.requests if one.method == "POST"]) == 1
    assert reads(cloud, FRONT_DOOR) == before + 1
    assert state(hass, LOCK) == "locked"
    assert bool(reauth_flows(hass)) is (error == "UNAUTHORIZED")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("BAD_PARAMS", "sesame_v3_bad_params"),
        ("CLOUD_INTEGRATION_NOT_ENABLED", "sesame_v3_integration_off"),
        ("LOW_BATTERY", "sesame_v3_low_battery"),
        ("DEVICE_IS_BUSY", "sesame_v3_busy"),
        ("DEVICE_IS_BUSY 35", "sesame_v3_busy_for"),
        ("INTERNAL_ERROR", "sesame_v3_server"),
        ("Forbidden", "sesame_v3_blocked"),
        ("NEVER_SEEN", "sesame_v3_task_failed"),
    ],
)
async def test_every_failure_of_a_task_has_its_sentence(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, error: str, sentence: str
) -> None:
    await set_up(hass)
    before = reads(cloud, FRONT_DOOR)
    cloud.fail_tasks(error)
    assert await refused(hass, "unlock", LOCK) == sentence
    assert cloud.lock().commands == ["unlock"]
    assert reads(cloud, FRONT_DOOR) == before + 1
    assert state(hass, LOCK) == "locked"


async def test_a_task_that_fails_without_a_word(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.jam()
    assert await refused(hass, "unlock", LOCK) == "sesame_v3_task_failed"
    assert state(hass, LOCK) == "locked"


async def test_a_task_that_never_ends(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.hang_tasks()
    assert await refused(hass, "unlock", LOCK) == "sesame_v3_not_confirmed"
    # After 3 seconds, and then every 2.
    assert asked(cloud, "/action-result") == 30
    assert cloud.lock().commands == ["unlock"]


async def test_a_task_that_is_forgotten(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.cloud.tasks.kept_for = 0.0
    assert await refused(hass, "unlock", LOCK) == "sesame_v3_task_unknown"
    # Yet it was carried out, and the read afterwards tells.
    assert state(hass, LOCK) == "unlocked" == cloud.bolt()
    found = hass.states.get(LOCK)
    assert found is not None
    assert found.attributes.get("changed_by") is None


@pytest.mark.parametrize("kind", ["missing_fields", "wrong_fields", "odd_status", "html"])
async def test_a_result_nobody_understands_is_no_success(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator, kind: str
) -> None:
    await set_up(hass)
    cloud.jam()
    cloud.malform("result", kind)
    assert await refused(hass, "unlock", LOCK) == "sesame_v3_result_unread"
    assert state(hass, LOCK) == "locked"


async def test_a_throttled_result_is_asked_for_less_often(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.answer_error("THROTTLED", endpoint="result")
    assert await refused(hass, "unlock", LOCK) == "sesame_v3_result_unread"
    assert asked(cloud, "/action-result") == 16
    assert state(hass, LOCK) == "unlocked"


async def test_slow_answers_do_not_make_a_command_last(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameV3Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await set_up(hass)
    monkeypatch.setattr(commander, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(commander, "PAUSE", 0.01)
    monkeypatch.setattr(commander, "PATIENCE", 0.5)
    cloud.hang_tasks()
    cloud.answer_after(0.2)
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, "unlock", LOCK)
    assert caught.value.translation_key == "sesame_v3_not_confirmed"
    assert asked(cloud, "/action-result") <= 3


async def test_an_order_without_an_answer_is_not_sent_again(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.drop_connections(after=True)
    assert await refused(hass, "unlock", LOCK) == "sesame_v3_unanswered"
    assert cloud.lock().commands == ["unlock"]
    # Nobody knows: not what was true before, and not what was asked for.
    assert state(hass, LOCK) == "unknown"
    cloud.drop_connections(drop=False)
    await let_pass(hass, seconds=70)
    assert state(hass, LOCK) == "unlocked"


async def test_a_cloud_that_cannot_be_reached(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    await cloud.stop()
    assert await refused(hass, "unlock", LOCK) == "sesame_v3_no_answer"
    assert state(hass, LOCK) == "unknown"


@pytest.mark.parametrize(("style", "seconds"), [("space", 35), ("colon", 35), ("plain", None)])
async def test_a_busy_lock_is_waited_for(
    hass: HomeAssistant,
    address: URL,
    cloud: SesameV3Simulator,
    style: str,
    seconds: int | None,
) -> None:
    await set_up(hass)
    cloud.keep_busy(seconds, style=style, lasts=0.2)  # type: ignore[arg-type]
    await run_ahead(hass, call(hass, "unlock", LOCK), seconds=200)
    assert state(hass, LOCK) == "unlocked"
    assert cloud.lock().commands == ["unlock"]


async def test_a_busy_lock_is_waited_for_a_minute_at_most(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.keep_busy(None)
    assert await refused(hass, "unlock", LOCK) == "sesame_v3_busy"
    assert len([one for one in cloud.requests if one.method == "POST"]) == 13


async def test_a_call_that_is_given_up_is_not_sent_later(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.keep_busy(35)
    task = asyncio.create_task(call(hass, "unlock", LOCK))
    await asyncio.sleep(0.1)
    assert [one.method for one in cloud.requests].count("POST") == 1
    assert state(hass, LOCK) == "unlocking"
    task.cancel()
    await asyncio.wait([task])
    cloud.end_busy()
    await let_pass(hass, seconds=40)
    assert cloud.lock().commands == []
    # The movement that was shown ends with a read.
    await let_pass(hass, seconds=160)
    assert state(hass, LOCK) == "locked"


async def test_synchronize(hass: HomeAssistant, address: URL, cloud: SesameV3Simulator) -> None:
    await set_up(hass)
    await cloud.take_offline()
    await let_pass(hass, seconds=70)
    assert state(hass, LOCK) == "unavailable"
    cloud.lock().locked = False
    await cloud.bring_online(needs_sync=True)
    await run_ahead(hass, call(hass, "press", SYNC))
    assert cloud.lock().commands == ["sync", "sync"]
    assert state(hass, LOCK) == "unlocked"


async def test_synchronize_that_fails(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    before = reads(cloud, FRONT_DOOR)
    cloud.fail_tasks("LOW_BATTERY")
    assert await refused(hass, "press", SYNC) == "sesame_v3_low_battery"
    assert reads(cloud, FRONT_DOOR) == before + 1


async def test_a_block_in_the_middle_of_a_command(
    hass: HomeAssistant, address: URL, cloud: SesameV3Simulator
) -> None:
    await set_up(hass)
    cloud.answer_error("ACCESS_DENY", endpoint="result")
    before = asked(cloud)
    assert await refused(hass, "unlock", LOCK) == "sesame_v3_blocked"
    assert asked(cloud) == before + 2
    assert state(hass, LOCK) == "unknown"
    assert issues(hass) == {"sesame_v3_blocked"}
    assert await refused(hass, "lock", LOCK) == "sesame_v3_blocked"
    assert asked(cloud) == before + 2
    await settle(hass)
