"""The simulated account of LOQED's web API behaves as others have seen and the vendor says."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
import json
from typing import Any

from aiohttp import ClientSession
import pytest

from .loqed import API_TOKEN, LOCAL_ID, LOCK_ID, MOST_READS, PEOPLE, LoqedSimulator
from .loqed_client import Receiver


@dataclass(kw_only=True)
class Owner:
    """Somebody with a token."""

    session: ClientSession
    loqed: LoqedSimulator
    token: str = API_TOKEN

    async def ask(self, path: str, **body: Any) -> tuple[int, Any]:
        """Ask the web API; status and JSON."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        url = f"{self.loqed.cloud_url}/api/locks/{path}"
        method = "POST" if body else "GET"
        async with self.session.request(
            method, url, headers=headers, json=body or None, allow_redirects=False
        ) as answer:
            raw = await answer.read()
            return answer.status, json.loads(raw) if raw else None

    async def lock(self) -> dict[str, Any]:
        """Return the lock as it is listed."""
        _, listed = await self.ask("")
        lock: dict[str, Any] = listed["data"][0]
        return lock


@pytest.fixture
async def owner(loqed: LoqedSimulator) -> AsyncIterator[Owner]:
    async with ClientSession() as session:
        yield Owner(session=session, loqed=loqed)


async def test_command_when_accepted_then_204_and_the_lock_moves(
    loqed: LoqedSimulator, owner: Owner, receiver: Receiver
) -> None:
    assert await owner.ask(f"{LOCK_ID}/bolt_state/day_lock") == (204, None)
    await loqed.settle()
    assert loqed.bolt() == "unlocked"
    told = [json.loads(push.body) for push in loqed.recorded]
    assert {push["key_local_id"] for push in told} == {LOCAL_ID}
    assert loqed.account.limit.times == []


async def test_command_when_the_key_is_deleted_then_404_of_the_key(
    loqed: LoqedSimulator, owner: Owner
) -> None:
    loqed.delete_key()
    status, told = await owner.ask(f"{LOCK_ID}/bolt_state/day_lock")
    assert (status, told["message"]) == (404, "No query results for model [App\\Models\\ApiKey]")
    assert (await owner.ask(""))[0] == 200
    assert loqed.bolt() == "locked"


async def test_command_that_the_door_cannot_do_then_422(
    loqed: LoqedSimulator, owner: Owner
) -> None:
    loqed.fit_handle()
    assert (await owner.ask(f"{LOCK_ID}/bolt_state/open"))[0] == 422


async def test_settings_when_changed_then_listed(loqed: LoqedSimulator, owner: Owner) -> None:
    for name in ("open_house_mode", "twist_assist", "touch_to_connect"):
        before = (await owner.lock())[name]
        await owner.ask(f"{LOCK_ID}/setting", setting_name=name, setting_value=int(not before))
        assert (await owner.lock())[name] is not before
    assert (await owner.ask(f"{LOCK_ID}/guest_access_mode/1"))[0] == 204
    assert (await owner.lock())["guest_access_mode"] is True


async def test_reads_when_more_than_twelve_then_all_tokens_are_blocked(
    loqed: LoqedSimulator, owner: Owner
) -> None:
    for _ in range(MOST_READS):
        assert (await owner.ask(""))[0] == 200
    assert (await owner.ask(""))[0] == 429
    owner.token = loqed.create_token()
    assert (await owner.ask(""))[0] == 429
    assert (await owner.ask(f"{LOCK_ID}/bolt_state/day_lock"))[0] == 204


async def test_token_when_expired_or_revoked_then_401(loqed: LoqedSimulator, owner: Owner) -> None:
    loqed.revoke_token()
    assert (await owner.ask(""))[0] == 401
    loqed.revoke_token(revoked=False)
    owner.token = loqed.create_token(days=-1)
    assert (await owner.ask(""))[0] == 401


@pytest.mark.parametrize("shape", ["seen", "documented"])
async def test_cloud_calls_when_a_key_is_used_then_with_its_name_and_unsigned(
    loqed: LoqedSimulator, receiver: Receiver, shape: Any
) -> None:
    loqed.lose_webhooks()
    loqed.add_cloud_webhook(receiver.url, shape)
    loqed.repeat_cloud_calls()
    await loqed.use_key(12)
    await loqed.settle()
    calls = [json.loads(call.body) for call in loqed.cloud_caller.calls]
    reached = [call for call in calls if call["event_type"] == "STATE_CHANGED_LATCH"]
    assert len(reached) == 2
    assert reached[0] == reached[1]
    assert reached[0]["key_name_user"] == PEOPLE[12]
    assert reached[0]["key_local_id"] == ("12" if shape == "seen" else 12)
    assert ("key_account_email" in reached[0]) is (shape == "seen")
    assert {call.status for call in loqed.cloud_caller.calls} == {200}
    assert not any("HASH" in dict(headers) for headers, _ in receiver.requests)
