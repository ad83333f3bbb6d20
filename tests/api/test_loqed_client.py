"""The client of a bridge, against its simulator and against servers that answer oddly."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass
import struct
import time
from typing import Any

from aiohttp import ClientSession
import pytest
from yarl import URL

from custom_components.smartlocks.http import one_connection_per_request
from custom_components.smartlocks.request_queue import RequestQueue
from custom_components.smartlocks.vendors.loqed import api
from tests.api.loqed_helpers import (
    DEEPLY_NESTED,
    HUGE_NUMBER,
    KEYS,
    TOO_LARGE,
    VECTORS,
    not_accepting,
    serving,
)
from tests.simulators.loqed import LoqedSimulator

OUR_URL = "http://192.0.2.7:8123/api/webhook/abc"


@dataclass(slots=True)
class Clock:
    """A clock that a test sets."""

    now: float

    def __call__(self) -> float:
        """Return what it shows."""
        return self.now


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[ClientSession]:
    async with one_connection_per_request() as session:
        yield session


@pytest.fixture
def bridge(loqed: LoqedSimulator, session: ClientSession) -> api.Bridge:
    return connect(session, loqed.url)


def connect(session: ClientSession, url: URL, **options: Any) -> api.Bridge:
    return api.Bridge(session, url, KEYS, queue=RequestQueue(), **options)


def signed_seconds(loqed: LoqedSimulator) -> list[int]:
    """Return the time stamps of the commands that were sent, in order."""
    messages = [sent.query["command_signed_base64"] for sent in loqed.server.sent("/to_lock")]
    return [struct.unpack(">Q", b64decode(message)[10:18])[0] for message in messages]


# Reading the status.


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"lock_online": True, "position": api.Position.NIGHT_LOCK}),
        ({"bolt_state": "OPEN"}, {"position": api.Position.OPEN}),
        ({"bolt_state": "elsewhere"}, {"position": api.Position.UNKNOWN}),
        ({"lock_online": "0"}, {"lock_online": False}),
        ({"lock_online": False}, {"lock_online": False}),
        ({"lock_online": "yes"}, {"lock_online": True}),
        ({"lock_online": []}, {"lock_online": True}),
        ({"lock_online": None}, {"lock_online": True}),
        ({"battery_percentage": -1}, {"lock_online": False, "battery": None}),
        ({"battery_percentage": "-1"}, {"lock_online": False, "battery": None}),
        ({"battery_percentage": "57"}, {"battery": 57}),
        ({"battery_percentage": 300}, {"battery": None}),
        ({"battery_percentage": HUGE_NUMBER}, {"battery": None, "lock_online": True}),
        ({"battery_percentage": "n/a"}, {"battery": None, "lock_online": True}),
        ({"battery_percentage": True}, {"battery": None, "lock_online": True}),
        ({"battery_type": {}}, {"battery_type": None}),
        ({"battery_type": 1.5}, {"battery_type": None}),
        ({"battery_voltage": "10.814"}, {"voltage": 10.814}),
        ({"battery_voltage": 0}, {"voltage": None}),
        ({"battery_voltage": 1e300}, {"voltage": None}),
        ({"wifi_strength": 77.5}, {"wifi_strength": None}),
        ({"wifi_strength": "1e2"}, {"wifi_strength": None}),
        ({"ble_strength": [60]}, {"bluetooth_strength": None}),
        ({"up_timestamp": 10**30}, {"started_at": None}),
        ({"up_timestamp": None}, {"started_at": None}),
        ({"up_timestamp": "yesterday"}, {"started_at": None}),
        ({"webhooks_number": "3"}, {"webhooks_number": 3}),
        ({"webhooks_number": -3}, {"webhooks_number": None}),
        ({"webhooks_number": HUGE_NUMBER}, {"webhooks_number": None}),
        ({"bridge_mac_wifi": "AA:BB:CC:DD:EE:FF"}, {"mac_wifi": "aabbccddeeff"}),
        ({"bridge_mac_wifi": 7, "mac_wifi": "aabbccddeeff"}, {"mac_wifi": "aabbccddeeff"}),
        ({"bridge_mac_wifi": "somewhere"}, {"mac_wifi": None}),
        ({"bridge_mac_ble": None, "mac_bluetooth": "aabbccddeef1"}, {"mac_ble": "aabbccddeef1"}),
    ],
)
async def test_status_when_a_field_is_odd_then_the_others_are_read(
    loqed: LoqedSimulator, bridge: api.Bridge, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    loqed.status_fields(fields)
    status = await bridge.status()
    expected = {"position": api.Position.NIGHT_LOCK} | expected
    assert {name: getattr(status, name) for name in expected} == expected


@pytest.mark.parametrize("state", [7, None, "", [], {"a": 1}])
async def test_status_when_bolt_state_is_unusable_then_error(
    loqed: LoqedSimulator, bridge: api.Bridge, state: object
) -> None:
    loqed.status_fields({"bolt_state": state})
    with pytest.raises(api.LoqedResponseError) as caught:
        await bridge.status()
    assert caught.value.status == 200


async def test_status_when_the_bridge_tells_the_time_then_date_is_its_clock(
    loqed: LoqedSimulator, bridge: api.Bridge
) -> None:
    assert (await bridge.status()).date is None
    loqed.send_date()
    loqed.skew_clock(-600)
    assert (await bridge.status()).date == pytest.approx(time.time() - 600, abs=3)


async def test_status_when_the_bridge_restarted_then_started_at_is_now(
    loqed: LoqedSimulator, bridge: api.Bridge
) -> None:
    await loqed.restart_bridge(seconds=1)
    status = await bridge.status()
    assert status.started_at is not None
    assert status.started_at.timestamp() == pytest.approx(time.time(), abs=3)
    assert status.position is api.Position.UNKNOWN


@pytest.mark.parametrize("kind", ["html", "empty", "truncated", "array", "wrong_types"])
async def test_reads_when_the_response_is_nonsense_then_error(
    loqed: LoqedSimulator, bridge: api.Bridge, kind: Any
) -> None:
    loqed.talk_nonsense(kind)
    with pytest.raises(api.LoqedResponseError):
        await bridge.status()
    if kind == "array":
        assert await bridge.webhooks() == ()
        return
    with pytest.raises(api.LoqedResponseError):
        await bridge.webhooks()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (DEEPLY_NESTED, 200),
        (b"[" * 100_000, 200),
        (b'"' + b'\\"' * 100_000, 200),
        (TOO_LARGE, None),
    ],
)
async def test_reads_when_the_response_is_deep_or_large_then_error_at_once(
    session: ClientSession, body: bytes, status: int | None
) -> None:
    async with serving(body) as server:
        bridge = connect(session, server.url)
        started = time.monotonic()
        for read in (bridge.status, bridge.webhooks):
            with pytest.raises(api.LoqedResponseError) as caught:
                await read()
            assert caught.value.status == status
        assert time.monotonic() - started < 2


@pytest.mark.parametrize("status", [204, 302, 404, 500])
async def test_requests_when_the_status_is_not_200_then_error_with_it(
    session: ClientSession, status: int
) -> None:
    async with serving(status=status) as server:
        bridge = connect(session, server.url)
        for call in (bridge.status(), bridge.webhooks(), bridge.command(api.Command.LOCK)):
            with pytest.raises(api.LoqedResponseError) as caught:
                await call
            assert caught.value.status == status
            assert caught.value.may_have_arrived


# Webhooks.


async def test_webhooks_when_created_and_deleted_then_listed_accordingly(
    loqed: LoqedSimulator, bridge: api.Bridge
) -> None:
    assert await bridge.webhooks() == ()
    await bridge.create_webhook(OUR_URL)
    (hook,) = await bridge.webhooks()
    assert (hook.url, hook.triggers) == (OUR_URL, api.ALL_TRIGGERS)
    assert OUR_URL not in repr(hook)
    await bridge.delete_webhook(hook.id)
    await bridge.delete_webhook(hook.id)
    assert loqed.webhook_urls == []


async def test_create_when_refused_then_bridge_full_and_nothing_done(
    loqed: LoqedSimulator, bridge: api.Bridge
) -> None:
    loqed.limit_webhooks(0)
    with pytest.raises(api.LoqedBridgeFullError) as caught:
        await bridge.create_webhook(OUR_URL)
    assert not caught.value.may_have_arrived
    assert loqed.webhook_urls == []


async def test_delete_when_it_fails_then_error(loqed: LoqedSimulator, bridge: api.Bridge) -> None:
    await bridge.create_webhook(OUR_URL)
    (hook,) = await bridge.webhooks()
    loqed.fail_deletes()
    with pytest.raises(api.LoqedResponseError) as caught:
        await bridge.delete_webhook(hook.id)
    assert caught.value.status == 500


@pytest.mark.parametrize(
    ("entry", "url", "triggers"),
    [
        ({"id": 90}, "", frozenset()),
        ({"id": "90", "url": None}, "", frozenset()),
        ({"id": 90, "url": 7, "trigger_battery": 1}, "", {api.Trigger.BATTERY}),
        (
            {"id": 90, "url": "http://a/", "trigger_battery": True, "trigger_online_status": "1"},
            "http://a/",
            {api.Trigger.BATTERY, api.Trigger.ONLINE_STATUS},
        ),
        (
            {"id": 90, "url": "http://a/", "trigger_battery": [1], "trigger_online_status": 0.5},
            "http://a/",
            frozenset(),
        ),
    ],
)
async def test_list_when_an_entry_is_odd_then_it_is_kept_and_ours_is_found(
    loqed: LoqedSimulator, bridge: api.Bridge, entry: object, url: str, triggers: frozenset[Any]
) -> None:
    loqed.add_odd_webhook(entry)
    await bridge.create_webhook(OUR_URL)
    ours, foreign = await bridge.webhooks()
    assert ours.url == OUR_URL
    assert (foreign.id, foreign.url, foreign.triggers) == (90, url, triggers)


@pytest.mark.parametrize(
    "entry", [None, 7, "x", [], {}, {"id": True}, {"id": -1}, {"id": 1.5}, {"id": HUGE_NUMBER}]
)
async def test_list_when_an_entry_has_no_id_then_it_is_left_out(
    loqed: LoqedSimulator, bridge: api.Bridge, entry: object
) -> None:
    loqed.add_odd_webhook(entry)
    await bridge.create_webhook(OUR_URL)
    assert [hook.url for hook in await bridge.webhooks()] == [OUR_URL]


async def test_signed_call_when_refused_then_auth_error_with_the_clocks_difference_if_told(
    loqed: LoqedSimulator, bridge: api.Bridge
) -> None:
    loqed.refuse_credentials()
    with pytest.raises(api.LoqedAuthError) as caught:
        await bridge.webhooks()
    assert caught.value.clock_offset is None
    assert not caught.value.may_have_arrived
    loqed.send_date(on=True)
    loqed.skew_clock(-600)
    with pytest.raises(api.LoqedAuthError) as caught:
        await bridge.webhooks()
    assert caught.value.clock_offset == pytest.approx(600, abs=3)


# Commands.


@pytest.mark.parametrize("vector", VECTORS["commands"])
async def test_command_when_sent_then_the_golden_bytes_are_on_the_wire(
    loqed: LoqedSimulator, session: ClientSession, vector: dict[str, Any]
) -> None:
    keys = api.Keys.parse(
        key_id=vector["local_key_id"], key_secret=vector["key_secret_b64"], bridge_key="AAEC"
    )
    bridge = api.Bridge(
        session, loqed.url, keys, queue=RequestQueue(), now=lambda: vector["timestamp"]
    )
    await bridge.command(api.Command[vector["action"].upper()])
    (sent,) = loqed.server.sent("/to_lock")
    assert sent.query["command_signed_base64"] == vector["message_b64"]


async def test_on_send_when_the_queue_is_busy_then_called_once_at_the_turn(
    loqed: LoqedSimulator, session: ClientSession
) -> None:
    queue = RequestQueue()
    bridge = api.Bridge(session, loqed.url, KEYS, queue=queue)
    calls: list[int] = []
    async with queue.turn():
        command = asyncio.create_task(
            bridge.command(
                api.Command.UNLOCK, on_send=lambda: calls.append(len(loqed.server.requests))
            )
        )
        await asyncio.sleep(0.05)
        assert calls == []
    await command
    assert calls == [0]
    await loqed.settle()
    assert loqed.bolt() == "unlocked"


async def test_on_send_when_it_raises_then_nothing_is_sent_and_the_queue_goes_on(
    loqed: LoqedSimulator, bridge: api.Bridge
) -> None:
    error = RuntimeError("no longer wanted")

    def refuse() -> None:
        raise error

    with pytest.raises(RuntimeError) as caught:
        await bridge.command(api.Command.UNLOCK, on_send=refuse)
    assert caught.value is error
    assert loqed.requests == []
    await bridge.command(api.Command.UNLOCK)
    assert len(loqed.server.sent("/to_lock")) == 1


async def test_command_when_repeated_within_a_second_then_no_second_is_signed_twice(
    loqed: LoqedSimulator, session: ClientSession
) -> None:
    bridge = connect(session, loqed.url, now=Clock(1_700_000_000.9))
    for _ in range(8):
        await bridge.command(api.Command.LOCK)
    seconds = signed_seconds(loqed)
    assert seconds[0] == 1_700_000_000
    assert len(set(seconds)) == 8
    assert max(seconds) < 1_700_000_000 + 10


@pytest.mark.parametrize(("back", "expected"), [(3, 1_700_000_001), (3600, 1_699_996_400)])
async def test_command_when_the_clock_was_set_back_then_the_stamp_follows_it(
    loqed: LoqedSimulator, session: ClientSession, back: int, expected: int
) -> None:
    clock = Clock(1_700_000_000)
    bridge = connect(session, loqed.url, now=clock)
    await bridge.command(api.Command.LOCK)
    clock.now -= back
    await bridge.command(api.Command.LOCK)
    assert signed_seconds(loqed) == [1_700_000_000, expected]


async def test_command_when_the_clock_was_ahead_for_a_while_then_no_second_is_signed_twice(
    loqed: LoqedSimulator, session: ClientSession
) -> None:
    clock = Clock(1_700_000_000)
    bridge = connect(session, loqed.url, now=clock)
    for now in (1_700_000_000, 1_700_003_600, 1_700_000_000):
        clock.now = now
        await bridge.command(api.Command.LOCK)
    assert signed_seconds(loqed) == [1_700_000_000, 1_700_003_600, 1_700_000_001]


async def test_command_when_the_key_was_deleted_then_no_error_and_no_movement(
    loqed: LoqedSimulator, bridge: api.Bridge
) -> None:
    loqed.delete_key()
    await bridge.command(api.Command.UNLOCK)
    await loqed.settle()
    assert loqed.bolt() == "locked"


# Connections.


@pytest.mark.parametrize("after", [False, True])
async def test_command_when_the_connection_is_lost_then_sent_once_and_may_have_arrived(
    loqed: LoqedSimulator, after: bool
) -> None:
    # A session that keeps connections must not make a difference.
    async with ClientSession() as session:
        bridge = connect(session, loqed.url)
        await bridge.status()
        loqed.drop_connections(after=after)
        with pytest.raises(api.LoqedConnectionLostError) as caught:
            await bridge.command(api.Command.UNLOCK)
    assert caught.value.may_have_arrived
    assert len(loqed.server.sent("/to_lock")) == 1
    loqed.drop_connections(drop=False)
    await loqed.settle()
    assert loqed.bolt() == ("unlocked" if after else "locked")


async def test_command_when_the_port_is_closed_then_it_cannot_have_arrived(
    session: ClientSession,
) -> None:
    with pytest.raises(api.LoqedConnectionError) as caught:
        await connect(session, URL("http://127.0.0.1:9")).command(api.Command.OPEN)
    assert not caught.value.may_have_arrived
    assert "127.0.0.1" not in str(caught.value)


async def test_command_when_no_connection_is_accepted_then_fails_in_seconds(
    session: ClientSession,
) -> None:
    async with not_accepting() as url:
        started = time.monotonic()
        with pytest.raises(api.LoqedConnectionError) as caught:
            await connect(session, url).command(api.Command.OPEN)
        assert 3 < time.monotonic() - started < 7
    assert not caught.value.may_have_arrived


async def test_command_when_no_response_comes_in_time_then_may_have_arrived(
    loqed: LoqedSimulator, bridge: api.Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.smartlocks.vendors.loqed.api.client.BRIDGE_TIMEOUT", 0.2)
    loqed.answer_after(0.3)
    with pytest.raises(api.LoqedConnectionError) as caught:
        await bridge.command(api.Command.UNLOCK)
    await asyncio.sleep(0.2)
    assert caught.value.may_have_arrived
    assert not isinstance(caught.value, api.LoqedConnectionLostError)


async def test_one_endpoint_when_it_fails_then_the_others_work(
    loqed: LoqedSimulator, bridge: api.Bridge
) -> None:
    loqed.fail_endpoint("status", "drop")
    with pytest.raises(api.LoqedConnectionLostError):
        await bridge.status()
    await bridge.webhooks()
    await bridge.command(api.Command.LOCK)


async def test_requests_when_sent_at_once_then_the_bridge_answers_one_at_a_time(
    loqed: LoqedSimulator, bridge: api.Bridge
) -> None:
    loqed.answer_after(0.02)
    await asyncio.gather(
        bridge.status(),
        bridge.status(urgent=True),
        bridge.webhooks(),
        bridge.command(api.Command.LOCK),
    )
    assert loqed.busiest == 1


# Keys.


def test_keys_when_parsed_then_decoded_and_not_shown() -> None:
    keys = api.Keys.parse(key_id=3, key_secret="AAEC", bridge_key=" AwQF ")
    assert keys.bridge_key == b"\x03\x04\x05"
    assert "x00" not in repr(keys)
    assert "AAEC" not in repr(keys)


@pytest.mark.parametrize(
    "wrong",
    [
        {"key_id": 256},
        {"key_id": -1},
        {"key_secret": "no base64!"},
        {"key_secret": "é"},
        {"bridge_key": ""},
    ],
)
def test_keys_when_they_are_none_then_value_error(wrong: dict[str, Any]) -> None:
    given: dict[str, Any] = {"key_id": 3, "key_secret": "AAEC", "bridge_key": "AAEC"} | wrong
    with pytest.raises(ValueError, match=r".*"):
        api.Keys.parse(**given)
