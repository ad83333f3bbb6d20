"""The web API: what it says of locks, what it is told, and what its refusals mean."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
import json
from typing import Any

from aiohttp import ClientSession
import pytest

from custom_components.smartlocks.vendors.loqed import api
from tests.api.loqed_helpers import not_accepting, serving
from tests.simulators.loqed import API_TOKEN, LOCAL_ID, LOCK_ID, LoqedSimulator, make_token


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
def web(loqed: LoqedSimulator, session: ClientSession) -> api.WebApi:
    return api.WebApi(session, loqed.cloud_url, API_TOKEN)


async def test_list_when_asked_then_state_and_settings_of_the_lock(
    loqed: LoqedSimulator, web: api.WebApi
) -> None:
    (lock,) = await web.locks()
    assert (lock.lock_id, lock.position, lock.online) == (LOCK_ID, api.Position.NIGHT_LOCK, True)
    assert lock.settings == {
        api.WebSetting.OPEN_HOUSE: False,
        api.WebSetting.TWIST_ASSIST: True,
        api.WebSetting.TOUCH_TO_CONNECT: True,
        api.WebSetting.GUEST_ACCESS: False,
    }
    assert lock.direction is api.LockDirection.CLOCKWISE
    assert lock.mortise_lock is api.MortiseLock.NO_HANDLE
    assert (lock.battery, lock.battery_type) == (64, api.BatteryType.NICKEL_METAL_HYDRIDE)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"open_house_mode": None}, {}),
        ({"open_house_mode": "yes"}, {}),
        ({"open_house_mode": 1}, {api.WebSetting.OPEN_HOUSE: True}),
        ({"open_house_mode": "0"}, {api.WebSetting.OPEN_HOUSE: False}),
    ],
)
async def test_list_when_a_setting_is_odd_then_it_is_not_guessed(
    loqed: LoqedSimulator, web: api.WebApi, fields: dict[str, Any], expected: Any
) -> None:
    others = ["twist_assist", "touch_to_connect", "guest_access_mode"]
    loqed.cloud_fields(fields, without=others)
    (lock,) = await web.locks()
    assert lock.settings == expected


async def test_list_when_keys_are_missing_then_the_lock_is_listed_without(
    loqed: LoqedSimulator, web: api.WebApi
) -> None:
    loqed.cloud_fields(without=["key_secret", "bridge_key"])
    (lock,) = await web.locks()
    assert lock.keys is None
    assert lock.ids == {LOCK_ID, "02c0ffee0a01"}


@pytest.mark.parametrize(
    "fields",
    [{"bolt_state": None}, {"bolt_state": 3}, {"bolt_state": "ajar"}],
)
async def test_list_when_the_state_is_odd_then_unknown(
    loqed: LoqedSimulator, web: api.WebApi, fields: dict[str, Any]
) -> None:
    loqed.cloud_fields(fields)
    (lock,) = await web.locks()
    assert lock.position is api.Position.UNKNOWN


@pytest.mark.parametrize("fields", [{"online": False}, {"online": 0}, {"battery_percentage": -1}])
async def test_list_when_the_lock_is_away_then_offline(
    loqed: LoqedSimulator, web: api.WebApi, fields: dict[str, Any]
) -> None:
    loqed.cloud_fields(fields)
    (lock,) = await web.locks()
    assert lock.online is False


@pytest.mark.parametrize(
    ("command", "word"),
    [
        (api.Command.OPEN, "open"),
        (api.Command.UNLOCK, "day_lock"),
        (api.Command.LOCK, "night_lock"),
    ],
)
async def test_command_when_accepted_then_sent_once_in_the_clouds_words(
    loqed: LoqedSimulator, web: api.WebApi, command: api.Command, word: str
) -> None:
    await web.command(LOCK_ID, command)
    assert loqed.account.commands == [word]
    await loqed.settle()


async def test_command_when_the_key_is_deleted_then_its_own_error(
    loqed: LoqedSimulator, web: api.WebApi
) -> None:
    loqed.delete_key()
    with pytest.raises(api.LoqedKeyDeletedError) as caught:
        await web.command(LOCK_ID, api.Command.OPEN)
    assert caught.value.may_have_arrived is False


async def test_command_when_not_supported_then_its_own_error(
    loqed: LoqedSimulator, web: api.WebApi
) -> None:
    loqed.fit_handle()
    with pytest.raises(api.LoqedUnsupportedError):
        await web.command(LOCK_ID, api.Command.OPEN)


@pytest.mark.parametrize("setting", list(api.WebSetting))
async def test_setting_when_changed_then_listed_so(
    loqed: LoqedSimulator, web: api.WebApi, setting: api.WebSetting
) -> None:
    for is_on in (True, False):
        await web.set(LOCK_ID, setting, is_on=is_on)
        (lock,) = await web.locks()
        assert lock.settings[setting] is is_on


async def test_setting_that_the_lock_does_not_have_is_refused(
    loqed: LoqedSimulator, web: api.WebApi
) -> None:
    del loqed.account.settings["twist_assist"]
    with pytest.raises(api.LoqedUnsupportedError):
        await web.set(LOCK_ID, api.WebSetting.TWIST_ASSIST, is_on=True)


@pytest.mark.parametrize(
    ("status", "error", "may_have_arrived"),
    [
        (302, api.LoqedTokenError, False),
        (401, api.LoqedTokenError, False),
        (403, api.LoqedTokenError, False),
        (404, api.LoqedCloudResponseError, False),
        (429, api.LoqedBlockedError, False),
        (500, api.LoqedCloudResponseError, True),
    ],
)
async def test_command_when_refused_then_it_tells_whether_it_arrived(
    session: ClientSession,
    status: int,
    error: type[api.LoqedError],
    may_have_arrived: bool,
) -> None:
    async with serving(status=status) as server:
        web = api.WebApi(session, server.url, API_TOKEN)
        with pytest.raises(error) as caught:
            await web.command(LOCK_ID, api.Command.OPEN)
    assert caught.value.may_have_arrived is may_have_arrived
    assert API_TOKEN not in str(caught.value)


async def test_command_without_a_connection_never_arrived(session: ClientSession) -> None:
    async with not_accepting() as url:
        web = api.WebApi(session, url.with_port(9), API_TOKEN)
        with pytest.raises(api.LoqedCloudConnectionError) as caught:
            await web.command(LOCK_ID, api.Command.OPEN)
    assert caught.value.may_have_arrived is False


# Tokens.


def test_token_says_its_account_and_its_end() -> None:
    claims = api.TokenClaims.parse(make_token(1_800_000_000))
    assert claims.account == "7301"
    assert claims.expires == datetime(2027, 1, 15, 8, tzinfo=UTC)


@pytest.mark.parametrize("token", ["", "a.b.c", "opaque", "a.W10.c", "a.eyJleHAiOiJ4In0.c"])
def test_token_that_is_no_jwt_says_nothing(token: str) -> None:
    assert api.TokenClaims.parse(token) == api.TokenClaims()


def test_token_with_an_absurd_end_says_none() -> None:
    assert api.TokenClaims.parse(make_token(1e300)).expires is None


# Calls of the cloud.


@pytest.mark.parametrize("shape", ["seen", "documented"])
def test_cloud_call_in_both_shapes_tells_key_and_name_and_no_address(
    loqed: LoqedSimulator, shape: Any
) -> None:
    loqed.add_cloud_webhook("http://127.0.0.1:9/", shape)
    fields = {"event_type": "STATE_CHANGED_LATCH", "requested_state": "DAY_LOCK"}
    body = json.dumps({**fields, **loqed.cloud_caller.person(LOCAL_ID)}).encode()
    call = api.CloudCall.parse(body)
    assert (call.key_id, call.key_name) == (LOCAL_ID, "Home Assistant")
    assert call.is_arrival
    assert "@" not in repr(call)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"key_name_user": "Anna  B\n"}, "Anna B"),
        ({"key_name_user": "", "key_name_admin": "Anna"}, "Anna"),
        ({"key_name_user": "A"}, "A"),
        ({"key_name_user": "anna@example.com", "key_name_admin": "Anna"}, "Anna"),
        ({"key_name_user": "anna@example.com"}, None),
        ({"key_name_user": "[Update now](//example.com)", "key_name_admin": "Anna"}, "Anna"),
        ({"key_name_user": "HTTPS://example.com"}, None),
        ({"key_name_user": "Www.example.com"}, None),
        ({"key_name_user": "<b>Anna</b>"}, None),
        ({"key_name_user": "Anna\u202e"}, None),
        ({"key_name_user": "x" * 65}, None),
        ({"key_name_user": "\ud800"}, None),
        ({"key_name_user": 7}, None),
        ({"value1": "Anna", "key_account_name": "Anna"}, None),
    ],
)
def test_cloud_call_name_when_odd_is_left_out(fields: dict[str, Any], name: str | None) -> None:
    assert api.CloudCall.parse(json.dumps(fields).encode()).key_name == name


@pytest.mark.parametrize("key", ["", None, "255", 255, -1, "five", {}])
def test_cloud_call_without_a_key_has_none(key: Any) -> None:
    assert api.CloudCall.parse(json.dumps({"key_local_id": key}).encode()).key_id is None


def test_cloud_call_with_the_longest_of_everything_is_read_and_cut() -> None:
    fields = {"event_type": "E" * 81, "key_local_id": "254", "key_name_user": "x" * 64}
    call = api.CloudCall.parse(json.dumps(fields).encode())
    assert (call.event_type, call.key_id, call.key_name) == ("E" * 80, 254, "x" * 64)


@pytest.mark.parametrize(
    ("fields", "is_arrival", "is_about_state"),
    [
        ({"event_type": "STATE_CHANGED_LATCH"}, False, False),
        ({"requested_state": "DAY_LOCK"}, True, True),
        ({"requested_state": 7}, False, False),
        ({"go_to_state": "DAY_LOCK"}, False, True),
        ({"online": 0}, False, True),
        ({"battery_percentage": 50}, False, False),
    ],
)
def test_cloud_call_tells_whether_it_is_about_the_state(
    fields: dict[str, Any], is_arrival: bool, is_about_state: bool
) -> None:
    call = api.CloudCall.parse(json.dumps(fields).encode())
    assert (call.is_arrival, call.is_about_state) == (is_arrival, is_about_state)


def test_cloud_call_when_repeated_has_the_same_digest_and_another_has_another() -> None:
    first, same, other = (api.CloudCall.parse(body) for body in (b"{}", b"{}", b"{ }"))
    assert first.digest == same.digest != other.digest


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_cloud_call_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(api.LoqedPushError):
        api.CloudCall.parse(body)
