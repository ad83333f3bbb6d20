"""Verbs of what happens at the door."""

from typing import Literal, override

from tests.simulators.base import Bolt, verb

from .device import LoqedDevice
from .made_up import LOCAL_ID
from .motor import RADIO_SECONDS, Movement
from .words import (
    AUTO_UNLOCK,
    BUTTON,
    GOING_BLE,
    GOING_REMOTE,
    GOING_TWIST_ASSIST,
    PIN,
    REACHED,
    STATE,
    TOUCH_TO_LOCK,
    TOUCH_TO_OPEN,
    State,
)


class DoorVerbs(LoqedDevice):
    """People and their keys. A verb with a motor returns when its first push is delivered."""

    @verb
    @override
    async def turn_by_hand(self, bolt: Bolt, lock_id: str | None = None) -> None:
        """The knob is turned; returns when that was pushed. Works while jammed or offline."""
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

    async def _move(
        self, target: State, going: str | None, key: int | None, reached: str | None = None
    ) -> None:
        movement = Movement(target=target, going=going, reached=reached or REACHED[target], key=key)
        await self.motor.start(movement).wait()
