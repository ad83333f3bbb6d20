"""The receiver of calls and its address, for vendors that call from near and from far."""

import asyncio
import gzip
import time
from typing import Any
from unittest.mock import AsyncMock, patch

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import HomeAssistant
from homeassistant.util.async_ import get_scheduled_timer_handles
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator
from yarl import URL

from custom_components.smartlocks.const import DOMAIN
from tests.simulators.loqed import LoqedSimulator
from tests.vendors.contract import Installation
from tests.vendors.home import issues, let_pass, settle
from tests.vendors.repairs import issue_of

CLOUD = "homeassistant.components.cloud"
LOCAL = pytest.mark.parametrize("installation", ["loqed"], indirect=True)
FAR = pytest.mark.parametrize("installation", ["sesame_v3"], indirect=True)


async def _registered(hass: HomeAssistant, client: Any, entry: ConfigEntry) -> Any:
    """Return how Home Assistant knows our webhook."""
    await client.send_json_auto_id({"type": "webhook/list"})
    listed = (await client.receive_json())["result"]
    (found,) = [one for one in listed if one["webhook_id"] == entry.data["webhook_id"]]
    return found


async def _move(
    hass: HomeAssistant, *, internal: str | None = None, external: str | None = None
) -> None:
    hass.config.internal_url, hass.config.external_url = internal, external
    hass.bus.async_fire(EVENT_CORE_CONFIG_UPDATE, {})
    await settle(hass)


async def _route(hass: HomeAssistant, entry: ConfigEntry, **options: str) -> None:
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)


@LOCAL
async def test_webhook_of_a_bridge_when_called_directly_then_only_from_the_local_network(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    hass_ws_client: WebSocketGenerator,
) -> None:
    client = await hass_ws_client(hass)
    entry = await installation.set_up(hass)
    found = await _registered(hass, client, entry)
    assert (found["domain"], found["name"]) == (DOMAIN, entry.title)
    assert found["local_only"] is True
    await _route(hass, entry, push_route="custom", push_base=str(address))
    assert (await _registered(hass, client, entry))["local_only"] is True


@LOCAL
async def test_webhook_of_a_bridge_when_called_through_the_cloud_then_from_anywhere(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    hass_ws_client: WebSocketGenerator,
) -> None:
    client = await hass_ws_client(hass)
    entry = await installation.set_up(hass)
    with (
        patch(f"{CLOUD}.async_active_subscription", return_value=True),
        patch(f"{CLOUD}.async_get_or_create_cloudhook", AsyncMock(return_value="https://h.io/a")),
        patch(f"{CLOUD}.async_delete_cloudhook", AsyncMock()),
    ):
        await _route(hass, entry, push_route="cloud")
        assert (await _registered(hass, client, entry))["local_only"] is False
        assert entry.data["cloudhook"] is True


@FAR
async def test_webhook_of_a_cloud_then_from_anywhere(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    hass_ws_client: WebSocketGenerator,
) -> None:
    entry = await installation.set_up(hass)
    found = await _registered(hass, await hass_ws_client(hass), entry)
    assert found["local_only"] is False


@FAR
async def test_webhook_when_unloaded_then_it_is_gone_and_can_be_set_up_again(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    hass_ws_client: WebSocketGenerator,
) -> None:
    client = await hass_ws_client(hass)
    entry = await installation.set_up(hass)
    coordinator = entry.runtime_data
    await hass.config_entries.async_unload(entry.entry_id)
    await client.send_json_auto_id({"type": "webhook/list"})
    listed = (await client.receive_json())["result"]
    assert entry.data["webhook_id"] not in [one["webhook_id"] for one in listed]
    # The listener is gone with it.
    await _move(hass, external="https://new.example")
    assert coordinator.hook is None
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert await _registered(hass, client, entry)


@FAR
async def test_address_when_it_goes_then_the_vendor_is_told_and_nothing_is_amiss(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    before: str | None = entry.runtime_data.hook
    assert before is None
    await _move(hass, external="https://home.example")
    hook: str = entry.runtime_data.hook
    assert hook.startswith(f"https://home.example/api/webhook/{entry.data['webhook_id']}?")
    await _move(hass, external=None)
    assert entry.runtime_data.hook is None
    assert issues(hass) == set()


@FAR
async def test_address_when_a_person_has_chosen_one_then_missing_it_is_told(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    await _route(hass, entry, push_route="custom")
    assert issues(hass) == {"no_push_url_custom"}
    assert (issue_of(hass, "no_push_url_custom").data or {})["fix"] == "options"
    await _route(hass, entry, push_route="custom", push_base="https://proxy.example/ha/")
    assert entry.runtime_data.hook.startswith("https://proxy.example/ha/api/webhook/")
    assert issues(hass) == set()


@FAR
async def test_address_when_another_way_is_chosen_then_the_missing_one_is_no_issue_any_more(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    for route in ("cloud", "custom", "cloud"):
        await _route(hass, entry, push_route=route)
        assert issues(hass) == {f"no_push_url_{route}"}
    await _route(hass, entry, push_route="direct")
    assert issues(hass) == set()


@LOCAL
async def test_address_of_a_bridge_then_internal_with_an_ip_and_never_external(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    assert entry.data["webhook_url"].startswith(f"{address}/api/webhook/")
    await _move(hass, internal="http://192.0.2.7:8123", external="https://home.example")
    assert entry.data["webhook_url"].startswith("http://192.0.2.7:8123/api/webhook/")
    # With a certificate, Home Assistant would not name an IP address by itself.
    assert hass.config.api is not None
    hass.config.api.use_ssl = True
    await _move(hass, internal="https://192.0.2.8:8123", external="https://home.example")
    assert entry.data["webhook_url"].startswith("https://192.0.2.8:8123/api/webhook/")


@LOCAL
async def test_address_when_it_comes_back_then_the_issue_is_gone(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    await installation.set_up(hass)
    assert hass.config.api is not None
    hass.config.api.use_ssl = True
    await _move(hass)
    assert issues(hass) == {"no_push_url_direct"}
    assert (issue_of(hass, "no_push_url_direct").data or {})["fix"] == "reload"
    hass.config.api.use_ssl = False
    await _move(hass, internal=str(address))
    assert issues(hass) == set()


@FAR
async def test_cloudhook_when_there_is_no_other_way_from_far_then_used_and_remembered(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    with (
        patch(f"{CLOUD}.async_active_subscription", return_value=True),
        patch(f"{CLOUD}.async_get_or_create_cloudhook", AsyncMock(return_value="https://h.io/a")),
        patch(f"{CLOUD}.async_delete_cloudhook", AsyncMock()) as delete,
    ):
        await _move(hass)
        assert entry.runtime_data.hook.startswith("https://h.io/a?")
        assert entry.data["cloudhook"] is True
        delete.assert_not_awaited()
        await _move(hass, external="https://home.example")
        assert entry.runtime_data.hook.startswith("https://home.example/")
        assert entry.data["cloudhook"] is False
        delete.assert_awaited_once_with(hass, entry.data["webhook_id"])


@FAR
async def test_address_when_it_has_changed_unsaid_then_noticed_after_six_hours(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    hass.config.external_url = "https://home.example"
    await let_pass(hass, hours=5.9)
    before: str | None = entry.runtime_data.hook
    assert before is None
    await let_pass(hass, hours=6.1)
    hook: str = entry.runtime_data.hook
    assert hook.startswith("https://home.example/")


@LOCAL
async def test_check_of_the_address_when_home_assistant_stops_then_it_is_not_left_running(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    def checks() -> int:
        handles = get_scheduled_timer_handles(hass.loop)
        waiting = [str(handle._args) for handle in handles if not handle.cancelled()]
        return sum("WebhookReceiver" in job for job in waiting)

    await installation.set_up(hass)
    assert checks() == 1
    await hass.async_stop(force=True)
    assert checks() == 0


@LOCAL
@pytest.mark.parametrize(
    ("header", "size", "status", "is_closed"),
    [("", 4097, 413, True), ("Content-Encoding: gzip", 9, 415, True), ("", 4096, 401, False)],
)
async def test_connection_when_a_body_is_left_unread_then_it_is_closed(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    header: str,
    size: int,
    status: int,
    is_closed: bool,
) -> None:
    entry = await installation.set_up(hass)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    lines = (
        f"POST /api/webhook/{entry.data['webhook_id']} HTTP/1.1",
        "Host: a",
        f"Content-Length: {size}",
        header or "X: y",
    )
    writer.write("\r\n".join((*lines, "", "")).encode() + b"x" * size)
    answer = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert int(answer.split(b" ")[1]) == status
    assert (b"connection: close" in answer) is is_closed
    writer.transport.abort()


@LOCAL
async def test_call_when_signed_and_not_understood_then_told_so(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    await installation.set_up(hass)
    assert isinstance(installation.simulator, LoqedSimulator)
    assert await installation.simulator.forge_push("wrong_types") == [400]


@LOCAL
async def test_call_when_it_comes_in_pieces_and_is_too_large_then_refused(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    path = f"/api/webhook/{entry.data['webhook_id']}"
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer.write(head.encode())
    for size in (4096, 1):
        writer.write(b"%x\r\n%s\r\n" % (size, b"x" * size))
        await writer.drain()
        await asyncio.sleep(0.1)
    writer.write(b"0\r\n\r\n")
    assert (await reader.readline()).split(b" ")[1] == b"413"
    writer.transport.abort()


async def _answers(address: URL, calls: bytes, count: int) -> list[int]:
    """Write calls at once, and return what each is answered."""
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(calls)
    try:
        async with asyncio.timeout(10):
            heads = [await reader.readuntil(b"\r\n\r\n") for _ in range(count)]
    finally:
        writer.transport.abort()
    return [int(head.split(b" ")[1]) for head in heads]


def _call(
    entry: ConfigEntry, method: str, *headers: str, query: str = "", body: bytes = b""
) -> bytes:
    """Return a call as it is on the wire."""
    lines = (
        f"{method} /api/webhook/{entry.data['webhook_id']}{query} HTTP/1.1",
        "Host: a",
        f"Content-Length: {len(body)}",
        *headers,
    )
    return "\r\n".join((*lines, "", "")).encode() + body


async def _handled(client: Any, entry: ConfigEntry, method: str, **call: Any) -> int:
    """Call through Home Assistant's websocket; returns what is answered."""
    about = {"type": "webhook/handle", "webhook_id": entry.data["webhook_id"], "method": method}
    await client.send_json_auto_id(about | call)
    status: int = (await client.receive_json())["result"]["status"]
    return status


@FAR
async def test_call_when_it_repeats_a_name_thousands_of_times_then_it_costs_as_with_as_many_names(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    hass_ws_client: WebSocketGenerator,
) -> None:
    entry = await installation.set_up(hass)
    client = await hass_ws_client(hass)
    names = range(20_000)
    took: list[float] = []
    for query in ("&".join(f"x{name}" for name in names), "&".join("x" for _ in names)):
        began = time.perf_counter()
        assert await _handled(client, entry, "GET", query=query) == 200
        took.append(time.perf_counter() - began)
    assert took[1] < 5 * took[0]


@LOCAL
async def test_call_when_it_says_how_it_is_packed_twice_then_refused(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    packed = gzip.compress(b"{}")
    for encodings in (("identity", "gzip"), ("gzip", "identity"), ("identity", "identity")):
        headers = [f"Content-Encoding: {encoding}" for encoding in encodings]
        call = _call(entry, "POST", *headers, body=packed)
        status = 401 if "gzip" not in encodings else 415
        assert await _answers(address, call, 1) == [status], encodings


@LOCAL
async def test_calls_when_written_one_behind_the_other_then_each_is_read_for_itself(
    hass: HomeAssistant, address: URL, installation: Installation
) -> None:
    entry = await installation.set_up(hass)
    calls = [
        _call(entry, "PUT", body=b"x" * 5000),
        _call(entry, "POST", body=b"x" * 4096),
        _call(entry, "GET", body=b"POST / HTTP/1.1\r\n\r\n"),
        _call(entry, "POST", body=b"{}"),
        _call(entry, "POST", body=b"x" * 4097),
    ]
    assert await _answers(address, b"".join(calls), 5) == [405, 401, 405, 401, 413]


@pytest.mark.parametrize("installation", ["loqed", "sesame_v3"], indirect=True)
async def test_call_through_home_assistants_websocket_then_answered_as_any(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    hass_ws_client: WebSocketGenerator,
) -> None:
    entry = await installation.set_up(hass)
    client = await hass_ws_client(hass)
    is_signed = installation.answers.pushes
    allowed = entry.runtime_data.push_policy.methods
    for method in ("GET", "HEAD", "PUT", "POST"):
        for body, headers, status in (
            ("{}", {}, 401 if is_signed else 200),
            ("x" * 4097, {}, 413),
            ("{}", {"content-encoding": "gzip"}, 415),
        ):
            answered = await _handled(client, entry, method, body=body, headers=headers)
            assert answered == (status if method in allowed else 405), (method, headers)
