"""What a person must see to, told as repair issues for as long as it is so."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ...first_edition import Issues
from .api import Lock
from .gate import Gate
from .roster import lock_name


class Notices:
    """Locks that are switched off in the app, and an address that is blocked."""

    def __init__(self, entry: ConfigEntry, issues: Issues, gate: Gate) -> None:
        """Listen at the gate; a block is told when it begins, and taken back when it ends."""
        self._issues = issues
        self._gate = gate
        self._off: set[str] = set()
        entry.async_on_unload(gate.async_listen(self._async_block_changed))

    @property
    def count(self) -> int:
        """How many locks are switched off."""
        return len(self._off)

    def switched(self, lock_id: str, *, is_on: bool) -> None:
        """Take whether a lock is switched on in the app."""
        if is_on:
            self._off.discard(lock_id)
        else:
            self._off.add(lock_id)

    @callback
    def async_tell(self, locks: tuple[Lock, ...]) -> None:
        """Tell which of the account's locks are switched off."""
        self._off.intersection_update(lock.device_id for lock in locks)
        names = [lock_name(lock) for lock in locks if lock.device_id in self._off]
        if names:
            self._issues.async_raise("sesame_v3_integration_off", locks=", ".join(names))
        else:
            self._issues.async_clear("sesame_v3_integration_off")

    @callback
    def _async_block_changed(self) -> None:
        if (until := self._gate.blocked_until) is None:
            self._issues.async_clear("sesame_v3_blocked")
        else:
            time = dt_util.as_local(until).strftime("%H:%M")
            self._issues.async_raise("sesame_v3_blocked", is_error=True, time=time)
