"""Small things that several files need: addresses, sessions, texts, and time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from ipaddress import IPv6Address
import os
import time

from aiohttp import ClientSession, DummyCookieJar
from aiohttp.abc import AbstractResolver
from homeassistant.components import cloud, webhook
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import Event, HassJob, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import (
    DATA_RESOLVER,
    async_create_clientsession,
    async_get_clientsession,
)
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.helpers.translation import async_get_cached_translations
from homeassistant.util.hass_dict import HassKey
from yarl import URL

from .const import DOMAIN, LOGGER
from .http import one_connection_per_request

_CLOUD_SESSION: HassKey[ClientSession] = HassKey(f"{DOMAIN}_cloud_session")


def cloud_address(variable: str, default: str) -> URL:
    """Return a cloud's base address: the vendor's, or the one an environment variable names.

    The variables are for development and demos, and are read nowhere else.
    """
    return URL(os.environ.get(variable) or default)


def monotonic() -> float:
    """Return seconds that only ever grow: what states, timers and limits are measured in."""
    return time.monotonic()


def unix_time() -> float:
    """Return unix seconds by the host's clock: what signatures are made and checked with."""
    return time.time()


def parse_address(text: str) -> URL:
    """Return `host`, `host:port`, `[v6]:port`, a bare v6 address or an http URL as a base URL.

    ValueError when it is none of them.
    """
    raw = text.strip()
    if raw[:7].lower() == "http://":
        raw = raw[7:]
    raw = raw.rstrip("/")
    if raw.count(":") > 1 and not raw.startswith("["):
        raw = f"[{raw}]"
    # Checked before a URL is made of it: yarl drops a fragment and fails on some of these.
    if not raw or any(character in raw for character in " /?#@\\") or not raw.isprintable():
        raise ValueError("not an address")
    try:
        url = URL(f"http://{raw}")
        host = url.host or ""
        if ":" in host:
            IPv6Address(host)
        port = url.port
    except (ValueError, IndexError) as err:
        raise ValueError("not an address") from err
    if not host or port == 0 or (raw.startswith("[") and ":" not in host):
        raise ValueError("not an address")
    return url.origin().with_port(port)


def format_address(url: URL) -> str:
    """Return a base URL as people write it: without scheme, and without the port 80."""
    host = f"[{url.host}]" if ":" in (url.host or "") else url.host or ""
    return host if url.is_default_port() else f"{host}:{url.port}"


@callback
def async_cloud_session(hass: HomeAssistant) -> ClientSession:
    """Return the session for clouds: Home Assistant's connections, and no cookies."""
    if _CLOUD_SESSION not in hass.data:
        # By itself it would end with the entry that is being set up now.
        session = async_create_clientsession(hass, auto_cleanup=False, cookie_jar=DummyCookieJar())
        hass.data[_CLOUD_SESSION] = session

        @callback
        def detach(_: Event) -> None:
            session.detach()

        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, detach)
    return hass.data[_CLOUD_SESSION]


@callback
def async_device_session(hass: HomeAssistant, entry: ConfigEntry) -> ClientSession:
    """Return a session for the small device of an entry; closed when the entry is unloaded."""
    session = make_device_session(hass)
    entry.async_on_unload(session.close)
    return session


@callback
def make_device_session(hass: HomeAssistant) -> ClientSession:
    """Return a session for a small device; whoever asked for it closes it."""
    return one_connection_per_request(_resolver(hass))


@asynccontextmanager
async def async_form_session(hass: HomeAssistant) -> AsyncIterator[ClientSession]:
    """Give a session for a small device for as long as a form is checked."""
    async with make_device_session(hass) as session:
        yield session


@callback
def _resolver(hass: HomeAssistant) -> AbstractResolver | None:
    """Return Home Assistant's resolver, which knows names that end in `.local`."""
    async_get_clientsession(hass)
    return hass.data.get(DATA_RESOLVER)


def own_url(hass: HomeAssistant, **kind: bool) -> str | None:
    """Return Home Assistant's own address of a kind; None when it has none."""
    try:
        return get_url(hass, allow_cloud=False, **kind)
    except NoURLAvailableError:
        return None


async def async_cloudhook(hass: HomeAssistant, webhook_id: str) -> str | None:
    """Return a webhook's address at Home Assistant Cloud; None without a subscription."""
    if not cloud.async_active_subscription(hass):
        return None
    try:
        return await cloud.async_get_or_create_cloudhook(hass, webhook_id)
    except (cloud.CloudNotAvailable, ValueError, OSError, TimeoutError) as err:
        LOGGER.debug("No cloudhook: %s", type(err).__name__)
        return None


async def async_delete_cloudhook(hass: HomeAssistant, webhook_id: str) -> None:
    """Delete an address at Home Assistant Cloud; one that is gone is no error."""
    try:
        await cloud.async_delete_cloudhook(hass, webhook_id)
    except (cloud.CloudNotAvailable, ValueError, OSError, TimeoutError) as err:
        LOGGER.debug("Cloudhook not deleted: %s", type(err).__name__)


def external_webhook_url(hass: HomeAssistant, webhook_id: str) -> str | None:
    """Return a webhook's whole address on the internet; None when there is none of our own."""
    base = own_url(hass, allow_internal=False, prefer_external=True)
    return None if base is None else f"{base.rstrip('/')}{webhook.async_generate_path(webhook_id)}"


async def async_pause(hass: HomeAssistant, seconds: float) -> None:
    """Wait for so many seconds; cancelled with its caller."""
    over = hass.loop.create_future()

    @callback
    def ring(_: datetime) -> None:
        if not over.done():
            over.set_result(None)

    cancel = async_call_later(hass, seconds, HassJob(ring, cancel_on_shutdown=True))
    try:
        await over
    finally:
        cancel()


def localize(hass: HomeAssistant, key: str, **placeholders: str) -> str:
    """Return one of the texts in `common`, in the language of Home Assistant."""
    name = f"component.{DOMAIN}.common.{key}"
    for language in (hass.config.language, "en"):
        texts = async_get_cached_translations(hass, language, "common", DOMAIN)
        if name in texts:
            return texts[name].format(**placeholders)
    return key


def name_of(
    hass: HomeAssistant, who: str | None, key: int | None, *, is_verified: bool
) -> str | None:
    """Return who did it, or the number of a key without a name; says if it is not verified."""
    name = who
    if name is None and key is not None:
        name = localize(hass, "key", number=str(key))
    if name is None or is_verified:
        return name
    return localize(hass, "not_verified", message=name)
