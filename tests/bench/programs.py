"""The programs of a bench: each measurement in a process of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
import multiprocessing
from pathlib import Path
import tempfile
from typing import Any, Final

from .measure import run

SECONDS: Final = 900

# All imports are done once, by a process that does nothing else.
_PROCESSES: Final = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.bench.measure"])


def result(name: str, *arguments: object) -> Any:
    """Run a measurement of `tests.bench.measure` to its end; returns what it found."""
    with running(name, *arguments) as found:
        return found


@contextmanager
def running(name: str, *arguments: object) -> Iterator[Any]:
    """Run a measurement that says something, and then goes on until it is left."""
    ours, theirs = _PROCESSES.Pipe()
    with tempfile.NamedTemporaryFile() as log:
        program = _PROCESSES.Process(target=run, args=(name, arguments, theirs, log.name))
        program.start()
        theirs.close()
        try:
            try:
                found = ours.recv()
            except EOFError:
                said = Path(log.name).read_text("utf-8")
                raise RuntimeError(f"{name} {arguments} failed:\n{said[-4000:]}") from None
            yield found
        finally:
            ours.close()
            program.join(SECONDS)
