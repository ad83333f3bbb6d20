"""Commands: posted once, looked after twice, and done only when the device is seen to have."""

from homeassistant.core import HomeAssistant
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.sesame_web import commander
from tests.simulators.sesame_web import BIKE, BOT, SECRETS, SESAME_4, SESAME_5, SesameWebSimulator
from tests.vendors.home import call, reauth_flows, record, refused, run_ahead, state
from tests.vendors.sesame_web.home import BACK, LOCK, PRESS, UNLOCK_BIKE, asked, edit, gone, set_up


async def test_a_command_is_on_its_way_and_then_confirmed(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    seen = record(hass, LOCK)
    reads = asked(cloud, SESAME_5)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert asked(cloud, SESAME_5) - reads == 1
    await run_ahead(hass, call(hass, "lock", LOCK))
    assert seen == ["unlocking", "unlocked", "locking", "locked"]
    assert [one.number for one in cloud.received] == [83, 82]
    assert {one.tag for one in cloud.received} == {b"Home Assistant"}


async def test_a_command_to_the_state_it_is_in_is_sent(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    await run_ahead(hass, call(hass, "lock", LOCK))
    assert [one.number for one in cloud.received] == [82]
    assert state(hass, LOCK) == "locked"


async def test_the_second_look_sees_a_slow_lock(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commander, "PAUSES", (0.0, 7.0))
    cloud.hub.travel = 20.0
    await set_up(hass)
    reads = asked(cloud, SESAME_5)
    task = hass.async_create_task(call(hass, "unlock", LOCK))
    while cloud.bolt() != "unlocked":
        await cloud.rest(1)
    await run_ahead(hass, task)
    assert asked(cloud, SESAME_5) - reads == 2
    assert state(hass, LOCK) == "unlocked"


async def test_a_wrong_secret_is_taken_and_does_nothing(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    wrong = SECRETS[SESAME_4]
    await edit(hass, entry, name="Front door", product="sesame_5", secret=wrong)
    reads = asked(cloud, SESAME_5)
    assert await refused(hass, "unlock", LOCK) == "sesame_web_not_confirmed"
    assert [one.outcome for one in cloud.received] == ["bad_sign"]
    # What was seen stands; nothing more is asked.
    assert state(hass, LOCK) == "locked"
    assert asked(cloud, SESAME_5) - reads == 2


@pytest.mark.parametrize(
    ("says", "error"), [(True, "sesame_web_hub_offline"), (False, "sesame_web_not_confirmed")]
)
async def test_a_hub_that_is_offline(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator, error: str, *, says: bool
) -> None:
    cloud.choose_fields(hub_state=says)
    await set_up(hass)
    await cloud.take_offline()
    assert await refused(hass, "unlock", LOCK) == error
    assert state(hass, LOCK) == ("unavailable" if says else "locked")


async def test_a_hub_that_is_offline_and_told_of_at_once(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    cloud.answer_commands(offline=404)
    await set_up(hass)
    await cloud.take_offline()
    assert await refused(hass, "unlock", LOCK) == "sesame_web_not_found"
    # It is read, and says so itself.
    assert state(hass, LOCK) == "unavailable"


async def test_a_command_that_is_not_accepted(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    cloud.answer_commands(status_code=400)
    reads = asked(cloud, SESAME_5)
    assert await refused(hass, "unlock", LOCK) == "sesame_web_not_accepted"
    assert state(hass, LOCK) == "locked"
    assert asked(cloud, SESAME_5) - reads == 1


async def test_command_answered_with_status_code_500_that_moved_is_confirmed(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    cloud.answer_commands(status_code=500, moved=True)
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"
    assert len(cloud.received) == 1


async def test_an_empty_answer_is_as_good(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    cloud.answer_commands(body="empty")
    await run_ahead(hass, call(hass, "unlock", LOCK))
    assert state(hass, LOCK) == "unlocked"


async def test_an_answer_that_is_lost_is_looked_into_and_nothing_resent(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    cloud.drop_connections(after=True)
    task = hass.async_create_task(call(hass, "unlock", LOCK))
    while not cloud.received:
        await cloud.rest(1)
    cloud.drop_connections(drop=False)
    await run_ahead(hass, task)
    assert state(hass, LOCK) == "unlocked"
    assert len(cloud.received) == 1


async def test_a_command_nobody_could_look_after(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    task = hass.async_create_task(refused(hass, "unlock", LOCK))
    while not cloud.received:
        await cloud.rest(1)
    cloud.drop_connections()
    assert await task == "sesame_web_unread"
    assert state(hass, LOCK) == "unknown"


async def test_a_cloud_that_is_gone_gets_no_command(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    entry = await set_up(hass)
    await gone(cloud)
    calls = entry.runtime_data.data.hub.calls
    assert await refused(hass, "unlock", LOCK) == "sesame_web_no_answer"
    # Nothing left the house: what was known is still so, and nothing is counted.
    assert state(hass, LOCK) == "locked"
    assert entry.runtime_data.data.hub.calls == calls


async def test_a_key_that_dies_between_command_and_look(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    task = hass.async_create_task(refused(hass, "unlock", LOCK))
    while not cloud.received:
        await cloud.rest(1)
    cloud.refuse_credentials()
    assert await task == "sesame_web_forbidden"
    assert state(hass, LOCK) == "unknown"
    assert len(reauth_flows(hass)) == 1


async def test_a_key_that_is_refused(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass)
    cloud.refuse_credentials()
    assert await refused(hass, "unlock", LOCK) == "sesame_web_forbidden"
    assert state(hass, LOCK) == "locked"
    assert len(reauth_flows(hass)) == 1


async def test_a_bot_presses_and_shows_it(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, BOT)
    await run_ahead(hass, call(hass, "press", PRESS))
    assert cloud.device(BOT).clicks == 1
    assert [one.number for one in cloud.received] == [89]


async def test_a_bot_that_fails(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, BOT)
    cloud.jam(lock_id=BOT)
    assert await refused(hass, "press", PRESS) == "sesame_web_press_failed"
    await cloud.take_offline(BOT)
    assert await refused(hass, "press", PRESS) == "sesame_web_not_confirmed"
    assert cloud.device(BOT).clicks == 0


async def test_a_bot_whose_history_cannot_be_read_is_not_pressed(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, BOT)
    cloud.malform("history", "object")
    assert await refused(hass, "press", PRESS) == "sesame_web_not_understood"
    assert cloud.received == []


async def test_a_bike_is_unlocked(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, BIKE)
    await run_ahead(hass, call(hass, "press", UNLOCK_BIKE))
    assert state(hass, "binary_sensor.bicycle_lock") == "on"
    assert [one.number for one in cloud.received] == [83]
    await cloud.turn_by_hand("locked", BIKE)
    cloud.jam(lock_id=BIKE)
    assert await refused(hass, "press", UNLOCK_BIKE) == "sesame_web_not_confirmed"
    assert state(hass, "binary_sensor.bicycle_lock") == "off"


async def test_two_locks_move_at_once(
    hass: HomeAssistant, address: URL, cloud: SesameWebSimulator
) -> None:
    await set_up(hass, SESAME_4)
    tasks = [hass.async_create_task(call(hass, "unlock", name)) for name in (LOCK, BACK)]
    for task in tasks:
        await run_ahead(hass, task)
    assert (state(hass, LOCK), state(hass, BACK)) == ("unlocked", "unlocked")
