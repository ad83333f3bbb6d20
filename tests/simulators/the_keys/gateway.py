"""The gateway on the network: it takes one request at a time, and not every client's."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from .call import Call, parse_form
from .orders import Orders
from .pages import Page, Pages
from .radio import Radio
from .refusal import RefusedError, busy
from .replies import Replies
from .settings import Settings
from .traffic import HURRIED, OVERLAP


class Gateway:
    """Serves the vendor's pages; the method of a request does not matter to it.

    While not `thawed`, requests hang until somebody gives up.
    """

    def __init__(self, radio: Radio, settings: Settings) -> None:
        self.radio = radio
        self.guard = radio.guard
        self.settings = settings
        self.orders = Orders()
        self.replies = Replies(settings)
        self.pages = Pages(radio, settings, self.orders, self.replies)
        self.thawed = asyncio.Event()
        self.thawed.set()

    def register(self, app: web.Application) -> None:
        """Put the pages on the server."""
        for path, page in self.pages.by_path.items():
            app.router.add_route("*", path, self._serve(page))

    def _serve(self, page: Page) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handler(request: web.Request) -> web.Response:
            response = self._disturbed(request)
            if response is None and not self.thawed.is_set():
                await self.thawed.wait()
                response = _reset(request)
            if response is None:
                call = Call(path=request.path, form=parse_form(await request.read()))
                response = await self._answer(page, call)
            response.force_close()
            return response

        return handler

    def _disturbed(self, request: web.Request) -> web.Response | None:
        if request[OVERLAP] and self.settings.overlap == "busy":
            return self.replies.response(self.replies.error(busy()))
        is_reset = request[OVERLAP] and self.settings.overlap == "reset"
        if is_reset or (request[HURRIED] and self.settings.resets_hurried):
            return _reset(request)
        return None

    async def _answer(self, page: Page, call: Call) -> web.Response:
        if order := self.orders.body(call.path):
            return self.replies.raw(order.text, order.status)
        try:
            return self.replies.response(await page(call))
        except RefusedError as refusal:
            return self.replies.response(self.replies.error(refusal))


def _reset(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
