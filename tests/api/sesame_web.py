"""What the tests of the Web API's client share: made-up ids, and a connected client."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import ClientSession

from custom_components.smartlocks.vendors.sesame_web.api import WebApi

from .sesame_wire import Wire

BASE = "/api/sesame2"
KEY = "made-up-key-of-just-about-40-characters-"
UUID = "488ABAAB-164F-7A86-595F-DDD778CB86C3"
SECRET = "0123456789abcdef0123456789abcdef"
NOW = 1776966159.75


@asynccontextmanager
async def connected(
    wire: Wire, *, key: str = KEY, now: Callable[[], float] = lambda: NOW
) -> AsyncIterator[WebApi]:
    """Give a client of the server, whose calls the server counts, at a known time."""
    async with ClientSession() as session:
        yield WebApi(session, wire.url, key, on_call=wire.count, on_not_sent=wire.uncount, now=now)
