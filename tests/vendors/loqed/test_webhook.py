"""Our webhook on the bridge: registered, kept, moved and removed; and what its receiver answers."""

import asyncio
import logging
import sys
from unittest.mock import AsyncMock, patch

from homeassistant.components.cloud import CloudNotAvailable
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import HomeAssistant
from multidict import CIMultiDict
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator
from yarl import URL

from tests.clock import MONOTONIC, WallClock
from tests.simulators.loqed import LoqedSimulator
from tests.vendors.home import issues, reauth_flows, settle, state

from .conftest import LOCK, during, ours, paste, reads, refresh, reload, set_up, turn, wait

CLOUD = "homeassistant.components.cloud"
CLOUDHOOK = "https://hooks.example.com/abcdef"
TWO_DAYS = 2 * 86400.0


# Registered and kept.


async def test_webhook_is_registered_once_and_found_again_after_a_reload(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    assert len(ours(loqed)) == 1
    assert ours(loqed)[0].startswith(str(address))
    await reload(hass, entry)
    assert len(ours(loqed)) == 1
    await entry.runtime_data.async_subscribe(ours(loqed)[0])
    assert len(ours(loqed)) == 1


async def test_webhook_that_is_lost_is_registered_again_with_the_next_read(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    before = ours(loqed)
    loqed.lose_webhooks()
    await refresh(hass)
    assert ours(loqed) == before


async def test_webhook_that_is_lost_and_not_missed_by_number_is_registered_again(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    before = ours(loqed)
    loqed.lose_webhooks()
    loqed.add_foreign_webhooks(1)
    await wait(hass, hours=6.1)
    assert sorted(ours(loqed)) == sorted(before)
    assert len(loqed.webhook_urls) == 2


async def test_webhook_moves_to_a_new_address_and_others_are_left_alone(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.add_foreign_webhooks(2)
    await set_up(hass, loqed)
    hass.config.internal_url = "http://192.0.2.7:8123"
    hass.bus.async_fire(EVENT_CORE_CONFIG_UPDATE, {})
    await settle(hass)
    assert [url for url in ours(loqed) if url.startswith("http://192.0.2.7:8123/")] == ours(loqed)
    assert len(loqed.webhook_urls) == 3


@pytest.mark.parametrize(
    "odd",
    [
        {"id": 7},
        {"id": 8, "url": None, "trigger_battery": True},
        {"id": 9, "url": "http://192.0.2.1/", "trigger_battery": "yes"},
        {"url": "http://192.0.2.1/"},
        "odd",
    ],
)
async def test_webhook_is_registered_beside_an_odd_one_of_others(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, odd: object
) -> None:
    loqed.add_odd_webhook(odd)
    await set_up(hass, loqed)
    assert len(ours(loqed)) == 1
    await turn(hass, loqed, "unlocked")
    assert state(hass, LOCK) == "unlocked"


async def test_full_bridge_is_told_and_tried_again_within_minutes(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.fill_webhooks()
    await set_up(hass, loqed)
    assert "loqed_bridge_full" in issues(hass)
    assert state(hass, "binary_sensor.front_door_push") == "off"
    await turn(hass, loqed, "unlocked")
    await wait(hass, seconds=70)
    assert state(hass, LOCK) == "unlocked"
    before = len(loqed.server.sent("/webhooks"))
    await wait(hass, minutes=50)
    assert len(loqed.server.sent("/webhooks")) - before <= 2
    loqed.lose_webhooks()
    await wait(hass, minutes=2)
    assert "loqed_bridge_full" not in issues(hass)
    assert len(ours(loqed)) == 1


async def test_webhook_that_the_bridge_could_not_take_is_tried_again_within_minutes(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    loqed.fail_endpoint("webhooks", "drop")
    await reload(hass, entry)
    loqed.lose_webhooks()
    assert state(hass, "binary_sensor.front_door_push") == "off"
    loqed.fail_endpoint("webhooks", None)
    await wait(hass, minutes=7)
    assert len(ours(loqed)) == 1
    assert issues(hass) == set()


async def test_webhook_of_ours_that_is_there_twice_is_tidied(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    stale = f"http://192.0.2.99/api/webhook/{entry.data['webhook_id']}"
    loqed.add_webhook(stale)
    await reload(hass, entry)
    assert len(ours(loqed)) == 1
    assert stale not in ours(loqed)


async def test_list_of_webhooks_when_it_is_as_long_as_a_stranger_likes_then_it_holds_up_nothing(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    url = ours(loqed)[0]
    loqed.lose_webhooks()
    loqed.limit_webhooks(30_000)
    for _ in range(2_000):
        loqed.add_odd_webhook({"id": 9})
    steps = 0

    def count(*_: object) -> None:
        nonlocal steps
        steps += 1

    sys.setprofile(count)
    try:
        await entry.runtime_data.async_subscribe(url)
    finally:
        sys.setprofile(None)
    # To compare each with each would be 2,000,000 comparisons.
    assert steps < 1_000_000
    assert len(ours(loqed)) == 1


async def test_webhook_when_the_bridge_does_not_delete_the_old_one_is_registered_all_the_same(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    (old,) = ours(loqed)
    loqed.fail_deletes()
    hass.config.internal_url = "http://192.0.2.7:8123"
    hass.bus.async_fire(EVENT_CORE_CONFIG_UPDATE, {})
    await settle(hass)
    (new,) = set(ours(loqed)) - {old}
    assert new.startswith("http://192.0.2.7:8123/")
    loqed.fail_deletes(on=False)
    await wait(hass, hours=6.1)
    assert ours(loqed) == [new]


async def test_webhook_when_one_without_triggers_cannot_be_deleted_is_not_called_registered(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    (url,) = ours(loqed)
    loqed.lose_webhooks()
    loqed.add_webhook(url, flags=1)
    loqed.fail_deletes()
    await entry.runtime_data.async_subscribe(url)
    assert state(hass, "binary_sensor.front_door_push") == "off"
    loqed.fail_deletes(on=False)
    await wait(hass, minutes=7)
    assert [webhook.flags for webhook in loqed.bridge.webhooks] == [511]


async def test_unloading_removes_the_webhook_and_removing_needs_no_bridge(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    assert await during(hass, hass.config_entries.async_unload(entry.entry_id))
    assert ours(loqed) == []
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert len(ours(loqed)) == 1
    await loqed.stop()
    assert await during(hass, hass.config_entries.async_remove(entry.entry_id))
    assert entry.state is ConfigEntryState.NOT_LOADED


async def test_unloading_when_the_bridge_is_silent_then_it_is_given_up_after_five_seconds(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    loqed.never_answer()
    before = MONOTONIC.ahead
    assert await during(hass, hass.config_entries.async_unload(entry.entry_id))
    assert 4 < MONOTONIC.ahead - before < 6
    assert entry.state is ConfigEntryState.NOT_LOADED


# Keys and clocks.


async def test_refused_key_asks_for_new_ones(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    entry = await set_up(hass, loqed)
    loqed.refuse_credentials()
    await reload(hass, entry)
    assert len(reauth_flows(hass)) == 1
    assert state(hass, LOCK) == "locked"


@pytest.mark.parametrize("sends_date", [False, True])
async def test_clock_that_was_wrong_at_the_start_asks_for_no_keys_and_is_mended_in_minutes(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, wall: WallClock, sends_date: bool
) -> None:
    entry = await set_up(hass, loqed)
    loqed.send_date(on=sends_date)
    # As a board without a clock starts: before the bridge did.
    wall.step = -TWO_DAYS
    await reload(hass, entry)
    assert reauth_flows(hass) == []
    assert "loqed_clock_differs" in issues(hass)
    wall.step = 0.0
    await wait(hass, minutes=7)
    assert len(ours(loqed)) == 1
    assert issues(hass) == set()
    await turn(hass, loqed, "unlocked")
    assert state(hass, LOCK) == "unlocked"


async def test_clock_that_late_calls_have_shown_to_be_wrong_asks_for_no_keys(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    loqed.skew_clock(-600)
    await turn(hass, loqed, "unlocked")
    loqed.bridge.window = 60
    await wait(hass, hours=6.5)
    assert reauth_flows(hass) == []


async def test_key_that_was_refused_because_of_the_clock_is_not_asked_for_any_more(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, wall: WallClock
) -> None:
    entry = await set_up(hass, loqed)
    # Nothing shows that the clock is wrong.
    wall.step = 600.0
    await reload(hass, entry)
    assert len(reauth_flows(hass)) == 1
    wall.step = 0.0
    await wait(hass, minutes=7)
    assert reauth_flows(hass) == []
    assert len(ours(loqed)) == 1


async def test_refused_key_when_another_bridge_answers_asks_for_no_new_one(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    # Two bridges have changed their addresses.
    loqed.status_fields({"bridge_mac_wifi": "02c0ffee0b01", "bridge_mac_ble": "02c0ffee0b03"})
    loqed.refuse_credentials()
    await wait(hass, hours=6.1)
    assert len(loqed.server.sent("/webhooks")) > 1
    assert reauth_flows(hass) == []
    assert state(hass, LOCK) == "unavailable"
    loqed.status_fields()
    loqed.accept_credentials()
    await wait(hass, minutes=7)
    assert state(hass, LOCK) == "locked"
    assert len(ours(loqed)) == 1


# Our own address.


async def test_own_address_that_is_missing_is_told(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed, push_route="custom")
    assert "no_push_url_custom" in issues(hass)
    assert ours(loqed) == []


async def test_own_address_that_a_person_gives_is_used(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed, push_route="custom", push_base="http://proxy.example:81/ha")
    assert ours(loqed)[0].startswith("http://proxy.example:81/ha/api/webhook/")


async def test_own_address_with_https_only_is_told(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    hass.config.internal_url = None
    hass.config.external_url = "https://home.example"
    assert hass.config.api is not None
    hass.config.api.use_ssl = True
    await set_up(hass, loqed)
    assert "no_push_url_direct" in issues(hass)
    assert loqed.webhook_urls == []


async def test_cloudhook_is_registered_and_taken_back(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    with (
        patch(f"{CLOUD}.async_active_subscription", return_value=True),
        patch(f"{CLOUD}.async_get_or_create_cloudhook", AsyncMock(return_value=CLOUDHOOK)),
        patch(f"{CLOUD}.async_delete_cloudhook", AsyncMock()) as delete,
    ):
        entry = await set_up(hass, loqed, push_route="cloud")
        assert loqed.webhook_urls == [CLOUDHOOK]
        await during(hass, hass.config_entries.async_remove(entry.entry_id))
        assert loqed.webhook_urls == []
        delete.assert_awaited_once()


async def test_cloudhook_that_is_not_used_any_more_is_taken_back(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    with (
        patch(f"{CLOUD}.async_active_subscription", return_value=True),
        patch(f"{CLOUD}.async_get_or_create_cloudhook", AsyncMock(return_value=CLOUDHOOK)),
        patch(f"{CLOUD}.async_delete_cloudhook", AsyncMock()) as delete,
    ):
        entry = await set_up(hass, loqed, push_route="cloud")
        options = {**entry.options, "push_route": "direct"}
        hass.config_entries.async_update_entry(entry, options=options)
        await during(hass, hass.config_entries.async_reload(entry.entry_id))
        await settle(hass)
        delete.assert_awaited_once()
        assert CLOUDHOOK not in loqed.webhook_urls
        assert len(loqed.webhook_urls) == 1


@pytest.mark.parametrize("failure", [CloudNotAvailable, ValueError, TimeoutError])
async def test_cloudhook_whose_deletion_fails_does_not_keep_the_entry(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, failure: type[Exception]
) -> None:
    with (
        patch(f"{CLOUD}.async_active_subscription", return_value=True),
        patch(f"{CLOUD}.async_get_or_create_cloudhook", AsyncMock(return_value=CLOUDHOOK)),
        patch(f"{CLOUD}.async_delete_cloudhook", AsyncMock(side_effect=failure)) as delete,
    ):
        entry = await set_up(hass, loqed, push_route="cloud")
        await during(hass, hass.config_entries.async_remove(entry.entry_id))
        delete.assert_awaited_once()
    assert hass.config_entries.async_entries(entry.domain) == []


@pytest.mark.parametrize("failure", [CloudNotAvailable, ValueError, TimeoutError])
async def test_cloudhook_whose_making_fails_is_told_and_raises_nothing(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, failure: type[Exception]
) -> None:
    with (
        patch(f"{CLOUD}.async_active_subscription", return_value=True),
        patch(f"{CLOUD}.async_get_or_create_cloudhook", AsyncMock(side_effect=failure)),
    ):
        entry = await set_up(hass, loqed, push_route="cloud")
        assert "no_push_url_cloud" in issues(hass)
        await during(hass, hass.config_entries.async_remove(entry.entry_id))


@pytest.mark.parametrize("subscribed", [False, True])
async def test_cloudhook_that_cannot_be_had_is_told(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, subscribed: bool
) -> None:
    with (
        patch(f"{CLOUD}.async_active_subscription", return_value=subscribed),
        patch(f"{CLOUD}.async_get_or_create_cloudhook", AsyncMock(side_effect=CloudNotAvailable)),
    ):
        entry = await set_up(hass, loqed, push_route="cloud")
        assert "no_push_url_cloud" in issues(hass)
        assert loqed.webhook_urls == []
        await during(hass, hass.config_entries.async_remove(entry.entry_id))


async def test_call_through_the_cloud_is_verified_as_any_other(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator, hass_ws_client: WebSocketGenerator
) -> None:
    entry = await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    last = loqed.deliveries[-1]
    client = await hass_ws_client(hass)
    call_of_cloud = {
        "type": "webhook/handle",
        "webhook_id": entry.data["webhook_id"],
        "method": "POST",
        "headers": dict(last.headers),
        "query": "",
    }
    for body, status in ((last.body.decode(), 200), ("{}", 401), ("x" * 5000, 413)):
        await client.send_json_auto_id({**call_of_cloud, "body": body})
        answer = await client.receive_json()
        assert answer["result"]["status"] == status


# A stranger who answers for the bridge is told signatures: of our own requests to it.
# Ids whose eight bytes are an empty object, in two encodings of JSON.
@pytest.mark.parametrize("number", [0x0009_007B_007D_0009, 0x0000_007B_0000_007D, None])
async def test_signature_of_our_own_request_when_it_comes_as_a_call_then_it_is_not_taken(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_client_no_auth: ClientSessionGenerator,
    number: int | None,
) -> None:
    entry = await set_up(hass, loqed)
    loqed.lose_webhooks()
    stale = f"http://192.0.2.99/api/webhook/{entry.data['webhook_id']}"
    loqed.add_odd_webhook({"id": 1 if number is None else number, "url": stale})
    await reload(hass, entry)
    method = "GET" if number is None else "DELETE"
    sent = next(
        request
        for request in reversed(loqed.requests)
        if request.method == method and "HASH" in request.headers
    )
    body = b"" if number is None else number.to_bytes(8)
    headers = {name: sent.headers[name] for name in ("TIMESTAMP", "HASH")}
    client = await hass_client_no_auth()
    before = reads(loqed)
    response = await client.post(URL(ours(loqed)[0]).path, data=body, headers=headers)
    assert response.status == 401
    await wait(hass, minutes=1)
    assert entry.runtime_data.diagnostics()["calls"]["verified"] == 0
    assert entry.runtime_data.diagnostics()["calls"]["forged"] == 1
    assert state(hass, "binary_sensor.front_door_push") != "on"
    assert reads(loqed) - before <= 1


# The receiver.


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_call_by_another_method_is_refused(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_client_no_auth: ClientSessionGenerator,
    method: str,
) -> None:
    await set_up(hass, loqed)
    client = await hass_client_no_auth()
    response = await client.request(method, URL(ours(loqed)[0]).path)
    assert response.status == 405


@pytest.mark.parametrize("chunked", [False, True])
async def test_call_that_is_too_large_is_refused_unread(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_client_no_auth: ClientSessionGenerator,
    chunked: bool,
) -> None:
    await set_up(hass, loqed)
    client = await hass_client_no_auth()
    path = URL(ours(loqed)[0]).path
    response = await client.post(path, data=b"x" * 5000, chunked=chunked or None)
    assert response.status == 413


async def test_call_that_is_as_large_as_allowed_when_it_comes_in_pieces_is_read(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    path = URL(ours(loqed)[0]).path
    writer.write(f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 4096\r\n\r\n".encode())
    await writer.drain()
    # It is read from the beginning: the rest comes later.
    await asyncio.sleep(0.05)
    writer.write(b"x" * 4096)
    line = await reader.readline()
    assert line.startswith(b"HTTP/1.1 401")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("twice", ["HASH", "TIMESTAMP"])
async def test_call_when_a_header_comes_twice_then_it_is_not_taken(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_client_no_auth: ClientSessionGenerator,
    twice: str,
) -> None:
    entry = await set_up(hass, loqed)
    await turn(hass, loqed, "unlocked")
    last = loqed.deliveries[-1]
    signed = [(name, last.headers[name]) for name in ("HASH", "TIMESTAMP")]
    client = await hass_client_no_auth()
    for more in (last.headers[twice], "0"):
        for headers in ([*signed, (twice, more)], [(twice, more), *signed]):
            response = await client.post(
                URL(ours(loqed)[0]).path, data=last.body, headers=CIMultiDict(headers)
            )
            assert response.status == 401
    assert entry.runtime_data.diagnostics()["calls"]["repeated"] == 0
    # Another one may: that of a proxy, for example.
    proxied = CIMultiDict([*signed, ("Via", "a"), ("Via", "b")])
    response = await client.post(URL(ours(loqed)[0]).path, data=last.body, headers=proxied)
    assert response.status == 200


async def test_call_whose_body_does_not_come_is_given_up_after_ten_seconds(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    await set_up(hass, loqed)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    path = URL(ours(loqed)[0]).path
    writer.write(f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx".encode())
    before = MONOTONIC.ahead
    line = await during(hass, reader.readline())
    assert line.startswith(b"HTTP/1.1 400")
    assert 9 < MONOTONIC.ahead - before < 12
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "GZIP", "odd"])
async def test_call_that_says_it_is_compressed_is_refused_and_logs_nothing(
    hass: HomeAssistant,
    address: URL,
    loqed: LoqedSimulator,
    hass_client_no_auth: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
    encoding: str,
) -> None:
    entry = await set_up(hass, loqed)
    client = await hass_client_no_auth()
    caplog.clear()
    headers = {"Content-Encoding": encoding}
    response = await client.post(URL(ours(loqed)[0]).path, data=b"{}", headers=headers)
    assert response.status in (400, 415)
    told = [one for one in caplog.records if one.levelno > logging.DEBUG]
    # The library may log that it could not decompress, which nobody can keep it from.
    assert {one.name for one in told} <= {"aiohttp.access", "aiohttp.server"}
    webhook_id = entry.data["webhook_id"]
    assert not [one for one in told if one.name == "aiohttp.server" and webhook_id in str(one)]


async def test_setting_up_with_a_refused_signature_registers_nothing(
    hass: HomeAssistant, address: URL, loqed: LoqedSimulator
) -> None:
    loqed.refuse_credentials()
    information = loqed.integration_information()
    loqed.accept_credentials()
    page = await paste(hass, loqed, integration_information=str(information).replace("'", '"'))
    assert page["errors"] == {"base": "loqed_bridge_key_refused"}
    assert ours(loqed) == []
