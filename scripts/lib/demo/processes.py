"""The programs that the demo starts: watched while it runs, and ended with it."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import Coroutine, Mapping
import contextlib
import ctypes
from dataclasses import dataclass, field
import os
from pathlib import Path
import signal
import sys
from typing import Any, Self

from .console import DemoError

ROOT = Path(__file__).resolve().parents[3]
END_SECONDS = 15.0
SHOWN_LINES = 25
# Of Linux: the signal that a process gets when its parent dies, however that happened.
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """A running program; `log` is the file with its output."""

    name: str
    process: Process
    log: Path

    def end_of_log(self) -> str:
        """Return the last lines of its output."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-SHOWN_LINES:])

    async def end(self) -> None:
        """Ask it to stop, and wait for a while until it has."""
        self.signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.process.wait(), END_SECONDS)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to its process group, which may outlive the program itself."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


class ProgramEndedError(DemoError):
    """A program ended that should run as long as the demo."""

    def __init__(self, program: Program) -> None:
        self.program = program
        super().__init__(
            f"{program.name} ended with code {program.process.returncode}. "
            f"The end of {program.log}:\n{program.end_of_log()}"
        )


@dataclass(kw_only=True)
class Processes:
    """All programs of one demo. Leaving the context ends them, the last started first."""

    folder: Path
    programs: list[Program] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            for program in reversed(self.programs):
                await program.end()
        finally:
            # Also when the ending itself is interrupted.
            for program in self.programs:
                program.signal(signal.SIGKILL)

    async def start(
        self, name: str, *command: str, env: Mapping[str, str] | None = None, piped: bool = False
    ) -> Program:
        """Start a program. Its output goes to <name>.log; with `piped`, stdout comes to us."""
        log = self.folder / f"{name}.log"
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *command,
                cwd=ROOT,
                env={**os.environ, **(env or {})},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=PIPE if piped else output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_end_with_parent(),
            )
        program = Program(name=name, process=process, log=log)
        self.programs.append(program)
        return program

    async def while_running[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Do the work; ProgramEndedError if a program ends meanwhile."""
        task = asyncio.create_task(work)
        ends = {asyncio.create_task(one.process.wait()): one for one in self.programs}
        try:
            await asyncio.wait({task, *ends}, return_when=asyncio.FIRST_COMPLETED)
            for end, program in ends.items():
                if end.done() and not task.done():
                    raise ProgramEndedError(program)
            return await task
        finally:
            for pending in (task, *ends):
                pending.cancel()
            await asyncio.gather(task, *ends, return_exceptions=True)


def _end_with_parent() -> Any:
    """Return what a new process does to be ended with us, where the system can do it."""
    if sys.platform != "linux":
        return None
    library, parent = ctypes.CDLL(None), os.getpid()

    def tie() -> None:
        library.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return tie
