"""The vendor's products, by the number a share link begins with."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a device can be asked: lock and unlock, one press, or unlock only."""

    LOCK = "lock"
    BOT = "bot"
    BIKE = "bike"


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """One product. `model` is the vendor's own word, `kind` None for what is no lock.

    Keypads, sensors, remotes and hubs have no state of their own in the Web API.
    """

    number: int
    model: str
    name: str
    kind: Kind | None


def _product(number: int, model: str, name: str, kind: Kind | None = None) -> Product:
    return Product(number=number, model=model, name=name, kind=kind)


_PRODUCTS: Final = (
    _product(0, "sesame_2", "Sesame 3", Kind.LOCK),
    _product(2, "ssmbot_1", "Sesame Bot", Kind.BOT),
    _product(3, "bike_1", "Sesame Bike", Kind.BIKE),
    _product(4, "sesame_4", "Sesame 4", Kind.LOCK),
    _product(5, "sesame_5", "Sesame 5", Kind.LOCK),
    _product(6, "bike_2", "Sesame Bike 2", Kind.BIKE),
    _product(7, "sesame_5_pro", "Sesame 5 Pro", Kind.LOCK),
    _product(8, "open_sensor_1", "Open Sensor"),
    _product(9, "touch_pro", "Sesame Touch Pro"),
    _product(10, "touch", "Sesame Touch"),
    _product(11, "BLE_Connector_1", "BLE Connector", Kind.LOCK),
    _product(13, "hub_3", "Hub 3"),
    _product(14, "remote", "Remote"),
    _product(15, "remote_nano", "Remote nano"),
    _product(16, "sesame_5_us", "Sesame 5 US", Kind.LOCK),
    _product(17, "bot_2", "Sesame Bot 2", Kind.BOT),
    _product(18, "face_Pro", "Sesame Face Pro"),
    _product(19, "face", "Sesame Face"),
    _product(20, "sesame_6", "Sesame 6", Kind.LOCK),
    _product(21, "sesame_6_pro", "Sesame 6 Pro", Kind.LOCK),
    _product(22, "face_pro_ai", "Sesame Face Pro AI"),
    _product(23, "face_ai", "Sesame Face AI"),
    _product(24, "open_sensor_2", "Open Sensor 2"),
    _product(25, "touch_2", "Sesame Touch 2"),
    _product(26, "touch_2_pro", "Sesame Touch 2 Pro"),
    _product(27, "face_2", "Sesame Face 2"),
    _product(28, "face_2_pro", "Sesame Face 2 Pro"),
    _product(29, "sesame_miwa", "Sesame Miwa", Kind.LOCK),
    _product(30, "face_2_ai", "Sesame Face 2 AI"),
    _product(31, "face_2_pro_ai", "Sesame Face 2 Pro AI"),
    _product(32, "6_pro_slidingdoor", "Sesame 6 Pro for sliding doors", Kind.LOCK),
    _product(33, "bike_3", "Sesame Bike 3", Kind.BIKE),
    _product(35, "bot_3", "Sesame Bot 3", Kind.BOT),
    _product(36, "hub_3_lte", "Hub 3 LTE"),
)

PRODUCTS: Final[dict[int, Product]] = {product.number: product for product in _PRODUCTS}
