"""Signed requests: what the hash should be, and the gateway's check of it."""

import base64
from collections.abc import Callable, Mapping
import hashlib
import hmac

from .account import Account
from .lock import Lock
from .replies import RefusedError
from .settings import Settings

FIELDS = {"identifier": "identifier", "ts": "timestamp", "hash": "hash"}
"""The fields of a signed form, and how the gateway calls one that is missing."""


def signature(timestamp: str, code: str) -> str:
    """Return HMAC-SHA256 of the timestamp's digits with the share code's letters, in base64."""
    digest = hmac.new(code.encode("ascii"), timestamp.encode("ascii"), hashlib.sha256).digest()
    return base64.b64encode(digest).decode("ascii")


def is_signed(timestamp: str, code: str, given: str) -> bool:
    """Return whether a hash is the one of this timestamp and code."""
    return hmac.compare_digest(signature(timestamp, code).encode(), given.encode())


class SignatureCheck:
    """Knows the shares the gateway was told of at its last synchronisation, and the time.

    `last` is the newest timestamp any lock's share has used: one order for the whole
    gateway. `clock_offset` is by how many seconds the gateway's clock is ahead.
    """

    def __init__(
        self, account: Account, accessory: int, settings: Settings, clock: Callable[[], float]
    ) -> None:
        self.account = account
        self.accessory = accessory
        self.settings = settings
        self.clock = clock
        self.clock_offset = 0.0
        self.has_time = True
        self.last = -1
        self.known: dict[str, dict[int, str]] = {}

    def synchronise(self) -> None:
        """Fetch the shares from the account."""
        self.known = {lock.identifier: self.shares(lock) for lock in self.account.locks}

    def set_clock(self) -> None:
        """Set the clock by the cloud's, if this gateway does so."""
        if self.settings.heals_clock:
            self.has_time = True
            self.clock_offset = 0.0

    def shares(self, lock: Lock) -> dict[int, str]:
        """Return the codes of a lock's active shares with this gateway, as the account has them."""
        return {
            share.id: share.code
            for share in self.account.shares_of(lock.portal_id)
            if share.is_active and share.accessory == self.accessory
        }

    def verify(self, form: Mapping[str, str]) -> tuple[str, int]:
        """Check a form; return the lock's identifier and the share's id.

        Refusals: 400 (a field is missing), 32 (no such share), 33 (wrong hash, or a
        timestamp that was used, is old or lies ahead), 38 (the gateway has no time).
        """
        for name, called in FIELDS.items():
            if not form.get(name):
                raise RefusedError(400, called)
        identifier, timestamp = form["identifier"], form["ts"]
        if not (timestamp.isascii() and timestamp.isdigit()):
            raise RefusedError(400, "timestamp")
        share = self._share(identifier, timestamp, form["hash"])
        self._check_time(int(timestamp))
        return identifier, share

    def _share(self, identifier: str, timestamp: str, given: str) -> int:
        codes = self.known.get(identifier, {})
        for share, code in codes.items():
            if is_signed(timestamp, code, given):
                return share
        if not codes:
            raise RefusedError(32, "locker not shared")
        if any(is_signed(timestamp, code, given) for code in self._other_codes(identifier)):
            raise RefusedError(self.settings.unknown_share, "locker not shared")
        raise RefusedError(33, "invalid hmac")

    def _other_codes(self, identifier: str) -> list[str]:
        """Return the codes of shares that are too new, too old or not active here."""
        shares = self.account.shares + self.account.deleted
        locks = {lock.portal_id: lock.identifier for lock in self.account.locks}
        return [share.code for share in shares if locks.get(share.portal_id) == identifier]

    def _check_time(self, timestamp: int) -> None:
        if not self.has_time:
            raise RefusedError(38, "gateway time invalid")
        age = self.clock() + self.clock_offset - timestamp
        settings = self.settings
        if timestamp <= self.last or (settings.behind is not None and age > settings.behind):
            raise RefusedError(33, "timestamp too old")
        if settings.ahead is not None and age < -settings.ahead:
            raise RefusedError(33, "timestamp in the future")
        self.last = timestamp
