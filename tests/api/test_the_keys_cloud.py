"""The Keys' cloud client: an account's locks, gateways and shares, read with leniency."""

from collections.abc import AsyncIterator
import logging
from typing import Any

from aiohttp import ClientSession
from aiohttp.test_utils import unused_port
import pytest
from yarl import URL

from custom_components.smartlocks.vendors.the_keys.api import (
    Account,
    Cloud,
    CloudGateway,
    CloudLock,
    TheKeysCloudError,
    TheKeysCloudRefusedError,
    TheKeysCloudResponseError,
    TheKeysCloudUnreachableError,
)

from .the_keys_server import DEEP, LARGE, VECTORS, Server, served

pytestmark = pytest.mark.usefixtures("socket_enabled")

FORMS = VECTORS["other_forms"]
PHONE = FORMS["cloud_login"]["inputs"]["_username"]
PASSWORD = FORMS["cloud_login"]["inputs"]["_password"]
NAME = "Home Assistant"
LOGIN = "/api/login_check"
USER = FORMS["cloud_user_path"]["path"]
ACCESSORY = "/fr/api/v2/accessoire/get/42"
SHARES = "/fr/api/v2/partage/all/serrure/1234"
CREATE = FORMS["cloud_create_share"]["path"]

TOKEN = {
    "access_token": "t0ken",
    "expires_in": 3600,
    "token_type": "bearer",
    "scope": "actions",
    "refresh_token": "r3fresh",
    "token": "other",
}
GATEWAY = CloudGateway(id=42, accessory_id="AbCdEf12", name="Hall", ip="192.168.0.26")
LOCK = CloudLock(
    id=1234, identifier=45961123, name="Front door", model="TK 1.5.1", gateway_ids=(42,)
)


def enveloped(data: Any, status: Any = 200) -> dict[str, Any]:
    """Return data in the cloud's envelope."""
    return {"status": status, "data": data, "message": {"global": [], "form": []}}


def paired(**changes: Any) -> dict[str, Any]:
    """Return a gateway as it stands within a lock."""
    accessory = {"id": 42, "id_accessoire": "AbCdEf12", "nom": "Hall", "type": 1}
    return {"id": 7, "accessoire": accessory | changes, "info": None}


def lock(**changes: Any) -> dict[str, Any]:
    """Return a lock as the cloud lists it."""
    return {
        "id": 1234,
        "id_serrure": "45961123",
        "code": "s3cret",
        "nom": "Front door",
        "unlockOnly": False,
        "accessoires": [paired()],
        "produit": {"id": 1, "nom": "TK 1.5.1", "version": 3},
    } | changes


def share(**changes: Any) -> dict[str, Any]:
    """Return a share as the cloud lists it: ours, if nothing is changed."""
    return {
        "id": 5,
        "nom": NAME,
        "actif": True,
        "date_debut": None,
        "date_fin": None,
        "heure_debut": None,
        "heure_fin": None,
        "horaires": [],
        "code": "Zmo1sps2OVyCFtl1",
        "accessoire": {"id": 42, "id_accessoire": "AbCdEf12"},
    } | changes


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """Serve an account with one lock and one gateway."""
    answers = {
        LOGIN: TOKEN,
        USER: enveloped({"serrures": [lock()]}),
        ACCESSORY: enveloped({"id": 42, "info": {"last_seen": "x", "ip": "192.168.0.26"}}),
        SHARES: enveloped({"partages_utilisateur": [], "partages_accessoire": [share()]}),
        CREATE: enveloped({"id": 6, "code": "n3wc0de"}),
    }
    async with served(answers=answers) as server:
        yield server


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """Open a session."""
    async with ClientSession() as session:
        yield session


@pytest.fixture
async def cloud(server: Server, session: ClientSession) -> Cloud:
    """Return a client that is logged in."""
    cloud = Cloud(session, server.url)
    await cloud.login(PHONE, PASSWORD)
    return cloud


async def test_login_sends_one_form(server: Server, cloud: Cloud) -> None:
    (received,) = server.received
    assert (received.method, received.path) == ("POST", LOGIN)
    assert received.body == FORMS["cloud_login"]["body"]
    assert received.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in received.headers


@pytest.mark.parametrize(
    ("reply", "token"),
    [
        (TOKEN, "t0ken"),
        ({"token": "other"}, "other"),
        ({"access_token": None, "token": "o"}, "o"),
        ({"access_token": "a"}, "a"),
    ],
)
async def test_login_either_token_is_used(
    server: Server, session: ClientSession, reply: Any, token: str
) -> None:
    server.answers[LOGIN] = reply
    cloud = Cloud(session, server.url)
    await cloud.login(PHONE, PASSWORD)
    await cloud.locks_and_gateways()
    assert {received.headers["Authorization"] for received in server.received[1:]} == {
        f"Bearer {token}"
    }


async def test_account_is_read(server: Server, cloud: Cloud) -> None:
    assert await cloud.locks_and_gateways() == Account(locks=(LOCK,), gateways=(GATEWAY,))
    assert [(received.method, received.path) for received in server.received[1:]] == [
        ("GET", USER),
        ("GET", ACCESSORY),
    ]


async def test_account_gateway_of_two_locks_is_listed_once(server: Server, cloud: Cloud) -> None:
    other = lock(id=1756, id_serrure=1751, nom=None, produit=None, unlockOnly=1)
    server.answers[USER] = enveloped({"serrures": [lock(), other]})
    account = await cloud.locks_and_gateways()
    assert account.gateways == (GATEWAY,)
    assert account.locks == (
        LOCK,
        CloudLock(id=1756, identifier=1751, name="1751", unlock_only=True, gateway_ids=(42,)),
    )


async def test_account_list_written_as_object_is_read(server: Server, cloud: Cloud) -> None:
    server.answers[USER] = enveloped({"serrures": {"3": lock(accessoires={"1": paired()})}})
    assert (await cloud.locks_and_gateways()).locks == (LOCK,)


@pytest.mark.parametrize(
    "accessories",
    [
        None,
        [],
        "x",
        [None, 3, {}],
        [{"id": 1, "accessoire": None}],
        [paired(type=2)],
        [paired(type=None)],
        [paired(id=None)],
        [paired(id_accessoire="")],
    ],
)
async def test_account_accessory_that_is_no_gateway_is_left_out(
    server: Server, cloud: Cloud, accessories: Any
) -> None:
    server.answers[USER] = enveloped({"serrures": [lock(accessoires=accessories)]})
    account = await cloud.locks_and_gateways()
    assert account.gateways == ()
    assert account.locks[0].gateway_ids == ()


@pytest.mark.parametrize(
    "entry", [None, 3, {}, lock(id=None), lock(id_serrure="x"), lock(id_serrure=None)]
)
async def test_account_lock_without_ids_is_left_out(
    server: Server, cloud: Cloud, entry: Any
) -> None:
    server.answers[USER] = enveloped({"serrures": [entry, lock()]})
    assert (await cloud.locks_and_gateways()).locks == (LOCK,)


@pytest.mark.parametrize(
    ("accessory", "listed", "ip"),
    [
        (enveloped({"info": {"ip": "10.0.0.1"}}), {"ip": "10.0.0.2"}, "10.0.0.1"),
        (enveloped({"info": {"last_seen": "x"}}), {"ip": "10.0.0.2"}, "10.0.0.2"),
        (enveloped({"info": None}), None, None),
        (enveloped({"info": "x"}), "x", None),
        (enveloped({"info": {"ip": ""}}), {"ip": None}, None),
        (enveloped(None), None, None),
        (enveloped(None, 403), {"ip": "10.0.0.2"}, "10.0.0.2"),
        (b"<html>", {"ip": "10.0.0.2"}, "10.0.0.2"),
        (None, None, None),
    ],
)
async def test_account_gateway_address_is_optional(
    server: Server, cloud: Cloud, accessory: Any, listed: Any, ip: str | None
) -> None:
    server.answers[ACCESSORY] = accessory
    server.answers[USER] = enveloped(
        {"serrures": [lock(accessoires=[paired() | {"info": listed}])]}
    )
    (gateway,) = (await cloud.locks_and_gateways()).gateways
    assert gateway.ip == ip


@pytest.mark.parametrize(
    "ours", [share(), share(actif=1), share(actif="1"), share(horaires=None), share(id=None)]
)
async def test_share_of_ours_is_reused(server: Server, cloud: Cloud, ours: Any) -> None:
    server.answers[SHARES] = enveloped({"partages_accessoire": [share(nom="Bea", code="no"), ours]})
    assert await cloud.find_or_create_share(LOCK, GATEWAY, NAME) == "Zmo1sps2OVyCFtl1"
    assert [received.method for received in server.received[1:]] == ["GET"]


@pytest.mark.parametrize(
    "other",
    [
        share(nom="TheKeysPy (Remote)"),
        share(nom=None),
        share(accessoire={"id": 43}),
        share(accessoire=None),
        share(actif=False),
        share(actif=0),
        share(actif=None),
        share(date_debut="2026-01-01"),
        share(date_fin="2026-01-01"),
        share(heure_debut="08:00"),
        share(heure_fin={"hour": 8}),
        share(horaires=[{"jour": 1}]),
        share(code=None),
        share(code=""),
        None,
        "x",
    ],
)
async def test_share_of_others_is_left_alone_and_ours_created(
    server: Server, cloud: Cloud, other: Any
) -> None:
    server.answers[SHARES] = enveloped({"partages_accessoire": [other]})
    assert await cloud.find_or_create_share(LOCK, GATEWAY, NAME) == "n3wc0de"
    created = server.received[-1]
    assert [(received.method, received.path) for received in server.received[1:]] == [
        ("GET", SHARES),
        ("POST", CREATE),
    ]
    assert created.body == FORMS["cloud_create_share"]["body"]
    assert created.headers["Authorization"] == "Bearer t0ken"


@pytest.mark.parametrize("data", [[], {}, {"partages_accessoire": None}])
async def test_shares_empty_list(server: Server, cloud: Cloud, data: Any) -> None:
    server.answers[SHARES] = enveloped(data)
    assert await cloud.shares(LOCK) == ()


async def test_share_code_is_not_in_the_repr(cloud: Cloud) -> None:
    (found,) = await cloud.shares(LOCK)
    assert found.code == "Zmo1sps2OVyCFtl1"
    assert found.code not in repr(found)


@pytest.mark.parametrize("data", [{"id": 6}, {"code": None}, {"code": []}, [], None, "x"])
async def test_share_created_without_code_is_an_error(
    server: Server, cloud: Cloud, data: Any
) -> None:
    server.answers |= {SHARES: enveloped([]), CREATE: enveloped(data)}
    with pytest.raises(TheKeysCloudResponseError):
        await cloud.find_or_create_share(LOCK, GATEWAY, NAME)


async def test_share_creation_is_never_sent_twice(server: Server, cloud: Cloud) -> None:
    server.answers |= {SHARES: enveloped([]), CREATE: None}
    with pytest.raises(TheKeysCloudUnreachableError):
        await cloud.find_or_create_share(LOCK, GATEWAY, NAME)
    assert len([received for received in server.received if received.method == "POST"]) == 2


ERRORS: list[tuple[int, Any, type[TheKeysCloudError], int | None]] = [
    (400, {"error": "invalid_grant"}, TheKeysCloudRefusedError, 400),
    (401, {"code": 401, "message": "Bad credentials"}, TheKeysCloudRefusedError, 401),
    (401, b"", TheKeysCloudRefusedError, 401),
    (403, enveloped(None, 403), TheKeysCloudRefusedError, 403),
    (200, enveloped(None, 403), TheKeysCloudRefusedError, 403),
    (200, enveloped(None, "401"), TheKeysCloudRefusedError, 401),
    (200, {"error": "invalid_grant", "error_description": "x"}, TheKeysCloudRefusedError, 200),
    (408, b"", TheKeysCloudUnreachableError, 408),
    (429, b"", TheKeysCloudUnreachableError, 429),
    (500, b"<html>", TheKeysCloudUnreachableError, 500),
    (503, enveloped(None), TheKeysCloudUnreachableError, 503),
    (200, enveloped(None, 500), TheKeysCloudUnreachableError, 500),
    (302, b"", TheKeysCloudResponseError, 302),
    (404, b"<html>", TheKeysCloudResponseError, 404),
    (200, enveloped(None, 404), TheKeysCloudResponseError, 404),
    (200, enveloped(None), TheKeysCloudResponseError, None),
    (200, enveloped("x"), TheKeysCloudResponseError, None),
    (200, enveloped([1]), TheKeysCloudResponseError, None),
    (200, enveloped({}), TheKeysCloudResponseError, None),
    (200, {}, TheKeysCloudResponseError, None),
    (200, [], TheKeysCloudResponseError, None),
    (200, b"", TheKeysCloudResponseError, None),
    (200, b'{"access_tok', TheKeysCloudResponseError, None),
    (200, b"<html>", TheKeysCloudResponseError, None),
    (200, b"[" * 200_000, TheKeysCloudResponseError, None),
    (200, DEEP, TheKeysCloudResponseError, None),
    (200, LARGE, TheKeysCloudResponseError, None),
]


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("path", [LOGIN, USER])
async def test_error_reply_is_raised(
    server: Server, cloud: Cloud, path: str, error: tuple[int, Any, type[TheKeysCloudError], Any]
) -> None:
    server.status, server.answers[path], kind, code = error
    with pytest.raises(TheKeysCloudError) as caught:
        await (cloud.login(PHONE, PASSWORD) if path == LOGIN else cloud.locks_and_gateways())
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert caught.value.may_have_arrived is (kind is not TheKeysCloudRefusedError)


async def test_connection_closed_may_have_arrived(server: Server, cloud: Cloud) -> None:
    server.answers[USER] = None
    with pytest.raises(TheKeysCloudUnreachableError) as caught:
        await cloud.locks_and_gateways()
    assert caught.value.code is None
    assert caught.value.may_have_arrived


async def test_connection_refused_did_not_arrive(session: ClientSession) -> None:
    url = URL.build(scheme="http", host="127.0.0.1", port=unused_port())
    with pytest.raises(TheKeysCloudUnreachableError) as caught:
        await Cloud(session, url).login(PHONE, PASSWORD)
    assert not caught.value.may_have_arrived


@pytest.mark.parametrize(("phone", "password"), [("half \ud83d", "x"), ("+33", "half \ud83d")])
async def test_login_text_that_cannot_be_sent_is_refused(
    server: Server, session: ClientSession, phone: str, password: str
) -> None:
    with pytest.raises(TheKeysCloudRefusedError) as caught:
        await Cloud(session, server.url).login(phone, password)
    assert not caught.value.may_have_arrived
    assert server.received == []


@pytest.mark.parametrize("phone", ["+33 6\r\nX: y", "../../x", "", "?#&/"])
async def test_login_any_typed_phone_stays_in_its_place(
    server: Server, session: ClientSession, phone: str
) -> None:
    cloud = Cloud(session, server.url)
    await cloud.login(phone, "x")
    with pytest.raises(TheKeysCloudError):
        await cloud.locks_and_gateways()
    assert all(one.path.startswith("/fr/api/v2/utilisateur/get/") for one in server.received[1:])


@pytest.mark.parametrize("token", ["line\nbreak", "t\u00f6ken", "a\x00b"])
async def test_login_token_that_cannot_stand_in_a_header_is_an_error(
    server: Server, session: ClientSession, token: str
) -> None:
    server.answers[LOGIN] = {"access_token": token}
    with pytest.raises(TheKeysCloudResponseError):
        await Cloud(session, server.url).login(PHONE, PASSWORD)


async def test_request_without_login_is_refused(server: Server, session: ClientSession) -> None:
    with pytest.raises(TheKeysCloudRefusedError):
        await Cloud(session, server.url).shares(LOCK)
    assert server.received == []


async def test_errors_hold_no_secret(
    server: Server, cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for answer in (None, b'{"code": "Zmo1sps2OVyCFtl1"', enveloped(None, 401)):
        server.answers[USER] = answer
        with pytest.raises(TheKeysCloudError) as caught:
            await cloud.locks_and_gateways()
        logging.getLogger("test").error("error", exc_info=caught.value)
    for secret in (PHONE, PHONE[1:], PASSWORD, "t0ken", "Zmo1sps2OVyCFtl1"):
        assert secret not in caplog.text
