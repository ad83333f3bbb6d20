"""The simulated LOQED cloud lists the lock, or does not."""

from collections.abc import AsyncGenerator
from typing import Any

from aiohttp import ClientSession
import pytest

from .loqed import (
    API_TOKEN,
    BACKEND_KEY,
    BRIDGE_MAC_WIFI,
    LOCK_ID,
    NOBODY,
    LoqedSimulator,
)


@pytest.fixture
async def sim(socket_enabled: None) -> AsyncGenerator[LoqedSimulator]:
    simulator = LoqedSimulator()
    await simulator.start()
    yield simulator
    await simulator.stop()


async def locks(sim: LoqedSimulator, token: str = API_TOKEN) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    url = sim.cloud_url.with_path("/api/locks/")
    async with ClientSession() as session, session.get(url, headers=headers) as response:
        return response.status, await response.json()


async def test_the_cloud_lists_the_lock(sim: LoqedSimulator) -> None:
    status, answer = await locks(sim)
    [lock] = answer["data"]
    assert status == 200
    information = sim.integration_information()
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
    assert lock["bridge_ip"] == f"127.0.0.1:{sim.url.port}"
    assert lock["bridge_mac_wifi"] == BRIDGE_MAC_WIFI
    assert lock["supported_lock_states"] == ["open", "day_lock", "night_lock"]
    assert lock["bolt_state"] == "night_lock"


async def test_the_cloud_lists_other_locks_and_stale_facts(sim: LoqedSimulator) -> None:
    other_id = sim.add_cloud_lock("Shed")
    sim.stale_address()
    sim.hide_bridge_mac()
    sim.fit_handle()
    sim.cloud_fields({"name": "Gate"}, without=["bridge_ip"], lock_id=other_id)
    ours, other = (await locks(sim))[1]["data"]
    assert ours["bridge_ip"] == NOBODY
    assert "bridge_mac_wifi" not in ours
    assert "open" not in ours["supported_lock_states"]
    assert (str(other["id"]), other["name"]) == (other_id, "Gate")
    assert other["key_secret"] != ours["key_secret"]
    assert "bridge_ip" not in other


async def test_the_cloud_refuses(sim: LoqedSimulator) -> None:
    assert (await locks(sim, "wrong"))[0] == 401
    sim.revoke_token()
    assert (await locks(sim))[0] == 401
    sim.revoke_token(revoked=False)
    sim.empty_account()
    assert await locks(sim) == (200, {"data": []})
    sim.break_cloud(status=503)
    url = sim.cloud_url.with_path("/api/locks/")
    async with ClientSession() as session:
        async with session.get(url) as response:
            assert response.status == 503
        sim.break_cloud()
        async with session.get(url, headers={"Authorization": f"Bearer {API_TOKEN}"}) as response:
            assert response.url.path == "/login"
            assert response.content_type == "text/html"
