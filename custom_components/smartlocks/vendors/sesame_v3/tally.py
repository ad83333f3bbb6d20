"""Counts of the calls that came, for diagnostics; nothing of what they said."""

from dataclasses import asdict, dataclass
from typing import Any

from .api import Hint


@dataclass(kw_only=True, slots=True)
class Tally:
    """How many calls came of each kind.

    `unknown` are about a lock the account does not have, `unclear` do not say about which,
    `stateless` do not say what has happened: the vendor's page is not sure of any of it.
    """

    get: int = 0
    post: int = 0
    unknown: int = 0
    unclear: int = 0
    stateless: int = 0

    def count(self, method: str, hint: Hint, *, is_known: bool) -> None:
        """Count a call."""
        if method == "POST":
            self.post += 1
        else:
            self.get += 1
        self.unclear += hint.device_id is None
        self.unknown += hint.device_id is not None and not is_known
        self.stateless += hint.locked is None

    def as_dict(self) -> dict[str, Any]:
        """Return the counts by name."""
        return asdict(self)
