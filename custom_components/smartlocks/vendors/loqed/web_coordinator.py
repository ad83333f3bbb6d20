"""A LOQED lock by the web API alone: the lesser way, for a bridge that is out of reach."""

from collections.abc import Iterable
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.update_coordinator import UpdateFailed

from ... import helpers
from ...const import LOGGER
from ...coordinator import OnSend, SmartLocksConfigEntry
from ...exceptions import CommandError, Remedy
from ...models import Action, Snapshot
from ...repairs import Fix
from ...state_tracker import Source
from ...tracked_lock import Contact
from . import api
from .account import Purpose, ReadLimitError
from .mapping import POSITIONS, TIMING_WEB, list_changes, lock_snapshot
from .web import WebApiCoordinator

# Each failed read may count at LOQED; one that never left does not.
_RETRY_SENT: Final = 3600.0
_RETRY_NOT_SENT: Final = 300.0


class LoqedWebCoordinator(WebApiCoordinator):
    """One lock of an account. Its state is what the few reads say, and unknown in between."""

    lists_daily: ClassVar[bool] = False
    token_fix: ClassVar[Fix] = Fix.RECONFIGURE

    def __init__(self, hass: HomeAssistant, entry: SmartLocksConfigEntry) -> None:
        """Read the entry; nothing is asked of the cloud yet."""
        super().__init__(hass, entry, TIMING_WEB)
        lock = lock_snapshot(entry)
        self._is_hinted = False
        self.async_set_locks([lock])

    # Reading.

    @override
    def _first_locks(self) -> Iterable[str]:
        """Read at the start if there is a read for it, but not at every reload."""
        heard_at = self._locks[self._lock_key].tracker.heard_at
        is_known = helpers.monotonic() - heard_at < TIMING_WEB.poll
        has_read = self._cloud is not None and self._cloud.reads_left()
        return self._locks if has_read and not (self._is_first and is_known) else ()

    @property
    def _is_first(self) -> bool:
        return self.config_entry.state is ConfigEntryState.SETUP_IN_PROGRESS

    @override
    async def _async_update_data(self) -> Snapshot:
        try:
            data = await super()._async_update_data()
        except (UpdateFailed, ConfigEntryAuthFailed) as err:
            cause = err.__cause__
            has_counted = not _is_unsent(cause) or isinstance(cause, ReadLimitError)
            is_refused = isinstance(err, ConfigEntryAuthFailed)
            if not self._is_first:
                self._async_note_contact()
                self._async_schedule()
            if not self._is_first or is_refused or not has_counted:
                raise
            # Home Assistant would set the entry up again and again, and each read counts.
            LOGGER.warning("%s: the first read failed: %s", self.name, cause)
            self._async_start()
            return self.data
        else:
            # The next read in the background, which would tell of it, is hours away.
            self._async_note_contact()
            return data

    @override
    async def _async_read(self, lock_id: str, *, is_urgent: bool = False) -> None:
        # What it says is learnt with every list of the account, whoever asked for it.
        purpose = self._purpose(lock_id, is_urgent=is_urgent)
        await self._async_read_web(purpose, asked_after=helpers.monotonic())

    @callback
    @override
    def _async_show_web(self) -> None:
        super()._async_show_web()
        last = None if self._cloud is None else self._cloud.last
        if last is None or last[0] <= self._locks[self._lock_key].tracker.heard_at:
            return
        for lock in last[1]:
            if lock.lock_id == self._web_lock_id:
                self._async_learn(lock, last[0])

    @callback
    def _async_learn(self, lock: api.CloudLock, asked_at: float) -> None:
        """Take what the cloud says it last heard of the lock."""
        lock_id, changes = self._lock_key, list_changes(lock)
        if not lock.online:
            self.async_away(lock_id, source=Source.REPORT, asked_at=asked_at, **changes)
            return
        state = POSITIONS[lock.position]
        self.async_evidence(
            lock_id, state, source=Source.REPORT, asked_at=asked_at, online=True, **changes
        )

    def _purpose(self, lock_id: str, *, is_urgent: bool) -> Purpose:
        is_hinted, self._is_hinted = self._is_hinted, False
        if self._locks[lock_id].tracker.is_commanded:
            return Purpose.COMMAND
        has_hint = self._cloud is not None and self._cloud.reads_left(Purpose.HINT)
        return Purpose.HINT if is_hinted and has_hint and not is_urgent else Purpose.OTHER

    @override
    def _note_failure(self, contact: Contact, err: Exception) -> None:
        if isinstance(err, ReadLimitError):
            super()._note_failure(contact, err)
            return
        wait = _RETRY_NOT_SENT if _is_unsent(err) else _RETRY_SENT
        contact.failed(helpers.monotonic(), retry_after=wait, at_once=False)

    # Hints.

    @callback
    @override
    def _async_told(self, call: api.CloudCall, now: float) -> None:
        self._names.told(call, now)
        has_read = self._cloud is not None and self._cloud.reads_left(Purpose.HINT)
        if call.is_arrival and has_read and not self._locks[self._lock_key].tracker.is_commanded:
            self._is_hinted = True
            self.async_hint(self._lock_key)

    # Commands.

    @override
    async def _async_send(self, lock_id: str, action: Action, on_send: OnSend) -> None:
        on_send()
        await self._async_command_web(action)

    @override
    def _not_confirmed(self, lock_id: str, action: Action, doubt: Exception | None) -> CommandError:
        if doubt is not None:
            return CommandError("loqed_cloud_no_answer", Remedy.RETRY)
        if self._locks[lock_id].contact.retry_at is not None:
            return CommandError("loqed_cloud_unread", Remedy.RETRY)
        return CommandError("loqed_cloud_not_confirmed", Remedy.RETRY)

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {"bridge": False, "web": self._web_diagnostics()}


def _is_unsent(err: BaseException | None) -> bool:
    """Return whether a read never left; one that was refused counts at LOQED, too."""
    return isinstance(err, api.LoqedConnectionError) and not err.may_have_arrived
