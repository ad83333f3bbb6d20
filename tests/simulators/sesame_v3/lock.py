"""A first-generation lock behind its Wi-Fi access point, what the cloud heard of it, and tasks."""

from dataclasses import dataclass, field
import math
from typing import Any, Literal
import uuid

FRONT_DOOR = "5e5a0001-7d1c-4b7e-9c52-0d6f6c2a1b01"
BACK_DOOR = "5e5a0002-7d1c-4b7e-9c52-0d6f6c2a1b02"

type BusyStyle = Literal["plain", "space", "colon"]

# The vendor's page prints the seconds in two ways, and the word without any.
BUSY: dict[BusyStyle, str] = {
    "plain": "DEVICE_IS_BUSY",
    "space": "DEVICE_IS_BUSY {}",
    "colon": "DEVICE_IS_BUSY :{}",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Busy:
    """Another request or the app holds the lock's only connection until `until` (loop time).

    `announced` is the number that the cloud names; None: the time that is left.
    """

    until: float
    announced: int | None = None
    style: BusyStyle = "space"

    def error(self, now: float) -> str | None:
        """Return the cloud's error, or None when it is over."""
        if now >= self.until:
            return None
        seconds = self.until - now if self.announced is None else self.announced
        if math.isinf(seconds):
            return BUSY["plain"]
        return BUSY[self.style].format(math.ceil(seconds))


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What the cloud heard of a lock, and when (loop time)."""

    at: float
    locked: bool
    battery: int
    responsive: bool

    def status(self) -> dict[str, bool | int]:
        """Return the body of a status."""
        return {"locked": self.locked, "battery": self.battery, "responsive": self.responsive}


@dataclass(kw_only=True)
class SimulatedLock:
    """One lock: its true state, and in `reports` what the cloud heard of it, newest last.

    `is_of_other_account` says that it belongs to the account of the other API key.
    `is_jammed`: the bolt does not move and tasks say so. `is_ignoring`: it does not move
    and tasks end successful. `failure` is what every request about this lock is answered
    with: an error of the vendor's page, or "drop" for a closed connection.
    """

    device_id: str
    serial: str
    nickname: str
    is_of_other_account: bool = False
    locked: bool = True
    battery: int = 100
    is_low: bool = False
    is_integrated: bool = True
    is_listed: bool = True
    is_jammed: bool = False
    is_ignoring: bool = False
    is_reachable: bool = True
    busy: Busy | None = None
    failure: str | None = None
    commands: list[str] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reports.append(
            Report(at=-math.inf, locked=self.locked, battery=self.battery, responsive=True)
        )

    @property
    def reported(self) -> Report:
        """What the cloud heard last."""
        return self.reports[-1]

    @property
    def syncs(self) -> int:
        """How often the cloud was made to ask the lock: each time costs battery."""
        return self.commands.count("sync")

    def report(self, now: float, *, anew: bool = False) -> bool:
        """Tell the cloud the true state, and return whether that is news about the bolt.

        A cloud that lost contact hears nothing until contact is made `anew`.
        """
        if not self.is_reachable or not (self.reported.responsive or anew):
            return False
        changed = self.reported.locked != self.locked
        self.reports.append(
            Report(at=now, locked=self.locked, battery=self.battery, responsive=True)
        )
        return changed

    def lose(self, now: float) -> None:
        """Lose contact: the last known state stays, marked unresponsive."""
        last = self.reported
        self.is_reachable = False
        self.reports.append(
            Report(at=now, locked=last.locked, battery=last.battery, responsive=False)
        )

    def shown(self, now: float, lag: float) -> Report:
        """Return what the cloud shows when it is `lag` seconds behind what it heard."""
        while len(self.reports) > 1 and self.reports[1].at <= now - lag:
            del self.reports[0]
        return self.reports[0]

    def show_newest(self) -> None:
        """Let the cloud show what it heard last, however far it is behind."""
        del self.reports[:-1]

    def entry(self) -> dict[str, str]:
        """Return the lock as an item of the account's list."""
        return {"device_id": self.device_id, "serial": self.serial, "nickname": self.nickname}

    def refusal(self, command: str, now: float) -> str | None:
        """Return why the cloud does not pass a command on, or None."""
        if not self.is_integrated:
            return "CLOUD_INTEGRATION_NOT_ENABLED"
        if self.is_low and command != "sync":
            return "LOW_BATTERY"
        return None if self.busy is None else self.busy.error(now)


def default_locks() -> list[SimulatedLock]:
    """Return the two locks of the made-up account."""
    return [
        SimulatedLock(device_id=FRONT_DOOR, serial="SIM0000001", nickname="Front door"),
        SimulatedLock(
            device_id=BACK_DOOR,
            serial="SIM0000002",
            nickname="Back door",
            locked=False,
            battery=64,
        ),
    ]


@dataclass(kw_only=True, slots=True)
class Task:
    """One command under way; `successful` is None until it has ended."""

    task_id: str
    begun: float
    successful: bool | None = None
    error: str | None = None

    def result(self) -> dict[str, Any]:
        """Return the cloud's result: `successful` and `error` only once the task has ended."""
        if self.successful is None:
            return {"status": "processing"}
        answer = {"status": "terminated", "successful": self.successful}
        return answer if self.error is None else {**answer, "error": self.error}


@dataclass(kw_only=True, slots=True)
class Tasks:
    """The tasks that the cloud still knows. Times are loop seconds.

    `hidden_for` is how long a new task is not found yet, as seen in the field; `kept_for`
    how long it is found at all.
    """

    hidden_for: float = 0.0
    kept_for: float = 600.0
    by_id: dict[str, Task] = field(default_factory=dict)

    def begin(self, now: float) -> Task:
        """Open a task."""
        task = Task(task_id=str(uuid.uuid4()), begun=now)
        self.by_id[task.task_id] = task
        return task

    def find(self, task_id: str, now: float) -> Task | None:
        """Return a task, unless it is unknown, too new, or forgotten."""
        task = self.by_id.get(task_id)
        if task is None or not self.hidden_for <= now - task.begun <= self.kept_for:
            return None
        return task
