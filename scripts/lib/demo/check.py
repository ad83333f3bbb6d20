"""The check: drive every lock, and look for what must not be there."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, zip_longest
import json
import re
import textwrap
import time

from .console import WIDTH, DemoError, complain, say
from .devices import Device
from .home_assistant import Connection, HomeAssistant, State
from .setup import DOMAIN, Demo

# The slowest real lock needs 16 s; a cloud that is behind is believed again after a minute.
SETTLE_SECONDS = 90.0
# Pushes carry whole seconds, and of two in the same second "locked" proves nothing: no hand
# turns a lock twice within one.
HAND_PAUSE = 1.5
# A turn by hand that is pushed shows at once; one that is not is asked for after this.
PUSH_SECONDS = 5.0
ASKED = "(asked)"
GONE = frozenset({"unavailable", "unknown"})
# The widest that a column of the table may be; together with the spaces between, 80.
HEADINGS = {"device": 10, "step": 17, "states seen": 20, "bolt": 8, "s": 5, "verdict": 10}

LOG_RECORD = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\S* (?P<level>[A-Z]+) \(.*?\) \[(?P<logger>[\w.]+)\]"
)
BAD_LEVELS = frozenset({"WARNING", "ERROR", "CRITICAL"})
# Home Assistant says it of every custom integration.
NOTICE = f"custom integration {DOMAIN} which has not been tested by Home Assistant"
# The demo has no camera and no voice, and not the programs for them.
NOT_OURS = ("haffmpeg", "homeassistant.components.camera.img_util")
SHORTEST_SECRET = 6
LONGEST_QUOTE = 600


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What is expected after a command or a turn by hand.

    The `goal` must be seen, and one of `ending` must stay. A step of `hand` turns the lock
    itself.
    """

    name: str
    goal: str
    ending: frozenset[str]
    hand: bool = False


LOCK = Step(name="lock", goal="locked", ending=frozenset({"locked"}))
UNLOCK = Step(name="unlock", goal="unlocked", ending=frozenset({"unlocked"}))
# The latch springs back by itself on some locks.
OPEN = Step(name="open", goal="open", ending=frozenset({"open", "unlocked"}))
BY_HAND = tuple(
    Step(name=f"by hand: {bolt}", goal=bolt, ending=frozenset({bolt}), hand=True)
    for bolt in ("unlocked", "locked")
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """The result of one step; `problem` is None if it went well.

    `seconds` is the time until the goal was seen, None if it never was.
    """

    vendor: str
    device: str
    step: str
    seen: tuple[str, ...]
    bolt: str
    seconds: float | None
    problem: str | None = None
    remark: str = ""

    def cells(self) -> tuple[str, ...]:
        """Return the row as text."""
        seconds = "-" if self.seconds is None else f"{self.seconds:.1f}"
        verdict = f"ok {self.remark}".strip() if self.problem is None else "failed"
        seen = " → ".join(self.seen) or "-"
        return (self.device, self.step, seen, self.bolt, seconds, verdict)


def table(rows: Sequence[Row]) -> str:
    """Return the rows in columns, under the name of each vendor."""
    lines = _lines(tuple(HEADINGS))
    for vendor, own in groupby(rows, key=lambda row: row.vendor):
        lines.append(f"-- {vendor} ".ljust(WIDTH, "-"))
        for row in own:
            lines += _lines(row.cells())
            if row.problem is not None:
                lines += textwrap.wrap(
                    row.problem, WIDTH, initial_indent="    ", subsequent_indent="    "
                )
    if any(row.remark == ASKED for row in rows):
        lines += ["", f"{ASKED}: the vendor does not tell; Home Assistant was made to ask."]
    return "\n".join(lines)


def _lines(cells: Sequence[str]) -> list[str]:
    """Return one row of the table; what is too wide for its column goes on below."""
    columns = [
        textwrap.wrap(cell, width, break_on_hyphens=False)
        for cell, width in zip(cells, HEADINGS.values(), strict=True)
    ]
    return [
        "  ".join(
            part.ljust(width) for part, width in zip(parts, HEADINGS.values(), strict=True)
        ).rstrip()
        for parts in zip_longest(*columns, fillvalue="")
    ]


async def drive_devices(demo: Demo) -> list[Row]:
    """Drive every device: vendors at the same time, the devices of each one by one."""
    async with Connection(home=demo.home_assistant) as connection:
        by_vendor = sorted(demo.devices, key=lambda device: device.vendor)
        progress = Progress(all=sum(len(steps_of(device)) for device in by_vendor))
        runs = [
            _drive_vendor(demo.home_assistant, connection, list(devices), progress)
            for _, devices in groupby(by_vendor, key=lambda device: device.vendor)
        ]
        say(f"Driving the locks, {progress.all} steps; the vendors at the same time:")
        return list(chain.from_iterable(await asyncio.gather(*runs)))


def steps_of(device: Device) -> Sequence[Step | str]:
    """Return what to do with a device: steps of its lock, or the buttons to press."""
    if not device.lock:
        return device.buttons
    return [LOCK, UNLOCK, *([OPEN] if device.can_open else []), LOCK, *BY_HAND]


@dataclass(kw_only=True, slots=True)
class Progress:
    """How many of all steps were begun."""

    all: int
    begun: int = 0

    def begin(self, device: Device, step: str) -> None:
        """Say which step begins."""
        self.begun += 1
        say(f"{self.begun}/{self.all} {device.vendor}, {device.name}: {step}")


async def _drive_vendor(
    home_assistant: HomeAssistant,
    connection: Connection,
    devices: Sequence[Device],
    progress: Progress,
) -> list[Row]:
    rows: list[Row] = []
    for device in devices:
        run = Run(
            home_assistant=home_assistant, connection=connection, device=device, progress=progress
        )
        rows += [
            await (run.press(step) if isinstance(step, str) else run.step(step))
            for step in steps_of(device)
        ]
    return rows


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One device that is driven step by step."""

    home_assistant: HomeAssistant
    connection: Connection
    device: Device
    progress: Progress

    async def step(self, step: Step) -> Row:
        """Do one step with the lock, and see it happen on the dashboard and at the lock."""
        self.progress.begin(self.device, step.name)
        started = time.monotonic()
        remark, error = "", None
        if step.hand:
            await asyncio.sleep(HAND_PAUSE)
            await self.device.simulator.call(
                "turn_by_hand", bolt=step.goal, lock_id=self.device.lock_id
            )
            settled = await self._settles(started, step, PUSH_SECONDS)
            if not settled and not self.device.answers.pushes:
                remark = ASKED
                error = await self._call("homeassistant.update_entity", self.device.lock)
                settled = await self._settles(started, step)
        else:
            error = await self._call(f"lock.{step.name}", self.device.lock)
            settled = error is None and await self._settles(started, step)
        return self._told(await self._row(started, step, error, remark, settled=settled))

    async def press(self, button: str) -> Row:
        """Press a button; the integration says whether the device has done it."""
        state = self.connection.now(button)
        name = str(state.attributes["friendly_name"]) if state else button
        name = name.removeprefix(self.device.name).strip().lower()
        self.progress.begin(self.device, name)
        started = time.monotonic()
        problem = await self._call("button.press", button)
        bolt = next((name for name in self.device.entities if name.endswith("_lock")), "")
        shown = self.connection.now(bolt)
        return self._told(
            Row(
                vendor=self.device.vendor,
                device=self.device.name,
                step=name,
                seen=("done",) if problem is None else (),
                bolt={"on": "unlocked", "off": "locked"}.get(shown.state, "?") if shown else "-",
                seconds=time.monotonic() - started,
                problem=problem,
            )
        )

    async def _call(self, service: str, entity_id: str) -> str | None:
        """Call a service; return its error."""
        try:
            await self.home_assistant.call(service, entity_id)
        except DemoError as err:
            return str(err)
        return None

    async def _settles(self, started: float, step: Step, seconds: float = SETTLE_SECONDS) -> bool:
        """Wait until what is shown is what was expected, and is true."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if not await self.connection.until(lambda: self._is_shown(started, step), left):
                return False
            if await self.device.bolt() == self._state():
                return True
            # The latch is about to spring back, or has and the news is on its way.
            await asyncio.sleep(0.1)
        return False

    def _is_shown(self, started: float, step: Step) -> bool:
        """Tell whether the expected state is shown, and the goal was seen.

        No change is seen of a lock that was in this state before.
        """
        passed = [state.state for state in self._states(started)] or [self._state()]
        return self._state() in step.ending and step.goal in passed

    def _state(self) -> str:
        state = self.connection.now(self.device.lock)
        return state.state if state else "unavailable"

    def _states(self, started: float) -> Sequence[State]:
        return self.connection.since(self.device.lock, started)

    async def _row(
        self, started: float, step: Step, error: str | None, remark: str, *, settled: bool
    ) -> Row:
        states = self._states(started)
        seen = tuple(name for name, _ in groupby(state.state for state in states))
        reached = next((state.at for state in states if state.state == step.goal), None)
        problem = error
        if problem is None and not settled:
            problem = f"not settled: Home Assistant shows {self._state()}"
        # A lock turned by hand soon after it told its state itself may be unknown for a while.
        bad = GONE - {"unknown"} if step.hand else GONE
        if problem is None and (gone := bad.intersection(seen)):
            problem = f"was {', '.join(sorted(gone))} on the way"
        return Row(
            vendor=self.device.vendor,
            device=self.device.name,
            step=step.name,
            seen=seen or ((f"{self._state()} already",) if settled else ()),
            bolt=await self.device.bolt(),
            seconds=None if reached is None else reached - started,
            problem=problem,
            remark=remark,
        )

    @staticmethod
    def _told(row: Row) -> Row:
        if row.problem is not None:
            complain(f"{row.vendor}, {row.device}: {row.step}: {row.problem}")
        return row


async def find_problems(demo: Demo, secrets: Mapping[str, str]) -> list[str]:
    """Return what is wrong apart from the steps: repair issues, entities, diagnostics."""
    say("Looking at repair issues, entities and diagnostics …")
    async with Connection(home=demo.home_assistant) as connection:
        issues = (await connection.command("repairs/list_issues"))["issues"]
        found = [
            f"repair issue {issue['translation_key']}"
            for issue in issues
            if issue["domain"] == DOMAIN
        ]
        for entity_id in chain.from_iterable(device.entities for device in demo.devices):
            state = connection.now(entity_id)
            if state is None or state.state == "unavailable":
                found.append(f"{entity_id} is unavailable")
    for entry_id, answers in demo.entries.items():
        try:
            content = await demo.home_assistant.get(f"/api/diagnostics/config_entry/{entry_id}")
        except DemoError as err:
            found.append(f"{answers.vendor} has no diagnostics: {err}")
            continue
        text = json.dumps(content)
        found += [
            f"the diagnostics of {answers.vendor} hold {name}"
            for secret, name in secrets.items()
            if secret in text
        ]
    return found


async def find_secrets(demo: Demo) -> dict[str, str]:
    """Return everything that no file may hold, and what it is."""
    async with Connection(home=demo.home_assistant) as connection:
        webhooks = await connection.command("webhook/list")
    found = {hook["webhook_id"]: "a webhook id" for hook in webhooks if hook["domain"] == DOMAIN}
    for answers in demo.entries.values():
        found |= dict.fromkeys(answers.secrets, f"a secret of {answers.vendor}")
    return found


def find_problems_in_log(log: str, secrets: Mapping[str, str]) -> list[str]:
    """Return what a log must not hold: secrets, tracebacks, and warnings about us."""
    found = [
        f"the log holds {name}"
        for secret, name in secrets.items()
        if len(secret) >= SHORTEST_SECRET and secret in log
    ]
    for level, logger, text in log_records(log):
        if logger.startswith(NOT_OURS):
            continue
        if "Traceback (most recent call last)" in text:
            found.append(f"a traceback in the log:\n{text[-LONGEST_QUOTE:]}")
        elif level in BAD_LEVELS and DOMAIN in text and NOTICE not in text:
            found.append(f"in the log: {text[:LONGEST_QUOTE]}")
    return found


def log_records(log: str) -> Iterator[tuple[str, str, str]]:
    """Return level, logger and text of each message; the first are empty before any."""
    level, logger, lines = "", "", list[str]()
    for line in log.splitlines():
        if match := LOG_RECORD.match(line):
            yield level, logger, "\n".join(lines)
            level, logger, lines = match["level"], match["logger"], []
        lines.append(line)
    yield level, logger, "\n".join(lines)
