"""The part of a story that happens in the vendor's account."""

from typing import Any, Literal

from tests.simulators.base import Server, verb

from .accessory import Accessory
from .account import Account
from .cloud import Cloud
from .defaults import GATEWAY_ID, OWN_SHARE
from .lock import find
from .radio import Radio
from .share import Share, new_code


class CloudVerbs:
    """What can be done to the account, its shares and its server."""

    account: Account
    cloud: Cloud
    cloud_server: Server
    radio: Radio
    _kept: tuple[list[Share], dict[int, str], str] | None = None

    @verb
    def share_code(self, lock_id: str | None = None, name: str = OWN_SHARE) -> str:
        """Give the code of a lock's share with this gateway; KeyError when there is none."""
        return self._share(lock_id, name).code

    @verb
    def shares(self, lock_id: str | None = None) -> list[dict[str, Any]]:
        """List a lock's shares: id, accessory, name, code, active."""
        lock = find(self.account.locks, lock_id)
        return [
            {
                "id": share.id,
                "accessory": share.accessory,
                "name": share.name,
                "code": share.code,
                "active": share.is_active,
            }
            for share in self.account.shares_of(lock.portal_id)
        ]

    @verb
    def add_share(
        self,
        name: str,
        lock_id: str | None = None,
        code: str | None = None,
        accessory: int = GATEWAY_ID,
        *,
        active: bool = True,
        synchronised: bool = True,
    ) -> str:
        """Share a lock under a name; give the code. The gateway hears of it if asked to."""
        lock = find(self.account.locks, lock_id)
        owner = self.account.accessory(accessory)
        if owner is None:
            raise ValueError(f"no accessory {accessory}")
        share = self.account.add_share(lock, owner, name, code)
        share.is_active = active
        if synchronised:
            self.synchronise_all()
        return share.code

    @verb
    def delete_share(self, name: str = OWN_SHARE, lock_id: str | None = None) -> None:
        """End a share, and let the gateway and the lock know."""
        self.account.delete(self._share(lock_id, name))
        self.synchronise_all()

    @verb
    def synchronise_all(self) -> None:
        """Let the gateway and the locks know of every share, without a request."""
        self.radio.guard.synchronise()
        for lock in self.account.locks:
            self.radio.synchronise(lock)

    @verb
    def refuse_credentials(
        self, how: Literal["deleted", "changed"] = "deleted", *, login: bool = True
    ) -> None:
        """Delete all shares (32) or change their codes (33), and the password if asked to."""
        if self._kept is not None:
            raise ValueError("the credentials are refused already")
        account = self.account
        codes = {share.id: share.code for share in account.shares}
        self._kept = (list(account.shares), codes, account.password)
        for share in list(account.shares):
            if how == "deleted":
                account.delete(share)
            else:
                share.code = new_code()
        if login:
            account.password = new_code()
            account.tokens.clear()
        self.synchronise_all()

    @verb
    def accept_credentials(self) -> None:
        """Bring the shares, codes and password back; what was made since stays."""
        if self._kept is None:
            return
        shares, codes, password = self._kept
        self._kept = None
        account = self.account
        account.password = password
        account.deleted = [share for share in account.deleted if share not in shares]
        account.shares = shares + [share for share in account.shares if share not in shares]
        for share in shares:
            share.code = codes[share.id]
        self.synchronise_all()

    @verb
    def expire_tokens(self) -> None:
        """Let every login be over, as after an hour."""
        self.account.tokens.clear()

    @verb
    def configure_cloud(
        self,
        token_field: Literal["both", "access_token", "token"] | None = None,
        login_refusal: Literal[400, 401] | None = None,
        *,
        may_share: bool | None = None,
    ) -> None:
        """Change how the cloud answers; None leaves a thing as it is."""
        settings = self.cloud.settings
        settings.token_field = token_field or settings.token_field
        settings.login_refusal = login_refusal or settings.login_refusal
        settings.may_share = settings.may_share if may_share is None else may_share

    @verb
    def set_gateway_ip(
        self, ip: str | None, accessory: int = GATEWAY_ID, *, info: bool = True
    ) -> None:
        """Let the cloud name another address, none (None), or know nothing (no info)."""
        gateway = self.account.accessory(accessory)
        if gateway is None:
            raise ValueError(f"no accessory {accessory}")
        gateway.ip = ip
        gateway.has_info = info

    @verb
    def add_gateway(
        self, number: int, id_accessoire: str, ip: str | None = None, name: str = "TK Gateway 2"
    ) -> None:
        """Put another gateway in the account, near all the locks; nothing answers at its ip."""
        self.account.accessories.append(
            Accessory(
                id=number,
                id_accessoire=id_accessoire,
                name=name,
                ip=ip,
                locks={lock.portal_id for lock in self.account.locks},
            )
        )

    @verb
    def remove_gateways(self) -> None:
        """Leave the account without a gateway; keypads stay."""
        account = self.account
        account.accessories = [item for item in account.accessories if not item.is_gateway]

    @verb
    def remove_locks(self) -> None:
        """Leave the account without a lock."""
        self.account.lists_locks = False

    @verb
    def take_cloud_down(self, *, down: bool = True) -> None:
        """Close every connection to the cloud without an answer."""
        self.cloud_server.faults.drop = down

    def _share(self, lock_id: str | None, name: str) -> Share:
        lock = find(self.account.locks, lock_id)
        for share in self.account.shares_of(lock.portal_id):
            if (share.name, share.accessory) == (name, GATEWAY_ID):
                return share
        raise KeyError(name)
