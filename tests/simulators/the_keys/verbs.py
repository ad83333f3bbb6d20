"""What a test or the demo can do to the gateway and its locks."""

import asyncio
import math
from typing import Any, override

from tests.simulators.base import Bolt, Simulator, verb

from .connections import Spacing
from .gateway import Gateway
from .lock import Lock, find
from .radio import GATEWAY_PHASE, Radio
from .replies import Fault, ForcedReply
from .settings import Settings, StateForm, Style


class GatewayVerbs(Simulator):
    """Verbs about the gateway and the locks; times are the real device's, in seconds.

    A lock's id is its identifier in the network, None the first lock.
    """

    gateway: Gateway
    radio: Radio
    settings: Settings
    spacing: Spacing

    # How the gateway was treated.

    @property
    def overlaps(self) -> int:
        """How many requests came while another was being answered."""
        return self.spacing.overlaps

    @property
    def hurried(self) -> int:
        """How many requests came too soon after an answer."""
        return self.spacing.hurried

    @property
    def signed_reads(self) -> dict[str, int]:
        """How often each lock was asked for its state over the radio."""
        return {lock_id: self.radio.signed_reads[lock_id] for lock_id in self.lock_ids}

    @property
    def acted(self) -> list[tuple[str, str]]:
        """The commands that made a motor run: (identifier, open | close | calibrate)."""
        return self.radio.acted

    @property
    def updates(self) -> list[str]:
        """The firmware updates somebody asked for."""
        return self.gateway.updates

    @verb
    def counters(self) -> dict[str, Any]:
        """Return how the gateway was treated."""
        return {
            "overlaps": self.overlaps,
            "hurried": self.hurried,
            "signed_reads": self.signed_reads,
            "acted": [list(pair) for pair in self.acted],
            "updates": self.updates,
        }

    # The gateway.

    @verb
    def configure(self, **settings: Any) -> None:
        """Change any of the Settings by name."""
        self.settings.change(**settings)

    @override
    def allow_haste(self) -> None:
        """Accept timestamps however far ahead of the clock they are."""
        self.settings.change(ahead=None)

    @verb
    def require_rest(self, seconds: float = 0.8) -> None:
        """Reset every request that comes sooner than this after an answer."""
        self.settings.change(gap_signed=seconds, gap_unsigned=seconds, resets_hurried=True)

    @verb
    def set_busy(self, times: int = 1, style: Style | None = None) -> None:
        """Be busy for the next signed or synchronising requests."""
        self.gateway.forced.busy = times
        self.settings.busy_style = style

    @verb
    def set_busy_for(self, seconds: float, endpoint: str | None = None) -> None:
        """Be busy for a time: for an endpoint, or for all that sign or synchronise."""
        until = asyncio.get_running_loop().time() + seconds * self.pace
        self.gateway.forced.busy_until[endpoint] = until

    @verb
    def start_synchronising(self, phase: str = GATEWAY_PHASE, seconds: float | None = 60.0) -> None:
        """Synchronise the gateway ("gw") or a lock (its identifier); None has no end."""
        if phase != GATEWAY_PHASE:
            self.lock(phase)
        self.radio.begin(phase, seconds)

    @verb
    def stop_synchronising(self) -> None:
        """End the synchronisation, and scan again."""
        self.radio.end()

    @verb
    def lose_clock(self, *, for_good: bool = False) -> None:
        """Forget the time: 38 until /synchronize, or ever after."""
        self.radio.signatures.has_time = False
        self.settings.heals_clock = not for_good

    @verb
    def set_clock_offset(self, seconds: float) -> None:
        """Set the gateway's clock ahead (or behind: negative); /synchronize sets it right."""
        self.radio.signatures.clock_offset = seconds

    @verb
    def freeze(self) -> None:
        """Accept requests and never answer them."""
        self.gateway.thawed.clear()

    @verb
    def unfreeze(self) -> None:
        """Work again; the requests that hang are reset."""
        self.gateway.thawed.set()

    @verb
    def old_firmware(self, *, old: bool = True) -> None:
        """Be a gateway from before the change counter and /status."""
        new = not old
        self.settings.change(has_status=new, has_last_log=new, version=16 if old else 65)

    # Its replies.

    @verb
    def set_reply_style(self, style: Style) -> None:
        """Answer as clients have seen it ("seen") or as the vendor's page has it ("page")."""
        self.settings.style = style

    @verb
    def set_state_form(self, form: StateForm) -> None:
        """Write the state of /locker_status as a number, as hexadecimal, or in `status`."""
        self.settings.state_form = form

    @verb
    def numbers_as_text(self, *, on: bool = True) -> None:
        """Write every number in quotes."""
        self.settings.numbers_as_text = on

    @verb
    def answer_code(
        self, code: int, times: int = 1, message: str = "", endpoint: str | None = None
    ) -> None:
        """Answer an error code to the next good requests to a path, or to any signed one."""
        self._force(ForcedReply(kind="code", path=endpoint, times=times, code=code, text=message))

    @verb
    def force_reply(self, endpoint: str, body: str, times: int = 1, status: int = 200) -> None:
        """Answer a body as it is, without doing anything, to the next requests to a path."""
        self._force(ForcedReply(kind="body", path=endpoint, times=times, text=body, status=status))

    @verb
    def answer_empty_list(self, times: int = 1) -> None:
        """List no lock at all in the next lists."""
        self.force_reply("/lockers", '{"status": "ok", "devices": []}', times)

    @verb
    def answer_for_other(self, other_id: str, lock_id: str | None = None, times: int = 1) -> None:
        """Answer the next reads of a lock with the state of another."""
        identifier = self.lock(lock_id).identifier
        self._force(
            ForcedReply(kind="other_lock", identifier=identifier, times=times, text=other_id)
        )

    @verb
    def lose_replies(self, times: int | None = 1, endpoint: str | None = None) -> None:
        """Do what the next requests to a path (None: signed ones) ask, and do not answer."""
        count = math.inf if times is None else times
        self._force(ForcedReply(kind="lost", path=endpoint, times=count))

    @verb
    def fail_lock(
        self, lock_id: str | None, fault: Fault | int | None, times: int | None = None
    ) -> None:
        """Let what is about one lock fail while others are answered; None ends it.

        A number is an error code; "silent" never answers, "reset" closes the connection,
        "lost" does what was asked and closes the connection.
        """
        identifier = self.lock(lock_id).identifier
        self.gateway.forced.fail(fault, times, identifier=identifier)

    @verb
    def fail_endpoint(
        self, endpoint: str, fault: Fault | int | None, times: int | None = None
    ) -> None:
        """Let one path fail while others are answered, as `fail_lock` does."""
        self.gateway.forced.fail(fault, times, path=endpoint)

    # The locks.

    @property
    @override
    def lock_ids(self) -> list[str]:
        """The identifiers on the network, not the ids of the account."""
        return [lock.identifier for lock in self.radio.locks]

    def lock(self, lock_id: str | None = None) -> Lock:
        """Return everything there is to know of a lock."""
        return find(self.radio.locks, lock_id)

    @override
    def bolt(self, lock_id: str | None = None) -> Bolt:
        """Return where the bolt is; "unknown" for a lock that has just started."""
        return self.lock(lock_id).bolt

    async def settle(self) -> None:
        """Wait until every motor stands still."""
        await self.radio.motors.done()

    @verb
    @override
    async def turn_by_hand(self, bolt: Bolt, lock_id: str | None = None) -> None:
        """Turn the lock; it knows locked and unlocked, and unlocked is all there is to open."""
        self.lock(lock_id).turn(bolt, counted=self.settings.counts_hand)

    @verb
    @override
    async def take_offline(self, lock_id: str | None = None) -> None:
        """Remove the lock from the list; signed requests get 34."""
        self.lock(lock_id).is_online = False

    @verb
    @override
    async def bring_online(self, lock_id: str | None = None) -> None:
        """Let the gateway see the lock again."""
        self.lock(lock_id).is_online = True

    @verb
    @override
    def jam(self, *, jammed: bool = True, lock_id: str | None = None) -> None:
        """Let the motor run and the answers be good, but nothing move."""
        self.lock(lock_id).is_jammed = jammed

    @verb
    def refuse_commands(self, *, refused: bool = True, lock_id: str | None = None) -> None:
        """Answer commands as ever, but do not even start the motor."""
        self.lock(lock_id).is_refusing = refused

    @verb
    def boot_lock(self, lock_id: str | None = None) -> None:
        """Restart the lock: it does not know its state (48) until it moves."""
        self.lock(lock_id).turn("unknown")

    @verb
    def set_battery(self, millivolts: int, lock_id: str | None = None) -> None:
        """Charge or drain the battery; one model of locks is near 4 V, one near 8 V."""
        self.lock(lock_id).battery = millivolts

    @verb
    def set_lock_firmware(self, version: int, lock_id: str | None = None) -> None:
        """Change a lock's firmware; below 57 its change counter does not move."""
        self.lock(lock_id).version = version

    @verb
    def set_travel(self, seconds: float | None, lock_id: str | None = None) -> None:
        """Let one lock's bolt take another time than the others'."""
        self.lock(lock_id).travel = seconds

    @verb
    def reset_counter(self, lock_id: str | None = None, last_log: int = 1) -> None:
        """Start the change counter over, below where it was."""
        self.lock(lock_id).last_log = last_log

    def _force(self, reply: ForcedReply) -> None:
        self.gateway.forced.forced.append(reply)
