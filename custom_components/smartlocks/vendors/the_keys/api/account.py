"""What The Keys' cloud knows of an account: its locks and the gateways they are paired with."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .fields import Fields, flag, integer, part, parts, text

_GATEWAY = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class CloudGateway:
    """A gateway of the account.

    `id` is the portal's number, `accessory_id` the one printed on the notice, `ip` the
    address it last had in the local network: a hint, it may be gone.
    """

    id: int
    accessory_id: str
    name: str
    ip: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CloudLock:
    """A lock of the account.

    `id` is the portal's number, `identifier` the one that the gateway knows it by in
    the local network ("ID serrure"): they differ. `gateway_ids` are ids of the
    account's gateways that are paired with it.
    """

    id: int
    identifier: int
    name: str
    model: str | None = None
    unlock_only: bool = False
    gateway_ids: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """All locks of an account, and all gateways that are paired with any of them."""

    locks: tuple[CloudLock, ...] = ()
    gateways: tuple[CloudGateway, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """A right of an accessory to drive a lock; `code` is the secret that signs requests.

    `gateway_id` is the `id` of the accessory, permanent what is not bound to days or hours.
    """

    name: str
    gateway_id: int
    code: str = field(repr=False)
    is_active: bool
    is_permanent: bool


def parse_account(user: Fields) -> Account:
    """Return the account from the cloud's user object; what lacks its ids is left out."""
    entries = tuple(parts(user.get("serrures")))
    gateways = {
        gateway.id: gateway for entry in entries for gateway in _gateways(entry.get("accessoires"))
    }
    locks = (_lock(entry) for entry in entries)
    return Account(
        locks=tuple(lock for lock in locks if lock is not None),
        gateways=tuple(gateways.values()),
    )


def parse_address(accessory: Fields) -> str | None:
    """Return the address in the local network that an accessory object tells."""
    return text(part(accessory, "info").get("ip"))


def parse_shares(shares: Fields) -> tuple[Share, ...]:
    """Return the shares of accessories, without those that have no code or no accessory."""
    found = (_share(entry) for entry in parts(shares.get("partages_accessoire")))
    return tuple(share for share in found if share is not None)


def _lock(entry: Fields) -> CloudLock | None:
    lock_id, identifier = integer(entry.get("id")), integer(entry.get("id_serrure"))
    if lock_id is None or identifier is None:
        return None
    return CloudLock(
        id=lock_id,
        identifier=identifier,
        name=text(entry.get("nom")) or str(identifier),
        model=text(part(entry, "produit").get("nom")),
        unlock_only=flag(entry.get("unlockOnly")),
        gateway_ids=tuple(gateway.id for gateway in _gateways(entry.get("accessoires"))),
    )


def _gateways(entries: object) -> Iterable[CloudGateway]:
    found = (_gateway(entry) for entry in parts(entries))
    return [gateway for gateway in found if gateway is not None]


def _gateway(entry: Fields) -> CloudGateway | None:
    accessory = part(entry, "accessoire")
    gateway_id, accessory_id = integer(accessory.get("id")), text(accessory.get("id_accessoire"))
    is_gateway = integer(accessory.get("type")) == _GATEWAY
    if gateway_id is None or accessory_id is None or not is_gateway:
        return None
    return CloudGateway(
        id=gateway_id,
        accessory_id=accessory_id,
        name=text(accessory.get("nom")) or accessory_id,
        ip=parse_address(entry) or parse_address(accessory),
    )


def _share(entry: Fields) -> Share | None:
    gateway_id, code = integer(part(entry, "accessoire").get("id")), text(entry.get("code"))
    if gateway_id is None or code is None:
        return None
    bounds = ("date_debut", "date_fin", "heure_debut", "heure_fin", "horaires")
    return Share(
        name=text(entry.get("nom")) or "",
        gateway_id=gateway_id,
        code=code,
        is_active=flag(entry.get("actif")),
        is_permanent=not any(entry.get(bound) for bound in bounds),
    )
