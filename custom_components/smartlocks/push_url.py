"""Which address of ours a vendor is given to call."""

from homeassistant.components import cloud
from homeassistant.components.webhook import async_generate_path
from homeassistant.core import HomeAssistant
from homeassistant.helpers.network import NoURLAvailableError, get_url

from .const import PushRoute
from .push import PushPolicy


async def async_push_url(
    hass: HomeAssistant, webhook_id: str, *, policy: PushPolicy, route: PushRoute, base: str | None
) -> str | None:
    """Return the whole address, or None when Home Assistant has none of the wanted kind."""
    path = async_generate_path(webhook_id)
    match route:
        case PushRoute.CLOUD:
            return await _async_cloudhook(hass, webhook_id)
        case PushRoute.CUSTOM:
            return f"{base.rstrip('/')}{path}" if base else None
        case PushRoute.DIRECT if policy.origin == "local":
            # Never the external address by itself: a bridge in the house would depend on
            # the router sending its calls back in.
            return _join(_internal(hass), path)
        case PushRoute.DIRECT:
            return _join(_external(hass), path) or await _async_cloudhook(hass, webhook_id)


def _join(base: str | None, path: str) -> str | None:
    return None if base is None else f"{base}{path}"


def _internal(hass: HomeAssistant) -> str | None:
    try:
        return get_url(hass, allow_external=False, allow_cloud=False, allow_ip=True)
    except NoURLAvailableError:
        return None


def _external(hass: HomeAssistant) -> str | None:
    try:
        return get_url(hass, allow_internal=False, allow_cloud=False, prefer_external=True)
    except NoURLAvailableError:
        return None


async def _async_cloudhook(hass: HomeAssistant, webhook_id: str) -> str | None:
    if not cloud.async_active_subscription(hass):
        return None
    try:
        return await cloud.async_get_or_create_cloudhook(hass, webhook_id)
    except cloud.CloudNotAvailable:
        return None
