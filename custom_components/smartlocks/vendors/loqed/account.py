"""One account of LOQED's web API: its few reads, counted in a file, and what they have told.

More than 12 status reads in 12 hours block an account for 12 hours, all its tokens
together. All entries of an account share one count, and one read serves them all.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
import hashlib
from math import inf
from pathlib import Path
from typing import Any, Final, Self

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_API_TOKEN
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import STORAGE_DIR, Store
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ... import helpers
from ...const import DOMAIN, LOGGER
from . import api
from .const import KEY

WINDOW: Final = 12 * 3600.0
# Half of what LOQED allows: other programs of the owner read, too.
MOST_READS: Final = 6
KEPT_FOR_COMMANDS: Final = 2
MOST_FOR_HINTS: Final = 2

# Forms that are filled in again, or for the next lock, are served by one list.
_SERVES_FORMS: Final = 600.0

_VERSION: Final = 1
_FILE: Final = f"{DOMAIN}.{KEY}."
# What a file that was damaged, or written by a newer version, can lead to.
_UNREADABLE: Final = (HomeAssistantError, AttributeError, KeyError, TypeError, ValueError)
# A token that does not tell its account shares the count of all such tokens.
_NO_ACCOUNT: Final = "unknown"


class Purpose(StrEnum):
    """What a read is for."""

    COMMAND = "command"
    HINT = "hint"
    OTHER = "other"


class ReadLimitError(api.LoqedError):
    """A read that would be one too many: nothing was sent.

    `wait` is in seconds, `is_blocked` says that LOQED itself has refused one.
    """

    may_have_arrived = False

    def __init__(self, wait: float, *, is_blocked: bool) -> None:
        """Keep until when to wait."""
        super().__init__("no reads left")
        self.wait = wait
        self.is_blocked = is_blocked


class ReadLimit:
    """The reads of the last 12 hours; every moment is in monotonic seconds."""

    def __init__(self) -> None:
        """Start without a read."""
        self._reads: list[tuple[float, Purpose]] = []
        self._blocked_until = -inf

    def is_blocked(self, now: float) -> bool:
        """Return whether LOQED has refused a read less than 12 hours ago."""
        return now < self._blocked_until

    def left(self, purpose: Purpose, now: float) -> int:
        """Return how many reads there are now for a purpose."""
        if self.is_blocked(now):
            return 0
        recent = [of for at, of in self._reads if now < at + WINDOW]
        left = MOST_READS - len(recent)
        if purpose is not Purpose.COMMAND:
            others = sum(of is not Purpose.COMMAND for of in recent)
            left = min(left, MOST_READS - KEPT_FOR_COMMANDS - others)
        if purpose is Purpose.HINT:
            left = min(left, MOST_FOR_HINTS - recent.count(Purpose.HINT))
        return max(left, 0)

    def wait(self, purpose: Purpose, now: float) -> float:
        """Return the seconds until there is a read for a purpose; 0 when there is one now."""
        moments = (now, self._blocked_until, *(at + WINDOW for at, _ in self._reads))
        later = (moment for moment in moments if moment >= now)
        return min((at - now for at in later if self.left(purpose, at)), default=WINDOW)

    def count(self, purpose: Purpose, now: float) -> None:
        """Count a read that is about to be made."""
        self._reads = [(at, of) for at, of in self._reads if now < at + WINDOW]
        self._reads.append((now, purpose))

    def uncount(self) -> None:
        """Take back the last read: it was not sent."""
        self._reads.pop()

    def block(self, now: float) -> None:
        """Record that LOQED refuses reads from now on."""
        self._blocked_until = now + WINDOW

    def kept(self, now: float, unix: float) -> dict[str, Any]:
        """Return this as it is kept in a file, by the clock of the host."""
        return {
            "reads": [[unix - (now - at), of] for at, of in self._reads],
            "blocked_until": unix + self._blocked_until - now if self.is_blocked(now) else None,
        }

    def restore(self, kept: Mapping[str, Any], now: float, unix: float) -> None:
        """Take what was kept; what seems to lie ahead has just been, for clocks are set."""
        self._reads = [(now - max(unix - at, 0.0), Purpose(of)) for at, of in kept.get("reads", ())]
        if (until := kept.get("blocked_until")) is not None:
            self._blocked_until = now + min(until - unix, WINDOW)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptLock:
    """What the last list said of a lock, besides its state, which is never kept.

    `assumed` are the settings that were changed since.
    """

    settings: Mapping[api.WebSetting, bool]
    assumed: frozenset[api.WebSetting] = frozenset()
    direction: api.LockDirection | None = None
    mortise_lock: api.MortiseLock | None = None

    @classmethod
    def of(cls, lock: api.CloudLock) -> Self:
        """Keep a listed lock."""
        return cls(settings=lock.settings, direction=lock.direction, mortise_lock=lock.mortise_lock)

    @classmethod
    def parse(cls, kept: Mapping[str, Any]) -> Self:
        """Read a lock from the file."""
        direction, mortise_lock = kept.get("direction"), kept.get("mortise_lock")
        return cls(
            settings={api.WebSetting(name): bool(on) for name, on in kept["settings"].items()},
            assumed=frozenset(map(api.WebSetting, kept.get("assumed", ()))),
            direction=None if direction is None else api.LockDirection(direction),
            mortise_lock=None if mortise_lock is None else api.MortiseLock(mortise_lock),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return this as it is kept in the file."""
        return {
            "settings": {str(name): on for name, on in self.settings.items()},
            "assumed": sorted(self.assumed),
            "direction": self.direction,
            "mortise_lock": self.mortise_lock,
        }


class CloudAccount:
    """An account: its limit, and what its locks were when they were listed last."""

    def __init__(self, hass: HomeAssistant, key: str) -> None:
        """Start without knowledge; the file is read by `async_load`."""
        self.limit = ReadLimit()
        self.locks: dict[str, KeptLock] = {}
        # When settings were changed last, in monotonic seconds.
        self._changed_at: dict[str, dict[api.WebSetting, float]] = {}
        # When the locks were listed last, in unix seconds.
        self.listed_at: float | None = None
        # When a list was asked for last, in monotonic seconds, whatever came of it.
        self.tried_at = -inf
        self._store: Store[dict[str, Any]] = Store(hass, _VERSION, f"{_FILE}{key}")
        self._is_loaded = False
        self._is_removed = False
        self._turn = asyncio.Lock()
        self._saving = asyncio.Lock()
        # The last list, and when it was asked for; in memory only, for its states.
        self.last: tuple[float, tuple[api.CloudLock, ...]] | None = None
        # With which client it was read.
        self._last_web: api.WebApi | None = None
        self._listeners: set[Callable[[], None]] = set()

    async def async_load(self) -> None:
        """Read the file, once."""
        async with self._saving:
            self._is_removed = False
            if self._is_loaded:
                return
            try:
                self._restore(await self._store.async_load() or {})
            except _UNREADABLE as err:
                # A lock behind its bridge needs nothing of it.
                LOGGER.warning("The file of LOQED's web API is not usable: %s", type(err).__name__)
            self._is_loaded = True

    def _restore(self, kept: Mapping[str, Any]) -> None:
        self.limit.restore(kept, helpers.monotonic(), helpers.unix_time())
        self.locks = {name: KeptLock.parse(lock) for name, lock in kept.get("locks", {}).items()}
        listed_at = kept.get("listed_at")
        self.listed_at = None if listed_at is None else float(listed_at)

    def knows_by(self, web: api.WebApi, now: float) -> bool:
        """Return whether the last list is a few minutes old at most, and of the same token."""
        is_recent = self.last is not None and now - self.last[0] < _SERVES_FORMS
        return is_recent and self._last_web is not None and self._last_web.has_token_of(web)

    def token_refused(self) -> None:
        """Record that a token works no more: it is not served from memory."""
        self._last_web = None

    def reads_left(self, purpose: Purpose = Purpose.OTHER) -> int:
        """Return how many reads there are now."""
        return self.limit.left(purpose, helpers.monotonic())

    def wait(self, purpose: Purpose) -> float:
        """Return the seconds until there is a read for a purpose; 0 when there is one now."""
        return self.limit.wait(purpose, helpers.monotonic())

    async def async_locks(
        self, web: api.WebApi, purpose: Purpose, *, asked_after: float
    ) -> tuple[float, tuple[api.CloudLock, ...]]:
        """List the locks, and tell when that was asked for.

        What was asked for since `asked_after` serves, too. ReadLimitError when there is no
        read for it; otherwise as `WebApi.locks`.
        """
        async with self._turn:
            if self.last is not None and self.last[0] >= asked_after:
                return self.last
            await self._async_count(purpose)
            # A token that works no more is not served from memory.
            self._last_web, asked_at = None, helpers.monotonic()
            try:
                locks = await web.locks()
            except api.LoqedBlockedError as err:
                self.limit.block(helpers.monotonic())
                raise ReadLimitError(WINDOW, is_blocked=True) from err
            except api.LoqedError as err:
                if not err.may_have_arrived and isinstance(err, api.LoqedConnectionError):
                    self.limit.uncount()
                    self.tried_at = -inf
                raise
            else:
                self.last, self._last_web = (asked_at, locks), web
                self.listed_at = helpers.unix_time()
                self.locks = {lock.lock_id: self._kept(lock, asked_at) for lock in locks}
                return self.last
            finally:
                await self._async_changed()

    def _kept(self, lock: api.CloudLock, asked_at: float) -> KeptLock:
        """Return a listed lock, with the settings that were changed since it was asked for."""
        listed, known = KeptLock.of(lock), self.locks.get(lock.lock_id)
        changed_at = self._changed_at.get(lock.lock_id, {})
        if known is None:
            return listed
        newer = {one for one in known.assumed if changed_at.get(one, -inf) >= asked_at}
        settings = {**listed.settings, **{one: known.settings[one] for one in newer}}
        return replace(listed, settings=settings, assumed=frozenset(newer))

    async def _async_count(self, purpose: Purpose) -> None:
        """Count a read in the file, before it is made."""
        now = helpers.monotonic()
        if wait := self.limit.wait(purpose, now):
            raise ReadLimitError(wait, is_blocked=self.limit.is_blocked(now))
        self.limit.count(purpose, now)
        self.tried_at = now
        await self._async_save()

    async def async_assume(self, lock_id: str, setting: api.WebSetting, *, is_on: bool) -> None:
        """Record that a setting was changed, which no list has shown yet."""
        self._changed_at.setdefault(lock_id, {})[setting] = helpers.monotonic()
        lock = self.locks.get(lock_id, KeptLock(settings={}))
        self.locks[lock_id] = replace(
            lock, settings={**lock.settings, setting: is_on}, assumed=lock.assumed | {setting}
        )
        await self._async_changed()

    @callback
    def async_listen(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call a listener after everything that changes; returns the undo."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    async def async_remove(self) -> None:
        """Remove the file. While Home Assistant runs the reads are still counted."""
        async with self._saving:
            self._is_removed = True
            await self._store.async_remove()

    async def _async_changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()
        await self._async_save()

    async def _async_save(self) -> None:
        async with self._saving:
            if self._is_removed:
                # What was under way has ended after the last entry was gone.
                return
            now, unix = helpers.monotonic(), helpers.unix_time()
            locks = {name: lock.as_dict() for name, lock in self.locks.items()}
            kept = self.limit.kept(now, unix)
            await self._store.async_save({**kept, "listed_at": self.listed_at, "locks": locks})


_ACCOUNTS: HassKey[dict[str, CloudAccount]] = HassKey(f"{DOMAIN}_{KEY}_accounts")


async def async_account(hass: HomeAssistant, token: str) -> CloudAccount:
    """Return the one account of a token, loaded: entries and forms share it."""
    accounts, key = hass.data.setdefault(_ACCOUNTS, {}), _account_key(token)
    if key not in accounts:
        accounts[key] = CloudAccount(hass, key)
    await accounts[key].async_load()
    return accounts[key]


def web_api(hass: HomeAssistant, token: str) -> api.WebApi:
    """Return the client of a token; nothing is sent yet."""
    url = helpers.cloud_address("SMARTLOCKS_LOQED_CLOUD_URL", api.CLOUD_URL)
    return api.WebApi(helpers.async_cloud_session(hass), url, token)


async def async_forget_accounts(
    hass: HomeAssistant, entry: ConfigEntry[Any], others: Iterable[ConfigEntry[Any]]
) -> None:
    """Remove the files of accounts that no entry uses when one is removed.

    Those of tokens that forms have used are kept by no entry, and outlive a restart.
    """
    accounts = hass.data.setdefault(_ACCOUNTS, {})
    used = {_account_key(token) for other in others if (token := _token_of(other)) is not None}
    token = _token_of(entry)
    stored = await hass.async_add_executor_job(_stored_keys, hass.config.path(STORAGE_DIR))
    unused = {*accounts, *stored, *([] if token is None else [_account_key(token)])} - used
    for key in unused:
        await (accounts.get(key) or CloudAccount(hass, key)).async_remove()


def _stored_keys(folder: str) -> list[str]:
    return [path.name.removeprefix(_FILE) for path in Path(folder).glob(f"{_FILE}*")]


def _token_of(entry: ConfigEntry[Any]) -> str | None:
    token: str | None = entry.data.get(CONF_API_TOKEN)
    return token


def moment_in(seconds: float) -> str:
    """Return the moment in so many seconds, as people write it."""
    return (dt_util.now() + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M")


def _account_key(token: str) -> str:
    account = api.TokenClaims.parse(token).account
    if account is None:
        return _NO_ACCOUNT
    return hashlib.sha256(f"{DOMAIN} {KEY} {account}".encode()).hexdigest()[:16]
