"""The simulated LOQED bridge and cloud behave as the protocol has it."""

import asyncio
from base64 import b64decode
import json
import time
from typing import Any

from aiohttp import ClientError, ClientSession
import pytest

from .loqed import (
    API_TOKEN,
    BACKEND_KEY,
    BRIDGE_KEY,
    BRIDGE_MAC_BLE,
    BRIDGE_MAC_WIFI,
    KEY_SECRET,
    LOCAL_ID,
    LOCK_ID,
    NOBODY,
    LoqedSimulator,
)
from .loqed_client import VECTORS, BridgeClient, command

OPEN, UNLOCK, LOCK = 1, 2, 3
GOALS = {"open": "OPEN", "unlock": "DAY_LOCK", "lock": "NIGHT_LOCK"}


def signed(action: int, *, slot: int = LOCAL_ID, ago: int = 0, key: str = KEY_SECRET) -> str:
    return command(key, action=action, slot=slot, at=int(time.time()) - ago)


async def test_status_when_read_then_shaped_as_a_real_one(client: BridgeClient) -> None:
    response = await client.raw("status")
    assert response.headers["Content-Type"] == "text/html"
    assert "Date" not in response.headers
    assert "Server" not in response.headers
    status = json.loads(await response.read())
    assert abs(status.pop("up_timestamp") - time.time()) < 100_000
    assert status == {
        "battery_percentage": 64,
        "battery_type": "NICKEL_METAL_HYDRIDE",
        "battery_type_numeric": 1,
        "battery_voltage": 10.814,
        "bolt_state": "night_lock",
        "bolt_state_numeric": 3,
        "bridge_mac_wifi": BRIDGE_MAC_WIFI,
        "bridge_mac_ble": BRIDGE_MAC_BLE,
        "lock_online": 1,
        "webhooks_number": 0,
        "ip_address": "127.0.0.1",
        "wifi_strength": 77,
        "ble_strength": 60,
    }
    assert b" " not in await response.read()


async def test_status_when_spelt_differently_then_the_same_facts(
    loqed: LoqedSimulator, client: BridgeClient
) -> None:
    loqed.numbers_as_text()
    loqed.battery_type_as_number()
    loqed.status_fields({"mac_wifi": "x"}, without=["bridge_mac_wifi"])
    loqed.set_generation("2s")
    loqed.send_date()
    response = await client.raw("status")
    status = json.loads(await response.read())
    assert (status["lock_online"], status["battery_voltage"]) == ("1", "10.814")
    assert (status["battery_type"], status["mac_wifi"]) == ("1", "x")
    assert "bridge_mac_wifi" not in status
    assert response.headers["Content-Type"] != "text/html"
    assert "Date" in response.headers


@pytest.mark.parametrize("vector", VECTORS["commands"])
async def test_command_when_golden_then_the_lock_moves(
    socket_enabled: None, vector: dict[str, Any]
) -> None:
    loqed = LoqedSimulator(pace=0.01, clock=lambda: float(vector["timestamp"]))
    loqed.lock.keys = {vector["local_key_id"]: b64decode(vector["key_secret_b64"])}
    loqed.lock.turn("unknown")
    loqed.add_foreign_webhooks()
    await loqed.start()
    try:
        async with ClientSession() as session:
            client = BridgeClient(session=session, url=loqed.url, key="")
            answer = await client.to_lock(vector["message_b64"])
        assert answer == (200, "Message resent to the lock")
        await loqed.settle()
        assert loqed.refusals == []
        target, key_id = GOALS[vector["action"]], vector["local_key_id"]
        first = json.loads(loqed.deliveries[0].body)
        assert (first["go_to_state"], first["key_local_id"]) == (target, key_id)
    finally:
        await loqed.stop()


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (lambda: signed(UNLOCK, slot=LOCAL_ID + 1), "key slot"),
        (lambda: signed(UNLOCK, key=BRIDGE_KEY), "signature"),
        (lambda: signed(UNLOCK, ago=17), "timestamp"),
        (lambda: signed(UNLOCK, ago=-17), "timestamp"),
        (lambda: signed(9), "action"),
        (lambda: command(KEY_SECRET, action=UNLOCK, slot=LOCAL_ID, kind=89), "type"),
        (lambda: "AAAAAAAAAAACWQE=", "length"),
        (lambda: "no base64!", "length"),
        (lambda: "", "length"),
    ],
)
async def test_command_when_refused_then_the_bridge_still_answers_200(
    loqed: LoqedSimulator, client: BridgeClient, message: Any, reason: str
) -> None:
    assert await client.to_lock(message()) == (200, "Message resent to the lock")
    await loqed.settle()
    assert loqed.refusals == [reason]
    assert loqed.bolt() == "locked"


async def test_command_when_a_bit_is_flipped_then_refused(
    loqed: LoqedSimulator, client: BridgeClient
) -> None:
    right = signed(UNLOCK)
    flipped = right[:40] + ("A" if right[40] != "A" else "B") + right[41:]
    await client.to_lock(flipped)
    assert loqed.refusals == ["signature"]
    await client.to_lock(right)
    await loqed.settle()
    assert loqed.bolt() == "unlocked"


async def test_command_when_its_bytes_are_repeated_then_refused(
    loqed: LoqedSimulator, client: BridgeClient
) -> None:
    message = signed(UNLOCK)
    await client.to_lock(message)
    await loqed.settle()
    await loqed.turn_by_hand("locked")
    await client.to_lock(message)
    await loqed.settle()
    assert loqed.refusals == ["replay"]
    assert loqed.bolt() == "locked"


async def test_command_when_its_window_is_longer_then_accepted(
    loqed: LoqedSimulator, client: BridgeClient
) -> None:
    loqed.change_command_window(60)
    await client.to_lock(signed(UNLOCK, ago=50))
    await loqed.settle()
    assert loqed.bolt() == "unlocked"


async def test_command_when_its_key_is_deleted_then_ignored_until_restored(
    loqed: LoqedSimulator, client: BridgeClient
) -> None:
    loqed.delete_key()
    await client.to_lock(signed(UNLOCK))
    assert loqed.refusals == ["key slot"]
    loqed.restore_key()
    await client.to_lock(signed(UNLOCK))
    await loqed.settle()
    assert loqed.bolt() == "unlocked"


async def test_open_when_done_then_falls_back_to_unlocked(
    loqed: LoqedSimulator, client: BridgeClient
) -> None:
    await client.to_lock(signed(OPEN))
    await loqed.settle()
    assert loqed.bolt() == "unlocked"
    assert (await client.status())["bolt_state"] == "day_lock"


async def test_insecure_call_when_made_then_works_and_is_recorded(
    loqed: LoqedSimulator, client: BridgeClient
) -> None:
    url = (loqed.url / "state").with_query(
        command="DAY_LOCK", local_key_id=LOCAL_ID, secret=KEY_SECRET
    )
    async with client.session.get(url) as response:
        assert (response.status, await response.text()) == (200, "{}")
    await client.session.get(url.update_query(command="NIGHT_LOCK", secret=BRIDGE_KEY))
    await loqed.settle()
    assert loqed.insecure_calls == ["DAY_LOCK", "NIGHT_LOCK"]
    assert loqed.bolt() == "unlocked"


async def test_faults_when_set_then_seen_and_parallel_requests_counted(
    loqed: LoqedSimulator, client: BridgeClient
) -> None:
    await client.status()
    assert loqed.busiest == 1
    loqed.answer_after(0.05)
    await asyncio.gather(client.status(), client.status())
    assert loqed.busiest == 2
    loqed.talk_nonsense()
    assert await (await client.raw("status")).read() == (
        b"<html><body><h1>It works!</h1></body></html>"
    )
    loqed.talk_nonsense(None)
    loqed.drop_connections()
    with pytest.raises(ClientError):
        await client.status()


async def test_verbs_when_called_over_http_then_done_or_refused(
    loqed: LoqedSimulator, client: BridgeClient
) -> None:
    async def call(name: str, **arguments: Any) -> tuple[int, Any]:
        url = loqed.url / "_simulator" / name
        async with client.session.post(url, json=arguments) as response:
            return response.status, await response.json()

    assert await call("turn_by_hand", bolt="unlocked") == (200, {"result": None})
    assert await call("add_webhook", url="http://127.0.0.1:9/a") == (200, {"result": 1})
    assert (await call("add_webhook", url="http://127.0.0.1:9/a"))[0] == 400
    assert (await call("turn_by_hand", bolt="locked", lock_id="other"))[0] == 400
    assert (await call("set_generation", generation="3"))[0] == 400
    assert (await call("forge_push", kind="unheard of"))[0] == 400
    async with client.session.get(loqed.url / "_simulator") as response:
        described = await response.json()
    assert described["key"] == "loqed"
    assert described["locks"] == {LOCK_ID: "unlocked"}
    assert {"settle", "stall", "integration_information"} <= set(described["verbs"])


async def locks(loqed: LoqedSimulator, token: str = API_TOKEN) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    url = loqed.cloud_url.with_path("/api/locks/")
    async with ClientSession() as session, session.get(url, headers=headers) as response:
        return response.status, await response.json()


async def test_cloud_when_asked_then_lists_the_lock(loqed: LoqedSimulator) -> None:
    status, answer = await locks(loqed)
    [lock] = answer["data"]
    assert status == 200
    information = loqed.integration_information()
    assert information == {
        "lock_id": LOCK_ID,
        "lock_key_local_id": lock["local_id"],
        "lock_key_key": lock["key_secret"],
        "backend_key": BACKEND_KEY,
        "bridge_key": lock["bridge_key"],
        "bridge_ip": lock["bridge_ip"],
        "bridge_mdns_hostname": lock["bridge_hostname"],
    }
    assert str(lock["id"]) == LOCK_ID
    assert lock["bridge_ip"] == f"127.0.0.1:{loqed.url.port}"
    assert lock["bridge_mac_wifi"] == BRIDGE_MAC_WIFI
    assert lock["supported_lock_states"] == ["open", "day_lock", "night_lock"]
    assert lock["bolt_state"] == "night_lock"


async def test_cloud_when_told_so_then_lists_other_locks_and_stale_facts(
    loqed: LoqedSimulator,
) -> None:
    other_id = loqed.add_cloud_lock("Shed")
    loqed.stale_address()
    loqed.hide_bridge_mac()
    loqed.fit_handle()
    loqed.cloud_fields({"name": "Gate"}, without=["bridge_ip"], lock_id=other_id)
    ours, other = (await locks(loqed))[1]["data"]
    assert ours["bridge_ip"] == NOBODY
    assert "bridge_mac_wifi" not in ours
    assert "open" not in ours["supported_lock_states"]
    assert (str(other["id"]), other["name"]) == (other_id, "Gate")
    assert other["key_secret"] != ours["key_secret"]
    assert "bridge_ip" not in other


async def test_cloud_when_the_token_is_wrong_then_refuses(loqed: LoqedSimulator) -> None:
    assert (await locks(loqed, "wrong"))[0] == 401
    loqed.revoke_token()
    assert (await locks(loqed))[0] == 401
    loqed.revoke_token(revoked=False)
    loqed.empty_account()
    assert await locks(loqed) == (200, {"data": []})
    loqed.break_cloud(status=503)
    url = loqed.cloud_url.with_path("/api/locks/")
    async with ClientSession() as session:
        async with session.get(url) as response:
            assert response.status == 503
        loqed.break_cloud()
        async with session.get(url, headers={"Authorization": f"Bearer {API_TOKEN}"}) as response:
            assert response.url.path == "/login"
            assert response.content_type == "text/html"
