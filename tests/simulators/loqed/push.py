"""What the bridge reports of its lock: pushes on their way to the webhooks, then the status."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from .bridge import Bridge, LockReport
from .const import NUMERIC, State, trigger_of
from .crypto import bridge_hash
from .webhook import Webhook

PUSH_TIMEOUT = 5.0
# With two webhooks, a real bridge's status was 1 to 3 seconds behind its pushes.
STATUS_LAG = 1.0

NO_KEY = 255

# Taken from what real bridges were seen to send.
_HEADERS = (
    ("User-Agent", "ESP32 HTTP Client/1.0"),
    ("Accept", "text/html"),
    ("Accept-Encoding", "identity"),
    ("Connection", "keep-alive"),
    ("Content-Type", "application/json"),
)


class Tasks:
    """Background work that can be waited for, and ended."""

    def __init__(self) -> None:
        """Start with nothing to do."""
        self._running: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Do something in the background."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def settle(self) -> None:
        """Wait for all of it, and for what it started meanwhile."""
        while self._running:
            await asyncio.gather(*self._running)
            # Tasks that are done leave the set only when the loop turns.
            await asyncio.sleep(0)

    async def cancel(self) -> None:
        """End all of it."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Push:
    """One body, signed once; `kind` is genuine, replay, or the name of a forgery."""

    kind: str
    body: bytes
    headers: CIMultiDictProxy[str]
    trigger: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """A push to one URL, and its answer; the status is None when there was none."""

    at: float
    kind: str
    webhook_id: int
    url: str
    status: int | None
    body: bytes
    headers: CIMultiDictProxy[str]


def envelope(*signature: tuple[str, str]) -> CIMultiDictProxy[str]:
    """The headers of a real push, with these headers of a signature."""
    return CIMultiDictProxy(CIMultiDict([*_HEADERS, *signature]))


class Pusher:
    """Signs pushes and sends them to one URL after the other, as the bridge does.

    On the way they can be lost, delayed, held back or sent more than once.
    """

    def __init__(
        self,
        bridge: Bridge,
        *,
        clock: Callable[[], float],
        rest: Callable[[float], Awaitable[None]],
        pace: float,
    ) -> None:
        """Push for a bridge; the clock is the true one, for the records."""
        self.deliveries: list[Delivery] = []
        self.recorded: list[Push] = []
        self.lost: list[Push] = []
        self.held: list[Push] = []
        self.is_losing = False
        self.is_holding = False
        self.to_lose = 0
        self.copies = 1
        self.delay = 0.0
        self.last: Push | None = None
        self._bridge = bridge
        self._clock = clock
        self._rest = rest
        self._pace = pace
        self._turn = asyncio.Lock()
        self._session: ClientSession | None = None

    async def start(self) -> None:
        """Open the session for outgoing calls."""
        self._session = ClientSession(
            connector=TCPConnector(force_close=True),
            cookie_jar=DummyCookieJar(),
            timeout=ClientTimeout(total=PUSH_TIMEOUT),
        )

    async def stop(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def sign(self, body: bytes, trigger: str | None, *, age: float | None = None) -> Push:
        """Sign a body with the bridge's clock, as its generation does.

        `age` is how many seconds ago it shall seem to have been signed: by default what
        the pace takes away from the delay.
        """
        if age is None:
            age = max(0.0, self.delay - self.delay * self._pace)
        bridge, then = self._bridge, self._bridge.clock.now() - int(age)
        signature = [("HASH", bridge_hash(body, then, bridge.key)), ("TIMESTAMP", str(then))]
        if bridge.generation == "2s":
            signature = signature[:1] if bridge.signs_undated else []
        return Push(kind="genuine", body=body, headers=envelope(*signature), trigger=trigger)

    async def deliver(self, push: Push) -> None:
        """Send a genuine push to every URL that wants it, unless it goes astray."""
        self.recorded.append(push)
        if self.is_losing or self.to_lose:
            self.to_lose = max(0, self.to_lose - 1)
            self.lost.append(push)
        elif self.is_holding:
            self.held.append(push)
        else:
            await self._rest(self.delay)
            await self._send(push)

    async def release(self, *, reverse: bool, age: float) -> list[int | None]:
        """Send what was held back, in either order, signed `age` seconds ago if not 0."""
        held, self.held = self.held, []
        self.is_holding = False
        answers: list[int | None] = []
        for push in reversed(held) if reverse else held:
            signed = self.sign(push.body, push.trigger, age=age) if age else push
            answers += await self._send(signed)
        return answers

    async def _send(self, push: Push) -> list[int | None]:
        self.last = push
        return [answer for _ in range(self.copies) for answer in await self.post(push)]

    async def replay(self, push: Push) -> list[int | None]:
        """Send the bytes of a push again; the answers."""
        return await self.post(replace(push, kind="replay"))

    async def post(self, push: Push) -> list[int | None]:
        """Send a push to every URL that wants it; the answers, in that order."""
        async with self._turn:
            wanted = [webhook for webhook in self._bridge.webhooks if webhook.wants(push.trigger)]
            return [await self._post(push, webhook) for webhook in wanted]

    async def _post(self, push: Push, webhook: Webhook) -> int | None:
        at = self._clock()
        status = await self._answer(push, webhook.url)
        self.deliveries.append(
            Delivery(
                at=at,
                kind=push.kind,
                webhook_id=webhook.id,
                url=webhook.url,
                status=status,
                body=push.body,
                headers=push.headers,
            )
        )
        return status

    async def _answer(self, push: Push, url: str) -> int | None:
        if self._session is None:
            return None
        try:
            async with self._session.post(
                URL(url, encoded=True), data=push.body, headers=push.headers, allow_redirects=False
            ) as response:
                return response.status
        except ClientError, TimeoutError, ValueError:
            return None


class Reporter:
    """Turns what happens to the lock into pushes and, some time after each, the status."""

    def __init__(
        self,
        *,
        hear: Callable[[], LockReport],
        bridge: Bridge,
        pusher: Pusher,
        tasks: Tasks,
        rest: Callable[[float], Awaitable[None]],
    ) -> None:
        """Report in the name of a bridge what it hears of its lock."""
        self.lag = STATUS_LAG
        # By default whoever waits for a report waits for the status, too.
        self.is_lag_part_of_report = True
        # Who is told what happens besides those whom the bridge calls: the cloud.
        self.listeners: list[Callable[[Mapping[str, Any]], None]] = []
        self._reports = 0
        self._learned = 0
        self._hear = hear
        self._bridge = bridge
        self._pusher = pusher
        self._tasks = tasks
        self._rest = rest

    def going(self, target: State, event: str, key: int | None) -> asyncio.Task[None] | None:
        """The lock is going to a state. None when the bridge does not hear the lock."""
        return self._from_lock(
            {
                "go_to_state": target.upper(),
                "event_type": event,
                **self._bridge.identity.macs,
                **self._bridge.spelling.key(key, documented=NO_KEY),
            }
        )

    def reached(self, state: State, event: str, key: int | None) -> asyncio.Task[None] | None:
        """The lock has reached a state. None as in `going`."""
        return self._from_lock(
            {
                "requested_state": state.upper(),
                "requested_state_numeric": NUMERIC[state],
                **self._bridge.identity.macs,
                "event_type": event,
                **self._bridge.spelling.key(key, documented=None),
            }
        )

    def battery(self) -> asyncio.Task[None]:
        """The battery as it is; -1 percent while the lock is offline."""
        report = self._hear()
        battery_type = self._bridge.spelling.battery_type(report.battery_type)
        return self._push(
            {
                **self._bridge.identity.macs,
                "battery_type": battery_type,
                "battery_percentage": report.battery,
            }
        )

    def online(self) -> asyncio.Task[None]:
        """The strength of both radios, in percent; BLE is -1 while the lock is offline."""
        strengths = {"wifi_strength": self._bridge.wifi, "ble_strength": self._hear().ble}
        return self._push({**self._bridge.identity.macs, **strengths})

    def send(self, payload: Mapping[str, Any]) -> asyncio.Task[None]:
        """Push something that does not come from the lock; the status stays as it is."""
        return self._tasks.spawn(self._deliver(payload))

    def learn(self) -> None:
        """The status tells the truth, without a push."""
        self._learn(self._number(), self._hear())

    def forget(self) -> None:
        """The bridge no longer knows where the bolt is."""
        self._learn(self._number(), replace(self._hear(), state="unknown"))

    def _from_lock(self, payload: Mapping[str, Any]) -> asyncio.Task[None] | None:
        return self._push(payload) if self._hear().is_online and self._bridge.is_up else None

    def _push(self, payload: Mapping[str, Any]) -> asyncio.Task[None]:
        if not self._bridge.is_up:
            return self._tasks.spawn(asyncio.sleep(0))
        for listener in self.listeners:
            listener(payload)
        number, report = self._number(), self._hear()
        return self._tasks.spawn(self._deliver_and_learn(payload, number, report))

    async def _deliver(self, payload: Mapping[str, Any]) -> None:
        body = self._bridge.spelling.encode(payload)
        await self._pusher.deliver(self._pusher.sign(body, trigger_of(payload)))

    async def _deliver_and_learn(
        self, payload: Mapping[str, Any], number: int, report: LockReport
    ) -> None:
        await self._deliver(payload)
        if report == self._bridge.known:
            self._learn(number, report)
        elif self.is_lag_part_of_report:
            await self._learn_late(number, report)
        else:
            self._tasks.spawn(self._learn_late(number, report))

    async def _learn_late(self, number: int, report: LockReport) -> None:
        await self._rest(self.lag)
        self._learn(number, report)

    def _number(self) -> int:
        self._reports += 1
        return self._reports

    def _learn(self, number: int, report: LockReport) -> None:
        # A slow delivery must not put an older report over a newer one.
        if number > self._learned and self._bridge.is_up:
            self._learned = number
            self._bridge.known = report
