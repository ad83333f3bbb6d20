"""What the bridge tells the world of its lock."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from .bridge import Bridge
from .courier import Courier, Push
from .lock import Lock, Report
from .made_up import BRIDGE_MAC_BLE, BRIDGE_MAC_WIFI
from .tasks import Tasks
from .words import NUMERIC, State, trigger_of

MACS = {"mac_wifi": BRIDGE_MAC_WIFI, "mac_ble": BRIDGE_MAC_BLE}
NO_KEY = 255


class Reporter:
    """Turns what happens to the lock into pushes and, once they are delivered, the status."""

    def __init__(
        self,
        *,
        lock: Lock,
        bridge: Bridge,
        courier: Courier,
        tasks: Tasks,
        rest: Callable[[float], Awaitable[None]],
    ) -> None:
        """Report on a lock in the name of a bridge."""
        self.lag = 0.0
        self._reports = 0
        self._learned = 0
        self._lock = lock
        self._bridge = bridge
        self._courier = courier
        self._tasks = tasks
        self._rest = rest

    def going(self, target: State, event: str, key: int | None) -> asyncio.Task[None] | None:
        """The lock is going to a state. None when the lock's voice does not reach the bridge."""
        return self._from_lock(
            {
                "go_to_state": target.upper(),
                "event_type": event,
                **MACS,
                **self._bridge.dialect.key(key, documented=NO_KEY),
            }
        )

    def reached(self, state: State, event: str, key: int | None) -> asyncio.Task[None] | None:
        """The lock has reached a state. None as in `going`."""
        return self._from_lock(
            {
                "requested_state": state.upper(),
                "requested_state_numeric": NUMERIC[state],
                **MACS,
                "event_type": event,
                **self._bridge.dialect.key(key, documented=None),
            }
        )

    def battery(self) -> asyncio.Task[None]:
        """The battery as it is; -1 percent while the lock is offline."""
        report = self._lock.report()
        battery_type = self._bridge.dialect.battery_type(report.battery_type)
        return self._push(
            {**MACS, "battery_type": battery_type, "battery_percentage": report.battery}
        )

    def online(self) -> asyncio.Task[None]:
        """The strength of both radios, in percent; BLE is -1 while the lock is offline."""
        strengths = {"wifi_strength": self._bridge.wifi, "ble_strength": self._lock.report().ble}
        return self._push({**MACS, **strengths})

    def say(self, payload: Mapping[str, Any]) -> asyncio.Task[None]:
        """Push something that does not come from the lock; the status keeps still."""
        body = self._bridge.dialect.encode(payload)
        push = self._courier.sign(body, trigger_of(payload))
        return self._tasks.spawn(self._courier.deliver(push))

    def learn(self) -> None:
        """The status tells the truth, without a push."""
        self._learn(self._number(), self._lock.report())

    def _from_lock(self, payload: Mapping[str, Any]) -> asyncio.Task[None] | None:
        return self._push(payload) if self._lock.is_reachable else None

    def _push(self, payload: Mapping[str, Any]) -> asyncio.Task[None]:
        push = self._courier.sign(self._bridge.dialect.encode(payload), trigger_of(payload))
        work = self._deliver_and_learn(push, self._number(), self._lock.report())
        return self._tasks.spawn(work)

    async def _deliver_and_learn(self, push: Push, number: int, report: Report) -> None:
        await self._courier.deliver(push)
        if self.lag:
            self._tasks.spawn(self._learn_late(number, report))
        else:
            self._learn(number, report)

    async def _learn_late(self, number: int, report: Report) -> None:
        await self._rest(self.lag)
        self._learn(number, report)

    def _number(self) -> int:
        self._reports += 1
        return self._reports

    def _learn(self, number: int, report: Report) -> None:
        # A slow delivery must not put an older report over a newer one.
        if number > self._learned:
            self._learned = number
            self._bridge.known = report
