"""The part of a story that happens to the gateway."""

from typing import Any

from tests.simulators.base import verb

from .gateway import Gateway
from .lock import find
from .orders import Order
from .radio import GATEWAY_PHASE, Radio
from .settings import Settings, Style
from .traffic import Traffic


class GatewayVerbs:
    """What can be done to the gateway; times are the real device's, in seconds."""

    gateway: Gateway
    radio: Radio
    settings: Settings
    traffic: Traffic

    @property
    def overlaps(self) -> int:
        """How many requests came while another was being answered."""
        return self.traffic.overlaps

    @property
    def hurried(self) -> int:
        """How many requests came too soon after an answer."""
        return self.traffic.hurried

    @property
    def signed_reads(self) -> dict[str, int]:
        """How often each lock was asked for its state over the radio."""
        return {lock.identifier: self.radio.signed_reads[lock.identifier] for lock in self._locks}

    @property
    def acted(self) -> list[tuple[str, str]]:
        """The commands that made a motor run: (identifier, open | close | calibrate)."""
        return self.radio.acted

    @property
    def updates(self) -> list[str]:
        """The firmware updates somebody asked for."""
        return self.gateway.pages.updates

    @verb
    def counters(self) -> dict[str, Any]:
        """Tell how the gateway was treated."""
        return {
            "overlaps": self.overlaps,
            "hurried": self.hurried,
            "signed_reads": self.signed_reads,
            "acted": [list(pair) for pair in self.acted],
            "updates": self.updates,
        }

    @verb
    def configure(self, **settings: Any) -> None:
        """Change any of the Settings by name."""
        self.settings.change(**settings)

    def allow_haste(self) -> None:
        """Take timestamps however far ahead of the clock they are."""
        self.settings.change(ahead=None)

    @verb
    def set_busy(self, times: int = 1, style: Style | None = None) -> None:
        """Be busy for the next signed or synchronising requests."""
        self.gateway.orders.busy = times
        self.settings.busy_style = style

    @verb
    def start_synchronising(self, phase: str = GATEWAY_PHASE, seconds: float | None = 60.0) -> None:
        """Synchronise the gateway ("gw") or a lock (its identifier); None has no end."""
        if phase != GATEWAY_PHASE:
            find(self._locks, phase)
        self.radio.begin(phase, seconds)

    @verb
    def stop_synchronising(self) -> None:
        """Be done with it, and scan again."""
        self.radio.end()

    @verb
    def lose_clock(self, *, for_good: bool = False) -> None:
        """Forget the time: 38 until /synchronize, or ever after."""
        self.radio.guard.has_time = False
        self.settings.heals_clock = not for_good

    @verb
    def freeze(self) -> None:
        """Take requests and never answer them."""
        self.gateway.thawed.clear()

    @verb
    def unfreeze(self) -> None:
        """Work again; the requests that hang are reset."""
        self.gateway.thawed.set()

    @verb
    def set_reply_style(self, style: Style) -> None:
        """Answer as clients have seen it ("seen") or as the vendor's page has it ("page")."""
        self.settings.style = style

    @verb
    def numbers_as_text(self, *, on: bool = True) -> None:
        """Write every number in quotes."""
        self.settings.numbers_as_text = on

    @verb
    def old_firmware(self, *, old: bool = True) -> None:
        """Be a gateway from before the change counter and /status."""
        new = not old
        self.settings.change(has_status=new, has_last_log=new, version=16 if old else 65)

    @verb
    def answer_code(
        self, code: int, times: int = 1, message: str = "", endpoint: str | None = None
    ) -> None:
        """Answer an error code to the next good requests to a path, or to any signed one."""
        order = Order(path=endpoint, times=times, code=code, text=message)
        self.gateway.orders.codes.append(order)

    @verb
    def force_reply(self, endpoint: str, body: str, times: int = 1, status: int = 200) -> None:
        """Answer a body as it is, without a look at the next requests to a path."""
        order = Order(path=endpoint, times=times, text=body, status=status)
        self.gateway.orders.bodies.append(order)

    @property
    def _locks(self) -> Any:
        return self.radio.locks
