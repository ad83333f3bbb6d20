"""The account at the vendor: its locks, accessories, shares and logins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
import secrets
import string
from typing import Any

from .lock import Lock
from .settings import PASSWORD, PHONE

LIFETIME = 3600
GATEWAY = 1
KEYPAD = 2
ALPHABET = string.ascii_letters + string.digits
CLOUD_STATES = {"locked": "close", "unlocked": "open"}
QR_CODE = "https://example.com/qr/31415926535897"
PUBLIC_KEY = "04c0ffee5ec2e7c0ffee5ec2e7"
E_MAIL = "camille@example.com"


@dataclass(kw_only=True, slots=True)
class Accessory:
    """An accessory: `id` is its number in the account, `id_accessoire` the one on its leaflet.

    `ip` may carry a port; None when the account does not know it. `locks` are the
    account's ids of the locks it belongs to. Without `has_info` the account knows
    nothing of its address.
    """

    id: int
    id_accessoire: str
    name: str
    type: int = GATEWAY
    version: int = 65
    ip: str | None = None
    has_info: bool = True
    locks: set[int] = field(default_factory=set)

    @property
    def is_gateway(self) -> bool:
        """Whether it is a gateway, and not a keypad or a remote."""
        return self.type == GATEWAY

    def as_json(self) -> dict[str, Any]:
        """Return the accessory as it stands in a lock's list and in a share."""
        return {
            "id": self.id,
            "id_accessoire": self.id_accessoire,
            "nom": self.name,
            "type": self.type,
            "version": self.version,
            "configuration": [],
        }

    def info(self, last_seen: str) -> dict[str, str] | None:
        """Return when and where it was last seen, as far as the account knows."""
        if not self.has_info:
            return None
        return {"last_seen": last_seen} | ({} if self.ip is None else {"ip": self.ip})


def new_code() -> str:
    """Return sixteen letters and digits, as every share code that has been seen."""
    return "".join(secrets.choice(ALPHABET) for _ in range(16))


@dataclass(kw_only=True, slots=True)
class Share:
    """A share of a lock (`portal_id`) with an accessory (by its number, `accessory`).

    `extra` keeps the other fields of the form it was created from, under their own names.
    """

    id: int
    portal_id: int
    accessory: int
    name: str
    description: str = ""
    is_active: bool = True
    code: str = field(default_factory=new_code)
    extra: dict[str, str] = field(default_factory=dict)

    def as_json(self, accessory: dict[str, Any]) -> dict[str, Any]:
        """Return the share as the account lists it."""
        return {
            "id": self.id,
            "iddesc": self.extra.get("iddesc"),
            "nom": self.name,
            "actif": self.is_active,
            "date_debut": self.extra.get("date_debut"),
            "date_fin": self.extra.get("date_fin"),
            "heure_debut": None,
            "heure_fin": None,
            "description": self.description,
            "notification_enabled": "notification_enabled" in self.extra,
            "horaires": [],
            "code": self.code,
            "accessoire": accessory | {"type_version": 1},
        }


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
        """Return a new token for the right phone number and password, else None."""
        if (phone, password) != (self.phone, self.password):
            return None
        token = secrets.token_urlsafe(24)
        self.tokens[token] = self.clock() + LIFETIME
        return token

    def is_valid(self, token: str) -> bool:
        """Return whether a token was given here and is not an hour old yet."""
        return self.clock() < self.tokens.get(token, 0)

    def now(self) -> str:
        """Return the time as the cloud writes it."""
        return datetime.fromtimestamp(self.clock(), UTC).isoformat(timespec="seconds")

    def lock(self, portal_id: int) -> Lock | None:
        """Return a lock by the account's id, None when there is none."""
        return next((lock for lock in self.locks if lock.portal_id == portal_id), None)

    def accessory(self, number: int) -> Accessory | None:
        """Return an accessory by the account's id, None when there is none."""
        return next((item for item in self.accessories if item.id == number), None)

    def accessory_named(self, id_accessoire: str) -> Accessory | None:
        """Return an accessory by the eight characters on its leaflet."""
        found = (item for item in self.accessories if item.id_accessoire == id_accessoire)
        return next(found, None)

    def share(self, number: int) -> Share | None:
        """Return a share by its id, None when there is none."""
        return next((share for share in self.shares if share.id == number), None)

    def shares_of(self, portal_id: int) -> list[Share]:
        """Return all shares of a lock, in the order they were created."""
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
        """End a share; the gateway and the lock are told of it when they synchronise."""
        self.shares.remove(share)
        self.deleted.append(share)


def user_json(account: Account) -> dict[str, Any]:
    """Return the user's own data and the locks, each with its accessories."""
    locks = account.locks if account.lists_locks else []
    return {
        "id": 77,
        "username": account.phone,
        "firstname": "Camille",
        "lastname": "Martin",
        "email": E_MAIL,
        "serrures": [_lock_json(account, lock) for lock in locks],
    }


def _lock_json(account: Account, lock: Lock) -> dict[str, Any]:
    accessories = [item for item in account.accessories if lock.portal_id in item.locks]
    return _lock_facts(lock) | {
        "battery": lock.battery,
        "battery_date": {"date": account.now(), "timezone_type": 3, "timezone": "Europe/Paris"},
        "utilisateur": {"username": account.phone, "firstname": "Camille", "lastname": "Martin"},
        "accessoires": [
            _accessory_json(account, lock, number, accessory)
            for number, accessory in enumerate(accessories)
        ],
        "produit": {"id": 2, "nom": "TK 1.5.1", "version": lock.version, "versionBeta": None},
    }


def _accessory_json(
    account: Account, lock: Lock, number: int, accessory: Accessory
) -> dict[str, Any]:
    row = accessory.as_json()
    del row["version"]
    link = lock.portal_id * 10 + number
    return {"id": link, "accessoire": row, "info": accessory.info(account.now())}


def _lock_facts(lock: Lock) -> dict[str, Any]:
    return {
        "id": lock.portal_id,
        "id_serrure": lock.identifier,
        "code": "314159",
        "code_serrure": "271828",
        "etat": CLOUD_STATES.get(lock.bolt),
        "nom": lock.name,
        "couleur": "#1f6feb",
        "qrcode": QR_CODE,
        "serrure_droite": True,
        "main_libre": False,
        "longitude": 2.35,
        "latitude": 48.85,
        "radius": 50,
        "timezone": "Europe/Paris",
        "maxSpeed": 100,
        "latchDelay": 3,
        "assistedActions": False,
        "unlockOnly": False,
        "description": "",
        "logSequence": lock.last_log,
        "public_key": PUBLIC_KEY,
        "message": None,
        "version": lock.version,
        "version_cible": lock.version,
        "beta": False,
    }
