"""Odd calls to the webhooks of all vendors through Home Assistant's own HTTP server."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
import logging
from math import inf
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
from custom_components.smartlocks.exceptions import PushNotUnderstoodError, PushNotVerifiedError
from custom_components.smartlocks.helpers import unix_time
from custom_components.smartlocks.models import PushCall
from custom_components.smartlocks.vendors import VENDORS
from tests.fuzz import COUNT, Tell, share
from tests.fuzz.wire import PATIENCE, calls, send
from tests.vendors.contract import Installation
from tests.vendors.home import answer_options, open_options, refresh, settle, state

# Whose own webhook it is; and, by the page of the options that opens it, that for a cloud.
OWN = [
    (key, None)
    for key, vendor in sorted(VENDORS.items())
    if isinstance(vendor.coordinator, type) and issubclass(vendor.coordinator, PushCoordinator)
]
HINTED = [("loqed", "loqed_names"), ("loqed without a bridge", "loqed_hints")]

pytestmark = [
    pytest.mark.fuzz,
    pytest.mark.parametrize(
        ("installation", "page"),
        [pytest.param(*case, id=case[1] or case[0]) for case in OWN + HINTED],
        indirect=["installation"],
    ),
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """A webhook of an entry: its path, its methods, and who receives what comes to it."""

    entry: ConfigEntry
    webhook_id: str
    methods: tuple[str, ...]
    receive: Callable[[PushCall], Awaitable[None]]

    @property
    def path(self) -> bytes:
        """Where it is called."""
        return f"/api/webhook/{self.webhook_id}".encode()


@pytest.fixture
async def called(
    hass: HomeAssistant,
    address: URL,
    installation: Installation,
    page: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> Door:
    """Set a vendor up that is called, with little patience for slow bodies."""
    monkeypatch.setattr(webhook, "_READ_SECONDS", PATIENCE)
    # A busy machine is no fault.
    monkeypatch.setattr(hass.loop, "slow_callback_duration", inf)
    entry = await installation.set_up(hass)
    if page is None:
        coordinator = entry.runtime_data
        return Door(
            entry=entry,
            webhook_id=entry.data["webhook_id"],
            methods=coordinator.push_policy.methods,
            receive=coordinator.async_receive,
        )
    hass.config.external_url = str(address)
    form = await open_options(hass, entry, page)
    await answer_options(hass, form, use_names=True)
    await answer_options(hass, form, address=str(address))
    return Door(
        entry=entry,
        webhook_id=entry.data["hint_webhook_id"],
        methods=("POST",),
        receive=entry.runtime_data.async_receive_hint,
    )


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
    page: str | None,
    called: Door,
    caplog: pytest.LogCaptureFixture,
    record_property: Tell,
) -> None:
    record_property("calls", share(500))
    caplog.clear()
    odd = calls(COUNT, called.path)
    is_signed = installation.answers.pushes and page is None
    for _ in range(share(500)):
        call = next(odd)
        status = await send(address, call)
        assert not status.startswith(b"5"), call[:300]
        assert not (is_signed and status == b"200"), call[:300]
    await settle(hass)
    assert _told(caplog) == []
    errors = [one for one in caplog.records if one.name == "aiohttp.server"]
    assert not [one for one in errors if called.webhook_id in str(one.getMessage())]
    # It is there as before.
    assert state(hass, installation.lock) == installation.simulator.bolt()
    await installation.simulator.turn_by_hand("unlocked")
    await refresh(hass, called.entry)
    assert state(hass, installation.lock) == "unlocked"


@pytest.mark.parametrize("sent", [0, 1, 5])
async def test_call_when_its_body_is_slow_then_it_is_given_up(
    hass: HomeAssistant, address: URL, called: Door, sent: int
) -> None:
    head = b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n" % called.path
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(head + b"x" * sent)
    async with asyncio.timeout(20 * PATIENCE):
        line = await reader.readline()
    writer.transport.abort()
    assert line.split(b" ")[1] == b"400"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE"])
async def test_call_by_another_method_then_refused_and_not_logged(
    hass: HomeAssistant,
    address: URL,
    called: Door,
    caplog: pytest.LogCaptureFixture,
    method: str,
) -> None:
    caplog.clear()
    call = b"%s %s HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
    status = await send(address, call % (method.encode(), called.path))
    assert (status == b"405") is (method not in called.methods)
    assert _told(caplog) == []


async def test_calls_when_there_are_many_then_nothing_is_kept_or_written_for_each(
    hass: HomeAssistant, called: Door, record_property: Tell
) -> None:
    record_property("calls", share(100))
    written, odd = 0, calls(1, b"/")

    @callback
    def write(_: Event[Any]) -> None:
        nonlocal written
        written += 1

    for event in (EVENT_STATE_CHANGED, EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED):
        hass.bus.async_listen(event, write)
    for count in (20, share(100)):
        for number in range(count):
            claim = b'{"requested_state":"NIGHT_LOCK","number":%d}' % number
            call = PushCall(
                method="POST",
                headers={f"x-{len(next(odd))}": ("odd",)},
                query={"device_id": (f"{COUNT}",)},
                body=next(odd) if number % 2 else claim,
                received_at=unix_time(),
            )
            with suppress(PushNotVerifiedError, PushNotUnderstoodError):
                await called.receive(call)
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
