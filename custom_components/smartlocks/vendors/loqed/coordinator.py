"""A LOQED lock: pushed by its bridge, polled slowly, commanded and confirmed."""

from datetime import UTC, datetime, timedelta
from typing import Any, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.debounce import Debouncer

from ...const import CONF_WEBHOOK_URL, LOGGER
from ...coordinator import PushPolicy
from ...exceptions import PushNotUnderstoodError, PushNotVerifiedError, Remedy, Trouble
from ...first_edition import PushCoordinator, SmartLocksConfigEntry
from ...models import Action, LockState, PushCall, Snapshot
from . import api
from .commander import Commander
from .confirmation import STATUS_DELAY
from .health import PushHealth
from .hooks import BridgeHooks
from .reading import push_changes, status_changes, status_state
from .registration import Registration, raise_clock_differs
from .setting import Setting
from .story import Story, changed_by
from .tally import Tally

# For so long a push is believed rather than `/status`, which lags behind.
_STATUS_LAG = timedelta(minutes=2)
# After a hint the state is read soon, and once more when it has surely settled.
_LOOK_AGAIN = timedelta(seconds=10)


class LoqedCoordinator(PushCoordinator):
    """One bridge and the lock behind it."""

    api_error = api.LoqedError
    push_policy = PushPolicy(methods=("POST",), origin="local")
    troubles = {  # noqa: RUF012 - declared a class variable by the template
        api.LoqedConnectionError: Trouble(key="bridge_unreachable", remedy=Remedy.RETRY),
        api.LoqedAuthError: Trouble(key="bridge_key_refused", remedy=Remedy.REAUTH),
        api.LoqedError: Trouble(key="bridge_not_understood", remedy=Remedy.RETRY),
    }

    def __init__(self, hass: HomeAssistant, entry: SmartLocksConfigEntry) -> None:
        """Take everything from the entry; nothing is asked of the bridge yet."""
        super().__init__(hass, entry)
        setting = Setting.of(hass, entry)
        self._setting = setting
        self._bridge = setting.bridge
        self._verifier = api.PushVerifier(
            setting.bridge_key, window=setting.window, memory=api.PushMemory()
        )
        self._hooks = BridgeHooks(
            self._bridge, setting.webhook_id, last_url=entry.data.get(CONF_WEBHOOK_URL)
        )
        self._registration = Registration(hass, entry, self._hooks, self.issues)
        self._health = PushHealth(setting.interval)
        self._story = Story(setting.lock.id, own_key=setting.key_id, names=setting.key_names)
        self._tally = Tally()
        self._commander = Commander(hass, self._bridge, self._async_look)
        self._reached = LockState.UNKNOWN
        self._pushed_at: datetime | None = None
        self._newest = 0
        self._macs: frozenset[str] = frozenset()
        self._look_again = False
        self._looks = Debouncer(
            hass, LOGGER, cooldown=STATUS_DELAY, immediate=False, function=self.async_refresh
        )
        entry.async_on_unload(self._looks.async_shutdown)

    # Reading.

    @override
    async def _async_fetch(self) -> Snapshot:
        status = await self._bridge.status()
        return self._learn(status, is_sure=self._is_first or not self._was_just_pushed)

    @override
    async def _async_read_lock(self, lock_id: str) -> None:
        self._async_unwatch(lock_id)
        try:
            self.async_publish(self._learn(await self._bridge.status(urgent=True), is_sure=True))
        except api.LoqedError as err:
            LOGGER.debug("%s: state not read: %s", self.name, err)

    @property
    def _was_just_pushed(self) -> bool:
        return self._pushed_at is not None and _now() - self._pushed_at < _STATUS_LAG

    def _learn(self, status: api.BridgeStatus, *, is_sure: bool) -> Snapshot:
        """Take what the bridge says; its position only where no push knows better."""
        now = _now()
        data = Snapshot(locks={self._setting.lock.id: self._setting.lock})
        data = data if self._is_first else self.data
        lock = data.locks[self._setting.lock.id]
        changes = status_changes(status, lock, now=now)
        if is_sure:
            self._compare(lock.state, changes["state"])
        else:
            changes |= {"state": lock.state, "online": lock.online}
        self._macs = status.macs
        self._health.listen(now)
        self._registration.look_after(status.webhooks_number)
        self._pace()
        return data.with_lock(lock.id, **changes, push_healthy=self._health.proven)

    def _compare(self, before: LockState, now: LockState) -> None:
        """Notice a change that no push has told of."""
        known = not self._is_first and not before.is_moving and before is not LockState.UNKNOWN
        if known and now is not before and self._commander.waiting is None:
            self._async_push_lost()
        self._reached = now

    def _pace(self) -> None:
        self.update_interval = _LOOK_AGAIN if self._look_again else self._health.interval
        self._look_again = False

    # Commands.

    @override
    async def _async_perform(self, target: str, action: Action) -> None:
        if action is Action.REFRESH:
            self.async_publish(self._learn(await self._bridge.status(urgent=True), is_sure=True))
            return
        before = self._reached
        was_pushed = await self._commander.command(
            action, before=before, pushes_come=bool(self._health.proven)
        )
        if not was_pushed and self._reached is not before:
            self._async_push_lost()

    async def _async_look(self, wanted: frozenset[LockState]) -> bool:
        """Read the state for a command that waits; it is published if it is the wanted one."""
        status = await self._bridge.status(urgent=True)
        if status_state(status) not in wanted:
            return False
        snapshot = self._learn(status, is_sure=True)
        self._async_unwatch(self._setting.lock.id)
        self.async_publish(snapshot)
        return True

    # Push.

    @override
    async def async_subscribe(self, url: str) -> None:
        await self._registration.subscribe(url)

    @override
    async def async_unsubscribe(self) -> None:
        await self._registration.unsubscribe()

    @override
    async def async_receive(self, call: PushCall) -> None:
        try:
            push = self._verifier.verify(
                call.body,
                timestamps=call.headers.get("timestamp", ()),
                hashes=call.headers.get("hash", ()),
                received_at=call.received_at,
            )
        except api.LoqedPushRepeatError:
            # A recording; or the same thing happened twice within a second.
            self._tally.repeated += 1
            self._async_hint()
        except api.LoqedPushContentError as err:
            self._tally.not_understood += 1
            raise PushNotUnderstoodError from err
        except api.LoqedPushError as err:
            self._async_doubt(err, call)
            raise PushNotVerifiedError from err
        else:
            self._async_hear(push)

    @callback
    def _async_doubt(self, err: api.LoqedPushError, call: PushCall) -> None:
        """Take a call that proves nothing: at most it is a reason to look."""
        self._tally.doubted(err, call)
        match err:
            case api.LoqedPushUnsignedError():
                self._health.came_unsigned()
                self.issues.async_raise("push_unsigned")
            case api.LoqedPushLateError():
                raise_clock_differs(self.issues, err.offset)
            case _:
                return
        self._async_hint()

    @callback
    def _async_hint(self) -> None:
        """Read the state soon; many hints make no more reads than one."""
        if self._commander.waiting is not None:
            self._commander.waiting.hint()
            return
        self._look_again = True
        self._looks.async_schedule_call()

    @callback
    def _async_hear(self, push: api.Push) -> None:
        """Take a verified call."""
        now = _now()
        self._tally.verified += 1
        self._health.verified(now)
        self._pace()
        self.issues.async_clear("push_unsigned", "push_missing", "clock_differs")
        if push.timestamp < self._newest or self._is_of_another(push):
            # Overtaken by a later one, what it tells may no longer be so; and a key says
            # nothing of which lock it is about.
            self._async_hint()
            return
        self._newest = push.timestamp
        self._async_apply(push, now)

    def _is_of_another(self, push: api.Push) -> bool:
        return bool(push.macs and self._macs) and push.macs.isdisjoint(self._macs)

    @callback
    def _async_apply(self, push: api.Push, now: datetime) -> None:
        lock = self.data.locks[self._setting.lock.id]
        changes = push_changes(push, now=now)
        state: LockState | None = changes.get("state")
        if push.going_to is not None:
            self._story.set_out(push)
        elif push.reached is not None or push.stalled:
            self._arrive(push, state or LockState.UNKNOWN, changes)
        if state is not None:
            # That a position is not known is no reason to disbelieve a read.
            self._pushed_at = None if state is LockState.UNKNOWN else now
        self.async_update_lock(lock.id, **changes, push_healthy=True)
        if state is not None:
            self.async_heard()
        if self._commander.waiting is not None and push.going_to is not None:
            self._commander.waiting.going()
        elif state is LockState.UNKNOWN or (lock.online is False and push.lock_online):
            self._async_hint()

    def _arrive(self, push: api.Push, state: LockState, changes: dict[str, Any]) -> None:
        event = self._story.arrive(push, state, before=self._reached)
        self._reached = state
        if event is not None:
            changes["changed_by"] = changed_by(event)
            self.async_report(event)
        if self._commander.waiting is not None:
            self._commander.waiting.reached(state)

    @callback
    def _async_push_lost(self) -> None:
        self._health.miss()
        if self._health.are_lost:
            self.issues.async_raise("push_missing", is_fixable=True)

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {
            "push": {"proven": self._health.proven, "unsigned": self._health.unsigned},
            "calls": self._tally.as_dict(),
            "webhook": {"state": self._hooks.state.name.lower(), "on_bridge": self._hooks.count},
            "window": self._setting.window,
        }


def _now() -> datetime:
    return datetime.now(UTC)
