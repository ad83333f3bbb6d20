"""The hub: commands go down to the devices, their states and histories up to the cloud."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.simulators.base import Bolt

from .crypto import is_signed
from .device import LOCK, TOGGLE, UNLOCK, Device, EntryType

type Outcome = Literal["obeyed", "offline", "bad_sign", "unsupported", "refused", "ignored"]

BY_WEB: dict[Bolt, EntryType] = {
    "locked": EntryType.WEB_LOCK,
    "unlocked": EntryType.WEB_UNLOCK,
}
BY_HAND: dict[Bolt, EntryType] = {
    "locked": EntryType.MANUAL_LOCKED,
    "unlocked": EntryType.MANUAL_UNLOCKED,
    "unknown": EntryType.MANUAL_ELSE,
}
DRIVEN: dict[Bolt, EntryType] = {
    "locked": EntryType.DRIVE_LOCKED,
    "unlocked": EntryType.DRIVE_UNLOCKED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command as it came, and what the device made of it; `tag` is decoded."""

    at: float
    uuid: str
    number: int
    tag: bytes
    outcome: Outcome


@dataclass(kw_only=True)
class Hub:
    """The devices, their motors and timers, and the commands they were sent.

    `travel` is how long a motor takes, in seconds of the real device. `tolerance` is how
    many windows of 256 seconds a signature may be off: how many the vendor allows is not
    known, so none by default. With `refuses` set, nothing obeys.
    """

    pace: float
    clock: Callable[[], float]
    travel: float = 2.0
    devices: dict[str, Device] = field(default_factory=dict)
    received: list[Command] = field(default_factory=list)
    tolerance: int = 0
    refuses: bool = False
    orders: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    reports: dict[str, list[asyncio.TimerHandle]] = field(default_factory=dict)

    def device(self, uuid: str | None) -> Device:
        """Return the device of an id, or the first; KeyError for an unknown one."""
        return self.devices[next(iter(self.devices), "") if uuid is None else uuid]

    async def stop(self) -> None:
        """Cancel everything that was under way."""
        orders = list(self.orders.values())
        for order in orders:
            order.cancel()
        await asyncio.gather(*orders, return_exceptions=True)
        self.orders.clear()
        for uuid in tuple(self.reports):
            self.drop_reports(uuid)

    # Up to the cloud.

    def report(self, device: Device) -> None:
        """Tell the cloud the device's state and history, each after its lag."""
        if not device.is_online:
            return
        device.reports += 1
        news, number = device.state(self.clock()), device.reports
        entries = len(device.history.entries)
        self._after(device, device.status_lag, lambda: device.publish(news, number))
        self._after(device, device.history_lag, lambda: device.upload(entries))

    def lose(self, device: Device) -> None:
        """Let the hub disappear; the cloud notices after the lag of the status."""
        device.is_online = False

        def notice() -> None:
            device.is_online_in_cloud = device.is_online

        self._after(device, device.status_lag, notice)

    def drop_reports(self, uuid: str) -> None:
        """Forget what was on its way from a device to the cloud."""
        for handle in self.reports.pop(uuid, []):
            handle.cancel()

    def _after(self, device: Device, lag: float, tell: Callable[[], None]) -> None:
        if not lag:
            tell()
            return
        loop = asyncio.get_running_loop()
        self.reports.setdefault(device.uuid, []).append(loop.call_later(lag * self.pace, tell))

    # Down to the devices.

    def command(self, device: Device, number: int, tag: bytes, sign: str) -> Outcome:
        """Pass a command on to a device, which obeys it or not."""
        outcome = self._outcome(device, number, sign)
        self.received.append(
            Command(at=self.clock(), uuid=device.uuid, number=number, tag=tag, outcome=outcome)
        )
        if outcome == "obeyed":
            self._obey(device, number, tag)
        return outcome

    def turn_by_hand(self, device: Device, bolt: Bolt) -> None:
        """Turn the bolt by hand, which ends what the motor was doing."""
        self.cancel(device)
        device.bolt = bolt
        self._write(device, BY_HAND[bolt])
        self.report(device)
        if bolt == "unlocked":
            self._order(device, self._lock_again(device))

    def cancel(self, device: Device) -> None:
        """Cancel what the device was about to do."""
        order = self.orders.pop(device.uuid, None)
        if order is not None:
            order.cancel()

    def _outcome(self, device: Device, number: int, sign: str) -> Outcome:
        if self.refuses:
            return "refused"
        if not device.is_online:
            return "offline"
        # It is the device that checks the signature, by its own clock.
        if not is_signed(sign, device.secret, self._time(device), tolerance=self.tolerance):
            return "bad_sign"
        if number not in device.model.commands:
            return "unsupported"
        return "ignored" if device.ignores_commands else "obeyed"

    def _obey(self, device: Device, number: int, tag: bytes) -> None:
        target = _target(device, number)
        self._write(device, EntryType.WEB_CLICK if target is None else BY_WEB[target], tag)
        self.report(device)
        self._order(device, self._click(device) if target is None else self._turn(device, target))

    def _order(self, device: Device, order: Coroutine[Any, Any, None]) -> None:
        self.cancel(device)
        self.orders[device.uuid] = asyncio.create_task(order)

    async def _turn(self, device: Device, bolt: Bolt) -> None:
        await self._drive(device, bolt)
        if device.bolt == bolt == "unlocked":
            await self._lock_again(device)

    async def _lock_again(self, device: Device) -> None:
        if device.autolock is None:
            return
        await asyncio.sleep(device.autolock * self.pace)
        self._write(device, EntryType.AUTO_LOCK)
        await self._drive(device, "locked")

    async def _drive(self, device: Device, bolt: Bolt) -> None:
        await asyncio.sleep(self.travel * self.pace)
        if device.is_jammed:
            self._write(device, EntryType.DRIVE_FAILED)
        else:
            device.bolt = bolt
            self._write(device, DRIVEN[bolt])
        self.report(device)

    async def _click(self, device: Device) -> None:
        await asyncio.sleep(self.travel * self.pace)
        if device.is_jammed:
            self._write(device, EntryType.DRIVE_FAILED)
        else:
            device.clicks += 1
            self._write(device, EntryType.DRIVE_CLICK)
        self.report(device)

    def _write(self, device: Device, kind: EntryType, tag: bytes | None = None) -> None:
        device.history.add(kind, self._time(device), tag)

    def _time(self, device: Device) -> float:
        """Return the time by the device's own clock."""
        return self.clock() + device.clock_offset


def _target(device: Device, number: int) -> Bolt | None:
    """Return where a command sends the bolt; None for those that press a button."""
    if number == TOGGLE:
        return "unlocked" if device.bolt == "locked" else "locked"
    targets: dict[int, Bolt] = {LOCK: "locked", UNLOCK: "unlocked"}
    return targets.get(number)
