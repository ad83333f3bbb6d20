"""The simulated Web API: its key, its status, its history."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
import json
from typing import Any

from aiohttp import ClientSession
import pytest

from .base import Bolt
from .sesame_web import API_KEY, BIKE, BOT, SECRETS, SESAME_4, SESAME_5, SesameWebSimulator
from .sesame_web.cloud import StatusWord
from .sesame_web_client import (
    LOCK,
    STRANGER,
    TAKEN,
    UNLOCK,
    VECTORS,
    Answer,
    Client,
    Clock,
)

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def simulator(clock: Clock) -> AsyncIterator[SesameWebSimulator]:
    simulator = SesameWebSimulator(pace=0.01, clock=clock)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def client(simulator: SesameWebSimulator) -> AsyncIterator[Client]:
    async with ClientSession() as session:
        yield Client(session, simulator)


async def test_status_of_the_default_devices(client: Client, clock: Clock) -> None:
    assert await client.status() == {
        "batteryPercentage": 94,
        "batteryVoltage": 5.87,
        "position": 11,
        "CHSesame2Status": "locked",
        "timestamp": int(clock.now) - 600,
        "wm2State": True,
        "isRechargeBattery": 0,
    }
    for uuid in (SESAME_4, BOT, BIKE):
        assert (await client.status(uuid))["CHSesame2Status"] == "locked"


async def test_status_with_other_fields_and_words(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.choose_fields(hub_state=False, rechargeable=False, milliseconds=True)
    status = await client.status()
    assert "wm2State" not in status
    assert "isRechargeBattery" not in status
    assert status["timestamp"] == (simulator.clock() - 600) * 1000
    simulator.set_status_word("absent")
    assert "CHSesame2Status" not in await client.status()
    words: dict[StatusWord, str | None] = {"empty": "", "null": None, "odd": "half open"}
    for wording, word in words.items():
        simulator.set_status_word(wording)
        assert (await client.status())["CHSesame2Status"] == word
    assert (await client.status(SESAME_4))["CHSesame2Status"] == "locked"
    simulator.set_status_word(None)
    assert (await client.status())["CHSesame2Status"] == "locked"


async def test_status_when_the_battery_changes(
    simulator: SesameWebSimulator, client: Client, clock: Clock
) -> None:
    simulator.set_battery(12, voltage=5.1, rechargeable=True)
    status = await client.status()
    assert (status["batteryPercentage"], status["batteryVoltage"]) == (12, 5.1)
    assert status["isRechargeBattery"] == 1
    assert status["timestamp"] == int(clock.now)


@pytest.mark.parametrize("key", [None, "", "wrong", API_KEY.lower()])
async def test_call_with_a_wrong_key_is_refused_and_not_counted(
    simulator: SesameWebSimulator, client: Client, key: str | None
) -> None:
    client.headers = {} if key is None else {"x-api-key": key}
    refusal = (403, {"message": "Forbidden"})
    assert await client.get(SESAME_5) == refusal
    assert await client.get(f"{SESAME_5}/history?page=0&lg=1") == refusal
    assert await client.command(UNLOCK) == refusal
    assert simulator.calls == 0
    assert simulator.commands == {}


def test_api_key_is_as_long_as_the_vendors() -> None:
    assert len(API_KEY) == 40


async def test_call_when_key_plan_or_cloud_fail(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.refuse_credentials()
    assert await client.get(SESAME_5) == (403, {"message": "Forbidden"})
    simulator.accept_credentials()
    assert (await client.get(SESAME_5))[0] == 200
    simulator.exceed_plan()
    assert await client.get(SESAME_5) == (403, {"message": "Forbidden"})
    simulator.exceed_plan(exceeded=False)
    simulator.break_down()
    assert await client.get(SESAME_5) == (500, {"message": "Internal server error"})


async def test_call_when_the_quota_is_used_up_is_refused(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.set_quota(3)
    await client.status()
    await client.history()
    assert await client.command(UNLOCK) == TAKEN
    assert simulator.calls == 3
    refusal = (429, {"message": "Limit Exceeded"})
    assert await client.get(SESAME_5) == refusal
    assert await client.get(f"{SESAME_5}/history?page=0&lg=1") == refusal
    assert await client.command(LOCK) == refusal
    assert simulator.commands == {SESAME_5: 1}
    simulator.begin_month()
    await client.status()
    simulator.set_quota(1000, used=1000, text="Too Many Requests")
    assert await client.get(SESAME_5) == (429, {"message": "Too Many Requests"})
    simulator.set_quota(None)
    await client.status()
    simulator.use_up_quota()
    assert (await client.get(SESAME_5))[0] == 429


@pytest.mark.parametrize("uuid", [STRANGER, SESAME_5.lower(), "door"])
async def test_call_for_an_unknown_device_is_answered_500(
    simulator: SesameWebSimulator, client: Client, uuid: str
) -> None:
    unknown = (500, {"message": "Internal server error"})
    assert await client.get(uuid) == unknown
    assert await client.get(f"{uuid}/history") == unknown
    assert await client.command(LOCK, uuid, secret=SECRETS[SESAME_5]) == unknown
    simulator.answer_unknown_devices(404)
    assert await client.get(uuid) == (404, {"message": "Not Found"})


async def test_call_for_a_device_never_online_is_answered_500(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.never_online(SESAME_4)
    assert await client.get(SESAME_4) == (500, {"message": "Internal server error"})
    assert (await client.get(f"{SESAME_4}/history"))[0] == 500
    assert await client.command(UNLOCK, SESAME_4) == TAKEN
    await simulator.bring_online(SESAME_4)
    assert (await client.status(SESAME_4))["wm2State"] is True


async def test_bolt_when_turned_by_hand_is_reported(
    simulator: SesameWebSimulator, client: Client
) -> None:
    words: dict[Bolt, str] = {"unlocked": "unlocked", "unknown": "moved", "locked": "locked"}
    for bolt, word in words.items():
        await simulator.turn_by_hand(bolt)
        assert (await client.status())["CHSesame2Status"] == word
        assert simulator.bolt() == bolt
    assert [entry["type"] for entry in await client.history(length=3)] == [7, 9, 8]
    with pytest.raises(ValueError, match="unknown"):
        await simulator.turn_by_hand("open")


async def test_history_entries_have_the_fields_of_the_api(
    simulator: SesameWebSimulator, client: Client, clock: Clock
) -> None:
    await simulator.turn_by_hand("unlocked")
    newest = {
        "type": 8,
        "timeStamp": clock.now,
        "historyTag": None,
        "recordID": 6,
        "parameter": None,
    }
    entries = await client.history()
    assert entries[0] == newest
    assert [entry["type"] for entry in entries] == [8, 10, 16, 11, 2]
    assert [entry["recordID"] for entry in entries] == [6, 4, 3, 2, 1]
    assert b64decode(entries[-1]["historyTag"]) == b"Robin"
    person = b64decode(entries[2]["historyTag"])
    assert (len(person), person[:2]) == (18, b"\x00\x0c")
    simulator.choose_fields(milliseconds=True, device_pk=True)
    entry = (await client.history(length=1))[0]
    assert entry == {**newest, "timeStamp": int(clock.now * 1000), "devicePk": SESAME_5}


async def test_history_pages_count_from_zero(simulator: SesameWebSimulator, client: Client) -> None:
    for number in range(60):
        simulator.add_history(2, text=f"Guest {number}", ago=60 - number, lock_id=SESAME_4)
    first = await client.history(SESAME_4, length=100)
    assert len(first) == 50
    second = await client.history(SESAME_4, page=1)
    assert len(second) == 10
    assert await client.history(SESAME_4, page=2) == []
    assert [b64decode(entry["historyTag"]) for entry in (first[0], second[-1])] == [
        b"Guest 59",
        b"Guest 0",
    ]
    assert len(await client.history(SESAME_4, length=3)) == 3
    assert (await client.get(f"{SESAME_4}/history?page=x"))[0] == 400


async def test_history_with_odd_entries(simulator: SesameWebSimulator, client: Client) -> None:
    tag = VECTORS["biz_history_user_tag"]
    simulator.add_history(250, tag=tag["base64"])
    simulator.add_history(90)
    newest, older = await client.history(length=2)
    assert (newest["type"], newest["historyTag"]) == (90, None)
    assert (older["type"], older["historyTag"]) == (250, tag["base64"])
    with pytest.raises(ValueError, match="21 bytes"):
        simulator.add_history(2, text="x" * 22)
    await client.command(UNLOCK, tag=b"y" * 30)
    await client.command(LOCK, tag=b"")
    assert [entry["historyTag"] for entry in await client.history(length=2)] == [
        "",
        b64encode(b"y" * 21).decode(),
    ]
    simulator.restart_lock()
    simulator.add_history(1)
    assert (await client.history(length=1))[0]["recordID"] == 1


async def test_answer_when_malformed(simulator: SesameWebSimulator, client: Client) -> None:
    simulator.malform("status", "wrong_fields")
    assert (await client.status())["CHSesame2Status"] == 1
    simulator.malform("history", "object")
    assert await client.history() == {"items": []}
    simulator.malform("command", "wrong_fields")
    assert await client.command(UNLOCK) == (200, {"statusCode": "200 OK"})
    simulator.malform("status", "odd_side_fields")
    status = await client.status()
    assert (status["CHSesame2Status"], status["wm2State"]) == ("unlocked", 1)
    simulator.malform("history", "one_odd_entry")
    assert [entry["recordID"] for entry in await client.history()] == [10**400, 1]
    simulator.malform("history", "truncated")
    with pytest.raises(json.JSONDecodeError):
        await client.history()
    simulator.malform("history", None)
    assert await client.history()
    with pytest.raises(ValueError, match="no malformed answer"):
        simulator.malform("status", "poetry")


async def test_devices_when_added_and_removed(
    simulator: SesameWebSimulator, client: Client
) -> None:
    assert simulator.lock_ids == [SESAME_5, SESAME_4]
    assert simulator.device_ids == [SESAME_5, SESAME_4, BOT, BIKE]
    simulator.add_device("sesame_2", "Cellar", STRANGER, "00" * 16)
    assert (await client.status(STRANGER))["timestamp"] == int(simulator.clock())
    await client.command(UNLOCK, SESAME_4)
    simulator.remove_device(SESAME_4)
    assert (await client.get(SESAME_4))[0] == 500
    assert [device["name"] for device in simulator.list_devices()] == [
        "Front door",
        "Garage button",
        "Bicycle",
        "Cellar",
    ]


async def test_verbs_are_called_over_http(simulator: SesameWebSimulator) -> None:
    async def tell(verb: str, **arguments: Any) -> Answer:
        async with session.post(simulator.url / "_simulator" / verb, json=arguments) as answer:
            return answer.status, await answer.json()

    async with ClientSession() as session:
        assert await tell("turn_by_hand", bolt="unlocked") == (200, {"result": None})
        assert await tell("count_commands") == (200, {"result": 0})
        assert (await tell("share_link", form="raw"))[1]["result"].startswith("ssm://")
        assert len((await tell("list_devices"))[1]["result"]) == 4
        assert (await tell("take_offline", lock_id=STRANGER))[0] == 400
        async with session.get(simulator.url / "_simulator") as answer:
            told = await answer.json()
    assert told["locks"] == {SESAME_5: "unlocked", SESAME_4: "locked"}
    assert simulator.calls == 0


async def test_status_when_delayed_shows_the_old_state_until_the_lag_is_over(
    simulator: SesameWebSimulator, client: Client, clock: Clock
) -> None:
    simulator.delay_status(20)
    changed = clock.now
    await simulator.turn_by_hand("unlocked")
    assert simulator.bolt() == "unlocked"
    assert (await client.status())["CHSesame2Status"] == "locked"
    assert (await client.history(length=1))[0]["type"] == 8
    await simulator.rest(30)
    status = await client.status()
    assert (status["CHSesame2Status"], status["timestamp"]) == ("unlocked", int(changed))


async def test_status_when_a_late_report_is_older_than_the_last_is_not_overwritten(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.delay_status(20)
    await simulator.turn_by_hand("unlocked")
    simulator.delay_status(0)
    await simulator.turn_by_hand("locked")
    await simulator.rest(30)
    assert (await client.status())["CHSesame2Status"] == "locked"


async def test_hub_state_when_delayed_is_noticed_late(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.delay_status(20)
    await simulator.take_offline()
    assert (await client.status())["wm2State"] is True
    await simulator.rest(30)
    assert (await client.status())["wm2State"] is False


async def test_history_when_delayed_comes_late(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.delay_history(20)
    await simulator.turn_by_hand("unlocked")
    assert (await client.status())["CHSesame2Status"] == "unlocked"
    assert (await client.history(length=1))[0]["type"] == 10
    await simulator.rest(30)
    assert (await client.history(length=1))[0]["type"] == 8


async def test_one_lock_when_it_fails_leaves_the_others(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.fail_lock(SESAME_5, "error")
    assert await client.get(SESAME_5) == (500, {"message": "Internal server error"})
    assert (await client.get(f"{SESAME_5}/history"))[0] == 500
    await client.status(SESAME_4)
    simulator.fail_lock(SESAME_5, "unavailable", endpoint="history")
    await client.status()
    assert (await client.get(f"{SESAME_5}/history"))[0] == 503
    simulator.fail_lock(SESAME_5, None)
    assert await client.history()
    with pytest.raises(ValueError, match="fault is one of"):
        simulator.fail_lock(SESAME_5, "poetry")  # type: ignore[arg-type]


async def test_one_lock_when_it_fails_once_answers_again(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.fail_lock(SESAME_5, "garbled", times=1)
    with pytest.raises(json.JSONDecodeError):
        await client.status()
    await client.status()


async def test_one_lock_when_silent_never_answers(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.fail_lock(SESAME_5, "silent", endpoint="command")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.command(UNLOCK), 0.2)
    assert [one.outcome for one in simulator.received] == ["obeyed"]


async def test_call_when_the_quota_is_used_up_may_be_answered_403(
    simulator: SesameWebSimulator, client: Client
) -> None:
    simulator.use_up_quota(status=403)
    assert await client.get(SESAME_5) == (403, {"message": "Forbidden"})
    simulator.begin_month()
    await client.status()
