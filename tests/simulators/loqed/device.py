"""The simulator's parts, put together."""

from base64 import b64decode
from collections.abc import Callable
import time
from typing import Any, ClassVar, override

from yarl import URL

from tests.simulators.base import Bolt, Simulator

from .bridge import Bridge, Clock
from .cloud import Cloud
from .const import BOLT, KEY_SECRET, LOCAL_ID, LOCK_ID
from .endpoints import Endpoints
from .lock import Lock, Motor
from .push import Delivery, Pusher, Reporter, Tasks


class LoqedDevice(Simulator):
    """A lock, its bridge, and the cloud that lists them; the verbs come in the subclasses."""

    key: ClassVar[str] = "loqed"

    def __init__(self, *, pace: float = 1.0, clock: Callable[[], float] = time.time) -> None:
        """Make a locked lock and its bridge, of the older generation and without webhooks."""
        super().__init__(pace=pace, clock=clock)
        lock_clock = Clock(source=clock)
        self.lock = Lock(clock=lock_clock, keys={LOCAL_ID: b64decode(KEY_SECRET)})
        self.bridge = Bridge(clock=Clock(source=clock), known=self.lock.report())
        self.pusher = Pusher(self.bridge, clock=clock, rest=self.rest, pace=pace)
        self._tasks = Tasks()
        self.reporter = Reporter(
            hear=self.lock.report,
            bridge=self.bridge,
            pusher=self.pusher,
            tasks=self._tasks,
            rest=self.rest,
        )
        self.motor = Motor(
            lock=self.lock, reporter=self.reporter, tasks=self._tasks, rest=self.rest
        )
        self.endpoints = Endpoints(bridge=self.bridge, lock=self.lock, motor=self.motor)
        self.endpoints.add_to(self.app)
        self.cloud = Cloud(bridge=self.bridge, lock=self.lock, host=lambda: self.host, clock=clock)

    @override
    async def start(self, port: int = 0, cloud_port: int = 0) -> None:
        """Start the bridge and the cloud, each on the port given or on a free one."""
        await super().start(port)
        await self.cloud.server.start(cloud_port)
        await self.pusher.start()

    @override
    async def stop(self) -> None:
        await super().stop()
        await self.cloud.server.stop()
        await self._tasks.cancel()
        await self.pusher.stop()

    @property
    def host(self) -> str:
        """The bridge's address, with its port, as a person would type it."""
        return f"{self.url.host}:{self.url.port}"

    @property
    def cloud_url(self) -> URL:
        """Where the cloud listens."""
        return self.cloud.server.url

    @property
    def deliveries(self) -> list[Delivery]:
        """Every push that left the bridge (or a forger), per URL, in order."""
        return self.pusher.deliveries

    @property
    def refusals(self) -> list[str]:
        """Why the lock refused commands, in order.

        One of: length, type, key slot, signature, timestamp, replay, device, action.
        """
        return self.lock.refusals

    @property
    def insecure_calls(self) -> list[str]:
        """The commands that came with the key in the clear; nobody should send any."""
        return self.endpoints.insecure_calls

    @property
    def busiest(self) -> int:
        """The most requests the bridge ever had to answer at the same time."""
        return self.endpoints.busiest

    @property
    def webhook_urls(self) -> list[str]:
        """The URLs registered now."""
        return [webhook.url for webhook in self.bridge.webhooks]

    def status(self) -> dict[str, Any]:
        """What the bridge would answer to `GET /status`."""
        return self.bridge.status()

    @property
    @override
    def lock_ids(self) -> list[str]:
        return [LOCK_ID]

    @override
    def bolt(self, lock_id: str | None = None) -> Bolt:
        self.only(lock_id)
        return BOLT[self.lock.position]

    def only(self, lock_id: str | None) -> None:
        """A bridge has one lock; raises KeyError for any other."""
        if lock_id not in (None, LOCK_ID):
            raise KeyError(lock_id)
