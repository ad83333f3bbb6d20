"""The programs the demo runs: started in groups of their own, watched, and ended together."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Coroutine, Mapping
import contextlib
from dataclasses import dataclass, field
import os
from pathlib import Path
import signal
import sys
from typing import Any, Self

from .errors import DemoError
from .folder import ROOT

PATIENCE = 15.0
TAIL = 25


@dataclass(frozen=True, kw_only=True, slots=True)
class Child:
    """A running program; `log` is where its output goes."""

    name: str
    process: Process
    log: Path

    def last_words(self) -> str:
        """The end of its output, for a person."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-TAIL:])

    async def end(self) -> None:
        """Ask it to stop, and give it time to."""
        self.signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.process.wait(), PATIENCE)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to its group, which may outlive the program itself."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


class ChildEndedError(DemoError):
    """A program ended that should run as long as the demo."""

    def __init__(self, child: Child) -> None:
        self.child = child
        super().__init__(
            f"{child.name} ended by itself (code {child.process.returncode}). "
            f"Its last words, from {child.log}:\n{child.last_words()}"
        )


@dataclass(kw_only=True)
class Crew:
    """All programs of one demo. Leaving the context ends them, the last started first."""

    folder: Path
    children: list[Child] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            for child in reversed(self.children):
                await child.end()
        finally:
            # Also when the person is impatient and interrupts the ending.
            for child in self.children:
                child.signal(signal.SIGKILL)

    async def start(
        self, name: str, *command: str, env: Mapping[str, str] | None = None, piped: bool = False
    ) -> Child:
        """Start a program. Its output goes to <name>.log; with `piped`, stdout comes to us."""
        log = self.folder / f"{name}.log"
        leash = [sys.executable, "-m", "scripts.lib.demo.leash", str(os.getpid())]
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *leash,
                *command,
                cwd=ROOT,
                env={**os.environ, **(env or {})},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE if piped else output,
                stderr=output,
                start_new_session=True,
            )
        child = Child(name=name, process=process, log=log)
        self.children.append(child)
        return child

    async def while_alive[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Do the work, unless a program ends meanwhile.

        Raises:
            ChildEndedError: One did; the work is cancelled.
        """
        task = asyncio.create_task(work)
        ends = [asyncio.create_task(self._ended(child)) for child in self.children]
        try:
            await asyncio.wait({task, *ends}, return_when=asyncio.FIRST_COMPLETED)
            for end in ends:
                if end.done() and not task.done():
                    raise ChildEndedError(end.result())
            return await task
        finally:
            for pending in (task, *ends):
                pending.cancel()
            await asyncio.gather(task, *ends, return_exceptions=True)

    async def _ended(self, child: Child) -> Child:
        await child.process.wait()
        return child
