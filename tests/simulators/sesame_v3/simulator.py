"""The first-generation cloud as a story: the verbs, and what a test may look at."""

from collections.abc import Callable
import time
from typing import Any, ClassVar, override

from tests.simulators.base import Bolt, Simulator, verb

from .cloud import make_cloud
from .endpoints import Endpoints
from .lock import V3Lock, default_locks
from .verbs import CloudVerbs
from .webhook import Delivery


class SesameV3Simulator(CloudVerbs, Simulator):
    """The cloud of the first SESAME and SESAME mini; its base URL is `url` itself.

    It knows one account with the key `API_KEY` and two locks, `FRONT_DOOR` (locked) and
    `BACK_DOOR` (unlocked). `cloud` holds everything there is to look at or to set.
    """

    key: ClassVar[str] = "sesame_v3"

    def __init__(self, *, pace: float = 1.0, clock: Callable[[], float] = time.time) -> None:
        """Make the cloud, with its default locks."""
        super().__init__(pace=pace, clock=clock)
        self.cloud = make_cloud(pace, clock, default_locks())
        Endpoints(self.cloud).add_to(self.app.router)

    @override
    async def stop(self) -> None:
        await self.cloud.stop()
        await super().stop()

    def lock(self, lock_id: str | None = None) -> V3Lock:
        """A lock's truth, what the cloud believes of it, and the commands it was sent."""
        return self.cloud.lock(lock_id)

    @property
    def deliveries(self) -> list[Delivery]:
        """The webhook calls that were made, in order."""
        return self.cloud.messenger.deliveries

    @property
    def too_fast(self) -> int:
        """How many requests came less than a second after the one before."""
        return self.cloud.doorman.too_fast

    @property
    @override
    def lock_ids(self) -> list[str]:
        return list(self.cloud.locks)

    @override
    def bolt(self, lock_id: str | None = None) -> Bolt:
        return "locked" if self.lock(lock_id).locked else "unlocked"

    @verb
    @override
    async def turn_by_hand(self, bolt: Bolt, lock_id: str | None = None) -> None:
        """Turn a lock; the webhook has been called when this returns."""
        if bolt not in ("locked", "unlocked"):
            raise ValueError("this lock is locked or unlocked")
        lock = self.lock(lock_id)
        lock.locked = bolt == "locked"
        if lock.report():
            await self.cloud.announce(lock)

    @verb
    @override
    async def take_offline(self, lock_id: str | None = None) -> None:
        """The access point is gone: the last known state stays, marked unresponsive."""
        lock = self.lock(lock_id)
        lock.is_reachable = lock.is_responsive = False

    @verb
    @override
    async def bring_online(self, lock_id: str | None = None, *, needs_sync: bool = False) -> None:
        """The access point is back; the cloud notices by itself, or only by a `sync`."""
        lock = self.lock(lock_id)
        lock.is_reachable = True
        if not needs_sync and lock.report(anew=True):
            await self.cloud.announce(lock)

    @verb
    @override
    def refuse_credentials(self) -> None:
        """The key was deleted on the account's page: 401 UNAUTHORIZED."""
        self.cloud.doorman.accepts_key = False

    @verb
    @override
    def accept_credentials(self) -> None:
        """The key is good again."""
        self.cloud.doorman.accepts_key = True

    @verb
    @override
    def jam(self, *, jammed: bool = True, lock_id: str | None = None) -> None:
        """Tasks end unsuccessful, without an `error`: the vendor names none for this."""
        self.lock(lock_id).is_jammed = jammed

    @verb
    def list_deliveries(self) -> list[dict[str, Any]]:
        """The webhook calls in short: lock, state, method and the answer's status."""
        return [
            {
                "device_id": delivery.device_id,
                "locked": delivery.locked,
                "method": delivery.method,
                "status": delivery.status,
            }
            for delivery in self.deliveries
        ]
