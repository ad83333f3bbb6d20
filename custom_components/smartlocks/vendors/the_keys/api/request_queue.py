"""What the client asks of the queue in front of the gateway."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol


class RequestQueue(Protocol):
    """One caller at a time, urgent ones first, then a rest for the device.

    All clients of one gateway share one.
    """

    def turn(self, *, urgent: bool = False, rest: float = 0.0) -> AbstractAsyncContextManager[None]:
        """Wait for the turn and hold it; `rest` is in seconds, counted from its end."""
