"""What an entry leaves behind when it is gone: tasks, timers, connections."""

import asyncio
from collections.abc import Iterable, Iterator
from functools import partial
from types import CoroutineType
from typing import Any, Final

from homeassistant.core import HassJob, HomeAssistant
from homeassistant.util.async_ import get_scheduled_timer_handles

from custom_components.smartlocks.const import DOMAIN
from tests.simulators.base import Server

_OURS: Final = f"custom_components.{DOMAIN}"
_FOLDER: Final = f"custom_components/{DOMAIN}/"


def tasks() -> list[str]:
    """Return the tasks that run code of ours."""
    return [repr(task) for task in asyncio.all_tasks() if _is_running_ours(task.get_coro())]


def _is_running_ours(coro: Any) -> bool:
    while isinstance(coro, CoroutineType):
        if _FOLDER in coro.cr_code.co_filename:
            return True
        coro = coro.cr_await
    return False


def timers(hass: HomeAssistant) -> list[str]:
    """Return the timers that would call code of ours."""
    handles = (one for one in get_scheduled_timer_handles(hass.loop) if not one.cancelled())
    ours = (next(filter(_is_ours, _parts(handle)), None) for handle in handles)
    return [repr(called) for called in ours if called is not None]


def _parts(handle: asyncio.TimerHandle) -> Iterator[Any]:
    inner: Any = handle
    yield inner._callback
    yield from inner._args or ()


def _is_ours(called: Any) -> bool:
    if isinstance(called, HassJob):
        return _is_ours(called.target)
    if isinstance(called, partial):
        return any(_is_ours(part) for part in (called.func, *called.args))
    owner = getattr(called, "__self__", None)
    if owner is not None and type(owner).__module__.startswith(_OURS):
        return True
    # What Home Assistant calls again and again is an object that holds what is called.
    held = (getattr(one, name, None) for one in (owner, called) for name in ("job", "action"))
    if any(one is not None and _is_ours(one) for one in held):
        return True
    return (getattr(called, "__module__", None) or "").startswith(_OURS)


def connections(servers: Iterable[Server], device: Server | None) -> list[str]:
    """Return the requests under way; to a small device all connections: it keeps none open."""
    return [
        f"connection to port {server.port}"
        for server in servers
        if server.runner is not None and server.runner.server is not None
        for connection in server.runner.server.connections
        if server is device or connection._current_request is not None
    ]
