"""The receiver of vendors' calls: registered on both sides, kept so, and gone with the entry."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from http import HTTPStatus
import time

from aiohttp import StreamReader, web
from homeassistant.components import webhook
from homeassistant.const import CONF_WEBHOOK_ID, EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from multidict import MultiMapping

from .const import CONF_PUSH_BASE, CONF_PUSH_ROUTE, DOMAIN, LOGGER, PushRoute
from .coordinator import SmartLocksConfigEntry
from .exceptions import PushNotUnderstoodError, PushNotVerifiedError
from .models import PushCall
from .push import PushCoordinator
from .push_url import async_push_url

# A bridge's longest call is a few hundred bytes.
MAX_BODY = 4096
_CHECK_EVERY = timedelta(hours=6)
_FAREWELL_SECONDS = 5.0


class WebhookReceiver:
    """Our ear for one config entry.

    Answers: 200 taken (a repeat too), 400 verified but not understood, 401 not
    verified, 413 too large; another method never gets here.
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
            allowed_methods=policy.methods,
        )
        self._entry.async_on_unload(self._async_stop)
        self._entry.async_on_unload(
            self._hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._async_address_changed)
        )
        self._entry.async_on_unload(
            async_track_time_interval(self._hass, self._async_check, _CHECK_EVERY)
        )
        self._announce_soon()

    async def _async_stop(self) -> None:
        webhook.async_unregister(self._hass, self._webhook_id)
        try:
            async with asyncio.timeout(_FAREWELL_SECONDS):
                await self._coordinator.async_unsubscribe()
        except TimeoutError:
            LOGGER.debug("%s: no farewell in time", self._entry.title)

    @callback
    def _async_address_changed(self, _: Event) -> None:
        self._announce_soon()

    async def _async_check(self, _: datetime) -> None:
        await self._async_announce()

    def _announce_soon(self) -> None:
        self._entry.async_create_background_task(
            self._hass, self._async_announce(), f"{DOMAIN} webhook"
        )

    async def _async_announce(self) -> None:
        async with self._announcing:
            url = await async_push_url(
                self._hass,
                self._webhook_id,
                policy=self._coordinator.push_policy,
                route=self._route,
                base=self._entry.options.get(CONF_PUSH_BASE),
            )
            if url is None:
                await self._async_lack_address()
                return
            self._coordinator.issues.async_clear(f"no_push_url_{self._route}")
            await self._coordinator.async_subscribe(url)

    async def _async_lack_address(self) -> None:
        # A way that a person has chosen is missed, even where calls are optional.
        if self._coordinator.push_policy.is_optional and self._route is PushRoute.DIRECT:
            await self._coordinator.async_unsubscribe()
        else:
            self._coordinator.issues.async_raise(f"no_push_url_{self._route}", is_fixable=True)

    async def _async_handle(
        self, hass: HomeAssistant, webhook_id: str, request: web.Request
    ) -> web.Response:
        status = await self._async_take(request)
        return web.Response(status=status)

    async def _async_take(self, request: web.Request) -> HTTPStatus:
        body = await _read(request)
        if body is None:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        call = PushCall(
            method=request.method,
            headers=_values(request.headers),
            query=_values(request.query),
            body=body,
            received_at=time.time(),
        )
        try:
            await self._coordinator.async_receive(call)
        except PushNotVerifiedError:
            return HTTPStatus.UNAUTHORIZED
        except PushNotUnderstoodError:
            return HTTPStatus.BAD_REQUEST
        return HTTPStatus.OK


async def _read(request: web.Request) -> bytes | None:
    """Return the body as it came; None when it is larger than any vendor's."""
    # Calls through the cloud come as another kind of request: it has no length and no
    # `read`, and hands out a new stream each time it is asked.
    if (getattr(request, "content_length", None) or 0) > MAX_BODY:
        return None
    stream: StreamReader = request.content
    body = b""
    while len(body) <= MAX_BODY and (chunk := await stream.read(MAX_BODY + 1 - len(body))):
        body += chunk
    return body if len(body) <= MAX_BODY else None


def _values(pairs: MultiMapping[str]) -> dict[str, tuple[str, ...]]:
    names: Iterable[str] = pairs.keys()
    return {name.lower(): tuple(pairs.getall(name)) for name in names}
