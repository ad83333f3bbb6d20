"""The LOQED simulator."""

from tests.simulators.base import verb

from .account import AccountVerbs
from .door import DoorVerbs
from .radio import RadioVerbs
from .wire import WireVerbs


class LoqedSimulator(DoorVerbs, RadioVerbs, WireVerbs, AccountVerbs):
    """A LOQED lock, its bridge of either generation, and the account that lists them."""

    @verb
    async def settle(self) -> None:
        """Wait until nothing moves, nothing is being delivered, and the status is true."""
        await self._tasks.settle()
