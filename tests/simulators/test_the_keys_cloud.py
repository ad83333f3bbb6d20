"""The simulated cloud of The Keys: logins, locks, gateways, and where shares get to."""

from collections.abc import AsyncIterator
import json
from pathlib import Path
import time
from typing import Any

import aiohttp
import pytest

from tests.simulators.the_keys import (
    BACK_ID,
    BACK_PORTAL_ID,
    FRONT_CODE,
    FRONT_ID,
    FRONT_PORTAL_ID,
    GATEWAY_ACCESSORY,
    GATEWAY_ID,
    KEYPAD_ID,
    OTHER_SHARE,
    OWN_SHARE,
    PHONE,
    Settings,
    TheKeysSimulator,
)
from tests.simulators.the_keys_client import API, Client, Portal

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "the_keys.json").read_text())

CREATE = f"{API}/partage/create/{FRONT_PORTAL_ID}/accessoire/{GATEWAY_ACCESSORY}"

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def simulator() -> AsyncIterator[TheKeysSimulator]:
    simulator = TheKeysSimulator(pace=0.01, settings=Settings(ahead=3600))
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
def client(simulator: TheKeysSimulator, session: aiohttp.ClientSession) -> Client:
    return Client(simulator, session)


@pytest.fixture
async def portal(simulator: TheKeysSimulator, session: aiohttp.ClientSession) -> Portal:
    portal = Portal(simulator, session)
    await portal.login()
    return portal


async def test_login_reply(portal: Portal, simulator: TheKeysSimulator) -> None:
    status, answer = await portal.login()
    assert status == 200
    assert answer["access_token"] == answer["token"]
    assert (answer["expires_in"], answer["token_type"]) == (3600, "bearer")
    simulator.configure_cloud("token")
    assert "access_token" not in (await portal.login())[1]
    assert await portal.share_names()


@pytest.mark.parametrize("refusal", [400, 401])
async def test_login_wrong_password_is_refused(
    portal: Portal, simulator: TheKeysSimulator, refusal: Any
) -> None:
    simulator.configure_cloud(login_refusal=refusal)
    assert (await portal.login("wrong"))[0] == refusal
    simulator.refuse_credentials()
    assert (await portal.login())[0] == refusal
    simulator.accept_credentials()
    assert (await portal.login())[0] == 200


async def test_token_expires(session: aiohttp.ClientSession) -> None:
    now = time.time()
    simulator = TheKeysSimulator(clock=lambda: now)
    await simulator.start()
    portal = Portal(simulator, session)
    await portal.login()
    assert await portal.share_names()
    now += 3601
    status, answer = await portal.call("GET", f"{API}/accessoire/get/{GATEWAY_ID}")
    assert (status, answer["error"]) == (401, "invalid_grant")
    await portal.login()
    simulator.expire_tokens()
    assert (await portal.call("POST", CREATE))[0] == 401
    await simulator.stop()


@pytest.mark.parametrize("phone", [PHONE, PHONE.replace("+", "%2B")])
async def test_locks_reply(portal: Portal, phone: str) -> None:
    user = await portal.get(f"/utilisateur/get/{phone}")
    ids = [(lock["id"], lock["id_serrure"]) for lock in user["serrures"]]
    assert ids == [(FRONT_PORTAL_ID, FRONT_ID), (BACK_PORTAL_ID, BACK_ID)]
    links = user["serrures"][0]["accessoires"]
    assert [link["accessoire"]["type"] for link in links] == [2, 1]
    assert links[1]["accessoire"]["id_accessoire"] == GATEWAY_ACCESSORY


async def test_gateway_address_is_the_simulators(
    portal: Portal, simulator: TheKeysSimulator
) -> None:
    gateway = await portal.get(f"/accessoire/get/{GATEWAY_ID}")
    assert gateway["info"]["ip"] == f"127.0.0.1:{simulator.url.port}"
    assert gateway["info"]["last_seen"].endswith("+00:00")
    simulator.set_gateway_ip(None)
    assert "ip" not in (await portal.get(f"/accessoire/get/{GATEWAY_ID}"))["info"]
    simulator.set_gateway_ip(None, info=False)
    assert (await portal.get(f"/accessoire/get/{GATEWAY_ID}"))["info"] is None


async def test_what_is_not_there_is_null(portal: Portal) -> None:
    assert await portal.get("/utilisateur/get/+33700000000") is None
    assert await portal.get("/accessoire/get/1") is None
    assert await portal.get(f"/partage/all/serrure/{FRONT_ID}") is None
    for path in (
        f"/partage/create/{FRONT_ID}/accessoire/{GATEWAY_ACCESSORY}",
        f"/partage/create/{FRONT_PORTAL_ID}/accessoire/{GATEWAY_ID}",
        "/partage/accessoire/update/1",
        "/partage/accessoire/delete/x",
    ):
        assert (await portal.call("POST", API + path))[1]["data"] is None


async def test_account_other_gateways_and_locks(
    portal: Portal, simulator: TheKeysSimulator
) -> None:
    simulator.add_gateway(3400, "TkGw0002", "127.0.0.1:9")
    lock = (await portal.get(f"/utilisateur/get/{PHONE}"))["serrures"][1]
    assert [link["accessoire"]["id"] for link in lock["accessoires"]] == [GATEWAY_ID, 3400]
    simulator.remove_gateways()
    lock = (await portal.get(f"/utilisateur/get/{PHONE}"))["serrures"][0]
    assert [link["accessoire"]["id"] for link in lock["accessoires"]] == [KEYPAD_ID]
    simulator.remove_locks()
    assert (await portal.get(f"/utilisateur/get/{PHONE}"))["serrures"] == []


async def test_share_is_created(
    portal: Portal, client: Client, simulator: TheKeysSimulator
) -> None:
    """The golden form makes a share of its own, which then has to travel."""
    assert await portal.share_names() == [OTHER_SHARE, OWN_SHARE]
    inputs = VECTORS["other_forms"]["cloud_create_share"]["inputs"]
    _, answer = await portal.call("POST", CREATE, inputs)
    code = answer["data"]["code"]
    assert len(code) == 16
    assert await portal.share_names() == [OTHER_SHARE, OWN_SHARE, "Home Assistant"]
    assert simulator.shares()[-1]["id"] == answer["data"]["id"]
    assert (await client.signed("/open", code=code))["code"] == 32


async def test_share_is_refused(portal: Portal, simulator: TheKeysSimulator) -> None:
    status, answer = await portal.call("POST", CREATE, {})
    assert (status, answer["message"]["form"]) == (400, ["nom"])
    simulator.configure_cloud(may_share=False)
    assert (await portal.call("POST", CREATE, {"partage_accessoire[nom]": "x"}))[0] == 403


async def test_share_is_updated_and_deleted(
    portal: Portal, client: Client, simulator: TheKeysSimulator
) -> None:
    """An update without the field switches off; the gateway hears when it synchronises."""
    number = simulator.shares()[1]["id"]
    path = f"{API}/partage/accessoire/update/{number}"
    await portal.call("POST", path, {"partage_accessoire[nom]": "Mine"})
    assert simulator.shares()[1]["active"] is False
    assert (await client.signed("/locker_status"))["code"] == 49
    await client.json("/synchronize")
    assert (await client.signed("/locker_status"))["code"] == 32
    await portal.call("POST", path, {"partage_accessoire[actif]": "1"})
    assert simulator.shares()[1] | {"name": "Mine", "active": True} == simulator.shares()[1]
    path = f"{API}/partage/accessoire/delete/{number}"
    assert (await portal.call("POST", path))[1] == {"status": 200}
    assert await portal.share_names() == [OTHER_SHARE]


async def test_cloud_down_closes_connections(portal: Portal, simulator: TheKeysSimulator) -> None:
    simulator.take_cloud_down()
    with pytest.raises(aiohttp.ClientError):
        await portal.login()


async def test_share_new_is_known_after_synchronising(
    client: Client, simulator: TheKeysSimulator
) -> None:
    """Unknown to the gateway (32), then to the lock (36), then good."""
    code = simulator.add_share("Home Assistant", synchronised=False)
    assert (await client.signed("/open", code=code))["code"] == 32
    await client.json("/synchronize")
    assert (await client.signed("/open", code=code))["code"] == 36
    await client.json("/locker/synchronize", f"identifier={FRONT_ID}")
    assert (await client.signed("/open", code=code))["code"] == 0


@pytest.mark.parametrize(("how", "expected"), [("deleted", 32), ("changed", 33)])
async def test_refuse_credentials_codes_are_refused(
    client: Client, simulator: TheKeysSimulator, how: Any, expected: int
) -> None:
    simulator.refuse_credentials(how)
    assert (await client.signed("/open"))["code"] == expected
    with pytest.raises(ValueError, match="already"):
        simulator.refuse_credentials()
    simulator.accept_credentials()
    simulator.accept_credentials()
    assert (await client.signed("/open"))["code"] == 0
    assert simulator.share_code() == FRONT_CODE


async def test_delete_share_code_is_not_shared(client: Client, simulator: TheKeysSimulator) -> None:
    simulator.delete_share()
    assert (await client.signed("/open"))["code"] == 32
    assert (await client.signed("/open", code=simulator.share_code(name=OTHER_SHARE)))["code"] == 0
    with pytest.raises(KeyError):
        simulator.share_code()


async def test_share_of_another_accessory_does_not_count(
    client: Client, simulator: TheKeysSimulator
) -> None:
    code = simulator.add_share("Home Assistant", accessory=KEYPAD_ID)
    assert (await client.signed("/open", code=code))["code"] == 32
    with pytest.raises(ValueError, match="accessory"):
        simulator.add_share("Home Assistant", accessory=1)


async def test_verbs_over_http(client: Client, simulator: TheKeysSimulator) -> None:
    code = await client.json("/_simulator/share_code", "{}")
    assert code == {"result": FRONT_CODE}
    body = json.dumps({"bolt": "locked", "lock_id": BACK_ID})
    await client.json("/_simulator/turn_by_hand", body)
    assert simulator.bolt(BACK_ID) == "locked"
    verbs = set((await client.json("/_simulator"))["verbs"])
    assert verbs >= {"jam", "freeze", "lose_clock", "refuse_credentials", "expire_tokens"}
    assert "error" in await client.json("/_simulator/share_code", '{"lock_id": "9"}')
