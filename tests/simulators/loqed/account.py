"""Verbs of the account: the cloud's list, and what a person copies from it."""

from typing import Any

from tests.simulators.base import Nonsense, verb

from .device import LoqedDevice
from .made_up import API_TOKEN, BACKEND_KEY, KEY_SECRET, LOCAL_ID, LOCK_ID


class AccountVerbs(LoqedDevice):
    """What the cloud shows of the household."""

    @verb
    def integration_information(self) -> dict[str, Any]:
        """The JSON a person copies from the account page; the address with its port."""
        return {
            "lock_id": LOCK_ID,
            "lock_key_local_id": LOCAL_ID,
            "lock_key_key": KEY_SECRET,
            "backend_key": BACKEND_KEY,
            "bridge_key": self.bridge.key_base64,
            "bridge_ip": self.host,
            "bridge_mdns_hostname": f"LOQED-{self.bridge.mdns_mac}.local",
        }

    @verb
    def mdns_announcement(self) -> dict[str, Any]:
        """What the bridge announces on the network; it is not really sent."""
        name = f"LOQED-{self.bridge.mdns_mac}"
        return {
            "type": "_http._tcp.local.",
            "name": f"{name}._http._tcp.local.",
            "hostname": f"{name}.local.",
            "ip_address": self.url.host,
            "port": self.url.port,
            "properties": {},
        }

    @verb
    def add_cloud_lock(self, name: str = "Back door") -> str:
        """Another lock in the account, behind a bridge that cannot be reached; its id."""
        return self.cloud.add_other(name)

    @verb
    def empty_account(self, *, empty: bool = True) -> None:
        """The account lists no locks, which the vendor's support has to repair."""
        self.cloud.is_empty = empty

    @verb
    def revoke_token(self, *, revoked: bool = True) -> None:
        """The token has expired or was revoked; the local keys stay good."""
        self.cloud.token = None if revoked else API_TOKEN

    @verb
    def stale_address(self, *, stale: bool = True) -> None:
        """The cloud still has an address the bridge no longer is at."""
        self.cloud.address_is_stale = stale

    @verb
    def hide_bridge_mac(self, *, hidden: bool = True) -> None:
        """The cloud does not tell the bridge's address on the wifi."""
        self.cloud.mac_is_hidden = hidden

    @verb
    def cloud_fields(
        self,
        fields: dict[str, Any] | None = None,
        without: list[str] | None = None,
        lock_id: str = LOCK_ID,
    ) -> None:
        """Answer these fields of a listed lock as given and leave those out; neither ends it."""
        self.cloud.override(lock_id, fields or {}, without or [])

    @verb
    def break_cloud(
        self, status: int | None = None, nonsense: Nonsense | None = None, *, drop: bool = False
    ) -> None:
        """The cloud fails: with a status, with something unreadable, or by hanging up."""
        faults = self.cloud.server.faults
        faults.status, faults.nonsense, faults.drop = status, nonsense, drop
