"""The made-up account, gateway and locks, and how this gateway behaves."""

from dataclasses import dataclass, fields
from typing import Any, Literal

type Style = Literal["seen", "page"]
type StateForm = Literal["number", "hexadecimal", "status", "status_text"]

PHONE = "+33611223344"
PASSWORD = "Porte+clef 7&8"

GATEWAY_ID = 3301
GATEWAY_ACCESSORY = "TkGw7Q2x"
KEYPAD_ID = 3302
KEYPAD_ACCESSORY = "TkKp55Zz"

FRONT_ID = "20417733"
FRONT_PORTAL_ID = 8101
FRONT_CODE = "hT4mW9qLz2RbX7cd"
BACK_ID = "3905"
BACK_PORTAL_ID = 8102
BACK_CODE = "Yp3sK8vNf5GaJ1ue"

# A lock that is added later, and the code of its share.
SPARE_ID = "51882"
SPARE_PORTAL_ID = 8103
SPARE_CODE = "Vw6tQ2mXc8RbD4zn"

OWN_SHARE = "Portal"
"""The share its owner created by hand; FRONT_CODE and BACK_CODE are its codes."""

OTHER_SHARE = "TheKeysPy (Remote)"
"""The share of another program, which nobody else may use, change or delete."""


@dataclass(kw_only=True, slots=True)
class Settings:
    """What differs between gateways or is not known; times are the real device's, in seconds.

    `style` is the shape of replies: as clients have seen them, or as the vendor's page
    prints them; `busy_style` can differ from it. `state_form` is how /locker_status
    writes the state: the number in `code`, as hexadecimal text there (the vendor's page
    prints 0x31), or in `status`. `answers` tells whether a command is answered before or
    after the motor has run. `overlap` is what a second request at the same moment gets.
    `ahead` and `behind` are the accepted distance of a timestamp from the gateway's
    clock; None is any. `unknown_share` is the reply to a good code the gateway has not
    been told of. `heals_clock` says whether /synchronize cures 38. `calibration_ends` is
    where calibrating leaves the bolt (None: where it was, or locked), which it turns either way;
    `counts_calibration` whether that moves the change counter.
    """

    light: float = 0.13
    radio: float = 3.3
    travel: float = 5.0
    calibration: float = 10.0
    calibration_ends: Literal["locked", "unlocked"] | None = None
    counts_calibration: bool = False
    synchronise: float = 3.0
    synchronise_lock: float = 6.0
    synchronises_for: float = 0.0
    answers: Literal["before", "after"] = "before"
    style: Style = "seen"
    busy_style: Style | None = None
    state_form: StateForm = "number"
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
        """Set some of the settings by name; ValueError for an unknown name."""
        known = {field.name for field in fields(self)}
        if unknown := set(changes) - known:
            raise ValueError(f"no such settings: {sorted(unknown)}")
        for name, value in changes.items():
            setattr(self, name, value)
