"""The simulated first-generation cloud: its verbs, and what a test may look at."""

from collections.abc import Callable
import math
import time
from typing import Any, ClassVar, override
import uuid

from tests.simulators.base import Act, Bolt, Simulator, Spare, verb

from .access import OTHER_API_KEY, Endpoint, Fault, malformed
from .acts import ACTS
from .cloud import Cloud, now
from .lock import BUSY, Busy, BusyStyle, SimulatedLock, default_locks
from .webhook import Delivery, Jobs, Method, Webhook, WebhookSender, Words


class SesameV3Simulator(Simulator):
    """The cloud of the first SESAME and SESAME mini; its base URL is `url` itself.

    It has one account with the key `API_KEY` and two locks, `FRONT_DOOR` (locked) and
    `BACK_DOOR` (unlocked). `cloud` holds everything there is to look at or to set.
    """

    key: ClassVar[str] = "sesame_v3"
    maker: ClassVar[str] = "SESAME, first generation"
    acts: ClassVar[tuple[Act, ...]] = ACTS

    def __init__(self, *, pace: float = 1.0, clock: Callable[[], float] = time.time) -> None:
        """Make the cloud, with its default locks."""
        super().__init__(pace=pace, clock=clock)
        jobs = Jobs()
        self.cloud = Cloud(
            pace=pace,
            webhook=WebhookSender(clock=clock, jobs=jobs),
            jobs=jobs,
            locks={lock.device_id: lock for lock in default_locks()},
        )
        self.cloud.add_routes(self.app.router)

    @override
    async def stop(self) -> None:
        await self.cloud.stop()
        await super().stop()

    def lock(self, lock_id: str | None = None) -> SimulatedLock:
        """Return a lock: its true state, what the cloud heard of it, and its commands."""
        return self.cloud.lock(lock_id)

    @property
    def deliveries(self) -> list[Delivery]:
        """The webhook calls that were made, in order."""
        return self.cloud.webhook.deliveries

    @property
    def too_fast(self) -> int:
        """How many requests came less than a second after the one before."""
        return self.cloud.access.too_fast

    @property
    @override
    def lock_ids(self) -> list[str]:
        return list(self.cloud.locks)

    @override
    def bolt(self, lock_id: str | None = None) -> Bolt:
        return "locked" if self.lock(lock_id).locked else "unlocked"

    @override
    def lock_name(self, lock_id: str) -> str:
        return self.lock(lock_id).nickname

    @override
    async def add_spare(self, port: int = 0, cloud_port: int = 0) -> Spare:
        self.lock(self.add_lock("Attic")).is_of_other_account = True
        return Spare(enter={"API key of another account": OTHER_API_KEY})

    # Locks.

    @verb
    @override
    async def turn_by_hand(self, bolt: Bolt, lock_id: str | None = None) -> None:
        """Turn a lock; unless webhooks are disturbed, it was called when this returns."""
        if bolt not in ("locked", "unlocked"):
            raise ValueError("this lock is locked or unlocked")
        lock = self.lock(lock_id)
        lock.locked = bolt == "locked"
        if lock.report(now()):
            await self.cloud.announce(lock)

    @verb
    @override
    async def take_offline(self, lock_id: str | None = None) -> None:
        """Take the access point away: the last known state stays, marked unresponsive."""
        self.lock(lock_id).lose(now())

    @verb
    @override
    async def bring_online(self, lock_id: str | None = None, *, needs_sync: bool = False) -> None:
        """Bring the access point back; the cloud notices by itself, or only by a `sync`."""
        lock = self.lock(lock_id)
        lock.is_reachable = True
        if not needs_sync and lock.report(now(), anew=True):
            await self.cloud.announce(lock)

    @verb
    @override
    def jam(self, *, jammed: bool = True, lock_id: str | None = None) -> None:
        """End tasks unsuccessful, without an `error`: the vendor names none for this."""
        self.lock(lock_id).is_jammed = jammed

    @verb
    def ignore_commands(self, *, ignore: bool = True, lock_id: str | None = None) -> None:
        """Leave the bolt where it is, while every response and task says success."""
        self.lock(lock_id).is_ignoring = ignore

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
        lock = SimulatedLock(
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
        """Pair many locks, as a hotel has."""
        return [self.add_lock(f"Room {number}") for number in range(1, count + 1)]

    @verb
    def remove_lock(self, lock_id: str) -> None:
        """Take a lock out of the account."""
        del self.cloud.locks[lock_id]

    @verb
    def hide_lock(self, lock_id: str | None = None, *, hidden: bool = True) -> None:
        """Leave a lock out of the account's list, by mistake: it still answers."""
        self.lock(lock_id).is_listed = not hidden

    @verb
    def rename_lock(self, nickname: str, lock_id: str | None = None) -> None:
        """Give a lock another nickname in the app."""
        self.lock(lock_id).nickname = nickname

    @verb
    def set_battery(
        self, battery: int, *, low: bool | None = None, lock_id: str | None = None
    ) -> None:
        """Set the charge in per cent; a `low` lock refuses to move (LOW_BATTERY).

        The vendor's threshold is not known (38 % was refused): without `low` it is 10 %.
        """
        lock = self.lock(lock_id)
        lock.battery = battery
        lock.is_low = battery <= 10 if low is None else low
        lock.report(now())

    @verb
    def enable_integration(self, *, enabled: bool = True, lock_id: str | None = None) -> None:
        """Turn the switch in the app; off, the lock answers CLOUD_INTEGRATION_NOT_ENABLED."""
        self.lock(lock_id).is_integrated = enabled

    @verb
    def fail_lock(self, lock_id: str | None = None, fault: str | None = "INTERNAL_ERROR") -> None:
        """Answer every request about one lock with an error, and act on none; None ends it.

        `fault` is an error of the vendor's page, a kind of nonsense ("html"), or "drop" to
        close the connection.
        """
        self.lock(lock_id).failure = fault

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
        self.lock(lock_id).busy = Busy(
            until=until, announced=seconds, style="plain" if seconds is None else style
        )

    @verb
    def end_busy(self, lock_id: str | None = None) -> None:
        """Close the app again."""
        self.lock(lock_id).busy = None

    # Tasks.

    @verb
    def fail_tasks(self, error: str | None = "DEVICE_IS_BUSY", *, moves: bool = False) -> None:
        """End every task unsuccessful with this `error`; None ends that.

        The bolt moves all the same if it `moves`.
        """
        self.cloud.task_error, self.cloud.moves_anyway = error, moves

    @verb
    def hang_tasks(self, *, hang: bool = True, moves: bool = False) -> None:
        """Leave tasks processing; the bolt moves all the same if it `moves`."""
        self.cloud.never_ends, self.cloud.moves_anyway = hang, moves

    @verb
    def forget_tasks(self) -> None:
        """Make every task too old to be asked about: 400."""
        self.cloud.tasks.by_id.clear()

    @verb
    def show_tasks_late(self, seconds: float) -> None:
        """Do not find a new task (400) for so many seconds of the real device."""
        self.cloud.tasks.hidden_for = seconds * self.pace

    @verb
    def take_time(self, seconds: float) -> None:
        """Let a command take so many seconds of the real device."""
        self.cloud.task_seconds = seconds

    # The cloud.

    @verb
    @override
    def refuse_credentials(self) -> None:
        """Delete the key on the account's page: 401 UNAUTHORIZED."""
        self.cloud.access.accepts_key = False

    @verb
    @override
    def accept_credentials(self) -> None:
        """Take the key again."""
        self.cloud.access.accepts_key = True

    @verb
    def lag_status(self, seconds: float | None) -> None:
        """Let statuses be so many seconds of the real device behind; 0 ends it.

        None keeps showing what is shown now. Tasks and webhooks are not behind, and a
        successful `sync` brings its lock's status up to date.
        """
        self.cloud.set_lag(math.inf if seconds is None else seconds)

    @verb
    def answer_error(
        self, error: str | None, *, endpoint: Endpoint | None = None, times: int | None = None
    ) -> None:
        """Answer with one of the vendor's errors, at one endpoint or all; None ends it."""
        fault = Fault(what=error, endpoint=endpoint, times=times) if error else None
        self.cloud.access.error = fault

    @verb
    def lose_responses(
        self,
        endpoint: Endpoint | None = "command",
        *,
        times: int | None = None,
        lose: bool = True,
    ) -> None:
        """Act on requests and close the connection without a response, at one endpoint or all."""
        self.cloud.lost_response = Fault(endpoint=endpoint, times=times) if lose else None

    @verb
    def malform(self, endpoint: Endpoint, kind: str | None, *, times: int | None = None) -> None:
        """Answer one endpoint with JSON of a wrong shape, or with nonsense; None ends it.

        A command is carried out all the same.
        """
        if kind is None:
            self.cloud.malformed.pop(endpoint, None)
            return
        malformed(endpoint, kind)
        self.cloud.malformed[endpoint] = Fault(what=kind, endpoint=endpoint, times=times)

    @verb
    def empty_list(self, times: int | None = 1) -> None:
        """Answer with an empty list of locks so many times, or until `malform` ends it."""
        self.malform("list", "no_locks", times=times)

    @verb
    def block_ip(
        self, word: str = "Forbidden", *, field: str = "error", seconds: float | None = None
    ) -> None:
        """Block the address: 403 to everything, for so many real seconds or until unblocked."""
        access = self.cloud.access
        access.block, access.block_field = word, field
        access.blocked_until = math.inf if seconds is None else now() + seconds

    @verb
    def unblock_ip(self) -> None:
        """Let the address in again."""
        self.cloud.access.block = None

    @verb
    def limit_rate(self, *, enforce: bool = True, gap: float = 1.0) -> None:
        """Answer 429 THROTTLED to requests closer than `gap` seconds, start to start."""
        self.cloud.access.enforce_rate, self.cloud.access.gap = enforce, gap

    # The webhook.

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
        self.cloud.webhook.webhook = (
            Webhook(url=url, method=method, words=words, names_locked=names_locked) if url else None
        )

    @verb
    async def fire_webhook(self, device_id: str, *, locked: bool) -> None:
        """Call the webhook for any lock, known or not, whatever is true."""
        await self.cloud.webhook.send(device_id, locked=locked)

    @verb
    def lose_webhooks(self, *, lose: bool = True) -> None:
        """Lose every call on its way."""
        self.cloud.webhook.is_losing = lose

    @verb
    def repeat_webhooks(self, copies: int = 2) -> None:
        """Make every call so many times; 1 ends it."""
        self.cloud.webhook.copies = copies

    @verb
    def delay_webhooks(self, seconds: float | None) -> None:
        """Make calls so many seconds of the real device late; 0 ends it.

        None holds them back until `release_webhooks`.
        """
        self.cloud.webhook.is_holding = seconds is None
        self.cloud.webhook.delay = (seconds or 0.0) * self.pace

    @verb
    async def release_webhooks(self, *, newest_first: bool = False) -> None:
        """Make the calls that were held back, in order or the newest first."""
        await self.cloud.webhook.release(newest_first=newest_first)

    @verb
    def list_deliveries(self) -> list[dict[str, Any]]:
        """Return the webhook calls in short: lock, state, method and the answer's status."""
        return [
            {
                "device_id": delivery.device_id,
                "locked": delivery.locked,
                "method": delivery.method,
                "status": delivery.status,
            }
            for delivery in self.deliveries
        ]
