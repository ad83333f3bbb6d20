"""The client of a bridge, against its simulator."""

from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientSession
import pytest
from yarl import URL

from custom_components.smartlocks.request_queue import RequestQueue
from custom_components.smartlocks.vendors.loqed import api
from tests.simulators import loqed as simulator
from tests.simulators.loqed import LoqedSimulator

URL_OF_OURS = "http://192.0.2.7:8123/api/webhook/abc"


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
def bridge(loqed: LoqedSimulator, session: ClientSession) -> api.Bridge:
    keys = api.Keys.parse(
        key_id=simulator.LOCAL_ID,
        key_secret=simulator.KEY_SECRET,
        bridge_key=simulator.BRIDGE_KEY,
    )
    return api.Bridge(session, loqed.url, keys, queue=RequestQueue())


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"lock_online": True, "position": api.Position.NIGHT_LOCK}),
        ({"bolt_state": "OPEN"}, {"position": api.Position.OPEN}),
        ({"bolt_state": "elsewhere"}, {"position": api.Position.UNKNOWN}),
        ({"lock_online": "0"}, {"lock_online": False}),
        ({"battery_percentage": -1}, {"lock_online": False, "battery": None}),
        ({"battery_percentage": "57"}, {"battery": 57}),
        ({"battery_percentage": 300}, {"battery": None}),
        ({"battery_voltage": "10.814"}, {"voltage": 10.814}),
        ({"battery_voltage": 0}, {"voltage": None}),
        ({"up_timestamp": 10**30}, {"started_at": None}),
        ({"up_timestamp": None}, {"started_at": None}),
        ({"webhooks_number": "3"}, {"webhooks": 3}),
        ({"bridge_mac_wifi": "AA:BB:CC:DD:EE:FF"}, {"mac_wifi": "aabbccddeeff"}),
        ({"bridge_mac_ble": None, "mac_bluetooth": "aabbccddeef1"}, {"mac_ble": "aabbccddeef1"}),
    ],
)
async def test_what_a_status_says(
    loqed: LoqedSimulator, bridge: api.Bridge, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    loqed.status_fields(fields)
    status = await bridge.status()
    assert {name: getattr(status, name) for name in expected} == expected


@pytest.mark.parametrize("fields", [{"bolt_state": 7}, {"battery_percentage": "much"}])
async def test_a_status_of_wrong_types(
    loqed: LoqedSimulator, bridge: api.Bridge, fields: dict[str, Any]
) -> None:
    loqed.status_fields(fields)
    with pytest.raises(api.LoqedResponseError):
        await bridge.status()


@pytest.mark.parametrize("kind", ["html", "empty", "truncated", "array", "wrong_types"])
async def test_nonsense_is_no_answer(loqed: LoqedSimulator, bridge: api.Bridge, kind: Any) -> None:
    loqed.talk_nonsense(kind)
    with pytest.raises(api.LoqedResponseError):
        await bridge.status()
    with pytest.raises(api.LoqedResponseError):
        await bridge.webhooks() if kind != "array" else await bridge.status()


async def test_webhooks_are_listed_added_and_removed(
    loqed: LoqedSimulator, bridge: api.Bridge
) -> None:
    assert await bridge.webhooks() == ()
    await bridge.create_webhook(URL_OF_OURS)
    (hook,) = await bridge.webhooks()
    assert (hook.url, hook.triggers) == (URL_OF_OURS, api.ALL_TRIGGERS)
    assert URL_OF_OURS not in repr(hook)
    with pytest.raises(api.LoqedBridgeFullError):
        await bridge.create_webhook(URL_OF_OURS)
    await bridge.delete_webhook(hook.id)
    await bridge.delete_webhook(hook.id)
    assert loqed.webhook_urls == []


async def test_a_removal_that_fails_is_told(loqed: LoqedSimulator, bridge: api.Bridge) -> None:
    await bridge.create_webhook(URL_OF_OURS)
    (hook,) = await bridge.webhooks()
    loqed.fail_deletes()
    with pytest.raises(api.LoqedResponseError) as caught:
        await bridge.delete_webhook(hook.id)
    assert caught.value.status == 500


async def test_a_refused_signature_tells_the_clock_where_the_bridge_does(
    loqed: LoqedSimulator, bridge: api.Bridge
) -> None:
    loqed.refuse_credentials()
    with pytest.raises(api.LoqedAuthError) as caught:
        await bridge.webhooks()
    assert caught.value.clock_offset is None
    loqed.send_date(on=True)
    loqed.skew_clock(-600)
    with pytest.raises(api.LoqedAuthError) as caught:
        await bridge.webhooks()
    assert caught.value.clock_offset == pytest.approx(600, abs=3)


@pytest.mark.parametrize("after", [False, True])
async def test_a_lost_command_is_sent_once_and_may_have_arrived(
    loqed: LoqedSimulator, bridge: api.Bridge, after: bool
) -> None:
    # A connection that was kept from before must not make a difference.
    await bridge.status()
    loqed.drop_connections(after=after)
    with pytest.raises(api.LoqedConnectionError) as caught:
        await bridge.command(api.Command.UNLOCK)
    assert caught.value.may_have_arrived
    assert len(loqed.server.sent("/to_lock")) == 1
    loqed.drop_connections(drop=False)
    await loqed.settle()
    assert loqed.bolt() == ("unlocked" if after else "locked")


@pytest.mark.usefixtures("socket_enabled")
async def test_nobody_there_cannot_have_got_it(session: ClientSession) -> None:
    keys = api.Keys(key_id=1, key_secret=b"k", bridge_key=b"b")
    nobody = api.Bridge(session, URL("http://127.0.0.1:9"), keys, queue=RequestQueue())
    with pytest.raises(api.LoqedConnectionError) as caught:
        await nobody.command(api.Command.OPEN)
    assert not caught.value.may_have_arrived


def test_keys_are_checked_and_not_shown() -> None:
    keys = api.Keys.parse(key_id=3, key_secret="AAEC", bridge_key=" AwQF ")
    assert keys.bridge_key == b"\x03\x04\x05"
    assert "x00" not in repr(keys)
    assert "AAEC" not in repr(keys)
    for wrong in ({"key_id": 256}, {"key_secret": "no base64!"}, {"bridge_key": ""}):
        given: dict[str, Any] = {"key_id": 3, "key_secret": "AAEC", "bridge_key": "AAEC"} | wrong
        with pytest.raises(ValueError, match=r".*"):
            api.Keys.parse(**given)


@pytest.mark.parametrize(
    "name",
    [
        "LOQED-8C4B146A3438.local",
        "loqed-8c4b146a3438._http._tcp.local.",
        "8c:4b:14:6a:34:38",
        "8C4B146A3438",
    ],
)
def test_a_bridge_has_one_id(name: str) -> None:
    assert api.bridge_id(name) == "8c4b146a3438"
    assert api.bridge_id("") is None
