"""System health: what is loaded, what answers, and whether the clouds can be reached."""

import asyncio
from datetime import datetime, timedelta
from math import inf
import ssl
from typing import Any, Final

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util
from homeassistant.util.ssl import get_default_context
from yarl import URL

from .const import CONF_VENDOR, DOMAIN
from .coordinator import PushCoordinator, SmartLocksCoordinator
from .vendors import VENDORS

_SECONDS: Final = 5.0


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Offer our part of the page."""
    register.async_register_info(_async_info, f"/config/integrations/integration/{DOMAIN}")


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return counts at once, and the clouds of the vendors in use as they answer."""
    entries = hass.config_entries.async_entries(DOMAIN, include_ignore=False)
    loaded = [entry.runtime_data for entry in hass.config_entries.async_loaded_entries(DOMAIN)]
    told: dict[str, Any] = {
        "entries": _of(len(loaded), len(entries)),
        "locks": _locks(loaded),
        "push": _push(loaded),
        "last_contact": _last_contact(loaded) or "-",
    }
    used = {entry.data.get(CONF_VENDOR) for entry in entries if entry.disabled_by is None}
    return told | {
        f"{vendor.key}_cloud": _async_reach(vendor.cloud.address)
        for vendor in VENDORS.values()
        if vendor.key in used and vendor.cloud is not None
    }


def _locks(coordinators: list[SmartLocksCoordinator]) -> str:
    answering = [one.is_answering(lock_id) for one in coordinators for lock_id in one.data.locks]
    return _of(answering.count(True), len(answering))


def _push(coordinators: list[SmartLocksCoordinator]) -> str:
    """Count the entries whose vendor is known to call us, of those that could."""
    working = [one.is_push_working for one in coordinators if isinstance(one, PushCoordinator)]
    return _of(working.count(True), len(working))


def _last_contact(coordinators: list[SmartLocksCoordinator]) -> datetime | None:
    """Return when a lock was last heard of, directly or through its vendor."""
    ago = min((one.heard_ago for one in coordinators), default=inf)
    return None if ago == inf else dt_util.utcnow() - timedelta(seconds=round(ago))


def _of(some: int, of_all: int) -> str:
    return f"{some} / {of_all}"


async def _async_reach(url: URL) -> str | dict[str, str]:
    """Connect to a cloud, and hang up: a request could cost one of a limited number."""
    context: ssl.SSLContext | None = get_default_context() if url.scheme == "https" else None
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(url.host, url.port, ssl=context)
    except TimeoutError:
        return {"type": "failed", "error": "timeout"}
    except OSError:
        return {"type": "failed", "error": "unreachable"}
    writer.close()
    return "ok"
