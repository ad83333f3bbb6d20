"""The part of a story that happens to one lock."""

from typing import override

from tests.simulators.base import Bolt, Simulator, verb

from .lock import Lock, find
from .radio import Radio
from .settings import Settings


class LockVerbs(Simulator):
    """What can be done to a lock; its id is the identifier, None the first lock."""

    radio: Radio
    settings: Settings

    @property
    @override
    def lock_ids(self) -> list[str]:
        """The identifiers on the network, not the ids of the account."""
        return [lock.identifier for lock in self.radio.locks]

    def lock(self, lock_id: str | None = None) -> Lock:
        """Everything there is to know of a lock."""
        return find(self.radio.locks, lock_id)

    @override
    def bolt(self, lock_id: str | None = None) -> Bolt:
        """Where the bolt is; "unknown" for a lock that has just started."""
        return self.lock(lock_id).bolt

    async def settle(self) -> None:
        """Wait until every motor stands still."""
        await self.radio.travels.done()

    @verb
    @override
    async def turn_by_hand(self, bolt: Bolt, lock_id: str | None = None) -> None:
        """Turn the lock; it knows locked and unlocked, and unlocked is all there is to open."""
        self.lock(lock_id).turn(bolt, counted=self.settings.counts_hand)

    @verb
    @override
    async def take_offline(self, lock_id: str | None = None) -> None:
        """The lock is gone from the list, and signed calls get 34."""
        self.lock(lock_id).is_online = False

    @verb
    @override
    async def bring_online(self, lock_id: str | None = None) -> None:
        """The lock is seen again."""
        self.lock(lock_id).is_online = True

    @verb
    @override
    def jam(self, *, jammed: bool = True, lock_id: str | None = None) -> None:
        """The motor runs and the answers are good, but nothing moves."""
        self.lock(lock_id).is_jammed = jammed

    @verb
    def boot_lock(self, lock_id: str | None = None) -> None:
        """Restart the lock: it does not know its state (48) until it moves."""
        self.lock(lock_id).turn("unknown")

    @verb
    def set_battery(self, millivolts: int, lock_id: str | None = None) -> None:
        """Charge or drain the battery; one family of locks is near 4 V, one near 8 V."""
        self.lock(lock_id).battery = millivolts

    @verb
    def reset_counter(self, lock_id: str | None = None, last_log: int = 1) -> None:
        """Let the change counter start over, below where it was."""
        self.lock(lock_id).last_log = last_log
