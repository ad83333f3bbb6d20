"""What a story made the gateway say, whatever it would have said by itself."""

from dataclasses import dataclass, field

from .refusal import RefusedError, busy
from .traffic import SIGNED


@dataclass(kw_only=True, slots=True)
class Order:
    """An answer for the next `times` requests to a path, or to any signed one (None)."""

    path: str | None
    times: int
    code: int = 0
    text: str = ""
    status: int = 200

    def is_for(self, path: str) -> bool:
        """Whether the order concerns a request to a path."""
        return self.times > 0 and (path in SIGNED if self.path is None else path == self.path)


@dataclass(kw_only=True, slots=True)
class Orders:
    """The orders in force: codes, whole bodies, and being busy for a number of requests."""

    codes: list[Order] = field(default_factory=list)
    bodies: list[Order] = field(default_factory=list)
    busy: int = 0

    def check_busy(self) -> None:
        """Refuse while busy."""
        if self.busy > 0:
            self.busy -= 1
            raise busy()

    def check_code(self, path: str) -> None:
        """Refuse with an ordered code."""
        if order := _take(self.codes, path):
            raise RefusedError(order.code, order.text)

    def body(self, path: str) -> Order | None:
        """Take the next ordered body for a path, None when there is none."""
        return _take(self.bodies, path)


def _take(orders: list[Order], path: str) -> Order | None:
    for order in orders:
        if order.is_for(path):
            order.times -= 1
            return order
    return None
