"""A share: the permission of one accessory to act on one lock, and its code."""

from dataclasses import dataclass, field
import secrets
import string
from typing import Any

ALPHABET = string.ascii_letters + string.digits


def new_code() -> str:
    """Sixteen letters and digits, as every share code that has been seen."""
    return "".join(secrets.choice(ALPHABET) for _ in range(16))


@dataclass(kw_only=True, slots=True)
class Share:
    """A share of a lock (`portal_id`) with an accessory (by its number, `accessory`).

    `extra` keeps the other fields of the form it was made from, under their own names.
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
        """The share as the account lists it."""
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
