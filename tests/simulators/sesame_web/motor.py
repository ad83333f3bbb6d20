"""What moves by itself: the motors, and the timers that lock again."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from tests.simulators.base import Bolt

from .device import Device
from .log import Cause

ARRIVAL: dict[Bolt, Cause] = {"locked": Cause.DRIVE_LOCKED, "unlocked": Cause.DRIVE_UNLOCKED}


@dataclass(kw_only=True)
class Motors:
    """Turns bolts and presses buttons; `travel` is in seconds of the real device.

    A new order to a device takes the place of the one under way.
    """

    pace: float
    clock: Callable[[], float]
    travel: float = 2.0
    orders: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def drive(self, device: Device, bolt: Bolt) -> None:
        """Set out for a bolt position, whichever it is in now."""
        self._order(device, self._go(device, bolt))

    def click(self, device: Device) -> None:
        """Press the Bot's arm down once."""
        self._order(device, self._click(device))

    def watch(self, device: Device) -> None:
        """Start the autolock's timer of a device that was unlocked by hand."""
        if device.bolt == "unlocked":
            self._order(device, self._lock_again(device))

    def rest(self, device: Device) -> None:
        """Drop what the device was about to do."""
        order = self.orders.pop(device.uuid, None)
        if order is not None:
            order.cancel()

    async def stop(self) -> None:
        """Drop everything that was under way."""
        orders = list(self.orders.values())
        for order in orders:
            order.cancel()
        await asyncio.gather(*orders, return_exceptions=True)
        self.orders.clear()

    def _order(self, device: Device, order: Coroutine[Any, Any, None]) -> None:
        self.rest(device)
        self.orders[device.uuid] = asyncio.create_task(order)

    async def _go(self, device: Device, bolt: Bolt) -> None:
        await self._drive(device, bolt)
        if device.bolt == bolt == "unlocked":
            await self._lock_again(device)

    async def _lock_again(self, device: Device) -> None:
        if device.autolock is None:
            return
        await asyncio.sleep(device.autolock * self.pace)
        device.log.add(Cause.AUTO_LOCK, self.clock())
        await self._drive(device, "locked")

    async def _drive(self, device: Device, bolt: Bolt) -> None:
        await asyncio.sleep(self.travel * self.pace)
        if device.is_jammed:
            device.log.add(Cause.DRIVE_FAILED, self.clock())
        else:
            device.bolt = bolt
            device.log.add(ARRIVAL[bolt], self.clock())
        device.report(self.clock())

    async def _click(self, device: Device) -> None:
        await asyncio.sleep(self.travel * self.pace)
        if device.is_jammed:
            device.log.add(Cause.DRIVE_FAILED, self.clock())
        else:
            device.clicks += 1
            device.log.add(Cause.DRIVE_CLICK, self.clock())
        device.report(self.clock())
