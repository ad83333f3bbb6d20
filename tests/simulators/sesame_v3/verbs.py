"""The verbs only this cloud knows."""

import math
import uuid

from tests.simulators.base import verb

from .cloud import Cloud, now
from .doorman import Endpoint, Mishap
from .lock import BUSY, BusyStyle, Occupied, V3Lock
from .malformed import malformed
from .webhook import Method, Webhook, Words


class CloudVerbs:
    """What can happen to an account, its locks and its tasks."""

    cloud: Cloud

    @verb
    def add_lock(
        self,
        nickname: str = "New lock",
        *,
        device_id: str | None = None,
        locked: bool = True,
        battery: int = 100,
    ) -> str:
        """Pair one more lock with the account, and return its id."""
        lock = V3Lock(
            device_id=device_id or str(uuid.uuid4()),
            serial=f"SIM{len(self.cloud.locks) + 1:07}",
            nickname=nickname,
            locked=locked,
            battery=battery,
        )
        self.cloud.locks[lock.device_id] = lock
        return lock.device_id

    @verb
    def add_locks(self, count: int) -> list[str]:
        """Pair many locks, for a hotel."""
        return [self.add_lock(f"Room {number}") for number in range(1, count + 1)]

    @verb
    def remove_lock(self, lock_id: str) -> None:
        """Take a lock out of the account."""
        del self.cloud.locks[lock_id]

    @verb
    def rename_lock(self, nickname: str, lock_id: str | None = None) -> None:
        """Give a lock another nickname in the app."""
        self.cloud.lock(lock_id).nickname = nickname

    @verb
    def set_battery(
        self, battery: int, *, low: bool | None = None, lock_id: str | None = None
    ) -> None:
        """Set the charge in percent; a `low` lock refuses to move (LOW_BATTERY).

        The vendor's threshold is not known (38 % was refused): without `low` it is 10 %.
        """
        lock = self.cloud.lock(lock_id)
        lock.battery = battery
        lock.is_low = battery <= 10 if low is None else low
        lock.report()

    @verb
    def enable_integration(self, *, enabled: bool = True, lock_id: str | None = None) -> None:
        """Turn the switch in the app; off, the lock answers CLOUD_INTEGRATION_NOT_ENABLED."""
        self.cloud.lock(lock_id).is_integrated = enabled

    @verb
    def keep_busy(
        self,
        seconds: int | None = 35,
        *,
        style: BusyStyle = "space",
        lasts: float | None = None,
        lock_id: str | None = None,
    ) -> None:
        """Open the app on a phone: commands are refused with DEVICE_IS_BUSY.

        `seconds` is the number named (None names none), `lasts` the real seconds it is so;
        without it, until `end_busy`.
        """
        if style not in BUSY:
            raise ValueError("the style is plain, space or colon")
        until = math.inf if lasts is None else now() + lasts
        self.cloud.lock(lock_id).occupied = Occupied(
            until=until, announced=seconds, style="plain" if seconds is None else style
        )

    @verb
    def end_busy(self, lock_id: str | None = None) -> None:
        """Close the app again."""
        self.cloud.lock(lock_id).occupied = None

    @verb
    def fail_tasks(self, error: str | None = "DEVICE_IS_BUSY") -> None:
        """Every task ends unsuccessful with this `error`; None ends that."""
        self.cloud.task_error = error

    @verb
    def hang_tasks(self, *, hang: bool = True) -> None:
        """Tasks stay processing and nothing moves."""
        self.cloud.never_ends = hang

    @verb
    def forget_tasks(self) -> None:
        """Every task is too old to be asked about: 400."""
        self.cloud.tasks.by_id.clear()

    @verb
    def show_tasks_late(self, seconds: float) -> None:
        """A new task is not to be found (400) for so many seconds of the real device."""
        self.cloud.tasks.hidden_for = seconds * self.cloud.pace

    @verb
    def take_time(self, seconds: float) -> None:
        """From now on a command takes so many seconds of the real device."""
        self.cloud.task_seconds = seconds

    @verb
    def answer_error(
        self, error: str | None, *, endpoint: Endpoint | None = None, times: int | None = None
    ) -> None:
        """Answer with one of the vendor's errors, at one endpoint or all; None ends it."""
        mishap = Mishap(error=error, endpoint=endpoint, times=times) if error else None
        self.cloud.doorman.mishap = mishap

    @verb
    def block_ip(self, word: str = "Forbidden", *, field: str = "error") -> None:
        """Block the address: 403 to everything, with Forbidden or ACCESS_DENY."""
        self.cloud.doorman.block, self.cloud.doorman.block_field = word, field

    @verb
    def unblock_ip(self) -> None:
        """Let the address in again."""
        self.cloud.doorman.block = None

    @verb
    def limit_rate(self, *, enforce: bool = True, gap: float = 1.0) -> None:
        """Answer 429 THROTTLED to requests closer than `gap` seconds, start to start."""
        self.cloud.doorman.enforce_rate, self.cloud.doorman.gap = enforce, gap

    @verb
    def malform(self, endpoint: Endpoint, kind: str | None) -> None:
        """Answer one endpoint with JSON that breaks the promise, or with nonsense; None ends it."""
        if kind is None:
            self.cloud.malformed.pop(endpoint, None)
            return
        malformed(endpoint, kind)
        self.cloud.malformed[endpoint] = kind

    @verb
    def set_webhook(
        self,
        url: str | None,
        method: Method = "GET",
        *,
        words: Words = "locked",
        names_locked: bool = True,
    ) -> None:
        """Fill in the account's webhook; ValueError for more than 256 characters, None clears."""
        self.cloud.messenger.webhook = (
            Webhook(url=url, method=method, words=words, names_locked=names_locked) if url else None
        )

    @verb
    async def fire_webhook(self, device_id: str, *, locked: bool) -> None:
        """Call the webhook for any lock, known or not, whatever is true."""
        await self.cloud.messenger.tell(device_id, locked=locked)
