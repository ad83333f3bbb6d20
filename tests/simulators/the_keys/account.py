"""The account at the vendor: its locks, accessories, shares and logins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
import secrets

from .accessory import Accessory
from .defaults import PASSWORD, PHONE
from .lock import Lock
from .share import Share, new_code

LIFETIME = 3600


@dataclass(kw_only=True)
class Account:
    """What the cloud knows; `clock` counts the age of tokens.

    `deleted` keeps the shares that are gone: a gateway answers their codes as those of
    a share it does not have.
    """

    locks: Sequence[Lock]
    accessories: list[Accessory]
    clock: Callable[[], float]
    phone: str = PHONE
    password: str = PASSWORD
    shares: list[Share] = field(default_factory=list)
    deleted: list[Share] = field(default_factory=list)
    tokens: dict[str, float] = field(default_factory=dict)
    lists_locks: bool = True
    next_share: int = 501

    def login(self, phone: str, password: str) -> str | None:
        """Give a new token for the right phone number and password, else None."""
        if (phone, password) != (self.phone, self.password):
            return None
        token = secrets.token_urlsafe(24)
        self.tokens[token] = self.clock() + LIFETIME
        return token

    def is_valid(self, token: str) -> bool:
        """Whether a token was given here and is not an hour old yet."""
        return self.clock() < self.tokens.get(token, 0)

    def now(self) -> str:
        """Give the time as the cloud writes it."""
        return datetime.fromtimestamp(self.clock(), UTC).isoformat(timespec="seconds")

    def lock(self, portal_id: int) -> Lock | None:
        """Look up a lock by the account's id, None when there is none."""
        return next((lock for lock in self.locks if lock.portal_id == portal_id), None)

    def accessory(self, number: int) -> Accessory | None:
        """Look up an accessory by the account's id, None when there is none."""
        return next((item for item in self.accessories if item.id == number), None)

    def accessory_named(self, id_accessoire: str) -> Accessory | None:
        """Look up an accessory by the eight characters on its notice."""
        found = (item for item in self.accessories if item.id_accessoire == id_accessoire)
        return next(found, None)

    def share(self, number: int) -> Share | None:
        """Look up a share by its id, None when there is none."""
        return next((share for share in self.shares if share.id == number), None)

    def shares_of(self, portal_id: int) -> list[Share]:
        """All shares of a lock, in the order they were made."""
        return [share for share in self.shares if share.portal_id == portal_id]

    def add_share(
        self, lock: Lock, accessory: Accessory, name: str, code: str | None = None
    ) -> Share:
        """Share a lock with an accessory; several shares of the same two may exist."""
        share = Share(
            id=self.next_share,
            portal_id=lock.portal_id,
            accessory=accessory.id,
            name=name,
            code=code or new_code(),
        )
        self.next_share += 1
        self.shares.append(share)
        return share

    def delete(self, share: Share) -> None:
        """End a share; the gateway and the lock hear of it when they synchronise."""
        self.shares.remove(share)
        self.deleted.append(share)
