"""What became of a command: the cloud's tasks."""

from dataclasses import dataclass, field
from typing import Any
import uuid


@dataclass(kw_only=True, slots=True)
class Task:
    """One command on its way; `successful` is None until it is over."""

    task_id: str
    begun: float
    successful: bool | None = None
    error: str | None = None

    def result(self) -> dict[str, Any]:
        """The task as the cloud tells it: `successful` and `error` only once it is over."""
        if self.successful is None:
            return {"status": "processing"}
        answer = {"status": "terminated", "successful": self.successful}
        return answer if self.error is None else {**answer, "error": self.error}


@dataclass(kw_only=True, slots=True)
class Tasks:
    """The tasks the cloud still remembers. Times are loop seconds.

    `hidden_for` is how long a new task is not to be found yet, as seen in the field;
    `kept_for` how long it is to be found at all.
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
        """The task, if it is neither unknown, nor too new, nor forgotten."""
        task = self.by_id.get(task_id)
        if task is None or not self.hidden_for <= now - task.begun <= self.kept_for:
            return None
        return task
