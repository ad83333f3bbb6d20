"""Verbs of the radios, the battery and the clocks."""

from typing import Any, override

from tests.simulators.base import verb

from .device import LoqedDevice
from .dialect import NoKey
from .motor import RADIO_SECONDS

# How long the bridge waits before it believes that the lock is gone.
OFFLINE_SECONDS = 15.0


class RadioVerbs(LoqedDevice):
    """What the bridge hears of its lock, and how it says so."""

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
        """The status follows a push only after this long (at our pace)."""
        self.reporter.lag = seconds

    @verb
    def numbers_as_text(self, *, on: bool = True) -> None:
        """Write every number of pushes and status as text."""
        self.bridge.dialect.numbers_as_text = on

    @verb
    def battery_type_as_number(self, *, on: bool = True) -> None:
        """Write the battery type as a number."""
        self.bridge.dialect.battery_type_as_number = on

    @verb
    def no_key_as(self, spelling: NoKey = "documented") -> None:
        """How the absence of a key is spelt.

        Documented: null in what is reached, 255 in what is gone to. Also seen: null,
        255, empty, absent.
        """
        self.bridge.dialect.no_key = spelling

    @verb
    def extra_fields(self, fields: dict[str, Any] | None = None) -> None:
        """Add fields to every push; none ends it."""
        self.bridge.dialect.extra = dict(fields or {})

    @verb
    def status_fields(
        self, fields: dict[str, Any] | None = None, without: list[str] | None = None
    ) -> None:
        """Answer these status fields as given and leave those out; neither ends it."""
        self.bridge.override_status(fields or {}, without or [])
