"""Between the cloud and the devices: commands go down, and no word of them comes back."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.simulators.base import Bolt

from .device import Command, Device, Outcome
from .log import Cause
from .models import LOCK, TOGGLE, UNLOCK
from .motor import Motors
from .signature import is_signed

CAUSE: dict[Bolt, Cause] = {"locked": Cause.WEB_LOCK, "unlocked": Cause.WEB_UNLOCK}


@dataclass(kw_only=True)
class Hub:
    """The devices and what they were told.

    `tolerance` is how many windows of 256 seconds a signature may be off: how many the
    vendor allows is not known, so none by default. With `refuses` set, nothing obeys.
    """

    clock: Callable[[], float]
    motors: Motors
    devices: dict[str, Device] = field(default_factory=dict)
    received: list[Command] = field(default_factory=list)
    tolerance: int = 0
    refuses: bool = False

    def device(self, uuid: str | None) -> Device:
        """The device of an id, or the first; KeyError for a stranger."""
        return self.devices[next(iter(self.devices), "") if uuid is None else uuid]

    def take(self, device: Device, number: int, tag: bytes, sign: str) -> Outcome:
        """Hand a command to a device, which does it or lets it fall."""
        outcome = self._judge(device, number, sign)
        self.received.append(
            Command(at=self.clock(), uuid=device.uuid, number=number, tag=tag, outcome=outcome)
        )
        if outcome == "obeyed":
            self._obey(device, number, tag)
        return outcome

    def _judge(self, device: Device, number: int, sign: str) -> Outcome:
        if self.refuses:
            return "refused"
        if not device.is_online:
            return "offline"
        if not is_signed(sign, device.secret, self.clock(), tolerance=self.tolerance):
            return "bad_sign"
        return "obeyed" if number in device.model.commands else "unsupported"

    def _obey(self, device: Device, number: int, tag: bytes) -> None:
        target = _target(device, number)
        cause = Cause.WEB_CLICK if target is None else CAUSE[target]
        device.log.add(cause, self.clock(), tag)
        device.report(self.clock())
        if target is None:
            self.motors.click(device)
        else:
            self.motors.drive(device, target)


def _target(device: Device, number: int) -> Bolt | None:
    """Where a command sends the bolt; None for those that press a button."""
    if number == TOGGLE:
        return "unlocked" if device.bolt == "locked" else "locked"
    targets: dict[int, Bolt] = {LOCK: "locked", UNLOCK: "unlocked"}
    return targets.get(number)
