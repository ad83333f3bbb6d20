"""The simulator's parts, put together."""

from abc import abstractmethod
from base64 import b64decode
from collections.abc import Callable
import json
import time
from typing import Any, ClassVar, override

from aiohttp import web
from yarl import URL

from tests.simulators.base import Act, Bolt, Server, Simulator, Spare

from .account import Account
from .acts import ACTS
from .bridge import Bridge, Clock
from .cloud import Cloud
from .cloud_webhook import CloudCaller
from .const import API_TOKEN, BOLT, FRONT_DOOR, LOCAL_ID, SPARE, Identity
from .endpoints import Endpoints
from .lock import Lock, Motor
from .push import Delivery, Pusher, Reporter, Tasks


class LoqedDevice(Simulator):
    """A lock, its bridge, and the cloud that lists them; the verbs come in the subclasses."""

    key: ClassVar[str] = "loqed"
    maker: ClassVar[str] = "LOQED"
    acts: ClassVar[tuple[Act, ...]] = ACTS

    def __init__(
        self,
        *,
        pace: float = 1.0,
        clock: Callable[[], float] = time.time,
        identity: Identity = FRONT_DOOR,
    ) -> None:
        """Make a locked lock and its bridge, of the older generation and without webhooks."""
        super().__init__(pace=pace, clock=clock)
        self.identity = identity
        self.spare: LoqedDevice | None = None
        lock_clock = Clock(source=clock)
        self.lock = Lock(clock=lock_clock, keys={LOCAL_ID: b64decode(identity.key_secret)})
        self.bridge = Bridge(clock=Clock(source=clock), known=self.lock.report(), identity=identity)
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
        self.account = Account(lock=self.lock, motor=self.motor, clock=clock)
        self.cloud = Cloud(
            bridge=self.bridge,
            lock=self.lock,
            account=self.account,
            host=lambda: self.host,
            clock=clock,
        )
        self.cloud_caller = CloudCaller(tasks=self._tasks, rest=self.rest)
        self.reporter.listeners.append(self.cloud_caller.report)

    @override
    async def start(self, port: int = 0, cloud_port: int = 0) -> None:
        """Start the bridge and the cloud, each on the port given or on a free one."""
        await super().start(port)
        await self.cloud.server.start(cloud_port)
        await self.pusher.start()

    @override
    async def stop(self) -> None:
        if self.spare is not None:
            await self.spare.stop()
        await super().stop()
        await self.cloud.server.stop()
        await self._tasks.cancel()
        await self.pusher.stop()

    async def leave_network(self) -> None:
        """Nobody listens at the bridge's address any more; it still has the internet."""
        assert self.server.runner is not None
        for site in list(self.server.runner.sites):
            await site.stop()

    async def join_network(self) -> None:
        """The bridge listens at its address again."""
        assert self.server.runner is not None
        await web.TCPSite(self.server.runner, "127.0.0.1", self.server.port).start()

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
    def servers(self) -> tuple[Server, ...]:
        return (self.server, self.cloud.server)

    @override
    def allow_haste(self) -> None:
        self.account.limit.is_on = False

    @property
    @override
    def lock_ids(self) -> list[str]:
        return [self.identity.lock_id]

    @override
    def lock_name(self, lock_id: str) -> str:
        self.only(lock_id)
        return self.identity.name

    @override
    def known_as(self, lock_id: str) -> str:
        self.only(lock_id)
        return self.identity.mac_wifi

    @override
    async def add_spare(self, port: int = 0, cloud_port: int = 0) -> Spare:
        """Add a lock with a bridge of its own, which the account lists, too."""
        self.spare = type(self)(pace=self.pace, clock=self.clock, identity=SPARE)
        await self.spare.start(port, cloud_port)
        self.cloud.neighbors.append(self.spare.cloud)
        information = self.spare.integration_information()
        return Spare(
            enter={
                "Personal access token": API_TOKEN,
                "Integration information": json.dumps(information),
            },
            url=str(self.spare.url),
        )

    @abstractmethod
    def integration_information(self) -> dict[str, Any]:
        """Return the JSON a person copies from the account page; the address with its port."""

    @override
    def bolt(self, lock_id: str | None = None) -> Bolt:
        self.only(lock_id)
        return BOLT[self.lock.position]

    def only(self, lock_id: str | None) -> None:
        """A bridge has one lock; raises KeyError for any other."""
        if lock_id not in (None, self.identity.lock_id):
            raise KeyError(lock_id)
