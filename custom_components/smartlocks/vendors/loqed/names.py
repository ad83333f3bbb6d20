"""The names of keys, from calls of LOQED's cloud that a signed call of the bridge confirms."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from ...models import OURSELVES
from . import api

# A name is taken when the two calls are at most so many seconds apart, either order.
_APART: Final = 10.0
# The cloud repeats a call some seconds later.
_REPEATED: Final = 60.0
_REMEMBERED: Final = 32


class KeyNames:
    """Names by the number of their key; anybody who knows the address can claim one.

    `learnt` is what was confirmed before. Moments are monotonic seconds.
    """

    def __init__(self, learnt: Mapping[int, str]) -> None:
        """Know the names that were learnt before."""
        self.learnt = dict(learnt)
        self._signed: deque[tuple[float, api.Push]] = deque(maxlen=_REMEMBERED)
        self._told: deque[tuple[float, api.CloudCall]] = deque(maxlen=_REMEMBERED)

    def is_repeated(self, call: api.CloudCall, now: float) -> bool:
        """Return whether the same was told a moment ago."""
        return any(told.digest == call.digest for at, told in self._told if now - at <= _REPEATED)

    def signed(self, push: api.Push, now: float) -> bool:
        """Take a signed call; returns whether a name was learnt from it."""
        self._signed.append((now, push))
        if not self._told:
            return False
        told = _recent(self._told, now, lambda call: _is_of(push, call))
        return told is not None and self._learn(told)

    def told(self, call: api.CloudCall, now: float) -> tuple[bool, bool]:
        """Take a call of the cloud; whether the bridge told it before, and a name was learnt."""
        self._told.append((now, call))
        push = _recent(self._signed, now, lambda push: _is_of(push, call))
        return push is not None, push is not None and self._learn(call)

    def _learn(self, call: api.CloudCall) -> bool:
        if call.key_id is None or call.key_name is None:
            return False
        if call.key_name.casefold() == OURSELVES.casefold():
            # Whoever could claim it would pass for us.
            return False
        is_new = self.learnt.get(call.key_id) != call.key_name
        self.learnt[call.key_id] = call.key_name
        return is_new


def _is_of(push: api.Push, call: api.CloudCall) -> bool:
    """Return whether two calls are about the same: the event, and the number of the key."""
    return call.event_type is not None and (
        (call.event_type, call.key_id) == (push.event_type, push.key_id)
    )


def _recent[T](calls: deque[tuple[float, T]], now: float, fits: Callable[[T], bool]) -> T | None:
    return next((call for at, call in reversed(calls) if now - at <= _APART and fits(call)), None)
