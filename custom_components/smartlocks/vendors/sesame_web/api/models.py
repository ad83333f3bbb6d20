"""Products, device ids and secrets, and the status of a device."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from math import isfinite
import re
from typing import Any, Final, Self

from .exceptions import NotAsDocumentedError, NotASecretError, NotAUuidError

# Without its dashes a UUID could not be told from a secret: both are 32 digits then.
_UUID: Final = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}")
_SECRET: Final = re.compile(r"[0-9a-f]{32}")

_MAX_PERCENTAGE: Final = 100
_MAX_VOLTAGE: Final = 100.0
_MAX_INTEGER: Final = 2**31 - 1
# Seconds reach this in the year 5138, milliseconds did in 1973.
_FIRST_MILLISECOND: Final = 1e11
_YEAR_2100: Final = 4_102_444_800.0

_STATUS_FIELDS: Final = frozenset(
    {
        "CHSesame2Status",
        "batteryPercentage",
        "batteryVoltage",
        "position",
        "timestamp",
        "wm2State",
    }
)


class Kind(StrEnum):
    """What a device can be told: lock and unlock, one press, or unlock only."""

    LOCK = "lock"
    BOT = "bot"
    BIKE = "bike"


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """One product: the number in share links, the vendor's word for the model, its label.

    `kind` is None for what the vendor does not list as usable over the Web API.
    """

    number: int
    model: str
    name: str
    kind: Kind | None


def _product(number: int, model: str, name: str, kind: Kind | None = None) -> Product:
    return Product(number=number, model=model, name=name, kind=kind)


# The devices that the vendor's web client lists as usable (`lockModelDevices`), then
# everything else that its apps number.
_PRODUCTS: Final = (
    _product(0, "sesame_2", "Sesame 3", Kind.LOCK),
    _product(4, "sesame_4", "Sesame 4", Kind.LOCK),
    _product(5, "sesame_5", "Sesame 5", Kind.LOCK),
    _product(7, "sesame_5_pro", "Sesame 5 Pro", Kind.LOCK),
    _product(16, "sesame_5_us", "Sesame 5 US", Kind.LOCK),
    _product(21, "sesame_6_pro", "Sesame 6 Pro", Kind.LOCK),
    _product(2, "ssmbot_1", "Bot 1", Kind.BOT),
    _product(17, "bot_2", "Bot 2", Kind.BOT),
    _product(35, "bot_3", "Bot 3", Kind.BOT),
    _product(11, "BLE_Connector_1", "BLE Connector 1", Kind.LOCK),
    _product(6, "bike_2", "Bike 2", Kind.BIKE),
    _product(33, "bike_3", "Bike 3", Kind.BIKE),
    _product(3, "bike_1", "Bike 1"),
    _product(8, "open_sensor_1", "Open Sensor"),
    _product(9, "touch_pro", "Touch Pro"),
    _product(10, "touch", "Touch"),
    _product(13, "hub_3", "Hub 3"),
    _product(14, "remote", "Remote"),
    _product(15, "remote_nano", "Remote nano"),
    _product(18, "face_Pro", "Face Pro"),
    _product(19, "face", "Face"),
    _product(20, "sesame_6", "Sesame 6"),
    _product(22, "face_pro_ai", "Face Pro AI"),
    _product(23, "face_ai", "Face AI"),
    _product(24, "open_sensor_2", "Open Sensor 2"),
    _product(25, "touch_2", "Touch 2"),
    _product(26, "touch_2_pro", "Touch 2 Pro"),
    _product(27, "face_2", "Face 2"),
    _product(28, "face_2_pro", "Face 2 Pro"),
    _product(29, "sesame_miwa", "Sesame Miwa"),
    _product(30, "face_2_ai", "Face 2 AI"),
    _product(31, "face_2_pro_ai", "Face 2 Pro AI"),
    _product(32, "6_pro_slidingdoor", "Sesame 6 Pro for sliding doors"),
    _product(36, "hub_3_lte", "Hub 3 LTE"),
)

PRODUCTS: Final[dict[int, Product]] = {product.number: product for product in _PRODUCTS}


class Bolt(StrEnum):
    """Where the bolt is; `MOVED` is in neither range: not locked, and not unlocked either."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"
    MOVED = "moved"


_BOLT: Final[dict[str, Bolt]] = {bolt.value: bolt for bolt in Bolt}


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """What the cloud answers to GET /{uuid}; what is missing or cannot be read is None.

    `battery` is the server's percentage (never computed from `voltage`, in volts).
    `position` counts 1024 a turn. `online` is whether the hub is (`wm2State`, undocumented
    and not always there): False means that the rest is only what was last known.
    `changed_at` is when the device last reported a change, so an old one alone does not
    mean offline.
    """

    state: Bolt | None
    battery: int | None
    voltage: float | None
    position: int | None
    online: bool | None
    changed_at: datetime | None

    @classmethod
    def parse(cls, data: Any) -> Self:
        """Read the vendor's object; NotAsDocumentedError if it has no known field."""
        if not isinstance(data, dict) or data.keys().isdisjoint(_STATUS_FIELDS):
            raise NotAsDocumentedError
        word = data.get("CHSesame2Status")
        return cls(
            state=_BOLT.get(word) if isinstance(word, str) else None,
            battery=_percentage(data.get("batteryPercentage")),
            voltage=_voltage(data.get("batteryVoltage")),
            position=integer(data.get("position")),
            online=_flag(data.get("wm2State")),
            changed_at=moment(data.get("timestamp")),
        )


def parse_uuid(text: str) -> str:
    """Return a device's UUID in upper case, as the cloud wants it; NotAUuidError otherwise."""
    uuid = text.strip().upper()
    if not _UUID.fullmatch(uuid):
        raise NotAUuidError
    return uuid


def parse_secret(text: str) -> str:
    """Return a device's secret as 32 lower-case digits; NotASecretError otherwise."""
    secret = text.strip().lower()
    if not _SECRET.fullmatch(secret):
        raise NotASecretError
    return secret


def integer(value: Any) -> int | None:
    """Return a whole number of at most 31 bits, also one that came as 255.0; else None."""
    number = _number(value)
    if number is None or not number.is_integer() or abs(number) > _MAX_INTEGER:
        return None
    return int(number)


def moment(value: Any) -> datetime | None:
    """Return a Unix time as UTC, or None for anything that is none before the year 2100.

    The vendor documents milliseconds and sends seconds: the size tells which it is.
    """
    number = _number(value)
    if number is None:
        return None
    seconds = number / 1000 if number > _FIRST_MILLISECOND else number
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _YEAR_2100 else None


def _number(value: Any) -> float | None:
    """Return a finite number; None for anything else, also for true and false."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None


def _flag(value: Any) -> bool | None:
    """Return a yes or no, also one that came as 1 or 0; else None."""
    return bool(value) if value in (0, 1) and isinstance(value, bool | int | float) else None


def _percentage(value: Any) -> int | None:
    number = _number(value)
    return round(number) if number is not None and 0 <= number <= _MAX_PERCENTAGE else None


def _voltage(value: Any) -> float | None:
    number = _number(value)
    return number if number is not None and 0 <= number <= _MAX_VOLTAGE else None
