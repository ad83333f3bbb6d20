"""Commands on their way: how long one may wait, what a tracker is told, whose changes are."""

from collections.abc import Callable
from datetime import datetime
from math import inf
from typing import Final

from homeassistant.core import CALLBACK_TYPE, Context, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from . import helpers
from .exceptions import CommandError, Remedy
from .models import MOVEMENT, OURSELVES, Action, FailureReason, LockEvent
from .state_tracker import StateTracker

# How long a command may wait before it is sent, in seconds. A door that opens when nobody
# waits for it any more is worse than an error.
WAITS_AT_MOST = {Action.UNLOCK: 15.0, Action.OPEN: 15.0, Action.PRESS: 15.0}
WAITS_AT_MOST_OTHERWISE = 60.0

# How long after a command its end may still be told, by a history for example, in seconds.
_TOLD_WITHIN: Final = 300.0


class SendClock:
    """Measures how long commands have been on their way to the devices.

    Commands that share a gateway wait for each other; that time does not count as their
    own. A command is on its way from when it begins to wait for the gateway.
    """

    def __init__(self) -> None:
        """Start with nothing under way."""
        self._under_way = 0
        self._since = 0.0
        # By how many, at least, were under way.
        self._totals = {1: 0.0, 2: 0.0}

    def busy(self, *, besides: int) -> float:
        """Seconds during which more than so many commands (0 or 1) were under way, up to now."""
        self._count()
        return self._totals[besides + 1]

    def begin(self) -> None:
        """Record that a command begins to wait for the gateway."""
        self._count()
        self._under_way += 1

    def end(self) -> None:
        """Record that its request has ended."""
        self._count()
        self._under_way -= 1

    def _count(self) -> None:
        now = helpers.monotonic()
        for number in self._totals:
            if self._under_way >= number:
                self._totals[number] += now - self._since
        self._since = now


class PendingCommand:
    """One command of a person, from the call until it is sent.

    `give_up` is called when it will not be sent any more; `error` then says why. `context`
    is that of the call, `reason` is how it failed, where its end was seen.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        action: Action,
        clock: SendClock,
        context: Context | None = None,
    ) -> None:
        """Start to wait."""
        self.action = action
        self.context = context
        self.reason: FailureReason | None = None
        self.error: CommandError | None = None
        self.is_sent = False
        self._hass = hass
        self._clock = clock
        # What moves a bolt is counted itself while it waits.
        self._besides = 1 if action in MOVEMENT else 0
        self._began = helpers.monotonic()
        self._busy_before = 0.0
        self._limit = WAITS_AT_MOST.get(action, WAITS_AT_MOST_OTHERWISE)
        self.give_up: Callable[[], object] | None = None
        self._timer: CALLBACK_TYPE | None = None

    @property
    def is_act(self) -> bool:
        """Whether it does something at the lock, as a person would."""
        return self.action in MOVEMENT or self.action is Action.PRESS

    @property
    def _left(self) -> float:
        """Seconds that it may wait from now on, not counting other people's commands."""
        busy = self._clock.busy(besides=self._besides) - self._busy_before
        return self._limit - (helpers.monotonic() - self._began - busy)

    @callback
    def async_wait(self) -> None:
        """Watch the time from now on."""
        self._began = helpers.monotonic()
        self._busy_before = self._clock.busy(besides=self._besides)
        self._async_arm()

    @callback
    def async_fail(self, key: str) -> None:
        """Give up, with this message, unless it was sent."""
        if self.is_sent or self.error is not None:
            return
        self.error = CommandError(key, Remedy.RETRY)
        self.async_done()
        if self.give_up is not None:
            self.give_up()

    @callback
    def async_send(self) -> None:
        """Record that it is sent now; CommandError if it must not be any more."""
        if self.error is None and self._left <= 0:
            self.error = CommandError("command_expired", Remedy.RETRY)
        if self.error is not None:
            raise self.error
        self.is_sent = True
        self.async_done()

    @callback
    def async_done(self) -> None:
        """Stop watching the time."""
        if self._timer is not None:
            self._timer()
            self._timer = None

    @callback
    def _async_arm(self) -> None:
        self._timer = async_call_later(
            self._hass,
            max(self._left, 0.05),
            HassJob(self._async_time_is_up, cancel_on_shutdown=True),
        )

    @callback
    def _async_time_is_up(self, _: datetime) -> None:
        self._timer = None
        if self._left > 0:
            self._async_arm()
        else:
            self.async_fail("command_expired")


class TrackedCommand:
    """One command in the tracker of a lock, which an earlier or later one may share.

    An earlier one may have arrived although nobody waits for it any more, and after a
    reload a later one may be under way: neither is touched.
    """

    def __init__(self, tracker: StateTracker) -> None:
        """Begin with none."""
        self._tracker = tracker
        self._command: object = None

    @property
    def _is_under_way(self) -> bool:
        return self._command is not None and self._tracker.command is self._command

    def started(self, action: Action) -> None:
        """Record that it is sent now; an attempt before was refused explicitly."""
        self.withdrawn()
        self._tracker.command_started(action, helpers.monotonic())
        self._command = self._tracker.command

    def withdrawn(self) -> None:
        """Record that it was provably never received."""
        if self._is_under_way:
            self._tracker.command_withdrawn(helpers.monotonic())
        self._command = None

    def sent(self) -> None:
        """Record that it was received, or may have been."""
        if self._is_under_way:
            self._tracker.command_sent(helpers.monotonic())

    def failed(self) -> None:
        """Record that it has ended without success."""
        if self._is_under_way:
            self._tracker.command_failed(helpers.monotonic())


class Contexts:
    """The contexts that the changes of one lock are written with: whose change it is.

    Home Assistant drops the context of an entity five seconds after a call, so it is given
    again with each change that a command causes, to its end. `current` is set while a
    change is written.
    """

    def __init__(self) -> None:
        """Begin with no command."""
        self.current: Context | None = None
        self._command: Context | None = None
        self._is_under_way = False
        self._sent_at = -inf
        self._of_last_event: Context | None = None

    @property
    def of_command(self) -> Context | None:
        """That of the command under way, if there is one."""
        return self._command if self._is_under_way else None

    def sent(self, context: Context | None) -> None:
        """Record that a command of this context is sent now."""
        self._command, self._sent_at = context, helpers.monotonic()
        self._is_under_way = True

    def ended(self) -> None:
        """Record that the last change of a command has been written."""
        self._is_under_way = False

    def of_event(self, event: LockEvent, *, is_end: bool) -> Context | None:
        """Return that of the command which an event is the end of; None if it is another's.

        `is_end` says that the event has ended a command, whoever caused it.
        """
        # What anybody could have said does not make it ours.
        is_ours = (event.who == OURSELVES and event.is_verified) or (
            is_end and event.is_unexplained
        )
        is_late = helpers.monotonic() - self._sent_at > _TOLD_WITHIN
        is_known = self._is_under_way or not is_late
        self._of_last_event = self._command if is_ours and is_known else None
        return self._of_last_event

    def of_others_event(self) -> Context:
        """Return a new one, for an event that no command of ours has caused."""
        self._of_last_event = Context()
        return self._of_last_event

    def of_consequence(self) -> Context | None:
        """Return that of the last event, for what has followed from it by itself."""
        return self._of_last_event

    def forget_event(self) -> None:
        """Record that the lock has moved, and nothing is known of why."""
        self._of_last_event = None
