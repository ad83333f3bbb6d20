"""What hangs on a lock: gateways, keypads, remotes."""

from dataclasses import dataclass, field
from typing import Any

GATEWAY = 1
KEYPAD = 2


@dataclass(kw_only=True, slots=True)
class Accessory:
    """An accessory: `id` is its number in the account, `id_accessoire` the one on its notice.

    `ip` may carry a port; None when the account does not know it. `locks` are the
    account's ids of the locks it belongs to. Without `has_info` the account knows
    nothing of its whereabouts.
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
        """The accessory as it stands in a lock's list and in a share."""
        return {
            "id": self.id,
            "id_accessoire": self.id_accessoire,
            "nom": self.name,
            "type": self.type,
            "version": self.version,
            "configuration": [],
        }

    def info(self, last_seen: str) -> dict[str, str] | None:
        """When and where it was last seen, as far as the account knows."""
        if not self.has_info:
            return None
        return {"last_seen": last_seen} | ({} if self.ip is None else {"ip": self.ip})
