"""The gateway's pages, one by one."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from .call import Call
from .lock import Lock, find
from .orders import Orders
from .radio import GATEWAY_PHASE, Radio
from .refusal import RefusedError
from .replies import Replies
from .settings import Settings

type Reply = dict[str, Any]
type Page = Callable[[Call], Awaitable[Reply | None]]


class Pages:
    """What each page does; a page that returns None has an empty body.

    `updates` notes who asked for new firmware, which no program should do by itself.
    """

    def __init__(self, radio: Radio, settings: Settings, orders: Orders, replies: Replies) -> None:
        self.radio = radio
        self.guard = radio.guard
        self.settings = settings
        self.orders = orders
        self.success = replies.success
        self.updates: list[str] = []
        self.by_path: dict[str, Page] = {
            "/": self._status,
            "/status": self._status,
            "/lockers": self._lockers,
            "/synchronize": self._synchronize,
            "/update": self._update,
            "/locker/synchronize": self._locker_synchronize,
            "/locker/update": self._locker_update,
            "/open": self._open,
            "/close": self._close,
            "/locker_status": self._locker_status,
            "/calibrate": self._calibrate,
        }

    # Pages anybody may ask for.

    async def _status(self, call: Call) -> Reply:
        settings = self.settings
        if call.path == "/status" and not settings.has_status:
            raise web.HTTPNotFound(text="<html>404</html>", content_type="text/html")
        await self.radio.rest(settings.light)
        phase = self.radio.phase
        return {
            "version": settings.version if settings.version_as_number else str(settings.version),
            "current_status": "Scanning..." if phase is None else f"Synchronizing {phase}",
        }

    async def _lockers(self, call: Call) -> Reply:
        self.orders.check_code(call.path)
        await self.radio.rest(self.settings.light)
        with_counter = self.settings.has_last_log
        seen = [
            lock.device(with_counter=with_counter)
            for lock in self.radio.locks
            if lock.is_online or self.settings.lists_offline
        ]
        return {"status": "ok", "devices": seen}

    async def _synchronize(self, call: Call) -> Reply:
        self._check_free(call)
        await self.radio.rest(self.settings.synchronise)
        self.guard.has_time = self.guard.has_time or self.settings.heals_clock
        self.guard.synchronise()
        if self.settings.synchronises_for:
            self.radio.begin(GATEWAY_PHASE, self.settings.synchronises_for)
        return {"status": "ok", "code": 0}

    async def _update(self, call: Call) -> Reply:
        self.updates.append(call.path)
        self._check_free(call)
        return self.success()

    async def _locker_synchronize(self, call: Call) -> Reply | None:
        self._check_free(call)
        lock = self._named(call)
        await self.radio.rest(self.settings.synchronise_lock)
        if not lock.is_online:
            raise RefusedError(1, "locker not detected")
        self.radio.synchronise(lock)
        return None if self.settings.empty_synchronise else self.success()

    async def _locker_update(self, call: Call) -> None:
        self.updates.append(call.path)
        self._check_free(call)
        self._named(call)

    # Pages that need a signature.

    async def _open(self, call: Call) -> Reply:
        lock = await self._signed(call)
        await self.radio.run(lock, "open", "unlocked", self.settings.travel)
        return self.success()

    async def _close(self, call: Call) -> Reply:
        lock = await self._signed(call)
        await self.radio.run(lock, "close", "locked", self.settings.travel)
        return self.success()

    async def _calibrate(self, call: Call) -> Reply:
        lock = await self._signed(call)
        await self.radio.run(lock, "calibrate", None, self.settings.calibration)
        return self.success()

    async def _locker_status(self, call: Call) -> Reply:
        lock = await self._signed(call)
        return lock.state()

    async def _signed(self, call: Call) -> Lock:
        self.orders.check_busy()
        identifier, share = self.guard.verify(call.form)
        self.orders.check_code(call.path)
        return await self.radio.reach(identifier, share, is_read=call.path == "/locker_status")

    def _check_free(self, call: Call) -> None:
        self.orders.check_busy()
        self.radio.check_idle()
        self.orders.check_code(call.path)

    def _named(self, call: Call) -> Lock:
        identifier = call.form.get("identifier")
        if not identifier:
            raise RefusedError(400, "identifier")
        try:
            return find(self.radio.locks, identifier)
        except ValueError:
            raise RefusedError(1, "locker not detected") from None
