"""Odd calls to the webhooks of all vendors through Home Assistant's own HTTP server."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
import logging
from math import inf
from random import Random
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.issue_registry import EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED
from homeassistant.util.async_ import get_scheduled_timer_handles
import pytest
from yarl import URL

from custom_components.smartlocks import webhook
from custom_components.smartlocks.coordinator import PushCoordinator
from custom_components.smartlocks.exceptions import PushNotVerifiedError
from custom_components.smartlocks.helpers import unix_time
from custom_components.smartlocks.models import PushCall
from custom_components.smartlocks.vendors import VENDORS
from tests.fuzz import COUNT, share
from tests.vendors.contract import Installation
from tests.vendors.home import refresh, settle, state

CALLED = sorted(
    key
    for key, vendor in VENDORS.items()
    if isinstance(vendor.coordinator, type) and issubclass(vendor.coordinator, PushCoordinator)
)

pytestmark = [
    pytest.mark.fuzz,
    pytest.mark.parametrize("installation", CALLED, indirect=True),
]

_PATIENCE = 0.15
_METHODS = (
    b"POST",
    b"POST",
    b"POST",
    b"POST",
    b"GET",
    b"PUT",
    b"HEAD",
    b"DELETE",
    b"PATCH",
    b"post",
)
_HEADERS = (
    b"TIMESTAMP: 1700000000",
    b"TIMESTAMP: ",
    b"TIMESTAMP: -1",
    b"TIMESTAMP: \xd9\xa1\xff",
    b"TIMESTAMP: " + b"9" * 3000,
    b"timestamp: 1795280000",
    b"HASH: " + b"0" * 64,
    b"Hash: " + b"F" * 64,
    b"HASH: \xc3\xa9\x80" * 10,
    b"hash: ",
    b"Content-Type: text/html; charset=utf-7",
    b"Content-Type: multipart/form-data; boundary=",
    b"Content-Type: application/json; charset=\xff",
    b"Content-Encoding: gzip",
    b"Content-Encoding: identity, gzip",
    b"Content-Encoding: deflate",
    b"Content-Encoding: br",
    b"Content-Encoding: zstd",
    b"Content-Encoding: ",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: identity",
    b"Expect: 100-continue",
    b"Upgrade: websocket\r\nConnection: Upgrade",
    b"X-Forwarded-For: 203.0.113.7",
    b"Host: \xff",
    b"Cookie: a=\xff; b",
    b": nothing",
    b"No colon",
    b" folded: yes",
    b"X: " + b"x" * 9000,
)
_BODIES = (
    b"",
    b"{}",
    b"null",
    b'{"requested_state":"NIGHT_LOCK","event_type":"STATE_CHANGED_NIGHT_LOCK"}',
    b'{"device_id": "x", "locked": true}',
    b"\x1f\x8b\x08\x00rubbish",
    b"\xff" * 300,
    b"[" * 4000,
    b"x" * 4096,
    b"x" * 4097,
    b"x" * 70_000,
)
_QUERIES = (b"", b"", b"?device_id=%FF%00&state=locked", b"?" + b"a=b&" * 500, b"?state[]=1", b"?%")


def _calls(seed: int, path: bytes) -> Iterator[bytes]:
    """Yield what is written to the socket, call by call."""
    random = Random(seed)  # noqa: S311 - repeats by its seed
    while True:
        method, body = random.choice(_METHODS), random.choice(_BODIES)
        target = path + random.choice(_QUERIES)
        version = random.choice((b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/9.9", b""))
        headers = random.sample(_HEADERS, random.randrange(4))
        if random.randrange(4):
            headers.append(b"Host: home")
        framed = random.choice((_sized, _sized, _wrongly_sized, _chunked, _badly_chunked))
        headers, body = framed(random, headers, body)
        random.shuffle(headers)
        head = b"\r\n".join((b" ".join((method, target, version)), *headers, b"", b""))
        yield head + body


def _sized(random: Random, headers: list[bytes], body: bytes) -> tuple[list[bytes], bytes]:
    return [*headers, b"Content-Length: %d" % len(body)], body


def _wrongly_sized(random: Random, headers: list[bytes], body: bytes) -> tuple[list[bytes], bytes]:
    sizes = (b"-1", b"", b"0x10", b"1e3", b"4096", b"4097", b"9" * 30, b"%d" % (len(body) + 5))
    more = [b"Content-Length: " + random.choice(sizes) for _ in range(random.randrange(3))]
    return [*headers, *more], body


def _chunked(random: Random, headers: list[bytes], body: bytes) -> tuple[list[bytes], bytes]:
    size = random.choice((1, 7, 1000))
    pieces = [body[start : start + size] for start in range(0, min(len(body), 300 * size), size)]
    chunks = b"".join(b"%x;odd=1\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return [*headers, b"Transfer-Encoding: chunked"], chunks + b"0\r\n\r\n"


def _badly_chunked(random: Random, headers: list[bytes], body: bytes) -> tuple[list[bytes], bytes]:
    _, chunks = _chunked(random, [], body)
    place = random.randrange(len(chunks))
    damaged = random.choice(
        (
            chunks[:place],
            chunks[:place] + b"\xff" + chunks[place:],
            b"-1\r\n" + chunks,
            b"fffffffffffffffff\r\n" + chunks,
            b"4\n" + chunks,
        )
    )
    more = random.choice(([], [b"Content-Length: 3"], [b"Transfer-Encoding: chunked"]))
    return [*headers, *more, b"Transfer-Encoding: chunked"], damaged


async def _send(address: URL, call: bytes) -> bytes:
    """Write a call, all of it or what the other side takes; return the status, if any."""
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        writer.write(call)
        await writer.drain()
        async with asyncio.timeout(2 * _PATIENCE):
            line = await reader.readline()
    except OSError, TimeoutError:
        return b""
    finally:
        writer.transport.abort()
    return line.split(b" ")[1] if line.startswith(b"HTTP/") else b"?"


@pytest.fixture
async def called(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    monkeypatch: pytest.MonkeyPatch,
) -> ConfigEntry:
    """Set a vendor up that is called, with little patience for slow bodies."""
    monkeypatch.setattr(webhook, "_READ_SECONDS", _PATIENCE)
    # A busy machine is no fault.
    monkeypatch.setattr(hass.loop, "slow_callback_duration", inf)
    return await installation.set_up(hass)


def _path(entry: ConfigEntry) -> bytes:
    return f"/api/webhook/{entry.data['webhook_id']}".encode()


def _told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was logged above debug, but for what the server says of any request."""
    return [
        f"{one.name}: {one.getMessage()}"
        for one in caplog.records
        if one.levelno > logging.DEBUG
        and not one.name.startswith(("aiohttp.", "homeassistant.components.http"))
    ]


async def test_calls_when_odd_on_the_wire_then_nothing_is_taken_or_logged(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    called: ConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.clear()
    calls = _calls(COUNT, _path(called))
    is_signed = installation.answers.pushes
    for _ in range(share(500)):
        call = next(calls)
        status = await _send(address, call)
        assert not status.startswith(b"5"), call[:300]
        assert not (is_signed and status == b"200"), call[:300]
    await settle(hass)
    assert _told(caplog) == []
    webhook_id = called.data["webhook_id"]
    errors = [one for one in caplog.records if one.name == "aiohttp.server"]
    assert not [one for one in errors if webhook_id in str(one.getMessage())]
    # It is there as before.
    assert state(hass, installation.lock) == installation.simulator.bolt()
    await installation.simulator.turn_by_hand("unlocked")
    await refresh(hass, called)
    assert state(hass, installation.lock) == "unlocked"


@pytest.mark.parametrize("sent", [0, 1, 5])
async def test_call_when_its_body_is_slow_then_it_is_given_up(
    hass: HomeAssistant, address: URL, called: ConfigEntry, sent: int
) -> None:
    head = b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n" % _path(called)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(head + b"x" * sent)
    async with asyncio.timeout(20 * _PATIENCE):
        line = await reader.readline()
    writer.transport.abort()
    assert line.split(b" ")[1] == b"400"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE"])
async def test_call_by_another_method_then_refused_and_not_logged(
    hass: HomeAssistant,
    address: URL,
    called: ConfigEntry,
    caplog: pytest.LogCaptureFixture,
    method: str,
) -> None:
    caplog.clear()
    allowed = called.runtime_data.push_policy.methods
    call = b"%s %s HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
    status = await _send(address, call % (method.encode(), _path(called)))
    assert (status == b"405") is (method not in allowed)
    assert _told(caplog) == []


async def test_calls_when_there_are_many_then_nothing_is_kept_or_written_for_each(
    hass: HomeAssistant, called: ConfigEntry, installation: Installation
) -> None:
    written, calls = 0, _calls(1, b"/")

    @callback
    def write(_: Event[Any]) -> None:
        nonlocal written
        written += 1

    for event in (EVENT_STATE_CHANGED, EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED):
        hass.bus.async_listen(event, write)
    for count in (20, share(100)):
        for _ in range(count):
            call = PushCall(
                method="POST",
                headers={f"x-{len(next(calls))}": ("odd",)},
                query={"device_id": (f"{COUNT}",)},
                body=next(calls),
                received_at=unix_time(),
            )
            with suppress(PushNotVerifiedError):
                await called.runtime_data.async_receive(call)
        if count == 20:
            # The first are noticed: a repair issue, the time of the last call.
            await settle(hass)
            assert written <= 20
            written, tasks = 0, len(asyncio.all_tasks())
            timers = _timers(hass)
    assert written == 0
    assert len(asyncio.all_tasks()) <= tasks + 2
    assert _timers(hass) <= timers + 2


def _timers(hass: HomeAssistant) -> int:
    return sum(not timer.cancelled() for timer in get_scheduled_timer_handles(hass.loop))
