"""Receive webhook calls for one config entry, and choose the address that they come to."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from aiohttp import StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError
from homeassistant.components import webhook
from homeassistant.const import CONF_WEBHOOK_ID, EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from multidict import MultiMapping

from . import helpers
from .const import (
    CONF_CLOUDHOOK,
    CONF_PUSH_BASE,
    CONF_PUSH_ROUTE,
    DOMAIN,
    LOGGER,
    PushRoute,
)
from .coordinator import PushCoordinator, SmartLocksConfigEntry
from .exceptions import PushNotUnderstoodError, PushNotVerifiedError
from .models import PushCall
from .repairs import Fix

# A bridge's longest call is a few hundred bytes.
MAX_BODY: Final = 4096
_READ_SECONDS: Final = 10.0
# Those that are not meant are refused here: Home Assistant would log each with the webhook's id.
_ALL_METHODS: Final = ("GET", "HEAD", "POST", "PUT")
_CHECK_EVERY: Final = timedelta(hours=6)
_UNSUBSCRIBE_SECONDS: Final = 5.0


class WebhookReceiver:
    """Receives the calls for one config entry, and tells the vendor where to call.

    It answers 200 to what was taken (a repeat too), 401 to what is not verified, 400 to
    what is verified but not understood, 405 to another method, 413 to what is too large and
    415 to what is compressed. Nothing that a stranger sends is logged above debug.
    """

    def __init__(
        self, hass: HomeAssistant, entry: SmartLocksConfigEntry, coordinator: PushCoordinator
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._coordinator = coordinator
        self._webhook_id: str = entry.data[CONF_WEBHOOK_ID]
        self._route = PushRoute(entry.options.get(CONF_PUSH_ROUTE, PushRoute.DIRECT))
        self._announcing = asyncio.Lock()

    @callback
    def async_start(self) -> None:
        """Begin to listen, and tell the vendor in the background."""
        policy = self._coordinator.push_policy
        webhook.async_register(
            self._hass,
            DOMAIN,
            self._entry.title,
            self._webhook_id,
            self._async_handle,
            local_only=policy.origin == "local" and self._route is not PushRoute.CLOUD,
            allowed_methods=_ALL_METHODS,
        )
        self._entry.async_on_unload(self._async_stop)
        self._entry.async_on_unload(
            self._hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._async_address_changed)
        )
        self._entry.async_on_unload(
            async_track_time_interval(
                self._hass, self._async_check, _CHECK_EVERY, cancel_on_shutdown=True
            )
        )
        others = set(PushRoute) - {self._route}
        self._coordinator.async_clear_issue(*(f"no_push_url_{route}" for route in others))
        self._announce_soon()

    async def _async_stop(self) -> None:
        webhook.async_unregister(self._hass, self._webhook_id)
        try:
            async with asyncio.timeout(_UNSUBSCRIBE_SECONDS):
                await self._coordinator.async_unsubscribe()
        except TimeoutError:
            LOGGER.debug("%s: webhook not removed in time", self._entry.title)

    @callback
    def _async_address_changed(self, _: Event) -> None:
        self._announce_soon()

    @callback
    def _async_check(self, _: datetime) -> None:
        self._announce_soon()

    def _announce_soon(self) -> None:
        self._entry.async_create_background_task(
            self._hass, self._async_announce(), f"{DOMAIN} webhook"
        )

    async def _async_announce(self) -> None:
        """Tell the vendor our address, or that there is none."""
        async with self._announcing:
            url = await self._async_url()
            if url is not None:
                self._coordinator.async_clear_issue(f"no_push_url_{self._route}")
                await self._coordinator.async_subscribe(url)
            elif self._coordinator.push_policy.is_optional and self._route is PushRoute.DIRECT:
                await self._coordinator.async_unsubscribe()
            else:
                # A way that a person has chosen is missed, even where calls are optional.
                fix = Fix.OPTIONS if self._route is PushRoute.CUSTOM else Fix.RELOAD
                self._coordinator.async_create_issue(f"no_push_url_{self._route}", fix=fix)

    # The address.

    async def _async_url(self) -> str | None:
        """Return the whole address to call; None when there is none of the wanted kind."""
        path = webhook.async_generate_path(self._webhook_id)
        base: str | None = None
        match self._route:
            case PushRoute.CLOUD:
                return await self._async_cloudhook()
            case PushRoute.CUSTOM:
                base = self._entry.options.get(CONF_PUSH_BASE)
            case PushRoute.DIRECT if self._coordinator.push_policy.origin == "local":
                # Never the external address by itself: a local bridge would depend
                # on the router sending its calls back in.
                base = helpers.own_url(self._hass, allow_external=False, allow_ip=True)
            case PushRoute.DIRECT:
                base = helpers.own_url(self._hass, allow_internal=False, prefer_external=True)
                if base is None:
                    return await self._async_cloudhook()
        await self._async_delete_cloudhook()
        return None if base is None else f"{base.rstrip('/')}{path}"

    async def _async_cloudhook(self) -> str | None:
        url = await helpers.async_cloudhook(self._hass, self._webhook_id)
        if url is not None:
            self._remember_cloudhook(is_ours=True)
        return url

    async def _async_delete_cloudhook(self) -> None:
        """Take back the address at Home Assistant Cloud that is not used any more."""
        if self._entry.data.get(CONF_CLOUDHOOK):
            await helpers.async_delete_cloudhook(self._hass, self._webhook_id)
            self._remember_cloudhook(is_ours=False)

    def _remember_cloudhook(self, *, is_ours: bool) -> None:
        if bool(self._entry.data.get(CONF_CLOUDHOOK)) is not is_ours:
            data = {**self._entry.data, CONF_CLOUDHOOK: is_ours}
            self._hass.config_entries.async_update_entry(self._entry, data=data)

    # Calls.

    async def _async_handle(
        self, hass: HomeAssistant, webhook_id: str, request: web.Request
    ) -> web.Response:
        return await _async_answer(
            request,
            self._entry.title,
            self._coordinator.push_policy.methods,
            self._coordinator.async_receive,
        )


class HintReceiver:
    """Receives calls from the internet that nothing proves, for one config entry.

    Its webhook has an id of its own, which is the only thing that such a caller must know.
    It answers as `WebhookReceiver` does.
    """

    def __init__(self, hass: HomeAssistant, entry: SmartLocksConfigEntry, webhook_id: str) -> None:
        self._hass = hass
        self._entry = entry
        self._webhook_id = webhook_id

    @callback
    def async_start(self) -> None:
        """Listen until the entry is unloaded."""
        webhook.async_register(
            self._hass,
            DOMAIN,
            self._entry.title,
            self._webhook_id,
            self._async_handle,
            local_only=False,
            allowed_methods=_ALL_METHODS,
        )
        self._entry.async_on_unload(self._async_stop)

    @callback
    def _async_stop(self) -> None:
        webhook.async_unregister(self._hass, self._webhook_id)

    async def _async_handle(
        self, hass: HomeAssistant, webhook_id: str, request: web.Request
    ) -> web.Response:
        receive = self._entry.runtime_data.async_receive_hint
        return await _async_answer(request, self._entry.title, ("POST",), receive)


async def _async_answer(
    request: web.Request,
    title: str,
    methods: Collection[str],
    receive: Callable[[PushCall], Awaitable[None]],
) -> web.Response:
    """Read a call, hand it on, and say what became of it."""
    if request.method not in methods:
        return _response(HTTPStatus.METHOD_NOT_ALLOWED)
    call = await _async_call_of(request, title)
    if isinstance(call, HTTPStatus):
        return _response(call)
    try:
        await receive(call)
    except PushNotVerifiedError:
        return _response(HTTPStatus.UNAUTHORIZED)
    except PushNotUnderstoodError:
        return _response(HTTPStatus.BAD_REQUEST)
    return _response(HTTPStatus.OK)


def _response(status: HTTPStatus) -> web.Response:
    response = web.Response(status=status)
    if status in (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE):
        # What follows on the connection is not read.
        response.force_close()
    return response


async def _async_call_of(request: web.Request, title: str) -> PushCall | HTTPStatus:
    """Return a call, its bytes as they came; the answer to one that is not read."""
    # The server unpacks by the last of several.
    encodings = request.headers.getall("Content-Encoding", [])
    if any(encoding.strip().lower() != "identity" for encoding in encodings):
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    try:
        body = _arrived(request)
        if body is None:
            async with asyncio.timeout(_READ_SECONDS):
                body = await _read(request)
    except (web.RequestPayloadError, HttpProcessingError, OSError, ValueError) as err:
        LOGGER.debug("%s: a call was not readable: %s", title, type(err).__name__)
        return HTTPStatus.BAD_REQUEST
    if body is None or len(body) > MAX_BODY:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return PushCall(
        method=request.method,
        headers=_values(request.headers),
        query=_values(request.query) if request.query_string else {},
        body=body,
        received_at=helpers.unix_time(),
        peer=request.remote,
    )


def _arrived(request: web.Request) -> bytes | None:
    """Return the body if it has come, cut where it is too large; None otherwise."""
    stream = request.content
    if isinstance(stream, StreamReader) and stream.is_eof():
        return stream.read_nowait(MAX_BODY + 1)
    return None


async def _read(request: web.Request) -> bytes | None:
    """Return the body as it came, cut where it is too large; None when it says it is."""
    # Calls through the cloud come as another kind of request: it has no length and no
    # `read`, and hands out a new stream each time it is asked.
    if (getattr(request, "content_length", None) or 0) > MAX_BODY:
        return None
    stream: StreamReader = request.content
    body = b""
    while len(body) <= MAX_BODY and (chunk := await stream.read(MAX_BODY + 1 - len(body))):
        body += chunk
    return body


def _values(pairs: MultiMapping[str]) -> dict[str, tuple[str, ...]]:
    values: dict[str, tuple[str, ...]] = {name.lower(): (value,) for name, value in pairs.items()}
    if len(values) == len(pairs):
        return values
    # A stranger may repeat a name some thousand times.
    lists: dict[str, list[str]] = {name: [] for name in values}
    for name, value in pairs.items():
        lists[name.lower()].append(value)
    return {name: tuple(given) for name, given in lists.items()}
