"""Verbs of what happens at the lock: people and keys, radio, battery, clocks, spellings."""

from typing import Any, Literal, override

from tests.simulators.base import Bolt, verb

from .bridge import NoKey
from .const import (
    AUTO_UNLOCK,
    BUTTON,
    GOING_BLE,
    GOING_REMOTE,
    GOING_TWIST_ASSIST,
    LOCAL_ID,
    PIN,
    REACHED,
    STATE,
    TOUCH_TO_LOCK,
    TOUCH_TO_OPEN,
    State,
)
from .device import LoqedDevice
from .lock import RADIO_SECONDS, Movement

# How long the bridge waits before it reports that the lock is gone.
OFFLINE_SECONDS = 15.0


class LockVerbs(LoqedDevice):
    """What people do with the lock, and what the bridge hears of it.

    A verb with a motor returns when its first push was sent; the others return when the
    bridge's status shows what they did, too, unless `lag_status` was called.
    """

    @verb
    @override
    async def turn_by_hand(self, bolt: Bolt, lock_id: str | None = None) -> None:
        """The knob is turned; also while the motor is jammed or the lock is offline."""
        self.only(lock_id)
        state = STATE[bolt]
        self.lock.turn(state)
        await self.rest(RADIO_SECONDS)
        report = self.reporter.reached(state, REACHED[state], None)
        if report is not None:
            await report

    @verb
    async def use_key(self, key_id: int = LOCAL_ID, bolt: Bolt = "unlocked") -> None:
        """A phone near the door moves the lock with the key of a slot (0 to 250)."""
        await self._move(STATE[bolt], GOING_BLE[STATE[bolt]], key_id)

    @verb
    async def touch_to_open(self, key_id: int = LOCAL_ID) -> None:
        """The owner of a key touches the lock from outside."""
        await self._move("open", TOUCH_TO_OPEN, key_id)

    @verb
    async def touch_to_lock(
        self, told: Literal["going", "reached", "both"] = "both", key_id: int | None = None
    ) -> None:
        """Locked by touch, which is told as going to, as reached, or as both."""
        reached = REACHED["night_lock"] if told == "going" else TOUCH_TO_LOCK
        going = None if told == "reached" else TOUCH_TO_LOCK
        await self._move("night_lock", going, key_id, reached)

    @verb
    async def twist_assist(self, bolt: Bolt = "unlocked") -> None:
        """The knob is turned a little and the motor does the rest."""
        await self._move(STATE[bolt], GOING_TWIST_ASSIST[STATE[bolt]], None)

    @verb
    async def pin(self, key_id: int | None = None) -> None:
        """A right PIN on the module outside; it may be known as a key of its own."""
        await self._move("open", PIN, key_id)

    @verb
    async def button(self) -> None:
        """The button of the module outside."""
        await self._move("open", BUTTON, None)

    @verb
    async def auto_unlock(self, key_id: int = LOCAL_ID) -> None:
        """A phone comes home."""
        await self._move("day_lock", AUTO_UNLOCK, key_id)

    @verb
    async def remote(self, bolt: Bolt = "unlocked", key_id: int = LOCAL_ID) -> None:
        """Somebody far away uses the vendor's app; the arrival is told as remote too."""
        state = STATE[bolt]
        await self._move(state, GOING_REMOTE[state], key_id, f"{REACHED[state]}_REMOTE")

    @verb
    def stall(self) -> None:
        """The motor stalls half way the next time it moves."""
        self.lock.stalls_next = True

    @verb
    @override
    def jam(self, *, jammed: bool = True, lock_id: str | None = None) -> None:
        """Every movement of the motor stalls, and the bolt stays where it is."""
        self.only(lock_id)
        self.lock.is_jammed = jammed

    @verb
    def fit_handle(self, *, fitted: bool = True) -> None:
        """The door has a handle outside: OPEN only unlocks, and the cloud does not offer it."""
        self.lock.has_handle = fitted

    @verb
    @override
    async def take_offline(self, lock_id: str | None = None, *, battery: bool = False) -> None:
        """The lock falls silent; returns when the bridge noticed and pushed it.

        Commands are lost from the first moment. With `battery`, a battery of -1 percent
        is pushed as well.
        """
        self.only(lock_id)
        self.lock.is_reachable = False
        await self.rest(OFFLINE_SECONDS)
        await self.reporter.online()
        if battery:
            await self.reporter.battery()

    @verb
    @override
    async def bring_online(self, lock_id: str | None = None, *, announce: bool = True) -> None:
        """The lock is heard again; without `announce` only the status shows it."""
        self.only(lock_id)
        self.lock.is_reachable = True
        await self.rest(RADIO_SECONDS)
        if announce:
            await self.reporter.online()
        else:
            self.reporter.learn()

    @verb
    async def set_battery(
        self,
        percentage: int | None = None,
        battery_type: int | None = None,
        voltage: float | None = None,
        *,
        push: bool = True,
    ) -> None:
        """Change the battery: percent, type (0 alkaline, 1 NiMH, 2 lithium, 3 unknown), volt."""
        lock = self.lock
        lock.battery = lock.battery if percentage is None else percentage
        lock.battery_type = lock.battery_type if battery_type is None else battery_type
        lock.voltage = lock.voltage if voltage is None else voltage
        if push:
            await self.reporter.battery()
        else:
            self.reporter.learn()

    @verb
    async def send_battery(self) -> None:
        """Push the battery as it is; -1 percent while the lock is offline."""
        await self.reporter.battery()

    @verb
    async def set_signal(self, wifi: int | None = None, ble: int | None = None) -> None:
        """Change the strength of the radios, in percent, and push them."""
        self.bridge.wifi = self.bridge.wifi if wifi is None else wifi
        self.lock.ble = self.lock.ble if ble is None else ble
        await self.reporter.online()

    @verb
    async def send_online(self) -> None:
        """Push the strength of the radios as it is."""
        await self.reporter.online()

    @verb
    def skew_clock(self, seconds: float, *, lock_too: bool = False) -> None:
        """Put the bridge's clock wrong by this much, and the lock's as well if wanted."""
        self.bridge.clock.skew = seconds
        self.lock.clock.skew = seconds if lock_too else 0.0

    @verb
    def lag_status(self, seconds: float) -> None:
        """The status follows a push only after this long (at our pace), and nothing waits."""
        self.reporter.lag = seconds
        self.reporter.is_lag_part_of_report = False

    @verb
    def numbers_as_text(self, *, on: bool = True) -> None:
        """Write every number of pushes and status as text."""
        self.bridge.spelling.numbers_as_text = on

    @verb
    def battery_type_as_number(self, *, on: bool = True) -> None:
        """Write the battery type as a number."""
        self.bridge.spelling.battery_type_as_number = on

    @verb
    def no_key_as(self, spelling: NoKey = "documented") -> None:
        """How the absence of a key is spelt.

        Documented: null in what is reached, 255 in what is gone to. Also seen: null,
        255, empty, absent.
        """
        self.bridge.spelling.no_key = spelling

    @verb
    def extra_fields(self, fields: dict[str, Any] | None = None) -> None:
        """Add fields to every push; none ends it."""
        self.bridge.spelling.extra = dict(fields or {})

    @verb
    def status_fields(
        self, fields: dict[str, Any] | None = None, without: list[str] | None = None
    ) -> None:
        """Answer these status fields as given and leave those out; neither ends it."""
        self.bridge.override_status(fields or {}, without or [])

    async def _move(
        self, target: State, going: str | None, key: int | None, reached: str | None = None
    ) -> None:
        movement = Movement(target=target, going=going, reached=reached or REACHED[target], key=key)
        await self.motor.start(movement).wait()
