"""One vendor's devices in a Home Assistant whose clocks a test moves, and what must hold."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
import logging
import re
from typing import Any, Final

from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import slugify
import pytest
from yarl import URL

from custom_components.smartlocks.const import DOMAIN, SUBENTRY_LOCK
from custom_components.smartlocks.state_tracker import Timing
from custom_components.smartlocks.vendors.sesame_v3.mapping import timing as sesame_v3
from tests.clock import MONOTONIC, WallClock
from tests.simulators import SIMULATORS
from tests.simulators.base import Server, Simulator
from tests.state_tracker.timings import ROWS, sesame_web
from tests.vendors.answers import OTHER_WAYS
from tests.vendors.contract import Installation
from tests.vendors.home import call, reauth_flows

from . import leftovers
from .passing import PassingTime

# Beside the bound: how long a read may take that is under way, and the wait for a retry.
READ: Final = 75.0
# What a restart of Home Assistant does not forget: a session that its end would close.
_STAYS: Final = f"{DOMAIN}_cloud_session"

# What ends by itself, and is of the host's address at a vendor, not of an entry.
_OUTLIVES: Final = "RateLimit._async_end_block"

_TIMINGS: Final = {row.name: row.timing for row in ROWS}


@dataclass(frozen=True, kw_only=True, slots=True)
class Vendor:
    """A vendor, or another way to set its device up.

    `command` is what moves a lock. All is well again so many seconds after a fault, at most
    (`patience`).
    """

    name: str
    timing: Timing
    command: str
    patience: float
    way: str = ""
    is_local: bool = False


VENDORS: Final[Mapping[str, Vendor]] = {
    "loqed": Vendor(
        name="LOQED",
        timing=_TIMINGS["loqed"],
        command="^GET /to_lock",
        patience=900.0,
        is_local=True,
    ),
    "loqed_web": Vendor(
        name="LOQED without its bridge",
        timing=_TIMINGS["loqed-web"],
        command="^GET .*/bolt_state/",
        # An account is blocked for 12 hours, and 20 reads are all there are in as many.
        patience=13 * 3600.0,
        way="loqed without a bridge",
    ),
    "the_keys": Vendor(
        name="The Keys",
        timing=_TIMINGS["the-keys"],
        command="/(open|close)$",
        patience=300.0,
        is_local=True,
    ),
    "sesame_web": Vendor(
        name="Sesame 3 and later",
        timing=sesame_web(2),
        command="^POST .*/cmd$",
        patience=3 * 3600.0,
    ),
    "sesame_v3": Vendor(
        name="SESAME, first generation",
        timing=sesame_v3(2),
        command="^POST /sesame/",
        patience=4000.0,
    ),
}


def simulator_of(vendor: str, wall: WallClock) -> Simulator:
    """Return the devices of a vendor, at their real pace and with the right time."""
    way = VENDORS[vendor].way
    return (OTHER_WAYS[way][0] if way else SIMULATORS[vendor])(pace=1.0, clock=wall.right)


@dataclass(kw_only=True)
class World:
    """A vendor's simulator, the Home Assistant that uses it, and what was seen to go wrong.

    `untrue` is the longest time, in seconds, for which a lock was shown as locked that
    was not; `false` the same for any position that it was not in. `faulty` is the server
    that faults of the connection happen to, `others` are devices in the place of ours,
    `attack` somebody who calls us again and again. `waited` is how long after the fault
    the device could not be set up, in seconds.
    """

    hass: HomeAssistant
    vendor: str
    simulator: Simulator
    address: URL
    wall: WallClock
    caplog: pytest.LogCaptureFixture
    entry: ConfigEntry | None = None
    untrue: float = 0.0
    false: float = 0.0
    phase: str = ""
    waited: float = 0.0
    others: list[Simulator] = field(default_factory=list)
    attack: asyncio.Task[None] | None = None
    faulty: Server = field(init=False)
    time: PassingTime = field(init=False)
    _locks: dict[str, str] = field(init=False)
    _false_since: dict[tuple[str, bool], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take the locks and their entities."""
        self.time = PassingTime(self._look)
        self.faulty = self.device
        self._locks = {
            lock_id: f"lock.{slugify(self.simulator.lock_name(lock_id))}"
            for lock_id in self.simulator.lock_ids
        }

    @property
    def installation(self) -> Installation:
        """How the devices are set up, at the addresses that they have now."""
        return Installation.of(self.simulator, VENDORS[self.vendor].way)

    @property
    def lock(self) -> str:
        """The entity of the first lock."""
        return self.installation.lock

    @property
    def timing(self) -> Timing:
        """The vendor's numbers, from which the README's bounds follow."""
        return VENDORS[self.vendor].timing

    @property
    def patience(self) -> float:
        """In how many seconds after a fault all must be well again."""
        return VENDORS[self.vendor].patience

    @property
    def servers(self) -> tuple[Server, ...]:
        """All that listen: what the integration talks to comes first."""
        return self.simulator.servers

    @property
    def device(self) -> Server:
        """What the integration reads and commands."""
        return self.servers[0]

    @property
    def shown(self) -> str | None:
        """What Home Assistant shows of the first lock; None while there is no entity."""
        found = self.hass.states.get(self.lock)
        return None if found is None else found.state

    @property
    def bolt(self) -> str:
        """Where the first lock's bolt is."""
        return self.simulator.bolt()

    @property
    def is_true(self) -> bool:
        """Whether the first lock is shown as it is."""
        return self.shown == self.bolt

    @property
    def commands(self) -> int:
        """How many commands have reached the device or the cloud."""
        pattern = VENDORS[self.vendor].command
        return sum(
            re.search(pattern, f"{request.method} {request.path}") is not None
            for request in self.device.requests
        )

    # Time.

    async def during[T](self, job: Awaitable[T]) -> T:
        """Let time pass until something is done."""
        return await self.time.during(job)

    async def wait(self, seconds: float) -> None:
        """Let time pass."""
        await self.time.wait(seconds)

    async def wait_for_truth(self, limit: float) -> float | None:
        """Wait until the lock is shown as it is; returns the seconds it took, None if never."""
        began = MONOTONIC()
        await self.time.quiet()
        while not self.is_true:
            if MONOTONIC() - began > limit:
                return None
            await self.time.wait(1.0)
        return MONOTONIC() - began

    def _look(self) -> None:
        """Measure for how long something false is shown."""
        now = MONOTONIC()
        for lock_id, entity_id in self._locks.items():
            found, bolt = self.hass.states.get(entity_id), self.simulator.bolt(lock_id)
            shown = None if found is None else found.state
            is_false = shown in ("locked", "unlocked", "open") and shown != bolt
            self._note(lock_id, is_false=is_false, is_locked=False, now=now)
            self._note(lock_id, is_false=is_false and shown == "locked", is_locked=True, now=now)

    def _note(self, lock_id: str, *, is_false: bool, is_locked: bool, now: float) -> None:
        key = (lock_id, is_locked)
        if (since := self._false_since.get(key)) is not None:
            if is_locked:
                self.untrue = max(self.untrue, now - since)
            else:
                self.false = max(self.false, now - since)
        if not is_false:
            self._false_since.pop(key, None)
        else:
            self._false_since.setdefault(key, now)

    def look_anew(self) -> None:
        """Forget what was false until now."""
        self.untrue = self.false = 0.0
        self._false_since.clear()

    # What people do.

    async def set_up(self, installation: Installation | None = None) -> str | None:
        """Go through the flow once; returns what was told instead of an entry."""
        installation = installation or self.installation
        flows, answers = self.hass.config_entries.flow, installation.answers
        page: Any = await self.during(flows.async_init(DOMAIN, context={"source": SOURCE_USER}))
        page, error = await self._fill_in(flows, page, answers.forms, answers.choices)
        if error is not None:
            return error
        if page["type"] is FlowResultType.ABORT:
            return str(page["reason"])
        self.entry = page["result"]
        await self.time.quiet()
        # One more lock, where each is added by itself.
        for forms in answers.locks[:1]:
            subflows = self.hass.config_entries.subentries
            page = await self.during(
                subflows.async_init(
                    (page["result"].entry_id, SUBENTRY_LOCK), context={"source": SOURCE_USER}
                )
            )
            await self._fill_in(subflows, page, forms, answers.choices)
        return None

    async def _fill_in(
        self, flows: Any, page: Any, forms: Mapping[str, Any], choices: frozenset[str]
    ) -> tuple[Any, str | None]:
        """Fill in forms until there are no more, or one is not taken: then also why."""
        while page["type"] in (FlowResultType.MENU, FlowResultType.FORM):
            if page.get("errors"):
                flows.async_abort(page["flow_id"])
                return page, str(next(iter(page["errors"].values())))
            if page["type"] is FlowResultType.MENU:
                (choice,) = choices.intersection(page["menu_options"])
                filled: Mapping[str, Any] = {"next_step_id": choice}
            else:
                filled = forms[page["step_id"]]
            page = await self.during(flows.async_configure(page["flow_id"], dict(filled)))
        return page, None

    async def install(self) -> None:
        """Set everything up, and wait until everything is as usual."""
        assert await self.set_up() is None
        await self._give_address()
        # The first report is read again, and the first calls are only hints.
        await self.wait(150)
        assert self.is_true

    async def _give_address(self) -> None:
        """Tell the vendors our address to whom only a person can tell it."""
        assert self.entry is not None
        if self.vendor == "sesame_v3":
            self.simulator.set_webhook(self.entry.runtime_data.hook, "POST")  # type: ignore[attr-defined]
        if self.vendor == "loqed_web":
            options = self.hass.config_entries.options
            page: Any = await options.async_init(self.entry.entry_id)
            for filled in ({"next_step_id": "loqed_hints"}, {"use_names": True}):
                page = await self.during(options.async_configure(page["flow_id"], filled))
            (entered,) = page["data_schema"].schema
            told: str = entered.description["suggested_value"]
            await self.during(options.async_configure(page["flow_id"], {"address": told}))
            self.simulator.add_cloud_webhook(told)  # type: ignore[attr-defined]

    async def tell_address(self) -> None:
        """Tell Home Assistant where the device is now, in the form to reconfigure."""
        assert self.entry is not None
        flows, url = self.hass.config_entries.flow, self.device.url
        context: Any = {"source": "reconfigure", "entry_id": self.entry.entry_id}
        page: Any = await self.during(flows.async_init(DOMAIN, context=context))
        if page["type"] is FlowResultType.MENU:
            step = {"next_step_id": "loqed_address"}
            page = await self.during(flows.async_configure(page["flow_id"], step))
        filled = {"host": f"{url.host}:{url.port}"}
        page = await self.during(flows.async_configure(page["flow_id"], filled))
        assert page["type"] is FlowResultType.ABORT, page
        assert page["reason"] == "reconfigure_successful"

    async def turn(self, bolt: Any) -> None:
        """Turn the lock by hand, a moment after whatever was before."""
        await self.wait(1.5)
        await self.during(self.simulator.turn_by_hand(bolt))

    async def ask(self, service: str) -> str | None:
        """Tell the lock something; returns the key of the error, None if there was none."""
        try:
            await call(self.hass, service, self.lock)
        except HomeAssistantError as err:
            return err.translation_key or repr(err)
        return None

    # What happens to the device.

    @property
    def secret(self) -> str:
        """The secret of the first lock, where it has one of its own."""
        return str(self.installation.answers.forms["sesame_web_device_uuid"]["secret"])

    def fail_lock(self, number: int, fault: Any) -> None:
        """Let what is asked about one lock fail; None ends it."""
        simulator: Any = self.simulator
        simulator.fail_lock(simulator.lock_ids[number], fault)

    def call_nobody(self) -> None:
        """Lose every call, until the device is set up anew."""
        simulator: Any = self.simulator
        match self.vendor:
            case "loqed":
                simulator.stop_pushing()
            case "loqed_web":
                simulator.lose_cloud_calls()
            case "sesame_v3":
                simulator.lose_webhooks()

    async def reboot(self, bolt: Any) -> None:
        """Let the device, or the way to its cloud, be gone for half a minute; the lock turns."""
        simulator: Any = self.simulator
        match self.vendor:
            case "loqed":
                back = asyncio.ensure_future(simulator.restart_bridge(seconds=30.0))
                await self.turn(bolt)
                await self.during(back)
            case "the_keys":
                await self.during(simulator.reboot(30.0, forgets_clock=True))
                await self.turn(bolt)
                await self.wait(30)
            case _:
                await self.during(simulator.switch_off())
                await self.turn(bolt)
                await self.wait(30)
                await self.during(simulator.switch_on())

    # What happens to the entry.

    async def reload(self) -> None:
        """Reload the entry, as an option does."""
        assert self.entry is not None
        await self.during(self.hass.config_entries.async_reload(self.entry.entry_id))

    async def restart(self) -> None:
        """Start Home Assistant anew, as far as the integration can tell."""
        assert self.entry is not None
        await self.during(self.hass.config_entries.async_unload(self.entry.entry_id))
        self.hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
        await self.time.quiet()
        data: dict[Any, Any] = self.hass.data
        for key in [key for key in data if str(key).startswith(f"{DOMAIN}_")]:
            if key != _STAYS:
                del data[key]
        await self.during(self.hass.config_entries.async_setup(self.entry.entry_id))

    async def remove(self) -> None:
        """Delete the entry; afterwards nothing may be sent to the device any more."""
        if self.entry is None:
            return
        await self.during(self.hass.config_entries.async_remove(self.entry.entry_id))
        self.entry = None
        before = self._requests
        await self.wait(300)
        assert self._requests == before, "asked after it was removed"

    @property
    def _requests(self) -> int:
        return sum(len(server.requests) for server in self.servers)

    async def log_in_again(self) -> bool:
        """Answer a request for new credentials, if there is one, with those that are right."""
        if self.entry is None or not reauth_flows(self.hass):
            return False
        for flow in reauth_flows(self.hass):
            self.hass.config_entries.flow.async_abort(flow["flow_id"])
        await self.reload()
        return True

    # What must hold.

    def leftovers(self) -> list[str]:
        """Return what is left of a removed entry."""
        device = self.device if VENDORS[self.vendor].is_local else None
        return [
            *leftovers.tasks(),
            *(timer for timer in leftovers.timers(self.hass) if _OUTLIVES not in timer),
            *leftovers.connections(self.servers, device),
        ]

    def complaints(self) -> list[str]:
        """Return what the log holds that it must not: exceptions and errors of ours."""
        return [
            f"{record.name}: {record.getMessage()}"
            for record in self.caplog.records
            if is_complaint(record)
        ]


def is_complaint(record: logging.LogRecord) -> bool:
    text = record.getMessage() + str(record.exc_text or "")
    if record.levelno >= logging.ERROR and record.name in (
        "asyncio",
        f"custom_components.{DOMAIN}",
    ):
        # A task whose exception nobody took, a session that nobody closed; what we call an error.
        return True
    if record.exc_info and record.exc_info[1] is not None:
        is_told = isinstance(record.exc_info[1], HomeAssistantError)
        return not is_told and DOMAIN in text
    return "Traceback" in text and DOMAIN in text
