"""Our webhook on the bridge, and what its calls have told of themselves."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import inf
from typing import Any, Final

from ...models import Cause, LockState, PushCall, falls_back
from . import api
from .mapping import POSITIONS, cause_of, push_state

# A registration that failed is tried again, in seconds: sooner when the bridge says that
# it has fewer webhooks than before.
_RETRY_AFTER: Final = 300.0
_RETRY_FULL_AFTER: Final = 3600.0
# Webhooks of ours are one or two; whoever answers for the bridge can list any number.
_DELETED_AT_ONCE: Final = 8
# So long after an unsigned call a read may confirm what it said: as long as `/status` lags.
_TOLD_FOR: Final = 120.0
# What a movement began with explains its end for so long.
_MOVEMENT: Final = 60.0


class Registration:
    """Keeps our address registered on one bridge: once, with every trigger.

    Webhooks of others are left alone. `url` is None while we do not want to be called.
    """

    def __init__(self, bridge: api.Bridge, webhook_id: str, *, last_url: str | None) -> None:
        """Use our webhook's id, and the address that was registered last, if any."""
        self.url: str | None = None
        self.is_registered = False
        self.count: int | None = None
        self.turn = asyncio.Lock()
        self._bridge = bridge
        self._webhook_id = webhook_id
        self._last_url = last_url
        self._retry_at = inf

    async def register(self, url: str, now: float) -> None:
        """Register our address if it is missing; LoqedError when that fails."""
        self._retry_at = now + _RETRY_AFTER
        async with self.turn:
            self.is_registered = False
            try:
                self.count = len(await self._register(url))
            except api.LoqedBridgeFullError:
                self._retry_at = now + _RETRY_FULL_AFTER
                raise
            self.is_registered = True
            self._last_url = url

    async def _register(self, url: str) -> Sequence[api.Webhook]:
        webhooks = await self._tidy(await self._bridge.webhooks(), url)
        if any(webhook.url == url for webhook in webhooks):
            return webhooks
        await self._bridge.create_webhook(url)
        # A bridge tells no id, and may say yes and do nothing.
        listed = await self._bridge.webhooks()
        if not any(webhook.url == url for webhook in listed):
            raise api.LoqedBridgeFullError("not registered")
        return listed

    async def _tidy(self, webhooks: tuple[api.Webhook, ...], url: str) -> list[api.Webhook]:
        """Remove what is ours and of no use; return the rest."""
        kept: list[api.Webhook] = []
        deleted, is_there = 0, False
        for webhook in webhooks:
            is_good = webhook.url == url and webhook.triggers == api.ALL_TRIGGERS
            # Remembered, not looked up: whoever answers for the bridge can list thousands.
            is_useless = self._is_ours(webhook, url) and (is_there or not is_good)
            if is_useless and deleted < _DELETED_AT_ONCE:
                deleted += 1
                try:
                    await self._bridge.delete_webhook(webhook.id)
                except api.LoqedResponseError:
                    if webhook.url == url and not is_there:
                        # It is in the way.
                        raise
                else:
                    continue
            kept.append(webhook)
            is_there |= webhook.url == url
        return kept

    def _is_ours(self, webhook: api.Webhook, url: str | None) -> bool:
        # Nobody else knows our id. At Home Assistant Cloud the address does not hold it.
        return self._webhook_id in webhook.url or webhook.url in (url, self._last_url)

    def noticed(self, count: int | None, now: float) -> None:
        """Take how many webhooks `/status` counts: fewer than before means one is lost."""
        if count is None:
            return
        if self.count is not None and count < self.count:
            self.is_registered = False
            self._retry_at = now
        self.count = count

    def is_due(self, now: float) -> bool:
        """Return whether to try again; the next try is then some minutes away."""
        if self.url is None or self.is_registered or now < self._retry_at:
            return False
        self._retry_at = now + _RETRY_AFTER
        return True

    async def remove(self) -> None:
        """Remove our webhook, however often it is there; LoqedError when that fails."""
        self.url = None
        async with self.turn:
            self.is_registered = False
            listed = await self._bridge.webhooks()
            ours = [webhook for webhook in listed if self._is_ours(webhook, self._last_url)]
            for webhook in ours[:_DELETED_AT_ONCE]:
                await self._bridge.delete_webhook(webhook.id)


@dataclass(kw_only=True, slots=True)
class CallCounts:
    """How many calls came of each kind, for diagnostics; nothing of what they said.

    `clock_offset` is the last measured difference in seconds, Home Assistant minus
    bridge. `unsigned_headers` are the names of the headers of the last call without a
    time stamp: what is known of the newest bridges is little.
    """

    verified: int = 0
    repeated: int = 0
    not_understood: int = 0
    unsigned: int = 0
    forged: int = 0
    late: int = 0
    clock_offset: float | None = None
    unsigned_headers: list[str] = field(default_factory=list)

    def count(self, err: api.LoqedPushError, call: PushCall) -> None:
        """Count a call that was not taken."""
        match err:
            case api.LoqedPushUnsignedError():
                self.unsigned += 1
                self.unsigned_headers = sorted(call.headers)[:20]
            case api.LoqedPushRepeatError():
                self.repeated += 1
            case api.LoqedPushLateError():
                self.late += 1
            case api.LoqedPushContentError():
                self.not_understood += 1
            case _:
                self.forged += 1

    def as_dict(self) -> dict[str, Any]:
        """Return the counts by name."""
        return asdict(self)


class Calls:
    """Verifies the calls of one bridge, and tells from them who moved the lock and how.

    What unsigned calls say is kept only where a person wants that (`uses_unsigned`): it
    explains what is read, and changes nothing. `kept` outlives a reload, so that a call
    that was taken is not taken again.
    """

    def __init__(
        self,
        bridge_key: bytes,
        *,
        window: float,
        names: Mapping[int, str],
        uses_unsigned: bool,
        kept: dict[str, Any],
    ) -> None:
        """Use the decoded bridge key; `names` are people's, by the number of their key."""
        memory = kept.setdefault("calls", api.PushMemory())
        self.counts: CallCounts = kept.setdefault("counts", CallCounts())
        self._kept = kept
        self.names = names
        self._verifier = api.PushVerifier(bridge_key, window=window, memory=memory)
        self._going: tuple[float, api.Push] | None = None
        self._unsigned: deque[tuple[float, api.Push]] | None = (
            deque(maxlen=8) if uses_unsigned else None
        )

    def verify(self, call: PushCall) -> api.Push:
        """Return what a call says; one of the LoqedPushErrors otherwise."""
        try:
            push = self._verifier.verify(
                call.body,
                timestamps=call.headers.get("timestamp", ()),
                hashes=call.headers.get("hash", ()),
                received_at=call.received_at,
            )
        except api.LoqedPushError as err:
            self.counts.count(err, call)
            raise
        self.counts.verified += 1
        return push

    def is_newest(self, timestamp: int) -> bool:
        """Return whether no call that was rightly signed had as late a time stamp."""
        newest = int(self._kept.get("newest", -1))
        self._kept["newest"] = max(newest, timestamp)
        return timestamp > newest

    def set_out(self, push: api.Push, now: float) -> None:
        """Record that the lock sets out: that explains its arrival."""
        self._going = (now, push)

    def cause(self, push: api.Push, now: float, *, before: LockState | None) -> Cause | None:
        """Return how the lock came to where a push says that it is."""
        going, self._going = self._going, None
        began = None if going is None or now - going[0] > _MOVEMENT else going[1]
        if began is not None and not _ends(push, began):
            # Turned back by hand, or used by somebody else since.
            began = None
        return cause_of(push, began, self.names, before=before)

    def heard_unsigned(self, body: bytes, now: float) -> None:
        """Keep what an unsigned call says, if that is wanted."""
        if self._unsigned is not None and (push := api.parse_unverified(body)) is not None:
            self._unsigned.append((now, push))

    def unsigned_cause(
        self, state: LockState, now: float, *, before: LockState | None
    ) -> Cause | None:
        """Return how unsigned calls explain a change that was read; None if they do not."""
        if self._unsigned is None or before in (None, state):
            return None
        told = self._recently_unsigned(now)
        reached = next((push for push in told if push_state(push) is state), None)
        last = reached or next((push for push in told if _leads_to(push, state)), None)
        if last is None:
            return None
        told = told[told.index(last) + 1 :]
        # A call may come twice.
        earlier = [push for push in told if push != last and push_state(push) is not None]
        # What has explained one change does not explain a later one.
        while self._unsigned.popleft()[1] is not last:
            pass
        if reached is None:
            return cause_of(last, None, self.names, before=before, is_verified=False)
        if earlier and last.key_id is None and falls_back(push_state(earlier[0]), state):
            # Three seconds after opening.
            last = earlier.pop(0)
        going = next(iter(earlier), None)
        if going is not None and (going.going_to is None or not _ends(last, going)):
            going = None
        return cause_of(last, going, self.names, before=before, is_verified=False)

    def is_stall_told(self, now: float) -> bool:
        """Return whether the last that unsigned calls told of the bolt is a stall."""
        spoken = (push for push in self._recently_unsigned(now) if push_state(push) is not None)
        last = next(spoken, None)
        return last is not None and last.stalled

    def _recently_unsigned(self, now: float) -> list[api.Push]:
        return [push for at, push in reversed(self._unsigned or ()) if now - at <= _TOLD_FOR]


def _ends(push: api.Push, going: api.Push) -> bool:
    """Return whether a movement can have ended so: whoever locked has not unlocked.

    A stall ends any movement, and opening ends unlocked.
    """
    if push.stalled or api.Position.UNKNOWN in (push.reached, going.going_to):
        return True
    locked = api.Position.NIGHT_LOCK
    return (push.reached is locked) is (going.going_to is locked)


def _leads_to(push: api.Push, state: LockState) -> bool:
    return push.going_to is not None and POSITIONS[push.going_to] is state
