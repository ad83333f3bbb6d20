"""Counts of the calls a bridge has made, for diagnostics; nothing of what they said."""

from dataclasses import asdict, dataclass, field
from typing import Any

from ...models import PushCall
from .api import LoqedPushError, LoqedPushForgedError, LoqedPushLateError, LoqedPushUnsignedError


@dataclass(kw_only=True, slots=True)
class Tally:
    """How many calls came of each kind.

    `clock_offset` is the last measured difference in seconds, Home Assistant minus
    bridge. `unsigned_headers` are the names of the headers of the last call without a
    time stamp: what is known of the newest bridges is little.
    """

    verified: int = 0
    repeated: int = 0
    not_understood: int = 0
    unsigned: int = 0
    forged: int = 0
    late: int = 0
    clock_offset: float | None = None
    unsigned_headers: list[str] = field(default_factory=list)

    def doubted(self, err: LoqedPushError, call: PushCall) -> None:
        """Count a call that was not verified."""
        match err:
            case LoqedPushUnsignedError():
                self.unsigned += 1
                self.unsigned_headers = sorted(call.headers)
            case LoqedPushLateError():
                self.late += 1
                self.clock_offset = round(err.offset, 1)
            case LoqedPushForgedError():
                self.forged += 1

    def as_dict(self) -> dict[str, Any]:
        """Return the counts by name."""
        return asdict(self)
