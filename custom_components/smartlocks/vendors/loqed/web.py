"""What the web API adds to a lock, whichever way it is reached: settings, and its few reads."""

from abc import abstractmethod
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, override

from homeassistant.const import CONF_API_TOKEN
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later, async_track_time_interval
from homeassistant.util import dt as dt_util

from ... import helpers
from ...const import LOGGER
from ...coordinator import OnSend, SmartLocksConfigEntry, SmartLocksCoordinator
from ...exceptions import Failure, PushNotUnderstoodError
from ...models import Action, Feature, PushCall, Setting
from ...repairs import Fix
from ...state_tracker import Timing
from . import api
from .account import CloudAccount, Purpose, ReadLimitError, async_account, moment_in, web_api
from .const import CONF_WEB_LOCK_ID, ISSUE_BLOCKED, ISSUE_TOKEN_EXPIRES, TOKEN_URL
from .mapping import (
    COMMANDS,
    ERRORS,
    WEB_FEATURES,
    WEB_SETTINGS,
    learnt_names,
    web_changes,
)
from .names import KeyNames

# How often it is looked whether something is to be done, which asks nobody.
_TEND: Final = timedelta(minutes=15)
# One list a day; a failed one is tried again after so long.
_LIST_EVERY: Final = 86_400.0
_RETRY_AFTER: Final = 6 * 3600.0
# The cloud may show a change of a setting a moment later; several changes are read once.
_READ_AFTER_CHANGE: Final = 10.0
_EXPIRES_SOON: Final = timedelta(days=14)
# So long after a command through the cloud its one read is made: the motor needs some time.
_SETTLES: Final = 10.0
# What must outlive a reload.
_REFUSED_TOKEN: Final = "refused_token"  # noqa: S105 - a name


@dataclass(kw_only=True, slots=True)
class CloudCommand:
    """A command that the cloud has accepted, and whether its one read was made."""

    action: Action
    sent_at: float
    was_read: bool = False

    def is_due(self, now: float) -> bool:
        """Return whether its one read is to be made now."""
        return not self.was_read and now - self.sent_at >= _SETTLES


class WebApiCoordinator(SmartLocksCoordinator):
    """A coordinator that may use the web API, if its owner has switched that on.

    `lists_daily` says that nothing else reads the list by and by, `token_fix` where another
    token is entered before the old one has ended.
    """

    api_error = api.LoqedError
    errors = ERRORS
    lists_daily: ClassVar[bool] = True
    token_fix: ClassVar[Fix] = Fix.OPTIONS

    def __init__(self, hass: HomeAssistant, entry: SmartLocksConfigEntry, timing: Timing) -> None:
        """Read the entry; nothing is asked of anybody yet."""
        super().__init__(hass, entry, timing)
        token: str | None = entry.data.get(CONF_API_TOKEN)
        self._token = token
        self._web = None if token is None else web_api(hass, token)
        self._web_lock_id: str = entry.data.get(CONF_WEB_LOCK_ID, "")
        self._expires = None if token is None else api.TokenClaims.parse(token).expires
        self._cloud: CloudAccount | None = None
        self._list_at = 0.0
        self._change_timer: CALLBACK_TYPE | None = None
        # Without a bridge nothing is signed and no name learnt: it knows repeated calls.
        self._names = KeyNames(learnt_names(entry))

    @property
    def is_token_refused(self) -> bool:
        """Whether the cloud has refused this token last; outlives a reload."""
        return self._token is not None and self.memory.vendor.get(_REFUSED_TOKEN) == self._token

    @property
    def _lock_key(self) -> str:
        """The id of the entry's one lock."""
        return next(iter(self.data.locks))

    @override
    async def _async_setup(self) -> None:
        entry = self.config_entry
        token: str | None = entry.data.get(CONF_API_TOKEN)
        if token is None:
            self.async_clear_issue(ISSUE_BLOCKED, ISSUE_TOKEN_EXPIRES)
            return
        self._cloud = await async_account(self.hass, token)
        if self._web is not None and self._cloud.knows_by(self._web, helpers.monotonic()):
            # A form has just seen it work: it was refused by mistake.
            self.memory.vendor[_REFUSED_TOKEN] = None
        self._async_show_web()
        entry.async_on_unload(self._cloud.async_listen(self._async_show_web))
        entry.async_on_unload(self._async_cancel_change_read)
        entry.async_on_unload(
            async_track_time_interval(self.hass, self._async_tend, _TEND, cancel_on_shutdown=True)
        )
        self._async_tend(dt_util.utcnow())

    @callback
    @override
    def _async_start(self) -> None:
        super()._async_start()
        if self.is_token_refused:
            # A reload has taken the question back; the entry is ready in a moment.
            job = HassJob(self._async_ask_again, cancel_on_shutdown=True)
            self.config_entry.async_on_unload(async_call_later(self.hass, 1.0, job))
        self._async_read_if_due()

    @callback
    def _async_ask_again(self, _: datetime) -> None:
        if self.is_token_refused:
            self.config_entry.async_start_reauth(self.hass)

    # What is shown.

    @callback
    def _async_show_web(self) -> None:
        """Show what the last list said, and what is left of the reads."""
        if self._cloud is None:
            return
        snapshot = self.data.locks[self._lock_key]
        kept = self._cloud.locks.get(self._web_lock_id)
        features, changes = web_changes(kept)
        others = snapshot.features & ~WEB_FEATURES
        self.async_publish(
            self.data.with_lock(
                snapshot.id,
                **changes,
                features=others | features | Feature.READS_LEFT | Feature.ACCESS_EXPIRY,
                reads_left=self._cloud.reads_left(),
                access_expires=self._expires,
            )
        )
        now = helpers.monotonic()
        if self._cloud.limit.is_blocked(now):
            self.async_create_issue(ISSUE_BLOCKED, time=moment_in(self._cloud.wait(Purpose.OTHER)))
        else:
            self.async_clear_issue(ISSUE_BLOCKED)

    @callback
    def _async_tend(self, _: datetime) -> None:
        """Look after the token and, once a day, the list."""
        self._async_show_web()
        self._async_check_expiry()
        self._async_read_if_due()

    @callback
    def _async_read_if_due(self) -> None:
        if self._is_list_due():
            self._list_at = helpers.monotonic() + _RETRY_AFTER
            self._async_in_background(self._async_list(), "web API")

    @callback
    def _async_check_expiry(self) -> None:
        if self._expires is None or self._expires - dt_util.utcnow() > _EXPIRES_SOON:
            self.async_clear_issue(ISSUE_TOKEN_EXPIRES)
            return
        date = dt_util.as_local(self._expires).date().isoformat()
        self.async_create_issue(ISSUE_TOKEN_EXPIRES, fix=self.token_fix, date=date, url=TOKEN_URL)

    def _is_list_due(self) -> bool:
        cloud = self._cloud
        if cloud is None or not self.lists_daily or self.is_token_refused:
            return False
        if not self._is_started:
            # What cannot be set up is tried again and again, and each read counts.
            return False
        now = helpers.monotonic()
        if now < max(self._list_at, cloud.tried_at + _RETRY_AFTER) or not cloud.reads_left():
            return False
        age = None if cloud.listed_at is None else helpers.unix_time() - cloud.listed_at
        return age is None or not 0 <= age < _LIST_EVERY

    # Asking.

    async def _async_list(self) -> None:
        """Read the list in the background; a failure is told where a person can help."""
        try:
            await self._async_read_web(Purpose.OTHER, asked_after=helpers.monotonic())
        except api.LoqedTokenError:
            self.config_entry.async_start_reauth(self.hass)
        except api.LoqedError as err:
            LOGGER.debug("%s: the web API was not read: %s", self.name, err)

    async def _async_read_web(
        self, purpose: Purpose, *, asked_after: float
    ) -> tuple[float, api.CloudLock]:
        """Return the lock as the account lists it, and when that was asked for."""
        cloud, web = self._required()
        listing = cloud.async_locks(web, purpose, asked_after=asked_after)
        asked_at, locks = await self._async_call_web(listing)
        for lock in locks:
            if lock.lock_id == self._web_lock_id:
                return asked_at, lock
        raise api.LoqedNotListedError("not listed")

    async def _async_command_web(self, action: Action) -> None:
        """Let the cloud send a command: accepted is not carried out."""
        _, web = self._required()
        await self._async_call_web(web.command(self._web_lock_id, COMMANDS[action]))

    def _required(self) -> tuple[CloudAccount, api.WebApi]:
        if self._cloud is None or self._web is None:
            raise api.LoqedTokenError("no token")
        return self._cloud, self._web

    async def _async_call_web[T](self, call: Awaitable[T]) -> T:
        try:
            result = await call
        except api.LoqedTokenError:
            self._async_note_token(is_refused=True)
            raise
        self._async_note_token(is_refused=False)
        return result

    @callback
    def _async_note_token(self, *, is_refused: bool) -> None:
        """Record what became of the token: it may be one way less, or more, to the lock."""
        self.memory.vendor[_REFUSED_TOKEN] = self._token if is_refused else None
        if is_refused and self._cloud is not None:
            self._cloud.token_refused()
        self._async_tell_reach()

    @override
    def _failure(self, err: Exception) -> Failure:
        if isinstance(err, ReadLimitError):
            key = "loqed_blocked" if err.is_blocked else "loqed_no_reads_left"
            return Failure(
                key=key,
                placeholders={"time": moment_in(err.wait)},
                retry_after=err.wait,
                is_pause=True,
            )
        return super()._failure(err)

    # For a person.

    @override
    async def _async_act(self, target: str, action: Action, on_send: OnSend) -> None:
        on_send()
        await self._async_read_web(Purpose.OTHER, asked_after=helpers.monotonic())

    @override
    async def _async_change_setting(self, lock_id: str, setting: Setting, *, is_on: bool) -> None:
        cloud, web = self._required()
        wanted = WEB_SETTINGS[setting]
        try:
            await self._async_call_web(web.set(self._web_lock_id, wanted, is_on=is_on))
        except api.LoqedError as err:
            if err.may_have_arrived:
                self.async_plan_change_read()
            raise
        await cloud.async_assume(self._web_lock_id, wanted, is_on=is_on)
        self.async_plan_change_read()

    @callback
    def async_plan_change_read(self) -> None:
        """Read a change soon; after a reload whoever came after us does."""
        follower = self._follower
        if follower is not self and isinstance(follower, WebApiCoordinator):
            follower.async_plan_change_read()
        if self._is_closed:
            return
        self._async_cancel_change_read()
        self._change_timer = async_call_later(
            self.hass,
            _READ_AFTER_CHANGE,
            HassJob(self._async_read_change, cancel_on_shutdown=True),
        )

    @callback
    def _async_read_change(self, _: datetime) -> None:
        self._change_timer = None
        self._async_in_background(self._async_list(), "web API")

    @callback
    def _async_cancel_change_read(self) -> None:
        if self._change_timer is not None:
            self._change_timer()
            self._change_timer = None

    # Calls of the cloud.

    @override
    async def async_receive_hint(self, call: PushCall) -> None:
        try:
            told = api.CloudCall.parse(call.body)
        except api.LoqedPushError as err:
            raise PushNotUnderstoodError from err
        now = helpers.monotonic()
        if not self._names.is_repeated(told, now):
            self._async_told(told, now)

    @abstractmethod
    def _async_told(self, call: api.CloudCall, now: float) -> None:
        """Learn from a call of the cloud that nothing proves, told for the first time."""

    def _web_diagnostics(self) -> dict[str, Any]:
        """Tell what helps to find a fault, and no secret."""
        cloud = self._cloud
        if cloud is None:
            return {"used": False}
        return {
            "used": True,
            "token_refused": self.is_token_refused,
            "expires": None if self._expires is None else self._expires.date().isoformat(),
            "listed": self._web_lock_id in cloud.locks,
            "blocked": cloud.limit.is_blocked(helpers.monotonic()),
            "reads_left": {purpose.value: cloud.reads_left(purpose) for purpose in Purpose},
        }
