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
    cloud_url,
)

from .the_keys_wire import VECTORS, Wire, served

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
async def wire() -> AsyncIterator[Wire]:
    """Serve an account with one lock and one gateway."""
    answers = {
        LOGIN: TOKEN,
        USER: enveloped({"serrures": [lock()]}),
        ACCESSORY: enveloped({"id": 42, "info": {"last_seen": "x", "ip": "192.168.0.26"}}),
        SHARES: enveloped({"partages_utilisateur": [], "partages_accessoire": [share()]}),
        CREATE: enveloped({"id": 6, "code": "n3wc0de"}),
    }
    async with served(answers=answers) as wire:
        yield wire


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """Open a session."""
    async with ClientSession() as session:
        yield session


@pytest.fixture
async def cloud(wire: Wire, session: ClientSession) -> Cloud:
    """Return a client that is logged in."""
    cloud = Cloud(session, wire.url)
    await cloud.login(PHONE, PASSWORD)
    return cloud


async def test_login_is_a_form_once(wire: Wire, cloud: Cloud) -> None:
    (heard,) = wire.heard
    assert (heard.method, heard.path) == ("POST", LOGIN)
    assert heard.body == FORMS["cloud_login"]["body"]
    assert heard.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in heard.headers


@pytest.mark.parametrize(
    ("reply", "token"),
    [
        (TOKEN, "t0ken"),
        ({"token": "other"}, "other"),
        ({"access_token": None, "token": "o"}, "o"),
        ({"access_token": "a"}, "a"),
    ],
)
async def test_either_token_will_do(
    wire: Wire, session: ClientSession, reply: Any, token: str
) -> None:
    wire.answers[LOGIN] = reply
    cloud = Cloud(session, wire.url)
    await cloud.login(PHONE, PASSWORD)
    await cloud.locks_and_gateways()
    assert {heard.headers["Authorization"] for heard in wire.heard[1:]} == {f"Bearer {token}"}


async def test_an_account(wire: Wire, cloud: Cloud) -> None:
    assert await cloud.locks_and_gateways() == Account(locks=(LOCK,), gateways=(GATEWAY,))
    assert [(heard.method, heard.path) for heard in wire.heard[1:]] == [
        ("GET", USER),
        ("GET", ACCESSORY),
    ]


async def test_a_gateway_of_two_locks_is_one(wire: Wire, cloud: Cloud) -> None:
    other = lock(id=1756, id_serrure=1751, nom=None, produit=None, unlockOnly=1)
    wire.answers[USER] = enveloped({"serrures": [lock(), other]})
    account = await cloud.locks_and_gateways()
    assert account.gateways == (GATEWAY,)
    assert account.locks == (
        LOCK,
        CloudLock(id=1756, identifier=1751, name="1751", unlock_only=True, gateway_ids=(42,)),
    )


async def test_lists_may_be_written_as_objects(wire: Wire, cloud: Cloud) -> None:
    wire.answers[USER] = enveloped({"serrures": {"3": lock(accessoires={"1": paired()})}})
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
async def test_what_is_no_gateway_is_left_out(wire: Wire, cloud: Cloud, accessories: Any) -> None:
    wire.answers[USER] = enveloped({"serrures": [lock(accessoires=accessories)]})
    account = await cloud.locks_and_gateways()
    assert account.gateways == ()
    assert account.locks[0].gateway_ids == ()


@pytest.mark.parametrize(
    "entry", [None, 3, {}, lock(id=None), lock(id_serrure="x"), lock(id_serrure=None)]
)
async def test_what_is_no_lock_is_left_out(wire: Wire, cloud: Cloud, entry: Any) -> None:
    wire.answers[USER] = enveloped({"serrures": [entry, lock()]})
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
async def test_the_address_is_a_hint(
    wire: Wire, cloud: Cloud, accessory: Any, listed: Any, ip: str | None
) -> None:
    wire.answers[ACCESSORY] = accessory
    wire.answers[USER] = enveloped({"serrures": [lock(accessoires=[paired() | {"info": listed}])]})
    (gateway,) = (await cloud.locks_and_gateways()).gateways
    assert gateway.ip == ip


@pytest.mark.parametrize(
    "ours", [share(), share(actif=1), share(actif="1"), share(horaires=None), share(id=None)]
)
async def test_our_share_is_found(wire: Wire, cloud: Cloud, ours: Any) -> None:
    wire.answers[SHARES] = enveloped({"partages_accessoire": [share(nom="Bea", code="no"), ours]})
    assert await cloud.find_or_create_share(LOCK, GATEWAY, NAME) == "Zmo1sps2OVyCFtl1"
    assert [heard.method for heard in wire.heard[1:]] == ["GET"]


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
async def test_any_other_share_is_left_alone_and_ours_made(
    wire: Wire, cloud: Cloud, other: Any
) -> None:
    wire.answers[SHARES] = enveloped({"partages_accessoire": [other]})
    assert await cloud.find_or_create_share(LOCK, GATEWAY, NAME) == "n3wc0de"
    created = wire.heard[-1]
    assert [(heard.method, heard.path) for heard in wire.heard[1:]] == [
        ("GET", SHARES),
        ("POST", CREATE),
    ]
    assert created.body == FORMS["cloud_create_share"]["body"]
    assert created.headers["Authorization"] == "Bearer t0ken"


@pytest.mark.parametrize("data", [[], {}, {"partages_accessoire": None}])
async def test_no_shares_at_all(wire: Wire, cloud: Cloud, data: Any) -> None:
    wire.answers[SHARES] = enveloped(data)
    assert await cloud.shares(LOCK) == ()


async def test_the_code_of_a_share_does_not_show(cloud: Cloud) -> None:
    (found,) = await cloud.shares(LOCK)
    assert found.code == "Zmo1sps2OVyCFtl1"
    assert found.code not in repr(found)


@pytest.mark.parametrize("data", [{"id": 6}, {"code": None}, {"code": []}, [], None, "x"])
async def test_a_share_made_without_code(wire: Wire, cloud: Cloud, data: Any) -> None:
    wire.answers |= {SHARES: enveloped([]), CREATE: enveloped(data)}
    with pytest.raises(TheKeysCloudResponseError):
        await cloud.find_or_create_share(LOCK, GATEWAY, NAME)


async def test_a_share_is_never_made_twice(wire: Wire, cloud: Cloud) -> None:
    wire.answers |= {SHARES: enveloped([]), CREATE: None}
    with pytest.raises(TheKeysCloudUnreachableError):
        await cloud.find_or_create_share(LOCK, GATEWAY, NAME)
    assert len([heard for heard in wire.heard if heard.method == "POST"]) == 2


TROUBLES: list[tuple[int, Any, type[TheKeysCloudError], int | None]] = [
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
    (200, b" " * 300_000, TheKeysCloudResponseError, None),
]


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("path", [LOGIN, USER])
async def test_troubles(
    wire: Wire, cloud: Cloud, path: str, trouble: tuple[int, Any, type[TheKeysCloudError], Any]
) -> None:
    wire.status, wire.answers[path], error, code = trouble
    with pytest.raises(TheKeysCloudError) as caught:
        await (cloud.login(PHONE, PASSWORD) if path == LOGIN else cloud.locks_and_gateways())
    assert type(caught.value) is error
    assert caught.value.code == code


async def test_a_closed_connection(wire: Wire, cloud: Cloud) -> None:
    wire.answers[USER] = None
    with pytest.raises(TheKeysCloudUnreachableError) as caught:
        await cloud.locks_and_gateways()
    assert caught.value.code is None


async def test_nobody_there(session: ClientSession) -> None:
    url = URL.build(scheme="http", host="127.0.0.1", port=unused_port())
    with pytest.raises(TheKeysCloudUnreachableError):
        await Cloud(session, url).login(PHONE, PASSWORD)


async def test_log_in_first(wire: Wire, session: ClientSession) -> None:
    with pytest.raises(TheKeysCloudRefusedError):
        await Cloud(session, wire.url).shares(LOCK)
    assert wire.heard == []


async def test_no_secret_in_logs_nor_errors(
    wire: Wire, cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for answer in (None, b'{"code": "Zmo1sps2OVyCFtl1"', enveloped(None, 401)):
        wire.answers[USER] = answer
        with pytest.raises(TheKeysCloudError) as caught:
            await cloud.locks_and_gateways()
        logging.getLogger("test").error("trouble", exc_info=caught.value)
    for secret in (PHONE, PHONE[1:], PASSWORD, "t0ken", "Zmo1sps2OVyCFtl1"):
        assert secret not in caplog.text


@pytest.mark.parametrize("override", [None, "http://127.0.0.1:9"])
def test_the_address_can_be_overridden(
    override: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SMARTLOCKS_THE_KEYS_CLOUD_URL", raising=False)
    if override is not None:
        monkeypatch.setenv("SMARTLOCKS_THE_KEYS_CLOUD_URL", override)
    assert str(cloud_url().origin()) == (override or "https://api.the-keys.fr")
