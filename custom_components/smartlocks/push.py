"""Vendors that call us: how they may, and what their coordinators then owe."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

from .coordinator import SmartLocksCoordinator
from .models import PushCall


@dataclass(frozen=True, kw_only=True, slots=True)
class PushPolicy:
    """How a vendor may call us: which methods, and from where.

    Where calls are `is_optional`, that we have no address of our own is nothing amiss.
    """

    methods: tuple[Literal["POST", "GET"], ...]
    origin: Literal["local", "internet"]
    is_optional: bool = False


class PushCoordinator(SmartLocksCoordinator):
    """A coordinator whose vendor can call us when something happens."""

    push_policy: ClassVar[PushPolicy]

    @abstractmethod
    async def async_subscribe(self, url: str) -> None:
        """See to it that the vendor calls this address, and no older one of ours.

        May be called again and again. Trouble is the coordinator's to tell and to mend
        later: this raises nothing.
        """

    @abstractmethod
    async def async_unsubscribe(self) -> None:
        """Take our address from the vendor where it can be reached; raises nothing."""

    @abstractmethod
    async def async_receive(self, call: PushCall) -> None:
        """Take a call; PushNotVerifiedError or PushNotUnderstoodError, without waiting for I/O."""
