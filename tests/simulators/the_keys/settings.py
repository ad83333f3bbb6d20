"""How this gateway behaves where gateways differ, or where nobody knows."""

from dataclasses import dataclass, fields
from typing import Any, Literal

type Style = Literal["seen", "page"]


@dataclass(kw_only=True, slots=True)
class Settings:
    """The knobs of the gateway; times are those of the real device, in seconds.

    `style` is the shape of replies: as clients have seen them, or as the vendor's page
    prints them; `busy_style` can differ from it. `answers` tells whether a command is
    answered before or after the motor has run. `overlap` is what a second request at
    the same moment gets. `ahead` and `behind` are the accepted distance of a timestamp
    from the gateway's clock; None is any. `unknown_share` is the answer to a good code
    the gateway has not been told of. `heals_clock` says whether /synchronize cures 38.
    """

    light: float = 0.13
    radio: float = 3.3
    travel: float = 5.0
    calibration: float = 10.0
    synchronise: float = 3.0
    synchronise_lock: float = 6.0
    synchronises_for: float = 0.0
    answers: Literal["before", "after"] = "before"
    style: Style = "seen"
    busy_style: Style | None = None
    numbers_as_text: bool = False
    version: int = 65
    version_as_number: bool = False
    content_type: str = "application/json"
    has_status: bool = True
    has_last_log: bool = True
    empty_synchronise: bool = False
    overlap: Literal["reset", "busy", "answer"] = "reset"
    gap_signed: float = 1.0
    gap_unsigned: float = 0.5
    resets_hurried: bool = False
    ahead: float | None = 5.0
    behind: float | None = 300.0
    unknown_share: int = 32
    heals_clock: bool = True
    counts_hand: bool = True
    lists_offline: bool = False

    def change(self, **changes: Any) -> None:
        """Set some of the knobs by name; ValueError for a name that is none."""
        known = {field.name for field in fields(self)}
        if unknown := set(changes) - known:
            raise ValueError(f"no such settings: {sorted(unknown)}")
        for name, value in changes.items():
            setattr(self, name, value)
