"""The Web API as a story: the verbs every vendor knows, and what a test may look at."""

from collections import Counter
from collections.abc import Callable
import time
from typing import ClassVar, override

from yarl import URL

from tests.simulators.base import Bolt, Simulator, verb

from .catalogue import default_devices
from .device import Command, Device
from .endpoints import Endpoints
from .hub import Hub
from .log import Cause
from .motor import Motors
from .verbs import CloudVerbs

BY_HAND: dict[Bolt, Cause] = {
    "locked": Cause.MANUAL_LOCKED,
    "unlocked": Cause.MANUAL_UNLOCKED,
    "unknown": Cause.MANUAL_ELSE,
}


class SesameWebSimulator(CloudVerbs, Simulator):
    """The Web API of Sesame 3 and later; a client's base URL is `cloud_url`.

    It knows one key, `API_KEY`, with 1,000 calls a month, and four devices: `SESAME_5`,
    `SESAME_4`, `BOT` and `BIKE`, with the secrets in `SECRETS`. A command counts as taken
    whatever becomes of it; `received` tells what did.
    """

    key: ClassVar[str] = "sesame_web"

    def __init__(self, *, pace: float = 1.0, clock: Callable[[], float] = time.time) -> None:
        """Make the cloud, with its default devices."""
        super().__init__(pace=pace, clock=clock)
        self.hub = Hub(clock=clock, motors=Motors(pace=pace, clock=clock))
        self.hub.devices = {device.uuid: device for device in default_devices(clock())}
        self.cloud = Endpoints(hub=self.hub)
        self.cloud.add_to(self.app.router)

    @override
    async def stop(self) -> None:
        await self.hub.motors.stop()
        await super().stop()

    @property
    def cloud_url(self) -> URL:
        """The base URL a client is given: /api/sesame2 under the server's root."""
        return self.url / "api" / "sesame2"

    @property
    def device_ids(self) -> list[str]:
        """The ids of all devices, locks or not."""
        return list(self.hub.devices)

    def device(self, lock_id: str | None = None) -> Device:
        """A device's truth, its history, and its shadow in the cloud."""
        return self.hub.device(lock_id)

    @property
    def received(self) -> list[Command]:
        """The commands that came for known devices, in order, with their outcome."""
        return self.hub.received

    @property
    def commands(self) -> Counter[str]:
        """How many commands came for each device, obeyed or not."""
        return Counter(command.uuid for command in self.received)

    @property
    def calls(self) -> int:
        """How many calls with a good key came this month."""
        return self.cloud.gate.calls

    @property
    @override
    def lock_ids(self) -> list[str]:
        """The ids of the devices that can be told to lock: no Bot, no Bike."""
        return [uuid for uuid, device in self.hub.devices.items() if device.model.is_lock]

    @override
    def bolt(self, lock_id: str | None = None) -> Bolt:
        return self.device(lock_id).bolt

    @verb
    @override
    async def turn_by_hand(self, bolt: Bolt, lock_id: str | None = None) -> None:
        """Turn a lock; "unknown" leaves it between its two ends, which the cloud calls moved."""
        if bolt not in BY_HAND:
            raise ValueError("this lock is locked, unlocked or unknown")
        device = self.device(lock_id)
        self.hub.motors.rest(device)
        device.bolt = bolt
        device.log.add(BY_HAND[bolt], self.clock())
        device.report(self.clock())
        self.hub.motors.watch(device)

    @verb
    @override
    async def take_offline(self, lock_id: str | None = None) -> None:
        """The hub is gone: the last status stays, with `wm2State` false where it is sent."""
        self.device(lock_id).is_online = False

    @verb
    @override
    async def bring_online(self, lock_id: str | None = None) -> None:
        """The hub is back, and what happened meanwhile comes through."""
        device = self.device(lock_id)
        device.is_online = True
        device.report(self.clock())

    @verb
    @override
    def refuse_credentials(self) -> None:
        """The key was made anew on the developer page, and the old one died: 403."""
        self.cloud.gate.accepts_key = False

    @verb
    @override
    def accept_credentials(self) -> None:
        """The key is good again."""
        self.cloud.gate.accepts_key = True

    @verb
    @override
    def jam(self, *, jammed: bool = True, lock_id: str | None = None) -> None:
        """Commands are answered and written down as ever, and the bolt stays where it is."""
        self.device(lock_id).is_jammed = jammed
