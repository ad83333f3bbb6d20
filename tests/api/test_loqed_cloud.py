"""A lock's keys: from the cloud's list, or pasted by a person."""

from collections.abc import AsyncIterator
import json
import time
from typing import Any

from aiohttp import ClientSession
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.loqed import api
from tests.api.loqed_helpers import DEEPLY_NESTED, HUGE_NUMBER, TOO_LARGE, not_accepting, serving
from tests.simulators import loqed as simulator
from tests.simulators.loqed import API_TOKEN, LoqedSimulator


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


async def keys(session: ClientSession, url: URL, token: str) -> tuple[api.LockInformation, ...]:
    """Return the locks of an account that come with their keys."""
    locks = await api.WebApi(session, url, token).locks()
    return tuple(lock.keys for lock in locks if lock.keys is not None)


async def test_list_when_the_token_is_good_then_the_lock_with_all_its_names(
    loqed: LoqedSimulator, session: ClientSession
) -> None:
    (lock,) = await keys(session, loqed.cloud_url, API_TOKEN)
    assert lock == api.LockInformation(
        lock_id=simulator.LOCK_ID,
        name=simulator.LOCK_NAME,
        model="LOQED Touch",
        host=loqed.host,
        key_id=simulator.LOCAL_ID,
        key_secret=simulator.KEY_SECRET,
        bridge_key=simulator.BRIDGE_KEY,
        can_open=True,
        ids=frozenset({simulator.LOCK_ID, simulator.BRIDGE_MAC_WIFI}),
    )
    assert lock.keys.key_id == simulator.LOCAL_ID
    assert simulator.KEY_SECRET not in repr(lock)
    assert simulator.BRIDGE_KEY not in repr(lock)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": 7}, {"name": None}),
        ({"name": "\ud800"}, {"name": None}),
        ({"model_name": ["x"]}, {"model": None}),
        ({"bridge_ip": {}}, {"host": "LOQED-02c0ffee0a01.local"}),
        ({"bridge_ip": None, "bridge_hostname": 3}, {"host": None}),
        ({"bridge_mac_wifi": True}, {"can_open": True}),
        ({"supported_lock_states": "open"}, {"can_open": None}),
        ({"supported_lock_states": [1, "day_lock"]}, {"can_open": False}),
        ({"local_id": "5"}, {"key_id": 5}),
    ],
)
async def test_list_when_a_side_field_is_odd_then_the_lock_is_listed(
    loqed: LoqedSimulator, session: ClientSession, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    loqed.cloud_fields(fields)
    (lock,) = await keys(session, loqed.cloud_url, API_TOKEN)
    assert {name: getattr(lock, name) for name in expected} == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"id": None},
        {"id": True},
        {"local_id": 300},
        {"local_id": HUGE_NUMBER},
        {"key_secret": 7},
        {"key_secret": "no base64!"},
        {"bridge_key": ""},
    ],
)
async def test_list_when_a_lock_has_no_usable_keys_then_only_the_others(
    loqed: LoqedSimulator, session: ClientSession, fields: dict[str, Any]
) -> None:
    loqed.add_cloud_lock("Shed")
    loqed.cloud_fields(fields)
    locks = await keys(session, loqed.cloud_url, API_TOKEN)
    assert [lock.name for lock in locks] == ["Shed"]


async def test_list_when_the_account_is_empty_then_no_locks(
    loqed: LoqedSimulator, session: ClientSession
) -> None:
    loqed.empty_account()
    assert await keys(session, loqed.cloud_url, API_TOKEN) == ()


@pytest.mark.parametrize("token", ["", "a\nb", "a\r\nX: y", "tökén", "a b", "\x00", "\ud800", "日"])
async def test_list_when_the_token_cannot_stand_in_a_header_then_token_error_and_no_request(
    loqed: LoqedSimulator, session: ClientSession, token: str
) -> None:
    with pytest.raises(api.LoqedTokenError) as caught:
        await keys(session, loqed.cloud_url, token)
    assert not caught.value.may_have_arrived
    assert loqed.cloud.server.requests == []


@pytest.mark.parametrize("status", [301, 302, 401, 403])
async def test_list_when_refused_or_sent_to_the_login_then_token_error(
    session: ClientSession, status: int
) -> None:
    async with serving(status=status, headers={"Location": "/login"}) as server:
        with pytest.raises(api.LoqedTokenError):
            await keys(session, server.url, API_TOKEN)
        assert [request.path for request in server.received] == ["/api/locks/"]
        assert server.received[0].headers["Accept"] == "application/json"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 200),
        ([], 200),
        ({"data": None}, 200),
        ({"data": {"a": 1}}, 200),
        (DEEPLY_NESTED, 200),
        (TOO_LARGE, None),
        (b"", 404),
        (b"", 500),
    ],
)
async def test_list_when_the_response_is_not_a_list_then_error(
    session: ClientSession, body: Any, status: int | None
) -> None:
    async with serving(body, status=status or 200) as server:
        with pytest.raises(api.LoqedResponseError) as caught:
            await keys(session, server.url, API_TOKEN)
        assert caught.value.status == status


async def test_list_when_entries_are_no_objects_then_left_out(session: ClientSession) -> None:
    async with serving({"data": [None, 7, [], "x", {}]}) as server:
        assert await keys(session, server.url, API_TOKEN) == ()


async def test_list_when_the_connection_is_lost_then_connection_error(
    loqed: LoqedSimulator, session: ClientSession
) -> None:
    loqed.break_cloud(drop=True)
    with pytest.raises(api.LoqedCloudConnectionError) as caught:
        await keys(session, loqed.cloud_url, API_TOKEN)
    assert caught.value.may_have_arrived


async def test_list_when_no_connection_is_accepted_then_fails_in_time(
    session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "custom_components.smartlocks.vendors.loqed.api.web.CLOUD_CONNECT_TIMEOUT", 0.3
    )
    async with not_accepting() as url:
        started = time.monotonic()
        with pytest.raises(api.LoqedConnectionError) as caught:
            await keys(session, url, API_TOKEN)
        assert time.monotonic() - started < 3
    assert not caught.value.may_have_arrived


# The pasted text.


def test_pasted_text_when_it_is_the_information_then_the_lock() -> None:
    text = {
        "lock_id": simulator.LOCK_ID,
        "lock_key_local_id": "5",
        "lock_key_key": f" {simulator.KEY_SECRET}\n",
        "backend_key": simulator.BACKEND_KEY,
        "bridge_key": simulator.BRIDGE_KEY,
        "bridge_ip": "192.0.2.5",
        "bridge_mdns_hostname": "LOQED-02C0FFEE0A01.local",
    }
    lock = api.parse_integration_information(f"\n {json.dumps(text)} ")
    assert (lock.lock_id, lock.key_id, lock.host) == (simulator.LOCK_ID, 5, "192.0.2.5")
    assert lock.key_secret == simulator.KEY_SECRET
    assert lock.ids == {simulator.LOCK_ID, "02c0ffee0a01"}
    assert (lock.name, lock.model, lock.can_open) == (None, None, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "7",
        "{}",
        '{"lock_id": "x"}',
        '{"lock_id": 1, "lock_key_key": 7}',
        DEEPLY_NESTED.decode(),
        "[" * 100_000,
        '"' + '\\"' * 100_000,
        '{"lock_id": ' + "9" * 5000 + "}",
        "\ud800",
        "NaN",
    ],
)
def test_pasted_text_when_it_is_something_else_then_information_error(text: str) -> None:
    started = time.monotonic()
    with pytest.raises(api.LoqedInformationError):
        api.parse_integration_information(text)
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "name",
    [
        "LOQED-8C4B146A3438.local",
        "loqed-8c4b146a3438._http._tcp.local.",
        "8c:4b:14:6a:34:38",
        "8C4B146A3438",
    ],
)
def test_bridge_id_when_spelt_differently_then_the_same(name: str) -> None:
    assert api.bridge_id(name) == "8c4b146a3438"
    assert api.bridge_id("") is None


def test_cloud_url_when_nothing_is_set_then_the_vendors() -> None:
    assert URL(api.CLOUD_URL).host == "integrations.production.loqed.com"
