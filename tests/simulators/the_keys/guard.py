"""Who may act: the gateway's check of signed requests."""

from collections.abc import Callable, Mapping

from .account import Account
from .lock import Lock
from .refusal import RefusedError
from .settings import Settings
from .signature import is_signed

FIELDS = {"identifier": "identifier", "ts": "timestamp", "hash": "hash"}
"""The fields of a signed form, and how the gateway calls one that is missing."""


class Guard:
    """Knows the shares the gateway was told of at its last synchronisation, and the time.

    `last` is the newest timestamp any lock's share has used: one order for the whole
    gateway.
    """

    def __init__(
        self, account: Account, accessory: int, settings: Settings, clock: Callable[[], float]
    ) -> None:
        self.account = account
        self.accessory = accessory
        self.settings = settings
        self.clock = clock
        self.has_time = True
        self.last = -1
        self.known: dict[str, dict[int, str]] = {}

    def synchronise(self) -> None:
        """Fetch the shares from the account."""
        self.known = {lock.identifier: self.shares(lock) for lock in self.account.locks}

    def shares(self, lock: Lock) -> dict[int, str]:
        """The codes of a lock's active shares with this gateway, as the account has them."""
        return {
            share.id: share.code
            for share in self.account.shares_of(lock.portal_id)
            if share.is_active and share.accessory == self.accessory
        }

    def verify(self, form: Mapping[str, str]) -> tuple[str, int]:
        """Check a form; give the lock's identifier and the share's id.

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
        if any(is_signed(timestamp, code, given) for code in self._strangers(identifier)):
            raise RefusedError(self.settings.unknown_share, "locker not shared")
        raise RefusedError(33, "invalid hmac")

    def _strangers(self, identifier: str) -> list[str]:
        """The codes of shares that are too new, too old or not active here."""
        shares = self.account.shares + self.account.deleted
        locks = {lock.portal_id: lock.identifier for lock in self.account.locks}
        return [share.code for share in shares if locks.get(share.portal_id) == identifier]

    def _check_time(self, timestamp: int) -> None:
        if not self.has_time:
            raise RefusedError(38, "gateway time invalid")
        age = self.clock() - timestamp
        settings = self.settings
        if timestamp <= self.last or (settings.behind is not None and age > settings.behind):
            raise RefusedError(33, "timestamp too old")
        if settings.ahead is not None and age < -settings.ahead:
            raise RefusedError(33, "timestamp in the future")
        self.last = timestamp
