"""Tests of what looks for tasks, timers and connections that were left."""

import asyncio
from datetime import timedelta

from aiohttp import web
from homeassistant.core import HomeAssistant
from homeassistant.helpers.event import async_track_time_interval
import pytest

from custom_components.smartlocks.helpers import async_pause
from custom_components.smartlocks.webhook import WebhookReceiver
from tests.simulators.base import Server

from . import leftovers


async def test_tasks_and_timers_when_code_of_ours_waits_are_found(hass: HomeAssistant) -> None:
    assert leftovers.tasks() == []
    assert leftovers.timers(hass) == []
    task = asyncio.create_task(async_pause(hass, 60))
    await asyncio.sleep(0)
    assert len(leftovers.tasks()) == 1
    assert len(leftovers.timers(hass)) == 1
    task.cancel()
    await asyncio.wait([task])
    assert leftovers.tasks() == []
    assert leftovers.timers(hass) == []


async def test_timers_when_something_of_ours_is_repeated_are_found(hass: HomeAssistant) -> None:
    stop = async_track_time_interval(hass, WebhookReceiver._async_check, timedelta(hours=6))  # type: ignore[arg-type]
    assert len(leftovers.timers(hass)) == 1
    stop()
    assert leftovers.timers(hass) == []


@pytest.mark.usefixtures("socket_enabled")
async def test_connections_when_one_to_a_device_is_open_are_found() -> None:
    server = Server(app=web.Application())
    await server.start()
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    await asyncio.sleep(0.05)
    assert len(leftovers.connections([server], server)) == 1
    # Home Assistant's connections to clouds may stay open for the next request.
    assert leftovers.connections([server], None) == []
    writer.close()
    await server.stop()
